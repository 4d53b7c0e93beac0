// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/capture_ring.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/collect/capture_directory.h"

namespace duostat::command {
namespace {

/// False: a signal came.
bool sleep_until(Clock& clock, std::int64_t end_ns, Interrupt& interrupt) {
  while (interrupt.wait_until(clock, end_ns))
    if (clock.now_ns() >= end_ns) return true;
  return false;
}

class Ring {
 public:
  Ring(Environment& env, const RingRequest& request, const RingActs& acts)
      : env_(env), request_(request), acts_(acts) {}

  void open() const {
    constexpr mode_t kPrivateDirectory = 0700;
    if (::mkdir(request_.directory.c_str(), kPrivateDirectory) != 0 && errno != EEXIST)
      throw SystemError("create", request_.directory, errno);
    std::vector<std::string> names;
    if (const int error = captures_in(request_.directory, names)) throw SystemError("read", request_.directory, error);
    if (::access(request_.directory.c_str(), W_OK) != 0) throw SystemError("write", request_.directory, errno);
  }

  /// Returns the status of this turn; keeps that of the one before if nothing is recorded.
  int turn(int before) {
    try {
      const std::optional<std::string> reason = acts_.wanted();
      if (!reason) return before;
      const std::string path = path_of(capture_name(env_.clock.wall_ns()));
      const bool whole = acts_.record(path);
      if (!reason->empty()) say(fmt::format("{}: {}", path, *reason));
      failure_.clear();
      remove_oldest();
      return whole ? 0 : capture::kIncomplete;
    } catch (const SystemError& error) {
      // Each capture has another file name, so only the reasons are compared.
      const std::string reason = error_text(error.code());
      if (reason != failure_) say(error.what());
      failure_ = reason;
      return capture::kNotMade;
    }
  }

 private:
  void say(const std::string& text) { env_.err.line("duostat capture: " + text); }
  std::string path_of(const std::string& name) const {
    return request_.directory + (request_.directory.ends_with('/') ? "" : "/") + name;
  }

  void remove_oldest() {
    std::vector<std::string> names;
    if (captures_in(request_.directory, names) != 0 || names.size() <= request_.keep) return;
    names.resize(names.size() - request_.keep);
    for (const std::string& name : names)
      if (::unlink(path_of(name).c_str()) != 0 && errno != ENOENT) throw SystemError("remove", path_of(name), errno);
  }

  Environment& env_;
  const RingRequest& request_;
  const RingActs& acts_;
  std::string failure_;  ///< of the last turn; empty: none
};

}  // namespace

int run_ring(Environment& env, const RingRequest& request, const RingActs& acts) {
  Ring ring(env, request, acts);
  ring.open();
  Interrupt interrupt;
  int status = 0;
  std::int64_t next = env.clock.now_ns();
  do {
    status = ring.turn(status);
    next += request.every_ns;
    // Turns that a long capture missed are left out.
    if (const std::int64_t now = env.clock.now_ns(); next < now) next = now;
  } while (sleep_until(env.clock, next, interrupt));
  return status;
}

}  // namespace duostat::command

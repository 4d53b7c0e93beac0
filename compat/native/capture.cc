// duostat capture FILE: records this host for --from.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "compat/frontend.h"
#include "compat/native/new_file.h"
#include "compat/option_table.h"
#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/capture_host.h"

namespace duostat::native {
namespace {

constexpr int kUsageStatus = 2;
constexpr int kIncomplete = 1;

struct Request {
  CaptureRequest what;
  bool quiet = false, help = false;
};
using O = Option<Request>;
constexpr O kOptions[] = {
    {0, "processes", "", "who holds the sockets as well (this is so unless it is said otherwise)",
     [](Request& r, std::string_view) { r.what.processes = true; }},
    {0, "no-processes", "", "nothing about processes", [](Request& r, std::string_view) { r.what.processes = false; }},
    {'r', "resolve", "", "host names of all addresses, asking DNS (otherwise only those in /etc/hosts)",
     [](Request& r, std::string_view) { r.what.resolve = true; }},
    {'q', "quiet", "", "say nothing when all went well", [](Request& r, std::string_view) { r.quiet = true; }},
    {'h', "help", "", "this text", [](Request& r, std::string_view) { r.help = true; }},
};
static_assert(letters_unique(kOptions));

std::string usage() {
  const auto texts = texts_of(std::span<const O>(kOptions));
  return "Usage: duostat capture [OPTIONS] FILE\n\nRecords what ss and netstat would look at, for --from=FILE. FILE - is standard "
         "output.\n\n" + option_lines(texts);
}

/// Gathers small writes.
class BufferedSink final : public ByteSink {
 public:
  explicit BufferedSink(ByteSink& inner) : out_(inner, std::size_t{1} << 18) {}
  int write(std::string_view bytes) noexcept override {
    out_.append(bytes);
    return out_.error();
  }
  int flush() noexcept { return out_.flush(); }

 private:
  Output out_;
};

CaptureSummary record_to(Environment& env, const Request& request, int fd, const std::string& name) {
  FdSink file(fd);
  BufferedSink sink(file);
  CaptureSummary summary = record_host(env, request.what, sink);
  if (const int error = sink.flush()) throw SystemError("write", name, error);
  return summary;
}

CaptureSummary record_to_file(Environment& env, const Request& request, const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {  // a pipe or a device stays what it is
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) throw SystemError("open", path, errno);
    if (::isatty(fd.get()) == 1) throw UsageError(path + " is a terminal, and a capture is no text");
    return record_to(env, request, fd.get(), path);
  }
  NewFile file(path);
  const CaptureSummary summary = record_to(env, request, file.fd(), path);
  file.take_place();
  return summary;
}

/// What went wrong in the same way: one line.
struct ProblemLine {
  std::string operation, error;
  std::vector<std::string> objects;
};

std::string error_of(const Coverage& c) {
  if (c.error != 0) return error_text(c.error);
  return c.truncated != 0 ? "cut short" : "it changed while it was read";
}

/// "sock_diag receive tcp, udp: No buffer space available"
void say_problems(Environment& env, const CaptureSummary& summary) {
  constexpr std::size_t kObjectsMax = 12;
  std::vector<ProblemLine> lines;
  for (const Coverage& c : summary.problems) {
    ProblemLine problem{std::string(word_of(c.operation)), error_of(c), {}};
    auto line = std::ranges::find_if(lines, [&](const ProblemLine& l) { return l.operation == problem.operation && l.error == problem.error; });
    if (line == lines.end()) line = lines.insert(line, std::move(problem));
    if (line->objects.empty() || line->objects.back() != c.object) line->objects.push_back(c.object);
  }
  for (const ProblemLine& line : lines) {
    std::string text = "duostat capture: incomplete: " + line.operation;
    for (std::size_t i = 0; i < std::min(line.objects.size(), kObjectsMax); ++i)
      text.append(i != 0 ? ", " : line.operation.empty() ? "" : " ").append(line.objects[i]);
    if (line.objects.size() > kObjectsMax) text += fmt::format(" and {} more", line.objects.size() - kObjectsMax);
    env.err.line(text + ": " + line.error);
  }
}

void say(Environment& env, const Request& request, const CaptureSummary& summary, std::string_view name) {
  const auto line = [&](std::string text) { env.err.line("duostat capture: " + std::move(text)); };
  if (request.what.processes && summary.processes_denied != 0)
    line(fmt::format("{} of {} processes may not be looked at: their sockets have no owner in it", summary.processes_denied,
                     summary.processes));
  if (summary.files_denied != 0)
    line(fmt::format("{} file{} below /proc/net may not be read", summary.files_denied, summary.files_denied == 1 ? "" : "s"));
  say_problems(env, summary);
  if (request.quiet) return;
  line(fmt::format("{}: {} sockets, {} processes, {} bytes", name, summary.sockets, summary.processes, summary.bytes));
  line(fmt::format("it has addresses{}: mind who gets it",
                   request.what.processes ? ", command lines and names of users" : " and names of users"));
}

}  // namespace

int capture(Environment& env, std::span<const std::string> args) {
  const auto rows = rows_of(std::span<const O>(kOptions));
  const ParsedOptions parsed = parse_options(rows, args);
  Request request;
  for (const OptionEvent& event : parsed.events) kOptions[event.row].apply(request, event.value);
  if (request.help) return env.out.append(usage()), 0;
  if (!parsed.error.empty() || parsed.operands.size() != 1) {
    env.err.line("duostat capture: " + (parsed.error.empty() ? std::string("one FILE is needed") : parsed.error));
    env.err.raw(usage());
    return kUsageStatus;
  }
  const std::string& path = parsed.operands[0];
  const bool standard = path == "-";
  try {
    if (standard && env.terminal.is_tty) throw UsageError("standard output is a terminal, and a capture is no text");
    const CaptureSummary summary =
        standard ? record_to(env, request, STDOUT_FILENO, "standard output") : record_to_file(env, request, path);
    say(env, request, summary, standard ? "standard output" : path);
    return summary.problems.empty() ? 0 : kIncomplete;
  } catch (const SystemError& e) {
    env.err.line(fmt::format("duostat capture: {}", e.what()));
    return kUsageStatus;
  } catch (const UsageError& e) {
    env.err.line(fmt::format("duostat capture: {}", e.what()));
    return kUsageStatus;
  }
}

}  // namespace duostat::native

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/baseline_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/facts.h"
#include "src/command/new_file.h"

namespace duostat::command {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

std::string read_whole(const Fd& fd, const std::string& path) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n == 0) return text;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError("read", path, errno);
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kMostBytes) throw FormatError(path, 0, "too long for a baseline");
  }
}

PortRange port_range(const Environment& env) {
  const Facts facts = read_facts(env.proc, {Fact::local_port_low, Fact::local_port_high});
  const auto low = facts.get(Fact::local_port_low), high = facts.get(Fact::local_port_high);
  if (!low || !high) return {};
  return {static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high)};
}

}  // namespace

Baseline baseline_of(const Environment& env, const std::vector<Listener>& list) {
  Baseline baseline;
  baseline.range = port_range(env);
  for (const Listener& l : list) baseline.entries.push_back(entry_of(l));
  return baseline;
}

Baseline read_baseline(Environment& env, const std::string& path) {
  const CallersRights rights(env.secure);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) throw SystemError("open", path, errno);
  return parse_baseline(read_whole(fd, path), path);
}

void write_baseline(Environment& env, const std::string& path, const std::string& text) {
  if (path == "-") return env.out.append(text);
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    throw UsageError(path + " is not a regular file", kUsageStatus);
  NewFile file(path);
  FdSink sink(file.fd());
  if (const int error = sink.write(text)) throw SystemError("write", path, error);
  file.take_place();
}

}  // namespace duostat::command

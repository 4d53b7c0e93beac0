// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/baseline_file.h"

#include <sys/stat.h>

#include <cerrno>

#include "src/base/error.h"
#include "src/collect/facts.h"
#include "src/command/new_file.h"
#include "src/command/user_file.h"

namespace duostat::command {

Baseline baseline_of(const Environment& env, const std::vector<Listener>& list) {
  Baseline baseline;
  const Facts facts = read_facts(env.proc, {Fact::local_port_low, Fact::local_port_high});
  const auto low = facts.get(Fact::local_port_low), high = facts.get(Fact::local_port_high);
  if (low && high) baseline.range = {static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high)};
  for (const Listener& l : list) baseline.entries.push_back(entry_of(l));
  return baseline;
}

Baseline read_baseline(Environment& env, const std::string& path) {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  std::string text;
  const int error = read_user_file(path, env.secure, kMost, text);
  if (error == EFBIG) throw FormatError(path, 0, "too long for a baseline");
  if (error != 0) throw SystemError("read", path, error);
  return parse_baseline(text, path);
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

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recorded_hosts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "src/base/error.h"

namespace duostat {
namespace {

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Appends to the labels that are not unique what tells their captures apart.
void tell_apart(std::vector<RecordedHosts::One>& list, auto&& suffix) {
  std::map<std::string, int> times;
  for (const RecordedHosts::One& host : list) ++times[host.label];
  for (RecordedHosts::One& host : list)
    if (times[host.label] > 1) host.label.append(":").append(suffix(host));
}

}  // namespace

std::string without_name(std::string_view message, std::string_view file) {
  const std::string prefix = std::string(file) + ": ";
  return std::string(message.starts_with(prefix) ? message.substr(prefix.size()) : message);
}

std::int64_t RecordedHosts::first_ns() const {
  return list.empty() ? 0
                      : std::ranges::min(list, {}, [](const One& one) { return one.origin.wall_ns; }).origin.wall_ns;
}
std::int64_t RecordedHosts::last_ns() const {
  return list.empty() ? 0
                      : std::ranges::max(list, {}, [](const One& one) { return one.origin.wall_ns; }).origin.wall_ns;
}

RecordedHosts recorded_hosts(const std::vector<std::string>& files) {
  RecordedHosts hosts;
  for (const std::string& file : files) {
    try {
      RecordedHosts::One host{.file = file, .label = {}, .origin = {}};
      host.origin = Recording::origin_of(file, host.recording);
      host.label = host.origin.host.hostname.empty() ? std::string(base_name(file)) : host.origin.host.hostname;
      hosts.list.push_back(std::move(host));
    } catch (const SystemError& e) {
      hosts.problems.push_back({file, without_name(e.what(), file)});
    } catch (const FormatError& e) {
      hosts.problems.push_back({file, without_name(e.what(), file)});
    }
  }
  tell_apart(hosts.list, [](const RecordedHosts::One& host) { return base_name(host.file); });
  tell_apart(hosts.list, [](const RecordedHosts::One& host) -> std::string_view { return host.file; });
  tell_apart(hosts.list, [number = 0](const RecordedHosts::One&) mutable { return std::to_string(++number); });
  return hosts;
}

std::string times_text(const RecordedHosts& hosts) {
  constexpr double kSecond = 1e9;
  const std::int64_t first = hosts.first_ns(), last = hosts.last_ns();
  const std::size_t n = hosts.list.size();
  if (n == 1) return fmt::format("1 host, recorded {}", time_text(first));
  return fmt::format("{} hosts, recorded {} to {}, {:.1f} s apart by their own clocks", n, time_text(first),
                     time_text(last), static_cast<double>(last - first) / kSecond);
}

}  // namespace duostat

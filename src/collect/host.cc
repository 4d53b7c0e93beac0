// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/host.h"

#include <fmt/core.h>
#include <sys/utsname.h>

#include <charconv>
#include <chrono>
#include <string_view>

#include "src/base/decimal.h"

namespace duostat {
namespace {

/// The number in "net:[4026531840]".
std::uint64_t netns_of(const ProcDir& proc) {
  int error = 0;
  const std::string link = proc.read_link("self/ns/net", error);
  std::uint64_t inode = 0;
  if (const auto at = link.find('['); at != std::string::npos)
    std::from_chars(link.data() + at + 1, link.data() + link.size(), inode);
  return inode;
}

}  // namespace

std::optional<std::uint64_t> uptime_ms(const ProcDir& proc) {
  int error = 0;
  const std::string text = proc.read("uptime", error);  // "5000.12 9871.55"
  constexpr DecimalScale kMilliseconds{.power_of_ten = 3};
  const std::optional<Decimal> seconds = parse_decimal(std::string_view(text).substr(0, text.find(' ')), kMilliseconds);
  return seconds && !seconds->negative && !seconds->beyond ? std::optional(seconds->whole) : std::nullopt;
}

Host host_of(const Environment& env) {
  if (env.origin != nullptr) return env.origin->host;
  utsname names{};
  uname(&names);
  return {names.nodename, names.release, names.machine, netns_of(env.proc)};
}

std::int64_t wall_time_ns(const Environment& env) {
  return env.origin != nullptr ? env.origin->wall_ns : env.clock.wall_ns();
}

std::string time_text(std::int64_t wall_ns) {
  using namespace std::chrono;
  const sys_time<microseconds> moment(duration_cast<microseconds>(nanoseconds(wall_ns)));
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss<microseconds> time(moment - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace duostat

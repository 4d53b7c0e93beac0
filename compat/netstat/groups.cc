// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/groups.h"

#include <fmt/format.h>

#include "src/procfs/igmp.h"
#include "src/render/address.h"
#include "src/render/escape.h"

namespace duostat::netstat {
namespace {

std::string group_text(Environment& env, bool numeric, Family family, const Address& group) {
  std::string scratch;
  if (!numeric)
    if (const std::string_view name = env.names.host(family, group); !name.empty())
      return std::string(without_controls(name, scratch));
  char text[kAddressTextMax];
  return {text, format_address(text, family, group)};
}

Coverage list_family(Environment& env, bool numeric, Family family) {
  const auto row = [&](const GroupMembership& m) {
    std::string scratch;
    env.out.append(fmt::format("{:<15} {:<6} {}\n", without_controls(m.device, scratch), m.users,
                               group_text(env, numeric, family, m.group)));
  };
  const auto bad = [&](unsigned long line) {
    env.err.line(fmt::format("warning, got bogus {} line {}.", family == Family::inet ? "igmp" : "igmp6", line));
  };
  return read_groups(env.proc, family, row, bad);
}

}  // namespace

Coverage list_groups(Environment& env, const Request& request, const Listing& listing) {
  env.out.append("IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n"
                 "--------------- ------ ---------------------\n");
  Coverage coverage;
  if (listing.inet) coverage = list_family(env, request.numeric_hosts, Family::inet);
  if (listing.inet6) list_family(env, request.numeric_hosts, Family::inet6);
  return coverage;
}

}  // namespace duostat::netstat

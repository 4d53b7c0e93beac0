// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/groups.h"

#include <fmt/core.h>

#include <span>

#include "compat/netstat/bogus.h"
#include "compat/netstat/endpoint.h"
#include "compat/netstat/row.h"
#include "compat/netstat/words.h"
#include "src/base/error.h"
#include "src/procfs/igmp.h"
#include "src/procfs/text_file.h"
#include "src/rtnl/links.h"

namespace duostat::netstat {
namespace {

void print_row(Environment& env, EndpointText& hosts, const MulticastGroup& group) {
  char text[EndpointText::kRoom];
  const std::string_view host(text, static_cast<std::size_t>(hosts.format_host(text, group.family, group.group) - text));
  Row row;
  row.foreign(group.interface, 15, 15).text(" ");
  // quirk: netlink-references - rtnetlink does not tell the count
  group.users_known ? row.left(static_cast<std::int32_t>(group.users), 6) : row.left("-", 6);
  row.text(" ").text(host).end(env.out);
}

/// The original gives the number of each.
void warn_of_bogus_lines(Diagnostics& err, std::span<const unsigned long> lines, std::string_view what) {
  if (lines.size() > kBogusLinesMax) return warn_of_bogus(err, lines.size(), what);
  for (const unsigned long line : lines) err.line(fmt::format("warning, got bogus {} line {}.", what, line));
}

}  // namespace

Coverage print_groups(Environment& env, const Request& request, const Listing& listing, Via via) {
  env.out.append("IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n");
  EndpointText hosts({.numeric_hosts = request.numeric_hosts}, env.names);
  Coverage inet;
  for (const Family family : {Family::inet, Family::inet6}) {
    const bool is_inet = family == Family::inet;
    if (!(is_inet ? listing.inet : listing.inet6)) continue;
    std::vector<MulticastGroup> groups;
    std::vector<unsigned long> rejected;
    Coverage coverage = via == Via::netlink ? rtnl::read_multicast_groups(env.open_transport, family, groups)
                                            : read_multicast_groups(env.proc, family, groups, rejected);
    if (coverage.interrupted) env.err.line(kInterruptedDump);
    for (const MulticastGroup& group : groups) print_row(env, hosts, group);
    warn_of_bogus_lines(env.err, rejected, is_inet ? "igmp" : "igmp6");
    if (is_inet) inet = std::move(coverage);
    else if (coverage.error != 0 && coverage.operation == procfs::kRead)
      env.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  }
  return inet;
}

}  // namespace duostat::netstat

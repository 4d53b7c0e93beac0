// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/groups.h"

#include <fmt/core.h>

#include <cerrno>
#include <span>

#include "compat/netstat/bogus.h"
#include "compat/netstat/endpoint.h"
#include "compat/netstat/row.h"
#include "compat/netstat/words.h"
#include "src/base/error.h"
#include "src/model/interface.h"
#include "src/procfs/igmp.h"
#include "src/procfs/text_file.h"
#include "src/rtnl/links.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

void print_row(Environment& env, EndpointText& hosts, const MulticastGroup& group) {
  char text[EndpointText::kRoom];
  const std::string_view host(text,
                              static_cast<std::size_t>(hosts.format_host(text, group.family, group.group) - text));
  Row row;
  row.foreign(group.interface, kInterfaceNameMax, kInterfaceNameMax).text(" ");
  // quirk: netlink-references - rtnetlink does not provide the count
  group.users ? row.left(static_cast<std::int32_t>(*group.users), 6) : row.left("-", 6);
  row.text(" ").text(host).end(env.out);
}

/// The original prints the number of each malformed line.
void warn_of_bogus_lines(Diagnostics& err, std::span<const unsigned long> lines, std::string_view what) {
  if (lines.size() > kBogusLinesMax) return warn_of_bogus(err, lines.size(), what);
  for (const unsigned long line : lines) err.line(fmt::format("warning, got bogus {} line {}.", what, line));
}

/// Reports what is missing of the IPv6 table. Returns false if anything is.
bool report_inet6(Environment& env, const Reading& reading) {
  const Coverage& c = reading.coverage;
  if (c.error == 0) return true;
  if (reading.by_netlink) return env.err.line(refusal_line(env, c)), c.error == EOPNOTSUPP || lacks_inet6(env, reading);
  // Like the original, ignores a file that does not exist; a file that may not be read is reported.
  const bool absent = c.operation == Operation::open && (!reading.refused || lacks_inet6(env, reading));
  if (!absent) env.err.line(fmt::format("{}: {}", c.object, error_text(c.error)));
  if (!absent && reading.refused) env.err.line(refusal_line(env, *reading.refused));
  return absent;
}

}  // namespace

Reading read_groups(const Environment& env, Via via, Family family, std::vector<MulticastGroup>& groups,
                    std::vector<unsigned long>& rejected) {
  return read_either(
      env, via, groups, [&](auto& rows) { return read_multicast_groups(env.proc, family, rows, rejected); },
      [&](auto& rows) { return rtnl::read_multicast_groups(env.open_transport, family, rows); });
}

GroupsAnswer print_groups(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan,
                          Via via) {
  env.out.append(
      "IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n");
  EndpointText hosts({.numeric_hosts = request.numeric_hosts}, env.names);
  GroupsAnswer answer;
  for (const Family family : {Family::inet, Family::inet6}) {
    const bool is_inet = family == Family::inet;
    if (!(is_inet ? listing.inet : listing.inet6)) continue;
    std::vector<MulticastGroup> groups;
    std::vector<unsigned long> rejected;
    Reading reading = read_groups(env, via, family, groups, rejected);
    choose_records(plan, groups);
    const bool unread = reading.coverage.incomplete() || !rejected.empty();
    plan.note_missing(unread && (is_inet || !lacks_inet6(env, reading)));
    if (reading.coverage.interrupted) env.err.line(kInterruptedDump);
    for (const MulticastGroup& group : groups) print_row(env, hosts, group);
    warn_of_bogus_lines(env.err, rejected, is_inet ? "igmp" : "igmp6");
    if (!is_inet) {
      answer.failed |= !report_inet6(env, reading);
      continue;
    }
    if (reading.refused) {
      answer.failed = true;
      env.err.line(fmt::format("{}: {}", reading.coverage.object, error_text(reading.coverage.error)));
      env.err.line(refusal_line(env, *reading.refused));
    }
    answer.inet = std::move(reading.coverage);
  }
  return answer;
}

}  // namespace duostat::netstat

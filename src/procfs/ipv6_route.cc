// /proc/net/ipv6_route (net/ipv6/ip6_fib.c, ipv6_route_native_seq_show), no heading:
//
//   fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100
//   00000001 00000000 00000001     eth0
//   destination and prefix length, source and prefix length, next hop, metric, references, use, flags, device
//
// All numbers are hexadecimal. A route without a device ends in blanks.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/ipv6_route.h"

#include "src/procfs/text_file.h"

namespace duostat {
namespace {

bool read_row(std::string_view line, Route& route) {
  Cursor cursor(line);
  std::string_view destination, source, next_hop, name;
  std::uint64_t prefix = 0, source_prefix = 0, metric = 0, references = 0, use = 0, flags = 0;
  if (!cursor.word(destination) || !cursor.hex(prefix) || !cursor.word(source) || !cursor.hex(source_prefix))
    return false;
  if (!cursor.word(next_hop) || !cursor.hex(metric) || !cursor.hex(references)) return false;
  if (!cursor.hex(use) || !cursor.hex(flags)) return false;
  if (!procfs::read_inet6_word(destination, route.destination) || prefix > 128) return false;
  if (!procfs::read_inet6_word(next_hop, route.gateway)) return false;
  cursor.word(name);
  route.family = Family::inet6;
  route.prefix_length = static_cast<std::uint8_t>(prefix);
  route.metric = static_cast<std::uint32_t>(metric);
  route.references = static_cast<std::uint32_t>(references);
  route.use = static_cast<std::uint32_t>(use);
  route.flags = static_cast<std::uint32_t>(flags);
  route.interface = name;
  return true;
}

}  // namespace

Coverage read_ipv6_routes(const ProcDir& proc, std::vector<Route>& routes) {
  Coverage coverage;
  procfs::TextFile text(proc, kIpv6RouteFile, coverage);
  text.each_row([&](std::string_view line) {
    Route route;
    if (!read_row(line, route)) return false;
    routes.push_back(std::move(route));
    return true;
  });
  return coverage;
}

}  // namespace duostat

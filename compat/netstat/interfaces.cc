// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/interfaces.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "compat/netstat/either_source.h"
#include "compat/netstat/interface_details.h"
#include "compat/netstat/row.h"
#include "compat/netstat/statuses.h"
#include "compat/netstat/words.h"
#include "src/base/error.h"
#include "src/collect/shown_host.h"
#include "src/procfs/dev.h"
#include "src/procfs/if_inet6.h"
#include "src/rtnl/links.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A name, split into the parts that are compared in turn.
struct NaturalName {
  std::string_view letters;
  std::uint64_t number = 0;
  std::string_view whole;
  std::int64_t alias = -1;  ///< -1: no alias, before all of them

  explicit NaturalName(std::string_view name) : whole(name) {
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && colon + 1 < name.size() &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(colon) + 1, name.end(), is_digit)) {
      std::from_chars(name.data() + colon + 1, name.data() + name.size(), alias);
      whole = name.substr(0, colon);
    }
    std::size_t end = whole.size();
    while (end > 0 && is_digit(whole[end - 1])) --end;
    letters = whole.substr(0, end);
    std::from_chars(whole.data() + end, whole.data() + whole.size(), number);
  }
  auto key() const { return std::tuple(letters, number, whole, alias); }
};

struct InterfaceFlagLetter {
  std::uint16_t flag;
  char letter;
};
constexpr InterfaceFlagLetter kInterfaceLetters[] = {
    {kInterfaceAllMulticast, 'A'}, {kInterfaceBroadcast, 'B'},  {kInterfaceDebug, 'D'},
    {kInterfaceLoopback, 'L'},     {kInterfaceMulticast, 'M'},  {kInterfaceDynamic, 'd'},
    {kInterfacePromiscuous, 'P'},  {kInterfaceNoTrailers, 'N'}, {kInterfaceNoArp, 'O'},
    {kInterfacePointToPoint, 'P'}, {kInterfaceSlave, 's'},      {kInterfaceMaster, 'm'},
    {kInterfaceRunning, 'R'},      {kInterfaceUp, 'U'},
};

std::string flag_letters(std::uint16_t flags) {
  if (flags == 0) return "[NO FLAGS]";
  std::string text;
  for (const InterfaceFlagLetter& row : kInterfaceLetters)
    if ((flags & row.flag) != 0) text += row.letter;
  return text;
}

void print_line(Output& out, const Interface& i) {
  Row row;
  row.foreign(i.name, kInterfaceNameMax, kInterfaceNameMax).text(" ").right(i.mtu.value_or(0), 5);
  if (!i.counters) {
    row.left("      - no statistics available -", 57).text(flag_letters(i.flags)).end(out);
    return;
  }
  const InterfaceCounters& c = *i.counters;
  row.text(" ").right(c.rx_packets, 8).text(" ").right(c.rx_errors, 6).text(" ").right(c.rx_dropped, 6);
  row.text(" ").left(c.rx_fifo, 6).text(" ").right(c.tx_packets, 8).text(" ").right(c.tx_errors, 6);
  row.text(" ").right(c.tx_dropped, 6).text(" ").right(c.tx_fifo, 6).text(" ").text(flag_letters(i.flags)).end(out);
}

/// Reports the object and error on standard error.
void report(Environment& env, const Coverage& coverage) {
  env.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
}

/// Makes a problem from an errno.
Coverage problem(Operation operation, std::string_view object, int error) {
  Coverage coverage;
  coverage.operation = operation;
  coverage.object = object;
  coverage.error = error;
  return coverage;
}

/// Appends, after the interfaces that /proc/net/dev lists, the labels that have an IPv4 address.
void list_names(Environment& env, rtnl::InterfaceQuery& query, const Reading& reading, Interfaces& interfaces) {
  const Coverage& coverage = reading.coverage;
  if (coverage.error != 0) {
    env.err.line(
        fmt::format("Warning: cannot open {} ({}). Limited output.", coverage.object, error_text(coverage.error)));
    if (reading.refused) env.err.line(refusal_line(env, *reading.refused));
  }
  // Malformed lines do not change the original's text.
  if (coverage.incomplete()) interfaces.problems.push_back(coverage);
  if (reading.refused) interfaces.problems.push_back(*reading.refused);
  std::vector<std::string> names;
  if (const int error = query.names(names); error != 0) {
    env.err.line(fmt::format("SIOCGIFCONF: {}", error_text(error)));
    interfaces.problems.push_back(problem(Operation::ioctl, "SIOCGIFCONF", error));
    interfaces.status = kFailure;
  }
  std::unordered_set<std::string> known;
  for (const Interface& i : interfaces.list) known.insert(i.name);
  for (const std::string& name : names)
    if (known.insert(name).second) interfaces.list.emplace_back().name = name;
}

/// Queries each interface; one that has vanished is left out.
void describe_all(Environment& env, rtnl::InterfaceQuery& query, Interfaces& interfaces) {
  std::erase_if(interfaces.list, [&](Interface& i) {
    const auto unread = [&](std::string_view request, int code) {
      // quirk: interface-part-unread
      std::string scratch;
      env.err.line(fmt::format("netstat: {}: {}: {}", without_controls(i.name, scratch), request, error_text(code)));
      interfaces.problems.push_back(problem(Operation::ioctl, fmt::format("{} {}", request, i.name), code));
    };
    const int error = query.describe(i, unread);
    if (error == 0) return false;
    // quirk: vanished-interface - the others are still shown; the original stops here
    std::string scratch;
    env.err.line(fmt::format("{}: error fetching interface information: {}", without_controls(i.name, scratch),
                             error == ENODEV ? "Device not found" : error_text(error)));
    env.err.line(fmt::format("missing interface information: {}", error_text(error)));
    interfaces.problems.push_back(problem(Operation::describe, i.name, error));
    interfaces.status = kFailure;
    return true;
  });
}

/// A kernel without IPv6 has no such file.
void add_inet6(Environment& env, Interfaces& result) {
  std::vector<Interface>& interfaces = result.list;
  std::vector<NamedInet6> addresses;
  const Coverage coverage = read_inet6_addresses(env.proc, addresses);
  if (coverage.error != 0 && coverage.error != ENOENT) report(env, coverage);
  if (coverage.incomplete() && coverage.error != ENOENT) result.problems.push_back(coverage);
  std::unordered_multimap<std::string_view, Interface*> by_name;
  for (Interface& i : interfaces) by_name.emplace(i.name, &i);
  for (const NamedInet6& a : addresses) {
    const auto [begin, end] = by_name.equal_range(a.interface);
    for (auto at = begin; at != end; ++at) at->second->inet6.push_back(a.address);
  }
}

/// The kernel's ioctls, or their replacement. Null, after a message, if no socket can be opened.
std::unique_ptr<rtnl::InterfaceQuery> open_query(Environment& env, int& error) {
  auto query = interface_query_of(env, error);
  if (query != nullptr) return query;
  env.err.line("No usable address families found.");
  env.err.line(fmt::format("socket: {}", error_text(error)));
  return nullptr;
}

}  // namespace

bool interface_before(std::string_view a, std::string_view b) { return NaturalName(a).key() < NaturalName(b).key(); }

Interfaces read_interface_list(Environment& env, Via via, rtnl::InterfaceQuery& query, bool inet6) {
  Interfaces interfaces;
  const Reading reading = read_either(
      env, via, interfaces.list, [&](auto& rows) { return read_interfaces(env.proc, rows); },
      [&](auto& rows) { return rtnl::read_interfaces(env.open_transport, rows); });
  if (reading.by_netlink) {
    const Coverage& coverage = reading.coverage;
    if (coverage.interrupted) env.err.line(kInterruptedDump);
    if (coverage.error != 0) report(env, coverage), interfaces.status = kFailure;
    if (coverage.incomplete()) interfaces.problems.push_back(coverage);
  } else {
    list_names(env, query, reading, interfaces);
    describe_all(env, query, interfaces);
    if (inet6) add_inet6(env, interfaces);
  }
  std::ranges::sort(interfaces.list, interface_before, &Interface::name);
  return interfaces;
}

Interfaces read_interface_list(Environment& env, Via via, bool inet6) {
  int error = 0;
  const auto query = open_query(env, error);
  if (query != nullptr) return read_interface_list(env, via, *query, inet6);
  return {{}, kFailure, {problem(Operation::open, "socket", error)}};
}

int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via,
                     rtnl::InterfaceQuery& query, bool first_pass) {
  const bool details = request.extend > 0;
  Interfaces interfaces = read_interface_list(env, via, query, details || !plan.idle());
  if (!request.all) std::erase_if(interfaces.list, [](const Interface& i) { return (i.flags & kInterfaceUp) == 0; });
  choose_records(plan, interfaces.list);
  plan.note_missing(!interfaces.problems.empty());
  if (first_pass) env.out.append("Kernel Interface table\n");
  if (!details)
    env.out.append("Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
  for (const Interface& i : interfaces.list)
    details ? print_details(env.out, i) : print_line(env.out, i);
  return interfaces.status;
}

int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via, bool first_pass) {
  int error = 0;
  const auto query = open_query(env, error);
  return query == nullptr ? kFailure : print_interfaces(env, request, plan, via, *query, first_pass);
}

}  // namespace duostat::netstat

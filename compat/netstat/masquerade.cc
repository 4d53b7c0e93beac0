// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/masquerade.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "compat/netstat/endpoint.h"
#include "compat/netstat/row.h"
#include "compat/netstat/statuses.h"
#include "src/base/error.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/text_file.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

constexpr std::string_view kMasqueradedProtocols[] = {"tcp", "udp", "icmp", "ip", "gre", "esp"};

class MasqueradeTable {
 public:
  MasqueradeTable(Environment& env, const Request& request)
      : env_(env), request_(request), hosts_({.numeric_hosts = request.numeric_hosts}, env.names) {}

  void header();
  void row(const MasqueradedConnection& connection);

 private:
  std::string host(const Address& address);
  std::string port(std::string_view protocol, std::uint16_t number);

  Environment& env_;
  const Request& request_;
  EndpointText hosts_;
};

std::string MasqueradeTable::host(const Address& address) {
  char text[EndpointText::kRoom];
  return std::string(text, hosts_.format_host(text, Family::inet, address));
}

std::string MasqueradeTable::port(std::string_view protocol, std::uint16_t number) {
  if (number == 0) return "*";
  std::string_view name;
  if (!request_.numeric_ports && protocol == "tcp") name = env_.names.service_last(number, ServiceProtocol::tcp);
  if (!request_.numeric_ports && protocol == "udp") name = env_.names.service_last(number, ServiceProtocol::udp);
  std::string scratch;
  return name.empty() ? std::to_string(number) : std::string(without_controls(name, scratch));
}

void MasqueradeTable::header() {
  env_.out.append("IP masquerading entries\n");
  env_.out.append(request_.extend > 0
                      ? "prot   expire    initseq delta prevd source               destination          ports\n"
                      : "prot   expire source               destination          ports\n");
}

void MasqueradeTable::row(const MasqueradedConnection& c) {
  constexpr std::uint64_t kSecond = 100, kMinute = 60 * kSecond;
  constexpr std::size_t kExpiresWidth = 9;
  Row row;
  row.foreign(c.protocol, 4);
  if (const auto e = c.expires)
    row.text(fmt::format("{:3}:{:02}.{:02}", *e / kMinute, *e % kMinute / kSecond, *e % kSecond));
  else
    // quirk: masquerade-conntrack - the kernel reports no timeout for a connection in hardware
    row.right("-", kExpiresWidth);
  row.text(" ");
  if (request_.extend > 0) {
    // The connection tracker does not tell these; a dash is what the table has always shown for a count it lacks.
    c.sequence_known ? row.right(c.initial_sequence, 10) : row.right("-", 10);
    row.text(" ");
    c.sequence_known ? row.right(c.delta, 5) : row.right("-", 5);
    row.text(" ");
    c.previous_delta_known ? row.right(c.previous_delta, 5) : row.right("-", 5);
    row.text(" ");
  }
  row.left(host(c.source), 20).text(" ").left(host(c.destination), 20).text(" ");
  row.text(port(c.protocol, c.source_port)).text(" -> ").text(port(c.protocol, c.destination_port));
  row.text(" (").text(port({}, c.masqueraded_port)).text(")").end(env_.out);
}

int format_error(Environment& env, std::string_view where, std::string_view what) {
  env.err.line(fmt::format("{}: Internal Error `{}'.", where, what));
  return kFormatError;
}

}  // namespace

int print_masquerade(Environment& env, const Request& request, const ViewPlan& plan) {
  std::vector<MasqueradedConnection> connections;
  const Coverage coverage = read_masquerade(env.proc, connections);
  if (coverage.operation == Operation::no_heading) return format_error(env, "masq_info", "fgets() failed");
  if (coverage.error != 0 && coverage.error != ENOENT && coverage.operation == Operation::open) {
    env.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
    return kFormatError;
  }
  if (coverage.error != 0 && coverage.operation == Operation::open) {
    // quirk: masquerade-conntrack - kernels since 2.4 keep these in the connection tracker, which the original does not
    // read
    const Coverage tracked = read_conntrack(env.proc, connections);
    plan.note_missing(tracked.incomplete());  // some kernels track connections without this file
    if (tracked.error != 0 && tracked.error != ENOENT)
      env.err.line(fmt::format("{}: {}", tracked.object, error_text(tracked.error)));
    if (connections.empty()) {
      env.err.line("netstat: no support for `ip_masquerade' on this system.");
      return kUnsupported;
    }
  } else if (coverage.malformed + coverage.truncated != 0) {
    return format_error(env, "masq_info.c", "ip_masquerade format error");
  } else if (std::ranges::any_of(connections, [](const MasqueradedConnection& c) {
               return std::ranges::find(kMasqueradedProtocols, c.protocol) == std::end(kMasqueradedProtocols);
             })) {
    return format_error(env, "masq_info.c", "ip_masquerade unknown type");
  }
  choose_records(plan, connections);
  MasqueradeTable table(env, request);
  if (!connections.empty()) table.header();
  for (const MasqueradedConnection& c : connections) table.row(c);
  if (coverage.error == 0 || coverage.operation != Operation::read) return 0;
  env.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  return kFormatError;
}

}  // namespace duostat::netstat

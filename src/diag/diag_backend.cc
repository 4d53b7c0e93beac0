// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/diag_backend.h"

#include <cerrno>
#include <cstddef>
#include <vector>

#include "src/diag/bytecode.h"
#include "src/diag/inet.h"
#include "src/diag/netlink.h"
#include "src/diag/packet.h"
#include "src/diag/tipc.h"
#include "src/diag/unix.h"
#include "src/diag/vsock.h"
#include "src/diag/xdp.h"

namespace duostat {
namespace {

/// One kernel table: a protocol of inet_diag, or all protocols of another family.
struct TableRow {
  std::string_view name;  ///< Coverage::object
  ProtocolSet protocols;
  Dump::Outcome (*dump)(Dump& dump, const Query& query, Protocol protocol);
  FieldSet (*knows)(Protocol protocol);
};

Dump::Outcome inet(Dump& dump, const Query& query, Protocol protocol) {
  const std::vector<std::byte> program =
      query.filter != nullptr ? compile_bytecode(*query.filter) : std::vector<std::byte>{};
  return dump_inet(dump, query, protocol, program);
}

/// Ignores the protocol: the family has one table.
template <Dump::Outcome (*Function)(Dump&, const Query&)>
Dump::Outcome whole(Dump& dump, const Query& query, Protocol) {
  return Function(dump, query);
}
template <FieldSet (*Function)()>
FieldSet known(Protocol) {
  return Function();
}

constexpr TableRow kTables[] = {
    {"tcp", {Protocol::tcp}, inet, inet_knows},
    {"udp", {Protocol::udp}, inet, inet_knows},
    {"udplite", {Protocol::udplite}, inet, inet_knows},
    {"raw", {Protocol::raw}, inet, inet_knows},
    {"dccp", {Protocol::dccp}, inet, inet_knows},
    {"sctp", {Protocol::sctp}, inet, inet_knows},
    {"mptcp", {Protocol::mptcp}, inet, inet_knows},
    {"unix", kUnixProtocols, whole<dump_unix>, known<unix_knows>},
    {"packet", kPacketProtocols, whole<dump_packet>, known<packet_knows>},
    {"netlink", {Protocol::netlink}, whole<dump_netlink>, known<netlink_knows>},
    {"vsock", kVsockProtocols, whole<dump_vsock>, known<vsock_knows>},
    {"tipc", {Protocol::tipc}, whole<dump_tipc>, known<tipc_knows>},
    {"xdp", {Protocol::xdp}, whole<dump_xdp>, known<xdp_knows>},
};

Protocol first_of(ProtocolSet protocols) {
  for (const ProtocolRow& row : kProtocols)
    if (protocols.has(row.protocol)) return row.protocol;
  return Protocol::tcp;
}

Coverage refusal(Operation operation, std::string_view object, int error) {
  Coverage coverage;
  coverage.error = error;
  coverage.operation = operation;
  coverage.object = object;
  return coverage;
}

}  // namespace

FieldSet DiagBackend::knows(Protocol protocol) {
  for (const TableRow& table : kTables)
    if (table.protocols.has(protocol)) return table.knows(protocol);
  return {};
}

Coverage DiagBackend::collect(const Query& query, Sink sink) {
  Coverage total;
  ProtocolSet unserved = query.protocols;
  for (const TableRow& table : kTables) {
    unserved = unserved - table.protocols;
    if (!query.protocols.has_any(table.protocols)) continue;
    OpenError error;
    const auto transport = open_(uapi::kNetlinkSockDiag, error);
    if (!transport) {
      total.merge(refusal(operation_of(error.step), table.name, error));
      continue;
    }
    Coverage coverage;
    Dump dump(*transport, buffer_, sink, coverage, {.open = &open_, .in_turn = in_turn_, .sequence = sequence_});
    const Dump::Outcome outcome = table.dump(dump, query, first_of(table.protocols));
    sequence_ = dump.next_sequence();
    replayed_ = dump.replayed();
    total.merge(coverage);
    if (outcome == Dump::Outcome::stopped) return total;
  }
  // ICMP ("ping") sockets have no diag table on any kernel.
  if (!unserved.empty()) total.merge(refusal(Operation::diag_dump, row_of(first_of(unserved)).id, EPROTONOSUPPORT));
  return total;
}

}  // namespace duostat

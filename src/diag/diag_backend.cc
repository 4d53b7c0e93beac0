// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/diag_backend.h"

#include <cerrno>

#include "src/diag/inet.h"
#include "src/diag/unix.h"

namespace duostat {
namespace {

/// One kernel table: a protocol of inet_diag, or all protocols of another family.
struct TableRow {
  ProtocolSet protocols;
  Dump::Outcome (*dump)(Dump& dump, const Query& query, Protocol protocol);
  FieldSet (*knows)(Protocol protocol);
};

Dump::Outcome inet(Dump& dump, const Query& query, Protocol protocol) { return dump_inet(dump, query, protocol, {}); }

/// Leaves the protocol out: the family has one table.
template <Dump::Outcome (*Function)(Dump&, const Query&)>
Dump::Outcome whole(Dump& dump, const Query& query, Protocol) {
  return Function(dump, query);
}
template <FieldSet (*Function)()>
FieldSet known(Protocol) {
  return Function();
}

constexpr TableRow kTables[] = {
    {{Protocol::tcp}, inet, inet_knows},
    {{Protocol::udp}, inet, inet_knows},
    {{Protocol::udplite}, inet, inet_knows},
    {{Protocol::raw}, inet, inet_knows},
    {{Protocol::dccp}, inet, inet_knows},
    {{Protocol::sctp}, inet, inet_knows},
    {{Protocol::mptcp}, inet, inet_knows},
    {kUnixProtocols, whole<dump_unix>, known<unix_knows>},
};

Protocol first_of(ProtocolSet protocols) {
  for (const ProtocolRow& row : kProtocols)
    if (protocols.has(row.protocol)) return row.protocol;
  return Protocol::tcp;
}

Coverage refusal(std::string_view operation, Protocol protocol, int error) {
  Coverage coverage;
  coverage.error = error;
  coverage.operation = operation;
  coverage.object = row_of(protocol).id;
  return coverage;
}

}  // namespace

FieldSet DiagBackend::knows(Protocol protocol) const {
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
    const Protocol protocol = first_of(table.protocols);
    int error = 0;
    const auto transport = open_(abi::kNetlinkSockDiag, error);
    if (!transport) {
      total.merge(refusal(kDiagOpen, protocol, error));
      continue;
    }
    Coverage coverage;
    Dump dump(*transport, buffer_, sink, coverage);
    const Dump::Outcome outcome = table.dump(dump, query, protocol);
    total.merge(coverage);
    if (outcome == Dump::Outcome::stopped) return total;
  }
  // "Ping" sockets have no diag table on any kernel.
  if (!unserved.empty()) total.merge(refusal(kDiagDump, first_of(unserved), EPROTONOSUPPORT));
  return total;
}

}  // namespace duostat

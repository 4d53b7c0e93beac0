// Dumps one table of inet sockets: which requests are sent, in which order their answers are read and shown.
//
// Every strategy shows IPv4, then IPv6, each in the kernel's order. The kernel's walk over its tables is most of the
// cost, so the strategies differ in how many walks they need and in what happens meanwhile:
//
// | strategy         | requests                                    | used                                            |
// |---|---|---|
// | dump_in_turn     | one a family, one after the other           | recorded answers, retries, BPF storages         |
// | OneWalk          | a legacy one, answered with both families   | TCP of both families                            |
// | ParallelFamilies | one a family, IPv6's read ahead by a thread | everything else; OneWalk refused by the kernel  |
// | dump_legacy      | a legacy one, the other family skipped      | SOCK_DIAG_BY_FAMILY refused by the kernel       |
//
// A TCP socket moves from the table of bound sockets to that of connections, never back. Sockets without a peer are
// requested first, and their answer is read to its end before connections are requested. So a socket that exists
// throughout is in at least one of the two answers, as it is in a single dump (inet_diag_dump_icsk()).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/diag/held_answer.h"
#include "src/diag/inet.h"
#include "src/diag/inet_reader.h"
#include "src/diag/inet_requests.h"
#include "src/diag/read_ahead.h"

namespace duostat {
namespace {

using Outcome = Dump::Outcome;

/// Datagrams after which a table counts as large. A small table is shown before a thread would have started.
constexpr std::size_t kLargeTable = 4;
/// IPv6 counts as rare if it is at most one row in this many.
constexpr std::size_t kRareShare = 16;

/// What all strategies share.
struct InetTable {
  InetTable(Dump& d, const Query& q, Protocol p, Bytes filter_bytecode)
      : dump(d), query(q), protocol(p), states(states_for(q, p)), reader(d, q, p),
        requests(d, q, p, reader.extensions(), filter_bytecode) {}

  Outcome run(Transport& transport, const RequestWriter& request) {
    return dump.run(transport, request.bytes(), row_of(protocol).id, reader);
  }

  /// Unread attributes are stripped before datagrams are queued.
  ReadAhead::Source source(std::vector<RequestWriter> list) const {
    const auto trim = [unwanted = reader.unread()](Bytes datagram, std::byte* to) {
      return copy_without(datagram, sizeof(uapi::InetMessage), unwanted, to);
    };
    return {std::move(list), dump.buffer_size(), trim};
  }
  ReadAhead::Source source(RequestWriter request) const { return source(std::vector{std::move(request)}); }

  Dump& dump;
  const Query& query;
  Protocol protocol;
  RequestedStates states;
  InetReader reader;
  InetRequests requests;
};

/// Also used when the caller lacks the capability for BPF storages: the kernel then refuses the whole dump
/// (bpf_sk_storage_diag_alloc()).
Outcome dump_legacy(InetTable& table, FamilySet families) {
  Coverage& coverage = table.dump.coverage();
  SavedError first = SavedError::take(coverage);
  table.reader.accept_only(families);
  const Family family = families.has(Family::inet) ? Family::inet : Family::inet6;
  const std::uint64_t rows_before = coverage.rows;
  const Outcome outcome = table.run(table.dump.transport(), table.requests.legacy(family, table.query.states));
  if (coverage.error != 0 && coverage.rows == rows_before) std::move(first).restore(coverage);
  return outcome;
}

/// Calls `dump_family` for IPv4, then IPv6. If the kernel refuses before the first row of a family, the families that
/// are left are requested by dump_legacy().
template <class DumpFamily>
Outcome each_family(InetTable& table, DumpFamily&& dump_family) {
  FamilySet left = table.query.families;
  for (const Family family : {Family::inet, Family::inet6}) {
    if (!left.has(family)) continue;
    const std::uint64_t rows_before = table.dump.coverage().rows;
    const Outcome outcome = dump_family(family);
    if (outcome == Outcome::refused && legacy_type(table.protocol) != 0 && table.dump.coverage().rows == rows_before)
      return dump_legacy(table, left);
    if (outcome != Outcome::complete || table.dump.replayed()) return outcome;
    left = family == Family::inet && left.has(Family::inet6) ? FamilySet{Family::inet6} : FamilySet{};
  }
  return Outcome::complete;
}

Outcome dump_in_turn(InetTable& table) {
  return each_family(table, [&](Family family) {
    return table.run(table.dump.transport(), table.requests.by_family(family, table.states.all));
  });
}

/// IPv6's answer, read by a thread on a socket of its own. Null if no other socket is available.
std::unique_ptr<ReadAhead> prefetch_ipv6(InetTable& table, StateMask first) {
  auto transport = table.dump.open_another();
  if (!transport) return nullptr;
  std::vector<RequestWriter> requests;
  if (first != 0) requests.push_back(table.requests.by_family(Family::inet6, first));
  requests.push_back(table.requests.by_family(Family::inet6, table.states.rest));
  auto ipv6 = std::make_unique<ReadAhead>(std::move(transport), table.source(std::move(requests)));
  ipv6->start();
  return ipv6;
}

class ParallelFamilies {
 public:
  explicit ParallelFamilies(InetTable& table) : table_(table) {}

  Outcome run() {
    return each_family(table_, [this](Family family) { return one(family); });
  }

  /// Sockets without a peer, then connections.
  Outcome one(Family family) {
    const auto [all, first, rest] = table_.states;
    Transport& main = ipv6_ ? static_cast<Transport&>(*ipv6_) : table_.dump.transport();
    if (first != 0) {
      const Outcome outcome = table_.run(main, table_.requests.by_family(family, first));
      if (outcome != Outcome::complete) return outcome;
    }
    if (ipv6_) return table_.run(*ipv6_, table_.requests.by_family(family, rest));
    ReadAhead connections(table_.dump.transport(), table_.source(table_.requests.by_family(family, rest)));
    if (!connections.peek(kLargeTable)) {
      if (family == Family::inet && table_.query.families.has(Family::inet6)) ipv6_ = prefetch_ipv6(table_, first);
      connections.start();
    }
    return table_.run(connections, table_.requests.by_family(family, rest));
  }

 private:
  InetTable& table_;
  std::unique_ptr<ReadAhead> ipv6_;  ///< null until IPv4 turned out to be large
};

/// IPv4 is shown as it comes, and IPv6 is kept until IPv4 is done. If the first connections show that IPv6 is not rare,
/// the connections are requested by family instead.
class OneWalk {
 public:
  explicit OneWalk(InetTable& table) : table_(table) {}

  /// nullopt if the kernel refuses the legacy request; no rows were emitted then.
  std::optional<Outcome> run() {
    const Coverage& coverage = table_.dump.coverage();
    const std::uint64_t rows_before = coverage.rows;
    const auto [all, first, rest] = table_.states;
    table_.reader.set_aside(&held_ipv6_);
    Outcome outcome = Outcome::complete;
    if (first != 0) outcome = table_.run(table_.dump.transport(), legacy(first));
    if (outcome == Outcome::complete) outcome = walk_connections();
    table_.reader.set_aside(nullptr);
    if (outcome == Outcome::refused && coverage.rows == rows_before && held_ipv6_.empty()) {
      SavedError::take(table_.dump.coverage());
      return std::nullopt;
    }
    if (outcome != Outcome::complete) return outcome;
    if (ipv4_) return connections_by_family();
    if (held_ipv6_.overflowed()) return ParallelFamilies(table_).one(Family::inet6);
    return table_.run(held_ipv6_, legacy(rest));
  }

 private:
  RequestWriter legacy(StateMask states) { return table_.requests.legacy(Family::unspecified, states); }
  RequestWriter by_family(Family family, StateMask states) { return table_.requests.by_family(family, states); }

  /// Shows IPv4 and keeps IPv6. If IPv6 is not rare and another socket is available, opens that as `ipv4_` and shows
  /// nothing.
  Outcome walk_connections() {
    const RequestWriter request = legacy(table_.states.rest);
    if ((table_.states.rest & ~kWithoutPeer) == 0) return table_.run(table_.dump.transport(), request);
    ReadAhead connections(table_.dump.transport(), table_.source(request));
    if (!connections.peek(kLargeTable)) {
      if (!is_ipv6_rare(connections)) {
        // A dump cannot be cancelled, so its socket is of no more use.
        ipv4_ = table_.dump.open_another();
        if (ipv4_) return Outcome::complete;
      }
      connections.start();
    }
    return table_.run(connections, request);
  }

  /// Judges by the first connections, which come in the order of a hash.
  static bool is_ipv6_rare(const ReadAhead& connections) {
    std::size_t all = 0, ipv6 = 0;
    connections.each_held([&](Bytes datagram) {
      MessageWalk walk(datagram);
      for (Message message; walk.next(message); ++all) ipv6 += is_about_ipv6(message.payload) ? 1 : 0;
    });
    return ipv6 * kRareShare <= all;
  }

  /// Connections of both families on separate sockets. Sockets without a peer have been shown (IPv4) or kept (IPv6); if
  /// they did not fit in memory, they are requested again.
  Outcome connections_by_family() {
    const auto [all, first, rest] = table_.states;
    const StateMask again = held_ipv6_.overflowed() ? first : 0;
    const std::unique_ptr<ReadAhead> prefetched = prefetch_ipv6(table_, again);
    Outcome outcome = Outcome::complete;
    {
      ReadAhead connections(*ipv4_, table_.source(by_family(Family::inet, rest)));
      connections.start();
      outcome = table_.run(connections, by_family(Family::inet, rest));
    }
    if (outcome == Outcome::complete && !held_ipv6_.overflowed()) outcome = table_.run(held_ipv6_, legacy(first));
    Transport& source = prefetched ? static_cast<Transport&>(*prefetched) : *ipv4_;
    if (outcome == Outcome::complete && again != 0) outcome = table_.run(source, by_family(Family::inet6, again));
    if (outcome == Outcome::complete) outcome = table_.run(source, by_family(Family::inet6, rest));
    return outcome;
  }

  InetTable& table_;
  HeldAnswer held_ipv6_;
  std::unique_ptr<Transport> ipv4_;  ///< null unless connections are requested by family
};

}  // namespace

Outcome dump_inet(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode) {
  InetTable table(dump, query, protocol, filter_bytecode);
  if (dump.in_turn() || query.wanted.has(Field::bpf_storage)) return dump_in_turn(table);
  const bool both = query.families.has(Family::inet) && query.families.has(Family::inet6);
  if (protocol == Protocol::tcp && both)
    if (const std::optional<Outcome> outcome = OneWalk(table).run()) return *outcome;
  return ParallelFamilies(table).run();
}

}  // namespace duostat

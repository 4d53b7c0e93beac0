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
// A TCP socket moves from the table of bound sockets to that of connections, never back, and the kernel walks listening
// sockets, bound sockets and connections in this order (inet_diag_dump_icsk()). So a dump of all states contains every
// socket that exists throughout, at least once. No strategy splits the states: for a request that names bound sockets
// the kernel walks the connections too, even if none of them is wanted.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>
#include <optional>
#include <utility>

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
      : dump(d),
        query(q),
        protocol(p),
        states(worth_asking(q, p)),
        reader(d, q, p),
        requests(d, q, p, reader.extensions(), filter_bytecode) {}

  Outcome run(Transport& transport, const RequestWriter& request) {
    return dump.run(transport, request.bytes(), row_of(protocol).id, reader);
  }

  /// Unread attributes are stripped before datagrams are queued.
  ReadAhead::Source source(RequestWriter request) const {
    const auto trim = [unwanted = reader.unread()](Bytes datagram, std::byte* to) {
      return copy_without(datagram, sizeof(uapi::InetMessage), unwanted, to);
    };
    return {std::move(request), dump.buffer_size(), trim};
  }

  Dump& dump;
  const Query& query;
  Protocol protocol;
  StateMask states;
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
    return table.run(table.dump.transport(), table.requests.by_family(family, table.states));
  });
}

/// IPv6's answer, read by a thread on a socket of its own. Null if no other socket is available.
std::unique_ptr<ReadAhead> prefetch_ipv6(InetTable& table) {
  auto transport = table.dump.open_another();
  if (!transport) return nullptr;
  auto ipv6 = std::make_unique<ReadAhead>(std::move(transport),
                                          table.source(table.requests.by_family(Family::inet6, table.states)));
  ipv6->start();
  return ipv6;
}

class ParallelFamilies {
 public:
  explicit ParallelFamilies(InetTable& table) : table_(table) {}

  Outcome run() {
    return each_family(table_, [this](Family family) { return one(family); });
  }

  Outcome one(Family family) {
    const RequestWriter request = table_.requests.by_family(family, table_.states);
    if (ipv6_) return table_.run(*ipv6_, request);
    ReadAhead ahead(table_.dump.transport(), table_.source(request));
    if (!ahead.peek(kLargeTable)) {
      if (family == Family::inet && table_.query.families.has(Family::inet6)) ipv6_ = prefetch_ipv6(table_);
      ahead.start();
    }
    return table_.run(ahead, request);
  }

 private:
  InetTable& table_;
  std::unique_ptr<ReadAhead> ipv6_;  ///< null until IPv4 turned out to be large
};

/// IPv4 is shown as it comes, and IPv6 is kept until IPv4 is done. If the first connections show that IPv6 is not rare,
/// both are requested by family instead.
class OneWalk {
 public:
  explicit OneWalk(InetTable& table)
      : table_(table), request_(table.requests.legacy(Family::unspecified, table.states)) {}

  /// nullopt if the kernel refuses the legacy request; no rows were emitted then.
  std::optional<Outcome> run() {
    const Coverage& coverage = table_.dump.coverage();
    const std::uint64_t rows_before = coverage.rows;
    table_.reader.set_aside(&held_ipv6_);
    const Outcome outcome = walk();
    table_.reader.set_aside(nullptr);
    if (outcome == Outcome::refused && coverage.rows == rows_before && held_ipv6_.empty()) {
      SavedError::take(table_.dump.coverage());
      return std::nullopt;
    }
    if (outcome != Outcome::complete) return outcome;
    if (ipv4_) return by_family();
    if (held_ipv6_.overflowed()) return ParallelFamilies(table_).one(Family::inet6);
    return table_.run(held_ipv6_, request_);
  }

 private:
  /// Shows IPv4 and keeps IPv6. If IPv6 is not rare and another socket is available, opens that as `ipv4_` and shows
  /// nothing.
  Outcome walk() {
    if ((table_.states & ~kWithoutPeer) == 0) return table_.run(table_.dump.transport(), request_);
    ReadAhead ahead(table_.dump.transport(), table_.source(request_));
    if (!ahead.peek(kLargeTable)) {
      if (!is_ipv6_rare(ahead)) {
        // A dump cannot be cancelled, so its socket is of no more use.
        ipv4_ = table_.dump.open_another();
        if (ipv4_) return Outcome::complete;
      }
      ahead.start();
    }
    return table_.run(ahead, request_);
  }

  /// Judges by the first connections, which come in the order of a hash.
  static bool is_ipv6_rare(const ReadAhead& ahead) {
    std::size_t all = 0, ipv6 = 0;
    ahead.each_held([&](Bytes datagram) {
      MessageWalk walk(datagram);
      for (Message message; walk.next(message);) {
        if (!is_about_connection(message.payload)) continue;
        ++all;
        ipv6 += is_about_ipv6(message.payload) ? 1 : 0;
      }
    });
    return ipv6 * kRareShare <= all;
  }

  Outcome by_family() {
    const std::unique_ptr<ReadAhead> prefetched = prefetch_ipv6(table_);
    Outcome outcome = Outcome::complete;
    {
      const RequestWriter request = table_.requests.by_family(Family::inet, table_.states);
      ReadAhead ahead(*ipv4_, table_.source(request));
      ahead.start();
      outcome = table_.run(ahead, request);
    }
    if (outcome != Outcome::complete) return outcome;
    Transport& source = prefetched ? static_cast<Transport&>(*prefetched) : *ipv4_;
    return table_.run(source, table_.requests.by_family(Family::inet6, table_.states));
  }

  InetTable& table_;
  RequestWriter request_;
  HeldAnswer held_ipv6_;
  std::unique_ptr<Transport> ipv4_;  ///< null unless the families are requested separately
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

// The requests for a table of inet sockets, and the order in which their answers are read and shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/diag/bpf_abi.h"
#include "src/diag/held_answer.h"
#include "src/diag/inet.h"
#include "src/diag/read_ahead.h"
#include "src/diag/wide_protocol.h"
#include "src/query/eval.h"

namespace duostat {
namespace {

/// The request types of before Linux 3.3, which name the protocol by themselves.
constexpr std::uint16_t legacy_type(Protocol protocol) {
  return protocol == Protocol::tcp ? uapi::kTcpDiagGetSock : protocol == Protocol::dccp ? uapi::kDccpDiagGetSock : 0;
}

/// With what is_connection_request() needs.
FieldSet with_marks_of_requests(FieldSet wanted) {
  return wanted.has(Field::uid) ? wanted | FieldSet{Field::shutdown} : wanted;
}

/// The uids of listeners. The kernel tells no uid for a connection request that waits in SYN-RECV (inet_req_diag_fill()); it is
/// the listener's (get_openreq4() in /proc/net/tcp), and listeners come first in a dump.
class ListenerUids {
 public:
  void add(const Socket& listener) {
    rows_.push_back({listener.local.port, listener.family, listener.ifindex, listener.uid, listener.local.address});
    sorted_ = false;
  }

  /// Fills the uid of a request from the listener that matches it best: by address rather than wildcard, by device rather
  /// than any. Leaves it absent if there is none or equally good ones disagree.
  void fill(Socket& request) {
    if (!sorted_) std::ranges::sort(rows_, {}, &Row::port);
    sorted_ = true;
    int best = -1;
    bool agreed = false;
    // Not equal_range(): clang 14 cannot use the subrange of libstdc++ 12.
    auto row = std::ranges::lower_bound(rows_, request.local.port, {}, &Row::port);
    for (; row != rows_.end() && row->port == request.local.port; ++row) {
      const int fit = fitness(*row, request);
      if (fit < 0 || fit < best) continue;
      agreed = fit > best || (agreed && row->uid == request.uid);
      best = fit;
      request.uid = row->uid;
    }
    if (best >= 0 && agreed) request.present.add(Field::uid);
  }

 private:
  struct Row {
    std::uint32_t port;
    Family family;
    std::uint32_t ifindex, uid;
    Address address;
  };
  static int fitness(const Row& row, const Socket& request) noexcept {
    const bool exact = row.address == request.local.address;
    if (row.family != request.family || (!exact && !is_unspecified(row.address))) return -1;
    if (row.ifindex != 0 && row.ifindex != request.ifindex) return -1;
    return (exact ? 2 : 0) + (row.ifindex != 0 ? 1 : 0);
  }

  std::vector<Row> rows_;
  bool sorted_ = false;
};

/// States of sockets that never have a peer, nor a port of one. The kernel keeps them in tables of their own.
constexpr StateMask kWithoutPeer = mask_of(State::listen, State::bound_inactive);

/// The states worth asking for.
/// A TCP socket leaves the hash tables before it becomes CLOSE (tcp_set_state()), so a dump never has one; but for that bit
/// the kernel walks the whole table of connections. Asked for beside LISTEN alone, as `ss -l` does, that walk is nearly all
/// of the cost. Bound and unused sockets, which also show as CLOSE, have a bit of their own.
/// A filter that asks for a port of the peer spares the walk over bound sockets.
StateMask states_for(const Query& query, Protocol protocol) {
  if (protocol != Protocol::tcp) return query.states;
  const StateMask listening = mask_of(State::listen);
  if (query.states == (listening | mask_of(State::close))) return listening;
  const StateMask connected = query.states & ~kWithoutPeer;
  const bool peer_only = query.filter != nullptr && !may_match_port_zero(*query.filter, Side::remote);
  return peer_only && connected != 0 ? connected : query.states;
}

/// The request that iproute2 also sends; MPTCP does not fit the protocol's byte and goes in an attribute.
RequestWriter request_for(Family family, Protocol protocol, StateMask states, std::uint32_t extensions,
                          std::uint32_t sequence) {
  const std::uint32_t number = row_of(protocol).ip_protocol;
  uapi::InetRequest body{};
  body.family = static_cast<std::uint8_t>(family);
  body.protocol = static_cast<std::uint8_t>(number > 0xff ? row_of(Protocol::tcp).ip_protocol : number);
  body.extensions = static_cast<std::uint8_t>(extensions);
  body.states = states;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, sequence);
  request.put(body);
  if (number > 0xff) request.attribute(uapi::kInetRequestProtocol, std::as_bytes(std::span(&number, 1)));
  return request;
}

/// The kernel does not look at the family.
RequestWriter legacy_request_for(Family family, std::uint16_t type, StateMask states, std::uint32_t extensions,
                                 std::uint32_t sequence) {
  uapi::InetRequestLegacy body{};
  body.family = static_cast<std::uint8_t>(family);
  body.extensions = static_cast<std::uint8_t>(extensions);
  body.states = states;
  RequestWriter request(type, uapi::kDumpFlags, sequence);
  request.put(body);
  return request;
}

/// INET_DIAG_REQ_SK_BPF_STORAGES: one attribute for each map, none for all of them.
void append_storages(RequestWriter& request, std::span<const int> maps) {
  std::vector<std::byte> wanted;
  for (const int fd : maps) {
    const uapi::AttributeHeader header{sizeof header + sizeof fd, uapi::kStorageRequestMap};
    std::ranges::copy(std::as_bytes(std::span(&header, 1)), std::back_inserter(wanted));
    std::ranges::copy(std::as_bytes(std::span(&fd, 1)), std::back_inserter(wanted));
  }
  request.attribute(uapi::kInetRequestStorages | uapi::kAttributeNested, wanted);
}

void append_filter(RequestWriter& request, Bytes filter_bytecode) {
  // The filter only narrows what is sent: one too long for an attribute is left out.
  if (!filter_bytecode.empty() && filter_bytecode.size() + sizeof(uapi::AttributeHeader) <= UINT16_MAX)
    request.attribute(uapi::kInetRequestBytecode, filter_bytecode);
}

/// By the first byte of an inet_diag_msg.
bool about_ipv6(Bytes payload) noexcept {
  return !payload.empty() && static_cast<Family>(payload[0]) == Family::inet6;
}

/// Decodes the messages of one protocol's dumps.
class InetReader {
 public:
  InetReader(Dump& dump, const Query& query, Protocol protocol)
      : dump_(dump),
        query_(query),
        protocol_(protocol),
        attributes_(inet_attributes(with_marks_of_requests(query.wanted), protocol, dump.replayed())),
        resolve_uid_(query.wanted.has(Field::uid) && in_mask(query.states, State::listen) &&
                     in_mask(query.states, State::syn_recv)) {}

  std::uint32_t extensions() const noexcept { return attributes_.ask() & 0xff; }

  /// Drops rows of other families from here on.
  void accept_only(FamilySet families) noexcept { families_ = families; }
  /// Keeps messages about IPv6 there from here on, undecoded. Null: no more.
  void set_aside(HeldAnswer* held) noexcept { held_ = held; }

  AttributeMask unread() const noexcept { return attributes_.unread(); }

  Dump::Decoded operator()(Bytes payload, Socket& socket, std::size_t slot) {
    if (held_ != nullptr && about_ipv6(payload)) return held_->add(payload), Dump::Decoded::skipped;
    if (protocol_ == Protocol::mptcp && !is_of_mptcp()) return Dump::Decoded::skipped;
    if (!details_) details_ = std::make_unique_for_overwrite<InetDetail[]>(Dump::kBatch);
    if (!decode(payload, socket, details_[slot])) return Dump::Decoded::malformed;
    if (!families_.empty() && !families_.has(socket.family)) return Dump::Decoded::skipped;
    if (resolve_uid_) {
      if (socket.state == State::listen) listeners_.add(socket);
      if (socket.state == State::syn_recv && !socket.has(Field::uid)) listeners_.fill(socket);
    }
    return Dump::Decoded::row;
  }

 private:
  bool decode(Bytes payload, Socket& socket, InetDetail& detail) {
    if (dump_.replayed()) {
      if (const Protocol protocol = protocol_in(payload, protocol_); protocol != protocol_)
        return decode_inet(payload, protocol, inet_attributes(query_.wanted, protocol, true), socket, detail,
                           dump_.coverage());
    }
    return decode_inet(payload, protocol_, attributes_, socket, detail, dump_.coverage());
  }

  // quirk: mptcp-old-kernel the original shows, and closes, the TCP sockets that a kernel before 5.9 answers with.
  /// Asks the kernel at the first row, over another transport: a host without MPTCP sockets does not pay for it. If the kernel
  /// cannot be asked, no row is shown and the table is incomplete: a TCP socket shown as an MPTCP one would be a wrong row.
  bool is_of_mptcp() {
    if (of_mptcp_ || dump_.replayed()) return of_mptcp_.value_or(true);
    WideProtocol kernel;
    OpenError refused;
    const auto transport = dump_.open_another(&refused);
    kernel.error = refused;
    if (transport) kernel = probe_wide_protocol(*transport);
    if (Coverage& c = dump_.coverage(); kernel.error != 0 && c.error == 0) {
      c.error = kernel.error;
      c.operation = transport ? Operation::diag_receive : operation_of(refused.step);
      c.object = row_of(protocol_).id;
    }
    return *(of_mptcp_ = kernel.is_read);
  }

  Dump& dump_;
  const Query& query_;
  Protocol protocol_;
  InetAttributes attributes_;
  std::optional<bool> of_mptcp_;  ///< what the table answers with
  std::unique_ptr<InetDetail[]> details_;  ///< made for the first row: an idle host does not pay for nine pages
  bool resolve_uid_;
  FamilySet families_;
  HeldAnswer* held_ = nullptr;
  ListenerUids listeners_;
};

/// The dumps of one protocol: IPv4, then IPv6.
///
/// A TCP socket moves from the table of bound sockets to that of connections, never back. Listening and bound sockets are asked for
/// first and their answer is read to its end before connections are asked for: so a socket that lives throughout is in one of the two
/// answers at least, as it is in one dump of the kernel (inet_diag_dump_icsk()).
///
/// The walks over the kernel's tables are most of the cost. Three ways to ask:
/// - in turn: one request a family. For recorded answers, and after a faster way failed.
/// - in one walk: the request of before Linux 3.3 cannot name a family and is answered with both. IPv4 is shown as it comes; IPv6 is kept
///   meanwhile, so that this is done only where the first rows have few of it.
/// - by family: IPv6 is asked for on a second socket, by a thread, while IPv4 is shown.
/// A large answer is read by a thread of its own.
class TableDump {
 public:
  TableDump(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode)
      : dump_(dump), query_(query), protocol_(protocol), bytecode_(filter_bytecode), reader_(dump, query, protocol),
        states_(states_for(query, protocol)), storages_(query.wanted.has(Field::bpf_storage)) {
    // Listeners alone are few and quickly found.
    const bool bound = protocol == Protocol::tcp && in_mask(states_, State::bound_inactive);
    first_ = bound && (states_ & ~kWithoutPeer) != 0 ? states_ & kWithoutPeer : 0;
    rest_ = states_ & ~first_;
  }

  Dump::Outcome run() {
    if (dump_.in_turn() || storages_) return each_family(&TableDump::whole_family);
    const bool both = query_.families.has(Family::inet) && query_.families.has(Family::inet6);
    if (protocol_ == Protocol::tcp && both)
      if (const std::optional<Dump::Outcome> outcome = in_one_walk()) return *outcome;
    return each_family(&TableDump::family);
  }

 private:
  /// Datagrams after which a table counts as large: a thousand sockets are shown before a thread would have begun.
  static constexpr std::size_t kPeek = 4;
  /// One socket in so many may be of IPv6 for both families to be asked for together.
  static constexpr std::size_t kFew = 16;

  // ---- requests ----

  /// The number of a request: the same request has the same number, however often it is written, so that an answer that is read ahead is
  /// known by the request that is written again when its turn comes.
  std::uint32_t sequence(std::uint16_t type, Family family, StateMask states) {
    for (const Numbered& row : numbered_)
      if (row.type == type && row.family == family && row.states == states) return row.sequence;
    return numbered_.emplace_back(type, family, states, dump_.next_sequence()).sequence;
  }
  RequestWriter request(Family family, StateMask states) {
    RequestWriter request =
        request_for(family, protocol_, states, reader_.extensions(), sequence(uapi::kSockDiagByFamily, family, states));
    append_filter(request, bytecode_);
    if (storages_) append_storages(request, query_.storage_maps);
    return request;
  }
  RequestWriter legacy_request(Family family, StateMask states) {
    const std::uint16_t type = legacy_type(protocol_);
    RequestWriter request = legacy_request_for(family, type, states, reader_.extensions(), sequence(type, family, states));
    append_filter(request, bytecode_);
    return request;
  }

  Dump::Outcome run(Transport& transport, const RequestWriter& request) {
    return dump_.run(transport, request.bytes(), row_of(protocol_).id, reader_);
  }
  Dump::Outcome ask(Family family, StateMask states) { return run(dump_.transport(), request(family, states)); }

  /// Strips unread attributes before queueing.
  ReadAhead::Trim trim() const {
    return [unwanted = reader_.unread()](Bytes datagram, std::byte* to) {
      return copy_without(datagram, sizeof(uapi::InetMessage), unwanted, to);
    };
  }
  ReadAhead::Source source(std::vector<RequestWriter> requests) const {
    return {std::move(requests), dump_.buffer_size(), trim()};
  }
  static std::vector<RequestWriter> list(RequestWriter request) { return {std::move(request)}; }

  // ---- in turn ----

  /// IPv4, then IPv6. Where the kernel refuses before the first row of a family, all that is left is asked for in the old way.
  Dump::Outcome each_family(Dump::Outcome (TableDump::*ask_family)(Family)) {
    FamilySet left = query_.families;
    for (const Family family : {Family::inet, Family::inet6}) {
      if (!left.has(family)) continue;
      const std::uint64_t rows_before = dump_.coverage().rows;
      const Dump::Outcome outcome = (this->*ask_family)(family);
      if (outcome == Dump::Outcome::refused && legacy_type(protocol_) != 0 && dump_.coverage().rows == rows_before)
        return ask_the_old_way(left);
      if (outcome != Dump::Outcome::complete || dump_.replayed()) return outcome;
      left = family == Family::inet && left.has(Family::inet6) ? FamilySet{Family::inet6} : FamilySet{};
    }
    return Dump::Outcome::complete;
  }

  Dump::Outcome whole_family(Family family) { return ask(family, states_); }

  /// The old request is answered with both families whatever it says. Also used when the caller lacks the capability for BPF
  /// storages: the kernel then refuses the whole dump (bpf_sk_storage_diag_alloc()).
  Dump::Outcome ask_the_old_way(FamilySet families) {
    SavedError first = SavedError::take(dump_.coverage());
    reader_.accept_only(families);
    const Family family = families.has(Family::inet) ? Family::inet : Family::inet6;
    const std::uint64_t rows_before = dump_.coverage().rows;
    const Dump::Outcome outcome = run(dump_.transport(), legacy_request(family, query_.states));
    if (dump_.coverage().error != 0 && dump_.coverage().rows == rows_before) std::move(first).restore(dump_.coverage());
    return outcome;
  }

  // ---- in one walk ----

  /// nullopt if the kernel refuses the old request; no rows were emitted then.
  std::optional<Dump::Outcome> in_one_walk() {
    const std::uint64_t rows_before = dump_.coverage().rows;
    HeldAnswer ipv6;
    reader_.set_aside(&ipv6);
    Dump::Outcome outcome = Dump::Outcome::complete;
    if (first_ != 0) outcome = run(dump_.transport(), legacy_request(Family::unspecified, first_));
    bool apart = false;
    if (outcome == Dump::Outcome::complete) outcome = rest_in_one_walk(apart);
    reader_.set_aside(nullptr);
    if (outcome == Dump::Outcome::refused && dump_.coverage().rows == rows_before && ipv6.empty()) {
      SavedError::take(dump_.coverage());
      return std::nullopt;
    }
    if (outcome != Dump::Outcome::complete) return outcome;
    if (apart) return connections_apart(ipv6);
    if (ipv6.overflowed()) return family(Family::inet6);
    return run(ipv6, legacy_request(Family::unspecified, rest_));
  }

  /// Shows what is of IPv4 and keeps the rest; or, where much is of IPv6 and another socket can be had, shows nothing and sets `apart`.
  Dump::Outcome rest_in_one_walk(bool& apart) {
    const RequestWriter rest = legacy_request(Family::unspecified, rest_);
    if ((rest_ & ~kWithoutPeer) == 0) return run(dump_.transport(), rest);
    ReadAhead connections(dump_.transport(), source(list(rest)));
    if (!connections.peek(kPeek)) {
      if (!few_of_ipv6(connections)) {
        // A dump that has begun cannot be called off: this socket is of no more use.
        ipv4_ = dump_.open_another();
        if (ipv4_) return apart = true, Dump::Outcome::complete;
      }
      connections.start();
    }
    return run(connections, rest);
  }

  /// Connections of both families on sockets of their own. Sockets without a peer have been shown (IPv4) or kept (IPv6).
  Dump::Outcome connections_apart(HeldAnswer& without_peer) {
    const bool again = without_peer.overflowed();
    const bool ahead = prefetch_ipv6(again ? first_ : 0);
    Dump::Outcome outcome = Dump::Outcome::complete;
    {
      ReadAhead connections(*ipv4_, source(list(request(Family::inet, rest_))));
      connections.start();
      outcome = run(connections, request(Family::inet, rest_));
    }
    if (outcome == Dump::Outcome::complete && !again)
      outcome = run(without_peer, legacy_request(Family::unspecified, first_));
    Transport& source = ahead ? static_cast<Transport&>(*ipv6_) : *ipv4_;
    if (outcome == Dump::Outcome::complete && again && first_ != 0) outcome = run(source, request(Family::inet6, first_));
    if (outcome == Dump::Outcome::complete) outcome = run(source, request(Family::inet6, rest_));
    return outcome;
  }

  /// By the first rows of connections, which come in the order of a hash.
  static bool few_of_ipv6(const ReadAhead& connections) {
    std::size_t all = 0, ipv6 = 0;
    connections.each_held([&](Bytes datagram) {
      MessageWalk walk(datagram);
      for (Message message; walk.next(message); ++all) ipv6 += about_ipv6(message.payload) ? 1 : 0;
    });
    return ipv6 * kFew <= all;
  }

  // ---- by family ----

  /// Sockets without a peer, then connections.
  Dump::Outcome family(Family family) {
    Transport& main = ipv6_ ? static_cast<Transport&>(*ipv6_) : dump_.transport();
    if (first_ != 0) {
      const Dump::Outcome outcome = run(main, request(family, first_));
      if (outcome != Dump::Outcome::complete) return outcome;
    }
    if (ipv6_) return run(*ipv6_, request(family, rest_));
    ReadAhead connections(dump_.transport(), source(list(request(family, rest_))));
    if (!connections.peek(kPeek)) {
      if (family == Family::inet && query_.families.has(Family::inet6)) prefetch_ipv6(first_);
      connections.start();
    }
    return run(connections, request(family, rest_));
  }

  /// Has IPv6 read ahead on a socket of its own: sockets of the states `first`, if any, then connections. False if no other
  /// socket is available.
  bool prefetch_ipv6(StateMask first) {
    auto transport = dump_.open_another();
    if (!transport) return false;
    std::vector<RequestWriter> requests;
    if (first != 0) requests.push_back(request(Family::inet6, first));
    requests.push_back(request(Family::inet6, rest_));
    ipv6_ = std::make_unique<ReadAhead>(std::move(transport), source(std::move(requests)));
    ipv6_->start();
    return true;
  }

  struct Numbered {
    std::uint16_t type;
    Family family;
    StateMask states;
    std::uint32_t sequence;
  };

  Dump& dump_;
  const Query& query_;
  Protocol protocol_;
  Bytes bytecode_;
  InetReader reader_;
  StateMask states_;
  StateMask first_;  ///< states that are asked for apart, before the rest; 0: none
  StateMask rest_;   ///< all others
  bool storages_;
  std::vector<Numbered> numbered_;
  std::unique_ptr<Transport> ipv4_;  ///< a socket for the connections of IPv4; null: the dump's own
  std::unique_ptr<ReadAhead> ipv6_;  ///< answers about IPv6 that are read ahead
};

}  // namespace

Dump::Outcome dump_inet(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode) {
  return TableDump(dump, query, protocol, filter_bytecode).run();
}

}  // namespace duostat

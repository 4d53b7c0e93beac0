// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/inet.h"

#include <arpa/inet.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/diag/bpf_abi.h"
#include "src/diag/held_answer.h"
#include "src/diag/read_ahead.h"
#include "src/diag/wide_protocol.h"
#include "src/query/eval.h"

namespace duostat {
namespace {

constexpr FieldSet kAlwaysThere{Field::queues, Field::inode, Field::cookie, Field::timer, Field::timer_count,
                                Field::interface};
/// Protocols that never retransmit: both counters are known to be zero.
constexpr ProtocolSet kConnectionless{Protocol::udp, Protocol::udplite, Protocol::raw};
/// Protocols whose listeners answer with their backlog and its limit instead of bytes.
constexpr ProtocolSet kBacklogInQueues{Protocol::tcp, Protocol::sctp, Protocol::mptcp};

/// The request types of before Linux 3.3, which name the protocol by themselves.
constexpr std::uint16_t legacy_type(Protocol protocol) {
  return protocol == Protocol::tcp ? uapi::kTcpDiagGetSock : protocol == Protocol::dccp ? uapi::kDccpDiagGetSock : 0;
}

/// Who listens where. The kernel tells no uid for a connection request that waits in SYN-RECV (inet_req_diag_fill()); it is
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

void fill_fixed(const uapi::InetMessage& m, Protocol protocol, Socket& socket) noexcept {
  socket.protocol = protocol;
  socket.family = static_cast<Family>(m.family);
  socket.state = static_cast<State>(m.state);
  socket.present = kAlwaysThere;
  std::memcpy(socket.local.address.data(), m.id.source, sizeof m.id.source);
  std::memcpy(socket.remote.address.data(), m.id.destination, sizeof m.id.destination);
  socket.local.port = ntohs(m.id.source_port_be);
  socket.remote.port = ntohs(m.id.destination_port_be);
  socket.ifindex = m.id.ifindex;
  socket.cookie = uapi::cookie_of(m.id.cookie);
  socket.inode = m.inode;
  socket.timer = static_cast<Timer>(m.timer);
  socket.timer_ms = m.expires;
  socket.timer_count = m.retransmits;
  socket.rqueue = m.rqueue;

  if (socket.state == State::listen && kBacklogInQueues.has(protocol)) {
    socket.backlog_limit = m.wqueue;
    socket.present.add(Field::backlog);
  } else {
    socket.wqueue = m.wqueue;
  }
  if (socket.state != State::syn_recv) {
    socket.uid = m.uid;
    socket.present.add(Field::uid);
  }
  if (kConnectionless.has(protocol) || socket.state == State::time_wait) socket.present.add(Field::retransmits);
}

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
RequestWriter request_for(Family family, Protocol protocol, StateMask states, std::uint32_t extensions) {
  const std::uint32_t number = row_of(protocol).ip_protocol;
  uapi::InetRequest body{};
  body.family = static_cast<std::uint8_t>(family);
  body.protocol = static_cast<std::uint8_t>(number > 0xff ? row_of(Protocol::tcp).ip_protocol : number);
  body.extensions = static_cast<std::uint8_t>(extensions);
  body.states = states;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence);
  request.put(body);
  if (number > 0xff) request.attribute(uapi::kInetRequestProtocol, std::as_bytes(std::span(&number, 1)));
  return request;
}

/// The kernel does not look at the family.
RequestWriter legacy_request_for(Family family, std::uint16_t type, StateMask states, std::uint32_t extensions) {
  uapi::InetRequestLegacy body{};
  body.family = static_cast<std::uint8_t>(family);
  body.extensions = static_cast<std::uint8_t>(extensions);
  body.states = states;
  RequestWriter request(type, uapi::kDumpFlags, kDiagSequence);
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
        attributes_(inet_attributes(query.wanted, protocol, dump.replayed())),
        resolve_uid_(query.wanted.has(Field::uid) && in_mask(query.states, State::listen) &&
                     in_mask(query.states, State::syn_recv)) {}

  std::uint32_t extensions() const noexcept { return attributes_.ask() & 0xff; }

  /// Drops rows of other families from here on.
  void accept_only(FamilySet families) noexcept { families_ = families; }
  /// Keeps messages about IPv6 there from here on, undecoded. Null: no more.
  void set_aside(HeldAnswer* held) noexcept { held_ = held; }

  std::uint32_t unread() const noexcept { return attributes_.unread(); }

  Dump::Decoded operator()(Bytes payload, Socket& socket, std::size_t slot) {
    if (held_ != nullptr && about_ipv6(payload)) return held_->add(payload), Dump::Decoded::skipped;
    if (protocol_ == Protocol::mptcp && !is_of_mptcp()) return Dump::Decoded::skipped;
    if (!details_) details_ = std::make_unique_for_overwrite<InetDetail[]>(Dump::kBatch);
    if (!decode(payload, socket, details_[slot])) return Dump::Decoded::malformed;
    if (!families_.empty() && !families_.has(socket.family)) return Dump::Decoded::skipped;
    if (resolve_uid_) {
      if (socket.state == State::listen) listeners_.add(socket);
      if (socket.state == State::syn_recv) listeners_.fill(socket);
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
    const auto transport = dump_.open_another(&kernel.error);
    if (transport) kernel = probe_wide_protocol(*transport);
    if (Coverage& c = dump_.coverage(); kernel.error != 0 && c.error == 0) {
      c.error = kernel.error;
      c.operation = transport ? kDiagReceive : kDiagOpen;
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
/// The walks over the kernel's tables are most of the cost. Where both families of TCP are wanted, they are asked for in one walk, by
/// the request of before Linux 3.3, which cannot name one. IPv4 is shown as it comes; IPv6 is kept meanwhile, so that this is only done
/// where a look at the first rows finds few of it.
///
/// Large tables are asked for in parts that are answered side by side: connections (of the first family) in one thread, what
/// never has a peer (and the other family) in another. The walk over bound sockets, which comes first, takes half as long as
/// that over connections and seldom finds anything. What is shown is in the kernel's order all the same.
class TableDump {
 public:
  TableDump(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode)
      : dump_(dump), query_(query), protocol_(protocol), bytecode_(filter_bytecode), reader_(dump, query, protocol),
        states_(states_for(query, protocol)), storages_(query.wanted.has(Field::bpf_storage)) {
    // Listeners alone are few and quickly found.
    const bool bound = protocol == Protocol::tcp && in_mask(states_, State::bound_inactive);
    first_ = bound && (states_ & ~kWithoutPeer) != 0 ? states_ & kWithoutPeer : 0;
  }

  Dump::Outcome run() {
    if (const std::optional<Dump::Outcome> outcome = both_in_one_walk()) return *outcome;
    FamilySet left = query_.families;
    for (const Family family : {Family::inet, Family::inet6}) {
      if (!left.has(family)) continue;
      const std::uint64_t rows_before = dump_.coverage().rows;
      const Dump::Outcome outcome = this->family(family);
      if (outcome == Dump::Outcome::refused && legacy_type(protocol_) != 0 && dump_.coverage().rows == rows_before)
        return ask_the_old_way(left);
      if (outcome != Dump::Outcome::complete || dump_.replayed()) return outcome;
      left = family == Family::inet && left.has(Family::inet6) ? FamilySet{Family::inet6} : FamilySet{};
    }
    return Dump::Outcome::complete;
  }

 private:
  /// Datagrams after which a table counts as large: a thousand sockets are shown before a thread would have begun.
  static constexpr std::size_t kPeek = 4;
  /// One socket in so many may be of IPv6 for both families to be asked for together.
  static constexpr std::size_t kFew = 16;

  RequestWriter request(Family family, StateMask states) const {
    RequestWriter request = request_for(family, protocol_, states, reader_.extensions());
    append_filter(request, bytecode_);
    if (storages_) append_storages(request, query_.storage_maps);
    return request;
  }
  RequestWriter legacy_request(Family family, StateMask states) const {
    RequestWriter request = legacy_request_for(family, legacy_type(protocol_), states, reader_.extensions());
    append_filter(request, bytecode_);
    return request;
  }
  Dump::Outcome run(Transport& transport, const RequestWriter& request) {
    return dump_.run(transport, request.bytes(), row_of(protocol_).id, reader_);
  }

  /// What nobody reads need not wait for its turn either.
  ReadAhead::Trim trim() const {
    return [unwanted = reader_.unread()](Bytes datagram, std::byte* to) {
      return copy_without(datagram, sizeof(uapi::InetMessage), unwanted, to);
    };
  }

  Dump::Outcome ask(Family family, StateMask states) { return run(dump_.transport(), request(family, states)); }

  /// The old request is answered with both families whatever it says. It is also what those get who may not see BPF storages:
  /// the kernel refuses them the whole dump for wanting any (bpf_sk_storage_diag_alloc()).
  Dump::Outcome ask_the_old_way(FamilySet families) {
    SavedError first = SavedError::take(dump_.coverage());
    reader_.accept_only(families);
    const Family family = families.has(Family::inet) ? Family::inet : Family::inet6;
    const Dump::Outcome outcome = run(dump_.transport(), legacy_request(family, query_.states));
    if (dump_.coverage().error != 0) std::move(first).restore(dump_.coverage());
    return outcome;
  }

  /// Nothing if that is not to be had or not worth it; then nothing was shown either.
  std::optional<Dump::Outcome> both_in_one_walk() {
    const bool wanted = protocol_ == Protocol::tcp && query_.families.has(Family::inet) && query_.families.has(Family::inet6);
    if (!wanted || storages_ || !dump_.transport().concurrent()) return std::nullopt;
    const RequestWriter rest = legacy_request(Family::unspecified, states_ & ~first_);
    const RequestWriter first = legacy_request(Family::unspecified, first_);
    std::optional<ReadAhead> connections, others;
    if ((states_ & ~kWithoutPeer) != 0) {
      // With a socket of its own, for a dump that is begun cannot be called off.
      auto transport = dump_.open_another();
      if (!transport) return std::nullopt;
      connections.emplace(std::move(transport), std::vector{rest}, dump_.buffer_size(), trim());
      if (!connections->peek(kPeek)) {
        if (!few_of_ipv6(*connections)) return std::nullopt;
        connections->start();
        if (first_ != 0) others.emplace(dump_.transport(), std::vector{first}, dump_.buffer_size(), trim()).start();
      }
    }
    Transport& main = dump_.transport();
    const std::uint64_t rows_before = dump_.coverage().rows;
    HeldAnswer held;
    reader_.set_aside(&held);
    Dump::Outcome outcome = Dump::Outcome::complete;
    if (first_ != 0) outcome = run(others ? static_cast<Transport&>(*others) : main, first);
    if (outcome == Dump::Outcome::complete) outcome = run(connections ? static_cast<Transport&>(*connections) : main, rest);
    reader_.set_aside(nullptr);
    if (outcome == Dump::Outcome::refused && dump_.coverage().rows == rows_before && held.empty()) {
      SavedError::take(dump_.coverage());
      return std::nullopt;
    }
    if (outcome != Dump::Outcome::complete) return outcome;
    if (!held.overflowed()) return run(held, rest);
    others.reset();
    connections.reset();
    return family(Family::inet6);
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

  Dump::Outcome family(Family family) {
    if (others_) return in_two_parts(*others_, family);
    if (!dump_.transport().concurrent() || storages_) return ask(family, states_);
    ReadAhead connections(dump_.transport(), {request(family, states_ & ~first_)}, dump_.buffer_size(), trim());
    if (!connections.peek(kPeek)) {
      if (start_others(family)) {
        connections.start();
      } else if (first_ != 0) {  // no second transport: everything in its order, then
        connections.skip();
        return ask(family, states_);
      }
    }
    return in_two_parts(connections, family);
  }

  /// Sockets without a peer, then connections.
  Dump::Outcome in_two_parts(Transport& connections, Family family) {
    if (first_ != 0) {
      const Dump::Outcome outcome = others_ ? run(*others_, request(family, first_)) : ask(family, first_);
      if (outcome != Dump::Outcome::complete) return outcome;
    }
    return run(connections, request(family, states_ & ~first_));
  }

  /// Has everything read ahead but the connections of `family`, in the order in which it will be wanted. False if there is
  /// no transport for that.
  bool start_others(Family family) {
    std::vector<RequestWriter> requests;
    if (first_ != 0) requests.push_back(request(family, first_));
    if (family == Family::inet && query_.families.has(Family::inet6)) {
      if (first_ != 0) requests.push_back(request(Family::inet6, first_));
      requests.push_back(request(Family::inet6, states_ & ~first_));
    }
    if (requests.empty()) return true;
    auto transport = dump_.open_another();
    if (!transport) return false;
    others_ = std::make_unique<ReadAhead>(std::move(transport), std::move(requests), dump_.buffer_size(), trim());
    others_->start();
    return true;
  }

  Dump& dump_;
  const Query& query_;
  Protocol protocol_;
  Bytes bytecode_;
  InetReader reader_;
  StateMask states_;
  StateMask first_;  ///< states that are asked for apart, before the rest; 0: none
  bool storages_;
  std::unique_ptr<ReadAhead> others_;
};

}  // namespace

bool decode_inet(Bytes payload, Protocol protocol, const InetAttributes& attributes, Socket& socket, InetDetail& detail,
                 Coverage& coverage) noexcept {
  uapi::InetMessage message;
  if (!read_at(payload, 0, message)) return false;
  fill_fixed(message, protocol, socket);
  if (protocol == Protocol::sctp) detail.sctp_info = detail.local_addresses = detail.peer_addresses = {};
  InetTarget target{socket, detail};
  attributes.decode(AttributeWalk(payload, sizeof message), target, coverage);
  return true;
}

Protocol protocol_in(Bytes payload, Protocol otherwise) noexcept {
  AttributeWalk walk(payload, sizeof(uapi::InetMessage));
  Attribute attribute;
  std::uint8_t number = 0;
  while (walk.next(attribute))
    if (attribute.type == uapi::kInetProtocol && read_at(attribute.value, 0, number))
      for (const ProtocolRow& row : kProtocols)
        if (kInetProtocols.has(row.protocol) && row.ip_protocol == number) return row.protocol;
  return otherwise;
}

Dump::Outcome dump_inet(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode) {
  return TableDump(dump, query, protocol, filter_bytecode).run();
}

FieldSet inet_knows(Protocol protocol) {
  FieldSet fields = kAlwaysThere | FieldSet{Field::uid,        Field::shutdown, Field::v6only, Field::mark,
                                            Field::cgroup,     Field::tos,      Field::tclass, Field::class_id,
                                            Field::sockopt,    Field::meminfo,  Field::skmem,  Field::drops,
                                            Field::bpf_storage};
  switch (protocol) {
    case Protocol::tcp:
      return fields | FieldSet{Field::backlog,    Field::retransmits, Field::tcp_info, Field::congestion, Field::vegas_info,
                               Field::dctcp_info, Field::bbr_info,    Field::md5_keys, Field::ulp};
    case Protocol::mptcp: return fields | FieldSet{Field::backlog, Field::mptcp_info};
    case Protocol::sctp: return fields | FieldSet{Field::backlog, Field::sctp_info};
    case Protocol::dccp: return fields | FieldSet{Field::tcp_info};
    case Protocol::raw: return fields | FieldSet{Field::retransmits, Field::ip_protocol};
    case Protocol::udp:
    case Protocol::udplite: return fields | FieldSet{Field::retransmits};
    default: return {};
  }
}

}  // namespace duostat

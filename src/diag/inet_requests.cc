// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/inet_requests.h"

#include <algorithm>
#include <iterator>

#include "src/diag/storage_abi.h"
#include "src/query/eval.h"

namespace duostat {
namespace {

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
  // The filter only narrows what is sent, so one that is too long for an attribute can be left out.
  if (!filter_bytecode.empty() && filter_bytecode.size() + sizeof(uapi::AttributeHeader) <= UINT16_MAX)
    request.attribute(uapi::kInetRequestBytecode, filter_bytecode);
}

}  // namespace

// A TCP socket leaves the hash tables before it becomes CLOSE (tcp_set_state()), so a dump never contains one. But for
// that bit the kernel walks the whole table of connections: if only LISTEN is wanted besides, as by `ss -l`, that is
// nearly all of the cost. Bound but unused sockets, which also show as CLOSE, have a bit of their own. A filter on the
// peer's port makes the walk over bound sockets unnecessary.
StateMask worth_asking(const Query& query, Protocol protocol) {
  if (protocol != Protocol::tcp) return query.states;
  const StateMask listening = mask_of(State::listen);
  if (query.states == (listening | mask_of(State::close))) return listening;
  const StateMask connected = query.states & ~kWithoutPeer;
  const bool peer_only = query.filter != nullptr && !may_match_port_zero(*query.filter, Side::remote);
  return peer_only && connected != 0 ? connected : query.states;
}

/// The same request gets the same number whenever it is written. So an answer that was read ahead matches the request
/// that is written again when its turn comes.
std::uint32_t InetRequests::sequence(std::uint16_t type, Family family, StateMask states) {
  for (const Numbered& row : numbered_)
    if (row.type == type && row.family == family && row.states == states) return row.sequence;
  return numbered_.emplace_back(Numbered{type, family, states, dump_.next_sequence()}).sequence;
}

RequestWriter InetRequests::by_family(Family family, StateMask states) {
  // MPTCP's number does not fit the protocol's byte: it goes in an attribute.
  const std::uint32_t number = row_of(protocol_).ip_protocol;
  uapi::InetRequest body{};
  body.family = static_cast<std::uint8_t>(family);
  body.protocol = static_cast<std::uint8_t>(number > 0xff ? row_of(Protocol::tcp).ip_protocol : number);
  body.extensions = static_cast<std::uint8_t>(extensions_);
  body.states = states;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, sequence(uapi::kSockDiagByFamily, family, states));
  request.put(body);
  if (number > 0xff) request.attribute(uapi::kInetRequestProtocol, std::as_bytes(std::span(&number, 1)));
  append_filter(request, bytecode_);
  if (query_.wanted.has(Field::bpf_storage)) append_storages(request, query_.storage_maps);
  return request;
}

RequestWriter InetRequests::legacy(Family family, StateMask states) {
  const std::uint16_t type = legacy_type(protocol_);
  uapi::InetRequestLegacy body{};
  body.family = static_cast<std::uint8_t>(family);
  body.extensions = static_cast<std::uint8_t>(extensions_);
  body.states = states;
  RequestWriter request(type, uapi::kDumpFlags, sequence(type, family, states));
  request.put(body);
  append_filter(request, bytecode_);
  return request;
}

}  // namespace duostat

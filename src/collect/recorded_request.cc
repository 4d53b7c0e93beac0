// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recorded_request.h"

#include <arpa/inet.h>

#include <cstring>

#include "src/diag/message.h"
#include "src/model/protocol.h"

namespace duostat {
namespace {

bool is(std::uint8_t family, Family which) { return family == static_cast<std::uint8_t>(which); }
bool is_inet(std::uint8_t family) { return is(family, Family::inet) || is(family, Family::inet6); }

constexpr std::uint32_t extension(uapi::InetAttribute attribute) { return 1u << (attribute - 1); }

/// The extension that makes the kernel send an attribute: its own, or another's if it has no bit (inet_sk_diag_fill(),
/// tcp_diag_get_aux()).
struct Extension {
  std::uint16_t attribute;
  std::uint32_t bits;
};
constexpr Extension kExtensions[] = {
    {uapi::kInetMeminfo, extension(uapi::kInetMeminfo)},
    {uapi::kInetInfo, extension(uapi::kInetInfo)},
    {uapi::kInetVegasInfo, extension(uapi::kInetVegasInfo)},
    {uapi::kInetDctcpInfo, extension(uapi::kInetVegasInfo)},
    {uapi::kInetBbrInfo, extension(uapi::kInetVegasInfo)},
    {uapi::kInetCongestion, extension(uapi::kInetCongestion)},
    {uapi::kInetTos, extension(uapi::kInetTos)},
    {uapi::kInetTclass, extension(uapi::kInetTclass)},
    {uapi::kInetClassId, extension(uapi::kInetTclass)},
    {uapi::kInetSkMeminfo, extension(uapi::kInetSkMeminfo)},
    {uapi::kInetMd5, extension(uapi::kInetInfo)},
    {uapi::kInetUlp, extension(uapi::kInetInfo)},
};

void read_inet_attributes(AttributeWalk walk, RecordedRequest& request) {
  for (Attribute a; walk.next(a);) {
    if (a.type == uapi::kInetRequestProtocol) read_at(a.value, 0, request.protocol);
    if (a.type == uapi::kInetRequestStorages) request.storages = true;
    if (a.type == uapi::kInetRequestBytecode) request.program.assign(a.value.begin(), a.value.end());
  }
  request.needs = bytecode_needs(request.program);
  // No message contains whether a program chose its port.
  if (request.needs.port_bound) request.program.clear();
}

void read_inet(Bytes payload, RecordedRequest& request) {
  uapi::InetRequest body;
  if (!read_at(payload, 0, body)) return;
  request.protocol = body.protocol;
  request.states = body.states;
  request.extensions = body.extensions;
  read_inet_attributes(AttributeWalk(payload, sizeof body), request);
}

void read_inet_legacy(Bytes payload, RecordedRequest& request) {
  uapi::InetRequestLegacy body;
  if (!read_at(payload, 0, body)) return;
  request.states = body.states;
  request.extensions = body.extensions;
  request.protocol = row_of(request.type == uapi::kTcpDiagGetSock ? Protocol::tcp : Protocol::dccp).ip_protocol;
  read_inet_attributes(AttributeWalk(payload, sizeof body), request);
}

/// The state of a TIPC socket, which is in a nested attribute.
std::optional<std::uint32_t> tipc_state(Bytes payload) noexcept {
  AttributeWalk outer(payload);
  std::uint32_t state = 0;
  for (Attribute a; outer.next(a);) {
    if (a.type != uapi::kTipcSock) continue;
    AttributeWalk inner(a.value);
    for (Attribute b; inner.next(b);)
      if (b.type == uapi::kTipcState && read_at(b.value, 0, state)) return state;
  }
  return std::nullopt;
}

bool inet_state_asked(const RecordedRequest& r, std::uint8_t number) noexcept {
  const auto state = static_cast<State>(number);
  // SCTP has its own numbers for the states of associations, and the request selects endpoints or associations.
  // raw_diag_dump() reads no states: `ss -l` lists raw sockets of every state.
  if (r.protocol == row_of(Protocol::sctp).ip_protocol || r.protocol == row_of(Protocol::raw).ip_protocol) return true;
  // Bound but unused TCP sockets have a separate state number in requests.
  if (state == State::close && r.protocol == row_of(Protocol::tcp).ip_protocol)
    return in_mask(r.states, State::bound_inactive);
  // The kernel takes one state number for connection requests in requests and reports another (older kernels: the
  // same).
  if (state == State::syn_recv && in_mask(r.states, State::new_syn_recv)) return true;
  return in_mask(r.states, state);
}

bool state_asked(const RecordedRequest& r, Bytes payload) noexcept {
  std::uint8_t state = 0;
  if (is(r.family, Family::tipc)) {
    const auto number = tipc_state(payload);
    return !number || *number > 31 || in_mask(r.states, static_cast<State>(*number));
  }
  if (is_inet(r.family))
    return !read_at(payload, offsetof(uapi::InetMessage, state), state) || inet_state_asked(r, state);
  static_assert(offsetof(uapi::UnixMessage, state) == offsetof(uapi::VsockMessage, state));
  if (!is(r.family, Family::unix_domain) && !is(r.family, Family::vsock)) return true;
  return !read_at(payload, offsetof(uapi::UnixMessage, state), state) || in_mask(r.states, static_cast<State>(state));
}

/// Applies the kernel's filter to a message.
bool program_matches(const RecordedRequest& r, Bytes payload) noexcept {
  uapi::InetMessage message;
  if (!read_at(payload, 0, message)) return true;
  BytecodeEntry entry;
  entry.family = static_cast<Family>(message.family);
  std::memcpy(entry.source.data(), message.id.source, sizeof message.id.source);
  std::memcpy(entry.destination.data(), message.id.destination, sizeof message.id.destination);
  entry.source_port = ntohs(message.id.source_port_be);
  entry.destination_port = ntohs(message.id.destination_port_be);
  entry.ifindex = message.id.ifindex;
  bool mark = false, cgroup = false;
  AttributeWalk walk(payload, sizeof message);
  for (Attribute a; walk.next(a);) {
    if (a.type == uapi::kInetMark) mark = read_at(a.value, 0, entry.mark);
    if (a.type == uapi::kInetCgroup) cgroup = read_at(a.value, 0, entry.cgroup_id);
  }
  if ((r.needs.mark && !mark) || (r.needs.cgroup_id && !cgroup)) return true;
  return run_bytecode(r.program, entry);
}

}  // namespace

std::optional<RecordedRequest> RecordedRequest::read(int netlink_protocol, Bytes bytes) {
  MessageWalk walk(bytes);
  Message message;
  RecordedRequest request;
  if (!walk.next(message) || !read_at(message.payload, 0, request.family)) return std::nullopt;
  request.type = message.type;
  if (netlink_protocol != uapi::kNetlinkSockDiag) return request;
  if (request.type == uapi::kTcpDiagGetSock || request.type == uapi::kDccpDiagGetSock)
    read_inet_legacy(message.payload, request);
  else if (is_inet(request.family)) read_inet(message.payload, request);
  else if (is(request.family, Family::unix_domain) || is(request.family, Family::vsock))
    read_at(message.payload, offsetof(uapi::UnixRequest, states), request.states);
  else if (is(request.family, Family::tipc))
    read_at(message.payload, offsetof(uapi::TipcRequest, states), request.states);
  return request;
}

bool RecordedRequest::selects(Bytes payload) const noexcept {
  return state_asked(*this, payload) && (program.empty() || program_matches(*this, payload));
}

void RecordedRequest::copy(Bytes payload, std::vector<std::byte>& message) const {
  const std::size_t fixed = is_inet(family) ? sizeof(uapi::InetMessage) : payload.size();
  message.insert(message.end(), payload.begin(),
                 payload.begin() + static_cast<std::ptrdiff_t>(std::min(fixed, payload.size())));
  if (fixed >= payload.size()) return;
  Bytes rest = payload.subspan(fixed);
  uapi::AttributeHeader header;
  while (read_at(rest, 0, header) && header.length >= sizeof header && header.length <= rest.size()) {
    const std::size_t whole = std::min(uapi::aligned(header.length), rest.size());
    bool asked = true;
    for (const Extension& row : kExtensions)
      if (row.attribute == (header.type & uapi::kAttributeTypeMask)) asked = (extensions & row.bits) != 0;
    if (asked) message.insert(message.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole));
    rest = rest.subspan(whole);
  }
  message.insert(message.end(), rest.begin(), rest.end());  // not attributes: the reader counts them
}

}  // namespace duostat

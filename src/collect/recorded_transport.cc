// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <tuple>

#include "src/collect/recording.h"
#include "src/diag/message.h"
#include "src/model/protocol.h"
#include "src/model/state.h"

namespace duostat {
namespace {

constexpr StateMask kEveryState = ~StateMask{0};
constexpr std::uint32_t kPort = 1;  ///< the port id that our transports claim: not the kernel's 0

/// What a request is about.
struct Asked {
  std::uint16_t type = 0;
  std::uint8_t family = 0;
  std::uint32_t protocol = 0;  ///< sock_diag: of the inet families
  StateMask states = kEveryState;
  bool storages = false;       ///< BPF storages too, for which some are refused the whole dump
};

bool is_inet(std::uint8_t family) {
  return family == static_cast<std::uint8_t>(Family::inet) || family == static_cast<std::uint8_t>(Family::inet6);
}

/// The states at their place in the request, if the family's request has any.
void read_states(Bytes payload, std::size_t offset, Asked& asked) { read_at(payload, offset, asked.states); }

void read_inet_request(Bytes payload, Asked& asked) {
  uapi::InetRequest request;
  if (!read_at(payload, 0, request)) return;
  asked.protocol = request.protocol;
  asked.states = request.states;
  AttributeWalk walk(payload, sizeof request);
  for (Attribute a; walk.next(a);) {
    if (a.type == uapi::kInetRequestProtocol) read_at(a.value, 0, asked.protocol);
    if (a.type == uapi::kInetRequestStorages) asked.storages = true;
  }
}

std::optional<Asked> read_request(int netlink_protocol, Bytes request) {
  MessageWalk walk(request);
  Message message;
  Asked asked;
  if (!walk.next(message) || !read_at(message.payload, 0, asked.family)) return std::nullopt;
  asked.type = message.type;
  if (netlink_protocol != uapi::kNetlinkSockDiag) return asked;
  if (asked.type == uapi::kTcpDiagGetSock || asked.type == uapi::kDccpDiagGetSock)
    read_states(message.payload, offsetof(uapi::InetRequestLegacy, states), asked);
  else if (is_inet(asked.family)) read_inet_request(message.payload, asked);
  else if (asked.family == static_cast<std::uint8_t>(Family::unix_domain) ||
           asked.family == static_cast<std::uint8_t>(Family::vsock))
    read_states(message.payload, offsetof(uapi::UnixRequest, states), asked);
  else if (asked.family == static_cast<std::uint8_t>(Family::tipc))
    read_states(message.payload, offsetof(uapi::TipcRequest, states), asked);
  return asked;
}

/// The state in a TIPC message: in an attribute of an attribute.
std::optional<std::uint32_t> tipc_state(Bytes payload) {
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

/// Whether the kernel would have sent the message to somebody who asked for these states alone. Its state is the second byte
/// of inet's and UNIX's messages, the third of vsock's.
bool in_states(const Asked& asked, Bytes payload) {
  std::uint8_t state = 0;
  const bool inet = is_inet(asked.family);
  if (asked.family == static_cast<std::uint8_t>(Family::tipc)) {
    const auto number = tipc_state(payload);
    return !number || *number > 31 || (asked.states >> *number & 1) != 0;
  }
  const bool vsock = asked.family == static_cast<std::uint8_t>(Family::vsock);
  if (!inet && !vsock && asked.family != static_cast<std::uint8_t>(Family::unix_domain)) return true;
  // SCTP numbers its associations' states in its own way, and tells endpoints from associations by the request.
  if (inet && asked.protocol == row_of(Protocol::sctp).ip_protocol) return true;
  if (!read_at(payload, vsock ? offsetof(uapi::VsockMessage, state) : 1, state)) return true;
  // Bound, unused TCP sockets are asked for by a number of their own.
  const bool tcp = inet && asked.protocol == row_of(Protocol::tcp).ip_protocol;
  const bool bound = tcp && static_cast<State>(state) == State::close;
  return in_mask(asked.states, bound ? State::bound_inactive : static_cast<State>(state));
}

/// The recorded exchange that answers best; null if there is none for that table.
const RecordedExchange* find(const Recording& recording, int netlink_protocol, const Asked& asked) {
  const RecordedExchange* best = nullptr;
  std::tuple<bool, bool, int> best_fit;
  for (const RecordedExchange& exchange : recording.exchanges) {
    if (exchange.protocol != netlink_protocol || exchange.open_error != 0) continue;
    const auto there = read_request(netlink_protocol, exchange.request);
    if (!there || there->type != asked.type || there->family != asked.family || there->protocol != asked.protocol) continue;
    // All that was asked for, then the same about storages, then the least of what was not asked for.
    const std::tuple fit((asked.states & ~there->states) == 0, asked.storages == there->storages,
                         32 - std::popcount(there->states));
    if (best != nullptr && fit <= best_fit) continue;
    best = &exchange;
    best_fit = fit;
  }
  return best;
}

class RecordedTransport final : public Transport {
 public:
  RecordedTransport(std::shared_ptr<const Recording> recording, int protocol)
      : recording_(std::move(recording)), protocol_(protocol) {}

  int send(Bytes request) noexcept override {
    uapi::MessageHeader header;
    const auto asked = read_request(protocol_, request);
    if (!asked || !read_at(request, 0, header)) return EINVAL;
    asked_ = *asked;
    sequence_ = header.sequence;
    exchange_ = find(*recording_, protocol_, asked_);
    refused_ = exchange_ == nullptr;
    reply_ = offset_ = 0;
    return exchange_ == nullptr ? 0 : exchange_->send_error;
  }

  Received receive(std::span<std::byte> buffer) noexcept override {
    if (refused_) return refuse(buffer);
    if (exchange_ == nullptr) return {};
    std::size_t size = 0;
    while (reply_ < exchange_->replies.size()) {
      const RecordedReply& reply = exchange_->replies[reply_];
      if (reply.error != 0) return size != 0 ? Received{.size = size} : (next_reply(), Received{.error = reply.error});
      const Bytes rest = reply.datagram.subspan(offset_);
      uapi::MessageHeader header;
      if (rest.empty()) {
        next_reply();
        if (reply.truncated) return {.truncated = true, .size = size};
        continue;
      }
      const bool whole = read_at(rest, 0, header) && header.length >= sizeof header && header.length <= rest.size();
      const std::size_t length = whole ? header.length : rest.size();
      if (whole && !wanted(header, rest.first(length))) {
        offset_ += std::min(uapi::aligned(length), rest.size());
        continue;
      }
      if (size != 0 && (!whole || size + length > buffer.size())) break;
      // What is no message goes on as it came, for the reader to count.
      if (!whole || length > buffer.size()) return hand_out_rest(buffer, rest.first(length), reply.truncated);
      header.sequence = sequence_;
      header.port_id = kPort;
      std::memcpy(buffer.data() + size, rest.data(), length);
      std::memcpy(buffer.data() + size, &header, sizeof header);
      size += length;
      for (; size % uapi::kAlignment != 0 && size < buffer.size(); ++size) buffer[size] = std::byte{0};
      offset_ += std::min(uapi::aligned(length), rest.size());
    }
    return {.size = size};
  }

  std::uint32_t port_id() const noexcept override { return kPort; }

 private:
  void next_reply() noexcept {
    ++reply_;
    offset_ = 0;
  }

  bool wanted(const uapi::MessageHeader& header, Bytes message) const noexcept {
    return header.type < uapi::kFirstDataType || protocol_ != uapi::kNetlinkSockDiag ||
           in_states(asked_, message.subspan(sizeof header));
  }

  Received hand_out_rest(std::span<std::byte> buffer, Bytes rest, bool truncated) noexcept {
    const std::size_t size = std::min(rest.size(), buffer.size());
    std::memcpy(buffer.data(), rest.data(), size);
    next_reply();
    return {.truncated = truncated || size < rest.size(), .size = size};
  }

  /// As the kernel refuses a table it does not have.
  Received refuse(std::span<std::byte> buffer) noexcept {
    struct {
      uapi::MessageHeader header;
      std::int32_t error;
      uapi::MessageHeader request;
    } message{};
    static_assert(sizeof message == 36);
    message.header = {sizeof message, uapi::kError, 0, sequence_, kPort};
    message.error = -(protocol_ == uapi::kNetlinkSockDiag ? ENOENT : EOPNOTSUPP);
    refused_ = false;
    if (buffer.size() < sizeof message) return {.error = EMSGSIZE};
    std::memcpy(buffer.data(), &message, sizeof message);
    return {.size = sizeof message};
  }

  std::shared_ptr<const Recording> recording_;
  int protocol_;
  Asked asked_;
  std::uint32_t sequence_ = 0;
  const RecordedExchange* exchange_ = nullptr;
  bool refused_ = false;
  std::size_t reply_ = 0, offset_ = 0;
};

}  // namespace

OpenTransport transport_of(std::shared_ptr<const Recording> recording) {
  return [recording = std::move(recording)](int protocol, int& error) -> std::unique_ptr<Transport> {
    error = 0;
    for (const RecordedExchange& exchange : recording->exchanges)
      if (exchange.protocol == protocol && exchange.open_error != 0) error = exchange.open_error;
    if (error != 0) return nullptr;
    return std::make_unique<RecordedTransport>(recording, protocol);
  };
}

}  // namespace duostat

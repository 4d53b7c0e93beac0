// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>
#include <tuple>

#include "src/collect/recorded_request.h"
#include "src/collect/recording.h"
#include "src/diag/message.h"

namespace duostat {
namespace {

constexpr std::uint32_t kPort = 1;  ///< the port id of these transports; not 0, which is the kernel's

/// The recorded exchange that answers the request best; null if there is none for its table.
const RecordedExchange* find(const Recording& recording, int netlink_protocol, const RecordedRequest& asked) {
  const RecordedExchange* best = nullptr;
  std::tuple<bool, bool, int> best_fit;
  for (const RecordedExchange& exchange : recording.exchanges) {
    if (exchange.protocol != netlink_protocol || exchange.open_error != 0) continue;
    const auto there = RecordedRequest::read(netlink_protocol, exchange.request);
    if (!there || there->type != asked.type || there->family != asked.family || there->protocol != asked.protocol)
      continue;
    // Prefer all requested states, then the same choice of storages, then the fewest states beyond the request.
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
    try {
      return ask(request);
    } catch (const std::bad_alloc&) {
      exchange_ = nullptr;
      refused_ = false;
      return ENOMEM;
    }
  }

  Received receive(std::span<std::byte> buffer) noexcept override {
    try {
      return answer(buffer);
    } catch (const std::bad_alloc&) {
      return {.error = ENOMEM};
    }
  }

  std::uint32_t port_id() const noexcept override { return kPort; }

 private:
  int ask(Bytes request) {
    uapi::MessageHeader header;
    auto asked = RecordedRequest::read(protocol_, request);
    if (!asked || !read_at(request, 0, header)) return EINVAL;
    asked_ = std::move(*asked);
    sequence_ = header.sequence;
    exchange_ = find(*recording_, protocol_, asked_);
    refused_ = exchange_ == nullptr;
    reply_ = offset_ = 0;
    return exchange_ == nullptr ? 0 : exchange_->send_error;
  }

  Received answer(std::span<std::byte> buffer) {
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
      const std::size_t length = whole ? header.length : rest.size(),
                        step = std::min(uapi::aligned(length), rest.size());
      if (whole && !adapt(header, rest.first(length))) {
        offset_ += step;
        continue;
      }
      // Bytes that are no message, and messages that fit no buffer, are passed on unchanged; the reader counts them.
      if (!whole) message_.assign(rest.begin(), rest.end());
      if (size != 0 && (!whole || size + message_.size() > buffer.size())) break;
      if (!whole || message_.size() > buffer.size()) return hand_out_cut(buffer, reply.truncated);
      std::memcpy(buffer.data() + size, message_.data(), message_.size());
      size += message_.size();
      for (; size % uapi::kAlignment != 0 && size < buffer.size(); ++size) buffer[size] = std::byte{0};
      offset_ += step;
    }
    return {.size = size};
  }

  void next_reply() noexcept {
    ++reply_;
    offset_ = 0;
  }

  /// Writes the message, reduced to what was requested, to message_. False if it was not requested.
  bool adapt(uapi::MessageHeader header, Bytes message) {
    const Bytes payload = message.subspan(sizeof header);
    const bool of_socket = header.type >= uapi::kFirstDataType && protocol_ == uapi::kNetlinkSockDiag;
    if (of_socket && !asked_.selects(payload)) return false;
    message_.resize(sizeof header);
    if (of_socket) asked_.copy(payload, message_);
    else message_.insert(message_.end(), payload.begin(), payload.end());
    header.length = static_cast<std::uint32_t>(message_.size());
    header.sequence = sequence_;
    header.port_id = kPort;
    std::memcpy(message_.data(), &header, sizeof header);
    return true;
  }

  Received hand_out_cut(std::span<std::byte> buffer, bool truncated) noexcept {
    const std::size_t size = std::min(message_.size(), buffer.size());
    std::memcpy(buffer.data(), message_.data(), size);
    next_reply();
    return {.truncated = truncated || size < message_.size(), .size = size};
  }

  /// The refusal of a kernel without this table.
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
  RecordedRequest asked_;
  std::uint32_t sequence_ = 0;
  const RecordedExchange* exchange_ = nullptr;
  bool refused_ = false;
  std::size_t reply_ = 0, offset_ = 0;
  std::vector<std::byte> message_;  ///< the current message as handed out
};

}  // namespace

OpenTransport transport_of(std::shared_ptr<const Recording> recording) {
  return [recording = std::move(recording)](int protocol, OpenError& error) -> std::unique_ptr<Transport> {
    error = 0;
    // A capture may contain both the refusal of one transport and the answers of others.
    bool answered = false;
    for (const RecordedExchange& exchange : recording->exchanges) {
      if (exchange.protocol != protocol) continue;
      if (exchange.open_error == 0) answered = true;
      else error = exchange.open_error;
    }
    if (answered) error = 0;
    if (error != 0) return nullptr;
    return std::make_unique<RecordedTransport>(recording, protocol);
  };
}

}  // namespace duostat

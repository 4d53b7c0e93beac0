// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/namespace_ids.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "src/rtnl/abi.h"

namespace duostat::rtnl {
namespace {

constexpr std::size_t kBuffer = 8192;  // bytes; a message takes less than a hundred

std::optional<std::int32_t> id_in(Bytes payload) {
  AttributeWalk attributes(payload, sizeof(abi::GeneralMessage));
  for (Attribute a; attributes.next(a);) {
    std::int32_t id = Transport::kOwnNamespace;
    if (a.type == abi::kNamespaceId && read_at(a.value, 0, id) && id >= 0) return id;
  }
  return std::nullopt;
}

}  // namespace

OpenError NamespaceIds::open(const OpenTransport& open_transport) {
  OpenError error;
  transport_ = open_transport(abi::kNetlinkRoute, error);
  if (!transport_) return error;
  if (const int refused = transport_->join(abi::kNamespaceIdGroup)) return {refused, OpenError::Step::bind};
  buffer_.resize(kBuffer);
  return 0;
}

std::optional<std::int32_t> NamespaceIds::id_of(int fd, int& error) {
  RequestWriter request(abi::kGetNamespaceId, uapi::kRequest, ++sequence_);
  request.put(abi::GeneralMessage{}).attribute(abi::kNamespaceFd, std::as_bytes(std::span(&fd, 1)));
  error = transport_->send(request.bytes());
  std::optional<std::int32_t> id;
  while (error == 0 && !receive(sequence_, id, error)) {
  }
  return id;
}

bool NamespaceIds::changes(FunctionRef<void(std::int32_t id)> changed) {
  const auto readable = [&] {
    pollfd one{transport_->fd(), POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
  };
  constexpr std::uint32_t kNoAnswer = 0;
  std::optional<std::int32_t> none;
  for (int error = 0; error == 0 && readable();) receive(kNoAnswer, none, error);
  for (const std::int32_t id : std::exchange(changed_, {})) changed(id);
  return !std::exchange(lost_, false);
}

/// Reads a datagram. True if it has the answer to request `sequence`, or cannot be read.
bool NamespaceIds::receive(std::uint32_t sequence, std::optional<std::int32_t>& id, int& error) {
  const Transport::Received got = transport_->receive(buffer_);
  if (got.error == ENOBUFS) return lost_ = true, false;  // an answer is not lost by that
  if (got.error != 0 || got.size == 0) return error = got.error != 0 ? got.error : ENODATA, true;
  if (got.sender != 0) return false;
  bool answered = false;
  MessageWalk walk(Bytes(buffer_).first(std::min(got.size, buffer_.size())));
  for (Message message; walk.next(message);) {
    // A notification has the port and the sequence number of the request that caused it.
    const bool ours = message.port_id == transport_->port_id() && message.sequence == sequence && sequence != 0;
    if (ours && message.type == uapi::kError)
      error = error_of(message), answered = true;
    else if (ours && message.type == abi::kNewNamespaceId)
      id = id_in(message.payload), answered = true;
    else if (message.type == abi::kNewNamespaceId || message.type == abi::kDeleteNamespaceId)
      if (const std::optional<std::int32_t> about = id_in(message.payload)) changed_.push_back(*about);
  }
  return answered;
}

}  // namespace duostat::rtnl

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/destroy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/diag/message.h"

namespace duostat {
namespace {

constexpr std::size_t kAcknowledgementBuffer = 4096;  // bytes; the header of the request, perhaps a line of text

uapi::InetSockId id_of(const Socket& socket) noexcept {
  uapi::InetSockId id{};
  id.source_port_be = htons(static_cast<std::uint16_t>(socket.local.port));
  id.destination_port_be = htons(static_cast<std::uint16_t>(socket.remote.port));
  std::memcpy(id.source, socket.local.address.data(), sizeof id.source);
  std::memcpy(id.destination, socket.remote.address.data(), sizeof id.destination);
  id.ifindex = socket.ifindex;
  id.cookie[0] = static_cast<std::uint32_t>(socket.cookie);
  id.cookie[1] = static_cast<std::uint32_t>(socket.cookie >> 32);
  return id;
}

uapi::InetRequest body_of(const Socket& socket) noexcept {
  uapi::InetRequest body{};
  body.family = static_cast<std::uint8_t>(socket.family);
  // The low byte of MPTCP's 262 is TCP, which has no socket with that cookie: ENOENT.
  body.protocol = static_cast<std::uint8_t>(row_of(socket.protocol).ip_protocol);
  if (socket.protocol == Protocol::raw) body.raw_protocol = socket.ip_protocol;
  body.id = id_of(socket);
  return body;
}

}  // namespace

OpenError SocketDestroyer::open(const OpenTransport& open_transport) {
  OpenError error;
  transport_ = open_transport(uapi::kNetlinkSockDiag, error);
  buffer_.resize(kAcknowledgementBuffer);
  return transport_ ? OpenError() : error;
}

int SocketDestroyer::destroy(const Socket& socket) {
  if (!transport_) return EBADF;
  RequestWriter request(uapi::kSockDestroy, uapi::kRequest | uapi::kAck, ++sequence_);
  request.put(body_of(socket));
  if (const int error = transport_->send(request.bytes())) return error;
  return answer();
}

int SocketDestroyer::answer() {
  for (;;) {
    const Transport::Received got = transport_->receive(buffer_);
    if (got.error != 0) return got.error;
    if (got.size == 0) return ENODATA;
    if (got.sender != 0) continue;  // only the kernel has the port id 0
    MessageWalk walk(Bytes(buffer_).first(std::min(got.size, buffer_.size())));
    for (Message message; walk.next(message);)
      if (message.type == uapi::kError && message.sequence == sequence_ && message.port_id == transport_->port_id())
        return error_of(message);
  }
}

}  // namespace duostat

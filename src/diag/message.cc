// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/message.h"

#include <cerrno>

namespace duostat {

bool MessageWalk::next(Message& message) noexcept {
  uapi::MessageHeader header;
  if (!read_at(rest_, 0, header)) {
    deficit_ = deficit_ || !rest_.empty();
    return false;
  }
  if (header.length < sizeof header || header.length > rest_.size()) {
    deficit_ = true;
    rest_ = {};
    return false;
  }
  message.type = header.type;
  message.flags = header.flags;
  message.sequence = header.sequence;
  message.port_id = header.port_id;
  message.payload = rest_.subspan(sizeof header, header.length - sizeof header);
  rest_ = rest_.subspan(std::min(uapi::aligned(header.length), rest_.size()));
  return true;
}

std::size_t copy_without(Bytes datagram, std::size_t fixed, AttributeMask unwanted, std::byte* to) noexcept {
  std::size_t size = 0, from = 0, at = 0;  // the bytes from `from` to `at` are still to be copied
  const auto copy = [&] {
    std::memcpy(to + size, datagram.data() + from, at - from);
    size += at - from;
  };
  uapi::MessageHeader header;
  while (read_at(datagram, at, header) && header.length >= sizeof header && header.length <= datagram.size() - at) {
    const std::size_t header_to = size + (at - from), end = at + header.length;
    const std::size_t padded = std::min(at + uapi::aligned(header.length), datagram.size());
    if (header.type >= uapi::kFirstDataType && header.length >= sizeof header + uapi::aligned(fixed)) {
      at += sizeof header + uapi::aligned(fixed);
      std::size_t dropped = 0;
      uapi::AttributeHeader attribute;
      while (at < end && read_at(datagram.first(end), at, attribute) && attribute.length >= sizeof attribute &&
             attribute.length <= end - at) {
        const std::size_t taken = std::min(uapi::aligned(attribute.length), padded - at);
        const unsigned type = attribute.type & uapi::kAttributeTypeMask;
        const bool drop = type < kAttributeNumbers && (unwanted >> type & 1) != 0;
        if (drop) {
          copy();
          dropped += std::min(taken, end - at);
          from = at + taken;
        }
        at += taken;
      }
      if (dropped != 0) {
        header.length -= static_cast<std::uint32_t>(dropped);
        std::memcpy(to + header_to, &header, sizeof header);
      }
    }
    at = padded;
  }
  at = datagram.size();
  if (at != from) copy();
  return size;
}

int error_of(const Message& message) noexcept {
  std::int32_t code = 0;
  if (!read_at(message.payload, 0, code)) return message.type == uapi::kError ? EBADMSG : 0;
  if (code == INT32_MIN) return EBADMSG;
  return code < 0 ? -code : 0;
}

RequestWriter::RequestWriter(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence) {
  bytes_.reserve(256);
  put(uapi::MessageHeader{sizeof(uapi::MessageHeader), type, flags, sequence, 0});
}

RequestWriter& RequestWriter::attribute(std::uint16_t type, Bytes value) {
  const uapi::AttributeHeader header{static_cast<std::uint16_t>(sizeof header + value.size()), type};
  append(std::as_bytes(std::span(&header, 1)));
  return append(value);
}

RequestWriter& RequestWriter::append(Bytes bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize(uapi::aligned(bytes_.size()));
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &length, sizeof length);
  return *this;
}

}  // namespace duostat

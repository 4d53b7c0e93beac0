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

std::size_t trim_attributes(std::span<std::byte> datagram, std::size_t fixed, FunctionRef<bool(std::uint16_t type)> keep) noexcept {
  std::byte* const data = datagram.data();
  std::size_t to = 0, from = 0;
  const auto move_up = [&](std::size_t size) {
    if (to != from) std::memmove(data + to, data + from, size);
    to += size;
    from += size;
  };
  uapi::MessageHeader header;
  while (read_at(datagram, from, header) && header.length >= sizeof header && header.length <= datagram.size() - from) {
    const std::size_t end = from + header.length, padded = std::min(from + uapi::aligned(header.length), datagram.size()), start = to;
    if (header.type >= uapi::kFirstDataType && header.length >= sizeof header + uapi::aligned(fixed)) {
      move_up(sizeof header + uapi::aligned(fixed));
      uapi::AttributeHeader attribute;
      while (from < end && read_at(datagram.first(end), from, attribute) && attribute.length >= sizeof attribute &&
             attribute.length <= end - from) {
        const std::size_t size = std::min(uapi::aligned(attribute.length), padded - from);
        if (keep(attribute.type & uapi::kAttributeTypeMask)) {
          move_up(size);
        } else {
          header.length -= static_cast<std::uint32_t>(std::min(size, end - from));
          from += size;
        }
      }
      std::memcpy(data + start, &header, sizeof header);
    }
    move_up(padded - from);
  }
  move_up(datagram.size() - from);
  return to;
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

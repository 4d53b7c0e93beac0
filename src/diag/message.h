// Walks netlink messages and attributes without trusting their lengths, and writes requests.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/bytes.h"
#include "src/diag/abi.h"

namespace duostat {

/// One message of a datagram; the payload points into it.
struct Message {
  std::uint16_t type = 0, flags = 0;
  std::uint32_t sequence = 0, port_id = 0;
  Bytes payload;
};

/// The messages of one datagram.
class MessageWalk {
 public:
  explicit MessageWalk(Bytes datagram) noexcept : rest_(datagram) {}

  /// The next message; false at the end, or if the rest is not a complete message.
  bool next(Message& message) noexcept;

  /// After next() returned false: true if bytes were left that are not a message.
  bool deficit() const noexcept { return deficit_; }

 private:
  Bytes rest_;
  bool deficit_ = false;
};

/// Attribute numbers, one bit each. Numbers from kAttributeNumbers on are in no set.
using AttributeMask = std::uint64_t;
inline constexpr unsigned kAttributeNumbers = 64;

/// Copies a datagram to `to`, which must have room for all of it. Strips the attributes whose bits are set in
/// `unwanted`; they begin after `fixed` bytes of each message's payload. Control messages and incomplete messages or
/// attributes are copied unchanged. Returns the size of the copy.
std::size_t copy_without(Bytes datagram, std::size_t fixed, AttributeMask unwanted, std::byte* to) noexcept;

/// One attribute; the value points into the message.
struct Attribute {
  std::uint16_t type = 0;  ///< without its two flag bits
  Bytes value;
};

/// The attributes at the end of a message or inside another attribute.
class AttributeWalk {
 public:
  explicit AttributeWalk(Bytes attributes) noexcept : rest_(attributes) {}
  /// Attributes that follow a fixed part of `fixed` bytes.
  AttributeWalk(Bytes payload, std::size_t fixed) noexcept
      : rest_(payload.subspan(std::min(uapi::aligned(fixed), payload.size()))) {}

  /// The next attribute; false at the end, or if the rest is not a complete attribute.
  bool next(Attribute& attribute) noexcept {
    uapi::AttributeHeader header;
    if (!read_at(rest_, 0, header)) {
      deficit_ = deficit_ || !rest_.empty();
      return false;
    }
    if (header.length < sizeof header || header.length > rest_.size()) {
      deficit_ = true;
      rest_ = {};
      return false;
    }
    attribute.type = header.type & uapi::kAttributeTypeMask;
    attribute.value = rest_.subspan(sizeof header, header.length - sizeof header);
    rest_ = rest_.subspan(std::min(uapi::aligned(header.length), rest_.size()));
    return true;
  }

  /// After next() returned false: true if bytes were left that are not an attribute (iproute2 prints "!!!Deficit").
  bool deficit() const noexcept { return deficit_; }

 private:
  Bytes rest_;
  bool deficit_ = false;
};

/// The errno that an NLMSG_ERROR or NLMSG_DONE carries (the kernel sends it negated); 0 for success or no payload in a
/// DONE, EBADMSG if an NLMSG_ERROR has no number.
int error_of(const Message& message) noexcept;

/// Builds a request: header, fixed part, attributes. Keeps nlmsg_len up to date.
class RequestWriter {
 public:
  RequestWriter(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence);

  /// Appends the fixed part.
  template <class T>
  RequestWriter& put(const T& value) {
    return append(std::as_bytes(std::span(&value, 1)));
  }
  /// Appends one attribute, padded.
  RequestWriter& attribute(std::uint16_t type, Bytes value);

  Bytes bytes() const noexcept { return bytes_; }

 private:
  RequestWriter& append(Bytes bytes);
  std::vector<std::byte> bytes_;
};

}  // namespace duostat

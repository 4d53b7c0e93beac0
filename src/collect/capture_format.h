// Reads and writes capture files, record by record. doc/capture.md describes the format.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/output.h"

namespace duostat::capture {

inline constexpr std::string_view kMagic = "duostat-capture\n";
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kByteOrder = 0x01020304;  ///< in the byte order of the recording host
inline constexpr std::size_t kPayloadMax = (std::size_t{1} << 24) + 4096;  ///< bytes; a datagram has at most 16 MiB
inline constexpr std::size_t kFileChunk = std::size_t{1} << 20;            ///< bytes of a file in one record
inline constexpr std::uint32_t kOptionalType = 0x80000000;                 ///< a reader may skip types with this bit

enum class Type : std::uint32_t {
  host = 1,             ///< always first
  file = 2,             ///< a file or link below /proc
  file_data = 3,        ///< more of the file before it
  task = 4,             ///< a process or thread, and its sockets
  request = 5,          ///< a netlink request
  reply = 6,            ///< a datagram of the answer to the request before it
  interface_names = 7,  ///< SIOCGIFCONF
  interface = 8,        ///< what the ioctls returned for one interface
  name = 9,             ///< of a user, a port, …
  end = 10,             ///< always last
  descriptors = kOptionalType | 1,  ///< how many descriptors a process has
};
/// "request"; "unknown" for other numbers.
std::string_view word_of(Type type);

/// The header of every record.
struct RecordHeader {
  std::uint32_t type;
  std::uint32_t length;  ///< of the payload, without its padding to a multiple of four
  std::uint32_t crc;     ///< of type, length and payload
};
static_assert(sizeof(RecordHeader) == 12);

/// Builds a payload. Integers are in the host's byte order; a text is its length (32 bits) and its bytes.
class Payload {
 public:
  Payload& u32(std::uint32_t value) { return raw(&value, sizeof value); }
  Payload& u64(std::uint64_t value) { return raw(&value, sizeof value); }
  Payload& text(std::string_view value) { return u32(static_cast<std::uint32_t>(value.size())).tail(value); }
  /// Appends bytes without a length: the last part, or one of a known length.
  Payload& tail(std::string_view bytes) { return bytes_.append(bytes), *this; }
  std::string_view bytes() const noexcept { return bytes_; }

 private:
  Payload& raw(const void* value, std::size_t size) {
    return bytes_.append(static_cast<const char*>(value), size), *this;
  }
  std::string bytes_;
};

/// Writes the heading on construction, then records.
class Writer {
 public:
  explicit Writer(ByteSink& sink);
  void add(Type type, std::string_view payload);
  void add(Type type, const Payload& payload) { add(type, payload.bytes()); }
  void end();
  /// errno of the first failed write, or 0. Nothing is written after a failure.
  int error() const noexcept { return error_; }
  std::uint64_t records() const noexcept { return records_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void write(std::string_view bytes);

  ByteSink& sink_;
  int error_ = 0;
  std::uint64_t records_ = 0, bytes_ = 0;
};

/// Walks the records of a whole file in memory. Throws FormatError, which names `source`, the byte and the record, for
/// any error.
class Reader {
 public:
  /// Checks the heading.
  Reader(Bytes file, std::string_view source);

  /// Reads the next record and verifies its checksum; false after the end record. Skips unknown optional records.
  bool next();
  Type type() const noexcept { return type_; }

  // Read the parts of the payload in order.
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view text();
  std::string_view take(std::size_t size);
  std::string_view tail() { return take(left()); }
  std::size_t left() const noexcept { return payload_.size() - at_; }
  /// Throws if part of the payload was not read.
  void finish();

  /// Throws that `what` is wrong at the next byte.
  [[noreturn]] void fail(std::string_view what) const;

 private:
  bool optional() const noexcept { return (static_cast<std::uint32_t>(type_) & kOptionalType) != 0; }
  void read_record();

  Bytes file_;
  std::string source_;
  std::size_t position_ = 0;  ///< of the next record
  std::size_t record_ = 0;    ///< number of the current record, from 1; 0: the heading
  std::size_t start_ = 0;     ///< offset of this payload, or of the part being read, in the file
  Type type_{};
  Bytes payload_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

inline Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace duostat::capture

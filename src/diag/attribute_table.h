// One row for each attribute of a sock_diag table: the field that it fills, how the kernel is asked for it, how it is decoded.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/diag/message.h"
#include "src/model/field.h"
#include "src/model/protocol.h"
#include "src/model/socket.h"
#include "src/query/query.h"

namespace duostat {

/// Every inet protocol, or every protocol of a family with one table.
inline constexpr ProtocolSet kEveryProtocol = [] {
  ProtocolSet all;
  for (const ProtocolRow& row : kProtocols) all.add(row.protocol);
  return all;
}();

/// The number of an attribute that has a row. One that a table cannot hold does not compile.
class AttributeNumber {
 public:
  consteval AttributeNumber(unsigned number) : number_(static_cast<std::uint16_t>(number)) {
    if (number >= kAttributeNumbers) throw "widen AttributeMask (src/diag/message.h)";
  }
  constexpr operator std::uint16_t() const noexcept { return number_; }

 private:
  std::uint16_t number_;
};

/// A new attribute is a new row. `Target` is what a table's decoders write into.
template <class Target>
struct AttributeRow {
  Field field;         ///< read only if this is wanted, unless `always`
  std::uint32_t ask;   ///< extension or show bits with which the kernel is asked; 0: it comes unasked
  AttributeNumber type;
  /// Reads the value; false if it is too short to mean anything. Longer values than known are read as far as known.
  bool (*decode)(Bytes value, Target& target) noexcept;
  bool always = false;  ///< cheap and in the fixed part of Socket: read whenever it comes
  ProtocolSet protocols = kEveryProtocol;  ///< for which the number has this meaning
  ProtocolSet sent_for = kEveryProtocol;   ///< of `protocols`, those whose sockets the kernel sends it for: what knows() says
};

/// The fields that the rows tell of sockets of `protocol`.
FieldSet known_fields(const auto& rows, Protocol protocol) {
  FieldSet fields;
  for (const auto& row : rows)
    if (row.protocols.has(protocol) && row.sent_for.has(protocol)) fields.add(row.field);
  return fields;
}

/// The rows in force for one dump, by attribute number.
template <class Target>
class AttributeTable {
 public:
  /// `everything`: read all that arrives, wanted or not (a replayed dump holds what its writer had asked for).
  AttributeTable(std::span<const AttributeRow<Target>> rows, FieldSet wanted, Protocol protocol, bool everything) {
    for (const auto& row : rows) {
      if (!row.protocols.has(protocol)) continue;
      known_ |= bit_of(row.type);
      if (wanted.has(row.field)) ask_ |= row.ask;
      if (everything || row.always || wanted.has(row.field)) decode_[row.type] = row.decode;
    }
  }

  /// Extension or show bits for the request.
  std::uint32_t ask() const noexcept { return ask_; }

  /// The attributes that decode() skips although it knows them.
  AttributeMask unread() const noexcept {
    AttributeMask mask = known_;
    for (unsigned type = 0; type < kAttributeNumbers; ++type)
      if (decode_[type] != nullptr) mask &= ~bit_of(type);
    return mask;
  }

  /// Reads `attributes`. Of two attributes with one number only the first is read. Unknown numbers and malformed values are counted, and
  /// the rest is read all the same.
  void decode(AttributeWalk attributes, Target& target, Coverage& coverage) const noexcept {
    Attribute attribute;
    AttributeMask left = known_;
    while (attributes.next(attribute)) {
      const AttributeMask bit = attribute.type < kAttributeNumbers ? bit_of(attribute.type) : 0;
      if ((known_ & bit) == 0) {
        ++coverage.unknown;
        continue;
      }
      if ((left & bit) == 0) continue;
      left &= ~bit;
      if (const auto read = decode_[attribute.type]; read != nullptr && !read(attribute.value, target))
        ++coverage.malformed;
    }
    if (attributes.deficit()) ++coverage.malformed;
  }

 private:
  static constexpr AttributeMask bit_of(unsigned type) noexcept { return AttributeMask{1} << type; }

  std::array<bool (*)(Bytes, Target&) noexcept, kAttributeNumbers> decode_{};
  AttributeMask known_ = 0;
  std::uint32_t ask_ = 0;
};

/// SK_MEMINFO words, of which kernels have sent 7, 8 and 9. Also says how many packets were dropped, where that is sent.
inline bool read_skmem(Bytes value, Socket& socket, SocketMemory& memory) noexcept {
  constexpr std::size_t kFewest = 7, kWord = sizeof(std::uint32_t);
  if (value.size() < kFewest * kWord) return false;
  memory.skmem_words = static_cast<std::uint32_t>(std::min(value.size() / kWord, std::size(memory.skmem)));
  std::memcpy(memory.skmem, value.data(), memory.skmem_words * kWord);
  socket.present.add(Field::skmem);
  if (memory.skmem_words > 8) {
    socket.drops = memory.skmem[8];
    socket.present.add(Field::drops);
  }
  return true;
}

/// Reads a whole number into `member` and notes that `field` is there.
template <class T>
bool read_field(Bytes value, Socket& socket, Field field, T& member) noexcept {
  if (!read_at(value, 0, member)) return false;
  socket.present.add(field);
  return true;
}

}  // namespace duostat

// Tables of sock_diag attributes: the field that each fills, how to request it, how to decode it.
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

/// The number of an attribute in a row. A number that a table cannot hold does not compile.
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
  Field field;         ///< decoded only if this is wanted, unless `always`
  std::uint32_t ask;   ///< extension or show bits that request it; 0: sent unrequested
  AttributeNumber type;
  /// Decodes the value; false if it is too short. Bytes beyond the known part are ignored.
  bool (*decode)(Bytes value, Target& target) noexcept;
  bool always = false;  ///< decoded whenever it is received: cheap and in the fixed part of Socket
  ProtocolSet protocols = kEveryProtocol;  ///< the protocols for which the number has this meaning
  ProtocolSet sent_for = kEveryProtocol;   ///< those of `protocols` that the kernel sends it for; knows() returns this
};

/// The fields that the rows provide for sockets of `protocol`.
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
  /// `everything`: decode all attributes, wanted or not (a replayed dump contains what its writer requested).
  AttributeTable(std::span<const AttributeRow<Target>> rows, FieldSet wanted, Protocol protocol, bool everything) {
    for (const auto& row : rows) {
      if (!row.protocols.has(protocol)) continue;
      known_ |= bit_of(row.type);
      if (wanted.has(row.field)) ask_ |= row.ask;
      if (everything || row.always || wanted.has(row.field)) decode_[row.type] = row.decode;
    }
  }

  /// Extension or show bits to request.
  std::uint32_t ask() const noexcept { return ask_; }

  /// The attributes that decode() skips although it knows them.
  AttributeMask unread() const noexcept {
    AttributeMask mask = known_;
    for (unsigned type = 0; type < kAttributeNumbers; ++type)
      if (decode_[type] != nullptr) mask &= ~bit_of(type);
    return mask;
  }

  /// Decodes `attributes`; of attributes with the same number only the first. Counts unknown numbers and malformed
  /// values and continues.
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

/// Decodes the SK_MEMINFO words, of which kernels send 7, 8 or 9. The ninth is the number of dropped packets.
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

/// Reads an integer into `member` and marks `field` as present.
template <class T>
bool read_field(Bytes value, Socket& socket, Field field, T& member) noexcept {
  if (!read_at(value, 0, member)) return false;
  socket.present.add(field);
  return true;
}

}  // namespace duostat

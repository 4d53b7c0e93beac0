// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/btf_text.h"

#include <fmt/core.h>

#include <bit>
#include <cerrno>
#include <string>
#include <utility>

#include "compat/ss/btf_declaration.h"

namespace duostat::ss {
namespace {

/// Where a value lies: the byte it begins with, and for a bit field what to take of it.
struct Place {
  std::uint64_t at = 0;
  unsigned shift = 0, bits = 0;
};

class Writer {
 public:
  Writer(const Btf& btf, Bytes value, bool oneline, PutText put)
      : btf_(btf), value_(value), oneline_(oneline), put_(put) {}

  int write(std::string_view name, std::uint32_t id, Place place) {
    if (parts_left_ == 0) return E2BIG;  // quirk: bpf-storage-endless
    --parts_left_;
    const std::uint32_t resolved = btf_.resolved(id);
    const auto size = btf_.size_of(resolved);
    if (!size || depth_ > Btf::kDepth) return EINVAL;
    if (place.at > value_.size() || *size > value_.size() - place.at) return E2BIG;
    indent();
    if (!name.empty()) put_(fmt::format(".{} = ", name));
    if (!in_array_) put_(fmt::format("({})", declaration(btf_, id)));
    const BtfType type = btf_.type(resolved);
    switch (type.kind) {
      case BtfKind::integer: return integer(type, place), 0;
      case BtfKind::pointer: return pointer(place), 0;
      case BtfKind::floating: return floating(type, place), 0;
      case BtfKind::enumeration:
      case BtfKind::enumeration64: return enumeration(type, place), 0;
      case BtfKind::array: return array(type, place), 0;
      default: return structure(type, place);
    }
  }

 private:
  void indent() {
    constexpr unsigned kOutside = 2;
    if (!oneline_) put_(std::string(kOutside + depth_, '\t'));
  }
  /// Writes the separator after a value, unless it is the outermost.
  void end(std::string text) {
    if (depth_ != 0) text += oneline_ ? "," : ",\n";
    put_(text);
  }
  void begin(std::string_view bracket) {
    put_(oneline_ ? bracket : fmt::format("{}\n", bracket));
    ++depth_;
  }

  /// Up to eight bytes as a number.
  std::uint64_t load(std::uint64_t at, std::uint32_t size, bool is_signed) const {
    std::uint64_t number = 0;
    for (std::uint32_t i = 0; i < size && i < sizeof number; ++i) {
      const std::uint32_t place = std::endian::native == std::endian::little ? i : size - 1 - i;
      number |= std::to_integer<std::uint64_t>(value_[at + place]) << 8 * i;
    }
    const unsigned spare = size != 0 && size < sizeof number ? 64 - 8 * size : 0;
    return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(number << spare) >> spare) : number;
  }
  /// A bit field, its bits counted as the compiler laid them out.
  std::uint64_t load_bits(const BtfType& type, Place place) const {
    const unsigned width = 8 * type.size, used = place.shift + place.bits;
    std::uint64_t number = load(place.at, type.size, false);
    number >>= std::endian::native == std::endian::little ? place.shift : width > used ? width - used : 0;
    return place.bits < 64 ? number & ((std::uint64_t{1} << place.bits) - 1) : number;
  }

  void integer(const BtfType& type, Place place) {
    if (place.bits != 0) return end(fmt::format("{:#x}", load_bits(type, place)));
    if (type.size == 1 && characters_) return character(type, place);
    if (type.size > sizeof(std::uint64_t)) return wide(place);
    const std::uint64_t number = load(place.at, type.size, type.is_signed);
    end(type.is_signed ? fmt::format("{}", static_cast<std::int64_t>(number)) : fmt::format("{}", number));
  }

  /// quirk: bpf-storage-characters once there was an array of bytes, every later byte is a character, and after a NUL
  /// in such an array neither bytes nor the elements of arrays are shown any more.
  void character(const BtfType& type, Place place) {
    const auto c = static_cast<char>(load(place.at, 1, false));
    if (c == '\0') terminated_ = true;
    if (terminated_) return;
    if (c >= ' ' && c <= '~') return end(fmt::format("'{}'", c));
    const std::uint64_t number = load(place.at, 1, type.is_signed);
    end(type.is_signed ? fmt::format("{}", static_cast<std::int64_t>(number)) : fmt::format("{}", number));
  }

  void wide(Place place) {
    const bool little = std::endian::native == std::endian::little;
    const std::uint64_t low = load(place.at + (little ? 0 : 8), 8, false),
                        high = load(place.at + (little ? 8 : 0), 8, false);
    end(high == 0 ? fmt::format("{:#x}", low) : fmt::format("{:#x}{:016x}", high, low));
  }

  void pointer(Place place) {
    const std::uint64_t number = load(place.at, sizeof(void*), false);
    end(number == 0 ? "(nil)" : fmt::format("{:#x}", number));
  }

  void floating(const BtfType& type, Place place) {
    const Bytes bytes = value_.subspan(place.at);
    float single = 0;
    double twofold = 0;
    long double extended = 0;
    if (type.size == sizeof single) {
      read_at(bytes, 0, single);
      end(fmt::format("{:f}", single));
    } else if (type.size == sizeof twofold) {
      read_at(bytes, 0, twofold);
      end(fmt::format("{:f}", twofold));
    } else if (type.size == sizeof extended) {
      read_at(bytes, 0, extended);
      end(fmt::format("{:f}", extended));
    }
  }

  /// quirk: bpf-storage-enum a value without a name is not followed by a comma if its type has negative ones.
  void enumeration(const BtfType& type, Place place) {
    const std::uint64_t bits = place.bits != 0 ? load_bits(type, place) : load(place.at, type.size, type.is_signed);
    const auto number = static_cast<std::int64_t>(bits);
    for (std::size_t i = 0; i < type.count; ++i)
      if (const BtfEnumerator e = btf_.enumerator(type, i); e.value == number) return end(std::string(e.name));
    const bool wide = type.kind == BtfKind::enumeration64;
    if (type.is_signed) return put_(fmt::format("{}{}", number, wide ? "LL" : ""));
    end(fmt::format("{}{}", bits, wide ? "ULL" : ""));
  }

  void array(const BtfType& type, Place place) {
    const BtfType element = btf_.type(btf_.resolved(type.target));
    const std::uint64_t size = btf_.size_of(type.target).value_or(0);
    if (element.kind == BtfKind::integer && element.size == 1) characters_ = true;
    begin("[");
    const bool was_in_array = std::exchange(in_array_, true);
    // quirk: bpf-storage-give-up an element that cannot be written is left open, and the next one begins.
    for (std::uint32_t i = 0; i < type.elements && !terminated_ && parts_left_ != 0; ++i)
      write({}, type.target, {place.at + i * size});
    in_array_ = was_in_array;
    --depth_;
    indent();
    end("]");
  }

  int structure(const BtfType& type, Place place) {
    begin("{");
    for (std::size_t i = 0; i < type.count; ++i) {
      const BtfMember member = btf_.member(type, i);
      const Place there{place.at + member.bit_offset / 8, member.bit_offset % 8, member.bits};
      if (const int error = write(member.name, member.type, there)) return error;
    }
    --depth_;
    indent();
    end("}");
    return 0;
  }

  /// Twice the bits of the largest value that a socket may have.
  static constexpr std::uint32_t kMostParts = 1u << 20;

  const Btf& btf_;
  Bytes value_;
  bool oneline_;
  std::uint32_t parts_left_ = kMostParts;
  PutText put_;
  unsigned depth_ = 0;
  bool in_array_ = false, characters_ = false, terminated_ = false;
};

}  // namespace

int put_btf_value(const Btf& btf, std::uint32_t type, Bytes value, bool oneline, PutText put) {
  return Writer(btf, value, oneline, put).write({}, type, {});
}

}  // namespace duostat::ss

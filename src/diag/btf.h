// BPF type information: what the bytes of a map's values mean (kernel: Documentation/bpf/btf.rst).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace duostat {

/// BTF_KIND_*
enum class BtfKind : std::uint8_t {
  nothing,  ///< void, and every type that is not there
  integer,
  pointer,
  array,
  structure,
  union_,
  enumeration,
  forward,
  alias,  ///< typedef
  volatile_,
  constant,
  restrict_,
  function,
  prototype,
  variable,
  section,
  floating,
  declaration_tag,
  type_tag,
  enumeration64,
  count_
};

/// One type. What it means depends on the kind; the rows of `details` are read by Btf's other members.
struct BtfType {
  BtfKind kind = BtfKind::nothing;
  bool flag = false;             ///< bit fields for structures, signed for enumerations, union for forwards
  std::uint16_t count = 0;       ///< rows: members, enumerators, parameters
  std::uint32_t size = 0;        ///< bytes: numbers, structures, unions, enumerations
  std::uint32_t target = 0;      ///< type pointed to, aliased, qualified or returned; an array's elements
  std::uint32_t elements = 0;    ///< of an array
  bool is_signed = false;        ///< of a number or an enumeration
  std::string_view name;         ///< empty: none
  Bytes details;
};

struct BtfMember {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint32_t bit_offset = 0;
  std::uint8_t bits = 0;  ///< width of a bit field; 0: it is none
};

struct BtfEnumerator {
  std::string_view name;
  std::int64_t value = 0;  ///< as wide and as signed as its enumeration
};

struct BtfParameter {
  std::string_view name;
  std::uint32_t type = 0;
};

/// The types of one object, by their numbers from 1 on. Views point into it.
class Btf {
 public:
  Btf() = default;
  /// Takes the raw form that BPF_OBJ_GET_INFO_BY_FD gives, in this host's byte order. None if it is damaged.
  static std::optional<Btf> parse(std::vector<std::byte> data);

  /// The type; BtfKind::nothing for 0 and for numbers that are not there.
  BtfType type(std::uint32_t id) const noexcept;
  /// The number of the type behind const, volatile, restrict and tags.
  std::uint32_t unqualified(std::uint32_t id) const noexcept;
  /// The number of the type behind those and behind typedefs.
  std::uint32_t resolved(std::uint32_t id) const noexcept;
  /// Bytes that a value of the type takes, none for what has no size.
  std::optional<std::uint64_t> size_of(std::uint32_t id) const noexcept;

  /// Row `index` of a structure or union, an enumeration of either width, a prototype. Empty beyond the last.
  BtfMember member(const BtfType& type, std::size_t index) const noexcept;
  BtfEnumerator enumerator(const BtfType& type, std::size_t index) const noexcept;
  BtfParameter parameter(const BtfType& type, std::size_t index) const noexcept;

  /// How many links of a chain of types are followed; the kernel allows half as many.
  static constexpr unsigned kDepth = 64;

 private:
  bool index_types(Bytes types);
  std::string_view string(std::uint32_t offset) const noexcept;

  std::vector<std::byte> data_;
  std::vector<std::uint32_t> starts_;  ///< where in data_ each type begins, from number 1 on
  std::size_t strings_at_ = 0, strings_size_ = 0;
};

}  // namespace duostat

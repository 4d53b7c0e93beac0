// Parses BPF type information, which describes the values of maps and the types of the kernel (kernel:
// Documentation/bpf/btf.rst).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace duostat {

/// BTF_KIND_*
enum class BtfKind : std::uint8_t {
  nothing,  ///< void, and every type that does not exist
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

/// One type. The meaning depends on the kind. Btf's other functions read the rows of `details`.
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
  std::uint8_t bits = 0;  ///< width of a bit field; 0: not a bit field
};

struct BtfEnumerator {
  std::string_view name;
  std::int64_t value = 0;  ///< width and sign are those of the enumeration
};

struct BtfParameter {
  std::string_view name;
  std::uint32_t type = 0;
};

/// A name to look up, and the number of its type.
struct BtfName {
  BtfKind kind = BtfKind::nothing;
  std::string_view name;
  std::uint32_t id = 0;  ///< 0: not found
};

/// The types of one object, numbered from 1. Views point into it.
class Btf {
 public:
  Btf() = default;
  Btf(Btf&&) noexcept = default;
  Btf& operator=(Btf&&) noexcept = default;
  /// Parses the raw form that BPF_OBJ_GET_INFO_BY_FD returns, in this host's byte order. nullopt if it is damaged.
  static std::optional<Btf> parse(std::vector<std::byte> data);
  /// The same without a copy: `data` must outlive the object.
  static std::optional<Btf> view(Bytes data);

  /// Finds the first type of each kind and name, in one pass over all types.
  void find(std::span<BtfName> names) const noexcept;

  /// The type; BtfKind::nothing for 0 and for numbers that do not exist.
  BtfType type(std::uint32_t id) const noexcept;
  /// The number of the type without const, volatile, restrict and tags.
  std::uint32_t unqualified(std::uint32_t id) const noexcept;
  /// The number of the type without those and without typedefs.
  std::uint32_t resolved(std::uint32_t id) const noexcept;
  /// Size of a value of the type in bytes; nullopt if it has none.
  std::optional<std::uint64_t> size_of(std::uint32_t id) const noexcept;

  /// Row `index` of a structure or union, an enumeration of either width, a prototype. Empty after the last.
  BtfMember member(const BtfType& type, std::size_t index) const noexcept;
  BtfEnumerator enumerator(const BtfType& type, std::size_t index) const noexcept;
  BtfParameter parameter(const BtfType& type, std::size_t index) const noexcept;

  /// The longest chain of types that is followed; the kernel allows half of it.
  static constexpr unsigned kDepth = 64;

 private:
  bool index_types(Bytes types);
  std::string_view string(std::uint32_t offset) const noexcept;

  std::vector<std::byte> own_;  ///< of parse()
  Bytes data_;
  std::vector<std::uint32_t> starts_;  ///< offset of each type in data_, from number 1
  std::size_t strings_at_ = 0, strings_size_ = 0;
};

}  // namespace duostat

// Offsets and widths of members of the running kernel's structures, by name.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "src/bpf/btf.h"

namespace duostat {

/// Where a member is in its structure, in bytes.
struct KernelMember {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;      ///< of one element of an array
  std::uint32_t elements = 0;  ///< of an array whose elements the path does not number; 0: no array, or any number
  bool operator==(const KernelMember&) const = default;
};

class KernelTypes {
 public:
  /// `btf` must outlive the object. `structures`, `functions` and `aliases` (typedefs) name all that will be asked
  /// for. nullopt if it is damaged, or if the kernel's pointers are not 8 bytes wide.
  static std::optional<KernelTypes> parse(Bytes btf, std::span<const std::string_view> structures,
                                          std::span<const std::string_view> functions,
                                          std::span<const std::string_view> aliases = {});

  /// "task_struct.thread_pid", "pid.numbers[1].nr": a structure, then members, of nested structures too. Members of
  /// anonymous structures are found. nullopt if there is none, or if it is a bit field.
  std::optional<KernelMember> member(std::string_view path) const;
  /// The number of the type of a function; 0 if there is none.
  std::uint32_t function(std::string_view name) const noexcept;
  /// The number of a typedef; 0 if there is none.
  std::uint32_t alias(std::string_view name) const noexcept;

 private:
  struct Step {
    std::uint32_t type, offset;
  };
  std::optional<Step> find(std::uint32_t structure, std::string_view name, unsigned depth) const;
  std::uint32_t id_of(BtfKind kind, std::string_view name) const noexcept;

  Btf btf_;
  std::vector<BtfName> names_;
};

}  // namespace duostat

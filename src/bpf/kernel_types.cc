// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/kernel_types.h"

#include <charconv>
#include <utility>

namespace duostat {
namespace {

/// The type of the kernel that is as wide as a pointer.
constexpr std::string_view kLong = "long unsigned int";
constexpr std::uint32_t kPointerSize = 8;

bool is_structure(BtfKind kind) { return kind == BtfKind::structure || kind == BtfKind::union_; }

/// Takes "[3]" from the end of a name. False if it is malformed.
bool take_index(std::string_view& name, std::optional<std::uint32_t>& index) {
  const auto at = name.find('[');
  if (at == std::string_view::npos) return true;
  const std::string_view digits = name.substr(at + 1);
  std::uint32_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc() || result.ptr + 1 != digits.data() + digits.size() || *result.ptr != ']') return false;
  index = number;
  name = name.substr(0, at);
  return true;
}

std::string_view take_part(std::string_view& path) {
  const auto dot = path.find('.');
  const std::string_view part = path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  return part;
}

}  // namespace

std::optional<KernelTypes> KernelTypes::parse(Bytes bytes, std::span<const std::string_view> structures,
                                              std::span<const std::string_view> functions,
                                              std::span<const std::string_view> aliases) {
  auto btf = Btf::view(bytes);
  if (!btf) return std::nullopt;
  KernelTypes types;
  types.btf_ = std::move(*btf);
  types.names_.push_back({BtfKind::integer, kLong});
  for (const std::string_view name : structures) types.names_.push_back({BtfKind::structure, name});
  for (const std::string_view name : functions) types.names_.push_back({BtfKind::function, name});
  for (const std::string_view name : aliases) types.names_.push_back({BtfKind::alias, name});
  types.btf_.find(types.names_);
  if (types.btf_.type(types.names_[0].id).size != kPointerSize) return std::nullopt;
  return types;
}

std::uint32_t KernelTypes::id_of(BtfKind kind, std::string_view name) const noexcept {
  for (const BtfName& known : names_)
    if (known.kind == kind && known.name == name) return known.id;
  return 0;
}

std::uint32_t KernelTypes::function(std::string_view name) const noexcept { return id_of(BtfKind::function, name); }

std::uint32_t KernelTypes::alias(std::string_view name) const noexcept { return id_of(BtfKind::alias, name); }

std::optional<KernelTypes::Step> KernelTypes::find(std::uint32_t id, std::string_view name, unsigned depth) const {
  const BtfType type = btf_.type(id);
  if (!is_structure(type.kind) || depth == 0) return std::nullopt;
  for (std::size_t i = 0; i < type.count; ++i) {
    const BtfMember member = btf_.member(type, i);
    const std::uint32_t offset = member.bit_offset / 8;
    if (member.name == name)
      return member.bits == 0 && member.bit_offset % 8 == 0 ? std::optional(Step{member.type, offset}) : std::nullopt;
    if (!member.name.empty()) continue;
    if (const auto inner = find(btf_.resolved(member.type), name, depth - 1))
      return Step{inner->type, offset + inner->offset};
  }
  return std::nullopt;
}

std::optional<KernelMember> KernelTypes::member(std::string_view path) const {
  std::uint32_t structure = id_of(BtfKind::structure, take_part(path));
  KernelMember found;
  if (path.empty()) return std::nullopt;
  while (!path.empty()) {
    std::string_view name = take_part(path);
    std::optional<std::uint32_t> index;
    if (!take_index(name, index)) return std::nullopt;
    const auto step = find(structure, name, 8);
    if (!step) return std::nullopt;
    found.offset += step->offset;
    structure = btf_.resolved(step->type);
    const BtfType type = btf_.type(structure);
    found.elements = 0;
    if (type.kind == BtfKind::array) {
      structure = btf_.resolved(type.target);
      if (!index) found.elements = type.elements;
      // An array without a length, or of one element as old structures end, has as many as its owner allocated.
      else if (type.elements > 1 && *index >= type.elements) return std::nullopt;
    } else if (index) {
      return std::nullopt;
    }
    const BtfType element = btf_.type(structure);
    const auto size = element.kind == BtfKind::pointer ? kPointerSize : btf_.size_of(structure).value_or(0);
    found.size = static_cast<std::uint32_t>(size);
    if (index) found.offset += *index * found.size;
  }
  return found;
}

}  // namespace duostat

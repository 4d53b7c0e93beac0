// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/btf.h"

#include <algorithm>
#include <bitset>
#include <cstring>
#include <utility>

#include "src/bpf/abi.h"

namespace duostat {
namespace {

constexpr std::size_t kKinds = static_cast<std::size_t>(BtfKind::count_);

/// What follows a type's header: a number of bytes, and a number for each row.
struct Shape {
  std::uint8_t fixed = 0, row = 0;
};
constexpr Shape kShapes[kKinds] = {
    {},       // nothing
    {4, 0},   // integer
    {},       // pointer
    {12, 0},  // array
    {0, 12},  // structure
    {0, 12},  // union_
    {0, 8},   // enumeration
    {},       // forward
    {},       // alias
    {},       // volatile_
    {},       // constant
    {},       // restrict_
    {},       // function
    {0, 8},   // prototype
    {4, 0},   // variable
    {0, 12},  // section
    {},       // floating
    {4, 0},   // declaration_tag
    {},       // type_tag
    {0, 12},  // enumeration64
};

bool sized(BtfKind kind) {
  switch (kind) {
    case BtfKind::integer:
    case BtfKind::structure:
    case BtfKind::union_:
    case BtfKind::enumeration:
    case BtfKind::section:
    case BtfKind::floating:
    case BtfKind::enumeration64: return true;
    default: return false;
  }
}

bool qualifies(BtfKind kind) {
  return kind == BtfKind::volatile_ || kind == BtfKind::constant || kind == BtfKind::restrict_ ||
         kind == BtfKind::type_tag;
}

template <class Row>
Row row_at(Bytes details, std::size_t index) {
  Row row{};
  read_at(details, index * sizeof row, row);
  return row;
}

}  // namespace

std::optional<Btf> Btf::parse(std::vector<std::byte> data) {
  auto btf = view(data);
  if (btf) btf->own_ = std::move(data);  // which moves no byte
  return btf;
}

std::optional<Btf> Btf::view(Bytes all) {
  Btf btf;
  btf.data_ = all;
  uapi::BtfHeader header;
  if (!read_at(all, 0, header) || header.magic != uapi::kBtfMagic || header.version != uapi::kBtfVersion)
    return std::nullopt;
  if (header.header_size < sizeof header || header.header_size > all.size()) return std::nullopt;
  const Bytes body = all.subspan(header.header_size);
  const auto fits = [&](std::uint32_t at, std::uint32_t size) { return at <= body.size() && size <= body.size() - at; };
  if (!fits(header.types_at, header.types_size) || !fits(header.strings_at, header.strings_size)) return std::nullopt;
  btf.strings_at_ = header.header_size + header.strings_at;
  btf.strings_size_ = header.strings_size;
  if (!btf.index_types(body.subspan(header.types_at, header.types_size))) return std::nullopt;
  return btf;
}

bool Btf::index_types(Bytes types) {
  constexpr std::size_t kUsualSize = 24, kAhead = 1024;
  starts_.reserve(types.size() / kUsualSize);
  while (!types.empty()) {
    // Where a type begins depends on the one before it, so the processor cannot read ahead by itself.
    __builtin_prefetch(types.data() + std::min(kAhead, types.size() - 1));
    uapi::BtfTypeHeader header;
    if (!read_at(types, 0, header)) return false;
    const unsigned kind = header.info >> 24 & 0x1f;
    if (kind == 0 || kind >= kKinds) return false;
    const std::size_t size =
        sizeof header + kShapes[kind].fixed + std::size_t{kShapes[kind].row} * (header.info & 0xffff);
    if (size > types.size()) return false;
    starts_.push_back(static_cast<std::uint32_t>(types.data() - data_.data()));
    types = types.subspan(size);
  }
  return true;
}

void Btf::find(std::span<BtfName> names) const noexcept {
  std::bitset<256> first_letters;
  for (const BtfName& name : names)
    if (!name.name.empty()) first_letters.set(static_cast<unsigned char>(name.name[0]));
  std::size_t left = names.size();
  for (std::size_t i = 0; i < starts_.size() && left != 0; ++i) {
    uapi::BtfTypeHeader header{};
    read_at(data_, starts_[i], header);
    if (header.name_at == 0 || header.name_at >= strings_size_) continue;
    const std::byte first = data_[strings_at_ + header.name_at];
    if (!first_letters.test(static_cast<unsigned char>(first))) continue;
    const auto kind = static_cast<BtfKind>(header.info >> 24 & 0x1f);
    for (BtfName& name : names)
      if (name.id == 0 && name.kind == kind && string(header.name_at) == name.name)
        name.id = static_cast<std::uint32_t>(i + 1), --left;
  }
}

std::string_view Btf::string(std::uint32_t offset) const noexcept {
  if (offset >= strings_size_) return {};
  const std::string_view rest(reinterpret_cast<const char*>(data_.data() + strings_at_ + offset),
                              strings_size_ - offset);
  return rest.substr(0, rest.find('\0'));
}

BtfType Btf::type(std::uint32_t id) const noexcept {
  BtfType type;
  if (id == 0 || id > starts_.size()) return type;
  const Bytes bytes = data_.subspan(starts_[id - 1]);
  uapi::BtfTypeHeader header{};
  read_at(bytes, 0, header);
  type.kind = static_cast<BtfKind>(header.info >> 24 & 0x1f);
  type.flag = header.info >> 31 != 0;
  type.count = static_cast<std::uint16_t>(header.info);
  type.name = string(header.name_at);
  (sized(type.kind) ? type.size : type.target) = header.size_or_type;
  const Shape shape = kShapes[static_cast<std::size_t>(type.kind)];
  type.details = bytes.subspan(sizeof header, shape.fixed + std::size_t{shape.row} * type.count);
  if (type.kind == BtfKind::integer) {
    const auto encoding = row_at<std::uint32_t>(type.details, 0) >> 24 & 0xf;
    type.is_signed = (encoding & uapi::kBtfSigned) != 0;
  } else if (type.kind == BtfKind::enumeration || type.kind == BtfKind::enumeration64) {
    type.is_signed = type.flag;
  } else if (type.kind == BtfKind::array) {
    const auto array = row_at<uapi::BtfArray>(type.details, 0);
    type.target = array.type;
    type.elements = array.elements;
  }
  return type;
}

std::uint32_t Btf::unqualified(std::uint32_t id) const noexcept {
  for (unsigned i = 0; i < kDepth; ++i) {
    const BtfType here = type(id);
    if (!qualifies(here.kind)) return id;
    id = here.target;
  }
  return 0;
}

std::uint32_t Btf::resolved(std::uint32_t id) const noexcept {
  for (unsigned i = 0; i < kDepth; ++i) {
    const BtfType here = type(id);
    if (!qualifies(here.kind) && here.kind != BtfKind::alias) return id;
    id = here.target;
  }
  return 0;
}

std::optional<std::uint64_t> Btf::size_of(std::uint32_t id) const noexcept {
  std::uint64_t elements = 1;
  for (unsigned i = 0; i < kDepth; ++i) {
    const BtfType here = type(resolved(id));
    if (here.kind == BtfKind::pointer) return elements * sizeof(void*);
    if (here.kind != BtfKind::array) return sized(here.kind) ? std::optional(elements * here.size) : std::nullopt;
    elements *= here.elements;
    if (elements > UINT32_MAX) return std::nullopt;  // no map has values this large
    id = here.target;
  }
  return std::nullopt;
}

BtfMember Btf::member(const BtfType& type, std::size_t index) const noexcept {
  const auto row = row_at<uapi::BtfMember>(type.details, index);
  if (!type.flag) return {string(row.name_at), row.type, row.offset, 0};
  return {string(row.name_at), row.type, row.offset & 0xffffff, static_cast<std::uint8_t>(row.offset >> 24)};
}

BtfEnumerator Btf::enumerator(const BtfType& type, std::size_t index) const noexcept {
  if (type.kind == BtfKind::enumeration64) {
    const auto row = row_at<uapi::BtfEnumerator64>(type.details, index);
    return {string(row.name_at), static_cast<std::int64_t>(std::uint64_t{row.high} << 32 | row.low)};
  }
  const auto row = row_at<uapi::BtfEnumerator>(type.details, index);
  return {string(row.name_at),
          type.is_signed ? std::int64_t{row.value} : std::int64_t{static_cast<std::uint32_t>(row.value)}};
}

BtfParameter Btf::parameter(const BtfType& type, std::size_t index) const noexcept {
  const auto row = row_at<uapi::BtfParameter>(type.details, index);
  return {string(row.name_at), row.type};
}

}  // namespace duostat

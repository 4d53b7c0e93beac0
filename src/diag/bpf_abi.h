// Declares the layouts of bpf(2) and BTF that this program uses (kernel: include/uapi/linux/bpf.h, btf.h).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat::uapi {

// ---- bpf(2) ----

enum BpfCommand : std::uint32_t {
  kBpfMapById = 14,   // BPF_MAP_GET_FD_BY_ID
  kBpfInfoByFd = 15,  // BPF_OBJ_GET_INFO_BY_FD
  kBpfBtfById = 19,   // BPF_BTF_GET_FD_BY_ID
};

/// union bpf_attr, for the commands that open an object by its id.
struct BpfById {
  std::uint32_t id, next_id, open_flags;
};
static_assert(sizeof(BpfById) == 12);

/// union bpf_attr, for BPF_OBJ_GET_INFO_BY_FD.
struct BpfInfo {
  std::uint32_t fd, info_size;
  std::uint64_t info_at;  ///< address of the structure to fill
};
static_assert(sizeof(BpfInfo) == 16 && offsetof(BpfInfo, info_at) == 8);

/// The beginning of struct bpf_map_info, which grows.
struct BpfMapInfo {
  std::uint32_t type, id, key_size, value_size, max_entries, flags;
  char name[16];
  std::uint32_t ifindex, vmlinux_value_type;
  std::uint64_t netns_device, netns_inode;
  std::uint32_t btf_id, btf_key_type, btf_value_type, pad;
};
static_assert(sizeof(BpfMapInfo) == 80 && offsetof(BpfMapInfo, value_size) == 12 && offsetof(BpfMapInfo, btf_id) == 64);

/// The beginning of struct bpf_btf_info, which grows.
struct BpfBtfInfo {
  std::uint64_t data_at;  ///< address of a buffer for the type information
  std::uint32_t data_size, id;
};
static_assert(sizeof(BpfBtfInfo) == 16);

inline constexpr std::uint32_t kBpfSocketStorage = 24;  // BPF_MAP_TYPE_SK_STORAGE

// ---- attributes of sock_diag about socket storage ----

enum : std::uint16_t {
  kStorageRequestMap = 1,  // SK_DIAG_BPF_STORAGE_REQ_MAP_FD, in INET_DIAG_REQ_SK_BPF_STORAGES
  kStorage = 1,            // SK_DIAG_BPF_STORAGE, in INET_DIAG_SK_BPF_STORAGES
  kStorageMapId = 2,       // SK_DIAG_BPF_STORAGE_MAP_ID
  kStorageValue = 3,       // SK_DIAG_BPF_STORAGE_MAP_VALUE
};

// ---- BTF ----

inline constexpr std::uint16_t kBtfMagic = 0xeb9f;
inline constexpr std::uint8_t kBtfVersion = 1;
inline constexpr std::uint32_t kBtfSigned = 1;  // BTF_INT_SIGNED

/// struct btf_header; offsets count from its end.
struct BtfHeader {
  std::uint16_t magic;
  std::uint8_t version, flags;
  std::uint32_t header_size, types_at, types_size, strings_at, strings_size;
};
static_assert(sizeof(BtfHeader) == 24 && offsetof(BtfHeader, strings_size) == 20);

/// struct btf_type: bits 0-15 of info are the count of rows, 24-28 the kind, 31 the flag.
struct BtfTypeHeader {
  std::uint32_t name_at, info, size_or_type;
};
static_assert(sizeof(BtfTypeHeader) == 12);

struct BtfArray {
  std::uint32_t type, index_type, elements;
};
static_assert(sizeof(BtfArray) == 12);

/// struct btf_member: with the type's flag, bits 24-31 of the offset are the width of a bit field.
struct BtfMember {
  std::uint32_t name_at, type, offset;
};
static_assert(sizeof(BtfMember) == 12);

struct BtfEnumerator {
  std::uint32_t name_at;
  std::int32_t value;
};
static_assert(sizeof(BtfEnumerator) == 8);

struct BtfEnumerator64 {
  std::uint32_t name_at, low, high;
};
static_assert(sizeof(BtfEnumerator64) == 12);

struct BtfParameter {
  std::uint32_t name_at, type;
};
static_assert(sizeof(BtfParameter) == 8);

}  // namespace duostat::uapi

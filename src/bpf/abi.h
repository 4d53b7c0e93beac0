// Declares the layouts of bpf(2), its instructions and BTF that this program uses (kernel: include/uapi/linux/bpf.h,
// btf.h).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace duostat::uapi {

// ---- bpf(2) ----

/// A pointer as the structures below hold it: 64 bits in programs of 32 bits too.
inline std::uint64_t pointer_value(const void* pointer) noexcept { return reinterpret_cast<std::uintptr_t>(pointer); }

enum BpfCommand : std::uint32_t {
  kBpfMapCreate = 0,          // BPF_MAP_CREATE
  kBpfMapLookup = 1,          // BPF_MAP_LOOKUP_ELEM
  kBpfProgramLoad = 5,        // BPF_PROG_LOAD
  kBpfMapById = 14,           // BPF_MAP_GET_FD_BY_ID
  kBpfInfoByFd = 15,          // BPF_OBJ_GET_INFO_BY_FD
  kBpfRawTracepointOpen = 17, // BPF_RAW_TRACEPOINT_OPEN
  kBpfBtfById = 19,           // BPF_BTF_GET_FD_BY_ID
  kBpfLinkCreate = 28,        // BPF_LINK_CREATE
  kBpfIteratorCreate = 33,    // BPF_ITER_CREATE
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

/// union bpf_attr, for BPF_PROG_LOAD. Newer kernels have more; what is not passed is zero.
struct BpfProgramLoad {
  std::uint32_t type, instructions;
  std::uint64_t code_at, licence_at;
  std::uint32_t log_level, log_size;
  std::uint64_t log_at;
  std::uint32_t kernel_version, flags;
  char name[16];
  std::uint32_t ifindex, attach_type, btf_fd, function_size;
  std::uint64_t functions_at;
  std::uint32_t functions, line_size;
  std::uint64_t lines_at;
  std::uint32_t lines, attach_btf_id, attach_program_fd, pad;
};
static_assert(sizeof(BpfProgramLoad) == 120 && offsetof(BpfProgramLoad, name) == 48 &&
              offsetof(BpfProgramLoad, attach_type) == 68 && offsetof(BpfProgramLoad, attach_btf_id) == 108);

/// union bpf_attr, for BPF_LINK_CREATE.
struct BpfLinkCreate {
  std::uint32_t program_fd, target_fd, attach_type, flags;
};
static_assert(sizeof(BpfLinkCreate) == 16);

/// union bpf_attr, for BPF_ITER_CREATE.
struct BpfIteratorCreate {
  std::uint32_t link_fd, flags;
};
static_assert(sizeof(BpfIteratorCreate) == 8);

/// union bpf_attr, for BPF_MAP_CREATE.
struct BpfMapCreate {
  std::uint32_t type = 0, key_size = 0, value_size = 0, entries = 0;
};
static_assert(sizeof(BpfMapCreate) == 16);

/// union bpf_attr, for BPF_MAP_LOOKUP_ELEM.
struct BpfMapElement {
  std::uint32_t map_fd, pad;
  std::uint64_t key_at, value_at, flags;
};
static_assert(sizeof(BpfMapElement) == 32 && offsetof(BpfMapElement, key_at) == 8);

/// union bpf_attr, for BPF_RAW_TRACEPOINT_OPEN.
struct BpfRawTracepoint {
  std::uint64_t name_at;  ///< 0: the program knows its tracepoint
  std::uint32_t program_fd, pad;
};
static_assert(sizeof(BpfRawTracepoint) == 16);

inline constexpr std::uint32_t kBpfArray = 2;           // BPF_MAP_TYPE_ARRAY
inline constexpr std::uint32_t kBpfRingBuffer = 27;     // BPF_MAP_TYPE_RINGBUF
inline constexpr std::uint32_t kBpfTraceRawPoint = 23;  // BPF_TRACE_RAW_TP
inline constexpr std::uint32_t kBpfSocketStorage = 24;  // BPF_MAP_TYPE_SK_STORAGE
inline constexpr std::uint32_t kBpfTracing = 26;        // BPF_PROG_TYPE_TRACING
inline constexpr std::uint32_t kBpfTraceIterator = 28;  // BPF_TRACE_ITER

/// struct bpf_insn. The order of the two registers in their byte is that of bit-fields: see registers_of().
struct BpfInstruction {
  std::uint8_t code, registers;
  std::int16_t offset;
  std::int32_t value;
};
static_assert(sizeof(BpfInstruction) == 8 && offsetof(BpfInstruction, value) == 4);

constexpr std::uint8_t registers_of(unsigned to, unsigned from) noexcept {
  const bool big = std::endian::native == std::endian::big;
  return static_cast<std::uint8_t>(big ? to << 4 | from : from << 4 | to);
}

// ---- the operation codes in use (include/uapi/linux/bpf.h, bpf_common.h) ----

// BPF_LD, BPF_LDX, BPF_STX, BPF_JMP, BPF_ALU64
inline constexpr std::uint8_t kBpfLoadConstant = 0, kBpfLoad = 1, kBpfStore = 3, kBpfJump = 5, kBpfAlu64 = 7;
inline constexpr std::uint8_t kBpf4 = 0x00, kBpf2 = 0x08, kBpf1 = 0x10, kBpf8 = 0x18;  // BPF_W, BPF_H, BPF_B, BPF_DW
inline constexpr std::uint8_t kBpfMemory = 0x60;                                       // BPF_MEM
inline constexpr std::uint8_t kBpfRegister = 0x08;                                     // BPF_X
inline constexpr std::uint8_t kBpfAdd = 0x00, kBpfAnd = 0x50, kBpfMove = 0xb0;
inline constexpr std::uint8_t kBpfAlways = 0x00, kBpfEqual = 0x10, kBpfUnequal = 0x50, kBpfCall = 0x80, kBpfExit = 0x90;
inline constexpr std::uint8_t kBpfAtomic = 0xc0;   // BPF_ATOMIC: adds, with kBpfAdd as the value
inline constexpr unsigned kBpfMapDescriptor = 1;   // BPF_PSEUDO_MAP_FD, the second register of a constant
enum BpfHelper : std::int32_t {
  kBpfMapFind = 1,         // bpf_map_lookup_elem(map, key)
  kBpfTime = 5,            // bpf_ktime_get_ns()
  kBpfCurrentComm = 16,    // bpf_get_current_comm(buffer, size)
  kBpfNamespacePid = 120,  // bpf_get_ns_current_pid_tgid(device, inode, ids, size)
  kBpfSeqWrite = 127,      // bpf_seq_write(seq, data, size)
  kBpfRingOutput = 130,    // bpf_ringbuf_output(map, data, size, flags)
  kBpfTcpSock = 137,       // bpf_skc_to_tcp_sock(sock)
  kBpfCurrentTask = 158,   // bpf_get_current_task_btf()
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

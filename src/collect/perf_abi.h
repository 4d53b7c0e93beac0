// Declares what this program uses of perf_event_open(2) (kernel: include/uapi/linux/perf_event.h).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat::uapi {

/// struct perf_event_attr, as of Linux 4.1 (PERF_ATTR_SIZE_VER5): 112 bytes.
struct PerfAttributes {
  std::uint32_t type, size;
  std::uint64_t config, sample_period, sample_type, read_format;
  std::uint64_t flags;  ///< bit-fields, see kPerf…
  std::uint32_t wakeup_watermark, breakpoint_type;
  std::uint64_t config1, config2, branch_sample_type, sample_regs_user;
  std::uint32_t sample_stack_user;
  std::int32_t clock_id;
  std::uint64_t sample_regs_intr;
  std::uint32_t aux_watermark;
  std::uint16_t sample_max_stack, reserved;
};
static_assert(sizeof(PerfAttributes) == 112 && offsetof(PerfAttributes, flags) == 40 &&
              offsetof(PerfAttributes, clock_id) == 92);

inline constexpr std::uint32_t kPerfTracepoint = 2;  // PERF_TYPE_TRACEPOINT
// PERF_SAMPLE_TID, PERF_SAMPLE_TIME, PERF_SAMPLE_RAW: a sample has them in this order.
inline constexpr std::uint64_t kPerfSampleTid = 1 << 1, kPerfSampleTime = 1 << 2, kPerfSampleRaw = 1 << 10;
inline constexpr std::uint64_t kPerfFormatLost = 1 << 4;  // PERF_FORMAT_LOST: Linux 6.0
// Bit numbers of the bit-fields. They are counted from the other end on big-endian machines.
inline constexpr unsigned kPerfDisabled = 0, kPerfWatermark = 14, kPerfUseClockId = 25;
inline constexpr unsigned long kPerfEnable = 0x2400, kPerfDisable = 0x2401;  // PERF_EVENT_IOC_*
inline constexpr unsigned long kPerfCloseOnExec = 8;                           // PERF_FLAG_FD_CLOEXEC

/// The members of struct perf_event_mmap_page in use: 64 bits each.
inline constexpr std::size_t kPerfDataHead = 1024, kPerfDataTail = 1032;

/// struct perf_event_header
struct PerfHeader {
  std::uint32_t type;
  std::uint16_t misc, size;  ///< size: of the whole record
};
static_assert(sizeof(PerfHeader) == 8);
inline constexpr std::uint32_t kPerfRecordLost = 2, kPerfRecordSample = 9;

}  // namespace duostat::uapi

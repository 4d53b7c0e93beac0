// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/perf_records.h"

#include <cstring>
#include <utility>
#include <vector>

#include "src/collect/perf_abi.h"

namespace duostat {
namespace {

/// Copies out of the ring, across its end.
void copy_out(const PerfRing& ring, std::uint64_t at, std::span<std::byte> to) {
  if (to.empty()) return;  // memcpy(3) takes no null pointer
  const std::size_t from = at & (ring.data.size() - 1);
  const std::size_t first = std::min(to.size(), ring.data.size() - from);
  std::memcpy(to.data(), ring.data.data() + from, first);
  std::memcpy(to.data() + first, ring.data.data(), to.size() - first);
}

bool take_sample(Bytes body, const TraceFormat& format, StateRecord& record) {
  struct {
    std::uint32_t pid, tid;
    std::uint64_t time;
  } fixed;
  std::uint32_t size = 0;
  if (!read_at(body, 0, fixed) || !read_at(body, sizeof fixed, size)) return false;
  const Bytes raw = body.subspan(sizeof fixed + sizeof size);
  if (size > raw.size()) return false;
  record.time_ns = static_cast<std::int64_t>(fixed.time);
  constexpr std::uint32_t kNone = 0xffffffff;  // a task that has just ended
  record.pid = fixed.pid == kNone ? 0 : fixed.pid;
  return format.decode(raw.first(size), record);
}

}  // namespace

std::uint64_t read_perf_records(const PerfRing& ring, const TraceFormat& format, PerfCounts& counts,
                                FunctionRef<void(StateRecord&&)> take) {
  std::uint64_t at = ring.tail;
  std::vector<std::byte> bytes;
  if (ring.head - at > ring.data.size()) {  // more than a ring can hold
    ++counts.malformed;
    return ring.head;
  }
  while (ring.head - at >= sizeof(uapi::PerfHeader)) {
    uapi::PerfHeader header;
    copy_out(ring, at, std::as_writable_bytes(std::span(&header, 1)));
    if (header.size < sizeof header || header.size > ring.head - at) {
      ++counts.malformed;
      return ring.head;  // where the next record begins is unknown
    }
    bytes.resize(header.size - sizeof header);
    copy_out(ring, at + sizeof header, bytes);
    at += header.size;
    ++counts.records;
    if (header.type == uapi::kPerfRecordLost) {
      std::uint64_t lost = 0;
      constexpr std::size_t kAfterId = 8;
      if (read_at(Bytes(bytes), kAfterId, lost)) counts.lost += lost;
      else ++counts.malformed;
    } else if (header.type == uapi::kPerfRecordSample) {
      StateRecord record;
      if (take_sample(bytes, format, record)) take(std::move(record));
      else ++counts.malformed;
    }
  }
  return at;
}

}  // namespace duostat

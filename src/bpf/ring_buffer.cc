// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/ring_buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/shared_counter.h"
#include "src/bpf/abi.h"

namespace duostat {
namespace {

using Step = BpfFailure::Step;

constexpr std::uint32_t kBusy = 1u << 31, kDiscarded = 1u << 30;  // BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT
constexpr std::size_t kHeader = 8, kAlignment = 8;

Fd make_map(BpfCall& kernel, uapi::BpfMapCreate create, BpfFailure& failure) {
  const long result = kernel.call(uapi::kBpfMapCreate, &create, sizeof create);
  if (result >= 0) return Fd(static_cast<int>(result));
  failure = {Step::map, static_cast<int>(-result)};
  return {};
}

}  // namespace

std::uint64_t read_ring_records(Bytes data, std::uint64_t from, std::uint64_t to, FunctionRef<void(Bytes)> take) {
  const std::size_t size = data.size() / 2;
  while (from < to) {
    const std::size_t at = from & (size - 1);
    // The length is stored last, when the record is complete.
    const auto* const length_at = reinterpret_cast<const std::uint32_t*>(data.data() + at);
    const std::uint32_t word = __atomic_load_n(length_at, __ATOMIC_ACQUIRE);
    if ((word & kBusy) != 0) break;
    const std::size_t length = word & ~(kBusy | kDiscarded);
    if (length > size) break;
    if ((word & kDiscarded) == 0) take(data.subspan(at + kHeader, length));
    from += (kHeader + length + kAlignment - 1) & ~(kAlignment - 1);
  }
  return from;
}

bool BpfRing::open(BpfCall& kernel, std::size_t size, BpfFailure& failure) {
  map_ = make_map(kernel, {.type = uapi::kBpfRingBuffer, .entries = static_cast<std::uint32_t>(size)}, failure);
  if (!map_) return false;
  size_ = size;
  page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* mapping = ::mmap(nullptr, page_, PROT_READ | PROT_WRITE, MAP_SHARED, map_.get(), 0);
  if (mapping == MAP_FAILED) return failure = {Step::map, errno}, false;
  consumer_ = static_cast<std::byte*>(mapping);
  mapping = ::mmap(nullptr, page_ + 2 * size_, PROT_READ, MAP_SHARED, map_.get(), static_cast<off_t>(page_));
  if (mapping == MAP_FAILED) return failure = {Step::map, errno}, false;
  producer_ = static_cast<std::byte*>(mapping);
  return true;
}

BpfRing::~BpfRing() {
  if (consumer_ != nullptr) ::munmap(consumer_, page_);
  if (producer_ != nullptr) ::munmap(producer_, page_ + 2 * size_);
}

void BpfRing::read(FunctionRef<void(Bytes)> take) {
  const std::uint64_t from = SharedCounter(consumer_).load_relaxed();
  const std::uint64_t to = SharedCounter(producer_).load_acquire();
  const std::uint64_t done = read_ring_records(Bytes(producer_ + page_, 2 * size_), from, to, take);
  SharedCounter(consumer_).store_release(done);
}

Fd make_counter(BpfCall& kernel, BpfFailure& failure) {
  return make_map(kernel, {.type = uapi::kBpfArray, .key_size = 4, .value_size = 8, .entries = 1}, failure);
}

std::uint64_t read_counter(BpfCall& kernel, int map) {
  const std::uint32_t key = 0;
  std::uint64_t value = 0;
  uapi::BpfMapElement lookup{static_cast<std::uint32_t>(map), 0, uapi::pointer_value(&key), uapi::pointer_value(&value),
                             0};
  return kernel.call(uapi::kBpfMapLookup, &lookup, sizeof lookup) == 0 ? value : 0;
}

}  // namespace duostat

// The source `perf`: perf_event_open(2) on the tracepoint sock:inet_sock_set_state, one ring for each processor. The
// rings vanish with the process.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/base/shared_counter.h"
#include "src/collect/follow.h"
#include "src/collect/perf_abi.h"
#include "src/collect/perf_records.h"
#include "src/collect/trace_fs.h"
#include "src/collect/trace_source.h"

namespace duostat {
namespace {

/// The smaller one needs no CAP_IPC_LOCK (/proc/sys/kernel/perf_event_mlock_kb).
constexpr std::size_t kRingBytes[] = {1024 * 1024, 256 * 1024};
constexpr std::uint32_t kWakeBytes = 64 * 1024;

constexpr std::uint64_t flag(unsigned bit) {
  return std::uint64_t{1} << (std::endian::native == std::endian::big ? 63 - bit : bit);
}

/// The ring of one processor.
class Ring {
 public:
  Ring() noexcept = default;
  Ring(Ring&& other) noexcept
      : fd_(std::move(other.fd_)),
        page_(other.page_),
        size_(other.size_),
        mapping_(std::exchange(other.mapping_, nullptr)),
        counts_lost_(other.counts_lost_) {}
  Ring& operator=(Ring&&) = delete;
  ~Ring() {
    if (mapping_ != nullptr) ::munmap(mapping_, page_ + size_);
  }

  /// 0 or errno; ENODEV: the processor is offline.
  int open(uapi::PerfAttributes attributes, int processor) {
    const auto perf = [&] {
      return Fd(static_cast<int>(
          ::syscall(SYS_perf_event_open, &attributes, -1, processor, -1, uapi::kPerfCloseOnExec)));
    };
    fd_ = perf();
    if (!fd_ && errno == EINVAL) {  // before Linux 6.0
      attributes.read_format = 0;
      fd_ = perf();
    }
    if (!fd_) return errno;
    counts_lost_ = attributes.read_format != 0;
    page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (const std::size_t size : kRingBytes) {
      void* const mapping = ::mmap(nullptr, page_ + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
      if (mapping == MAP_FAILED) continue;
      mapping_ = static_cast<std::byte*>(mapping);
      size_ = size;
      return 0;
    }
    return errno;
  }
  int enable() const { return ::ioctl(fd_.get(), uapi::kPerfEnable, 0) == 0 ? 0 : errno; }
  int fd() const { return fd_.get(); }

  void read(const TraceFormat& format, PerfCounts& counts, FunctionRef<void(StateRecord&&)> take) {
    const PerfRing ring{Bytes(mapping_ + page_, size_),
                        position(uapi::kPerfDataHead).load_acquire(),
                        position(uapi::kPerfDataTail).load_relaxed()};
    const std::uint64_t tail = read_perf_records(ring, format, counts, take);
    position(uapi::kPerfDataTail).store_release(tail);
  }

  /// Samples that found the ring full, by the kernel's count; 0 if it has none.
  std::uint64_t lost() const {
    struct {
      std::uint64_t value, lost;
    } now{};
    return counts_lost_ && ::read(fd_.get(), &now, sizeof now) == static_cast<ssize_t>(sizeof now) ? now.lost : 0;
  }

 private:
  SharedCounter position(std::size_t at) const { return SharedCounter(mapping_ + at); }

  Fd fd_;
  std::size_t page_ = 0, size_ = 0;  ///< of the ring without its first page
  std::byte* mapping_ = nullptr;
  bool counts_lost_ = false;
};

class PerfEvents final : public TraceSource {
 public:
  using TraceSource::TraceSource;

  std::string open() {
    std::string why;
    const Fd trace = open_trace_fs(why);
    if (!trace) return why;
    const std::string event(TraceFormat::kEvent);
    int error = 0;
    const std::string text = read_below(trace.get(), event + "/format", error);
    if (error != 0) return "the tracepoint inet_sock_set_state: " + error_text(error);
    std::string_view missing;
    format_ = TraceFormat::parse(text, missing);
    if (!format_) return "the tracepoint inet_sock_set_state has no field " + std::string(missing);
    const std::string id = read_below(trace.get(), event + "/id", error);
    uapi::PerfAttributes attributes{};
    std::from_chars(id.data(), id.data() + id.size(), attributes.config);
    attributes.type = uapi::kPerfTracepoint;
    attributes.size = sizeof attributes;
    attributes.sample_period = 1;
    attributes.sample_type = uapi::kPerfSampleTid | uapi::kPerfSampleTime | uapi::kPerfSampleRaw;
    attributes.read_format = uapi::kPerfFormatLost;
    attributes.flags = flag(uapi::kPerfDisabled) | flag(uapi::kPerfWatermark) | flag(uapi::kPerfUseClockId);
    attributes.wakeup_watermark = kWakeBytes;
    attributes.clock_id = CLOCK_MONOTONIC;
    return open_rings(attributes);
  }

  std::span<const int> descriptors() const override { return fds_; }
  std::int64_t pause_ns() const override { return kPause; }

  Loss loss() override {
    std::uint64_t lost = 0;
    for (const Ring& ring : rings_) lost += ring.lost();
    Loss loss;
    loss.events = std::max(lost, counts_.lost) + counts_.malformed;
    if (loss.events != 0) loss.why = counts_.malformed != 0 ? "malformed records" : "a ring was full: read too late";
    return loss;
  }

 private:
  static constexpr std::int64_t kPause = 50'000'000;

  std::string open_rings(const uapi::PerfAttributes& attributes) {
    const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
    for (int i = 0; i < processors; ++i) {
      Ring ring;
      const int error = ring.open(attributes, i);
      if (error == ENODEV) continue;
      if (error != 0) return "perf_event_open: " + error_text(error);
      rings_.push_back(std::move(ring));
    }
    if (rings_.empty()) return "no processor is online";
    for (const Ring& ring : rings_) {
      if (const int error = ring.enable()) return "perf_event_open: " + error_text(error);
      fds_.push_back(ring.fd());
    }
    return {};
  }

  void pull(FunctionRef<void(StateRecord&&)> add) override {
    for (Ring& ring : rings_)
      ring.read(*format_, counts_, [&](StateRecord&& record) {
        if (owners_ && is_change_by_owner(record)) {
          auto name = process_name(env_.proc, record.pid);
          if (name) record.comm = std::move(*name);
          else record.pid = 0;
        }
        add(std::move(record));
      });
  }

  std::optional<TraceFormat> format_;
  std::vector<Ring> rings_;
  std::vector<int> fds_;
  PerfCounts counts_;
};

}  // namespace

std::unique_ptr<EventSource> open_perf_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<PerfEvents>(env, request);
  why = source->open();
  return why.empty() ? std::move(source) : nullptr;
}

}  // namespace duostat

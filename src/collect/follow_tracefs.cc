// The source `tracefs`: an instance of the tracer with the tracepoint sock:inet_sock_set_state, one buffer for each
// processor.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/follow.h"
#include "src/collect/trace_fs.h"
#include "src/collect/trace_instance.h"
#include "src/collect/trace_page.h"
#include "src/collect/trace_source.h"

namespace duostat {
namespace {

constexpr std::string_view kBufferKilobytes = "256", kClock = "mono", kOn = "1", kOff = "0";
constexpr int kProcessorsMost = 8192;

/// "overrun: 17" in per_cpu/cpuN/stats: records that newer ones have overwritten.
std::uint64_t overwritten(const std::string& stats) {
  std::uint64_t all = 0;
  for (const std::string_view word : {"\noverrun: ", "\ndropped events: "}) {
    const std::size_t at = stats.find(word);
    if (at == std::string::npos) continue;
    std::uint64_t number = 0;
    std::from_chars(stats.data() + at + word.size(), stats.data() + stats.size(), number);
    all += number;
  }
  return all;
}

class TracefsEvents final : public TraceSource {
 public:
  using TraceSource::TraceSource;
  ~TracefsEvents() override {
    // The instance is removed after this; until then nothing may be open in it.
    if (enabled_) write_below(instance_.folder(), enable(), kOff);
    pipes_.clear();
  }

  std::string open() {
    std::string why;
    Fd root = open_trace_fs(why);
    if (!root) return why;
    int error = 0;
    const std::string text = read_below(root.get(), std::string(TraceFormat::kEvent) + "/format", error);
    if (error != 0) return "the tracepoint inet_sock_set_state: " + error_text(error);
    std::string_view missing;
    format_ = TraceFormat::parse(text, missing);
    if (!format_) return "the tracepoint inet_sock_set_state has no field " + std::string(missing);
    if (why = instance_.open(std::move(root), env_.proc); !why.empty()) return why;
    const int folder = instance_.folder();
    // Before the first record: a new clock empties the buffers.
    for (const auto& [file, value] : {std::pair("trace_clock", kClock), std::pair("buffer_size_kb", kBufferKilobytes)})
      if (error = write_below(folder, file, value); error != 0)
        return fmt::format("tracefs: {}: {}", file, error_text(error));
    if (why = open_pipes(folder); !why.empty()) return why;
    if (error = write_below(folder, enable(), kOn); error != 0)
      return "tracefs: cannot enable the tracepoint: " + error_text(error);
    enabled_ = true;
    page_.resize(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
    return {};
  }

  std::span<const int> descriptors() const override { return fds_; }
  std::int64_t pause_ns() const override { return kPause; }

  Loss loss() override {
    Loss loss;
    for (const Pipe& pipe : pipes_) {
      int error = 0;
      loss.events += overwritten(read_below(instance_.folder(), pipe.stats, error));
    }
    if (loss.events != 0) loss.why = "a buffer was full: read too late";
    if (malformed_ != 0) loss.unknown = malformed_, loss.why = "a malformed page";
    return loss;
  }

 private:
  static constexpr std::int64_t kPause = 50'000'000;
  struct Pipe {
    Fd fd;
    std::string stats;
  };
  static std::string enable() { return std::string(TraceFormat::kEvent) + "/enable"; }

  std::string open_pipes(int folder) {
    for (int i = 0; i < kProcessorsMost; ++i) {
      const std::string of = fmt::format("per_cpu/cpu{}/", i);
      Fd fd(::openat(folder, (of + "trace_pipe_raw").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      if (!fd && errno == ENOENT && i >= ::sysconf(_SC_NPROCESSORS_CONF)) break;
      if (!fd && errno == ENOENT) continue;
      if (!fd) return "tracefs: trace_pipe_raw: " + error_text(errno);
      fds_.push_back(fd.get());
      pipes_.push_back({std::move(fd), of + "stats"});
    }
    return pipes_.empty() ? "tracefs: no buffer of a processor" : "";
  }

  void pull(FunctionRef<void(StateRecord&&)> add) override {
    for (const Pipe& pipe : pipes_) drain(pipe.fd.get(), add);
  }

  void drain(int fd, FunctionRef<void(StateRecord&&)> add) {
    constexpr int kMostPages = 256;
    const auto decode = [&](std::int64_t time, Bytes raw) {
      StateRecord record;
      if (!format_->decode(raw, record)) return void(++malformed_);
      record.time_ns = time;
      add(std::move(record));
    };
    for (int i = 0; i < kMostPages; ++i) {
      const ssize_t n = ::read(fd, page_.data(), page_.size());
      if (n <= 0) return;  // EAGAIN: empty
      if (!read_trace_page(Bytes(page_).first(static_cast<std::size_t>(n)), decode)) ++malformed_;
    }
  }

  TraceInstance instance_;  ///< before the pipes: they are closed first
  std::optional<TraceFormat> format_;
  std::vector<Pipe> pipes_;
  std::vector<int> fds_;
  std::vector<std::byte> page_;
  std::uint64_t malformed_ = 0;
  bool enabled_ = false;
};

}  // namespace

std::unique_ptr<EventSource> open_tracefs_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<TracefsEvents>(env, request);
  why = source->open();
  return why.empty() ? std::move(source) : nullptr;
}

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/measure.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <unordered_map>

#include "src/base/error.h"
#include "src/base/proc_dir.h"
#include "src/bench/child.h"
#include "src/bench/processor_time.h"

namespace duostat::bench {
namespace {

rusage usage_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

/// The process's resident set in bytes (second number of /proc/self/statm, in pages).
std::uint64_t resident_now() {
  int error = 0;
  const std::string text = ProcDir().read("self/statm", error);
  std::uint64_t pages = 0;
  const auto blank = text.find(' ');
  if (blank != std::string::npos) std::from_chars(text.data() + blank + 1, text.data() + text.size(), pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

template <class T>
std::string bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
template <class T>
bool read_from(std::string_view bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
  return true;
}

/// Serializes a result for the pipe: the plain numbers, then the text of the problem.
std::string measured(Clock& clock, const Work& work) {
  Sample sample;
  const std::uint64_t resident = resident_now();
  const rusage before = usage_now();
  const std::int64_t start = clock.now_ns();
  const WorkReport told = work();
  const std::int64_t end = clock.now_ns();
  const rusage after = usage_now();
  sample.wall = static_cast<double>(end - start);
  sample.cpu = cpu_of(after) - cpu_of(before);
  sample.sockets = told.sockets;
  sample.peak_memory = static_cast<std::uint64_t>(after.ru_maxrss) * 1024;
  sample.own_memory = std::max(sample.peak_memory, resident) - resident;
  if (told.first_at != 0) sample.first = static_cast<double>(told.first_at - start);
  return bytes_of(sample) + told.problem;
}

/// Bytes that this process has read from files so far (rchar of /proc/self/io); `question` receives the cost of this
/// reading itself.
std::optional<std::uint64_t> bytes_read(std::uint64_t& question) {
  int error = 0;
  const std::string text = ProcDir().read("self/io", error);
  constexpr std::string_view kKey = "rchar: ";
  std::uint64_t count = 0;
  if (!text.starts_with(kKey)) return std::nullopt;
  std::from_chars(text.data() + kKey.size(), text.data() + text.size(), count);
  question = text.size();
  return count;
}

/// What the traced child reports.
struct Read {
  bool known = false;
  std::uint64_t bytes = 0;
};

/// The main function of the traced child: the work runs between two stops.
int traced(const Work& work, int out) {
  const bool traced = ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
  std::uint64_t question = 0, ignored = 0;
  const auto before = bytes_read(question);
  if (traced) ::raise(SIGSTOP);
  const WorkReport told = work();
  if (traced) ::raise(SIGSTOP);
  const auto after = bytes_read(ignored);
  const Read read{before && after, before && after ? *after - *before - question + told.received : 0};
  return write_all(out, bytes_of(read)) ? 0 : 1;
}

/// Counts the system calls of all threads between the child's two SIGSTOPs.
class Follower {
 public:
  Follower(Child& child, Interrupt& interrupt) : child_(child), interrupt_(interrupt) {}

  /// nullopt if the child was not traced, or after a signal.
  std::optional<std::uint64_t> count() {
    for (;;) {
      int status = 0;
      const pid_t thread = ::waitpid(-child_.pid(), &status, __WALL);
      if (thread < 0 && errno == EINTR) continue;
      if (thread < 0 || interrupt_.raised()) return std::nullopt;
      if (WIFSTOPPED(status)) {
        stopped(thread, status);
      } else {
        in_call_.erase(thread);
        if (thread == child_.pid()) break;  // the last one: a leader is reaped after its threads
      }
    }
    child_.forget();
    return marks_ == 2 ? std::optional(calls_) : std::nullopt;
  }

 private:
  void stopped(pid_t thread, int status) {
    constexpr int kSystemCallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD
    constexpr int kAtClone = SIGTRAP | PTRACE_EVENT_CLONE << 8;
    int signal = WSTOPSIG(status);
    if (signal == SIGSTOP) {  // a mark, or the start of a thread
      if (thread == child_.pid() && ++marks_ == 1)
        ::ptrace(PTRACE_SETOPTIONS, thread, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
      signal = 0;
    } else if (signal == kSystemCallStop) {
      // A call stops on entry and, if it returns, on exit.
      bool& in_call = in_call_[thread];
      in_call = !in_call;
      calls_ += in_call && marks_ == 1;
      signal = 0;
    } else if (status >> 8 == kAtClone) {
      signal = 0;
    }
    ::ptrace(marks_ == 1 ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, signal);
  }

  Child& child_;
  Interrupt& interrupt_;
  unsigned marks_ = 0;
  std::uint64_t calls_ = 0;
  std::unordered_map<pid_t, bool> in_call_;
};

/// System calls that raising the marks takes.
std::uint64_t empty_count(Interrupt& interrupt) {
  Pipe pipe;
  Child child([&] { return traced([] { return WorkReport{}; }, pipe.write.get()); }, Child::Group::own);
  return Follower(child, interrupt).count().value_or(0);
}

}  // namespace

std::optional<Taken> take(Interrupt& interrupt, Clock& clock, const Work& work) {
  const auto text = in_child(interrupt, [&] { return measured(clock, work); });
  Sample sample;
  if (!text || !read_from(*text, sample)) return std::nullopt;
  return Taken{sample, text->substr(sizeof sample)};
}

Counted count(Interrupt& interrupt, const Work& work) {
  Counted counted;
  const std::uint64_t marks = empty_count(interrupt);
  Pipe pipe;
  Child child([&] { return traced(work, pipe.write.get()); }, Child::Group::own);
  pipe.write.reset();
  const auto calls = Follower(child, interrupt).count();
  if (interrupt.raised()) return counted;
  if (calls) counted.system_calls = *calls - std::min(*calls, marks);
  std::string text;
  Read read;
  if (read_all(pipe.read.get(), interrupt, text) && read_from(text, read) && read.known) counted.bytes = read.bytes;
  return counted;
}

std::optional<double> user_share(Interrupt& interrupt, const Work& work, double seconds) {
  const auto text = in_child(interrupt, [&] {
    const rusage before = usage_now();
    rusage after;
    do {
      work();
      after = usage_now();
    } while (cpu_of(after) - cpu_of(before) < seconds * 1e9);
    const double all = cpu_of(after) - cpu_of(before);
    return bytes_of(all > 0 ? (nanoseconds(after.ru_utime) - nanoseconds(before.ru_utime)) / all : 0.0);
  });
  double share = 0;
  if (!text || !read_from(*text, share)) return std::nullopt;
  return share;
}

}  // namespace duostat::bench

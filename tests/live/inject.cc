// Runs a command and makes one of its system calls fail, or counts them all.
//
//     inject REPORT count COMMAND WORDS...
//     inject REPORT SYSCALL ERRNO FIRST LAST COMMAND WORDS...   calls FIRST to LAST (from 1) of SYSCALL fail with ERRNO
//
// REPORT is a file. Its lines: "call NAME COUNT" (the calls of each kind), "failed SYSCALL N WHERE" (each call that was
// made to fail; WHERE is its path, if it has one), and "ended exit|signal|hung NUMBER" or "refused REASON". The exit
// status is 0 if the report is complete.
//
// Technique: seccomp user notification. The kernel stops the command at the calls that a filter selects and asks this
// process, which answers "continue" or an error number. Why not the alternatives:
//   - strace counts the calls of each thread separately, so "the fifth recvmsg" is meaningless with a read-ahead
//     thread; it stops every call, and leak detection does not work under it.
//   - a preloaded library sees only calls through libc's exported names: no raw system calls, not libc's own mmap or
//     clone3, no static programs.
//   - the kernel's fault injection (fail_function) needs a debug kernel and root. Notification counts over all threads,
//     needs no privilege (no_new_privs), costs nothing for calls not named.
//
// Counting begins at the program's entry point, where a breakpoint stops the command once: what the loader does before
// is not the program's to survive. Calls that the loader's code makes later (dlopen) count.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#if !defined(__x86_64__) && !defined(__aarch64__)

// Other processors have other names of system calls, registers and breakpoints.
int main(int argc, char** argv) {
  std::FILE* out = argc > 1 ? std::fopen(argv[1], "we") : nullptr;
  if (out == nullptr) return 2;
  std::fputs("refused no breakpoint is known for this processor\n", out);
  return std::fclose(out) == 0 ? 0 : 2;
}

#else

#include <elf.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kHangSeconds = 10;

#if defined(__x86_64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_X86_64;
constexpr long kBreakpoint = 0xcc;
constexpr long kBreakpointMask = 0xff;
auto& program_counter(user_regs_struct& registers) { return registers.rip; }  // of different types in the C libraries
#else  // aarch64
constexpr std::uint32_t kArch = AUDIT_ARCH_AARCH64;
constexpr long kBreakpoint = 0xd4200000;
constexpr long kBreakpointMask = 0xffffffff;
auto& program_counter(user_regs_struct& registers) { return registers.pc; }
#endif

struct Name {
  const char* name;
  int number;
  int path;  // index of the path argument; -1: none
};
#define CALL(name, path) {#name, SYS_##name, path}
constexpr Name kNames[] = {
    CALL(bind, -1),
    CALL(brk, -1),
    CALL(clone, -1),
    CALL(close, -1),
    CALL(connect, -1),
    CALL(dup, -1),
    CALL(dup3, -1),
    CALL(exit, -1),
    CALL(exit_group, -1),
    CALL(execve, 0),
    CALL(faccessat, 1),
    CALL(fadvise64, -1),
    CALL(fallocate, -1),
    CALL(fchmod, -1),
    CALL(fcntl, -1),
    CALL(fdatasync, -1),
    CALL(fstat, -1),
    CALL(fstatfs, -1),
    CALL(fsync, -1),
    CALL(ftruncate, -1),
    CALL(futex, -1),
    CALL(getdents64, -1),
    CALL(geteuid, -1),
    CALL(getpeername, -1),
    CALL(getpid, -1),
    CALL(getrandom, -1),
    CALL(getsockname, -1),
    CALL(getsockopt, -1),
    CALL(gettid, -1),
    CALL(getuid, -1),
    CALL(ioctl, -1),
    CALL(linkat, 3),
    CALL(lseek, -1),
    CALL(madvise, -1),
    CALL(mmap, -1),
    CALL(mprotect, -1),
    CALL(mremap, -1),
    CALL(munmap, -1),
    CALL(newfstatat, 1),
    CALL(openat, 1),
    CALL(pipe2, -1),
    CALL(ppoll, -1),
    CALL(prctl, -1),
    CALL(pread64, -1),
    CALL(prlimit64, -1),
    CALL(pwrite64, -1),
    CALL(read, -1),
    CALL(readlinkat, 1),
    CALL(readv, -1),
    CALL(recvfrom, -1),
    CALL(recvmsg, -1),
    CALL(rseq, -1),
    CALL(rt_sigaction, -1),
    CALL(rt_sigprocmask, -1),
    CALL(sched_getaffinity, -1),
    CALL(sched_yield, -1),
    CALL(sendmsg, -1),
    CALL(sendto, -1),
    CALL(set_robust_list, -1),
    CALL(setsockopt, -1),
    CALL(sigaltstack, -1),
    CALL(socket, -1),
    CALL(statx, 1),
    CALL(sysinfo, -1),
    CALL(uname, -1),
    CALL(unlinkat, 1),
    CALL(write, -1),
    CALL(writev, -1),
    CALL(clock_nanosleep, -1),
    CALL(rt_sigreturn, -1),
#ifdef SYS_clone3
    CALL(clone3, -1),
#endif
#ifdef SYS_faccessat2
    CALL(faccessat2, 1),
#endif
#ifdef SYS_renameat
    CALL(renameat, 3),
#endif
#ifdef SYS_renameat2
    CALL(renameat2, 3),
#endif
#ifdef SYS_open  // the older calls: not on every architecture
    CALL(access, 0),
    CALL(arch_prctl, -1),
    CALL(open, 0),
    CALL(pipe, -1),
    CALL(poll, -1),
    CALL(readlink, 0),
    CALL(rename, 1),
    CALL(stat, 0),
    CALL(unlink, 0),
#endif
};
#undef CALL

const Name* named(int number) {
  for (const Name& each : kNames)
    if (each.number == number) return &each;
  return nullptr;
}

const Name* named(const char* name) {
  for (const Name& each : kNames)
    if (std::strcmp(each.name, name) == 0) return &each;
  return nullptr;
}

std::string name_of(int number) {
  const Name* name = named(number);
  return name ? name->name : std::to_string(number);
}

struct Fault {
  int call = -1;  // -1: none, count all
  int error = 0;
  long first = 0, last = 0;
};

/// Memory shared with the command's process.
struct Shared {
  // The listener's number in the descriptor table that both share until execve; -1: not yet; -2: refused.
  std::atomic<int> listener;
  std::atomic<int> error;
};

/// Installs the filter. Returns the listening descriptor or -1. `call` -1: every system call.
int listen_to_calls(int call) {
  sock_filter all[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArch, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_filter one[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArch, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = call < 0 ? sock_fprog{std::size(all), all} : sock_fprog{std::size(one), one};
  return static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

/// The command's process. With a filter over all calls, it must make no call between installing the filter and sharing
/// the number.
[[noreturn]] void become(char** command, const Fault& fault, Shared* shared) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit processor{kHangSeconds, kHangSeconds + 1};
  setrlimit(RLIMIT_CPU, &processor);
  const rlimit core{0, 0};
  setrlimit(RLIMIT_CORE, &core);
  int listener = -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0)
    listener = listen_to_calls(fault.call);
  if (listener < 0) {
    shared->error = errno;
    shared->listener = -2;
    _exit(1);
  }
  shared->listener = listener;
  execv(command[0], command);
  _exit(127);
}

std::string slurp(pid_t pid, const char* file) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  char block[4096];
  for (ssize_t got; (got = read(fd, block, sizeof block)) > 0;) text.append(block, static_cast<std::size_t>(got));
  close(fd);
  return text;
}

/// The end of the heap, which brk(2) returns on failure. 0 if there is no heap yet.
std::int64_t heap_end(pid_t pid) {
  const std::string maps = slurp(pid, "maps");
  const auto heap = maps.find("[heap]");
  if (heap == std::string::npos) return 0;
  const auto line = maps.rfind('\n', heap);
  const auto dash = maps.find('-', line == std::string::npos ? 0 : line);
  return static_cast<std::int64_t>(std::strtoull(maps.c_str() + dash + 1, nullptr, 16));
}

class Injector {
 public:
  Injector(int listener, const Fault& fault) : listener_(listener), fault_(fault) {}

  void arm() { armed_ = true; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

  /// Answers requests until the listener fails.
  void serve() {
    for (;;) {
      seccomp_notif asked{};
      if (ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
        if (errno == EINTR || errno == ENOENT) continue;
        return;
      }
      seccomp_notif_resp answer{};
      answer.id = asked.id;
      answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      if (armed_) decide(asked, answer);
      answered_ = answered_ + 1;
      ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
  }

  void report(std::FILE* out) {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, count] : counts_) std::fprintf(out, "call %s %ld\n", name_of(number).c_str(), count);
    for (const std::string& line : failed_) std::fprintf(out, "failed %s\n", line.c_str());
  }

 private:
  void decide(const seccomp_notif& asked, seccomp_notif_resp& answer) {
    const auto pid = static_cast<pid_t>(asked.pid);
    const std::lock_guard lock(mutex_);
    const long count = ++counts_[asked.data.nr];
    if (asked.data.nr != fault_.call || count < fault_.first || count > fault_.last) return;
    if (fault_.call == SYS_brk) {
      // brk(2) has no error number: it fails by returning the current end of the heap.
      const std::int64_t end = heap_end(pid);
      if (end == 0) return;
      answer.val = end;
    } else {
      answer.error = -fault_.error;
    }
    answer.flags = 0;
    if (failed_.size() < 100)
      failed_.push_back(name_of(asked.data.nr) + " " + std::to_string(count) + " " + where(pid, asked));
  }

  static std::string where(pid_t pid, const seccomp_notif& asked) {
    const Name* name = named(asked.data.nr);
    if (name == nullptr || name->path < 0) return {};
    char text[256] = {};
    const iovec to{text, sizeof text - 1};
    std::string path;
    // Page by page: the text may end just before unmapped memory.
    for (std::uint64_t at = asked.data.args[name->path]; path.size() < 200;) {
      const iovec from{reinterpret_cast<void*>(at), 1};  // NOLINT: an address in the other process
      if (process_vm_readv(pid, &to, 1, &from, 1, 0) != 1 || text[0] == '\0') break;
      path += text[0] == '\n' ? ' ' : text[0];
      ++at;
    }
    return path;
  }

  int listener_;
  Fault fault_;
  std::atomic<bool> armed_ = false;
  std::atomic<std::uint64_t> answered_ = 0;
  std::mutex mutex_;
  std::map<int, long> counts_;
  std::vector<std::string> failed_;
};

std::uint64_t entry_point(pid_t pid) {
  const std::string bytes = slurp(pid, "auxv");
  for (std::size_t at = 0; at + sizeof(Elf64_auxv_t) <= bytes.size(); at += sizeof(Elf64_auxv_t)) {
    Elf64_auxv_t item;
    std::memcpy(&item, bytes.data() + at, sizeof item);
    if (item.a_type == AT_ENTRY) return item.a_un.a_val;
  }
  return 0;
}

bool wait_stopped(pid_t pid, int signal) {
  int status = 0;
  while (waitpid(pid, &status, __WALL) < 0)
    if (errno != EINTR) return false;
  return WIFSTOPPED(status) && WSTOPSIG(status) == signal;
}

/// Lets the command run to its program's entry point and leaves it there, no longer traced. Returns false if that
/// fails.
bool run_to_entry(pid_t pid, Injector& injector) {
  if (!wait_stopped(pid, SIGTRAP)) return false;
  auto* entry = reinterpret_cast<void*>(entry_point(pid));  // NOLINT: an address in the other process
  errno = 0;
  const long word = ptrace(PTRACE_PEEKTEXT, pid, entry, nullptr);
  if (entry == nullptr || errno != 0) return false;
  // NOLINT
  const auto poke = [&](long value) {
    return ptrace(PTRACE_POKETEXT, pid, entry, reinterpret_cast<void*>(value)) == 0;
  };
  if (!poke((word & ~kBreakpointMask) | kBreakpoint) || ptrace(PTRACE_CONT, pid, nullptr, nullptr) != 0) return false;
  if (!wait_stopped(pid, SIGTRAP) || !poke(word)) return false;
  user_regs_struct registers{};
  iovec registers_at{&registers, sizeof registers};
  auto* const kind = reinterpret_cast<void*>(NT_PRSTATUS);  // NOLINT
  if (ptrace(PTRACE_GETREGSET, pid, kind, &registers_at) != 0) return false;
  program_counter(registers) = reinterpret_cast<std::uintptr_t>(entry);
  if (ptrace(PTRACE_SETREGSET, pid, kind, &registers_at) != 0) return false;
  injector.arm();
  return ptrace(PTRACE_DETACH, pid, nullptr, nullptr) == 0;
}

/// Processor time used so far, in ticks, and whether the process is sleeping.
struct Progress {
  unsigned long ticks = 0;
  std::uint64_t answered = 0;
  bool sleeping = false;
};

Progress progress(pid_t pid, const Injector& injector) {
  Progress now;
  now.answered = injector.answered();
  const std::string stat = slurp(pid, "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return now;
  char state = 0;
  unsigned long user = 0, system = 0;
  if (std::sscanf(stat.c_str() + name_end + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &state, &user,
                  &system) == 3) {
    now.ticks = user + system;
    now.sleeping = state == 'S';
  }
  return now;
}

/// Waits for the command. Hung means: it slept for kHangSeconds without a call or a tick, or used kHangSeconds of
/// processor time (RLIMIT_CPU). Load on the machine causes neither.
std::string wait_for(pid_t pid, const Injector& injector) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  int idle = 0;
  for (Progress before;;) {
    pollfd ended{fd, POLLIN, 0};
    if (poll(&ended, 1, 1000) > 0 || fd < 0) break;
    const Progress now = progress(pid, injector);
    const bool moved = now.ticks != before.ticks || now.answered != before.answered || !now.sleeping;
    idle = moved ? 0 : idle + 1;
    before = now;
    if (idle >= kHangSeconds) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, __WALL);
      return "hung " + std::to_string(kHangSeconds);
    }
  }
  int status = 0;
  while (waitpid(pid, &status, __WALL) < 0)
    if (errno != EINTR) return "exit 255";
  if (!WIFSIGNALED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGXCPU) return "hung " + std::to_string(kHangSeconds);
  return "signal " + std::to_string(WTERMSIG(status));
}

int run(std::FILE* out, const Fault& fault, char** command) {
  const auto refused = [&](const char* what, int error) {
    std::fprintf(out, "refused %s: %s\n", what, std::strerror(error));
    std::fflush(out);
    return 0;
  };
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return refused("mmap", errno);
  auto* shared = new (memory) Shared{{-1}, {0}};
  // With one table of descriptors until execve, only the listener's number has to be passed.
  const auto pid = static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (pid < 0) return refused("clone", errno);
  if (pid == 0) become(command, fault, shared);
  // Until the listener exists or the process has ended. WNOWAIT: the process may already have stopped at execve, which
  // run_to_entry waits for.
  for (siginfo_t event{}; shared->listener == -1 && event.si_pid == 0; usleep(50))
    if (waitid(P_PID, static_cast<id_t>(pid), &event, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) != 0) break;
  if (shared->listener < 0)
    return refused("seccomp user notification", shared->error != 0 ? shared->error.load() : ECHILD);
  Injector injector(shared->listener, fault);
  std::thread([&] { injector.serve(); }).detach();
  if (!run_to_entry(pid, injector)) {
    kill(pid, SIGKILL);
    return refused("a breakpoint by ptrace", errno);
  }
  const std::string end = wait_for(pid, injector);
  injector.report(out);
  std::fprintf(out, "ended %s\n", end.c_str());
  std::fflush(out);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool counting = argc >= 4 && std::strcmp(argv[2], "count") == 0;
  if (!counting && argc < 7) {
    std::fputs("usage: inject REPORT count COMMAND... | inject REPORT SYSCALL ERRNO FIRST LAST COMMAND...\n", stderr);
    return 2;
  }
  std::FILE* out = std::fopen(argv[1], "we");
  if (out == nullptr) return 2;
  Fault fault;
  if (!counting) {
    const Name* name = named(argv[2]);
    const int number = name ? name->number : std::atoi(argv[2]);
    fault = {number, std::atoi(argv[3]), std::atol(argv[4]), std::atol(argv[5])};
  }
  const int status = run(out, fault, argv + (counting ? 3 : 6));
  // Threads still wait for calls; nothing needs to be cleaned up.
  _exit(status);
}

#endif

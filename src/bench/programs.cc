// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/programs.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <utility>

#include "src/base/error.h"
#include "src/base/proc_dir.h"
#include "src/bench/child.h"
#include "src/bench/processor_time.h"
#include "src/bench/statistics.h"
#include "src/bench/work.h"

namespace duostat::bench {
namespace {

/// The options that select a table in a program, and processes and details; empty: the program lacks such an option.
struct TableOption {
  std::string_view table, option;
};
using TableOptions = std::array<TableOption, 6>;
constexpr TableOptions kSsTables{{{"tcp", "-A tcp"}, {"udp", "-A udp"}, {"raw", "-A raw"}, {"unix", "-A unix"},
                                  {"packet", "-A packet"}, {"netlink", "-A netlink"}}};
constexpr TableOptions kNetstatTables{{{"tcp", "-t"}, {"udp", "-u"}, {"raw", "-w"}, {"unix", "-x"}}};

struct ProgramRow {
  std::string_view name;
  std::string_view file;      ///< on the PATH; empty: this program
  std::string_view argv0;
  std::string_view applet;    ///< first word, for a multi-call program
  std::string_view always;    ///< words, separated by blanks
  TableOptions tables;
  std::string_view processes, info;
  std::string_view version;   ///< words that print its version
  std::string_view says;      ///< text in that version, because another program may have the same name
};

constexpr ProgramRow kPrograms[] = {
    {"duostat as ss", "", "ss", "", "-a -n -H -O", kSsTables, "-p", "-i -e -m", "-V", "duostat"},
    {"duostat as netstat", "", "netstat", "", "-a -n", kNetstatTables, "-p", "", "-V", "duostat"},
    {"ss (iproute2)", "ss", "ss", "", "-a -n -H -O", kSsTables, "-p", "-i -e -m", "-V", "iproute2"},
    {"netstat (net-tools)", "netstat", "netstat", "", "-a -n", kNetstatTables, "-p", "", "-V", "net-tools"},
    {"netstat (busybox)", "busybox", "busybox", "netstat", "-a -n", kNetstatTables, "-p", "", "", "BusyBox"},
    {"ss2 (pyroute2)", "ss2", "ss2", "", "-a", TableOptions{{{"tcp", "-t"}, {"unix", "-x"}}}, "-p", "", "", ""},
    {"lsof", "lsof", "lsof", "", "-n -P", TableOptions{{{"tcp", "-iTCP"}, {"udp", "-iUDP"}, {"unix", "-U"}}}, " ", "",
     "-v", ""},
};

constexpr double kVersionPatience = 5;  ///< seconds that a program may take to print its version
constexpr double kLeastPatience = 10;   ///< minimum seconds that a run may take, however short the comparison is

constexpr std::string_view kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Path of this program.
std::string ourselves() {
  constexpr const char* kLink = "/proc/self/exe";
  char path[4096];
  const ssize_t size = ::readlink(kLink, path, sizeof path);
  const std::string_view text(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return text.empty() || ::access(std::string(text).c_str(), X_OK) != 0 ? kLink : std::string(text);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (const auto part = text.substr(0, end); !part.empty()) parts.push_back(part);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

void append_words(std::vector<std::string>& words, std::string_view text) {
  for (const std::string_view word : split(text, ' ')) words.emplace_back(word);
}

/// Executes the program, with its output in `out` and no other descriptors. Does not return.
int become(const std::string& path, const std::vector<std::string>& words, int out, int err,
           const Interrupt& interrupt) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out >= 0 ? out : null, STDOUT_FILENO);
  ::dup2(err >= 0 ? err : null, STDERR_FILENO);
  interrupt.release();
  ::execv(path.c_str(), argv.data());
  return 127;
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{1'000'000'000} * now.tv_sec + now.tv_nsec;
}
std::int64_t deadline_after(double seconds) { return now_ns() + static_cast<std::int64_t>(seconds * 1e9); }

/// The result of waiting for a program.
enum class Wait : std::uint8_t {
  changed,      ///< it ended, or stopped because it is traced
  late,         ///< the deadline passed first
  interrupted,  ///< a signal that ends the run came first
};

/// Delivers SIGCHLD together with the signals that end a run.
class ChildEvents {
 public:
  ChildEvents() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &before_);
    fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_) throw SystemError("signalfd", "", errno);
  }
  ~ChildEvents() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  ChildEvents(const ChildEvents&) = delete;
  ChildEvents& operator=(const ChildEvents&) = delete;

  /// Waits for the next change of `child`, as reported by wait4(2). `deadline` is in units of now_ns(). When the child
  /// has ended, the remaining processes of its group are killed.
  Wait next(Child& child, Interrupt& interrupt, std::int64_t deadline, int& status, rusage& usage) {
    for (;;) {
      siginfo_t change{};
      if (::waitid(P_PID, static_cast<id_t>(child.pid()), &change, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
          change.si_pid == child.pid()) {
        // Before reaping: until then its number cannot be reused.
        if (change.si_code != CLD_STOPPED && change.si_code != CLD_TRAPPED) child.end_group();
        if (::wait4(child.pid(), &status, WNOHANG, &usage) != child.pid()) continue;
        if (!WIFSTOPPED(status)) child.forget();
        return Wait::changed;
      }
      const std::int64_t left = deadline - now_ns();
      if (left <= 0) return Wait::late;
      pollfd fds[2] = {{fd_.get(), POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
      (void)::poll(fds, 2, static_cast<int>(std::min<std::int64_t>(left / 1'000'000 + 1, 3'600'000)));
      if (interrupt.raised()) return Wait::interrupted;
      signalfd_siginfo info;
      while (::read(fd_.get(), &info, sizeof info) > 0) {}
    }
  }

 private:
  Fd fd_;
  sigset_t before_;
};

/// A file in memory for a program's output. A pipe would have to be read meanwhile, and does not end while a descendant
/// holds it.
Fd output_file() {
  Fd file(::memfd_create("output", MFD_CLOEXEC));
  if (!file) throw SystemError("memfd_create", "", errno);
  return file;
}

/// Captures what the program prints, including standard error.
Wait output_of(const std::string& path, const std::vector<std::string>& words, Interrupt& interrupt,
               std::string& text) {
  constexpr std::size_t kMaxBytes = 65536;
  const Fd file = output_file();
  ChildEvents events;
  Child child([&] { return become(path, words, file.get(), file.get(), interrupt); }, Child::Group::own);
  int status = 0;
  rusage usage{};
  const Wait wait = events.next(child, interrupt, deadline_after(kVersionPatience), status, usage);
  text.resize(kMaxBytes);
  const ssize_t size = ::pread(file.get(), text.data(), kMaxBytes, 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return wait;
}

/// The first line that contains a digit, up to 72 bytes: "lsof -v" begins with a heading.
std::string version_line(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.find_first_of("0123456789") == std::string_view::npos) continue;
    const auto begin = line.find_first_not_of(" \t");
    return std::string(line.substr(begin, 72));
  }
  return {};
}

std::string late_text(double patience) { return fmt::format("did not end within {:.0f} s", patience); }

/// Returns the path of the first program of that name with the expected version text. Sets `program`'s version, or the
/// reason why it is skipped.
std::string find(const ProgramRow& row, const Variables& variables, Interrupt& interrupt, Program& program) {
  std::string path(variables.get("PATH").value_or(""));
  path.append(":").append(kUsualPath);
  for (const std::string_view folder : split(path, ':')) {
    const std::string candidate = row.file.empty() ? ourselves() : std::string(folder).append("/").append(row.file);
    if (::access(candidate.c_str(), X_OK) != 0) continue;
    std::vector<std::string> words{std::string(row.argv0)};
    append_words(words, row.version);
    std::string said;
    const bool asks = !row.version.empty() || !row.says.empty();
    const Wait wait = asks ? output_of(candidate, words, interrupt, said) : Wait::changed;
    if (wait == Wait::interrupted) return {};
    if (wait == Wait::late) {
      program.skipped = fmt::format("{} {}", row.version, late_text(kVersionPatience));
      return candidate;
    }
    const bool ours = said.find("(duostat ") != std::string::npos;
    if (said.find(row.says) == std::string::npos || ours != row.file.empty()) continue;
    program.version = version_line(said);
    return candidate;
  }
  return {};
}

/// Returns the words that request the same as the options. If there are none, sets `skipped` to the reason.
std::vector<std::string> words_for(const ProgramRow& row, const Options& options, std::string& skipped) {
  const auto skip = [&](std::string why) {
    if (skipped.empty()) skipped = std::move(why);
  };
  std::vector<std::string> words{std::string(row.argv0)};
  append_words(words, row.applet);
  append_words(words, row.always);
  for (const std::string_view table : tables_of(options.query)) {
    const auto* option = std::ranges::find(row.tables, table, &TableOption::table);
    if (option == row.tables.end() || option->option.empty()) {
      skip("cannot list " + std::string(table) + " sockets");
    } else {
      append_words(words, option->option);
    }
  }
  if (options.info && row.info.empty()) skip("shows no details");
  if (options.processes && row.processes.empty()) skip("shows no processes");
  if (options.processes) append_words(words, row.processes);
  if (options.info) append_words(words, row.info);
  return words;
}

/// VmHWM of a process: the largest resident set of the program itself, in bytes. wait4(2) would return the larger of
/// that and of this process's at the fork.
std::uint64_t peak_memory(pid_t pid) {
  int error = 0;
  const std::string text = ProcDir().read(std::to_string(pid) + "/status", error);
  const auto at = text.find("VmHWM:");
  const auto digit = at == std::string::npos ? at : text.find_first_of("0123456789", at);
  std::uint64_t kib = 0;
  if (digit != std::string::npos) std::from_chars(text.data() + digit, text.data() + text.size(), kib);
  return kib * 1024;
}

/// Follows a traced program from its execve to its exit, where it stops once more. Without permission to trace, it just
/// ends.
Wait follow(Child& child, ChildEvents& events, Interrupt& interrupt, std::int64_t deadline, std::uint64_t& peak,
            int& status) {
  constexpr int kAtExit = SIGTRAP | PTRACE_EVENT_EXIT << 8, kAtExec = SIGTRAP | PTRACE_EVENT_EXEC << 8;
  bool first = true;
  for (;;) {
    rusage usage{};
    if (const Wait wait = events.next(child, interrupt, deadline, status, usage); wait != Wait::changed) return wait;
    if (!WIFSTOPPED(status)) return Wait::changed;
    int signal = WSTOPSIG(status);
    if (std::exchange(first, false)) {
      // For wrappers: their later execve(2) would otherwise raise a SIGTRAP that kills them.
      ::ptrace(PTRACE_SETOPTIONS, child.pid(), nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
      signal = 0;
    } else if (status >> 8 == kAtExit) {
      peak = peak_memory(child.pid());
      signal = 0;
    } else if (status >> 8 == kAtExec) {
      signal = 0;
    }
    ::ptrace(PTRACE_CONT, child.pid(), nullptr, signal);
  }
}

/// Performs one timed run.
Wait time_once(const std::string& path, const std::vector<std::string>& words, Interrupt& interrupt, double patience,
               Sample& sample, rusage& usage) {
  ChildEvents events;
  const std::int64_t start = now_ns();
  Child child([&] { return become(path, words, -1, -1, interrupt); }, Child::Group::own);
  int status = 0;
  const Wait wait = events.next(child, interrupt, deadline_after(patience), status, usage);
  sample.wall = static_cast<double>(now_ns() - start);
  sample.cpu = cpu_of(usage);
  return wait;
}

std::string path_of(const Program& program) { return program.command.front(); }

/// The words with argv[0] instead of the path.
std::vector<std::string> argv_of(const Program& program) {
  std::vector<std::string> words = program.command;
  const auto* row = std::ranges::find(kPrograms, program.name, &ProgramRow::name);
  if (row != std::end(kPrograms)) words.front() = row->argv0;
  return words;
}

bool measurable(const Program& program) { return program.installed && program.skipped.empty(); }

/// Measures output and memory; also serves as warm-up.
Wait count_output(Program& program, Interrupt& interrupt, double patience) {
  const Fd file = output_file();
  ChildEvents events;
  Child child(
      [&] {
        (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        return become(path_of(program), argv_of(program), file.get(), -1, interrupt);
      },
      Child::Group::own);
  int status = 0;
  const Wait wait = follow(child, events, interrupt, deadline_after(patience), program.peak_memory, status);
  if (wait != Wait::changed) return wait;
  ::lseek(file.get(), 0, SEEK_SET);
  char buffer[65536];
  for (ssize_t n; (n = ::read(file.get(), buffer, sizeof buffer)) > 0;) {
    program.bytes += static_cast<std::uint64_t>(n);
    program.lines += static_cast<std::uint64_t>(std::count(buffer, buffer + n, '\n'));
  }
  if (WIFSIGNALED(status))
    program.skipped = fmt::format("ended by signal {}", WTERMSIG(status));
  else if (program.bytes == 0)
    program.skipped = "printed nothing";
  return wait;
}

/// The time that a program has used of its share.
struct Account {
  double user = 0, system = 0, wall = 0;
};

void conclude(Program& program, const Account& account) {
  std::vector<double> walls;
  for (const Sample& sample : program.samples) walls.push_back(sample.wall);
  program.wall = summarise(walls);
  if (walls.empty()) return;
  program.user = account.user / static_cast<double>(walls.size());
  program.system = account.system / static_cast<double>(walls.size());
}

}  // namespace

std::vector<Program> find_programs(const Variables& variables, const Options& options, Interrupt& interrupt) {
  std::vector<Program> programs;
  for (const ProgramRow& row : kPrograms) {
    Program program;
    program.name = row.name;
    const std::string path = find(row, variables, interrupt, program);
    program.installed = !path.empty();
    program.command = words_for(row, options, program.skipped);
    if (program.installed) program.command.front() = path;
    programs.push_back(std::move(program));
  }
  return programs;
}

bool time_programs(std::vector<Program>& programs, Interrupt& interrupt, std::uint32_t rounds, double seconds) {
  const double patience = std::max(kLeastPatience, seconds);
  bool whole = true;
  // Records a program that does not end. False after a signal.
  const auto go_on = [&](Program& program, Wait wait) {
    if (wait == Wait::late) {
      program.skipped = late_text(patience);
      program.samples.clear();
    }
    return wait != Wait::interrupted;
  };
  for (Program& program : programs)
    if (measurable(program) && whole) whole = go_on(program, count_output(program, interrupt, patience));
  const auto share =
      seconds * 1e9 / static_cast<double>(std::max<long>(1, std::ranges::count_if(programs, measurable)));
  std::vector<Account> accounts(programs.size());
  for (std::uint32_t round = 0; whole && round < rounds; ++round) {
    for (std::size_t i = 0; i < programs.size() && whole; ++i) {
      if (!measurable(programs[i]) || (round != 0 && accounts[i].wall >= share)) continue;
      rusage usage{};
      Sample sample{.round = round};
      const Wait wait = time_once(path_of(programs[i]), argv_of(programs[i]), interrupt, patience, sample, usage);
      whole = go_on(programs[i], wait);
      if (wait != Wait::changed) continue;
      programs[i].samples.push_back(sample);
      accounts[i].user += nanoseconds(usage.ru_utime);
      accounts[i].system += nanoseconds(usage.ru_stime);
      accounts[i].wall += sample.wall;
    }
  }
  for (std::size_t i = 0; i < programs.size(); ++i) conclude(programs[i], accounts[i]);
  return whole;
}

}  // namespace duostat::bench

// Who is called, with what, and how it ends.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "compat/recorded.h"
#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/base/terminal_sink.h"
#include "src/names/system_resolver.h"

#if defined(__SANITIZE_ADDRESS__)
/// The leak check at exit needs the real /proc and ptrace(2): tests that replace /proc or call a set-uid program would fail for
/// that alone.
extern "C" int __lsan_is_turned_off();  // NOLINT: the sanitizer's name
extern "C" int __lsan_is_turned_off() {
  return access("/proc/self/task", F_OK) == 0 && !duostat::secure_execution() ? 0 : 1;
}
#endif

namespace duostat {
namespace {

constexpr FrontEnd kFrontEnds[] = {
    kSs,
    kNetstat,
    {"ss2", "list TCP and UNIX sockets as the JSON of pyroute2's ss2", ss2::run, 2, true, ss2::option_rows},
    {"explain", "show how an ss or netstat command would find its answer", native::explain, 2, false},
    {"bench", "measure what sockets cost by procfs and by netlink", native::run_bench, 2, false, nullptr, false},
    {"capture", "record this host in a file, for --from", native::capture, 2, false, nullptr, false},
};

/// Variables that name another file for one of /proc's, as in ss; the first of a pair also turns netlink off.
struct Replacement {
  std::string_view variable, file;
};
constexpr Replacement kReplacements[] = {
    {"PROC_NET_TCP", "net/tcp"},         {"PROC_NET_TCP6", "net/tcp6"},
    {"PROC_NET_UDP", "net/udp"},         {"PROC_NET_UDP6", "net/udp6"},
    {"PROC_NET_RAW", "net/raw"},         {"PROC_NET_RAW6", "net/raw6"},
    {"PROC_NET_UNIX", "net/unix"},       {"PROC_NET_PACKET", "net/packet"},
    {"PROC_NET_NETLINK", "net/netlink"}, {"PROC_NET_MPTCP", "net/mptcp"},
    {"PROC_NET_SCTP", "net/sctp"},       {"PROC_NET_DCCP", "net/dccp"},
    {"PROC_NET_SNMP", "net/snmp"},       {"PROC_NET_SOCKSTAT", "net/sockstat"},
    {"PROC_NET_SOCKSTAT6", "net/sockstat6"},
    {"PROC_IP_LOCAL_PORT_RANGE", "sys/net/ipv4/ip_local_port_range"},
};
/// Variables that decide what is read: ignored in secure execution, as those above.
constexpr std::string_view kSources[] = {"DUOSTAT_VIA", "PROC_ROOT", "TCPDIAG_FILE"};
constexpr std::string_view kOtherVariables[] = {"COLUMNS",  "LANG", "LC_ALL",         "LC_CTYPE",
                                                "NO_COLOR", "PATH", "POSIXLY_CORRECT"};

std::vector<std::string_view> source_variables() {
  std::vector<std::string_view> names(std::begin(kSources), std::end(kSources));
  for (const Replacement& r : kReplacements) names.push_back(r.variable);
  return names;
}

/// `ignored` gets the names of those that are set and do not count.
Variables read_variables(bool secure, std::string& ignored) {
  std::vector<std::string_view> known = source_variables();
  if (secure) {
    const Variables sources = Variables::from(environ, known);
    for (const std::string_view name : known)
      if (sources.has(name)) ignored.append(ignored.empty() ? "" : ", ").append(name);
    known.clear();
  }
  known.insert(known.end(), std::begin(kOtherVariables), std::end(kOtherVariables));
  return Variables::from(environ, known);
}

ProcDir proc_from(const Variables& variables) {
  ProcDir::Replacements replaced;
  for (const Replacement& r : kReplacements)
    if (const auto path = variables.get(r.variable)) replaced.emplace(r.file, *path);
  const auto root = variables.get("PROC_ROOT");
  return ProcDir(std::string(root.value_or("/proc")), std::move(replaced), root.has_value());
}

/// TIOCGWINSZ of standard output; 0: unknown.
int ask_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Terminal look_at_streams() {
  Terminal terminal;
  terminal.is_tty = isatty(STDOUT_FILENO) == 1;
  terminal.err_is_tty = isatty(STDERR_FILENO) == 1;
  if (!terminal.is_tty) return terminal;
  terminal.ask_columns = ask_columns;
  terminal.columns = ask_columns();
  return terminal;
}

/// Names that were chosen when the program was configured (--program-prefix, --program-suffix).
struct InstalledName {
  std::string_view name;
  const FrontEnd* front_end;  ///< null: duostat itself
};
constexpr InstalledName kInstalledNames[] = {
    {DUOSTAT_INSTALLED_AS, nullptr},
    {DUOSTAT_SS_INSTALLED_AS, &kFrontEnds[0]},
    {DUOSTAT_NETSTAT_INSTALLED_AS, &kFrontEnds[1]},
};

/// Whether `name` is in `program` as a word of its own, at its start or, with `anywhere`, behind a prefix.
bool has_word(std::string_view program, std::string_view name, bool anywhere) {
  const auto continues = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (auto at = program.find(name); at != std::string_view::npos; at = program.find(name, at + 1)) {
    if (at > 0 && (!anywhere || continues(program[at - 1]))) continue;
    if (at + name.size() == program.size() || !continues(program[at + name.size()])) return true;
  }
  return false;
}

/// The front end that argv[0] names. Only the last part of its path counts, without a login shell's dash. First the names
/// that configure chose; then a front end's name with a suffix or a prefix, each set off by a character that does not
/// continue the word ("ss-duostat", "netstat.orig", "duo-ss"; not "ssh", "mynetstat"; "ss2" is not ss).
const FrontEnd* called_as(std::string_view program) {
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos) program.remove_prefix(slash + 1);
  if (program.starts_with('-')) program.remove_prefix(1);
  for (const InstalledName& installed : kInstalledNames)
    if (program == installed.name) return installed.front_end;
  for (const bool anywhere : {false, true})
    for (const FrontEnd& f : kFrontEnds)
      if (f.legacy && has_word(program, f.name, anywhere)) return &f;
  return nullptr;
}

std::string own_usage() {
  std::string text = "Usage: duostat [--from=FILE] COMMAND [WORDS]\n       ss [WORDS]\n       netstat [WORDS]\n\nCommands:\n";
  for (const FrontEnd& f : kFrontEnds) text += fmt::format("  {:<10} {}\n", f.name, f.summary);
  text += "  help       this text\n  version    print the version\n\n'duostat COMMAND --help' tells a command's options.\n";
  return text;
}

/// Runs a front end over this host, or over the one that `from` or its own --from has.
int run_over(const FrontEnd& front_end, Environment& env, std::span<const std::string> args,
             std::optional<std::string> from = std::nullopt) {
  if (env.secure && !front_end.only_shows) {
    env.err.line(fmt::format("duostat: {}: {}", front_end.name, kOnlyShows));
    return front_end.usage_status;
  }
  if (from && front_end.option_rows == nullptr) {
    env.err.line(fmt::format("duostat: {} does not show a recorded host: no --from", front_end.name));
    return 2;
  }
  if (auto own = from_option(front_end, env, args)) from = std::move(own);
  if (!from) return run_guarded(front_end, env, args);
  return with_recorded_host(env, *from, [&](Environment& shown) { return run_guarded(front_end, shown, args); });
}

/// Takes --from=FILE or --from FILE off the words before the command.
std::optional<std::string> take_from(std::span<const std::string>& args) {
  constexpr std::string_view kOption = "--from";
  if (args.empty() || !args[0].starts_with(kOption)) return std::nullopt;
  const std::string_view rest = std::string_view(args[0]).substr(kOption.size());
  if (rest.starts_with('=')) return args = args.subspan(1), std::string(rest.substr(1));
  if (!rest.empty() || args.size() < 2) return std::nullopt;
  std::string file = args[1];
  args = args.subspan(2);
  return file;
}

/// State for code that takes no arguments: handlers, and the path after a failed construction. Only the functions up to
/// watch_memory() use it.
struct {
  std::string_view name = "duostat";  ///< who is out of memory
  std::atomic<bool> failed = false;   ///< an allocation failed
  std::terminate_handler otherwise = nullptr;
} memory;  // NOLINT: handlers have no argument

/// Writes the line without allocating.
void say_out_of_memory() noexcept {
  constexpr std::string_view kWords = ": out of memory\n";
  FdSink sink(STDERR_FILENO);
  char line[64 + kWords.size()];
  const std::string_view name = memory.name.substr(0, sizeof line - kWords.size());
  sink.write({line, static_cast<std::size_t>(std::ranges::copy(kWords, std::ranges::copy(name, line).out).out - line)});
}

/// Throwing takes memory too. Where there is none for that, std::terminate() is called: that is no bug and must not abort.
void watch_memory(const char* program) noexcept {
  if (program != nullptr) {
    memory.name = program;
    memory.name.remove_prefix(memory.name.rfind('/') + 1);
  }
  memory.otherwise = std::set_terminate([] {
    if (!memory.failed) memory.otherwise();
    say_out_of_memory();
    ::_exit(kOutOfMemory);
  });
  std::set_new_handler([] {
    memory.failed = true;
    throw std::bad_alloc();
  });
}

int dispatch(Environment& env, std::span<const std::string> args) {
  if (const FrontEnd* front_end = called_as(env.program)) return run_over(*front_end, env, args);
  const std::optional<std::string> from = take_from(args);
  const std::string_view word = args.empty() ? std::string_view("help") : std::string_view(args[0]);
  if (word == "help" || word == "--help" || word == "-h") {
    env.out.append(own_usage());
    return args.empty() ? 2 : 0;
  }
  if (word == "version" || word == "--version" || word == "-V") {
    env.out.append("duostat " DUOSTAT_VERSION "\n");
    return 0;
  }
  for (const FrontEnd& f : kFrontEnds) {
    if (word != f.name) continue;
    env.program = f.name;  // messages read as if the link had been called
    memory.name = f.name;
    return run_over(f, env, args.subspan(1), from);
  }
  env.err.line(fmt::format("duostat: \"{}\" is not a command", word));
  env.err.raw(own_usage());
  return 2;
}

/// quirk: write-error - a full disk must not look like an empty list.
/// A reader that went away needs no message: SIGPIPE usually ends us before.
int finish(Environment& env, int status) {
  const int error = env.out.flush();
  if (error == 0 || error == EPIPE) return status;
  env.err.line(fmt::format("{}: write error: {}", env.program, error_text(error)));
  return status != 0 ? status : 1;
}

int run(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  const bool secure = secure_execution();
  std::string ignored;
  const Variables variables = read_variables(secure, ignored);
  const ProcDir proc = proc_from(variables);
  const auto names = make_system_resolver();
  SystemClock clock;
  FdSink out_fd(STDOUT_FILENO), err_fd(STDERR_FILENO);
  const Terminal terminal = look_at_streams();
  TerminalSink out_terminal(out_fd), err_terminal(err_fd);
  Output out(terminal.is_tty ? static_cast<ByteSink&>(out_terminal) : out_fd);
  Diagnostics err(terminal.err_is_tty ? static_cast<ByteSink&>(err_terminal) : err_fd, &out, terminal.is_tty);
  Environment env{words.empty() ? "duostat" : words[0], variables, proc, open_netlink, clock, *names, out, err, terminal,
                  words};
  env.secure = secure;
  if (!ignored.empty())
    err.line(fmt::format(
        "{}: ignored, because the program has rights of its own (set-uid, set-gid or file capabilities): {}", env.program,
        ignored));
  const auto args = std::span(words).subspan(words.empty() ? 0 : 1);
  return finish(env, dispatch(env, args));
}

}  // namespace
}  // namespace duostat

int main(int argc, char** argv) {
  duostat::watch_memory(argc > 0 ? argv[0] : nullptr);
  try {
    return duostat::run(argc, argv);
  } catch (const std::bad_alloc&) {
    duostat::say_out_of_memory();
    return duostat::kOutOfMemory;
  }
}

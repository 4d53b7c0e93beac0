// The program: chooses the front end or command, builds the environment, and reports how it ended.
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
#include <optional>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "compat/native/commands.h"
#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/base/function_ref.h"
#include "src/base/nearest.h"
#include "src/base/options.h"
#include "src/base/terminal_sink.h"
#include "src/bpf/call.h"
#include "src/collect/owners.h"
#include "src/collect/recorded_host.h"
#include "src/command/command.h"
#include "src/command/guard.h"
#include "src/names/system_resolver.h"

#if defined(__SANITIZE_ADDRESS__)
/// The leak check at exit needs the real /proc and ptrace(2), which tests that replace /proc or call a set-uid program
/// lack.
extern "C" int __lsan_is_turned_off();  // NOLINT: the sanitizer's name
extern "C" int __lsan_is_turned_off() {
  return access("/proc/self/task", F_OK) == 0 && !duostat::secure_execution() ? 0 : 1;
}
#endif

namespace duostat {
namespace {

constexpr FrontEnd kFrontEnds[] = {kSs, kNetstat, kSs2};

using native::all_commands;

/// Variables of ss, each of which replaces one file of /proc. Those for IPv4 and for both families also turn netlink
/// off.
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
/// More variables that decide what is read. These and the ones above are ignored in secure execution.
constexpr std::string_view kSources[] = {"DUOSTAT_OWNERS", "DUOSTAT_VIA", "PROC_ROOT", "TCPDIAG_FILE"};
constexpr std::string_view kOtherVariables[] = {"COLUMNS",  "LANG", "LC_ALL",         "LC_CTYPE",
                                                "NO_COLOR", "PATH", "POSIXLY_CORRECT", "TERM"};

std::vector<std::string_view> source_variables() {
  std::vector<std::string_view> names(std::begin(kSources), std::end(kSources));
  for (const Replacement& r : kReplacements) names.push_back(r.variable);
  return names;
}

/// `ignored` gets the names of the variables that are set and ignored.
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

/// Names chosen at configure time (--program-prefix, --program-suffix).
struct InstalledName {
  std::string_view name;
  const FrontEnd* front_end;  ///< null: duostat itself
};
constexpr InstalledName kInstalledNames[] = {
    {DUOSTAT_INSTALLED_AS, nullptr},
    {DUOSTAT_SS_INSTALLED_AS, &kFrontEnds[0]},
    {DUOSTAT_NETSTAT_INSTALLED_AS, &kFrontEnds[1]},
};

/// Whether `program` contains `name` as a word: at its start or, with `anywhere`, after a prefix.
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

/// The front end that argv[0] names, by the last part of its path and without a login shell's dash. The names chosen at
/// configure time come first, then a front end's name with a suffix or prefix that does not continue the word
/// ("ss-duostat", "netstat.orig", "duo-ss"; not "ssh", "mynetstat"; "ss2" is not ss).
const FrontEnd* called_as(std::string_view program) {
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos) program.remove_prefix(slash + 1);
  if (program.starts_with('-')) program.remove_prefix(1);
  for (const InstalledName& installed : kInstalledNames)
    if (program == installed.name) return installed.front_end;
  for (const bool anywhere : {false, true})
    for (const FrontEnd& f : kFrontEnds)
      if (has_word(program, f.name, anywhere)) return &f;
  return nullptr;
}

constexpr std::string_view kUsageLines =
    "Usage: duostat [--from=FILE] COMMAND [WORDS]\n       duostat help [COMMAND]\n"
    "       ss [WORDS]\n       netstat [WORDS]\n";
constexpr std::string_view kHelp = "help", kVersion = "version";

/// Every word that may follow "duostat".
std::vector<std::string_view> command_words() {
  std::vector<std::string_view> words{kHelp, kVersion};
  for (const FrontEnd& f : kFrontEnds) words.push_back(f.name);
  for (const command::Command* c : all_commands()) words.push_back(c->name());
  return words;
}

/// Says what is wrong and where the commands are listed. Returns the exit status.
int usage_error(Environment& env, std::string_view mistake) {
  env.err.line(fmt::format("duostat: {}", mistake));
  env.err.raw(std::string(kUsageLines) + "duostat help lists the commands\n");
  return kUsageStatus;
}

std::string own_usage() {
  std::string text = std::string(kUsageLines) + "\nCommands:\n";
  const auto add = [&](std::string_view name, std::string_view summary) {
    text += fmt::format("  {:<10} {}\n", name, summary);
  };
  for (const FrontEnd& f : kFrontEnds) add(f.name, f.summary);
  for (const command::Command* c : all_commands()) add(c->name(), c->summary);
  add(kHelp, "print this text, or the options of a command");
  add(kVersion, "print the version");
  return text + "\n'duostat COMMAND --help' lists the options of a command.\n";
}

/// The options before the command's name.
constexpr OptionRow kOwnOptions[] = {{.letter = 0, .names = "from", .arg = "FILE"},
                                     {.letter = 'h', .names = "help", .arg = {}},
                                     {.letter = 'V', .names = "version", .arg = {}}};
struct OwnOptions {
  std::vector<std::string> from;
  std::string error, meant;        ///< of ParsedOptions
  std::vector<std::string> words;  ///< the command's name and its words
};

OwnOptions read_own_options(std::span<const std::string> args) {
  ParsedOptions parsed = parse_options(kOwnOptions, args, {.stop_at_operand = true});
  OwnOptions own{.from = {},
                 .error = std::move(parsed.error),
                 .meant = std::move(parsed.meant),
                 .words = std::move(parsed.operands)};
  for (OptionEvent& event : parsed.events) {
    const std::string_view name = kOwnOptions[event.row].names;
    if (name == "from") own.from.push_back(std::move(event.value));
    else own.words.insert(own.words.begin(), std::string(name));  // --help and --version are commands, too
  }
  return own;
}

/// State for handlers, which take no arguments. Only the functions up to watch_memory() use it.
struct {
  std::string_view name = "duostat";  ///< prefix of the message
  std::atomic<bool> failed = false;   ///< an allocation failed
  std::terminate_handler otherwise = nullptr;
} memory;  // NOLINT: handlers have no argument

/// Prints the message without allocating.
void say_out_of_memory() noexcept {
  constexpr std::string_view kWords = ": out of memory\n";
  FdSink sink(STDERR_FILENO);
  char line[64 + kWords.size()];
  const std::string_view name = memory.name.substr(0, sizeof line - kWords.size());
  sink.write({line, static_cast<std::size_t>(std::ranges::copy(kWords, std::ranges::copy(name, line).out).out - line)});
}

/// A throw allocates. If that fails too, the runtime calls std::terminate(), which must then not abort as if for a bug.
void watch_memory(const char* program) noexcept {
  if (program != nullptr) {
    memory.name = program;
    memory.name.remove_prefix(memory.name.rfind('/') + 1);
  }
  memory.otherwise = std::set_terminate([] {
    if (!memory.failed) memory.otherwise();
    say_out_of_memory();
    ::_exit(command::kOutOfMemory);
  });
  std::set_new_handler([] {
    memory.failed = true;
    throw std::bad_alloc();
  });
}

/// Runs `run` over this host or, with `from`, over recorded ones.
int over_host(Environment& env, const std::vector<std::string>& from, FunctionRef<int(Environment&)> run,
              int unreadable = kUnreadableHost) {
  return from.empty() ? run(env) : with_recorded_hosts(env, from, run, unreadable);
}

int run_command(const command::Command& c, Environment& env, std::span<const std::string> args,
                const std::vector<std::string>& from) {
  env.program = c.title;
  memory.name = c.title;
  if (env.secure && !c.only_shows) {
    env.err.line(fmt::format("{}: {}", c.title, kOnlyShows));
    return kUsageStatus;
  }
  if (!from.empty() && !c.shows_host) {
    env.err.line(fmt::format("{}: --from: this command cannot use a recorded host", c.title));
    return kUsageStatus;
  }
  return over_host(env, from, [&](Environment& shown) { return c.run(c, shown, args); }, c.failure_status);
}

/// `duostat help COMMAND`: what COMMAND --help prints. Returns the exit status.
int help_about(Environment& env, std::span<const std::string> words) {
  if (words.size() > 1) return usage_error(env, fmt::format("help: unexpected argument \"{}\"", words[1]));
  const std::string& word = words[0];
  const std::string args[] = {"--help"};
  for (const FrontEnd& f : kFrontEnds)
    if (word == f.name) return env.program = f.name, run_guarded(f, env, args);
  for (const command::Command* c : all_commands())
    if (word == c->name()) return env.out.append(command::usage_text(*c)), 0;
  if (word == kHelp || word == kVersion) return env.out.append(own_usage()), 0;
  return usage_error(env, fmt::format("help: \"{}\" is not a command{}", word, did_you_mean(word, command_words())));
}

int dispatch(Environment& env, std::span<const std::string> args) {
  if (const FrontEnd* front_end = called_as(env.program)) return run_guarded(*front_end, env, args);
  const OwnOptions own = read_own_options(args);
  if (!own.error.empty())
    return usage_error(env, own.meant.empty() ? own.error : fmt::format("{} (did you mean {}?)", own.error, own.meant));
  if (!own.from.empty() && own.words.empty())
    return usage_error(env, "--from: the command is missing, as in: duostat --from=FILE ss -tan");
  const std::string_view word = own.words.empty() ? kHelp : std::string_view(own.words[0]);
  if (word == kHelp) {
    if (own.words.size() > 1) return help_about(env, std::span(own.words).subspan(1));
    env.out.append(own_usage());
    return own.words.empty() ? kUsageStatus : 0;
  }
  if (word == kVersion) {
    if (own.words.size() > 1) return usage_error(env, fmt::format("version: unexpected argument \"{}\"", own.words[1]));
    env.out.append("duostat " DUOSTAT_VERSION "\n");
    return 0;
  }
  const std::span<const std::string> words = std::span(own.words).subspan(1);
  for (const FrontEnd& f : kFrontEnds) {
    if (word != f.name) continue;
    env.program = f.name;  // messages read as if the link had been called
    memory.name = f.name;
    return over_host(env, own.from, [&](Environment& shown) { return run_guarded(f, shown, words); });
  }
  for (const command::Command* c : all_commands())
    if (word == c->name()) return run_command(*c, env, words, own.from);
  return usage_error(env, fmt::format("\"{}\" is not a command{}", word, did_you_mean(word, command_words())));
}

/// quirk: write-error - a full disk must not look like an empty list.
/// EPIPE needs no message; SIGPIPE usually ends the program before.
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
  const auto names = make_system_resolver(DUOSTAT_BUILTIN_SERVICES != 0);
  SystemClock clock;
  FdSink out_fd(STDOUT_FILENO), err_fd(STDERR_FILENO);
  const Terminal terminal = look_at_streams();
  TerminalSink out_terminal(out_fd), err_terminal(err_fd);
  Output out(terminal.is_tty ? static_cast<ByteSink&>(out_terminal) : out_fd);
  Diagnostics err(terminal.err_is_tty ? static_cast<ByteSink&>(err_terminal) : err_fd, &out, terminal.is_tty);
  Environment env{
      words.empty() ? "duostat" : words[0], variables, proc, open_netlink, clock, *names, out, err, terminal, words};
  env.secure = secure;
  env.owners = owners_from(DUOSTAT_OWNERS_DEFAULT, "--with-owners");
  env.bpf = &kernel_bpf();
  if (!ignored.empty())
    err.line(fmt::format(
        "{}: ignored, because the program has rights of its own (set-uid, set-gid or file capabilities): {}",
        env.program, ignored));
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
    return duostat::command::kOutOfMemory;
  }
}

// duostat bench: reads the options, opens the reports' files, measures, writes the reports.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/bench.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "compat/frontend.h"
#include "compat/native/bench_options.h"
#include "compat/native/commands.h"
#include "src/base/error.h"
#include "src/bench/reading.h"
#include "src/bench/text.h"
#include "src/command/scaffold.h"

namespace duostat::native {
namespace {

/// A report's file, opened before the work so that an unwritable place is reported then. Removed if nothing was
/// written.
class ReportFile {
 public:
  ReportFile(std::string path, const ReportFormat& format) : path_(std::move(path)), format_(format) {
    fd_ = Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    made_ = static_cast<bool>(fd_);
    if (!fd_ && errno == EEXIST) fd_ = Fd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_) throw UsageError(fmt::format("--{}: cannot write {}: {}", format.option, path_, error_text(errno)));
  }
  ReportFile(ReportFile&& other) noexcept
      : path_(std::move(other.path_)),
        format_(other.format_),
        fd_(std::move(other.fd_)),
        made_(std::exchange(other.made_, false)) {}
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile() {
    if (made_) ::unlink(path_.c_str());
  }

  int fd() const noexcept { return fd_.get(); }
  /// "--json=FILE".
  std::string name() const { return fmt::format("--{}={}", format_.option, path_); }

  /// Throws SystemError if the file takes no more.
  void write(const bench::Result& result) {
    struct stat status{};
    if (::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode) && ::ftruncate(fd_.get(), 0) != 0)
      throw SystemError("write", path_, errno);
    FdSink sink(fd_.get());
    Output out(sink);
    format_.write(out, result);
    if (const int error = out.flush()) throw SystemError("write", path_, error);
    made_ = false;
  }

 private:
  std::string path_;
  const ReportFormat& format_;
  Fd fd_;
  bool made_ = false;  ///< created here and still empty
};

/// Two reports in one file would overwrite each other. Devices and pipes take both. Throws UsageError.
void check_different(const std::vector<ReportFile>& files) {
  constexpr std::string_view kOutput = "standard output";
  struct Known {
    struct stat status{};
    std::string name;
  };
  std::vector<Known> known;
  const auto add = [&](int fd, std::string name) {
    Known file{.name = std::move(name)};
    if (::fstat(fd, &file.status) != 0 || !S_ISREG(file.status.st_mode)) return;
    for (const Known& other : known)
      if (other.status.st_dev == file.status.st_dev && other.status.st_ino == file.status.st_ino)
        throw UsageError(
            fmt::format("{} and {} are the same file, which can hold only one report", other.name, file.name));
    known.push_back(std::move(file));
  };
  add(STDOUT_FILENO, std::string(kOutput));
  for (const ReportFile& file : files) add(file.fd(), file.name());
}

/// Runs ss with the options that list what is measured.
void render(Environment& env, const bench::Options& options, Via backend) {
  std::vector<std::string> args{"-a", "-n", "-H", "-O"};
  for (const std::string_view table : bench::tables_of(options.query)) {
    args.emplace_back("-A");
    args.emplace_back(table);
  }
  if (options.processes) args.emplace_back("-p");
  if (options.info) args.insert(args.end(), {"-i", "-e", "-m"});
  args.push_back(fmt::format("--via={}", word_of(backend)));
  ss::run(env, args);
}

/// One line on a terminal that is overwritten.
class ProgressLine {
 public:
  explicit ProgressLine(Environment& env) : env_(env) {}
  ~ProgressLine() {
    if (env_.terminal.err_is_tty) env_.err.raw("\r\033[K");
  }
  void say(std::string_view what) {
    if (!env_.terminal.err_is_tty) return;
    env_.err.raw(fmt::format("\r{}\033[K", what));
  }

 private:
  Environment& env_;
};

bench::Result measure(Environment& env, Interrupt& interrupt, const bench::Options& options) {
  ProgressLine line(env);
  return bench::run(
      env, interrupt, options, [&](Environment& there, Via backend) { render(there, options, backend); },
      [&](std::string_view what) { line.say(what); });
}

bench::Style style_of(const Environment& env) {
  constexpr int kUsual = 80;
  const auto no_colour = env.variables.get("NO_COLOR");
  return {.columns = env.terminal.columns > 0 ? env.terminal.columns : kUsual,
          .utf8 = bench::wants_utf8(env.variables),
          .colour = env.terminal.is_tty && (!no_colour || no_colour->empty())};
}

int run(Environment& env, const BenchRequest& request, std::span<const std::string>) {
  bench::Options options = request.options;
  constexpr std::uint64_t kIdleConnections = 1'000;  // beside --churn
  if (options.churn && options.connections.empty()) options.connections = {kIdleConnections};
  bench::check(env, options);
  std::vector<ReportFile> files;
  for (const auto& [path, format] : request.files) files.emplace_back(path, *format);
  check_different(files);

  Interrupt interrupt;
  const bench::Result result = measure(env, interrupt, options);
  bench::write_text(env.out, result, style_of(env));
  for (ReportFile& file : files) file.write(result);
  // A second signal is held back while `interrupt` lives. main reports a write error.
  (void)env.out.flush();
  // As a shell reports a program that a signal ended.
  return result.interrupted ? 128 + interrupt.signal() : 0;
}

}  // namespace

constinit const command::Command kBench = command::command_of<bench_options, run>({
    .title = "duostat bench",
    .summary = "measure what sockets cost by procfs and by netlink",
    .description = "Measures what a list of sockets costs by procfs and by netlink.",
    .only_shows = false,
});

}  // namespace duostat::native

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/capture.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "src/base/count.h"
#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/collect/capture_host.h"
#include "src/command/audit_run.h"
#include "src/command/audit_settings.h"
#include "src/command/capture_ring.h"
#include "src/command/new_file.h"
#include "src/command/scaffold.h"

namespace duostat::command {
namespace capture {
namespace {

struct Request {
  CaptureRequest what;
  bool quiet = false;
  std::optional<std::string> every, keep, on_finding;
};
constexpr Option<Request> kOptions[] = {
    {0, "processes", "", "include the owning processes (default)",
     [](Request& r, std::string_view) { r.what.processes = true; }},
    {0, "no-processes", "", "leave processes out", [](Request& r, std::string_view) { r.what.processes = false; }},
    {'r', "resolve", "", "record host names of all addresses, from DNS (default: only those in /etc/hosts)",
     [](Request& r, std::string_view) { r.what.resolve = true; }},
    {0, "every", "TIME", "record into the directory FILE again and again (60s, 5m), until a signal",
     keep_value<Request, &Request::every>},
    {0, "keep", "N", "with --every: keep the newest N (default: 24)", keep_value<Request, &Request::keep>},
    {0, "on-finding", "[=RULE,...]", "only if duostat audit finds a warning or worse, or anything by these rules",
     keep_value<Request, &Request::on_finding>},
    {'q', "quiet", "", "print only what could not be recorded", [](Request& r, std::string_view) { r.quiet = true; }},
};
static_assert(letters_unique(kOptions));

std::span<const Option<Request>> options() { return kOptions; }

/// Buffers small writes.
class BufferedSink final : public ByteSink {
 public:
  explicit BufferedSink(ByteSink& inner) : out_(inner, std::size_t{1} << 18) {}
  int write(std::string_view bytes) noexcept override {
    out_.append(bytes);
    return out_.error();
  }
  int flush() noexcept { return out_.flush(); }

 private:
  Output out_;
};

/// Decides whether to record by what an audit finds.
class FindingTrigger {
 public:
  FindingTrigger(Environment& env, const std::string& only) : env_(env), named_(!only.empty()) {
    AuditSettings settings;
    if (named_) settings.only.push_back(only);
    rules_ = choose_rules(settings, env.secure);
    for (const ChosenRule& c : rules_) two_looks_ |= named_ && c.rule->looks == RuleLooks::two;
  }

  /// The worst finding in words; nullopt: there is none.
  std::optional<std::string> found() {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const AuditAnswer answer =
        run_audit(env_, {.rules = rules_, .evidence = 1, .interval_ns = two_looks_ ? kSecond : 0});
    // The audit took the signal that ended its wait: the recorder waits for it, too.
    if (two_looks_ && answer.looks < 2) std::raise(SIGTERM);
    tell_blindness(answer);
    if (answer.findings.empty()) return std::nullopt;
    const Finding& worst = answer.findings.front();
    if (!named_ && worst.severity == Severity::note) return std::nullopt;
    return fmt::format("found {} ({}), {}", worst.rule->id, word_of(worst.severity), worst.count);
  }

 private:
  /// Once for each reason: an audit that cannot look finds nothing.
  void tell_blindness(const AuditAnswer& answer) {
    std::string reason;
    for (const TableAnswer& table : answer.incomplete) reason = fmt::format("{}: {}", table.name, why_missing(table));
    if (named_ && reason.empty())
      for (const NotLooked& n : answer.not_looked)
        if (!n.in_part) reason = fmt::format("{}: {}", n.rule->id, n.reason);
    if (!reason.empty() && reason != told_) env_.err.line("duostat capture: the audit could not look: " + reason);
    told_ = reason;
  }

  Environment& env_;
  bool named_;
  bool two_looks_ = false;
  std::vector<ChosenRule> rules_;
  std::string told_;
};

CaptureSummary record_to(Environment& env, const Request& request, int fd, const std::string& name) {
  FdSink file(fd);
  BufferedSink sink(file);
  CaptureSummary summary = record_host(env, request.what, sink);
  if (const int error = sink.flush()) throw SystemError("write", name, error);
  return summary;
}

CaptureSummary record_to_file(Environment& env, const Request& request, const std::string& path) {
  CaptureSummary summary;
  write_file(path, [&](int fd) {
    if (::isatty(fd) == 1) throw UsageError(path + " is a terminal; a capture is binary");
    summary = record_to(env, request, fd, path);
  });
  return summary;
}

/// Problems with one operation and error share a line.
struct ProblemLine {
  std::string operation, error;
  std::vector<std::string> objects;
};

std::string error_of(const Coverage& c) {
  if (c.error != 0) return error_text(c.error);
  return c.truncated != 0 ? "truncated" : "it changed while it was read";
}

/// "sock_diag receive tcp, udp: No buffer space available"
void report_problems(Environment& env, const CaptureSummary& summary) {
  constexpr std::size_t kObjectsMax = 12;
  std::vector<ProblemLine> lines;
  for (const Coverage& c : summary.problems) {
    ProblemLine problem{std::string(word_of(c.operation)), error_of(c), {}};
    auto line = std::ranges::find_if(
        lines, [&](const ProblemLine& l) { return l.operation == problem.operation && l.error == problem.error; });
    if (line == lines.end()) line = lines.insert(line, std::move(problem));
    if (line->objects.empty() || line->objects.back() != c.object) line->objects.push_back(c.object);
  }
  for (const ProblemLine& line : lines) {
    std::string text = "duostat capture: incomplete: " + line.operation;
    for (std::size_t i = 0; i < std::min(line.objects.size(), kObjectsMax); ++i)
      text.append(i != 0 ? ", " : line.operation.empty() ? "" : " ").append(line.objects[i]);
    if (line.objects.size() > kObjectsMax) text += fmt::format(" and {} more", line.objects.size() - kObjectsMax);
    env.err.line(text + ": " + line.error);
  }
}

void report(Environment& env, const Request& request, const CaptureSummary& summary, std::string_view name) {
  const auto line = [&](std::string text) { env.err.line("duostat capture: " + std::move(text)); };
  if (request.what.processes && summary.processes_denied != 0)
    line(
        fmt::format("{} of {} processes could not be read (no permission): their sockets are recorded without an owner",
                    summary.processes_denied, summary.processes));
  if (summary.files_denied != 0)
    line(fmt::format("{} file{} below /proc/net could not be read (no permission)", summary.files_denied,
                     summary.files_denied == 1 ? "" : "s"));
  report_problems(env, summary);
  if (request.quiet) return;
  line(fmt::format("{}: {} sockets, {} processes, {} bytes", name, summary.sockets, summary.processes, summary.bytes));
  line(fmt::format("it contains addresses{} and user names: treat it as confidential",
                   request.what.processes ? ", command lines" : ""));
}

std::size_t keep_of(const Request& request) {
  constexpr std::size_t kDefault = 24, kMost = 100'000;
  if (!request.keep) return kDefault;
  if (!request.every) throw UsageError("--keep needs --every", kUsageStatus);
  return count_of("--keep", *request.keep, kMost);
}

std::int64_t every_of(const std::string& text) {
  constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
  const auto ns = parse_duration(text);
  if (!ns || *ns < kSecond || *ns > kDay)
    throw UsageError(fmt::format("--every: \"{}\" is not a time from 1s to 24h", text), kUsageStatus);
  return *ns;
}

int record_again_and_again(Environment& env, const Request& request, const std::string& directory,
                           std::optional<FindingTrigger>& trigger) {
  if (directory == "-") throw UsageError("--every needs a directory, not standard output", kUsageStatus);
  const RingRequest ring{.directory = directory, .every_ns = every_of(*request.every), .keep = keep_of(request)};
  Request each = request;
  each.quiet = true;
  const auto wanted = [&]() -> std::optional<std::string> { return trigger ? trigger->found() : std::string(); };
  const auto record = [&](const std::string& path) {
    const CaptureSummary summary = record_to_file(env, each, path);
    report_problems(env, summary);
    return summary.problems.empty();
  };
  if (!request.quiet)
    env.err.line(fmt::format("duostat capture: records into {} every {}, the newest {}; captures contain addresses{} "
                             "and user names: treat them as confidential",
                             directory, *request.every, ring.keep, request.what.processes ? ", command lines" : ""));
  return run_ring(env, ring, {wanted, record});
}

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  const std::string& path = operands[0];
  std::optional<FindingTrigger> trigger;
  if (request.on_finding) trigger.emplace(env, *request.on_finding);
  if (request.every) return record_again_and_again(env, request, path, trigger);
  keep_of(request);  // refuses --keep
  if (trigger) {
    const auto found = trigger->found();
    if (!found && !request.quiet) env.err.line("duostat capture: nothing found, so nothing is recorded");
    if (!found) return 0;
    if (!request.quiet) env.err.line("duostat capture: " + *found);
  }
  const bool standard = path == "-";
  if (standard && env.terminal.is_tty) throw UsageError("standard output is a terminal; a capture is binary");
  const CaptureSummary summary =
      standard ? record_to(env, request, STDOUT_FILENO, "standard output") : record_to_file(env, request, path);
  report(env, request, summary, standard ? "standard output" : path);
  return summary.problems.empty() ? 0 : kIncomplete;
}

}  // namespace
}  // namespace capture

constinit const Command kCapture = command_of<capture::options, capture::run>({
    .title = "duostat capture",
    .summary = "record this host in a file, for --from",
    .description = "Records what ss and netstat would read, for --from=FILE. FILE - is standard output; with --every\n"
                   "it is a directory, of which --from reads the newest capture. A capture contains addresses,\n"
                   "command lines and user names of this host: treat it as confidential.\n"
                   "Exit status: 0 complete, 1 something could not be read, 2 FILE could not be written or\n"
                   "usage error.",
    .operands = {.usage = "FILE", .least = 1, .most = 1},
    .failure_status = capture::kNotMade,
    .only_shows = false,
});

}  // namespace duostat::command

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/capture.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/collect/capture_host.h"
#include "src/command/new_file.h"
#include "src/command/scaffold.h"

namespace duostat::command {
namespace {

constexpr int kIncomplete = 1;  ///< exit status
constexpr int kNotMade = 2;     ///< exit status: the file could not be written

struct Request {
  CaptureRequest what;
  bool quiet = false;
};
constexpr Option<Request> kOptions[] = {
    {0, "processes", "", "include the owning processes (default)",
     [](Request& r, std::string_view) { r.what.processes = true; }},
    {0, "no-processes", "", "leave processes out", [](Request& r, std::string_view) { r.what.processes = false; }},
    {'r', "resolve", "", "record host names of all addresses, from DNS (default: only those in /etc/hosts)",
     [](Request& r, std::string_view) { r.what.resolve = true; }},
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

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  const std::string& path = operands[0];
  const bool standard = path == "-";
  if (standard && env.terminal.is_tty) throw UsageError("standard output is a terminal; a capture is binary");
  const CaptureSummary summary =
      standard ? record_to(env, request, STDOUT_FILENO, "standard output") : record_to_file(env, request, path);
  report(env, request, summary, standard ? "standard output" : path);
  return summary.problems.empty() ? 0 : kIncomplete;
}

}  // namespace

constinit const Command kCapture = command_of<options, run>({
    .title = "duostat capture",
    .summary = "record this host in a file, for --from",
    .description = "Records what ss and netstat would read, for --from=FILE. FILE - is standard output.",
    .operands = {.usage = "FILE", .least = 1, .most = 1},
    .failure_status = kNotMade,
    .only_shows = false,
});

}  // namespace duostat::command

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/metrics.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

#include "src/base/callers_rights.h"
#include "src/base/count.h"
#include "src/collect/host.h"
#include "src/collect/owners.h"
#include "src/command/audit_run.h"
#include "src/command/audit_settings.h"
#include "src/command/new_file.h"
#include "src/command/scaffold.h"
#include "src/insight/metrics.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace metrics {
namespace {

constexpr std::string_view kTitle = "duostat metrics";
constexpr int kIncomplete = 1;  ///< exit status
constexpr int kNotMade = 2;     ///< exit status: the file could not be written

struct Request {
  AuditSettings settings;
  std::optional<std::string> format, output, top, by, via, owners;
  std::vector<std::string> from;  ///< --from
  bool list = false;
};

constexpr auto kOwnOptions = std::to_array<Option<Request>>({
    {0, "format", "prometheus|openmetrics", "the text format: Prometheus 0.0.4 (default), or OpenMetrics 1.0",
     keep_value<Request, &Request::format>, "What is written, and where"},
    {0, "output", "FILE", "replace FILE when all of it is written (mode 0644), for node_exporter's textfile collector",
     keep_value<Request, &Request::output>},
    {0, "top", "N", "units, containers, listeners with series of their own, the rest as \"other\" (default: 10)",
     keep_value<Request, &Request::top>},
    {0, "by", "peer", "also count by peer: WARNING, each address that ever connects becomes a series of the server",
     keep_value<Request, &Request::by>},
    {0, "list-metrics", "", "print the name, type, labels and meaning of every metric",
     [](Request& r, std::string_view) { r.list = true; }},
    {0, "skip", "RULE[,RULE...]", "not these rules of duostat audit",
     [](Request& r, std::string_view value) { r.settings.skip.emplace_back(value); }, "Findings"},
    {0, "set", "RULE.THRESHOLD=VALUE", "change a threshold",
     [](Request& r, std::string_view value) { r.settings.set.emplace_back(value); }},
    {0, "config", "FILE", "read thresholds from a file, as duostat audit does",
     [](Request& r, std::string_view value) { r.settings.configs.emplace_back(value); }},
});
constexpr std::string_view kLooking = "Where to look";
constexpr auto kOptions = join_rows<Request>(kOwnOptions, via_option<Request>(kLooking),
                                             owners_option<Request>(kLooking),
                                             from_option<Request>(kLooking, kFromOneHost));
static_assert(letters_unique(kOptions));

std::span<const Option<Request>> options() { return kOptions; }

Exposition format_of(const std::optional<std::string>& word) {
  if (!word || *word == "prometheus") return Exposition::prometheus;
  if (*word == "openmetrics") return Exposition::openmetrics;
  throw UsageError(fmt::format("--format: \"{}\" is neither prometheus nor openmetrics", *word), kUsageStatus);
}

std::size_t top_of(const std::optional<std::string>& word) {
  constexpr std::size_t kDefault = 10, kMost = 1000;
  return word ? count_of("--top", *word, kMost) : kDefault;
}

void refuse_beside_list(const Request& r) {
  const std::pair<bool, std::string_view> others[] = {{r.format.has_value(), "format"},
                                                      {r.output.has_value(), "output"},
                                                      {r.top.has_value(), "top"},
                                                      {r.by.has_value(), "by"},
                                                      {!r.settings.skip.empty(), "skip"},
                                                      {!r.settings.set.empty(), "set"},
                                                      {!r.settings.configs.empty(), "config"},
                                                      {r.via.has_value(), "via"},
                                                      {r.owners.has_value(), "owners"},
                                                      {!r.from.empty(), "from"}};
  for (const auto& [given, name] : others)
    if (given) throw UsageError(fmt::format("--list-metrics and --{} do not go together", name), kUsageStatus);
}

int list_metrics(Environment& env) {
  for (const MetricRow& row : metric_rows()) {
    std::string labels;
    for (const std::string_view label : row.labels) labels.append(labels.empty() ? "{" : ",").append(label);
    if (!labels.empty()) labels += '}';
    env.out.append(fmt::format("{}{} {}\n    {}\n", row.name, labels, word_of(row.type), row.help));
  }
  return 0;
}

struct Look {
  std::vector<MetricFamily> families;
  std::vector<std::string> missing;  ///< what could not be read; empty: nothing
};

/// MPTCP first: the subflows of its sockets are in the table of TCP, too. If some are missing they would count twice.
Subflows read_subflows(Environment& env, Via via, std::vector<std::string>& missing) {
  Subflows subflows;
  for (const TableAnswer& table : each_socket(env, via, {.protocols = {Protocol::mptcp}, .wanted = {Field::inode}},
                                              [&](const Socket& socket) { subflows.add(socket); }))
    if (table.missing) missing.push_back(fmt::format("{}, for subflows: {}", table.name, why_missing(table)));
  return subflows;
}

Look look(Environment& env, const Request& request, const std::vector<ChosenRule>& rules, Via via, std::size_t top) {
  constexpr double kNanoseconds = 1e9;
  const std::int64_t begin = env.clock.now_ns();
  Look look;
  const Subflows subflows = read_subflows(env, via, look.missing);
  SocketTally tally(subflows, request.by.has_value());
  const AuditAnswer audit = run_audit(env, {.rules = rules, .evidence = 1, .via = via, .observer = &tally});
  for (const TableAnswer& table : audit.incomplete)
    look.missing.push_back(fmt::format("{}: {}", table.name, why_missing(table)));
  look.missing.insert(look.missing.end(), audit.remarks.begin(), audit.remarks.end());
  if (!tally.descriptors_whole()) look.missing.push_back("descriptors of processes");
  look.families = measure({.tally = tally,
                           .rules = rules,
                           .findings = audit.findings,
                           .not_looked = audit.not_looked,
                           .top = top,
                           .peers = request.by.has_value(),
                           .complete = look.missing.empty(),
                           .duration_s = static_cast<double>(env.clock.now_ns() - begin) / kNanoseconds,
                           .wall_ns = wall_time_ns(env),
                           .version = DUOSTAT_VERSION});
  return look;
}

void write_output(const std::string& path, const std::vector<MetricFamily>& families, Exposition format) {
  constexpr mode_t kReadable = 0644;  // the exporter is another user
  write_file(
      path,
      [&](int fd) {
        FdSink file(fd);
        Output out(file);
        write_exposition(out, families, format);
        if (const int error = out.flush()) throw SystemError("write", path, error);
      },
      kReadable);
}

int run(Environment& env, const Request& request, std::span<const std::string>) {
  const Exposition format = format_of(request.format);
  const std::size_t top = top_of(request.top);
  if (request.by && *request.by != "peer")
    throw UsageError(fmt::format("--by: \"{}\" is not peer; units and listeners are always counted", *request.by),
                     kUsageStatus);
  const bool writes = request.output && *request.output != "-";
  if (writes && env.secure)
    throw UsageError("--output is " + std::string(kOnlyShows), kUsageStatus);
  const std::vector<ChosenRule> rules = choose_rules(request.settings, env.secure);
  const Via via = choose_via(request.via, env.variables);
  choose_owners(env, request.owners);
  if (request.list) {
    refuse_beside_list(request);
    return list_metrics(env);
  }

  const Look seen = look(env, request, rules, via, top);
  if (writes) write_output(*request.output, seen.families, format);
  else write_exposition(env.out, seen.families, format);
  for (const std::string& what : seen.missing) env.err.line(fmt::format("{}: incomplete: {}", kTitle, what));
  return seen.missing.empty() ? 0 : kIncomplete;
}

}  // namespace
}  // namespace metrics

constinit const Command kMetrics = command_of<metrics::options, metrics::run>({
    .title = metrics::kTitle,
    .summary = "numbers of this host's sockets for Prometheus",
    .description = "Prints metrics of one look at the sockets, their owners and the findings of duostat audit.\n"
                   "Exit status: 0 complete, 1 something could not be read, 2 FILE could not be written or usage\n"
                   "error.",
    .failure_status = metrics::kNotMade,
    .shows_host = true,
});

}  // namespace duostat::command

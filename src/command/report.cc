// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/each_place.h"
#include "src/collect/owners.h"
#include "src/command/everywhere.h"
#include "src/command/new_file.h"
#include "src/command/report_data.h"
#include "src/command/report_text.h"
#include "src/command/scaffold.h"
#include "src/insight/order.h"
#include "src/render/namespace_json.h"
#include "src/render/record.h"
#include "src/view/finding_columns.h"
#include "src/view/json_document.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace report {
namespace {

constexpr std::string_view kTitle = "duostat report";
constexpr int kIncomplete = 1, kFailed = 3;  ///< exit statuses

struct OrderWord {
  std::string_view word;
  TotalOrder order;
};
constexpr OrderWord kOrders[] = {{"connections", TotalOrder::sockets},
                                 {"bytes", TotalOrder::bytes},
                                 {"retransmitted", TotalOrder::retransmitted}};

struct Request {
  JsonStyle json = JsonStyle::none;
  std::optional<std::string> html, order, top, via, owners;
  std::vector<std::string> from;  ///< --from
  ViewRequest view;  ///< --all-netns alone
};

constexpr auto kOwnOptions = std::to_array<Option<Request>>({
    {0, "html", "FILE", "write a page to FILE (- is standard output) instead of a screen",
     keep_value<Request, &Request::html>},
    {'j', "json", "[=lines]", "print JSON: one document, or one section per line",
     [](Request& r, std::string_view value) { r.json = json_style(value); }},
    {0, "sort", "connections|bytes|retransmitted", "what puts peers, processes and ports first",
     keep_value<Request, &Request::order>},
    {0, "top", "N", "rows of each list (default: 5; 20 in a page and JSON)", keep_value<Request, &Request::top>},
});
constexpr auto kOptions = join_rows(kOwnOptions, via_option<Request>(), owners_option<Request>(),
                                    from_option<Request>(), all_netns_option<Request>());
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

TotalOrder order_of(const Request& request) {
  if (!request.order) return TotalOrder::sockets;
  std::vector<std::string_view> words;
  for (const OrderWord& row : kOrders) {
    if (row.word == *request.order) return row.order;
    words.push_back(row.word);
  }
  throw UsageError(fmt::format("--sort: \"{}\" is not connections, bytes or retransmitted", *request.order),
                   kUsageStatus);
}

// ---- JSON ----

template <class T>
void put_records(Json& json, const std::vector<T>& records) {
  std::vector<const Column*> columns;
  for (const Column& column : record_column_set<T>().columns) columns.push_back(&column);
  for (const T& record : records) {
    json.begin_object();
    put_members(json, columns, RecordOf<T>(record));
    json.end_object();
  }
}

void put_totals(Json& json, const TotalList& list) {
  for (const Totals::Row& row : list.rows) {
    json.begin_object();
    json.text(list.name_title, row.name);
    if (row.pid != 0) json.member("pid", row.pid);
    json.member("connections", row.total.sockets);
    if (row.total.measured != 0) {
      json.member("measured", row.total.measured);
      json.member("bytes_sent", row.total.sent);
      json.member("bytes_received", row.total.received);
      json.member("bytes_retransmitted", row.total.retransmitted);
    }
    json.end_object();
  }
}

void put_report(JsonDocument& document, const ReportData& data) {
  const auto section = [&](std::string_view name, FunctionRef<void(Json&)> rows) {
    if (data.place) document.locate(*data.place);
    Json& json = document.begin();
    json.begin_object();
    if (data.place) put_place(json, *data.place);
    json.member("section", name);
    json.key("rows");
    json.begin_array();
    rows(json);
    json.end_array();
    json.end_object();
    document.end_element();
  };
  section("findings", [&](Json& json) { put_records(json, data.audit.findings); });
  section("states", [&](Json& json) { put_records(json, data.states); });
  section("listeners", [&](Json& json) { put_records(json, data.listeners); });
  for (const TotalList& list : data.totals) section(list.section, [&](Json& json) { put_totals(json, list); });
  section("not_looked_at", [&](Json& json) { put_not_looked(json, data.audit.not_looked); });
  for (const ReportProblem& p : data.problems) document.note("list", p.object, p.error);
  if (const std::string hidden = hidden_text(data); !hidden.empty())
    document.note("read owners", "/proc/PID/fd", hidden, data.hidden + data.hidden_listeners);
}

// ---- the page ----

void write_page(Environment& env, const std::string& path, std::span<const ReportData> reports, std::string_view times,
                std::span<const std::string> lacks) {
  if (path == "-") return write_report_html(env, env.out, reports, times, lacks);
  write_file(path, [&](int fd) {
    FdSink sink(fd);
    Output out(sink);
    write_report_html(env, out, reports, times, lacks);
    if (const int error = out.flush()) throw SystemError("write", path, error);
  });
}

void tell_problems(Environment& env, const ReportData& data) {
  const std::string place = data.place ? data.place->label + ": " : std::string();
  for (const ReportProblem& p : data.problems)
    env.err.line(fmt::format("{}: {}{}: incomplete: {}", kTitle, place, p.object, p.error));
}

// ---- several places ----

/// One report for each. Processes are scanned once for all network namespaces.
int report_everywhere(Environment& env, const Request& request, ReportRequest wanted) {
  const auto found = places_of(env, request.view.all_netns);
  EachPlace& places = *found;
  if (request.json != JsonStyle::document && !request.html)
    print_times(env, kTitle, places, request.json == JsonStyle::none);
  OwnerIndex owners;
  if (!places.per_host()) {
    owners = read_owners(env, {});
    wanted.owners = &owners;
  }
  const Via via = wanted.via;
  std::vector<ReportData> reports;
  places.run(via, [&](Environment& inside, Via from) {
    wanted.via = from;
    wanted.place = &places.get();
    reports.push_back(read_report(inside, wanted));
  });
  std::optional<JsonDocument> document;
  if (request.json != JsonStyle::none) document.emplace(env, request.json, "report", via);
  EverywhereReport lacks(env, kTitle, nullptr, document ? &*document : nullptr);
  for (const ReportData& data : reports) {
    if (document)
      put_report(*document, data);
    else if (!request.html)
      print_report(env, data);
    tell_problems(env, data);
  }
  lacks.places(places, kReportedProtocols);
  if (request.html) write_page(env, *request.html, reports, places.times_text(), lacks.told());
  if (document) document->end();
  const bool complete = !lacks.incomplete() && std::ranges::all_of(reports, &ReportData::complete);
  return complete ? 0 : kIncomplete;
}

int run(Environment& env, const Request& request, std::span<const std::string>) {
  if (request.html && request.json != JsonStyle::none)
    throw UsageError("--html and --json exclude each other", kUsageStatus);
  if (request.html && env.secure) throw UsageError("--html is " + std::string(kOnlyShows), kUsageStatus);
  constexpr std::size_t kScreenRows = 5, kPageRows = 20;
  const Via via = choose_via(request.via, env.variables);
  choose_owners(env, request.owners);
  const bool screen = !request.html && request.json == JsonStyle::none;
  ReportRequest wanted{.via = via, .order = order_of(request), .top = screen ? kScreenRows : kPageRows};
  if (request.top) wanted.top = parse_count("--top", *request.top);
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (env.terminal.is_tty && screen && env.recorded == nullptr) wanted.interval_ns = kSecond;
  if (lists_places(env, request.view.all_netns)) {
    wanted.interval_ns = 0;
    return report_everywhere(env, request, wanted);
  }
  const ReportData data = read_report(env, wanted);
  if (request.html)
    write_page(env, *request.html, {&data, 1}, {}, {});
  else if (request.json != JsonStyle::none) {
    JsonDocument document(env, request.json, "report", via);
    put_report(document, data);
    document.end();
  } else
    print_report(env, data);
  if (!screen || !env.terminal.is_tty) tell_problems(env, data);
  return data.complete() ? 0 : kIncomplete;
}

}  // namespace
}  // namespace report

constinit const Command kReport = command_of<report::options, report::run>({
    .title = report::kTitle,
    .summary = "findings, states, listeners, top peers, processes and ports: a screen or a page",
    .description = "Shows what there is on this host and what is wrong with it: findings of the audit, sockets by "
                   "state,\nlisteners, and the peers, processes and ports with the most connections.",
    .failure_status = report::kFailed,
    .shows_host = true,
    .shows_hosts = true,
});

}  // namespace duostat::command

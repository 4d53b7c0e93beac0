// The options that ss, netstat and commands of ours share: which rows to show, in which order and form.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/option_table.h"
#include "src/view/json_document.h"

namespace duostat {

/// The shared options, in the order of their rows. A ViewRule (src/view/view_rule.h) says which of them a view takes.
enum class ViewOption : std::uint8_t {
  json,
  stamp,
  csv,
  columns,
  where,
  sort,
  top,
  by,
  sum,
  having,
  count,
  fail_if,
  fail_if_any,
  fail_if_none,
  proc,
  owners,
  meanings,
  all_netns,
  since,
  watch,
  rate,
  count_
};
inline constexpr std::size_t kViewOptions = static_cast<std::size_t>(ViewOption::count_);
/// The options before this one apply to rows of any kind, the others to sockets.
inline constexpr std::size_t kListOptions = static_cast<std::size_t>(ViewOption::proc);

/// The long name, without dashes.
constexpr std::string_view name_of(ViewOption option) {
  constexpr std::string_view kNames[] = {"json",    "stamp",       "csv",          "columns", "where",
                                         "sort",    "top",         "by",           "sum",     "having",
                                         "count",   "fail-if",     "fail-if-any",  "fail-if-none", "proc",
                                         "owners",  "meanings",    "all-netns",    "since",
                                         "watch",   "rate"};
  static_assert(std::size(kNames) == kViewOptions);
  return kNames[static_cast<std::size_t>(option)];
}

/// The values of the shared options, as typed. ViewPlan (src/view/view_plan.h) parses them.
struct ViewRequest {
  JsonStyle json = JsonStyle::none;
  std::optional<std::string> columns, sort, top, by, sum, having, where, fail_if, processes, owners, since;
  std::optional<std::string> watch;  ///< --watch: the interval; empty: the default
  bool stamp = false, csv = false, count = false, fail_if_any = false, fail_if_none = false, meanings = false;
  bool all_netns = false, rate = false;

  /// Whether the command line has the option. --proc and --sum without a value do not count: see view_options().
  bool given(ViewOption option) const {
    const bool known[] = {json != JsonStyle::none, stamp, csv, columns.has_value(), where.has_value(), sort.has_value(),
                          top.has_value(),         by.has_value(),      sum.has_value(),   having.has_value(),
                          count,                   fail_if.has_value(), fail_if_any,       fail_if_none,
                          processes.has_value(),   owners.has_value(),  meanings,          all_netns,
                          since.has_value(),       watch.has_value(),   rate};
    static_assert(std::size(known) == kViewOptions);
    return known[static_cast<std::size_t>(option)];
  }

  /// JSON, a table, CSV, groups or a count are printed in place of the listing's own rows.
  bool replaces() const { return json != JsonStyle::none || csv || columns || by || count || rate; }
  /// The listing is not printed once: see repeat_listing() (src/view/watch.h).
  bool repeats() const { return watch || rate; }
};

inline constexpr std::string_view kViewGroup = "Choosing, sorting, counting; output for programs";

// Effects of the rows on a Request that has a ViewRequest `view`.
template <class Request>
void choose_json(Request& r, std::string_view value) {
  r.view.json = json_style(value);
}
template <class Request, auto member>
void choose_view(Request& r, std::string_view value) {
  r.view.*member = std::string(value);
}
template <class Request, bool ViewRequest::* flag>
void choose_flag(Request& r, std::string_view) {
  r.view.*flag = true;
}

/// The rows for commands of ours whose listings are records, in the order of ViewOption.
template <class Request>
constexpr std::array<Option<Request>, kListOptions> list_options() {
  using V = ViewRequest;
  constexpr std::string_view g = kViewGroup;
  return {{
      {'j', "json", "[=lines]", "print JSON: one document, or one object per line", choose_json<Request>, g},
      {0, "stamp", "", "with --json=lines: put schema version, host, network namespace and time into each line",
       choose_flag<Request, &V::stamp>, g},
      {0, "csv", "", "print the table as comma-separated values (RFC 4180)", choose_flag<Request, &V::csv>, g},
      {0, "columns", "ID[,ID...]", "print these columns; +ID adds one, -ID removes one, help lists them",
       choose_view<Request, &V::columns>, g},
      {0, "where", "EXPRESSION", "only rows for which this is true (see duostat-filters(7))",
       choose_view<Request, &V::where>, g},
      {0, "sort", "ID[,-ID...]", "sort by these columns; - puts the largest first", choose_view<Request, &V::sort>, g},
      {0, "top", "N", "only the first N", choose_view<Request, &V::top>, g},
      {0, "by", "KEY[,KEY...]", "count rows by these columns", choose_view<Request, &V::by>, g},
      {0, "sum", "ID[,ID...]", "with --by: also sum these, or max:ID, min:ID, avg:ID", choose_view<Request, &V::sum>,
       g},
      {0, "having", "CONDITION", "with --by: only groups for which this is true, as in 'count > 50'",
       choose_view<Request, &V::having>, g},
      {0, "count", "", "print how many there are", choose_flag<Request, &V::count>, g},
      {0, "fail-if", "CONDITION", "status 1 if this is true of what is listed ('count > 0'), with --by of any group",
       choose_view<Request, &V::fail_if>, g},
      {0, "fail-if-any", "", "status 1 if there is anything to list", choose_flag<Request, &V::fail_if_any>, g},
      {0, "fail-if-none", "", "status 1 if there is nothing to list", choose_flag<Request, &V::fail_if_none>, g},
  }};
}

inline constexpr std::string_view kOwnersWords = "auto|bpf|procfs";
inline constexpr std::string_view kOwnersHelp = "where owners are read from: /proc, a BPF iterator, or the cheaper";

inline constexpr std::string_view kWatchHelp = "list again and again; redraws a terminal in place (default: 2)";

/// The shared rows of the front ends. They come last in a table, after every option of the legacy tool. In ss, --sum
/// and --proc are abbreviations of --summary and --processes, which take no value: with a value they are ours, and
/// without one `bare_sum` and `bare_proc` apply.
template <class Request, void (*bare_sum)(Request&, std::string_view), void (*bare_proc)(Request&, std::string_view)>
constexpr std::array<Option<Request>, kViewOptions> view_options() {
  using V = ViewRequest;
  std::array<Option<Request>, kViewOptions> rows{};
  std::ranges::copy(list_options<Request>(), rows.begin());
  const auto row = [&](ViewOption option) -> Option<Request>& { return rows[static_cast<std::size_t>(option)]; };
  row(ViewOption::where).help = "only sockets for which this is true (see duostat-filters(7))";
  row(ViewOption::by).help = "count sockets by these columns, or by peer/24";
  row(ViewOption::sum).arg = "[=ID,...]";
  row(ViewOption::sum).help = "with --by: also sum these (queues, bytes, retransmits), or max:ID, min:ID, avg:ID";
  row(ViewOption::sum).apply = [](Request& r, std::string_view value) {
    value.empty() ? bare_sum(r, value) : choose_view<Request, &V::sum>(r, value);
  };
  row(ViewOption::proc) = {0, "proc", "[=WORD,...]",
                           "show owners; in JSON also these: exe, cmdline, user, cgroup, unit",
                           [](Request& r, std::string_view value) {
                             bare_proc(r, value);
                             if (!value.empty()) choose_view<Request, &V::processes>(r, value);
                           },
                           kViewGroup};
  row(ViewOption::owners) = {0, "owners", kOwnersWords, kOwnersHelp, choose_view<Request, &V::owners>, kViewGroup};
  row(ViewOption::meanings) = {0, "meanings", "", "explain each row: its state, queues, timer and unusual numbers",
                               choose_flag<Request, &V::meanings>, kViewGroup};
  row(ViewOption::all_netns) = {0, "all-netns", "", "every network namespace, each named in a first column",
                                choose_flag<Request, &V::all_netns>, kViewGroup};
  row(ViewOption::since) = {0, "since", "FILE", "only sockets that are not in this file of `duostat capture`",
                            choose_view<Request, &V::since>, kViewGroup};
  row(ViewOption::watch) = {0, "watch", "[=SECONDS]", kWatchHelp, choose_view<Request, &V::watch>, kViewGroup};
  row(ViewOption::rate) = {0, "rate", "", "bytes a second each way, from two looks: of connections, or with --by",
                           choose_flag<Request, &V::rate>, kViewGroup};
  for (Option<Request>& option : rows) option.extension = true;
  return rows;
}

/// --from: with_recorded_hosts() (src/collect/recorded_host.h) takes Request::from, a std::vector<std::string>.
inline constexpr std::string_view kFromOneHost = "show the host that `duostat capture` recorded";
template <class Request>
constexpr std::array<Option<Request>, 1> from_option(
    std::string_view group = {},
    std::string_view help = "show the host that `duostat capture` recorded; several: each named in a first column") {
  return {{{0, "from", "FILE", help,
            [](Request& r, std::string_view value) { r.from.emplace_back(value); }, group, true}}};
}

/// --via of our own commands: choose_via() (src/collect/collect.h) takes Request::via.
template <class Request>
constexpr std::array<Option<Request>, 1> via_option(std::string_view group = {}) {
  return {{{0, "via", "auto|procfs|netlink", "where sockets are read from", keep_value<Request, &Request::via>,
            group}}};
}

/// --owners of our own commands: choose_owners() (src/collect/owners.h) takes Request::owners.
template <class Request>
constexpr std::array<Option<Request>, 1> owners_option(std::string_view group = {}) {
  return {{{0, "owners", kOwnersWords, kOwnersHelp, keep_value<Request, &Request::owners>, group}}};
}

}  // namespace duostat

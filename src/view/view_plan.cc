// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/view_plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/collect/dry_run.h"

namespace duostat {
namespace {

struct ProcessWord {
  std::string_view word;
  ProcessField field;
};
constexpr ProcessWord kProcessWords[] = {{"exe", ProcessField::exe},
                                         {"cmdline", ProcessField::cmdline},
                                         {"user", ProcessField::user},
                                         {"cgroup", ProcessField::cgroup},
                                         {"unit", ProcessField::unit}};

ProcessFields parse_processes(std::string_view list) {
  ProcessFields fields;
  for (const std::string_view word : split_list("--proc", list)) {
    const auto* row = std::ranges::find(kProcessWords, word, &ProcessWord::word);
    if (row == std::end(kProcessWords)) {
      std::vector<std::string_view> words;
      for (const ProcessWord& w : kProcessWords) words.push_back(w.word);
      throw UsageError(
          fmt::format("--proc: \"{}\" is not a process attribute; did you mean {}?", word, nearest(word, words)),
          kUsageStatus);
    }
    fields.add(row->field);
  }
  return fields;
}

/// The name of an object selects all its members.
std::vector<const Column*> parse_columns(std::string_view list, const ColumnSet& set) {
  std::vector<const Column*> columns;
  const auto add = [&](const Column& c) {
    if (std::ranges::find(columns, &c) == columns.end()) columns.push_back(&c);
  };
  for (const std::string_view word : split_list("--columns", list)) {
    const auto group = find_group(word, set);
    for (const Column& c : group) add(c);
    if (group.empty()) add(*require_column("--columns", word, set).column);
  }
  return columns;
}

void refuse_together(bool a, std::string_view one, bool b, std::string_view other) {
  if (a && b) throw UsageError(fmt::format("{} and {} do not go together", one, other), kUsageStatus);
}

}  // namespace

ViewPlan::ViewPlan(const ViewRequest& r, const ColumnSet& set)
    : words(r), json(r.json), count(r.count), replaces_(r.replaces()) {
  help = r.columns == "help";
  chosen = r.columns.has_value();
  if (r.columns && !help) columns = parse_columns(*r.columns, set);
  if (r.by) by = parse_by(*r.by, set);
  if (r.sum) sum = parse_sum(*r.sum, set);
  if (r.where) where.emplace(*r.where, set);
  if (r.sort) sort = parse_sort(*r.sort, set);
  if (r.top) top = parse_count("--top", *r.top);
  if (r.processes) processes = parse_processes(*r.processes);
  refuse_together(count, "--count", r.by.has_value(), "--by");
  refuse_together(count, "--count", chosen, "--columns");
  refuse_together(r.by.has_value(), "--by", chosen, "--columns");
  refuse_together(r.by.has_value(), "--by", r.sort.has_value(), "--sort");
  if (r.sum && !r.by) throw UsageError("--sum needs --by", kUsageStatus);
}

void report_to_dry_run(const Environment& env, const ViewPlan& plan) {
  if (env.dry_run == nullptr) return;
  const ViewRequest& words = plan.words;
  const auto left = [&](std::string_view option, const std::optional<std::string>& value, std::string_view why) {
    env.dry_run->user_space(value ? fmt::format("{}={}", option, *value) : std::string(option), why);
  };
  if (words.where)
    left("--where", words.where,
         "backends do not evaluate columns: every row of the answer is decoded and tested here");
  if (words.by)
    left("--by", words.by,
         "backends do not count: rows are counted as they arrive, with one entry per combination of values");
  if (words.sum) left("--sum", words.sum, "summed in these entries");
  if (words.count) left("--count", {}, "backends do not count: rows are counted as they arrive, and none is kept");
  const bool all = plan.top == Ordered::kAll;
  if (words.sort)
    left("--sort", words.sort,
         all ? "backends do not sort: every row is kept until the last one was read"
             : "backends do not sort: the first rows of the order are kept until the last one was read");
  if (words.top)
    left("--top", words.top,
         words.by     ? "the largest groups are selected after all rows are counted"
         : words.sort ? "selected while rows are sorted: later rows of the order are dropped"
                      : "backends take no limit: later rows are read and dropped");
}

std::string columns_help(const ColumnSet& set) {
  std::string text;
  for (const Column& c : set.columns) {
    const std::string_view unit = unit_word(c.unit);
    text += fmt::format("{:<36} {}{}{}{}\n", c.id, c.help, unit.empty() ? "" : " (", unit, unit.empty() ? "" : ")");
  }
  return text;
}

}  // namespace duostat

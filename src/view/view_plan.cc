// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/view_plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/collect/owners.h"
#include "src/collect/dry_run.h"
#include "src/collect/shown_host.h"
#include "src/names/lookup.h"

namespace duostat {
namespace {

constexpr std::string_view kRates = "rate";  ///< the object of the columns that --rate adds

constexpr std::string_view kRateSums = "rate.total,rate.sent,rate.received";
constexpr std::string_view kFailIf = "matching rows are counted, and the exit status is decided at the end";

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
      throw UsageError(
          fmt::format("--proc: \"{}\" is not a process attribute{}; these are: exe, cmdline, user, cgroup, unit", word,
                      did_you_mean(word, process_words())),
          kUsageStatus);
    }
    fields.add(row->field);
  }
  return fields;
}

void refuse_together(bool a, std::string_view one, bool b, std::string_view other) {
  if (a && b) throw UsageError(fmt::format("{} and {} do not go together", one, other), kUsageStatus);
}

}  // namespace

ViewPlan::ViewPlan(const Environment& env, const ViewRequest& r, const ColumnSet& set)
    : ViewPlan(r, set, lookup_of(env, nullptr).get()) {}

ViewPlan::ViewPlan(const ViewRequest& r, const ColumnSet& set, Lookup* names)
    : words(r), json(r.stamp ? JsonStyle::stamped : r.json), csv(r.csv), count(r.count), meanings(r.meanings),
      replaces_(r.replaces()) {
  help = r.columns == "help";
  choose_repeats(r);
  chosen = r.columns || (r.rate && !r.by);
  if (r.columns && !help) choose_columns(*r.columns, set);
  if (r.stamp && r.json != JsonStyle::lines) throw UsageError("--stamp needs --json=lines", kUsageStatus);
  refuse_together(csv, "--csv", r.json != JsonStyle::none, "--json");
  refuse_together(csv, "--csv", count, "--count");
  refuse_together(csv, "--csv", r.watch.has_value(), "--watch");
  refuse_together(meanings, "--meanings", csv, "--csv");
  if (r.rate && !r.by && !help) add_rates(set);
  refuse_together(meanings, "--meanings", json != JsonStyle::none, "--json");
  refuse_together(meanings, "--meanings", r.columns.has_value(), "--columns");
  refuse_together(meanings, "--meanings", r.rate, "--rate");
  refuse_together(meanings, "--meanings", r.by.has_value(), "--by");
  refuse_together(meanings, "--meanings", count, "--count");
  refuse_together(count, "--count", r.by.has_value(), "--by");
  refuse_together(count, "--count", r.columns.has_value(), "--columns");
  refuse_together(count, "--count", r.rate, "--rate");
  refuse_together(r.by.has_value(), "--by", r.columns.has_value(), "--columns");
  refuse_together(r.all_netns, "--all-netns", r.since.has_value(), "--since");  // a capture has one namespace
  if (r.sum && !r.by) throw UsageError("--sum needs --by", kUsageStatus);
  if (r.having && !r.by) throw UsageError("--having needs --by; --where selects rows", kUsageStatus);
  if (r.where) where.emplace(*r.where, set, Where::Reading{"--where", names});
  if (r.sort && !r.by) sort = parse_sort(*r.sort, set);
  if (r.top) top = parse_count("--top", *r.top);
  if (r.processes) processes = parse_processes(*r.processes);
  choose_groups(r, set, names);
  if (!r.rate) require_rate();
}

void ViewPlan::choose_repeats(const ViewRequest& r) {
  constexpr std::int64_t kWatch = 2'000'000'000, kRate = 1'000'000'000, kShortest = 100'000'000;
  if (r.rate) interval_ns = kRate;
  if (!r.watch) return;
  interval_ns = kWatch;
  if (!r.watch->empty()) {
    const std::optional<std::int64_t> given = parse_duration(*r.watch);
    if (!given || *given < kShortest)
      throw UsageError(fmt::format("--watch: \"{}\" is not an interval of at least 0.1 s (examples: 2, 0.5, 500ms)",
                                   *r.watch),
                       kUsageStatus);
    interval_ns = *given;
  }
  const bool fails = r.fail_if || r.fail_if_any || r.fail_if_none;
  if (fails)
    throw UsageError("--watch goes on until it is interrupted; --fail-if needs a listing that ends", kUsageStatus);
}

/// --rate: the columns of rates, unless they were chosen.
void ViewPlan::add_rates(const ColumnSet& set) {
  if (!words.columns) adjusts = true;
  for (const Column& c : find_group(kRates, set)) {
    if (std::ranges::find(columns, &c) != columns.end()) continue;
    columns.push_back(&c);
    shown_.push_back(ShownColumn::of(c));
  }
}

/// Without --rate there are no rates that could be shown or compared.
void ViewPlan::require_rate() const {
  const auto refuse = [](const Column* column) {
    if (column != nullptr && column->group() == kRates)
      throw UsageError(fmt::format("{}: needs --rate", column->id), kUsageStatus);
  };
  for (const Column* c : columns) refuse(c);
  for (const GroupKey& key : by) refuse(key.column);
  for (const SumColumn& s : sum) refuse(s.column);
  for (const SortKey& key : sort) refuse(key.column);
  if (where) where->each_column(refuse);
}

void ViewPlan::choose_groups(const ViewRequest& r, const ColumnSet& set, Lookup* names) {
  using Kind = FailCondition::Kind;
  refuse_together(r.fail_if.has_value(), "--fail-if", r.fail_if_any, "--fail-if-any");
  refuse_together(r.fail_if.has_value(), "--fail-if", r.fail_if_none, "--fail-if-none");
  refuse_together(r.fail_if_any, "--fail-if-any", r.fail_if_none, "--fail-if-none");
  if (r.by) by = parse_by(*r.by, set);
  if (r.sum && !r.rate) sum = parse_sum(*r.sum, set, by);
  // The first sum decides the order of the groups: the largest total first, unless --sum names rates itself.
  if (r.rate && r.by) {
    const std::string typed = r.sum.value_or("");
    const bool named = typed.find(kRates) != std::string::npos;
    const std::string more = typed.empty() || named ? typed : "," + typed;
    sum = parse_sum(named ? typed : std::string(kRateSums) + more, set, by);
  }
  if (r.by || r.fail_if) group_columns = std::make_unique<GroupColumns>(by, sum, set);
  if (r.having) having.emplace(*r.having, group_columns->set(), Where::Reading{"--having", names});
  if (r.sort && r.by) group_order = parse_sort(*r.sort, group_columns->set());
  if (r.fail_if) fail.condition.emplace(*r.fail_if, group_columns->set(), Where::Reading{"--fail-if", names});
  fail.kind = r.fail_if       ? Kind::condition
              : r.fail_if_any  ? Kind::any
              : r.fail_if_none ? Kind::nothing
                               : Kind::none;
  if (fails()) tally = std::make_unique<Tally>();
}

ShownColumn ShownColumn::named(std::string_view word, const ColumnSet& set) {
  const ColumnName name = require_column("--columns", word, set);
  return {name.column, std::string(word), name.unit, named_unit(column_word(word)) != Unit::none};
}
ShownColumn ShownColumn::of(const Column& column) {
  return {&column, std::string(column.id), column.unit, named_unit(column.id) != Unit::none};
}

/// The name of an object selects all its members.
void ViewPlan::choose_columns(std::string_view list, const ColumnSet& set) {
  const auto has_sign = [](std::string_view word) { return word.starts_with('+') || word.starts_with('-'); };
  const auto add = [&](ShownColumn added) {
    const auto same = [&](const ShownColumn& s) { return s.column == added.column && s.unit == added.unit; };
    if (std::ranges::any_of(shown_, same)) return;
    if (std::ranges::find(columns, added.column) == columns.end()) columns.push_back(added.column);
    shown_.push_back(std::move(added));
  };
  const std::vector<std::string_view> typed = split_list("--columns", list);
  adjusts = has_sign(typed.front());
  for (std::string_view word : typed) {
    if (has_sign(word) != adjusts)
      throw UsageError("--columns: give every column a sign, or none: +ID adds one to the view's own, -ID removes one",
                       kUsageStatus);
    const bool removes = word.starts_with('-');
    if (adjusts) word.remove_prefix(1);
    const auto group = find_group(word, set);
    for (const Column& c : group)
      removes ? removed_.emplace_back(&c, word), void() : add(ShownColumn::of(c));
    if (!group.empty()) continue;
    ShownColumn named = ShownColumn::named(word, set);
    if (removes) removed_.emplace_back(named.column, word);
    else add(std::move(named));
  }
}

std::vector<ShownColumn> ViewPlan::shown_columns(std::vector<ShownColumn> shown) const {
  if (chosen && !adjusts) return shown_;
  for (const auto& [removed, word] : removed_) {
    const Column* const column = removed;  // clang 14 captures no structured binding
    if (std::erase_if(shown, [&](const ShownColumn& s) { return s.column == column; }) == 0 && column->group() != word)
      throw UsageError(fmt::format("--columns: -{}: this view does not show it", word), kUsageStatus);
  }
  for (const ShownColumn& added : shown_) {
    const auto same = [&](const ShownColumn& s) { return s.column == added.column; };
    const auto known = std::ranges::find_if(shown, same);
    if (known != shown.end()) *known = added;
    else shown.push_back(added);
  }
  return shown;
}

bool ViewPlan::asks_owners() const {
  const auto needs = [](const Column& column) { return column.needs.has(Field::owner); };
  return std::ranges::any_of(columns, [&](const Column* c) { return needs(*c); }) ||
         std::ranges::any_of(by, [&](const GroupKey& key) { return needs(*key.column); }) ||
         std::ranges::any_of(sum, [&](const SumColumn& s) { return needs(*s.column); }) ||
         std::ranges::any_of(sort, [&](const SortKey& key) { return needs(*key.column); }) ||
         (where && where->needs().has(Field::owner));
}

void ViewPlan::require_owners(bool rows) const {
  if (words.owners) owners_from(*words.owners, "--owners");  // a mistake in the word comes first
  if (words.owners && !rows && !asks_owners())
    throw UsageError("--owners: nothing here shows owners; -p does, and columns like process", kUsageStatus);
}

void ViewPlan::require_networks(FamilySet families) const {
  if (!families.has(Family::inet) || families.has(Family::inet6)) return;
  for (const GroupKey& key : by)
    if (key.only_inet6)
      throw UsageError(fmt::format("--by={}: an IPv4 address has 32 bits, and only IPv4 is listed", key.typed),
                       kUsageStatus);
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
  if (words.having) left("--having", words.having, "tested when all rows are counted");
  if (words.fail_if) left("--fail-if", words.fail_if, kFailIf);
  if (words.fail_if_any) left("--fail-if-any", {}, kFailIf);
  if (words.fail_if_none) left("--fail-if-none", {}, kFailIf);
  if (words.watch) left("--watch", words.watch, "the listing is repeated: later passes send the same requests");
  if (words.rate) left("--rate", {}, "two looks are compared: the second sends the same requests");
  if (words.count) left("--count", {}, "backends do not count: rows are counted as they arrive, and none is kept");
  if (words.meanings) left("--meanings", {}, "the words come from a table in this program");
  const bool all = plan.top == Ordered::kAll;
  if (words.sort && words.by) left("--sort", words.sort, "groups are sorted when all rows are counted");
  else if (words.sort)
    left("--sort", words.sort,
         all ? "backends do not sort: every row is kept until the last one was read"
             : "backends do not sort: the first rows of the order are kept until the last one was read");
  if (words.top)
    left("--top", words.top,
         words.by     ? "the largest groups are selected after all rows are counted"
         : words.sort ? "selected while rows are sorted: later rows of the order are dropped"
                      : "backends take no limit: later rows are read and dropped");
}

std::vector<std::string_view> process_words() {
  std::vector<std::string_view> words;
  for (const ProcessWord& row : kProcessWords) words.push_back(row.word);
  return words;
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

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/fail_if.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace duostat {
namespace {

using Truth = Where::Truth;

Truth negated(Truth truth) {
  return truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : Truth::unknown;
}

Bounds bounds_of_count(std::uint64_t rows, std::uint64_t fewer, std::uint64_t further, bool more) {
  return {Value::of(rows - std::min(rows, fewer)), Value::of(rows + further), more};
}

/// Sums and maxima of missing rows only grow, minima only shrink: the kernel's numbers are not negative.
Bounds bounds_of_sum(const SumColumn& sum, const Value& value, const Doubt& doubt) {
  if (!doubt.any()) return Bounds::exactly(value);
  const bool only_more = doubt.removed == 0 && doubt.moved == 0 && value.kind() == Value::Kind::unsigned_number;
  if (only_more && (sum.aggregate == Aggregate::sum || sum.aggregate == Aggregate::max)) return {value, value, true};
  if (only_more && sum.aggregate == Aggregate::min) return {Value::of(0), value};
  return {Value{}, Value{}, true};
}

Bounds bounds_in_group(const ViewPlan& plan, const GroupRow& row, const Column& column, const Doubt& doubt) {
  const GroupColumns& columns = *plan.group_columns;
  if (columns.is_count(column))
    return bounds_of_count(row.count, doubt.removed + doubt.moved, doubt.added + doubt.moved, doubt.more);
  const Value value = columns.value(row, column);
  const SumColumn* const sum = columns.sum_of(column);
  return sum != nullptr ? bounds_of_sum(*sum, value, doubt) : Bounds::exactly(value);
}

/// Whether any group passes --having and the condition.
Truth any_group(const ViewPlan& plan, const Groups& groups, const Doubt& doubt) {
  // Missing rows may form groups of which nothing is known.
  Truth result = doubt.more || doubt.added != 0 || doubt.moved != 0 ? Truth::unknown : Truth::no;
  groups.each([&](const GroupRow& row) {
    const auto bounds = [&](const Column& column) { return bounds_in_group(plan, row, column, doubt); };
    Truth truth = doubt.removed + doubt.moved >= row.count ? Truth::unknown : Truth::yes;
    if (plan.having) truth = std::min(truth, plan.having->judge(bounds));
    if (plan.fail.condition) truth = std::min(truth, plan.fail.condition->judge(bounds));
    result = std::max(result, truth);
  });
  return result;
}

Truth judged(const ViewPlan& plan, std::uint64_t rows, const Groups* groups, const Doubt& doubt) {
  using Kind = FailCondition::Kind;
  if (groups != nullptr) {
    const Truth any = any_group(plan, *groups, doubt);
    return plan.fail.kind == Kind::nothing ? negated(any) : any;
  }
  const Bounds count = bounds_of_count(rows, doubt.removed, doubt.added, doubt.more);
  if (plan.fail.kind == Kind::condition) return plan.fail.condition->judge([&](const Column&) { return count; });
  const bool none_possible = count.low.number() == 0, some_possible = count.unbounded || count.high.number() != 0;
  const Truth any = !none_possible ? Truth::yes : some_possible ? Truth::unknown : Truth::no;
  return plan.fail.kind == Kind::nothing ? negated(any) : any;
}

}  // namespace

int fail_status(const ViewPlan& plan, std::uint64_t rows, const Groups* groups, const Doubt& doubt) {
  const Truth truth = judged(plan, rows, groups, doubt);
  return truth == Truth::yes ? kConditionHolds : truth == Truth::no ? 0 : kConditionUndecided;
}

int status_of_text(Environment& env, std::string_view program, const ViewPlan& plan, int status, bool missing) {
  if (!plan.fails()) return status;
  const Tally tally = std::exchange(*plan.tally, Tally());
  const int decided = fail_status(plan, tally.rows, nullptr, {.more = missing || tally.missing});
  if (decided == kConditionUndecided) env.err.line(undecided_line(program, plan));
  return decided;
}

std::string undecided_line(std::string_view program, const ViewPlan& plan) {
  const ViewOption option = plan.words.fail_if       ? ViewOption::fail_if
                            : plan.words.fail_if_any ? ViewOption::fail_if_any
                                                     : ViewOption::fail_if_none;
  return fmt::format("{}: --{}: undecided, because the answer is incomplete", program, name_of(option));
}

}  // namespace duostat

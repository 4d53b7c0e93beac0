// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/record_view.h"

#include <fmt/core.h>

#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/render/placed.h"
#include "src/render/record_json.h"
#include "src/view/fail_if.h"
#include "src/view/group_view.h"

namespace duostat {

RecordView::RecordView(Environment& env, std::string_view program, const ViewPlan& plan, const ColumnSet& set,
                       std::string_view kind, Via via, std::span<const std::string_view> own)
    : env_(env), program_(program), plan_(plan), kind_(kind), columns_(set.columns) {
  if (!plan.by.empty()) groups_.emplace(plan.by, plan.sum);
  const bool json = plan.json != JsonStyle::none;
  if (!groups_ && !plan.count) {
    std::vector<ShownColumn> own_columns;
    for (const Column& c : set.columns)
      if (json || own.empty()) own_columns.push_back(ShownColumn::of(c));
    if (!json)
      for (const std::string_view id : own) own_columns.push_back(ShownColumn::named(id, set));
    const auto shows_place = [&](const ShownColumn& c) { return c.column == &set.columns[0]; };
    const bool placed = is_placed(set);
    if (placed && std::ranges::none_of(own_columns, shows_place))
      own_columns.insert(own_columns.begin(), ShownColumn::of(set.columns[0]));
    shown_ = plan.shown_columns(std::move(own_columns));
    if (placed && !plan.adjusts && std::ranges::none_of(shown_, shows_place))
      shown_.insert(shown_.begin(), ShownColumn::of(set.columns[0]));
    // A table has the order of the command line. In JSON the members of an object are together.
    for (const Column& c : set.columns)
      if (std::ranges::find(shown_, &c, &ShownColumn::column) != shown_.end()) members_.push_back(&c);
  }
  if (json) document_.emplace(env, plan.json, groups_ ? "record_groups" : plan.count ? "counts" : kind, via,
                              plan.pass.stamp);
  else if (!plan.count)
    table_.emplace(env.out, groups_ ? group_titles(*groups_) : column_titles(shown_), true, table_form(env, plan));
  if (table_ && plan.pass.keys != nullptr) plan.pass.keys->heading(1);
}

/// Texts tell records apart; numbers are what changes.
RowKey RecordView::key_of(const Record& record) const {
  std::string text;
  for (const Column& c : columns_)
    if (c.unit == Unit::text) text.append(record.value(c).text()).append(1, '\0');
  return RowKey::of(text);
}

void RecordView::print(const Record& record) {
  ++count_;
  if (groups_) return groups_->add([&](const Column& c) { return record.value(c); });
  if (plan_.count) return;
  if (plan_.pass.keys != nullptr) plan_.pass.keys->row(key_of(record));
  if (table_) {
    for (const ShownColumn& c : shown_) table_->cell(record.value(*c.column));
    return;
  }
  if (const NetworkNamespace* place = record.place()) document_->locate(*place);
  Json& json = document_->begin_object();
  put_members(json, members_, record);
  json.end_object();
  document_->end_element();
}

void RecordView::note(const Coverage& c, bool told) {
  if (!c.incomplete()) return;
  incomplete_ = true;
  Coverage placed = c;
  placed.object.insert(0, place_);
  if (document_) document_->note(placed);
  if (told) return;
  if (c.error != 0) tell(c.object, error_text(c.error));
  if (c.malformed + c.truncated != 0)
    tell(c.object, fmt::format("{} malformed, {} truncated", c.malformed, c.truncated));
  if (c.interrupted) tell(c.object, "the table changed while it was read");
}

void RecordView::note(std::string_view operation, std::string_view object, std::string_view error) {
  incomplete_ = true;
  if (document_) document_->note(operation, place_ + std::string(object), error);
  tell(object, error);
}

void RecordView::tell(std::string_view object, std::string_view what) {
  std::string scratch;
  env_.err.line(fmt::format("{}: {}{}: {}", program_, place_, without_controls(object, scratch), what));
}

int RecordView::finish(int status) {
  JsonDocument* const document = document_ ? &*document_ : nullptr;
  if (groups_) put_groups(*groups_, plan_, table_ ? &*table_ : nullptr, document);
  if (plan_.count) put_count(env_.out, count_, document);
  if (table_) table_->finish();
  if (document_) document_->end();
  if (incomplete_) env_.err.line(incomplete_line(program_, kind_, count_));
  if (plan_.fails()) return fail_status(status);
  constexpr int kFailure = 1;
  return status == 0 && incomplete_ ? kFailure : status;
}

int RecordView::fail_status(int status) {
  const Tally tally = std::exchange(*plan_.tally, Tally());
  const Doubt doubt{.more = incomplete_ || tally.missing || status != 0};
  const int decided = duostat::fail_status(plan_, tally.rows, groups_ ? &*groups_ : nullptr, doubt);
  if (decided == kConditionUndecided) env_.err.line(undecided_line(program_, plan_));
  return decided;
}

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/group_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "src/view/row_keys.h"

namespace duostat {
namespace {

constexpr std::string_view kCount = "count";

bool is_right(const Column& c) { return c.unit != Unit::text; }

void put_group(Json& json, const Groups& groups, const Groups::Row& row) {
  for (std::size_t i = 0; i < row.keys.size(); ++i) put_value(json, groups.keys()[i].name, row.keys[i].get());
  json.member(kCount, row.count);
  for (std::size_t i = 0; i < row.sums.size(); ++i)
    put_value(json, groups.sums()[i].name, row.sum(groups.sums()[i], i));
  json.end_object();
}

RowKey key_of(const Groups::Row& row) {
  std::string text;
  char digits[kNumberTextMax];
  for (const KeptValue& key : row.keys) {
    const Value value = key.get();
    if (value.is_text()) text.append(value.text());
    else text.append(digits, format_number(digits, value));
    text += '\0';
  }
  return RowKey::of(text);
}

Table::Title title_of(const std::string& text, const Column& column) {
  return {text, is_right(column), column.unit, Unit::none, named_unit(text) != Unit::none};
}

}  // namespace

Table::Form table_form(const Environment& env, const ViewPlan& plan) {
  if (plan.csv) return {.csv = true};
  if (!env.terminal.is_tty) return {};
  int columns = env.terminal.ask_columns != nullptr ? env.terminal.ask_columns() : env.terminal.columns;
  if (columns <= 0) {
    const std::string_view text = env.variables.get("COLUMNS").value_or("");
    std::from_chars(text.data(), text.data() + text.size(), columns);
  }
  return {static_cast<std::size_t>(std::max(columns, 0)), true};
}

std::vector<Table::Title> column_titles(const std::vector<ShownColumn>& columns) {
  std::vector<Table::Title> titles;
  for (const ShownColumn& c : columns)
    titles.push_back({c.title, is_right(*c.column), c.column->unit, c.unit, c.unit_in_title});
  return titles;
}

std::vector<Table::Title> group_titles(const Groups& groups) {
  std::vector<Table::Title> titles{{std::string(kCount), true}};
  for (const SumColumn& sum : groups.sums()) titles.push_back(title_of(sum.title, *sum.column));
  for (const GroupKey& key : groups.keys()) titles.push_back(title_of(key.name, *key.column));
  return titles;
}

void put_groups(const Groups& groups, const ViewPlan& plan, Table* table, JsonDocument* document) {
  for (const Groups::Row* row : groups.chosen(plan.group_choice())) {
    if (plan.pass.keys != nullptr) plan.pass.keys->row(key_of(*row));
    if (table == nullptr) {
      put_group(document->begin_object(), groups, *row);
      document->end_element();
      continue;
    }
    table->cell(Value::of(row->count));
    for (std::size_t i = 0; i < row->sums.size(); ++i) table->cell(row->sum(groups.sums()[i], i));
    for (const KeptValue& key : row->keys) table->cell(key.get());
  }
}

void put_count(Output& out, std::uint64_t count, JsonDocument* document) {
  if (document == nullptr) return out.append(fmt::format("{}\n", count));
  Json& json = document->begin_object();
  json.member(kCount, count);
  json.end_object();
  document->end_element();
}

}  // namespace duostat

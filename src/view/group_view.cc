// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/group_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace duostat {
namespace {

constexpr std::string_view kCount = "count", kSum = "_sum";

bool is_right(const Column& c) { return c.unit != Unit::text; }

/// A sum has the name of its column, unless that is a key as well.
std::string sum_title(const Groups& groups, const std::string& name) {
  const bool taken = std::ranges::find(groups.keys(), name, &GroupKey::name) != groups.keys().end();
  return taken ? name + std::string(kSum) : name;
}

void put_group(Json& json, const Groups& groups, const Groups::Row& row) {
  json.begin_object();
  for (std::size_t i = 0; i < row.keys.size(); ++i) put_value(json, groups.keys()[i].name, row.keys[i].get());
  json.member(kCount, row.count);
  for (std::size_t i = 0; i < row.sums.size(); ++i)
    put_value(json, groups.sum_names()[i] + std::string(kSum), row.sums[i]);
  json.end_object();
}

}  // namespace

std::vector<Table::Title> column_titles(const std::vector<const Column*>& columns) {
  std::vector<Table::Title> titles;
  for (const Column* c : columns) titles.push_back({std::string(c->id), is_right(*c)});
  return titles;
}

std::vector<Table::Title> group_titles(const Groups& groups) {
  std::vector<Table::Title> titles{{std::string(kCount), true}};
  for (const std::string& name : groups.sum_names()) titles.push_back({sum_title(groups, name), true});
  for (const GroupKey& key : groups.keys()) titles.push_back({key.name, is_right(*key.column)});
  return titles;
}

void put_groups(const Groups& groups, std::size_t top, Table* table, JsonDocument* document) {
  for (const Groups::Row* row : groups.largest(top)) {
    if (table == nullptr) {
      put_group(document->begin(), groups, *row);
      document->end_element();
      continue;
    }
    table->cell(Value::of(row->count));
    for (const Value& sum : row->sums) table->cell(sum);
    for (const KeptValue& key : row->keys) table->cell(key.get());
  }
}

void put_count(Output& out, std::uint64_t count, JsonDocument* document) {
  if (document == nullptr) return out.append(fmt::format("{}\n", count));
  Json& json = document->begin();
  json.begin_object();
  json.member(kCount, count);
  json.end_object();
  document->end_element();
}

}  // namespace duostat

// The output of --columns, --by and --count, for sockets and other records: tables, or JSON objects.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/insight/group.h"
#include "src/render/table.h"
#include "src/view/json_document.h"
#include "src/view/view_plan.h"

namespace duostat {

/// The titles of a table of these columns.
std::vector<Table::Title> column_titles(const std::vector<ShownColumn>& columns);
/// A table on a terminal fits its width and has numbers for people; elsewhere it is exact.
Table::Form table_form(const Environment& env, const ViewPlan& plan);
/// The titles of a table of groups: "count", the sums, the keys. Each is unique.
std::vector<Table::Title> group_titles(const Groups& groups);

/// Writes the groups that the plan chooses to the table or, if that is null, to the document.
void put_groups(const Groups& groups, const ViewPlan& plan, Table* table, JsonDocument* document);
/// Writes the answer of --count to the document or, if that is null, as a line.
void put_count(Output& out, std::uint64_t count, JsonDocument* document);

}  // namespace duostat

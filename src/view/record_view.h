// The shared options for records that are not sockets: choose_records() applies --where, --sort and --top, and
// RecordView prints --columns, --by, --count and --json.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/collect/collect.h"
#include "src/insight/group.h"
#include "src/render/record.h"
#include "src/render/table.h"
#include "src/view/json_document.h"
#include "src/view/row_keys.h"
#include "src/view/socket_view.h"

namespace duostat {

/// Keeps the records that --where matches, in the order of --sort, at most --top of them. With --by, --top limits the
/// groups instead.
template <class T>
void choose_records(const ViewPlan& plan, std::vector<T>& records) {
  if (plan.where)
    std::erase_if(records, [&](const T& t) {
      const RecordOf<T> record(t);
      return !plan.where->matches([&](const Column& c) { return record.value(c); });
    });
  if (!plan.sort.empty()) {
    std::vector<std::pair<std::vector<KeptValue>, T>> keyed;
    keyed.reserve(records.size());
    for (T& t : records) {
      const RecordOf<T> record(t);
      std::vector<KeptValue> keys;
      for (const SortKey& key : plan.sort) keys.emplace_back(record.value(*key.column));
      keyed.emplace_back(std::move(keys), std::move(t));
    }
    std::ranges::stable_sort(
        keyed, [&](const auto& a, const auto& b) { return compare_keys(plan.sort, a.first, b.first) < 0; });
    records.clear();
    for (auto& [keys, t] : keyed) records.push_back(std::move(t));
  }
  plan.count_rows(records.size());
  if (plan.by.empty() && records.size() > plan.top)
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(plan.top), records.end());
}

/// Prints records as a table, groups, a count or JSON. Reports missing records on standard error, in the document and
/// by the exit status.
class RecordView {
 public:
  /// `program`: prefix of messages. `kind`: of the document, and the name of the table in messages. `set`: the columns
  /// of the records; with a namespace (src/render/placed.h) it is always shown first. `own`: words for the columns of a
  /// table that --columns=+ID,-ID changes; empty: all. `env`, `plan`
  /// and `program` must outlive the view.
  RecordView(Environment& env, std::string_view program, const ViewPlan& plan, const ColumnSet& set,
             std::string_view kind, Via via, std::span<const std::string_view> own = {});

  /// With --json: for records whose shape is not that of the columns.
  JsonDocument& document() { return *document_; }
  /// Counts rows that the caller writes into document() itself.
  void add_rows(std::size_t rows) { count_ += rows; }

  void print(const Record& record);
  template <class T>
  void print_all(const std::vector<T>& records) {
    for (const T& record : records) print(RecordOf<T>(record));
  }

  /// The next notes are about this network namespace; empty: about none.
  void locate(std::string_view place) { place_ = place.empty() ? std::string() : std::string(place) + ": "; }
  /// Records how complete an answer was. `told`: standard error has the message already.
  void note(const Coverage& coverage, bool told = false);
  void note(std::string_view operation, std::string_view object, std::string_view error);
  /// Ends the output. Returns `status`, or 1 if that is 0 and something is missing; with --fail-if what that decides.
  int finish(int status = 0);

 private:
  RowKey key_of(const Record& record) const;
  void tell(std::string_view object, std::string_view what);
  int fail_status(int status);

  Environment& env_;
  std::string_view program_;
  const ViewPlan& plan_;
  std::string kind_, place_;
  std::span<const Column> columns_;     ///< of the records
  std::vector<ShownColumn> shown_;      ///< of a table
  std::vector<const Column*> members_;  ///< of JSON
  std::optional<JsonDocument> document_;
  std::optional<Table> table_;
  std::optional<Groups> groups_;
  std::uint64_t count_ = 0;
  bool incomplete_ = false;
};

}  // namespace duostat

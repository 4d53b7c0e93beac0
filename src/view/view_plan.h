// The shared options, parsed: what a view filters, sorts, counts and prints.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/collect/environment.h"
#include "src/insight/group.h"
#include "src/insight/order.h"
#include "src/insight/where.h"
#include "src/procfs/process.h"
#include "src/render/column.h"
#include "src/view/view_request.h"

namespace duostat {

class RateTable;  // src/insight/rates.h
class RowKeys;    // src/view/row_keys.h
struct PassStamp; // src/view/json_document.h

/// What one pass of a repeated listing gets and gives (src/view/watch.h). Null members: not wanted.
struct PassLinks {
  RowKeys* keys = nullptr;            ///< gets the key of each row that is printed, in order
  RateTable* rates = nullptr;         ///< gets the bytes of each socket, and has its rates
  const PassStamp* stamp = nullptr;   ///< of JSON
};

/// A column of a table.
struct ShownColumn {
  const Column* column = nullptr;
  std::string title;              ///< the word that was typed, or the id
  Unit unit = Unit::none;         ///< of the numbers; none: the column's
  bool unit_in_title = false;

  /// By a word as users type it. Throws UsageError with status 2.
  static ShownColumn named(std::string_view word, const ColumnSet& set);
  /// By its id.
  static ShownColumn of(const Column& column);
};

/// --fail-if and its short forms.
struct FailCondition {
  enum class Kind : std::uint8_t { none, condition, any, nothing } kind = Kind::none;
  std::optional<Where> condition;  ///< over the columns of a group; without --by the whole list is one
};

/// Counts the rows that match, for --fail-if.
struct Tally {
  std::uint64_t rows = 0;
  bool missing = false;  ///< rows are missing, or may be
};

class ViewPlan {
 public:
  /// `set` has the columns of the view. Without `names` no service and no user has a name. Throws UsageError with
  /// status 2.
  explicit ViewPlan(const ViewRequest& request, const ColumnSet& set = socket_columns(), Lookup* names = nullptr);
  /// The same with the names of the shown host.
  ViewPlan(const Environment& env, const ViewRequest& request, const ColumnSet& set = socket_columns());

  /// JSON, a table, groups or a count are printed in place of the listing's own rows.
  bool replaces() const { return replaces_; }
  /// No shared option was given.
  bool idle() const { return !replaces_ && !selects() && !fails() && !meanings; }
  bool orders() const { return !sort.empty() || top != Ordered::kAll; }
  /// Some rows are left out or moved.
  bool selects() const { return where || orders() || words.since; }
  /// --fail-if decides the exit status.
  bool fails() const { return fail.kind != FailCondition::Kind::none; }
  /// A column that is shown, or that decides what is shown, needs the owners of sockets.
  bool asks_owners() const;
  /// Throws UsageError with status 2 for --owners if nothing needs owners, which `rows` says of the view's own rows.
  void require_owners(bool rows) const;
  /// Throws UsageError with status 2 if a network of --by is too long for IPv4, the only one of `families` that has
  /// networks.
  void require_networks(FamilySet families) const;
  /// For --fail-if: rows that match, before --top. Without --fail-if these do nothing.
  void count_rows(std::uint64_t rows) const {
    if (tally) tally->rows += rows;
  }
  void note_missing(bool missing = true) const {
    if (tally && missing) tally->missing = true;
  }

  /// The columns of a table or of JSON: those of --columns, or `own` with what --columns adds and removes. Throws
  /// UsageError with status 2 if one is to be removed that `own` lacks.
  std::vector<ShownColumn> shown_columns(std::vector<ShownColumn> own) const;
  GroupChoice group_choice() const { return {group_columns.get(), having ? &*having : nullptr, &group_order, top}; }

  ViewRequest words;                     ///< as typed
  JsonStyle json = JsonStyle::none;
  bool csv = false;
  bool count = false;
  bool meanings = false;                 ///< each row is explained
  bool help = false;                     ///< --columns=help
  bool chosen = false;                   ///< --columns
  bool adjusts = false;                  ///< --columns=+ID,-ID: changes the view's own columns
  std::vector<const Column*> columns;    ///< in the order of the command line; without those that are removed
  std::vector<GroupKey> by;
  std::vector<SumColumn> sum;
  std::unique_ptr<GroupColumns> group_columns;  ///< of --by, or of the whole list for --fail-if
  std::optional<Where> having;
  std::vector<SortKey> group_order;      ///< --sort with --by
  FailCondition fail;
  std::unique_ptr<Tally> tally;          ///< null without --fail-if
  std::optional<Where> where;
  std::vector<SortKey> sort;             ///< --sort without --by
  std::size_t top = Ordered::kAll;
  ProcessFields processes;
  std::int64_t interval_ns = 0;          ///< between two passes or looks: --watch, --rate
  PassLinks pass;

 private:
  void choose_columns(std::string_view list, const ColumnSet& set);
  void add_rates(const ColumnSet& set);
  void choose_repeats(const ViewRequest& request);
  void require_rate() const;
  void choose_groups(const ViewRequest& request, const ColumnSet& set, Lookup* names);

  std::vector<ShownColumn> shown_;
  std::vector<std::pair<const Column*, std::string>> removed_;  ///< with the words that were typed
  bool replaces_;
};

/// In a dry run, tells the dry_run what the options leave to user space, in their words.
void report_to_dry_run(const Environment& env, const ViewPlan& plan);

/// The words that --proc takes.
std::vector<std::string_view> process_words();

/// The text of --columns=help.
std::string columns_help(const ColumnSet& set = socket_columns());

}  // namespace duostat

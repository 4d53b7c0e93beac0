// The shared options, parsed: what a view filters, sorts, counts and prints.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/collect/environment.h"
#include "src/insight/group.h"
#include "src/insight/order.h"
#include "src/insight/where.h"
#include "src/procfs/process.h"
#include "src/render/column.h"
#include "src/view/view_request.h"

namespace duostat {

class ViewPlan {
 public:
  /// `set` has the columns of the view. Throws UsageError with status 2.
  explicit ViewPlan(const ViewRequest& request, const ColumnSet& set = socket_columns());

  /// JSON, a table, groups or a count are printed in place of the listing's own rows.
  bool replaces() const { return replaces_; }
  /// No shared option was given.
  bool idle() const { return !replaces_ && !where && !orders(); }
  bool orders() const { return !sort.empty() || top != Ordered::kAll; }

  ViewRequest words;                     ///< as typed
  JsonStyle json = JsonStyle::none;
  bool count = false;
  bool help = false;                     ///< --columns=help
  bool chosen = false;                   ///< --columns: these and no others
  std::vector<const Column*> columns;    ///< in the order of the command line
  std::vector<GroupKey> by;
  std::vector<const Column*> sum;
  std::optional<Where> where;
  std::vector<SortKey> sort;
  std::size_t top = Ordered::kAll;
  ProcessFields processes;

 private:
  bool replaces_;
};

/// In a dry run, tells the dry_run what the options leave to user space, in their words.
void report_to_dry_run(const Environment& env, const ViewPlan& plan);

/// The text of --columns=help.
std::string columns_help(const ColumnSet& set = socket_columns());

}  // namespace duostat

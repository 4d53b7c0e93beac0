// What the options of ours make of a listing of sockets: --where, --sort, --top, --columns, --by, --count, --json.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compat/json_document.h"
#include "compat/unknown_owners.h"
#include "compat/view_request.h"
#include "src/collect/collect.h"
#include "src/insight/group.h"
#include "src/insight/order.h"
#include "src/insight/where.h"
#include "src/procfs/owners.h"
#include "src/procfs/process.h"
#include "src/render/column.h"
#include "src/render/table.h"

namespace duostat {

/// What a front end's own options say of a view.
struct ViewFacts {
  std::uint16_t parts = kViewBase;  ///< of ViewPart: what JSON shows without --columns
  bool header = true;
  bool threads = false;             ///< owners by thread
  Via via = Via::automatic;
};

/// The words of the command line, understood. Throws UsageError with status 2.
class ViewPlan {
 public:
  explicit ViewPlan(const ViewRequest& request);

  bool replaces() const { return replaces_; }
  /// Nothing of it was asked for.
  bool idle() const { return !replaces_ && !where && !orders(); }
  bool orders() const { return !sort.empty() || top != Ordered::kAll; }

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

/// The list that --columns=help prints.
std::string columns_help();

/// One listing. Sockets go through wants() and take(); finish() ends what it prints.
class SocketView final : private Holders {
 public:
  /// `plan` must outlive the view.
  SocketView(Environment& env, const ViewPlan& plan, const ViewFacts& facts);
  ~SocketView() override;

  /// The front end's own output is replaced.
  bool replaces() const { return plan_.replaces(); }
  /// How much of /proc the view could read for owners; nothing is missing if it needs none.
  const OwnerCoverage& owner_coverage() const { return owner_coverage_; }
  /// What has to be known of the sockets of a table.
  FieldSet needs(ProtocolSet protocols) const;

  /// --where.
  bool wants(const Socket& socket) {
    const bool wanted = !plan_.where || plan_.where->matches(context_, socket);
    if (unknown_owners_.counts()) unknown_owners_.filtered(context_, socket, wanted);
    return wanted;
  }
  /// Takes a socket that is to be shown. True: the front end shows it, now.
  bool take(const Socket& socket, std::uint32_t tag = 0);
  /// Sockets that had to wait, for the front end to show; `tag` as given to take(). None if the view shows them itself.
  void each_waiting(FunctionRef<void(const Socket&, std::uint32_t tag)> show);

  /// Something could not be read.
  void note(const Coverage& coverage);
  void note(std::string_view operation, std::string_view object, std::string_view error);
  /// Shows what waits and ends the document; nothing of that if the view replaces nothing. Says what is unknown of owners.
  void finish();

 private:
  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const override;
  Owner first(std::uint64_t inode) const override;
  const Process& process(std::uint32_t pid) const override;

  void choose_columns(std::uint16_t parts);
  void read_owners(bool threads);
  void report_owners();
  void show(const Socket& socket);
  void show_groups();
  std::vector<Table::Title> titles() const;

  Environment& env_;
  const ViewPlan& plan_;
  std::vector<const Column*> shown_;
  std::optional<Members> members_;  ///< the same as members of JSON
  OwnerIndex owners_;
  OwnerCoverage owner_coverage_;
  UnknownOwners unknown_owners_;
  mutable Processes processes_;
  CgroupPaths cgroups_;
  ColumnContext context_;
  bool reads_files_;  ///< /proc/net is asked because somebody said so
  std::optional<JsonDocument> document_;
  std::optional<Table> table_;
  std::optional<Ordered> waiting_;
  std::optional<Groups> groups_;
  std::uint64_t count_ = 0;
  std::size_t left_ = Ordered::kAll;  ///< of --top, without --sort
};

}  // namespace duostat

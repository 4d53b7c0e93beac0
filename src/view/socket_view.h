// What the options of ours make of a listing of sockets: --where, --sort, --top, --columns, --by, --count, --json.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/collect/collect.h"
#include "src/insight/group.h"
#include "src/insight/order.h"
#include "src/procfs/owners.h"
#include "src/procfs/process.h"
#include "src/render/column.h"
#include "src/render/table.h"
#include "src/view/json_document.h"
#include "src/view/unknown_owners.h"
#include "src/view/view_plan.h"

namespace duostat {

/// What a front end's own options say of a view.
struct ViewFacts {
  std::uint16_t parts = kViewBase;  ///< of ViewPart: what JSON shows without --columns
  bool header = true;
  bool threads = false;             ///< owners by thread
  Via via = Via::automatic;
  std::string_view program = "ss";  ///< in messages
  bool live = false;                ///< rows can be seen as they come
};

/// One listing. Sockets go through wants() and take(); finish() ends what it prints.
class SocketView final : private Holders {
 public:
  /// `plan` must outlive the view.
  SocketView(Environment& env, const ViewPlan& plan, const ViewFacts& facts);
  ~SocketView() override;

  /// A printed list of the front end's own output begins, of which --top is. Output of ours is one list.
  void begin_list() {
    if (!replaces() && !waiting_) left_ = plan_.top;
  }
  /// The front end's own output is replaced.
  bool replaces() const { return plan_.replaces(); }
  /// No option of ours has anything to do with the listing.
  bool idle() const { return plan_.idle(); }
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

  // take() in two steps, for a front end that does something to each socket that will be shown:
  /// Sockets wait for --sort: those that take() keeps are handed out by each_waiting().
  bool waits() const { return waiting_.has_value(); }
  /// Sockets are counted (--count, --by) and none is shown.
  bool counts() const { return plan_.count || groups_; }
  /// Takes the next place of --top. False: none is left.
  bool reserve();
  /// True if --top has no place left, so that no later socket is shown.
  bool full() const { return left_ == 0; }
  /// Shows a socket for which there is a place. True: the front end shows it, now.
  bool accept(const Socket& socket);

  using Show = FunctionRef<void(const Socket&, std::uint32_t tag)>;
  using Keep = FunctionRef<bool(const Socket&, std::uint32_t tag)>;
  /// Sockets that had to wait, for the front end to show; `tag` as given to take(). None if the view shows them itself.
  void each_waiting(Show show);
  /// Hands out sockets that had to wait: each that `keep` is true for is shown, by the view or by `show`.
  void each_waiting(Show show, Keep keep);

  /// How complete the answer about `table` was whose sockets went through take() since the last call.
  void note(const Coverage& coverage, std::string_view table);
  /// Something else was left out. It does not make a list of sockets incomplete.
  void note(std::string_view operation, std::string_view object, std::string_view error);
  /// Sockets are missing from the listing, or may be.
  bool incomplete() const { return !incomplete_.empty(); }
  /// Shows what waits, ends the document, and says on standard error which tables are incomplete. Nothing if the view replaces
  /// nothing: then messages are the front end's, but for those about owners.
  void finish();
  /// The exit status of a listing that the front end has no complaint about: 1 if the view's own output is incomplete.
  int status() const { return replaces() && incomplete() ? 1 : 0; }

 private:
  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const override;
  Owner first(std::uint64_t inode) const override;
  const Process& process(std::uint32_t pid) const override;

  void choose_columns(std::uint16_t parts);
  bool is_shown_by_itself(const Column& column, ProtocolSet protocols) const;
  void read_owners(bool threads);
  void report_owners();
  void show(const Socket& socket);

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
  struct Incomplete {
    std::string table;
    std::uint64_t rows;  ///< that the view took
  };
  std::string_view program_;
  bool live_;
  std::vector<Incomplete> incomplete_;
  std::uint64_t taken_ = 0;  ///< rows since the last note()
  std::uint64_t count_ = 0;
  std::size_t left_ = Ordered::kAll;  ///< of --top, without --sort
};

}  // namespace duostat

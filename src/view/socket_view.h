// One listing of sockets: as the front end's rows, a table, groups, a count or JSON.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/each_place.h"
#include "src/insight/group.h"
#include "src/insight/order.h"
#include "src/insight/rates.h"
#include "src/procfs/owners.h"
#include "src/render/column.h"
#include "src/render/table.h"
#include "src/view/host_context.h"
#include "src/view/json_document.h"
#include "src/view/ownerless.h"
#include "src/view/row_keys.h"
#include "src/view/row_sink.h"
#include "src/view/since.h"
#include "src/view/unknown_owners.h"
#include "src/view/view_plan.h"

namespace duostat {

/// What the front end's own options say about the view.
struct ViewFacts {
  std::uint16_t parts = kViewBase;  ///< of ViewPart: the columns that JSON has without --columns
  bool header = true;
  bool threads = false;             ///< owners are listed by thread
  Via via = Via::automatic;
  std::string_view program = "ss";  ///< in messages
  bool live = false;                ///< each row is flushed, because the next may be long in coming
  ProtocolSet protocols{};          ///< those listed: a table's own columns are theirs; empty: all
  EachPlace* places = nullptr;      ///< not null: offer() is called while places->run() runs, after enter()
  bool every_connection = false;    ///< all connected sockets are offered: one that is new was opened since
};

/// A listing of sockets. The front end offers every socket that its own options select. The view applies --where,
/// --sort, --top and --by, and prints each socket as a JSON object, table row or part of a group, or through the front
/// end's RowSink.
///
///   view.begin_list(rows);  view.offer(socket) …;  view.note(coverage, "tcp");  view.end_list();  view.finish();
///
/// The front end's rows may come in several lists, and --top counts in each. Other forms are one list from the first
/// offer() to finish().
class SocketView {
 public:
  /// `env` and `plan` must outlive the view. Scans /proc for owners if the plan needs them.
  SocketView(Environment& env, const ViewPlan& plan, const ViewFacts& facts);
  ~SocketView();

  /// The rows of the front end are printed, and no other form.
  bool prints_rows() const { return !plan_.replaces(); }
  /// No shared option was given.
  bool idle() const { return plan_.idle(); }
  /// Offered sockets are kept until show_waiting() or the end of the list: --sort.
  bool waits() const { return waiting_.has_value(); }
  /// --top has no place left: later sockets are not shown.
  bool full() const { return left_ == 0; }
  /// The fields that the backend must supply for a table. `of_rows`: those that the front end's rows print.
  FieldSet needs(ProtocolSet protocols, FieldSet of_rows = {}) const;

  /// The sockets that are offered next are of the place that is being listed; `inside` is its environment. Reads the
  /// owners of a recorded host if the plan needs them.
  void enter(Environment& inside);
  /// Begins a list whose rows `rows` prints. `gate` may be null. Both must live until the end of the list, `gate` until
  /// finish().
  void begin_list(RowSink& rows, RowGate* gate = nullptr);
  /// The front end's rows have printed this many lines of titles. Call it after begin_list().
  void heading(std::uint32_t lines) {
    if (plan_.pass.keys != nullptr && prints_rows()) plan_.pass.keys->heading(lines);
  }
  /// Offers a socket, which need not live longer than the call. `tag` is passed on to RowSink and RowGate.
  void offer(const Socket& socket, std::uint32_t tag = 0) {
    if (direct_) return rows_->row(socket, tag);
    if (plan_.pass.rates != nullptr) plan_.pass.rates->add(socket);
    if (since_ && since_->knows(socket)) return;
    const bool wanted = !plan_.where || plan_.where->matches(now_->columns(), socket);
    if (unknown_owners_.counts()) unknown_owners_.filtered(now_->columns(), socket, wanted);
    if (wanted) place(socket, tag);
  }
  /// Adds to groups the bytes of the connections that have ended since the last look and that `selects` (--rate).
  void add_ended(FunctionRef<bool(const Socket&)> selects);
  /// Shows the sockets that wait for --sort, if this list is where they are shown.
  void end_list();
  /// Shows the sockets that wait for --sort, in any form. finish() does it too; call it where something must be noted
  /// afterwards.
  void show_waiting();
  /// Prints what is left, ends the document, and reports on standard error what is missing: the owners that could not
  /// be read and, for forms other than the front end's rows, the tables that are incomplete.
  void finish();

  /// Records which backend listed sockets of `protocols`. If --where needs a field that only another backend supplies,
  /// finish() reports it: for these sockets the condition was judged without it.
  void note_source(ProtocolSet protocols, const Answer& answer);
  /// Records how complete the answer about `table` was; its sockets are those offered since the last call.
  void note(const Coverage& coverage, std::string_view table);
  /// Records another problem. It does not make the list of sockets incomplete.
  void note(std::string_view operation, std::string_view object, std::string_view error);
  /// Sockets are missing from the listing, or may be.
  bool incomplete() const { return !incomplete_.empty() || places_incomplete_; }
  /// How much of /proc could be read for owners; complete if the plan needs none.
  const OwnerCoverage& owner_coverage() const { return owner_coverage_; }
  /// The exit status as far as the view decides it, after finish(): with --fail-if what that decides, else 1 if a form
  /// other than the front end's rows, or a listing of every namespace, is incomplete; kCaptureIncomplete if the
  /// capture of --since is.
  int status() const {
    if (fails()) return fail_status_;
    if (since_ && !since_->problems().empty()) return kCaptureIncomplete;
    return (!prints_rows() || places_ != nullptr) && incomplete() ? 1 : 0;
  }
  static constexpr int kCaptureIncomplete = 3;
  /// --fail-if decides the exit status.
  bool fails() const { return plan_.fails(); }

 private:
  void choose_columns(const ViewFacts& facts);
  void decide_failure();
  bool is_shown_by_itself(const Column& column, ProtocolSet protocols) const;
  ProcessFields process_fields() const;
  void identify(HostContext& host);
  void read_owners(HostContext& host);
  void count_owners(std::size_t place);
  bool per_host() const { return places_ != nullptr && places_->per_host(); }
  bool asks_owners() const;
  bool shows_owners() const;
  void note_owner(const Socket& socket, const OwnerIndex& owners) {
    if (tells_ownerless_) ownerless_.count(socket, owners);
  }
  void report_ownerless();
  void report_owners();
  void report_places();
  void report_since();
  void report_unsupplied();
  std::uint32_t placed_tag(std::uint32_t tag);
  /// A waiting socket of this place is shown next.
  void show_host(std::size_t place) {
    now_ = &*hosts_[place];
    unknown_owners_.look_in(now_->owners(), now_->coverage());
  }
  void place(const Socket& socket, std::uint32_t tag);
  void show(const Socket& socket, std::uint32_t tag);
  void show_in_form(const Socket& socket);

  struct PlacedTag {
    std::size_t place;
    std::uint32_t tag;
  };

  Environment& env_;
  const ViewPlan& plan_;
  EachPlace* places_;                                ///< may be null
  HostContext own_;                                  ///< of this host
  std::vector<std::unique_ptr<HostContext>> hosts_;  ///< by place, of recorded hosts; null: not entered, or left
  std::vector<bool> owners_counted_;                 ///< by place: owner_coverage_ has them
  HostContext* now_ = &own_;                         ///< of the sockets that are offered or shown
  bool threads_;                                     ///< owners are listed by thread
  std::optional<Since> since_;
  std::vector<PlacedTag> placed_;  ///< of the sockets that wait: their tags are indices
  RowSink* rows_ = nullptr;  ///< of the current list
  RowGate* gate_ = nullptr;
  bool every_connection_ = false;
  bool direct_ = false;                ///< sockets go to rows_ as they come
  std::vector<ShownColumn> cells_;     ///< of a table
  std::vector<const Column*> shown_;   ///< columns of a table or of JSON
  std::optional<Members> members_;     ///< the same as members of JSON
  OwnerCoverage owner_coverage_;
  UnknownOwners unknown_owners_;
  bool tells_ownerless_ = false;  ///< a person reads standard error
  Ownerless ownerless_;
  OwnerCoverage row_owners_;  ///< what the front end's rows could read
  bool reads_files_;  ///< an option or variable chose procfs
  std::string explanation_;  ///< --meanings: a line
  std::optional<JsonDocument> document_;
  std::optional<Table> table_;
  std::optional<Ordered> waiting_;
  std::optional<Groups> groups_;
  struct Incomplete {
    std::string table;
    std::uint64_t rows;  ///< taken by the view
  };
  std::string_view program_;
  bool live_;
  std::vector<Incomplete> incomplete_;
  struct Unsupplied {
    Via backend;
    FieldSet fields;
    ProtocolSet protocols;
  };
  std::vector<Unsupplied> unsupplied_;  ///< fields of --where that the backend lacks and another one has
  bool places_incomplete_ = false;
  ProtocolSet protocols_;  ///< listed; empty: all
  std::uint64_t taken_ = 0;    ///< rows since the last note()
  std::uint64_t matched_ = 0;  ///< for --fail-if
  int fail_status_ = 0;
  std::uint64_t count_ = 0;
  std::size_t left_ = Ordered::kAll;  ///< of --top, without --sort
};

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/socket_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "src/base/error.h"
#include "src/collect/host.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"
#include "src/procfs/text_file.h"
#include "src/view/fail_if.h"
#include "src/view/group_view.h"

namespace duostat {
namespace {

/// Since Linux 6.17 the user is a member of struct sock; before, of its inode, which an orphan lacks.
bool orphans_have_uid(std::string_view release) {
  constexpr std::pair kFirst{6u, 17u};
  std::pair<unsigned, unsigned> version{};
  const char* const end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, version.first);
  if (error != std::errc() || dot == end || *dot != '.') return false;
  return std::from_chars(dot + 1, end, version.second).ec == std::errc() && version >= kFirst;
}

/// The columns of a table that --columns=+ID,-ID changes: what the front ends' own tables show, in words short enough
/// for a terminal.
struct TableColumns {
  ViewPart part;
  std::string_view words;
};
constexpr TableColumns kTableColumns[] = {
    {kViewBase, "protocol,state,rqueue,wqueue,local,sport,peer,dport,name"},
    {kViewTimers, "timer,timer_ms"},
    {kViewExtended, "uid,inode"},
    {kViewInfo, "congestion,rtt,cwnd,total_retrans"},
    {kViewMemory, "skmem.rmem_alloc,skmem.rcvbuf,skmem.wmem_queued,skmem.sndbuf"},
    {kViewCgroup, "cgroup"},
    {kViewOwners, "process,pid"},
};

std::vector<ShownColumn> table_columns(std::uint16_t parts, ProtocolSet protocols) {
  std::vector<ShownColumn> own;
  for (const TableColumns& row : kTableColumns) {
    if ((parts & row.part) == 0) continue;
    for (const std::string_view word : split_list("--columns", row.words)) {
      ShownColumn shown = ShownColumn::named(word, socket_columns());
      const ProtocolSet of_column = shown.column->protocols;
      if (protocols.empty() || of_column.empty() || of_column.has_any(protocols)) own.push_back(std::move(shown));
    }
  }
  return own;
}

}  // namespace

SocketView::SocketView(Environment& env, const ViewPlan& plan, const ViewFacts& facts)
    : env_(env), plan_(plan), holders_(env.proc, owners_, [&] {
        ProcessFields fields = plan.processes;
        if (plan.where) fields.add(plan.where->process());
        for (const Column* c : plan.columns) fields.add(c->process);
        for (const GroupKey& key : plan.by) fields.add(key.column->process);
        for (const SortKey& key : plan.sort) fields.add(key.column->process);
        return fields;
      }()),
      cgroups_(cgroups_of(env)), context_{env.names, cgroups_, holders_},
      reads_files_(facts.via == Via::procfs || env.proc.given()), program_(facts.program), live_(facts.live) {
  if (plan_.idle()) return;
  const Host host = host_of(env);
  context_.netns = host.netns;
  context_.orphans_have_uid = orphans_have_uid(host.kernel);
  context_.process_fields = plan_.processes;
  context_.threads = facts.threads;
  context_.rates = plan_.pass.rates;
  every_connection_ = facts.every_connection;
  if (!plan_.by.empty()) groups_.emplace(plan_.by, plan_.sum);
  choose_columns(facts);
  read_owners(facts.threads);
  if (groups_) {
    // --top is about the groups, which are sorted at the end
  } else if (!plan_.sort.empty()) {
    waiting_.emplace(plan_.sort, plan_.top);
  } else {
    left_ = plan_.top;
  }
  if (plan_.json != JsonStyle::none) {
    const std::string_view kind = groups_ ? "socket_groups" : plan_.count ? "counts" : "sockets";
    document_.emplace(env_, plan_.json, kind, facts.via, plan_.pass.stamp);
  } else if (groups_ || (plan_.chosen && !plan_.help)) {
    table_.emplace(env_.out, groups_ ? group_titles(*groups_) : column_titles(cells_), facts.header,
                   table_form(env_));
    if (plan_.pass.keys != nullptr && facts.header) plan_.pass.keys->heading(1);
  }
}

SocketView::~SocketView() = default;

void SocketView::choose_columns(const ViewFacts& facts) {
  const bool json = plan_.json != JsonStyle::none;
  if (groups_ || plan_.count || plan_.help || (!json && !plan_.chosen)) return;
  std::vector<ShownColumn> own;
  if (!json && plan_.adjusts) own = table_columns(facts.parts, facts.protocols);
  for (const Column& c : columns())
    if (json && (c.views & facts.parts) != 0) own.push_back(ShownColumn::of(c));
  cells_ = plan_.shown_columns(std::move(own));
  if (!json) {
    for (const ShownColumn& c : cells_) shown_.push_back(c.column);
    return;
  }
  // In the order of the table: members of an object stand together.
  for (const Column& c : columns())
    if (std::ranges::find(cells_, &c, &ShownColumn::column) != cells_.end()) shown_.push_back(&c);
  members_.emplace(shown_);
}

/// Whether JSON without --columns asks for the fields of this column.
bool SocketView::is_shown_by_itself(const Column& c, ProtocolSet protocols) const {
  // Columns that only a file has are a reason to read it for unix sockets alone.
  if (c.views == kViewFile) return protocols.has_any(kUnixProtocols);
  // netlink's tcp_info is preferred to what a text file has in its place.
  return c.needs != FieldSet{Field::tcp_procfs} || reads_files_;
}

FieldSet SocketView::needs(ProtocolSet protocols, FieldSet of_rows) const {
  FieldSet fields = prints_rows() ? of_rows : FieldSet{};
  const auto is_chosen = [&](const Column& c) {
    return plan_.chosen && (!plan_.adjusts || std::ranges::find(plan_.columns, &c) != plan_.columns.end());
  };
  const auto add = [&](const Column& c) {
    if (c.protocols.empty() || c.protocols.has_any(protocols)) fields |= c.needs;
  };
  for (const Column* c : shown_)
    if (is_chosen(*c) || is_shown_by_itself(*c, protocols)) add(*c);
  for (const GroupKey& key : plan_.by) add(*key.column);
  for (const SumColumn& sum : plan_.sum) add(*sum.column);
  for (const SortKey& key : plan_.sort) add(*key.column);
  if (plan_.where) fields |= plan_.where->needs();
  return fields;
}

void SocketView::read_owners(bool threads) {
  constexpr ProtocolSet kAny{Protocol::tcp, Protocol::unix_stream};
  if (!needs(kAny).has(Field::owner)) return;
  owners_ = duostat::read_owners(env_, {.threads = threads});
  owner_coverage_ = owners_.coverage();
  owner_coverage_.may_hide = !sees_every_process(env_.proc);
  UnknownOwners::Asked asked{.where = plan_.where ? &*plan_.where : nullptr, .keys = {}, .shown = &shown_};
  for (const SumColumn& sum : plan_.sum) asked.keys.push_back(sum.column);
  for (const GroupKey& key : plan_.by) asked.keys.push_back(key.column);
  for (const SortKey& key : plan_.sort) asked.keys.push_back(key.column);
  unknown_owners_ = UnknownOwners(owners_, owner_coverage_, std::move(asked));
}

/// In a document these are problems; in other forms lines on standard error.
void SocketView::report_owners() {
  holders_.account(owner_coverage_);
  const OwnerCoverage& coverage = owner_coverage_;
  const std::uint64_t sockets = unknown_owners_.sockets();
  // An unreadable process may hold a socket for which another owner is shown. A process that is merely hidden need not
  // exist.
  const bool refused = coverage.error != 0 || coverage.denied != 0 || coverage.links_denied != 0;
  const bool in_document = plan_.json == JsonStyle::document;
  if (in_document && (sockets != 0 || refused || coverage.lost()))
    document_->note("read owners", "/proc/PID/fd",
                    fmt::format("{}{}{}", without_owner(sockets), sockets == 0 ? "" : ": ", reasons(coverage)),
                    sockets);
  if (coverage.lost() || (sockets != 0 && !in_document)) env_.err.line(owners_line(env_.program, coverage, sockets));
}

void SocketView::begin_list(RowSink& rows, RowGate* gate) {
  rows_ = &rows;
  gate_ = gate;
  direct_ = plan_.idle() && gate == nullptr && plan_.pass.keys == nullptr;
  if (!prints_rows()) return;
  if (!waiting_) left_ = plan_.top;
  rows.begin();
}

/// Gives a socket that --where matches its place: a row now, a row later, or part of a group.
void SocketView::place(const Socket& socket, std::uint32_t tag) {
  ++matched_;
  if (waiting_) {
    if (unknown_owners_.counts()) unknown_owners_.taken(socket);
    ++taken_;
    return waiting_->add(context_, socket, tag);
  }
  if (left_ == 0) return;
  if (left_ != Ordered::kAll) --left_;
  if (gate_ != nullptr && !gate_->admit(socket, tag)) return;
  if (unknown_owners_.counts()) unknown_owners_.taken(socket);
  ++taken_;
  if (groups_) groups_->add(context_, socket);
  else show(socket, tag);
}

void SocketView::show(const Socket& socket, std::uint32_t tag) {
  if (plan_.pass.keys != nullptr) plan_.pass.keys->row(RowKey::of(socket));
  if (prints_rows()) rows_->row(socket, tag);
  else show_in_form(socket);
}

void SocketView::show_in_form(const Socket& socket) {
  if (unknown_owners_.counts()) unknown_owners_.shown(socket);
  if (plan_.count) {
    ++count_;
  } else if (document_) {
    Json& json = document_->begin_object();
    members_->put(json, context_, socket);
    json.end_object();
    document_->end_element();
  } else if (table_) {
    for (const Column* c : shown_) {
      const bool can = c->protocols.empty() || c->protocols.has(socket.protocol);
      table_->cell(can ? c->value(context_, socket) : Value{});
    }
    if (live_) table_->flush();
  }
}

void SocketView::add_ended(FunctionRef<bool(const Socket&)> selects) {
  if (!groups_ || plan_.pass.rates == nullptr) return;
  plan_.pass.rates->each_ended([&](const Socket& socket) {
    if (selects(socket) && (!plan_.where || plan_.where->matches(context_, socket)))
      groups_->add_sums(context_, socket);
  });
}

void SocketView::show_waiting() {
  if (!waiting_) return;
  waiting_->each([&](const Socket& socket, std::uint32_t tag) {
    if (gate_ == nullptr || gate_->admit(socket, tag)) show(socket, tag);
  });
}

void SocketView::end_list() {
  if (!prints_rows()) return;
  show_waiting();
  rows_->end();
}

void SocketView::note(const Coverage& coverage, std::string_view table) {
  std::uint64_t rows = std::exchange(taken_, 0);
  if (!groups_) rows = std::min<std::uint64_t>(rows, plan_.top);
  if (!coverage.incomplete()) return;
  if (document_) document_->note(coverage, table);
  const auto known = std::ranges::find(incomplete_, table, &Incomplete::table);
  if (known != incomplete_.end()) known->rows += rows;
  else incomplete_.push_back({std::string(table), rows});
}
void SocketView::note(std::string_view operation, std::string_view object, std::string_view error) {
  if (document_) document_->note(operation, object, error);
}

void SocketView::finish() {
  if (plan_.pass.rates != nullptr) plan_.pass.rates->end_look(every_connection_ && !incomplete());
  if (prints_rows()) return report_owners(), decide_failure();
  show_waiting();
  JsonDocument* const document = document_ ? &*document_ : nullptr;
  if (groups_) put_groups(*groups_, plan_, table_ ? &*table_ : nullptr, document);
  report_owners();
  if (plan_.count) put_count(env_.out, count_, document);
  if (table_) table_->finish();
  if (document_) document_->end();
  for (const Incomplete& i : incomplete_) env_.err.line(incomplete_line(program_, i.table, i.rows));
  decide_failure();
}

void SocketView::decide_failure() {
  if (!fails()) return;
  Doubt doubt{.more = incomplete(), .added = unknown_owners_.perhaps_wanted(),
              .removed = unknown_owners_.perhaps_unwanted()};
  if (!plan_.by.empty()) doubt.moved = unknown_owners_.without_key();
  fail_status_ = duostat::fail_status(plan_, matched_, groups_ ? &*groups_ : nullptr, doubt);
  if (fail_status_ == kConditionUndecided) env_.err.line(undecided_line(program_, plan_));
}

}  // namespace duostat

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

constexpr std::string_view kPlaceColumn = "netns";

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
    : env_(env), plan_(plan), places_(facts.places), own_(env), holders_(env.proc, owners_, [&] {
        ProcessFields fields = plan.processes;
        if (plan.where) fields.add(plan.where->process());
        for (const Column* c : plan.columns) fields.add(c->process);
        for (const GroupKey& key : plan.by) fields.add(key.column->process);
        for (const SortKey& key : plan.sort) fields.add(key.column->process);
        return fields;
      }()),
      cgroups_(cgroups_of(env)), context_{env.names, cgroups_, holders_},
      reads_files_(facts.via == Via::procfs || env.proc.given()), program_(facts.program), live_(facts.live),
      // netstat reads the files of SCTP, which the procfs backend does not.
      protocols_((facts.parts & kViewFile) != 0 ? facts.protocols - ProtocolSet{Protocol::sctp} : facts.protocols) {
  const bool person = env.terminal.err_is_tty && !facts.live && env.dry_run == nullptr;
  tells_ownerless_ = person && (facts.parts & kViewOwners) != 0 && prints_rows();
  if (plan_.idle()) return;
  context_.netns = places_ != nullptr ? static_cast<const ListedNamespace*>(places_) : &own_;
  context_.orphans_have_uid = orphans_have_uid(host_of(env).kernel);
  context_.process_fields = plan_.processes;
  context_.threads = facts.threads;
  context_.rates = plan_.pass.rates;
  every_connection_ = facts.every_connection;
  if (!plan_.by.empty()) groups_.emplace(plan_.by, plan_.sum);
  choose_columns(facts);
  if (plan_.words.since) since_.emplace(env, *plan_.words.since, facts.protocols, facts.via);
  read_owners(facts.threads);
  if (!prints_rows()) tells_ownerless_ = person && shows_owners();
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
  } else if (groups_ || plan_.csv || (plan_.chosen && !plan_.help)) {
    table_.emplace(env_.out, groups_ ? group_titles(*groups_) : column_titles(cells_), facts.header,
                   table_form(env_, plan_));
    if (plan_.pass.keys != nullptr && facts.header) plan_.pass.keys->heading(1);
  }
}

SocketView::~SocketView() = default;

void SocketView::choose_columns(const ViewFacts& facts) {
  const bool json = plan_.json != JsonStyle::none;
  if (groups_ || plan_.count || plan_.help || (!json && !plan_.chosen && !plan_.csv)) return;
  std::vector<ShownColumn> own;
  if (!json && (plan_.adjusts || !plan_.chosen)) own = table_columns(facts.parts, facts.protocols);
  for (const Column& c : columns())
    if (json && (c.views & facts.parts) != 0) own.push_back(ShownColumn::of(c));
  ShownColumn place = ShownColumn::named(kPlaceColumn, socket_columns());
  if (places_ != nullptr) own.insert(own.begin(), place);
  cells_ = plan_.shown_columns(std::move(own));
  const bool lacks_place = std::ranges::find(cells_, place.column, &ShownColumn::column) == cells_.end();
  if (places_ != nullptr && lacks_place && !plan_.adjusts) cells_.insert(cells_.begin(), std::move(place));
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
  if (plan_.meanings) fields |= kMeaningNeeds;
  if (since_) fields |= Since::needs();
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
  const bool told = tells_ownerless_ && ownerless_.hidden(coverage) >= sockets;
  if (coverage.lost() || (sockets != 0 && !in_document && !told))
    env_.err.line(owners_line(env_.program, coverage, sockets));
  report_ownerless();
}

/// Whether a column of the form, or of its groups, is about owners.
bool SocketView::shows_owners() const {
  const auto is_of_owner = [](const Column* c) { return c->needs.has(Field::owner); };
  return std::ranges::any_of(shown_, is_of_owner) ||
         std::ranges::any_of(plan_.by, [&](const GroupKey& key) { return is_of_owner(key.column); });
}

/// quirk: ownerless-told
void SocketView::report_ownerless() {
  if (!tells_ownerless_) return;
  const OwnerCoverage& coverage = prints_rows() ? row_owners_ : owner_coverage_;
  const std::string line = ownerless_.line(program_, coverage, user_of(env_) == 0);
  if (!line.empty()) env_.err.line(line);
}

void SocketView::begin_list(RowSink& rows, RowGate* gate) {
  rows_ = &rows;
  gate_ = gate;
  direct_ = plan_.idle() && gate == nullptr && plan_.pass.keys == nullptr;
  if (!prints_rows()) return;
  if (!waiting_) left_ = plan_.top;
  rows.begin();
  if (!tells_ownerless_) return;
  const OwnerIndex* const owners = rows.owners();
  tells_ownerless_ = owners != nullptr;
  if (!tells_ownerless_) return;
  row_owners_ = owners->coverage();
  row_owners_.may_hide = !sees_every_process(env_.proc);
  direct_ = false;
}

/// Gives a socket that --where matches its place: a row now, a row later, or part of a group.
void SocketView::place(const Socket& socket, std::uint32_t tag) {
  ++matched_;
  if (waiting_) {
    if (unknown_owners_.counts()) unknown_owners_.taken(socket);
    ++taken_;
    return waiting_->add(context_, socket, placed_tag(tag));
  }
  if (left_ == 0) return;
  if (left_ != Ordered::kAll) --left_;
  if (gate_ != nullptr && !gate_->admit(socket, tag)) return;
  if (unknown_owners_.counts()) unknown_owners_.taken(socket);
  ++taken_;
  if (groups_) note_owner(socket, owners_), groups_->add(context_, socket);
  else show(socket, tag);
}

/// A tag that also stands for the namespace of the socket.
std::uint32_t SocketView::placed_tag(std::uint32_t tag) {
  if (places_ == nullptr) return tag;
  if (placed_.empty() || placed_.back().tag != tag || placed_.back().place != places_->place())
    placed_.push_back({places_->place(), tag});
  return static_cast<std::uint32_t>(placed_.size() - 1);
}

void SocketView::show(const Socket& socket, std::uint32_t tag) {
  if (plan_.pass.keys != nullptr) plan_.pass.keys->row(RowKey::of(socket));
  if (!prints_rows()) return show_in_form(socket);
  if (tells_ownerless_) note_owner(socket, *rows_->owners());
  rows_->row(socket, tag);
  if (plan_.meanings)
    explain_row(socket, rows_->words(socket, tag), explanation_, [&](std::string_view line) { rows_->explain(line); });
}

void SocketView::show_in_form(const Socket& socket) {
  if (unknown_owners_.counts()) unknown_owners_.shown(socket);
  note_owner(socket, owners_);
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
    if (places_ != nullptr) {
      places_->show(placed_[tag].place);
      tag = placed_[tag].tag;
    }
    if (gate_ == nullptr || gate_->admit(socket, tag)) show(socket, tag);
  });
}

void SocketView::end_list() {
  if (!prints_rows()) return;
  show_waiting();
  rows_->end();
}

void SocketView::note(const Coverage& coverage, std::string_view table_word) {
  std::uint64_t rows = std::exchange(taken_, 0);
  if (!groups_) rows = std::min<std::uint64_t>(rows, plan_.top);
  if (!coverage.incomplete()) return;
  std::string table(table_word);
  if (places_ != nullptr) table.insert(0, places_->get().label + ": ");
  if (document_) document_->note(coverage, table);
  const auto known = std::ranges::find(incomplete_, table, &Incomplete::table);
  if (known != incomplete_.end()) known->rows += rows;
  else incomplete_.push_back({std::move(table), rows});
}
void SocketView::note(std::string_view operation, std::string_view object, std::string_view error) {
  if (document_) document_->note(operation, object, error);
}

const NetworkNamespace& SocketView::OwnNamespace::get() const {
  if (found_) return *found_;
  std::vector<NetworkNamespace> list = find_network_namespaces(env_.proc).list;
  if (!list.empty() && !list.front().own) list.clear();  // the caller's is first
  name_network_namespaces(env_.proc, list);
  return list.empty() ? found_.emplace() : found_.emplace(std::move(list.front()));
}

void SocketView::report_places() {
  if (places_ == nullptr) return;
  if (document_)
    for (const EachNamespace::Problem& p : places_->problems()) document_->note("enter", p.object, p.error);
  if (const std::string line = places_->problem_line(program_); !line.empty()) env_.err.line(line);
  places_incomplete_ = !places_->problems().empty();
  bool lacks = false;
  const std::string files = places_->files_text(protocols_, lacks);
  if (files.empty()) return;
  env_.err.line(fmt::format("{}: {}", program_, files));
  if (document_ && lacks) document_->note("enter", "network namespaces", files);
  places_incomplete_ = places_incomplete_ || lacks;
}

void SocketView::report_since() {
  if (!since_) return;
  if (!since_->same_boot())
    env_.err.line(fmt::format("{}: --since: {} is of another host, network namespace or boot: sockets are compared by "
                              "their addresses", program_, since_->file()));
  for (const Since::Problem& p : since_->problems()) {
    const std::string object = fmt::format("{}: {}", since_->file(), p.object);
    if (document_) document_->note("read", object, p.error);
    env_.err.line(fmt::format("{}: --since: {}: incomplete: {}", program_, object, p.error));
  }
}

void SocketView::finish() {
  if (plan_.pass.rates != nullptr) plan_.pass.rates->end_look(every_connection_ && !incomplete());
  if (prints_rows()) return report_owners(), report_places(), report_since(), decide_failure();
  show_waiting();
  JsonDocument* const document = document_ ? &*document_ : nullptr;
  if (groups_) put_groups(*groups_, plan_, table_ ? &*table_ : nullptr, document);
  report_owners();
  report_places();
  report_since();
  if (plan_.count) put_count(env_.out, count_, document);
  if (table_) table_->finish();
  if (document_) document_->end();
  for (const Incomplete& i : incomplete_) env_.err.line(incomplete_line(program_, i.table, i.rows));
  decide_failure();
}

void SocketView::decide_failure() {
  if (!fails()) return;
  const bool blind = since_ && !since_->problems().empty();
  Doubt doubt{.more = incomplete() || blind, .added = unknown_owners_.perhaps_wanted(),
              .removed = unknown_owners_.perhaps_unwanted()};
  if (!plan_.by.empty()) doubt.moved = unknown_owners_.without_key();
  fail_status_ = duostat::fail_status(plan_, matched_, groups_ ? &*groups_ : nullptr, doubt);
  if (fail_status_ == kConditionUndecided) env_.err.line(undecided_line(program_, plan_));
}

}  // namespace duostat

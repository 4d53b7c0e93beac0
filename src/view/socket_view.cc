// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/socket_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "src/base/error.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"
#include "src/procfs/text_file.h"
#include "src/view/fail_if.h"
#include "src/view/group_view.h"

namespace duostat {
namespace {

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
    : env_(env),
      plan_(plan),
      places_(facts.places),
      own_(env, process_fields()),
      threads_(facts.threads),
      reads_files_(facts.via == Via::procfs || env.proc.given()),
      program_(facts.program),
      live_(facts.live),
      // netstat reads the files of SCTP, which the procfs backend does not.
      protocols_((facts.parts & kViewFile) != 0 ? facts.protocols - ProtocolSet{Protocol::sctp} : facts.protocols) {
  const bool person = env.terminal.err_is_tty && !facts.live && env.dry_run == nullptr && !per_host();
  tells_ownerless_ = person && (facts.parts & kViewOwners) != 0 && prints_rows();
  if (per_host()) hosts_.resize(places_->count()), owners_counted_.resize(places_->count());
  if (places_ != nullptr && plan_.json != JsonStyle::document)
    print_times(env, facts.program, *places_, prints_rows() && facts.header);
  if (plan_.idle()) return;
  identify(own_);
  every_connection_ = facts.every_connection;
  if (!plan_.by.empty()) groups_.emplace(plan_.by, plan_.sum);
  choose_columns(facts);
  if (plan_.words.since) since_.emplace(env, *plan_.words.since, facts.protocols, facts.via);
  if (asks_owners() && !per_host()) read_owners(own_);
  if (!prints_rows()) tells_ownerless_ = person && shows_owners();
  if (groups_) {
    // --top is about the groups, which are sorted at the end
  } else if (!plan_.sort.empty()) {
    waiting_.emplace(plan_.sort, plan_.top);
    if (places_ != nullptr) places_->keep();
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
  const std::string_view word = places_ != nullptr ? places_->words().column : words_of(PlaceKind::host).column;
  ShownColumn place = ShownColumn::named(word, socket_columns());
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

ProcessFields SocketView::process_fields() const {
  ProcessFields fields = plan_.processes;
  if (plan_.where) fields.add(plan_.where->process());
  for (const Column* c : plan_.columns) fields.add(c->process);
  for (const GroupKey& key : plan_.by) fields.add(key.column->process);
  for (const SortKey& key : plan_.sort) fields.add(key.column->process);
  return fields;
}

void SocketView::identify(HostContext& host) {
  host.identify();
  ColumnContext& columns = host.columns();
  if (places_ != nullptr && !per_host()) columns.netns = places_;
  if (per_host()) columns.host = places_->get().label;
  columns.process_fields = plan_.processes;
  columns.threads = threads_;
  columns.rates = plan_.pass.rates;
}

bool SocketView::asks_owners() const {
  constexpr ProtocolSet kAny{Protocol::tcp, Protocol::unix_stream};
  return needs(kAny).has(Field::owner);
}

void SocketView::read_owners(HostContext& host) {
  host.read_owners(threads_);
  UnknownOwners::Asked asked{.where = plan_.where ? &*plan_.where : nullptr, .keys = {}, .shown = &shown_};
  for (const SumColumn& sum : plan_.sum) asked.keys.push_back(sum.column);
  for (const GroupKey& key : plan_.by) asked.keys.push_back(key.column);
  for (const SortKey& key : plan_.sort) asked.keys.push_back(key.column);
  unknown_owners_.look_in(host.owners(), host.coverage(), std::move(asked));
}

/// A host may be entered several times, once for each list.
void SocketView::count_owners(std::size_t place) {
  if (!hosts_[place] || owners_counted_[place]) return;
  owners_counted_[place] = true;
  owner_coverage_.add(hosts_[place]->coverage());
}

void SocketView::enter(Environment& inside) {
  if (!per_host() || plan_.idle()) return;
  std::unique_ptr<HostContext>& host = hosts_[places_->place()];
  for (std::size_t other = 0; other < hosts_.size() && !waits(); ++other) {
    count_owners(other);
    hosts_[other].reset();
  }
  if (!host) {
    host = std::make_unique<HostContext>(inside, process_fields());
    identify(*host);
    if (asks_owners()) read_owners(*host);
  }
  now_ = &*host;
}

/// In a document these are problems; in other forms lines on standard error.
void SocketView::report_owners() {
  if (!per_host()) owner_coverage_ = own_.coverage();
  for (std::size_t place = 0; place < hosts_.size(); ++place) count_owners(place);
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
    return waiting_->add(now_->columns(), socket, placed_tag(tag));
  }
  if (left_ == 0) return;
  if (left_ != Ordered::kAll) --left_;
  if (gate_ != nullptr && !gate_->admit(socket, tag)) return;
  if (unknown_owners_.counts()) unknown_owners_.taken(socket);
  ++taken_;
  if (groups_)
    note_owner(socket, now_->owners()), groups_->add(now_->columns(), socket);
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
  note_owner(socket, now_->owners());
  if (plan_.count) {
    ++count_;
  } else if (document_) {
    if (per_host()) document_->locate(places_->get());
    Json& json = document_->begin_object();
    members_->put(json, now_->columns(), socket);
    json.end_object();
    document_->end_element();
  } else if (table_) {
    for (const Column* c : shown_) {
      const bool can = c->protocols.empty() || c->protocols.has(socket.protocol);
      table_->cell(can ? c->value(now_->columns(), socket) : Value{});
    }
    if (live_) table_->flush();
  }
}

void SocketView::add_ended(FunctionRef<bool(const Socket&)> selects) {
  if (!groups_ || plan_.pass.rates == nullptr) return;
  plan_.pass.rates->each_ended([&](const Socket& socket) {
    if (selects(socket) && (!plan_.where || plan_.where->matches(now_->columns(), socket)))
      groups_->add_sums(now_->columns(), socket);
  });
}

void SocketView::show_waiting() {
  if (!waiting_) return;
  waiting_->each([&](const Socket& socket, std::uint32_t tag) {
    if (places_ != nullptr) {
      places_->show(placed_[tag].place);
      if (per_host()) show_host(placed_[tag].place);
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

void SocketView::note_source(ProtocolSet protocols, const Answer& answer) {
  const Via backend = answer.backend;
  if (!plan_.where || backend == Via::automatic || answer.coverage.rows == 0) return;
  const FieldSet needed = plan_.where->needs();
  for (const ProtocolRow& row : kProtocols) {
    if (!protocols.has(row.protocol)) continue;
    FieldSet elsewhere;
    for (const BackendRow& other : backends()) elsewhere |= other.knows(row.protocol);
    const FieldSet lacking = (needed & elsewhere) - row_of(backend).knows(row.protocol);
    if (lacking.empty()) continue;
    auto known = std::ranges::find(unsupplied_, backend, &Unsupplied::backend);
    if (known == unsupplied_.end()) known = unsupplied_.insert(known, {backend, {}, {}});
    known->fields |= lacking;
    known->protocols = known->protocols | ProtocolSet{row.protocol};
  }
}

void SocketView::report_unsupplied() {
  for (const Unsupplied& u : unsupplied_) {
    std::string protocols;
    for (const ProtocolRow& row : kProtocols)
      if (u.protocols.has(row.protocol)) protocols.append(protocols.empty() ? "" : ", ").append(row.id);
    const std::string reason = fmt::format("{} does not supply {}", word_of(u.backend), names_of(u.fields));
    if (document_) document_->note("select", protocols, reason);
    env_.err.line(fmt::format("{}: --where: {}: {}", program_, protocols, reason));
  }
}

void SocketView::report_places() {
  if (places_ == nullptr) return;
  if (document_)
    for (const EachPlace::Problem& p : places_->problems())
      document_->note(places_->words().operation, p.object, p.error);
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
  if (prints_rows()) return report_owners(), report_places(), report_since(), report_unsupplied(), decide_failure();
  show_waiting();
  JsonDocument* const document = document_ ? &*document_ : nullptr;
  if (groups_) put_groups(*groups_, plan_, table_ ? &*table_ : nullptr, document);
  report_owners();
  report_places();
  report_since();
  report_unsupplied();
  if (plan_.count) put_count(env_.out, count_, document);
  if (table_) table_->finish();
  if (document_) document_->end();
  for (const Incomplete& i : incomplete_) env_.err.line(incomplete_line(program_, i.table, i.rows));
  decide_failure();
}

void SocketView::decide_failure() {
  if (!fails()) return;
  const bool blind = since_ && !since_->problems().empty();
  Doubt doubt{.more = incomplete() || blind || !unsupplied_.empty(),
              .added = unknown_owners_.perhaps_wanted(),
              .removed = unknown_owners_.perhaps_unwanted()};
  if (!plan_.by.empty()) doubt.moved = unknown_owners_.without_key();
  fail_status_ = duostat::fail_status(plan_, matched_, groups_ ? &*groups_ : nullptr, doubt);
  if (fail_status_ == kConditionUndecided) env_.err.line(undecided_line(program_, plan_));
}

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/listing.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compat/ss/details.h"
#include "compat/ss/host_view.h"
#include "compat/ss/kill.h"
#include "compat/ss/report.h"
#include "compat/ss/row.h"
#include "src/base/error.h"
#include "src/collect/dry_run.h"
#include "src/diag/bytecode.h"
#include "src/diag/diag_backend.h"
#include "src/diag/replay.h"
#include "src/query/eval.h"

namespace duostat::ss {
namespace {

using Details = std::span<const Detail> (*)();

/// A kernel table, asked for with one query.
struct Group {
  ProtocolSet tables;
  void (*cells)(View&, const Socket&);
  FieldSet needs;           ///< of the cells
  Details details;
  Details text_details;     ///< for rows of a text file; null: the table has no file
  std::string_view switch_off = {};  ///< replacing this file, which is never read, silences the table
  bool close_only = false;  ///< shown only if unconnected sockets are selected
  FieldSet block_needs{};   ///< what -i and -m need in addition to their items
};

constexpr FieldSet kInetNeeds{Field::queues, Field::backlog, Field::interface, Field::v6only, Field::ip_protocol};
constexpr FieldSet kUnixNeeds{Field::queues, Field::backlog, Field::unix_name, Field::unix_peer};
constexpr FieldSet kQueues{Field::queues};
constexpr ProtocolSet kTextAfterKill{Protocol::udp, Protocol::raw};
/// quirk: unix-text-batches the original stores a MiB of rows of 624 bytes each, and one more.
constexpr std::size_t kUnixBatch = 1681;

/// In the order of the output.
constexpr Group kGroups[] = {
    {kNetlinkTable, netlink_cells, kQueues, netlink_details, netlink_details, {}, true},
    {kPacketProtocols, packet_cells, kQueues, packet_details, packet_details, {}, true},
    {kUnixProtocols, unix_cells, kUnixNeeds, unix_details, unix_details},
    {{Protocol::raw}, inet_cells, kInetNeeds, inet_details, plain_text_details},
    {{Protocol::udp}, inet_cells, kInetNeeds, inet_details, plain_text_details},
    {{Protocol::tcp}, inet_cells, kInetNeeds, inet_details, tcp_text_details},
    {{Protocol::dccp}, inet_cells, kInetNeeds, inet_details, nullptr, "net/dccp"},
    {{Protocol::sctp}, inet_cells, kInetNeeds | FieldSet{Field::inode}, inet_details, nullptr, "net/sctp", false,
     {Field::sctp_info}},
    {kVsockProtocols, vsock_cells, {}, vsock_details, nullptr},
    {kTipcTable, tipc_cells, {Field::tipc_info, Field::queues}, tipc_details, nullptr},
    {kXdpTable, xdp_cells, kQueues, xdp_details, nullptr, {}, true},
    {{Protocol::mptcp}, inet_cells, kInetNeeds, inet_details, nullptr, "net/mptcp"},
};

/// The details that the request selects; none without a table of details.
std::vector<Detail> chosen(Details details, const Request& request, FieldSet& needs) {
  return details == nullptr ? std::vector<Detail>{} : ss::chosen(details(), request, needs);
}

/// True if a row was read from a text file.
bool is_text_row(const Socket& socket) {
  switch (socket.family) {
    case Family::unix_domain: return socket.unix_domain != nullptr && socket.unix_domain->name_is_text;
    case Family::packet: return !socket.has(Field::packet_info);
    case Family::netlink: return socket.has(Field::refcount);
    case Family::inet:
    case Family::inet6: return from_text(socket);
    default: return false;  // no text file lists TIPC, vsock or XDP
  }
}

/// A unix row of a text file, kept until it is sorted.
struct UnixCopy {
  Socket socket;
  UnixDetail detail;
  std::size_t name_at, name_size;
};

/// The IPv4 table is asked unless IPv6 is preferred, the IPv6 table unless IPv4 is.
FamilySet asked_families(const Request& request) {
  const Family preferred = request.preferred;
  const bool one = preferred == Family::inet || preferred == Family::inet6;
  return one ? request.families & FamilySet{preferred} : request.families;
}

/// The table's name in messages.
std::string_view name_of(const Group& group) {
  for (const ProtocolRow& row : kProtocols)
    if (group.tables.has(row.protocol)) return row.id.substr(0, row.id.find('_'));
  return {};
}

/// Lists one table.
class TableListing {
 public:
  /// `number` distinguishes this table's rows from those of others: it is part of their tags.
  /// `env`: of the network namespace that is listed.
  TableListing(View& view, const Environment& env, const Group& group, const Expr* filter, std::uint32_t number,
               Unclosed& unclosed)
      : view_(view), group_(group), number_(number), filter_(view.env.dry_run == nullptr ? filter : nullptr),
        // quirk: unix-text-ports
        eval_{view.places == nullptr ? view.labels.ephemeral() : ephemeral_ports(env.proc),
              !view.sockets.prints_rows()},
        selected_(group.tables & view.request.tables),
        killer_(view.env, kill_rules(view.request, view.sockets), unclosed) {
    query_.protocols = selected_;
    query_.states = view.request.states();
    query_.filter = filter;
    map_fds_ = view.request.storage_maps.descriptors();
    query_.storage_maps = map_fds_;
    if (filter != nullptr) query_.wanted |= fields_of(*filter);
    query_.wanted |= view.sockets.needs(selected_, choose_details());
    families();
  }

  /// A text file is read: it may have fields that netlink lacks.
  void expect_text() {
    FieldSet needs;
    chosen(group_.text_details, view_.request, needs);
    query_.wanted |= view_.sockets.needs(selected_, needs);
  }
  /// A recorded answer is shown whole, whatever the options select.
  void expect_replay() {
    replay_ = true;
    query_.families = {Family::inet, Family::inet6};
    if (view_.request.storages == Request::Storages::none) details_.push_back(storage_detail());
  }

  const Query& query() const { return query_; }

  bool operator()(std::span<const Socket> batch) {
    for (const Socket& socket : batch) {
      const bool text = is_text_row(socket);
      if (!replay_ && !asked_for(socket, text)) continue;
      if (text && socket.family == Family::unix_domain && view_.sockets.prints_rows()) {
        keep(socket);
      } else if (passes(socket)) {
        view_.sockets.offer(socket, tag(text));
        if (std::exchange(stopped_, false)) return false;
      }
    }
    return true;
  }

  const Killer& killer() const { return killer_; }
  const Group& group() const { return group_; }

  /// Offers the rows that are sorted at the end of the table.
  void finish() { offer_kept(); }

  /// Whether the options and the filter select a connection that has ended. It has no state any more.
  bool selects_ended(const Socket& socket) const { return preferred_.has(socket.family) && passes(socket); }

  /// Tells the labels which table the next rows are of.
  void begin_rows() {
    for (const ProtocolRow& row : kProtocols)
      if (group_.tables.has(row.protocol)) view_.labels.table_begins(row.protocol);
  }

  /// -K: closes a socket that is about to be shown. False: it is not shown.
  bool close(const Socket& socket, std::uint32_t tag) {
    if (view_.sockets.waits() && killer_.refused()) return killer_.leave_alone(), false;
    const Verdict verdict = killer_.decide(socket, from_kernel(is_text(tag)));
    stopped_ = verdict == Verdict::end && !view_.sockets.waits();
    return verdict == Verdict::show;
  }

  void print(const Socket& socket, std::uint32_t tag) {
    if (view_.places != nullptr) {
      view_.layout.go(LayoutColumn::place);
      view_.layout.put(view_.places->cell());
    }
    group_.cells(view_, socket);
    for (const Detail& detail : is_text(tag) ? text_details_ : details_) {
      view_.layout.go(detail.column);
      detail.print(view_, socket);
    }
    view_.layout.go(LayoutColumn::extra);
  }

  static std::size_t number_of(std::uint32_t tag) { return tag / 2; }

 private:
  /// Chooses the details of the rows. Returns the fields that the rows need.
  FieldSet choose_details() {
    const Request& request = view_.request;
    FieldSet needs = group_.needs, text_needs;
    if (request.info || request.memory) needs |= group_.block_needs;
    details_ = chosen(group_.details, request, needs);
    text_details_ = chosen(group_.text_details, request, text_needs);
    return needs;
  }

  void families() {
    preferred_ = asked_families(view_.request);
    // Text files are read for the chosen families, not the preferred ones; rows of the others are dropped.
    query_.families = view_.request.families;
  }

  bool asked_for(const Socket& socket, bool text) const {
    const Request& request = view_.request;
    switch (socket.family) {
      case Family::inet:
      case Family::inet6:
        return (text ? request.families : preferred_).has(socket.family) &&
               (!text || in_mask(query_.states, socket.state));
      case Family::unix_domain:
        return selected_.has(socket.protocol) && (!text || in_mask(query_.states, unix_text_state(socket)));
      case Family::packet: return !text || selected_.has(socket.protocol);
      default: return true;
    }
  }

  bool from_kernel(bool text) const { return !text && !replay_; }

  std::uint32_t tag(bool text) const { return number_ * 2 + (text ? 1 : 0); }
  static bool is_text(std::uint32_t tag) { return tag % 2 != 0; }

  bool passes(const Socket& socket) const {
    return filter_ == nullptr || matches(*filter_, socket, eval_);
  }

  void keep(Socket socket) {
    UnixDetail detail = *socket.unix_domain;
    // quirk: unix-text-name-cut the original reads the name of a text row as one word, and filters by that.
    detail.name = detail.name.substr(0, detail.name.find_first_of(" \t\n\v\f\r"));
    socket.unix_domain = &detail;
    if (!passes(socket)) return;
    kept_.push_back({socket, detail, names_.size(), detail.name.size()});
    names_.append(detail.name);
    if (kept_.size() == kUnixBatch) offer_kept();
  }

  void offer_kept() {
    std::ranges::stable_sort(kept_, [](const UnixCopy& a, const UnixCopy& b) {
      return a.socket.type != b.socket.type ? a.socket.type < b.socket.type : a.socket.inode < b.socket.inode;
    });
    for (UnixCopy& row : kept_) {
      row.detail.name = std::string_view(names_).substr(row.name_at, row.name_size);
      row.socket.unix_domain = &row.detail;
      view_.sockets.offer(row.socket, tag(true));
    }
    kept_.clear();
    names_.clear();
  }

  View& view_;
  const Group& group_;
  std::uint32_t number_;
  const Expr* filter_;  ///< null in a dry run too, whose made-up rows stand for rows that pass
  EvalContext eval_;
  ProtocolSet selected_;
  Killer killer_;
  Query query_;
  FamilySet preferred_;
  bool replay_ = false;
  bool stopped_ = false;  ///< -K was refused: the rest of the table is left alone
  std::vector<Detail> details_, text_details_;
  std::vector<int> map_fds_;
  std::vector<UnixCopy> kept_;
  std::string names_;
};

/// Prints the rows of all tables and, with -K, closes their sockets.
class ListedTables final : public RowSink, public RowGate {
 public:
  explicit ListedTables(View& view) : view_(view) {}

  std::uint32_t next_number() const { return static_cast<std::uint32_t>(tables_.size()); }
  TableListing& add(std::unique_ptr<TableListing> table) {
    current_ = tables_.emplace_back(std::move(table)).get();
    current_->begin_rows();
    return *current_;
  }
  const auto& all() const { return tables_; }
  /// No socket of a table waits to be shown.
  void forget() {
    tables_.clear();
    current_ = nullptr;
  }

  const OwnerIndex* owners() const override { return view_.request.processes ? &view_.owners : nullptr; }
  void begin() override {
    if (!view_.request.header) return;
    view_.layout.header();
    view_.sockets.heading(1);
  }
  void row(const Socket& socket, std::uint32_t tag) override {
    if (TableListing* const table = of(tag); table != current_) (current_ = table)->begin_rows();
    current_->print(socket, tag);
  }
  RowWords words(const Socket& socket, std::uint32_t) const override { return words_of(view_, socket); }
  void explain(std::string_view line) override { put_explanation(view_, line); }
  void end() override { view_.layout.finish(); }
  bool admit(const Socket& socket, std::uint32_t tag) override { return of(tag)->close(socket, tag); }

 private:
  TableListing* of(std::uint32_t tag) { return tables_[TableListing::number_of(tag)].get(); }

  View& view_;
  std::vector<std::unique_ptr<TableListing>> tables_;
  TableListing* current_ = nullptr;
};

/// True if a family of the table is still selected: a filter may leave only one.
bool family_left(const Request& request, ProtocolSet tables) {
  for (const ProtocolRow& row : kProtocols)
    if (tables.has(row.protocol) && row.families.has_any(request.families)) return true;
  return false;
}

bool skipped(const View& view, const Environment& env, const Group& group, Via via) {
  const Request& request = view.request;
  if (!group.tables.has_any(request.tables)) return true;
  // quirk: tipc-always the original lists the TIPC table whatever families are left.
  if (!group.tables.has(Protocol::tipc) && !family_left(request, group.tables)) return true;
  if (group.close_only && !in_mask(request.states(), State::close)) return true;
  if (via != Via::automatic) return false;
  return !group.switch_off.empty() && (env.proc.given() || env.proc.replaces(group.switch_off));
}

/// Lists the tcp table from a recorded answer.
void replay_table(View& view, TableListing& table, const std::string& file) {
  Environment& env = view.env;
  Environment recorded = env;
  recorded.open_transport = replay_from(file, env.open_transport);
  table.expect_replay();
  view.replayed = true;
  const Answer answer = collect(recorded, Via::netlink, table.query(), table);
  view.replayed = false;
  report_replay(env, answer, !view.sockets.prints_rows());
  view.sockets.note(answer.coverage, row_of(Protocol::tcp).id);
}

/// Before Linux 5.9 inet_diag knows control groups neither in filter programs nor in rows (inet_diag_bc_audit()).
bool is_unsupported(const Answer& answer, const Query& query) {
  const Coverage& netlink = answer.refused.error != 0 ? answer.refused : answer.coverage;
  return query.protocols.has_any(kInetTables) && query.filter != nullptr &&
         fields_of(*query.filter).has(Field::cgroup) && netlink.error == EINVAL;
}

/// quirk: foreign-host-filter the kernel refuses such a filter whole, and the original then reads the text file.
bool reads_text_instead(const View& view, const Group& group, const Expr* filter) {
  const bool has_text = group.tables.has_any(kInetTables) && group.text_details != nullptr;
  return has_text && filter != nullptr && has_foreign_host(*filter) && !view.request.kill && view.sockets.prints_rows();
}

/// Records in `coverage` that sockets of the table were neither closed nor shown after a refusal.
void note_refusal(const Killer& killer, const Group& group, Coverage& coverage) {
  if (killer.rules().shows_all || killer.error() == 0 || coverage.error != 0) return;
  coverage.error = killer.error();
  coverage.operation = Operation::sock_destroy;
  coverage.object = name_of(group);
}

bool list_table(View& view, Environment& env, const Group& group, TableListing& table, Via via,
                bool& unsupported_filter) {
  if (const auto file = env.variables.get("TCPDIAG_FILE"); file && group.tables.has(Protocol::tcp)) {
    if (env.dry_run != nullptr)
      env.dry_run->file(*file, false, "the tcp table: a recorded answer instead of the kernel's");
    else replay_table(view, table, std::string(*file));
    return true;
  }
  // Tables without a text file come from the kernel even if a proc directory was named.
  const bool netlink_only = group.text_details == nullptr && via == Via::automatic;
  const bool text_only = via == Via::automatic && reads_text_instead(view, group, table.query().filter);
  if (via == Via::procfs || text_only || (via == Via::automatic && env.proc.given())) table.expect_text();
  Answer answer = collect(env, netlink_only ? Via::netlink_alone : text_only ? Via::procfs : via, table.query(), table);
  if ((unsupported_filter = is_unsupported(answer, table.query()))) {
    view.sockets.note(answer.fell_back ? answer.refused : answer.coverage, name_of(group));
    return false;
  }
  const Killer& killer = table.killer();
  // quirk: kill-refused-text after a refusal the table is read from its text file, and its sockets are shown but not
  // closed. Not so TCP and DCCP: the legacy retry reads the first dump's NLMSG_DONE as its own.
  if (killer.refused() && killer.rules().shows_all && via == Via::automatic && group.tables.has_any(kTextAfterKill))
    answer = collect(env, Via::procfs, table.query(), table);
  table.finish();
  if (group.tables.has(Protocol::tcp))
    view.sockets.add_ended([&](const Socket& socket) { return table.selects_ended(socket); });
  const bool read = report(env, answer, {via, view.request, group.tables, !view.sockets.prints_rows()});
  view.sockets.note_source(table.query().protocols, answer);
  Coverage left_out = answer.coverage;
  if (!rows_missing(answer, env.proc)) left_out.error = 0;
  note_refusal(killer, group, left_out);
  view.sockets.note(left_out, name_of(group));
  return read;
}

/// Lists the tables of one place.
void list_tables(View& view, Environment& env, ListedTables& tables, Via via, const Expr* filter,
                 ListingResult& result) {
  for (const Group& group : kGroups) {
    if (skipped(view, env, group, via)) continue;
    TableListing& table = tables.add(
        std::make_unique<TableListing>(view, env, group, filter, tables.next_number(), result.unclosed));
    ++result.asked;
    if (!list_table(view, env, group, table, via, result.unsupported_filter)) ++result.refused;
    if (result.unsupported_filter) return;
    result.unclosed.left_alone = result.unclosed.left_alone || table.killer().refused();
  }
}

}  // namespace

ListingResult list_sockets(View& view, Via via, const Expr* filter) {
  ListingResult result;
  ListedTables tables(view);
  std::deque<HostView> hosts;  // their rows may wait for --sort
  view.sockets.begin_list(tables, view.request.kill ? &tables : nullptr);
  const auto list = [&](Environment& env, Via from) {
    view.sockets.enter(env);
    const bool per_host = view.places != nullptr && view.places->per_host();
    View& here = per_host ? hosts.emplace_back(view, env).view : view;
    if (!result.unsupported_filter) list_tables(here, env, tables, from, filter, result);
    if (view.places == nullptr || view.sockets.waits()) return;
    tables.forget();
    hosts.clear();
  };
  if (view.places != nullptr) view.places->run(via, list);
  else list(view.env, via);
  if (result.unsupported_filter) return view.sockets.finish(), result;
  view.sockets.show_waiting();
  for (const auto& table : tables.all()) {
    if (!view.sockets.waits()) break;
    Coverage refused;
    note_refusal(table->killer(), table->group(), refused);
    view.sockets.note(refused, name_of(table->group()));
  }
  view.sockets.end_list();
  view.sockets.finish();
  return result;
}

int dump_tcp(Environment& env, const Request& request, ByteSink& sink, AnswerCopy::Rewind rewind) {
  constexpr FieldSet kDumped{Field::meminfo, Field::skmem};
  constexpr FieldSet kTos{Field::tos, Field::tclass, Field::class_id};
  AnswerCopy copy(sink, std::move(rewind));
  DiagBackend recorder(copy.over(env.open_transport));
  Query query;
  query.protocols = {Protocol::tcp};
  query.families = asked_families(request);
  query.states = request.states();
  if (request.memory) query.wanted |= kDumped;
  if (request.info) query.wanted |= kInternalFields;
  if (request.tos) query.wanted |= kTos;
  if (request.storages != Request::Storages::none) query.wanted.add(Field::bpf_storage);
  const std::vector<int> map_fds = request.storage_maps.descriptors();
  query.storage_maps = map_fds;
  const Coverage coverage = recorder.collect(query, [](std::span<const Socket>) { return true; });
  copy.finish();
  if (copy.write_error() != 0) throw SystemError("write", *request.dump_file, copy.write_error());
  return report_dump(env, coverage, *request.dump_file, copy.rewind_error());
}

ColumnMask columns_of(const Request& request) {
  ColumnMask columns = kAllColumns;
  const auto hide = [&](LayoutColumn c) { columns &= static_cast<ColumnMask>(~mask_of(c)); };
  if (request.tables.size() == 1) hide(LayoutColumn::netid);
  if (std::popcount(request.states()) == 1) hide(LayoutColumn::state);
  if (!request.queues) {
    hide(LayoutColumn::recv_q);
    hide(LayoutColumn::send_q);
  }
  if (!request.processes) hide(LayoutColumn::process);
  return columns;
}

}  // namespace duostat::ss

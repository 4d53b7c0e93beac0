// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/listing.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "compat/netstat/bogus.h"
#include "compat/netstat/either_source.h"
#include "compat/netstat/groups.h"
#include "compat/netstat/lazy_programs.h"
#include "compat/netstat/place_cells.h"
#include "compat/netstat/programs.h"
#include "compat/netstat/rare_families.h"
#include "compat/netstat/sctp_table.h"
#include "compat/netstat/selection.h"
#include "compat/netstat/sockets_table.h"
#include "compat/netstat/statuses.h"
#include "compat/netstat/unix_table.h"
#include "compat/netstat/words.h"
#include "src/base/error.h"
#include "src/collect/recorded_host.h"
#include "src/collect/shown_host.h"
#include "src/diag/dump.h"
#include "src/procfs/procfs_backend.h"
#include "src/procfs/text_file.h"

namespace duostat::netstat {
namespace {

constexpr std::uint32_t kTitleLines = 2;  ///< of a list
constexpr StateMask kEveryState = ~StateMask{0};
constexpr FieldSet kUnixSelectionNeeds{Field::unix_flags};

struct InternetTable {
  Protocol protocol;
  std::string_view feature;  ///< in "no support for"
  std::string_view bogus;    ///< in the warning about a row
};
/// In the order of the output.
constexpr InternetTable kInternetTables[] = {
    {Protocol::tcp, "AF INET (tcp)", "tcp"},
    {Protocol::sctp, "AF INET (sctp)", "sctp"},
    {Protocol::udp, "AF INET (udp)", "udp"},
    {Protocol::udplite, "AF INET (udplite)", "udp"},
    {Protocol::raw, "AF INET (raw)", "raw"},
};

struct OtherFamily {
  AddressFamily family;
  std::string_view feature;
};
constexpr OtherFamily kOtherFamilies[] = {
    {AddressFamily::ipx, "AF IPX"},       {AddressFamily::ax25, "AF AX25"}, {AddressFamily::x25, "AF X25"},
    {AddressFamily::netrom, "AF NETROM"}, {AddressFamily::rose, "AF ROSE"},
};

/// The states to ask for: all of a text file, which is shown as it is, and of netlink those that the file would have.
StateMask states_of(const Environment& env, const Request& request, Via via, Protocol protocol) {
  if (protocol != Protocol::tcp || via == Via::procfs || env.proc.given() || env.proc.replaces("net/tcp"))
    return kEveryState;
  return tcp_states(selection_of(request));
}

bool is_missing(int error) {
  constexpr int kMissing[] = {ENOENT, EACCES, EPROTONOSUPPORT, EAFNOSUPPORT, EOPNOTSUPP};
  return std::ranges::find(kMissing, error) != std::end(kMissing);
}

/// The groups of columns that JSON shows.
std::uint16_t view_parts(const Request& r) {
  unsigned parts = kViewBase | kViewFile;
  if (r.timers) parts |= kViewTimers;
  if (r.extend > 0) parts |= kViewExtended;
  if (r.programs) parts |= kViewOwners;
  return static_cast<std::uint16_t>(parts);
}

ProtocolSet tables_of(const Listing& listing) {
  return listing.unix_domain ? listing.protocols | kUnixProtocols : listing.protocols;
}

/// --meanings: a line under a row.
void put_explanation(Output& out, std::string_view line) {
  out.append("    ");
  out.append(line);
  out.append('\n');
}

/// Tags of the rows that SctpTable prints.
constexpr std::uint32_t kSctpEndpoint = 1, kSctpAssociation = 2;

/// "Active Internet connections".
class InternetRows final : public RowSink {
 public:
  InternetRows(Environment& env, const Request& request, LazyPrograms& programs, const EachPlace* places)
      : out_(env.out),
        programs_(programs),
        place_(places, env.out),
        table_(request, env.names, programs.get(), env.out),
        sctp_(request, env.names, table_, env.out) {}

  const SocketsTable& table() const { return table_; }
  const OwnerIndex* owners() const override { return programs_.whole(); }
  void begin() override {
    programs_.read();
    table_.header(place_.title());
  }
  void row(const Socket& socket, std::uint32_t tag) override {
    place_.put();
    programs_.follow();
    if (tag == kSctpEndpoint) return sctp_.endpoint(socket);
    if (tag == kSctpAssociation) return sctp_.association(socket);
    table_.row(socket);
  }
  RowWords words(const Socket& socket, std::uint32_t tag) const override {
    if (tag != 0) return {.group = TermGroup::netstat_state, .state = tcp_state(socket.state)};
    return SocketsTable::words(socket);
  }
  void explain(std::string_view line) override { put_explanation(out_, line); }

 private:
  Output& out_;
  LazyPrograms& programs_;
  PlaceCells place_;
  SocketsTable table_;
  SctpTable sctp_;
};

/// "Active UNIX domain sockets".
class UnixRows final : public RowSink {
 public:
  UnixRows(Environment& env, const Request& request, LazyPrograms& programs, const EachPlace* places)
      : out_(env.out), programs_(programs), place_(places, env.out), table_(request, programs.get(), env.out) {}

  const UnixTable& table() const { return table_; }
  const OwnerIndex* owners() const override { return programs_.whole(); }
  void begin() override {
    programs_.read();
    table_.header(place_.title());
  }
  void row(const Socket& socket, std::uint32_t) override {
    place_.put();
    programs_.follow();
    table_.row(socket);
  }
  RowWords words(const Socket& socket, std::uint32_t) const override {
    return {.group = TermGroup::unix_state, .state = UnixTable::state(socket)};
  }
  void explain(std::string_view line) override { put_explanation(out_, line); }

 private:
  Output& out_;
  LazyPrograms& programs_;
  PlaceCells place_;
  UnixTable table_;
};

/// One pass over the tables.
class Pass {
 public:
  /// `places` may be null; else `env` is its env().
  Pass(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via,
       EachPlace* places)
      : env_(env),
        inside_(&env),
        request_(request),
        listing_(listing),
        selection_(selection_of(request)),
        plan_(plan),
        via_(via),
        places_(places),
        programs_(env, request, places),
        view_(env, plan,
              {view_parts(request), true, false, via, "netstat", false, tables_of(listing), places,
               selection_.others}) {}

  int run();
  /// The exit status if sockets are missing from the view; it does not end -c. 0: none are.
  int status_of_view() const { return view_.fails() ? 0 : view_.status(); }

 private:
  /// Calls `read` in each network namespace, or once. Returns the largest status.
  template <class Read>
  int each(Read&& read) {
    if (places_ == nullptr) return read();
    int status = 0;
    const Via asked = via_;
    places_->run(asked, [&](Environment& inside, Via from) {
      inside_ = &inside;
      via_ = from;
      view_.enter(inside);
      programs_.enter(inside);
      status = std::max(status, read());
    });
    inside_ = &env_;
    via_ = asked;
    return status;
  }
  /// One namespace that cannot be read ends nothing.
  bool ends(int status) const { return status != 0 && places_ == nullptr; }

  int tables();
  int internet();
  int internet_tables(const SocketsTable& rows);
  int internet_table(const InternetTable& table, const SocketsTable& rows);
  int sctp();
  int unix_domain();
  int unix_table(const UnixTable& rows);
  void report_unread_counts(const Answer& answer);
  int others();
  int report(const Coverage& coverage, std::string_view table, std::string_view feature, bool quiet);
  int report(const Answer& answer, std::string_view table, std::string_view feature, bool quiet);
  void say_backend_failed(const Coverage& coverage);
  void say_incomplete(std::string_view table, std::uint64_t rows);
  void note(Coverage coverage, std::string_view table);
  void warn_of_malformed(const Coverage& coverage, std::string_view what, bool lines = true);

  Environment& env_;
  Environment* inside_;  ///< of the namespace that is read
  const Request& request_;
  const Listing& listing_;
  const Selection& selection_;
  const ViewPlan& plan_;
  Via via_;
  EachPlace* places_;
  LazyPrograms programs_;
  SocketView view_;
  int status_ = 0;  ///< of the whole pass, if no table ends it
};

void Pass::note(Coverage coverage, std::string_view table) {
  if (absent(coverage, inside_->proc)) coverage.error = 0;  // a table that this kernel lacks is not missing
  view_.note(coverage, table);
}

/// Reports a table that could not be read. Returns the status to end with; 0: go on.
int Pass::report(const Coverage& coverage, std::string_view table, std::string_view feature, bool quiet) {
  note(coverage, table);
  if (coverage.error == 0) return 0;
  if (is_diag(coverage.operation) && (coverage.rows != 0 || !is_missing(coverage.error)) &&
      !absent(coverage, inside_->proc)) {
    say_backend_failed(coverage);
    say_incomplete(coverage.object, coverage.rows);
    status_ = kUnsupported;
    return 0;
  }
  if (!is_missing(coverage.error)) {  // quirk: read-error
    inside_->err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
    return view_.prints_rows() ? kUnreadable : 0;  // other forms go on with the next table
  }
  if (quiet || (listing_.everything && !request_.verbose)) {
    // quirk: backend-says-what-it-lacks - only of netlink: without a file of /proc the original is as silent
    if (via_ != Via::netlink || !is_diag(coverage.operation)) return 0;
    say_backend_failed(coverage);
    if (!absent(coverage, inside_->proc)) status_ = kUnsupported;
    return 0;
  }
  inside_->err.line(fmt::format("netstat: no support for `{}' on this system.", feature));
  return listing_.everything ? 0 : kUnsupported;
}

void Pass::say_backend_failed(const Coverage& coverage) {
  inside_->err.line(refusal_line(*inside_, coverage));  // quirk: both-sources-told
}

/// quirk: incomplete-told - the view reports it for other forms than netstat's rows.
void Pass::say_incomplete(std::string_view table, std::uint64_t rows) {
  if (view_.prints_rows()) inside_->err.line(incomplete_line("netstat", table, rows));
}

/// The same if several sources were asked: rows that netlink lost and the file lacks are missing.
int Pass::report(const Answer& answer, std::string_view table, std::string_view feature, bool quiet) {
  const Coverage& c = answer.coverage;
  if (c.interrupted) inside_->err.line("Dump was interrupted and may be inconsistent.");
  const bool cut = c.truncated != 0 && answer.backend != Via::procfs;
  const bool lost =
      c.error != 0 && !is_diag(c.operation) && answer.refused.error != 0 && !absent(answer.refused, inside_->proc);
  if (lost) {
    say_backend_failed(answer.refused);
    view_.note(answer.refused, table);
  }
  const int status = report(c, table, feature, quiet);
  if (cut || lost) say_incomplete(table, c.rows);
  return status;
}

/// quirk: out-of-range - also for lines that the original prints with numbers or addresses that they do not have
/// `lines`: the rows were lines of a file. The original has the same words for a last line that is cut short.
void Pass::warn_of_malformed(const Coverage& coverage, std::string_view what, bool lines) {
  warn_of_bogus(inside_->err, coverage.malformed + coverage.joined + (lines ? coverage.truncated : 0), what);
}

int Pass::internet_table(const InternetTable& table, const SocketsTable& rows) {
  Query query{.protocols = {table.protocol},
              .families = {Family::inet, Family::inet6},
              .states = states_of(*inside_, request_, via_, table.protocol),
              .wanted = view_.needs({table.protocol}, rows.needs())};
  const auto ask = [&](Via via, FallBack fall_back) {
    Answer answer = collect(*inside_, via, query, [&](std::span<const Socket> batch) {
      for (const Socket& s : batch)
        if (query.families.has(s.family) && selects(selection_, s)) view_.offer(s);
      return true;
    }, fall_back);
    view_.note_source(query.protocols, answer);
    warn_of_malformed(answer.coverage, table.bogus, answer.backend == Via::procfs);
    return answer;
  };
  if (table.protocol == Protocol::tcp && selection_.others)
    view_.add_ended([&](const Socket& s) { return s.family == Family::inet ? listing_.inet : listing_.inet6; });
  // quirk: netstat-without-proc the original has the files alone.
  // The kernel answers for both families at once. Their files are read and reported one by one.
  const std::string_view name = row_of(table.protocol).id;
  Via via = via_;
  Coverage refused;
  if (listing_.inet && listing_.inet6 && choose(inside_->proc, via_, query).first == Via::netlink) {
    const Answer answer = ask(via_, FallBack::left_to_caller);
    if (!answer.second) return report(answer, name, table.feature, listing_.quiet);
    via = *answer.second;
    refused = answer.coverage;
  }
  int status = 0;
  for (const Family family : {Family::inet, Family::inet6}) {
    if (!(family == Family::inet ? listing_.inet : listing_.inet6)) continue;
    query.families = {family};
    Answer answer = ask(via, FallBack::here);
    if (refused.error != 0) answer.refused = std::exchange(refused, {});
    const bool broke_off = answer.coverage.operation == Operation::read;
    if (family != Family::inet && !broke_off) {  // a missing IPv6 table is not reported, an unreadable one is
      if (!rows_missing(answer, inside_->proc)) continue;
      note(answer.coverage, name);
      say_incomplete(procfs_file(table.protocol, family).substr(std::string_view("net/").size()), answer.coverage.rows);
      continue;
    }
    status = std::max(status, report(answer, name, table.feature, listing_.quiet));
    if (status == kUnreadable) return status;
  }
  return status;
}

int Pass::sctp() {
  if (!listing_.inet) return 0;  // one pair of files has the entries of both families
  for (const bool associations : {false, true}) {
    if (!selection_.selects(!associations)) continue;
    const Coverage coverage = read_sctp_table(inside_->proc, associations, [&](const SctpRow& row) {
      view_.offer(SctpSocket(row).get(), associations ? kSctpAssociation : kSctpEndpoint);
    });
    warn_of_malformed(coverage, associations ? "sctp assoc" : "sctp eps");
    if (const int status = report(coverage, "sctp", "AF INET (sctp)", listing_.quiet); status != 0) return status;
  }
  return 0;
}

int Pass::internet_tables(const SocketsTable& rows) {
  for (const InternetTable& table : kInternetTables) {
    if (!listing_.protocols.has(table.protocol)) continue;
    const int status = table.protocol == Protocol::sctp ? sctp() : internet_table(table, rows);
    if (status != 0) return status;
  }
  return 0;
}

int Pass::internet() {
  InternetRows rows(env_, request_, programs_, places_);
  view_.begin_list(rows);
  view_.heading(kTitleLines);
  const int status = each([&] { return internet_tables(rows.table()); });
  if (!ends(status)) view_.end_list();
  return status;
}

int Pass::unix_table(const UnixTable& rows) {
  const Query query{.protocols = kUnixProtocols,
                    .families = {Family::unix_domain},
                    .states = kEveryState,
                    .wanted = kUnixSelectionNeeds | view_.needs(kUnixProtocols, rows.needs())};
  const Answer answer = collect(*inside_, via_, query, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch)
      if (s.unix_domain != nullptr && selects(selection_, s)) view_.offer(s);
    return true;
  });
  if (places_ == nullptr) view_.end_list();
  view_.note_source(query.protocols, answer);
  warn_of_malformed(answer.coverage, "unix", answer.backend == Via::procfs);
  if (query.wanted.has(Field::refcount)) report_unread_counts(answer);
  return report(answer, "unix", "AF UNIX", false);
}

int Pass::unix_domain() {
  UnixRows rows(env_, request_, programs_, places_);
  view_.begin_list(rows);
  view_.heading(kTitleLines);
  const int status = each([&] { return unix_table(rows.table()); });
  if (places_ != nullptr) view_.end_list();
  return status;
}

/// Netlink has listed the sockets, and the file, which alone has their reference counts, exists and could not be read.
void Pass::report_unread_counts(const Answer& answer) {
  const Coverage& c = answer.refused;
  const bool file = c.operation == Operation::open || c.operation == Operation::read;
  if (answer.backend != Via::netlink || !file || c.error == 0 || c.error == ENOENT) return;
  // quirk: unix-references-unread
  const std::string error(error_text(c.error));
  inside_->err.line(
      fmt::format("netstat: unix: reference counts unavailable: {} {}: {}", word_of(c.operation), c.object, error));
  view_.note(word_of(c.operation), c.object, error);
}

/// Families that few kernels have a table of.
int Pass::others() {
  for (const OtherFamily& other : kOtherFamilies) {
    if (!listing_.others.has(other.family)) continue;
    const RareAnswer answer = print_rare_family(env_, request_, other.family);
    if (answer.status != 0) return answer.status;
    if (answer.coverage.error == EACCES) {  // only an absent file means "no support"
      env_.err.line(fmt::format("{}: {}", answer.coverage.object, error_text(EACCES)));
      return kUnreadable;
    }
    if (const int status = report(answer.coverage, other.feature, other.feature, false); status != 0) return status;
  }
  return 0;
}

int Pass::run() {
  const int status = tables();
  view_.finish();
  // Bluetooth's sockets are never listed. Other tables that the kernel lacks are empty.
  constexpr int kNotListed = 3;
  if (view_.fails() && !listing_.groups) return view_.status() == 0 && listing_.bluetooth ? kNotListed : view_.status();
  return std::max(status, status_);
}

int Pass::tables() {
  const bool internet_shown = !listing_.protocols.empty();
  int of_places = 0;
  if (internet_shown) {
    of_places = internet();
    if (ends(of_places)) return of_places;
  }
  if (listing_.groups && view_.prints_rows()) {
    const GroupsAnswer answer = print_groups(env_, request_, listing_, plan_, via_);
    if (const int status = report(answer.inet, "groups", "AF INET (igmp)", listing_.quiet); status != 0) return status;
    if (answer.failed) return kUnsupported;
  }
  if (listing_.unix_domain) {
    of_places = std::max(of_places, unix_domain());
    if (ends(of_places)) return of_places;
  }
  if (view_.prints_rows() && places_ == nullptr)
    if (const int status = others(); status != 0) return status;
  if (!listing_.bluetooth) return of_places;
  env_.err.line("netstat: feature `AF BLUETOOTH' not supported.");
  env_.err.line("Please recompile `net-tools' with newer kernel source or full configuration.");
  return kUnsupported;
}

}  // namespace

int list_sockets(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via,
                 int& status_of_view) {
  if (listing.groups) require_one_host(env, "netstat -g with sockets");
  const bool everywhere = lists_places(env, request.view.all_netns) && !listing.groups;
  if (everywhere) {
    const auto is_listed = [&](const OtherFamily& other) { return listing.others.has(other.family); };
    const bool others = std::ranges::any_of(kOtherFamilies, is_listed);
    if (!listing.everything && (others || listing.bluetooth))
      throw UsageError(fmt::format("{}: only Internet and UNIX sockets are listed of several {}",
                                   env.hosts != nullptr ? "--from" : "--all-netns", words_of(place_kind(env)).many),
                       kUsageStatus);
  }
  const auto places = everywhere ? places_of(env, request.view.all_netns) : nullptr;
  Pass pass(places ? places->env() : env, request, listing, plan, via, places.get());
  const int status = pass.run();
  status_of_view = std::max(status_of_view, pass.status_of_view());
  return status;
}

}  // namespace duostat::netstat

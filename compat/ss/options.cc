// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/options.h"

#include <array>

#include "compat/ss/preparation.h"
#include "src/base/nearest.h"
#include "src/query/state_words.h"

namespace duostat::ss {
namespace {

using Value = std::string_view;

void add_table(Request& r, Protocol table) {
  r.tables.add(table);
  r.default_states |= default_states(table);
  r.defaulting = false;
}

void add_family(Request& r, const FamilyRow& row) {
  r.families.add(row.family);
  r.default_states |= row.states;
  r.preferred = row.family;
  r.defaulting = false;
}

template <Protocol table>
void choose_table(Request& r, Value) {
  add_table(r, table);
}
template <Family family>
void choose_family(Request& r, Value) {
  add_family(r, *family_row(family));
}
template <StateMask states>
void choose_states(Request& r, Value) {
  r.explicit_states = states;
}
template <auto take>
void take_step(Request& r, Value word) {
  r.steps.push_back({take, std::string(word)});
}
template <bool Request::* flag, bool value = true>
void set(Request& r, Value) {
  r.*flag = value;
}

void name_family(Request& r, Value word) {
  if (word == "help") return end(r, 0, {}, Ending::Text::usage);
  if (const FamilyRow* row = family_row(word)) return add_family(r, *row);
  std::vector<Value> words;
  for (const FamilyRow& row : kFamilies) words.push_back(row.word);
  end(r, 255, "ss: \"" + std::string(word) + "\" is invalid family", Ending::Text::usage, nearest(word, words));
}

void unknown_table(Request& r, Value word, Value name) {
  std::vector<Value> words;
  for (const QueryWord& row : kQueryWords) words.push_back(row.word);
  end(r, 255, "ss: \"" + std::string(word) + "\" is illegal socket table id", Ending::Text::usage,
      nearest(name, words));
}

void query(Request& r, Value list) {
  if (!r.queried) {
    r.tables = {};
    if (r.explicit_states == 0) r.explicit_states = kConnected;
    r.defaulting = false;
    r.queried = true;
  }
  for (;;) {
    const auto comma = list.find(',');
    const Value word = list.substr(0, comma);
    const bool remove = word.starts_with('!');
    const auto tables = tables_of(word.substr(remove ? 1 : 0));
    if (!tables) return unknown_table(r, word, word.substr(remove ? 1 : 0));
    r.tables = remove ? r.tables - *tables : r.tables | *tables;
    for (const TableStates& row : kTableStates)
      if (!remove && tables->has(row.table)) r.default_states |= row.states;
    if (comma == Value::npos) return;
    list.remove_prefix(comma + 1);
  }
}

void extended(Request& r, Value) {
  r.timers = true;
  r.extended = true;
}

void bpf_filters(Request& r, Value) {
  r.timers = true;
  r.bpf = true;
}

/// Both at once are refused. The exit status depends on which came second.
constexpr std::string_view kMapsTwice = "ss: --bpf-maps and --bpf-map-id cannot be used together";

void all_maps(Request& r, Value) {
  if (r.storages == Request::Storages::chosen) return end(r, 255, std::string(kMapsTwice));
  r.storages = Request::Storages::all;
}

void one_map(Request& r, Value word) {
  if (r.storages == Request::Storages::all) return end(r, 1, std::string(kMapsTwice));
  r.storages = Request::Storages::chosen;
  if (map_id(word) == 0) return end(r, 1, "ss: invalid BPF map ID " + std::string(word));
  take_step<open_map>(r, word);
}

template <bool sockets>
void contexts(Request& r, Value) {
  take_step<need_selinux>(r, {});
  ++r.process_contexts;
  if (sockets) ++r.socket_contexts;
}

void enter(Request& r, Value name) {
  r.entered_netns = true;
  take_step<enter_netns>(r, name);
}

void filter_file(Request& r, Value file) {
  if (r.filter_file_named) return end(r, 255, "More than one filter file");
  r.filter_file_named = true;
  take_step<open_filter_file>(r, file);
}

void dump_file(Request& r, Value file) { r.dump_file = std::string(file.starts_with('-') ? "-" : file); }

void help(Request& r, Value) { end(r, 0, {}, Ending::Text::usage); }
void version(Request& r, Value) { end(r, 0, {}, Ending::Text::version); }
void via(Request& r, Value word) { r.via = std::string(word); }

using O = Option<Request>;
constexpr auto kViewRows = view_options<Request, set<&Request::summary>, set<&Request::processes>>();

// The order of the rows is that of the names in "is ambiguous" messages.
constexpr auto kOwnRows = std::to_array<O>({
    {'n', "numeric", "", "numbers instead of service and protocol names; exact rates", set<&Request::numeric>,
     "What to show"},
    {'r', "resolve", "", "host names instead of addresses", set<&Request::resolve>},
    {'o', "options", "", "timers", set<&Request::timers>},
    {'e', "extended", "", "user, inode, cookie and more (implies -o)", extended},
    {'m', "memory", "", "socket memory", set<&Request::memory>},
    {'i', "info", "", "protocol internals", set<&Request::info>},
    {'p', "processes", "", "processes that hold the socket", set<&Request::processes>},
    {'T', "threads", "", "their threads (shown with -p)", set<&Request::threads>},
    {'b', "bpf", "", "classic BPF filters of packet sockets (implies -o)", bpf_filters},
    {'E', "events", "", "show TCP and UDP sockets as they are destroyed, until interrupted", set<&Request::events>,
     "Other actions"},
    {'d', "dccp", "", "DCCP sockets", choose_table<Protocol::dccp>, "Tables"},
    {'t', "tcp", "", "TCP sockets", choose_table<Protocol::tcp>},
    {'S', "sctp", "", "SCTP sockets", choose_table<Protocol::sctp>},
    {'u', "udp", "", "UDP sockets", choose_table<Protocol::udp>},
    {'w', "raw", "", "raw sockets", choose_table<Protocol::raw>},
    {'M', "mptcp", "", "MPTCP sockets", choose_table<Protocol::mptcp>},
    {'A', "query,socket", "LIST", "tables by name, separated by commas; !NAME removes one", query},
    {'x', "unix", "", "unix domain sockets", choose_family<Family::unix_domain>, "Families"},
    {0, "tipc", "", "TIPC sockets", choose_family<Family::tipc>},
    {0, "vsock", "", "sockets between virtual machines and their host", choose_family<Family::vsock>},
    {0, "xdp", "", "XDP sockets", choose_family<Family::xdp>},
    {'4', "ipv4", "", "IPv4 sockets", choose_family<Family::inet>},
    {'6', "ipv6", "", "IPv6 sockets", choose_family<Family::inet6>},
    {'0', "packet", "", "packet sockets", choose_family<Family::packet>},
    {'f', "family", "FAMILY", "sockets of one family", name_family},
    {'a', "all", "", "sockets in all states", choose_states<kAllStates>, "States"},
    {'l', "listening", "", "listening and unconnected sockets", choose_states<mask_of(State::listen, State::close)>},
    {'B', "bound-inactive", "", "TCP sockets that are bound but not in use",
     choose_states<mask_of(State::bound_inactive)>},
    {0, "tipcinfo", "", "internals of TIPC sockets", set<&Request::tipc_info>, "More to show"},
    {0, "tos", "", "type of service, traffic class, priority", set<&Request::tos>},
    {'Z', "context", "", "SELinux contexts of processes", contexts<false>},
    {'z', "contexts", "", "SELinux contexts of processes and sockets", contexts<true>},
    {0, "cgroup", "", "control group", set<&Request::cgroup>},
    {0, "inet-sockopt", "", "socket options that are set", set<&Request::inet_sockopt>},
    {0, "bpf-maps", "", "BPF socket-local storage of every map", all_maps},
    {0, "bpf-map-id", "ID", "the same for one map; may be repeated", one_map},
    {'s', "summary", "", "counts of sockets", set<&Request::summary>, "Other actions"},
    {'N', "net", "NAME", "enter a network namespace first: a name, a path or a process", enter},
    {'D', "diag", "FILE", "write the kernel's raw answer about TCP sockets to a file", dump_file},
    {'F', "filter", "FILE", "read more of the filter from a file", filter_file},
    {'V', "version", "", "print the version", version},
    {'v', "", "", "print the version", version},
    {'h', "help", "", "print this text", help},
    {'K', "kill", "", "close the selected sockets, and show those that were closed", set<&Request::kill>},
    {0, "dry-run", "", "with -K: show the sockets that would be closed, and close none", set<&Request::dry_run>, {},
     true},
    {0, "strict", "", "with -K: status 1 and the reasons if a socket that matched was not closed",
     set<&Request::strict>, {}, true},
    {'H', "no-header", "", "no header line", set<&Request::header, false>, "How to show it"},
    {'O', "oneline", "", "each socket on one line", set<&Request::oneline>},
    {'Q', "no-queues", "", "no Recv-Q and Send-Q columns", set<&Request::queues, false>},
    {0, "via", "BACKEND", "list sockets from netlink, procfs, or auto (netlink, else procfs)", via, {}, true},
});
constexpr auto kOptions = join_rows(kOwnRows, kViewRows, from_option<Request>());
static_assert(letters_unique(kOptions));

/// "a|b|c" of the listed words.
template <class Row, std::size_t N>
std::string alternatives(const Row (&rows)[N]) {
  std::string text;
  for (const Row& row : rows)
    if (row.listed) text.append(text.empty() ? "" : "|").append(row.word);
  return text;
}

std::string members(StateMask states) {
  std::string text;
  for (const StateRow& row : kStateRows)
    if (in_mask(states, row.state) && !row.word.empty() && row.state != State::unknown)
      text.append(text.empty() ? "" : " ").append(row.word);
  return text;
}

}  // namespace

void end(Request& r, int status, std::string message, Ending::Text text, std::string_view meant) {
  r.ending = Ending{status, std::move(message), text, std::string(meant)};
}

std::span<const Option<Request>> options() { return kOptions; }

constexpr std::string_view kUsageLines = "Usage: ss [OPTIONS]\n       ss [OPTIONS] [FILTER]\n";

std::string usage_hint(std::string_view meant) {
  std::string text;
  if (!meant.empty()) text.append("did you mean ").append(meant).append("?\n");
  return text.append(kUsageLines).append("ss --help lists the options\n");
}

std::string usage() {
  const auto texts = texts_of(options());
  std::string text = std::string(kUsageLines) + "\n" + option_lines(texts);
  text += "\nFAMILY is one of";
  for (const FamilyRow& row : kFamilies) text.append(" ").append(row.word);
  text += ", or help for this text.\nLIST is made of " + alternatives(kQueryWords) + ".\n";
  text +=
      "FILTER is [state STATE | exclude STATE]... [EXPRESSION].\nSTATE is one of these, or of the groups below:\n  " +
      members(kAllStates) + "\n";
  for (const StateGroup& group : kStateGroups)
    if (group.listed) text.append("  ").append(group.word).append(": ").append(members(group.states)).append("\n");
  return text;
}

Request read_options(std::span<const std::string> args, std::string_view program, bool stop_at_operand,
                     std::vector<std::string>& operands) {
  Request request;
  const auto rows = rows_of(options());
  ParsedOptions parsed = parse_options(rows, args, {stop_at_operand});
  for (const OptionEvent& event : parsed.events) {
    options()[event.row].apply(request, event.value);
    if (request.ending) return request;
  }
  if (!parsed.error.empty())
    end(request, 255, std::string(program) + ": " + parsed.error, Ending::Text::usage, parsed.meant);
  operands = std::move(parsed.operands);
  return request;
}

}  // namespace duostat::ss

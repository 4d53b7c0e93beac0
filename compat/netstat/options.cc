// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/options.h"

#include <algorithm>
#include <array>

#include "compat/netstat/delta.h"
#include "src/base/error.h"

namespace duostat::netstat {
namespace {

struct FamilyWord {
  std::string_view word;  ///< for -A
  AddressFamily family;
  std::string_view canonical;
};
constexpr FamilyWord kFamilyWords[] = {
    {"ax25", AddressFamily::ax25, "ax25"},           {"ip", AddressFamily::inet, "inet"},
    {"ip6", AddressFamily::inet6, "inet6"},          {"ipx", AddressFamily::ipx, "ipx"},
    {"rose", AddressFamily::rose, "rose"},           {"appletalk", AddressFamily::ddp, "ddp"},
    {"netrom", AddressFamily::netrom, "netrom"},     {"inet", AddressFamily::inet, "inet"},
    {"inet6", AddressFamily::inet6, "inet6"},        {"ddp", AddressFamily::ddp, "ddp"},
    {"unix", AddressFamily::unix_domain, "unix"},    {"tcpip", AddressFamily::inet, "inet"},
    {"econet", AddressFamily::econet, "ec"},         {"x25", AddressFamily::x25, "x25"},
    {"ash", AddressFamily::ash, "ash"},              {"bluetooth", AddressFamily::bluetooth, "bluetooth"},
};

/// Room for the names of the selected families, joined by commas.
constexpr std::size_t kFamilyListMax = 255;

/// Records and selects a family, unless the list of names has no room for it.
bool record(Request& request, AddressFamily family) {
  std::size_t length = canonical_name(family).size();
  for (const AddressFamily f : request.family_list) length += canonical_name(f).size() + 1;
  if (length > kFamilyListMax) {
    request.notes.emplace_back("Too much address family arguments.");
    return false;
  }
  request.family_list.push_back(family);
  request.families.add(family);
  return true;
}

void fail(Request& request, std::string note) {
  request.notes.push_back(std::move(note));
  request.ending = Ending::failure;
}

/// -A: a comma-separated list; only its first 255 bytes are read.
void select_families(Request& request, std::string_view list) {
  list = list.substr(0, kFamilyListMax);
  for (;;) {
    const auto comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto* row = std::ranges::find(kFamilyWords, word, &FamilyWord::word);
    if (row == std::end(kFamilyWords)) return fail(request, "Unknown address family `" + std::string(word) + "'.");
    if (!record(request, row->family) || comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

template <AddressFamily family>
void select_family(Request& request, std::string_view) {
  record(request, family);
}
template <Protocol protocol>
void select_protocol(Request& request, std::string_view) {
  request.protocols.add(protocol);
}
template <bool Request::*mode>
void select_mode(Request& request, std::string_view) {
  request.*mode = true;
  ++request.modes;
}
template <bool Request::*... members>
void set(Request& request, std::string_view) {
  ((request.*members = true), ...);
}
template <Ending how>
void end(Request& request, std::string_view) {
  request.ending = how;
}

/// -Z implies -p. prepare() checks that this system has SELinux.
void select_context(Request& request, std::string_view) {
  if (!request.context) request.notes_before_context = request.notes.size();
  request.context = request.programs = true;
}

void need_value(Request&, std::string_view) {
  throw UsageError("--sum: say which columns, --sum=queues", kUsageStatus);
}

constexpr std::string_view kModes = "What to show (sockets if none of these is given)", kTables = "Which sockets",
                           kFamilies = "Address families", kShow = "How to show them", kOther = "Other";

/// The original has one getopt_long value for the first thirteen long names.
constexpr unsigned char kFamily = 1;

constexpr auto kOwnRows = std::to_array<Option<Request>>({
    {0, "ax25", "", "amateur radio AX.25", select_family<AddressFamily::ax25>, kFamilies, false, kFamily},
    {0, "x25", "", "CCITT X.25", select_family<AddressFamily::x25>, kFamilies, false, kFamily},
    {0, "ip", "", "same as --inet", select_family<AddressFamily::inet>, kFamilies, false, kFamily},
    {0, "ipx", "", "Novell IPX", select_family<AddressFamily::ipx>, kFamilies, false, kFamily},
    {0, "appletalk", "", "same as --ddp", select_family<AddressFamily::ddp>, kFamilies, false, kFamily},
    {0, "netrom", "", "amateur radio NET/ROM", select_family<AddressFamily::netrom>, kFamilies, false, kFamily},
    {'4', "inet", "", "IPv4", select_family<AddressFamily::inet>, kFamilies, false, kFamily},
    {'6', "inet6", "", "IPv6", select_family<AddressFamily::inet6>, kFamilies, false, kFamily},
    {0, "ddp", "", "AppleTalk DDP", select_family<AddressFamily::ddp>, kFamilies, false, kFamily},
    {0, "rose", "", "amateur radio ROSE", select_family<AddressFamily::rose>, kFamilies, false, kFamily},
    {0, "unix", "", "same as -x", select_family<AddressFamily::unix_domain>, kFamilies, false, kFamily},
    {0, "bluetooth", "", "Bluetooth", select_family<AddressFamily::bluetooth>, kFamilies, false, kFamily},
    {0, "tcpip", "", "same as --inet", select_family<AddressFamily::inet>, kFamilies, false,
     kFamily},  // quirk: tcpip-works
    {'V', "version", "", "print the version and exit", end<Ending::version>, kOther},
    {'i', "interfaces", "", "network interfaces and their counters", select_mode<&Request::interfaces>, kModes},
    {'h', "help", "", "print this text and exit", end<Ending::help>, kOther},
    {'r', "route", "", "routing tables", select_mode<&Request::route>, kModes},
    {'M', "masquerade", "", "masqueraded connections", select_mode<&Request::masquerade>, kModes},
    {'A', "protocol", "FAMILY[,FAMILY...]", "address families by name", select_families, kFamilies},
    {'t', "tcp", "", "TCP sockets", select_protocol<Protocol::tcp>, kTables},
    {'S', "sctp", "", "SCTP sockets", select_protocol<Protocol::sctp>, kTables},
    {'u', "udp", "", "UDP sockets", select_protocol<Protocol::udp>, kTables},
    {'U', "udplite", "", "UDP-Lite sockets", select_protocol<Protocol::udplite>, kTables},
    {'w', "raw", "", "raw sockets", select_protocol<Protocol::raw>, kTables},
    {'x', "unix", "", "UNIX domain sockets", select_family<AddressFamily::unix_domain>, kTables},
    {'2', "l2cap", "", "Bluetooth L2CAP sockets", set<&Request::l2cap>, kTables},
    {'f', "rfcomm", "", "Bluetooth RFCOMM sockets", set<&Request::rfcomm>, kTables},
    {'l', "listening", "", "only listening sockets", set<&Request::listening>, kTables},
    {'a', "all", "", "listening and connected sockets; with -i, also interfaces that are down", set<&Request::all>,
     kTables},
    {'o', "timers", "", "add a column with the running timer", set<&Request::timers>, kShow},
    {'c', "continuous", "", "repeat every second", set<&Request::continuous>, kShow},
    {'e', "extend", "", "more columns; with -r, even more if given twice",
     [](Request& r, std::string_view) { ++r.extend; }, kShow},
    {'p', "programs", "", "add a column with the process that holds the socket", set<&Request::programs>, kShow},
    {'v', "verbose", "", "report which kinds of sockets this kernel lacks", set<&Request::verbose>, kOther},
    {'s', "statistics", "", "protocol counters", select_mode<&Request::statistics>, kModes},
    {'W', "wide", "", "do not truncate addresses to their column", set<&Request::wide>, kShow},
    {'n', "numeric", "", "numbers instead of host, service and user names",
     set<&Request::numeric_hosts, &Request::numeric_ports, &Request::numeric_users>, kShow},
    {0, "numeric-hosts", "", "numbers instead of host names", set<&Request::numeric_hosts>, kShow},
    {0, "numeric-ports", "", "numbers instead of service names", set<&Request::numeric_ports>, kShow},
    {0, "numeric-users", "", "numbers instead of user names", set<&Request::numeric_users>, kShow},
    {'N', "symbolic", "", "kept for old scripts: numeric addresses with -r and for SCTP", set<&Request::symbolic>,
     kShow},
    {'C', "cache", "", "with -r: the route cache", set<&Request::cache>, kModes},
    {'F', "fib", "", "with -r: the forwarding table (the default)", set<&Request::fib>, kModes},
    {'g', "groups", "", "multicast group memberships", set<&Request::groups>, kModes},
    {'Z', "context", "", "add a column with the SELinux context; implies -p", select_context, kShow},
    {'d', "", "", "accepted, without effect", [](Request&, std::string_view) {}, kOther},
    {'?', "", "", "this text on standard error, with the status of a mistake", end<Ending::usage>, kOther},
    {0, "via", "auto|procfs|netlink", "backend that lists the sockets (default: $DUOSTAT_VIA, or auto)",
     [](Request& r, std::string_view value) { r.via = value; }, kOther, true},
});
/// Options of ours that come after the shared ones.
constexpr auto kLastRows = std::to_array<Option<Request>>({
    {0, "delta", "[=SECONDS]", "with -s: only the counters that change in this time, and by how much (default: 1)",
     [](Request& r, std::string_view value) { r.delta_ns = delta_interval(value); }, kShow, true},
});
constexpr auto kOptions = join_rows(kOwnRows, from_option<Request>(kOther),
                                    view_options<Request, need_value, set<&Request::programs>>(), kLastRows);
static_assert(letters_unique(kOptions));

constexpr std::string_view kGroupOrder[] = {kModes, kTables, kFamilies, kShow, kOther, kViewGroup};

std::string family_lines() {
  std::string line = "\nFamilies for -A: ";
  for (const FamilyWord& f : kFamilyWords) line.append(&f == kFamilyWords ? "" : ", ").append(f.word);
  return line.append("\n");
}

}  // namespace

std::string_view canonical_name(AddressFamily family) {
  return std::ranges::find(kFamilyWords, family, &FamilyWord::family)->canonical;
}

std::span<const Option<Request>> options() { return kOptions; }

std::vector<std::string> family_words() {
  std::vector<std::string> words;
  for (const FamilyWord& row : kFamilyWords) words.emplace_back(row.word);
  return words;
}

Request fold(const std::vector<OptionEvent>& events) {
  Request request;
  for (const OptionEvent& event : events) {
    kOptions[event.row].apply(request, event.value);
    if (request.ending != Ending::none) break;
  }
  return request;
}

void prepare(const ProcDir& proc, Request& request) {
  if (!request.context) return;
  int error = 0;
  if (proc.read("mounts", error).find(" selinuxfs ") != std::string::npos) return;
  request.notes.resize(request.notes_before_context);
  fail(request, "SELinux is not enabled on this machine.");
}

constexpr std::string_view kUsageLines =
    "usage: netstat [-vWnNcaeolp] [-tuSUwx] [-46] [-A FAMILY]\n"
    "       netstat -r [-CFeenNcv] [-46] [-A FAMILY]\n";

std::string usage_hint(std::string_view meant) {
  std::string text;
  if (!meant.empty()) text.append("did you mean ").append(meant).append("?\n");
  return text.append(kUsageLines).append("netstat --help lists the options\n");
}

std::string usage_text() {
  auto texts = texts_of<Request>(kOptions);
  std::ranges::stable_sort(texts, {}, [](const OptionText& o) { return std::ranges::find(kGroupOrder, o.group); });
  std::string_view last;
  for (OptionText& o : texts) {
    if (o.group == last) o.group = {};
    else last = o.group;
  }
  return std::string(kUsageLines) +
         "       netstat -i [-aecn] | -g [-n] | -s [-46tuwS] | -M [-enc]\n"
         "       netstat -V | -h\n\n" +
         option_lines(texts) + family_lines();
}

Listing listing_of(const Request& request) {
  constexpr ProtocolSet kInternet{Protocol::tcp, Protocol::sctp, Protocol::udp, Protocol::udplite, Protocol::raw};
  constexpr AddressFamily kOthers[] = {AddressFamily::ipx, AddressFamily::ax25, AddressFamily::x25,
                                       AddressFamily::netrom, AddressFamily::rose};
  Listing listing;
  listing.protocols = request.protocols;
  listing.inet = request.families.has(AddressFamily::inet);
  listing.inet6 = request.families.has(AddressFamily::inet6);
  listing.groups = request.groups;
  listing.unix_domain = request.families.has(AddressFamily::unix_domain);
  listing.bluetooth = request.l2cap || request.rfcomm || request.families.has(AddressFamily::bluetooth);

  if ((listing.inet || listing.inet6 || request.statistics) && listing.protocols.empty()) {
    listing.protocols = kInternet;
    listing.quiet = true;
  }
  if ((!listing.protocols.empty() || listing.groups) && !listing.inet && !listing.inet6)
    listing.inet = listing.inet6 = true;

  bool selected = !listing.protocols.empty() || listing.groups || listing.unix_domain || listing.bluetooth;
  for (const AddressFamily f : kOthers) {
    if (!request.families.has(f)) continue;
    listing.others.add(f);
    selected = true;
  }
  if (selected) return listing;
  listing.everything = listing.inet = listing.inet6 = listing.unix_domain = true;
  listing.protocols = kInternet;
  for (const AddressFamily f : kOthers) listing.others.add(f);
  return listing;
}

}  // namespace duostat::netstat

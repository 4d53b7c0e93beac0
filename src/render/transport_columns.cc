// Columns that most sockets have: endpoints, state, queues, user, owners.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "src/model/sctp_addresses.h"
#include "src/render/address.h"
#include "src/render/column.h"
#include "src/render/column_parts.h"
#include "src/render/namespace_json.h"

namespace duostat {
namespace {

using C = ColumnContext;

constexpr ProtocolSet kQueued{Protocol::tcp,           Protocol::udp,          Protocol::udplite,     Protocol::raw,
                              Protocol::icmp,          Protocol::dccp,         Protocol::sctp,        Protocol::mptcp,
                              Protocol::unix_stream,   Protocol::unix_dgram,   Protocol::unix_seqpacket,
                              Protocol::packet_raw,    Protocol::packet_dgram, Protocol::netlink,     Protocol::tipc,
                              Protocol::xdp};
/// Bytes waiting to be sent; packet and XDP sockets have no such queue.
constexpr ProtocolSet kSendQueued = kQueued - kPacketProtocols - ProtocolSet{Protocol::xdp};
constexpr ProtocolSet kPorts = (kInetProtocols - ProtocolSet{Protocol::raw}) | kVsockProtocols;
constexpr ProtocolSet kWithInterface = kInetProtocols | kPacketProtocols | ProtocolSet{Protocol::xdp};

bool is_inet(const Socket& s) { return s.family == Family::inet || s.family == Family::inet6; }

Value protocol(C&, const Socket& s) { return Value::text_of(row_of(s.protocol).id); }

constexpr auto kProtocolWords = [] {
  std::array<std::string_view, std::size(kProtocols)> words;
  for (std::size_t i = 0; i < std::size(words); ++i) words[i] = kProtocols[i].id;
  return words;
}();

constexpr Family kFamilies[] = {Family::inet,   Family::inet6, Family::unix_domain, Family::netlink,
                                Family::packet, Family::vsock, Family::tipc,        Family::xdp};
constexpr std::string_view kFamilyWords[] = {"inet", "inet6", "unix", "netlink", "packet", "vsock", "tipc", "xdp"};
static_assert(std::size(kFamilies) == std::size(kFamilyWords));

Value family(C&, const Socket& s) {
  const std::string_view word = family_word(s.family);
  return word.empty() ? Value{} : Value::text_of(word);
}

constexpr std::string_view kStates[] = {"unknown",   "established", "syn_sent",     "syn_recv",      "fin_wait1",
                                        "fin_wait2", "time_wait",   "close",        "close_wait",    "last_ack",
                                        "listen",    "closing",     "new_syn_recv", "bound_inactive"};
/// sctp_state_t (include/net/sctp/constants.h).
constexpr std::string_view kSctpStates[] = {
    "closed",           "cookie_wait",   "cookie_echoed",     "established",
    "shutdown_pending", "shutdown_sent", "shutdown_received", "shutdown_ack_sent"};

constexpr std::string_view kStateWords[] = {
    "established", "syn_sent", "syn_recv",    "fin_wait1",     "fin_wait2",        "time_wait",     "close",
    "close_wait",  "last_ack", "listen",      "closing",       "bound_inactive",   "closed",        "cookie_wait",
    "cookie_echoed", "shutdown_pending", "shutdown_sent", "shutdown_received", "shutdown_ack_sent"};

Value state(C&, const Socket& s) {
  const auto number = static_cast<std::size_t>(s.state);
  // sctp_diag reports an association's own state, the text files report the socket's; only the former come with a
  // cookie.
  const bool association = s.protocol == Protocol::sctp && s.remote.port != 0 && s.has(Field::cookie);
  if (association) return number < std::size(kSctpStates) ? Value::text_of(kSctpStates[number]) : Value{};
  const std::string_view word = state_value(s.state);
  return word.empty() ? Value{} : Value::text_of(word);
}

/// By SOCK_ number.
constexpr std::string_view kSocketTypes[] = {"", "stream", "dgram", "raw", "rdm", "seqpacket", "dccp"};

Value type(C&, const Socket& s) {
  const unsigned number = s.tipc != nullptr ? s.tipc->type : s.type != 0 ? s.type : row_of(s.protocol).type;
  return number != 0 && number < std::size(kSocketTypes) ? Value::text_of(kSocketTypes[number]) : Value{};
}

Value address(C& c, const Socket& s, const Endpoint& end, Bytes InetDetail::*list) {
  if (!is_inet(s)) return {};
  const Endpoint known = known_end(s, end, list);
  return Value::text_of(
      {c.text, static_cast<std::size_t>(format_address(c.text, known.family, known.address) - c.text)});
}
Value local_address(C& c, const Socket& s) { return address(c, s, s.local, &InetDetail::local_addresses); }
Value peer_address(C& c, const Socket& s) { return address(c, s, s.remote, &InetDetail::peer_addresses); }

Value local_port(C&, const Socket& s) { return kPorts.has(s.protocol) ? Value::of(s.local.port) : Value{}; }
Value peer_port(C&, const Socket& s) { return kPorts.has(s.protocol) ? Value::of(s.remote.port) : Value{}; }

Value accept_queue(C&, const Socket& s) {
  return s.state == State::listen && s.has(Field::queues) ? Value::of(s.rqueue) : Value{};
}

/// For a raw socket the protocol replaces the port.
Value ip_protocol(C&, const Socket& s) {
  if (s.protocol == Protocol::raw) return Value::of(s.has(Field::ip_protocol) ? s.ip_protocol : s.local.port);
  return is_inet(s) ? Value::of(row_of(s.protocol).ip_protocol) : Value{};
}

std::uint32_t bound_interface(const Socket& s) {
  if (s.family == Family::packet) return s.local.port;
  return s.has(Field::interface) ? s.ifindex : 0;
}
Value ifindex(C&, const Socket& s) {
  const std::uint32_t index = bound_interface(s);
  return index != 0 ? Value::of(index) : Value{};
}
Value interface(C& c, const Socket& s) {
  const std::uint32_t index = bound_interface(s);
  const std::string_view name = index != 0 ? c.names.interface(index) : std::string_view{};
  return name.empty() ? Value{} : Value::text_of(name);
}

/// TIME-WAIT sockets and connections that are not yet accepted have no inode.
Value inode(C&, const Socket& s) { return s.has(Field::inode) && s.inode != 0 ? Value::of(s.inode) : Value{}; }

/// The kernel writes 0 if it keeps no user: for TIME-WAIT (also in state fin_wait2), for a UNIX connection that waits
/// to be accepted, and before Linux 6.17 for every socket that no process holds. A connection request has the user of
/// its listener.
bool knows_user(const C& c, const Socket& s) {
  if (!s.has(Field::uid) || s.state == State::time_wait || s.timer == Timer::time_wait) return false;
  const bool held = !s.has(Field::inode) || s.inode != 0 || s.state == State::syn_recv;
  return s.uid != 0 || held || (c.orphans_have_uid && s.family != Family::unix_domain);
}
Value uid(C& c, const Socket& s) { return knows_user(c, s) ? Value::of(s.uid) : Value{}; }
/// A file shows zeros to users who may not see addresses.
Value cookie(C&, const Socket& s) { return s.has(Field::cookie) && s.cookie != 0 ? Value::of(s.cookie) : Value{}; }
Value user(C& c, const Socket& s) {
  if (!knows_user(c, s)) return {};
  const std::string_view name = c.names.user(s.uid);
  if (!name.empty()) return Value::text_of(name);
  return Value::text_of({c.text, static_cast<std::size_t>(format_decimal(c.text, s.uid) - c.text)});
}

constexpr std::string_view kTimers[] = {"off", "retransmit", "keepalive", "time_wait", "probe0", "delayed_ack"};

Value timer(C&, const Socket& s) {
  const auto number = static_cast<std::size_t>(s.timer);
  return s.has(Field::timer) && number < std::size(kTimers) ? Value::text_of(kTimers[number]) : Value{};
}
Value timer_ms(C&, const Socket& s) {
  return s.has(Field::timer) && s.timer != Timer::off ? Value::of(s.timer_ms) : Value{};
}

Value cgroup(C& c, const Socket& s) {
  if (!s.has(Field::cgroup) || s.cgroup_id == 0) return {};
  const std::string_view path = c.cgroups.path(s.cgroup_id);
  return path.empty() ? Value{} : Value::text_of(path);
}
Value cgroup_id(C&, const Socket& s) {
  return s.has(Field::cgroup) && s.cgroup_id != 0 ? Value::of(s.cgroup_id) : Value{};
}

Value v6only(C&, const Socket& s) {
  return s.family == Family::inet6 && s.has(Field::v6only) ? Value::boolean_of(s.v6only != 0) : Value{};
}
Value shut_receive(C&, const Socket& s) {
  return s.has(Field::shutdown) ? Value::boolean_of((s.shutdown & 1) != 0) : Value{};
}
Value shut_send(C&, const Socket& s) {
  return s.has(Field::shutdown) ? Value::boolean_of((s.shutdown & 2) != 0) : Value{};
}
Value netns(C& c, const Socket&) {
  const std::string_view label = c.netns != nullptr ? std::string_view(c.netns->get().label) : std::string_view();
  return label.empty() ? Value{} : Value::text_of(label);
}
Value netns_inode(C& c, const Socket&) {
  return c.netns != nullptr && c.netns->get().inode != 0 ? Value::of(c.netns->get().inode) : Value{};
}
Value host(C& c, const Socket&) { return c.host.empty() ? Value{} : Value::text_of(c.host); }
bool netns_json(C& c, const Socket&, std::string_view key, Json& json) {
  if (c.netns == nullptr || c.netns->get().label.empty()) return false;
  json.key(key);
  put_namespace(json, c.netns->get());
  return true;
}

// ---- owners ----

Value process(C&, const Owner& o) { return Value::text_of(o.comm); }
Value pid(C&, const Owner& o) { return Value::of(o.pid); }
Value fd(C&, const Owner& o) { return Value::of(o.fd); }

template <auto member>
Value process_text(C& c, const Owner& o) {
  const auto& text = c.holders.process(o.pid).*member;
  return text ? Value::text_of(*text) : Value{};
}

std::uint64_t own_inode(const Socket& s) { return s.has(Field::inode) ? s.inode : 0; }
std::uint64_t peer_inode(const Socket& s) {
  return s.unix_domain != nullptr && s.has(Field::unix_peer) ? s.unix_domain->peer_inode : 0;
}

template <Value (*of_owner)(C&, const Owner&), std::uint64_t (*held)(const Socket&) = own_inode>
Value first(C& c, const Socket& s) {
  const Owner owner = c.holders.first(held(s));
  return owner.pid != 0 ? of_owner(c, owner) : Value{};
}
template <Value (*of_owner)(C&, const Owner&)>
constexpr auto first_of_peer = first<of_owner, peer_inode>;

Value process_user(C& c, const Owner& o) {
  const auto& uid = c.holders.process(o.pid).uid;
  if (!uid) return {};
  const std::string_view name = c.names.user(*uid);
  if (!name.empty()) return Value::text_of(name);
  return Value::text_of({c.text, static_cast<std::size_t>(format_decimal(c.text, *uid) - c.text)});
}

void put_process(C& c, const Owner& owner, Json& json) {
  const Process& p = c.holders.process(owner.pid);
  if (c.process_fields.has(ProcessField::exe) && p.exe) json.text("exe", *p.exe);
  if (c.process_fields.has(ProcessField::cmdline) && p.cmdline) {
    json.key("cmdline");
    json.begin_array();
    std::string_view rest = *p.cmdline;
    for (bool more = !rest.empty(); more;) {
      const auto end = rest.find('\0');
      json.element_text(rest.substr(0, end));
      more = end != std::string_view::npos;
      if (more) rest.remove_prefix(end + 1);
    }
    json.end_array();
  }
  if (c.process_fields.has(ProcessField::user) && p.uid) {
    json.member("uid", *p.uid);
    if (const std::string_view name = c.names.user(*p.uid); !name.empty()) json.text("user", name);
  }
  if (c.process_fields.has(ProcessField::cgroup) && p.cgroup) json.text("cgroup", *p.cgroup);
  if (c.process_fields.has(ProcessField::unit) && p.unit) json.text("unit", *p.unit);
}

bool owners_json(C& c, const Socket& s, std::string_view key, Json& json) {
  if (!s.has(Field::inode)) return false;
  json.key(key);
  json.begin_array();
  c.holders.each(s.inode, [&](const Owner& owner) {
    json.begin_object();
    json.member("pid", owner.pid);
    if (c.threads) json.member("tid", owner.tid);
    json.text("comm", owner.comm);
    json.member("fd", owner.fd);
    if (!c.process_fields.empty()) put_process(c, owner, json);
    json.end_object();
    return true;
  });
  json.end_array();
  return true;
}

/// "nginx/711/6,nginx/712/6"
Value owners(C& c, const Socket& s) {
  if (!s.has(Field::inode)) return {};
  c.scratch.clear();
  c.holders.each(s.inode, [&](const Owner& owner) {
    if (!c.scratch.empty()) c.scratch += ',';
    c.scratch.append(owner.comm).append("/").append(std::to_string(c.threads ? owner.tid : owner.pid));
    c.scratch.append("/").append(std::to_string(owner.fd));
    return true;
  });
  return c.scratch.empty() ? Value{} : Value::text_of(c.scratch);
}

constexpr FieldSet kUser{Field::uid, Field::inode};
constexpr FieldSet kOwner{Field::inode, Field::owner}, kPeerOwner{Field::unix_peer, Field::owner};
using F = Field;
constexpr bool kConnections = true;  ///< see Column::of_connections

// clang-format off
constexpr Column kTransportColumns[] = {
    {"protocol", "protocol, or family and type: tcp, udp, unix_stream, …", Unit::text, kViewBase, {}, {}, protocol,
     nullptr, nullptr, {}, kProtocolWords},
    {"family", "address family: inet, inet6, unix, netlink, packet, vsock, tipc, xdp", Unit::text, kViewBase, {}, {},
     family, nullptr, nullptr, {}, kFamilyWords},
    {"state", "state in the kernel's words: established, listen, time_wait, …", Unit::text, kViewBase, {}, {}, state,
     nullptr, nullptr, {}, kStateWords},
    {"type", "type: stream, dgram, raw, rdm, seqpacket", Unit::text, 0, {}, {}, type, nullptr, nullptr, {},
     kSocketTypes},
    {"rqueue", "bytes not yet read; for a listener, connections not yet accepted", Unit::bytes, kViewBase, {F::queues},
     kQueued, fixed<F::queues, &Socket::rqueue>, nullptr, nullptr, {}, {}, nullptr, false, kConnections},
    {"wqueue", "bytes not yet acknowledged or sent", Unit::bytes, kViewBase, {F::queues}, kSendQueued,
     fixed<F::queues, &Socket::wqueue>, nullptr, nullptr, {}, {}, nullptr, false, kConnections},
    {"max_ack_backlog", "limit of connections that wait to be accepted", Unit::none, kViewBase, {F::backlog}, {},
     fixed<F::backlog, &Socket::backlog_limit>},
    {"accept_queue", "connections that wait to be accepted; only of listeners", Unit::none, 0, {F::queues}, kQueued,
     accept_queue},
    {"local_address", "local IP address", Unit::text, kViewBase, {}, kInetProtocols, local_address},
    {"local_port", "local port", Unit::none, kViewBase, {}, kPorts, local_port},
    {"peer_address", "IP address of the peer", Unit::text, kViewBase, {}, kInetProtocols, peer_address},
    {"peer_port", "port of the peer", Unit::none, kViewBase, {}, kPorts, peer_port},
    {"ip_protocol", "IP protocol number", Unit::none, 0, {F::ip_protocol}, kInetProtocols, ip_protocol},
    {"ifindex", "index of the interface that the socket is bound to", Unit::none, kViewBase, {F::interface},
     kWithInterface, ifindex},
    {"interface", "name of that interface", Unit::text, kViewBase, {F::interface}, kWithInterface, interface},
    {"inode", "inode of the socket; absent if no process can hold it", Unit::none, kViewBase, {F::inode}, {}, inode},
    {"uid", "user id of the socket; absent if the kernel keeps none", Unit::none, kViewExtended, kUser, {}, uid},
    {"user", "name of that user", Unit::text, 0, kUser, {}, user},
    {"cookie", "sock_gen_cookie(), or the hashed address that /proc/net shows", Unit::none, kViewExtended, {F::cookie},
     {}, cookie},
    {"refcount", "references to the socket", Unit::none, kViewFile, {F::refcount}, {},
     fixed<F::refcount, &Socket::refcount>},
    {"drops", "packets dropped at the socket", Unit::none, 0, {F::drops}, {}, fixed<F::drops, &Socket::drops>},
    {"timer", "pending timer: off, retransmit, keepalive, time_wait, probe0, delayed_ack", Unit::text, kViewTimers,
     {F::timer},
     kInetProtocols, timer, nullptr, nullptr, {}, kTimers},
    {"timer_ms", "time until it fires", Unit::milliseconds, kViewTimers, {F::timer}, kInetProtocols, timer_ms},
    {"timer_count", "number of times it has fired", Unit::none, kViewTimers, {F::timer_count}, kInetProtocols,
     fixed<F::timer_count, &Socket::timer_count>},
    {"retransmits", "icsk_retransmits: consecutive unanswered retransmissions", Unit::none, kViewTimers,
     {F::retransmits},
     kInetProtocols, fixed<F::retransmits, &Socket::retransmits>},
    {"probes", "icsk_probes_out: unanswered probes", Unit::none, kViewTimers, {F::retransmits}, kInetProtocols,
     fixed<F::retransmits, &Socket::probes>},
    {"mark", "SO_MARK (only with CAP_NET_ADMIN)", Unit::none, kViewExtended, {F::mark}, kInetProtocols,
     fixed<F::mark, &Socket::mark>},
    {"cgroup", "path in the cgroup2 tree", Unit::text, kViewExtended | kViewCgroup, {F::cgroup}, kInetProtocols,
     cgroup},
    {"cgroup_id", "cgroup2 id", Unit::none, kViewExtended | kViewCgroup, {F::cgroup}, kInetProtocols, cgroup_id},
    {"v6only", "IPV6_V6ONLY", Unit::none, kViewExtended, {F::v6only}, kInetProtocols, v6only},
    {"shutdown_receive", "receiving is shut down", Unit::none, kViewExtended, {F::shutdown}, {}, shut_receive},
    {"shutdown_send", "sending is shut down", Unit::none, kViewExtended, {F::shutdown}, {}, shut_send},
    {"host", "name of the host", Unit::text, 0, {}, {}, host},
    {"netns", "the network namespace: its name, pod, container or first process; in JSON an object", Unit::text, 0, {},
     {}, netns, netns_json},
    {"netns_inode", "its inode", Unit::none, 0, {}, {}, netns_inode},
    {"owners", "processes that hold the socket: pid, comm, fd, and the properties in --proc", Unit::text, kViewOwners,
     kOwner, {},
     owners, owners_json},
    {"process", "name of the process that holds the socket (if several: the lowest pid)", Unit::text, 0, kOwner, {},
     first<process>, nullptr,
     process},
    {"pid", "id of that process", Unit::none, 0, kOwner, {}, first<pid>, nullptr, pid},
    {"fd", "its descriptor", Unit::none, 0, kOwner, {}, first<fd>, nullptr, fd},
    {"exe", "executable file of that process", Unit::text, 0, kOwner, {}, first<process_text<&Process::exe>>, nullptr,
     process_text<&Process::exe>, {ProcessField::exe}},
    {"process_user", "user of that process", Unit::text, 0, kOwner, {}, first<process_user>, nullptr, process_user,
     {ProcessField::user}},
    {"process_cgroup", "its control group", Unit::text, 0, kOwner, {}, first<process_text<&Process::cgroup>>, nullptr,
     process_text<&Process::cgroup>, {ProcessField::cgroup}},
    {"unit", "its systemd unit", Unit::text, 0, kOwner, {}, first<process_text<&Process::unit>>, nullptr,
     process_text<&Process::unit>, {ProcessField::unit}},
    {"peer_process.comm", "name of the process at the other end (if several: the lowest pid)", Unit::text, kViewOwners,
     kPeerOwner,
     kUnixProtocols, first_of_peer<process>, nullptr, process, {}, {}, peer_inode},
    {"peer_process.pid", "id of that process", Unit::none, kViewOwners, kPeerOwner, kUnixProtocols, first_of_peer<pid>,
     nullptr, pid,
     {}, {}, peer_inode},
    {"peer_process.fd", "its descriptor", Unit::none, kViewOwners, kPeerOwner, kUnixProtocols, first_of_peer<fd>,
     nullptr, fd, {}, {},
     peer_inode},
    {"peer_process.exe", "executable file of that process", Unit::text, 0, kPeerOwner, kUnixProtocols,
     first_of_peer<process_text<&Process::exe>>,
     nullptr, process_text<&Process::exe>, {ProcessField::exe}, {}, peer_inode},
    {"peer_process.user", "user of that process", Unit::text, 0, kPeerOwner, kUnixProtocols,
     first_of_peer<process_user>, nullptr,
     process_user, {ProcessField::user}, {}, peer_inode},
    {"peer_process.cgroup", "its control group", Unit::text, 0, kPeerOwner, kUnixProtocols,
     first_of_peer<process_text<&Process::cgroup>>, nullptr, process_text<&Process::cgroup>, {ProcessField::cgroup}, {},
     peer_inode},
    {"peer_process.unit", "its systemd unit", Unit::text, 0, kPeerOwner, kUnixProtocols,
     first_of_peer<process_text<&Process::unit>>,
     nullptr, process_text<&Process::unit>, {ProcessField::unit}, {}, peer_inode},
};
// clang-format on

}  // namespace

std::string_view family_word(Family family) {
  for (std::size_t i = 0; i < std::size(kFamilies); ++i)
    if (kFamilies[i] == family) return kFamilyWords[i];
  return {};
}

std::string_view state_value(State state) {
  const auto number = static_cast<std::size_t>(state);
  return number != 0 && number < std::size(kStates) ? kStates[number] : std::string_view{};
}

std::span<const Column> transport_columns() { return kTransportColumns; }

}  // namespace duostat

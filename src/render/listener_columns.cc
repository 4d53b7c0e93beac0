// The columns of a listener.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/model/listener.h"
#include "src/names/workload.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

constexpr std::string_view kListenerProtocolWords[] = {"tcp", "mptcp", "udp", "unix_stream", "unix_seqpacket"};
constexpr std::string_view kListenerFamilyWords[] = {"inet", "inet6", "unix"};
constexpr std::string_view kBindings[] = {"loopback", "address", "all"};
constexpr std::string_view kChanges[] = {"new", "gone", "changed"};
constexpr std::string_view kRuntimes[] = {"docker", "containerd", "cri-o", "podman",
                                          "kubernetes", "ecs", "lxc", "nspawn"};

bool is_ip(const Listener& l) { return l.family != Family::unix_domain; }

Value family(const Listener& l, std::string&) { return is_ip(l) ? family_value(l.family) : Value::text_of("unix"); }

template <class Member>
Value of_workload(const Listener& l, Member member) {
  return l.workload ? text_value((*l.workload).*member) : Value{};
}

void put_pids(const Listener& l, std::string_view key, Json& json) {
  if (l.pids.empty()) return;
  json.key(key);
  json.begin_array();
  for (const std::uint32_t pid : l.pids) json.value(pid);
  json.end_array();
}

// clang-format off
constexpr RecordColumn<Listener> kListenerColumns[] = {
    {"change", "with --baseline: new, gone or changed", Unit::text,
     [](const Listener& l, std::string&) { return text_value(word_of(l.change)); }, nullptr, kChanges},
    {"protocol", "tcp, mptcp, udp, unix_stream or unix_seqpacket", Unit::text,
     [](const Listener& l, std::string&) { return Value::text_of(row_of(l.protocol).id); },
     nullptr, kListenerProtocolWords},
    {"family", "inet, inet6 or unix", Unit::text, family, nullptr, kListenerFamilyWords},
    {"address", "local address", Unit::text,
     [](const Listener& l, std::string& t) { return is_ip(l) ? address_value(t, l.family, l.local.address) : Value{}; },
     nullptr, {}, kIp},
    {"port", "local port", Unit::none,
     [](const Listener& l, std::string&) { return is_ip(l) ? Value::of(l.local.port) : Value{}; }},
    {"service", "name of the port in /etc/services", Unit::text,
     [](const Listener& l, std::string&) { return text_value(l.service); }},
    {"name", "name of a UNIX socket; '@' stands for each NUL of an abstract name", Unit::text,
     [](const Listener& l, std::string&) { return text_value(l.name); }},
    {"bound", "loopback, address (one address) or all (addresses)", Unit::text,
     [](const Listener& l, std::string&) { return text_value(word_of(binding_of(l))); }, nullptr, kBindings},
    {"ifindex", "index of the device that it is bound to", Unit::none,
     [](const Listener& l, std::string&) { return given_value(l.ifindex); }},
    {"device", "name of that device", Unit::text, [](const Listener& l, std::string&) { return text_value(l.device); }},
    {"v6only", "IPV6_V6ONLY (netlink only)", Unit::none,
     [](const Listener& l, std::string&) { return l.v6only ? Value::boolean_of(*l.v6only) : Value{}; }},
    {"sockets", "sockets of the same program, address and port: a reuseport group", Unit::none,
     [](const Listener& l, std::string&) {
       return l.change == ListenerChange::gone ? Value{} : Value::of(l.sockets);
     }},
    {"queue", "connections that wait to be accepted, in the fullest socket of the group", Unit::none,
     [](const Listener& l, std::string&) { return number_value(l.queue); }},
    {"backlog", "how many may wait in that socket", Unit::none,
     [](const Listener& l, std::string&) { return number_value(l.backlog); }},
    {"drops", "connections or datagrams dropped at these sockets (TCP: netlink only)", Unit::none,
     [](const Listener& l, std::string&) { return number_value(l.drops); }},
    {"process", "name of the process with the lowest id that holds it", Unit::text,
     [](const Listener& l, std::string&) { return text_value(l.process); }},
    {"pid", "id of that process", Unit::none, [](const Listener& l, std::string&) { return number_value(l.pid); }},
    {"pids", "ids of all processes that hold it, without service managers", Unit::text,
     [](const Listener& l, std::string& t) {
       t.clear();
       for (const std::uint32_t pid : l.pids) t.append(t.empty() ? "" : ",").append(std::to_string(pid));
       return text_value(t);
     },
     put_pids},
    {"activated", "only systemd holds it, and starts a unit for the first connection", Unit::none,
     [](const Listener& l, std::string&) { return l.pid ? Value::boolean_of(l.activated) : Value{}; }},
    {"kernel", "no process holds it: a socket of the kernel; absent if not every process could be read", Unit::none,
     [](const Listener& l, std::string&) { return l.owner_known() ? Value::boolean_of(l.kernel) : Value{}; }},
    {"uid", "user id of the socket", Unit::none, [](const Listener& l, std::string&) { return number_value(l.uid); }},
    {"user", "name of that user", Unit::text, [](const Listener& l, std::string&) { return text_value(l.user); }},
    {"workload", "unit, container or pod of the process, in short", Unit::text,
     [](const Listener& l, std::string& t) {
       return l.workload ? text_value(t = display_text(*l.workload)) : Value{};
     }},
    {"unit", "its systemd unit", Unit::text,
     [](const Listener& l, std::string&) { return of_workload(l, &Workload::unit); }},
    {"user_unit", "its unit of a user's service manager", Unit::text,
     [](const Listener& l, std::string&) { return of_workload(l, &Workload::user_unit); }},
    {"runtime", "what runs its container", Unit::text,
     [](const Listener& l, std::string&) { return l.workload ? text_value(word_of(l.workload->runtime)) : Value{}; },
     nullptr, kRuntimes},
    {"container", "id or name of its container", Unit::text,
     [](const Listener& l, std::string&) { return of_workload(l, &Workload::container); }},
    {"pod", "uid of its pod", Unit::text,
     [](const Listener& l, std::string&) { return of_workload(l, &Workload::pod); }},
    {"before", "with --baseline: the owner that it had", Unit::text,
     [](const Listener& l, std::string&) { return text_value(l.before); }},
};
// clang-format on

}  // namespace

template <>
std::span<const RecordColumn<Listener>> record_columns<Listener>() {
  return kListenerColumns;
}

}  // namespace duostat

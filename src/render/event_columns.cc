// The columns of an event: what happened to a socket.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/model/socket_event.h"
#include "src/render/column.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

constexpr std::int64_t kMicrosecond = 1000;

Value state(State s) { return s == State::unknown ? Value{} : text_value(state_value(s)); }
bool has_addresses(const SocketEvent& e) { return e.family == Family::inet || e.family == Family::inet6; }

Value address(const SocketEvent& e, const Endpoint& end, std::string& text) {
  return has_addresses(e) ? address_value(text, end.family, end.address) : Value{};
}
/// connect() chooses a port after the state has changed: the event does not tell it.
bool has_no_port_yet(const SocketEvent& e) { return e.local.port == 0 && e.remote.port != 0; }
Value port(const SocketEvent& e, const Endpoint& end) { return has_addresses(e) ? Value::of(end.port) : Value{}; }

constexpr RecordColumn<SocketEvent> kEventColumns[] = {
    {"event", "new, state or gone", Unit::text,
     [](const SocketEvent& e, std::string&) { return Value::text_of(word_of(e.kind)); }, nullptr, kEventWords},
    {"protocol", "tcp, udp, unix_stream, …", Unit::text,
     [](const SocketEvent& e, std::string&) { return Value::text_of(row_of(e.protocol).id); }},
    {"family", "inet, inet6 or unix", Unit::text,
     [](const SocketEvent& e, std::string&) {
       return has_addresses(e) ? family_value(e.family) : Value::text_of("unix");
     }},
    {"state", "after the event; absent if the socket is gone, or if the source does not tell", Unit::text,
     [](const SocketEvent& e, std::string&) { return state(e.state); }},
    {"previous_state", "before the event; absent if the socket is new, or if the source does not tell", Unit::text,
     [](const SocketEvent& e, std::string&) { return state(e.previous); }},
    {"local_address",
     "",
     Unit::text,
     [](const SocketEvent& e, std::string& t) { return address(e, e.local, t); },
     nullptr,
     {},
     kIp},
    {"local_port", "absent of a new connection whose port is not chosen yet", Unit::none,
     [](const SocketEvent& e, std::string&) { return has_no_port_yet(e) ? Value{} : port(e, e.local); }},
    {"peer_address",
     "",
     Unit::text,
     [](const SocketEvent& e, std::string& t) { return address(e, e.remote, t); },
     nullptr,
     {},
     kIp},
    {"peer_port", "", Unit::none, [](const SocketEvent& e, std::string&) { return port(e, e.remote); }},
    {"name", "of a UNIX socket", Unit::text, [](const SocketEvent& e, std::string&) { return text_value(e.name); }},
    {"ifindex", "index of the interface that the socket is bound to", Unit::none,
     [](const SocketEvent& e, std::string&) { return given_value(e.ifindex); }},
    {"inode", "", Unit::none, [](const SocketEvent& e, std::string&) { return given_value(e.inode); }},
    {"cookie", "the kernel's number of the socket", Unit::none,
     [](const SocketEvent& e, std::string&) { return given_value(e.cookie); }},
    {"uid", "user of the socket", Unit::none, [](const SocketEvent& e, std::string&) { return number_value(e.uid); }},
    {"netns", "inode of its network namespace", Unit::none,
     [](const SocketEvent& e, std::string&) { return given_value(e.netns.value_or(SocketEvent::kUnknownNamespace)); }},
    {"duration_us", "of a socket that is gone: time since it appeared", Unit::microseconds,
     [](const SocketEvent& e, std::string&) {
       return e.lasted_ns ? Value::signed_of(*e.lasted_ns / kMicrosecond) : Value{};
     }},
    {"bytes_acked", "of a socket that is gone: bytes that the peer acknowledged", Unit::bytes,
     [](const SocketEvent& e, std::string&) { return number_value(e.sent); }},
    {"bytes_received", "of a socket that is gone", Unit::bytes,
     [](const SocketEvent& e, std::string&) { return number_value(e.received); }},
    {"process", "name of an owner", Unit::text,
     [](const SocketEvent& e, std::string&) { return text_value(e.process); }},
    {"pid", "id of that owner", Unit::none, [](const SocketEvent& e, std::string&) { return given_value(e.pid); }},
};

}  // namespace

template <>
std::span<const RecordColumn<SocketEvent>> record_columns<SocketEvent>() {
  return kEventColumns;
}

}  // namespace duostat

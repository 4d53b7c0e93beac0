// The columns of counts by state, and of sockets without a connection.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/model/state_count.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

using S = StateCount;
using C = ClosedCount;

struct FamilyWord {
  Family family;
  std::string_view word;
};
constexpr FamilyWord kFamilies[] = {
    {Family::inet, "inet"},     {Family::inet6, "inet6"}, {Family::unix_domain, "unix"}, {Family::netlink, "netlink"},
    {Family::packet, "packet"}, {Family::vsock, "vsock"}, {Family::tipc, "tipc"},        {Family::xdp, "xdp"}};
constexpr std::string_view kScopes[] = {"namespace", "host"};

Value family(const S& s, std::string&) {
  for (const FamilyWord& row : kFamilies)
    if (s.family == row.family) return Value::text_of(row.word);
  return {};
}

constexpr RecordColumn<S> kStateColumns[] = {
    {"protocol", "tcp, mptcp, udp, unix_stream, …", Unit::text,
     [](const S& s, std::string&) { return Value::text_of(row_of(s.protocol).id); }},
    {"family", "inet, inet6, unix, …", Unit::text, family},
    {"state", "state, or the name of a number of the whole host", Unit::text,
     [](const S& s, std::string&) { return text_value(s.state); }},
    {"scope", "namespace: sockets of this network namespace; host: a number of the whole host", Unit::text,
     [](const S& s, std::string&) { return Value::text_of(kScopes[s.host ? 1 : 0]); }, nullptr, kScopes},
    {"sockets", "number of sockets in this network namespace", Unit::none,
     [](const S& s, std::string&) { return number_value(s.sockets); }},
    {"share_percent", "of the sockets of this protocol", Unit::none,
     [](const S& s, std::string&) { return s.share ? Value::real_of(*s.share) : Value{}; }},
    {"host", "number of the whole host: sockets, or pages for mem", Unit::none,
     [](const S& s, std::string&) { return number_value(s.host); }},
};

constexpr RecordColumn<C> kClosedColumns[] = {
    {"figure", "name of a number; absent for a process", Unit::text,
     [](const C& c, std::string&) { return text_value(c.figure); }},
    {"value", "that number", Unit::none,
     [](const C& c, std::string&) { return c.value ? Value::signed_of(*c.value) : Value{}; }},
    {"meaning", "its source or formula", Unit::text, [](const C& c, std::string&) { return text_value(c.meaning); }},
    {"process", "name of a process that holds TCP sockets without a connection", Unit::text,
     [](const C& c, std::string&) { return text_value(c.process); }},
    {"pid", "its id", Unit::none, [](const C& c, std::string&) { return number_value(c.pid); }},
    {"closed", "its descriptors of such sockets", Unit::none,
     [](const C& c, std::string&) { return number_value(c.closed); }},
    {"descriptors", "its descriptors of every kind", Unit::none,
     [](const C& c, std::string&) { return number_value(c.descriptors); }},
    {"workload", "its unit, container or pod", Unit::text,
     [](const C& c, std::string&) { return text_value(c.workload); }},
};

}  // namespace

template <>
std::span<const RecordColumn<StateCount>> record_columns<StateCount>() {
  return kStateColumns;
}
template <>
std::span<const RecordColumn<ClosedCount>> record_columns<ClosedCount>() {
  return kClosedColumns;
}

}  // namespace duostat

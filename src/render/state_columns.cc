// The columns of counts by state, and of sockets without a connection.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/model/state_count.h"
#include "src/render/column.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

constexpr std::string_view kScopes[] = {"namespace", "host"};

constexpr RecordColumn<StateCount> kStateColumns[] = {
    {"protocol", "tcp, mptcp, udp, unix_stream, …", Unit::text,
     [](const StateCount& s, std::string&) { return Value::text_of(row_of(s.protocol).id); }},
    {"family", "inet, inet6, unix, …", Unit::text,
     [](const StateCount& s, std::string&) { return s.family ? text_value(family_word(*s.family)) : Value{}; }},
    {"state", "state, or the name of a number of the whole host", Unit::text,
     [](const StateCount& s, std::string&) { return text_value(s.state); }},
    {"scope", "namespace: sockets of this network namespace; host: a number of the whole host", Unit::text,
     [](const StateCount& s, std::string&) { return Value::text_of(kScopes[s.host ? 1 : 0]); }, nullptr, kScopes},
    {"sockets", "number of sockets in this network namespace", Unit::none,
     [](const StateCount& s, std::string&) { return number_value(s.sockets); }},
    {"share_percent", "of the sockets of this protocol", Unit::none,
     [](const StateCount& s, std::string&) { return s.share ? Value::real_of(*s.share) : Value{}; }},
    {"host", "number of the whole host: sockets, or pages for mem", Unit::none,
     [](const StateCount& s, std::string&) { return number_value(s.host); }},
};

constexpr RecordColumn<ClosedCount> kClosedColumns[] = {
    {"figure", "name of a number; absent for a process", Unit::text,
     [](const ClosedCount& c, std::string&) { return text_value(c.figure); }},
    {"value", "that number", Unit::none,
     [](const ClosedCount& c, std::string&) { return c.value ? Value::signed_of(*c.value) : Value{}; }},
    {"meaning", "its source or formula", Unit::text,
     [](const ClosedCount& c, std::string&) { return text_value(c.meaning); }},
    {"process", "name of a process that holds TCP sockets without a connection", Unit::text,
     [](const ClosedCount& c, std::string&) { return text_value(c.process); }},
    {"pid", "its id", Unit::none, [](const ClosedCount& c, std::string&) { return number_value(c.pid); }},
    {"closed", "its descriptors of such sockets", Unit::none,
     [](const ClosedCount& c, std::string&) { return number_value(c.closed); }},
    {"descriptors", "its descriptors of every kind", Unit::none,
     [](const ClosedCount& c, std::string&) { return number_value(c.descriptors); }},
    {"workload", "its unit, container or pod", Unit::text,
     [](const ClosedCount& c, std::string&) { return text_value(c.workload); }},
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

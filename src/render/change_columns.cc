// The columns of a change between two snapshots.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/model/change.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

constexpr RecordColumn<Change> kChangeColumns[] = {
    {"change", "new, gone or changed", Unit::text,
     [](const Change& c, std::string&) { return Value::text_of(word_of(c.kind)); }, nullptr, kChangeWords},
    {"subject", "socket, listener, route, interface or counter", Unit::text,
     [](const Change& c, std::string&) { return Value::text_of(word_of(c.subject)); }, nullptr, kSubjectWords},
    {"protocol", "of a socket or listener", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.protocol); }},
    {"object", "addresses, UNIX name, destination, interface or counter", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.object); }},
    {"property", "what changed: state, owner, rqueue, mtu, …", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.property); }},
    {"before", "its former value, or a description of what is gone", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.before); }},
    {"now", "its value, or a description of what is new", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.now); }},
    {"difference", "of a number", Unit::none,
     [](const Change& c, std::string&) { return c.difference ? Value::signed_of(*c.difference) : Value{}; }},
    {"process", "the owner's name, the present one if it changed", Unit::text,
     [](const Change& c, std::string&) { return text_value(c.process); }},
    {"pid", "the owner's process id", Unit::none, [](const Change& c, std::string&) { return given_value(c.pid); }},
};

}  // namespace

template <>
std::span<const RecordColumn<Change>> record_columns<Change>() {
  return kChangeColumns;
}

}  // namespace duostat

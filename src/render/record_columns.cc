// The columns of multicast groups, masqueraded connections and counters, and helpers for all tables of columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include "src/render/address.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

/// Calls `visit` with the word of each flag, and with hexadecimal text for bits without a name.
template <class Visit>
void each_flag(std::uint32_t flags, std::span<const FlagWord> words, Visit&& visit) {
  for (const FlagWord& row : words) {
    if ((flags & row.flag) == 0) continue;
    visit(row.word);
    flags &= ~row.flag;
  }
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1)
    if ((flags & bit) != 0) visit(std::string_view(fmt::format("{:#x}", bit)));
}

}  // namespace

Value flags_value(std::string& text, std::uint32_t flags, std::span<const FlagWord> words) {
  text.clear();
  each_flag(flags, words, [&](std::string_view word) { text.append(text.empty() ? "" : ",").append(word); });
  return Value::text_of(text);
}

void put_flags(Json& json, std::string_view key, std::uint32_t flags, std::span<const FlagWord> words) {
  json.key(key);
  json.begin_array();
  each_flag(flags, words, [&](std::string_view word) { json.value(word); });
  json.end_array();
}

Value family_value(Family family) { return Value::text_of(kInetFamilyWords[family == Family::inet ? 0 : 1]); }

Value address_value(std::string& text, Family family, const Address& address) {
  char buffer[kAddressTextMax];
  text.assign(buffer, static_cast<std::size_t>(format_address(buffer, family, address) - buffer));
  return Value::text_of(text);
}

Value given_address_value(std::string& text, Family family, const Address& address) {
  return is_unspecified(address) ? Value{} : address_value(text, family, address);
}

namespace {

// clang-format off
constexpr RecordColumn<MulticastGroup> kGroupColumns[] = {
    {"family", "inet or inet6", Unit::text,
     [](const MulticastGroup& g, std::string&) { return family_value(g.family); }, nullptr, kInetFamilyWords},
    {"interface", "name of the interface that joined", Unit::text,
     [](const MulticastGroup& g, std::string&) { return text_value(g.interface); }},
    {"group",
     "address of the group",
     Unit::text,
     [](const MulticastGroup& g, std::string& t) { return address_value(t, g.family, g.group); },
     nullptr,
     {},
     kIp},
    {"users", "number of users that joined (/proc only)", Unit::none,
     [](const MulticastGroup& g, std::string&) { return number_value(g.users); }},
};
// clang-format on

constexpr std::uint64_t kHundredth = 10;  ///< milliseconds

// clang-format off
constexpr RecordColumn<MasqueradedConnection> kMasqueradeColumns[] = {
    {"protocol", "transport protocol", Unit::text,
     [](const MasqueradedConnection& m, std::string&) { return Value::text_of(m.protocol); }},
    {"source", "address behind this host", Unit::text,
     [](const MasqueradedConnection& m, std::string& t) { return address_value(t, Family::inet, m.source); },
     nullptr, {}, kIp},
    {"source_port", "", Unit::none,
     [](const MasqueradedConnection& m, std::string&) { return given_value(m.source_port); }},
    {"destination", "address of the destination", Unit::text,
     [](const MasqueradedConnection& m, std::string& t) { return address_value(t, Family::inet, m.destination); },
     nullptr, {}, kIp},
    {"destination_port", "", Unit::none,
     [](const MasqueradedConnection& m, std::string&) { return given_value(m.destination_port); }},
    {"masqueraded_port", "the source port that the destination sees", Unit::none,
     [](const MasqueradedConnection& m, std::string&) { return given_value(m.masqueraded_port); }},
    {"expires_ms", "time until it expires; absent for a connection in hardware", Unit::milliseconds,
     [](const MasqueradedConnection& m, std::string&) {
       return m.expires ? Value::product_of(*m.expires, kHundredth) : Value{};
     }},
    {"initial_sequence", "Linux up to 2.2", Unit::none,
     [](const MasqueradedConnection& m, std::string&) {
       return m.sequence_known ? Value::of(m.initial_sequence) : Value{};
     }},
    {"delta", "Linux up to 2.2", Unit::none,
     [](const MasqueradedConnection& m, std::string&) {
       return m.sequence_known ? Value::signed_of(m.delta) : Value{};
     }},
    {"previous_delta", "Linux 2.2", Unit::none,
     [](const MasqueradedConnection& m, std::string&) {
       return m.previous_delta_known ? Value::signed_of(m.previous_delta) : Value{};
     }},
};
// clang-format on

// clang-format off
constexpr RecordColumn<CounterRecord> kCounterColumns[] = {
    {"section", "Tcp, TcpExt, Ip6, …", Unit::text,
     [](const CounterRecord& c, std::string&) { return Value::text_of(c.section); }},
    {"counter", "the kernel's name", Unit::text,
     [](const CounterRecord& c, std::string&) { return Value::text_of(c.counter.name); }},
    {"value", "the number, or with --delta the difference", Unit::none,
     [](const CounterRecord& c, std::string&) {
       if (!c.counter.known) return Value{};
       const bool is_signed = c.elapsed_ms || c.counter.name == kSignedCounter;
       return is_signed ? Value::signed_of(static_cast<std::int64_t>(c.counter.value)) : Value::of(c.counter.value);
     }},
    {"elapsed_ms", "with --delta: time between the two readings", Unit::milliseconds,
     [](const CounterRecord& c, std::string&) { return c.elapsed_ms ? Value::signed_of(*c.elapsed_ms) : Value{}; }},
};
// clang-format on

}  // namespace

template <>
std::span<const RecordColumn<MulticastGroup>> record_columns<MulticastGroup>() {
  return kGroupColumns;
}
template <>
std::span<const RecordColumn<MasqueradedConnection>> record_columns<MasqueradedConnection>() {
  return kMasqueradeColumns;
}
template <>
std::span<const RecordColumn<CounterRecord>> record_columns<CounterRecord>() {
  return kCounterColumns;
}

}  // namespace duostat

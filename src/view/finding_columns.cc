// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/finding_columns.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/escape.h"
#include "src/insight/rule.h"
#include "src/query/state_words.h"
#include "src/render/address.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

using F = Finding;

Value given_text(std::string_view text) { return text.empty() ? Value{} : Value::text_of(text); }

/// Members with the keys and words of sockets (src/render/transport_columns.cc).
void put_end(Json& json, std::string_view address_key, std::string_view port_key, const Endpoint& end) {
  if (end.family != Family::inet && end.family != Family::inet6) return;
  char buffer[kAddressTextMax];
  const char* last = format_address(buffer, end.family, end.address);
  json.member(address_key, std::string_view(buffer, static_cast<std::size_t>(last - buffer)));
  json.member(port_key, end.port);
}

void put_evidence(const F& f, std::string_view key, Json& json) {
  if (f.evidence.sockets().empty()) return;
  json.key(key);
  json.begin_array();
  for (const EvidenceSocket& s : f.evidence.sockets()) {
    json.begin_object();
    json.member("protocol", row_of(s.protocol).id);
    const std::string_view state = state_value(s.state);
    json.member("state", state.empty() ? std::string_view("unknown") : state);
    put_end(json, "local_address", "local_port", s.local);
    if (s.remote.port != 0) put_end(json, "peer_address", "peer_port", s.remote);
    if (s.family == Family::unix_domain && !s.unix_name.empty()) json.text("name", s.unix_name);
    if (s.has_queues) json.member("rqueue", s.rqueue);
    if (s.has_queues && s.state == State::listen) json.member("backlog", s.backlog);
    else if (s.has_queues) json.member("wqueue", s.wqueue);
    if (s.inode != 0) json.member("inode", s.inode);
    json.end_object();
  }
  json.end_array();
}

void put_measures(const F& f, std::string_view key, Json& json) {
  if (f.measures.empty()) return;
  json.key(key);
  json.begin_object();
  for (const Measure& m : f.measures) json.member(m.name, m.value);
  json.end_object();
}

Value evidence_value(const F& f, std::string& text) {
  text.clear();
  for (const EvidenceSocket& s : f.evidence.sockets()) text.append(text.empty() ? "" : "; ").append(evidence_text(s));
  return given_text(text);
}

Value measures_value(const F& f, std::string& text) {
  text.clear();
  for (const Measure& m : f.measures) text += fmt::format("{}{}={}", text.empty() ? "" : ",", m.name, m.value);
  return given_text(text);
}

constexpr std::string_view kSeverities[] = {word_of(Severity::note), word_of(Severity::warning),
                                            word_of(Severity::critical)};

constexpr RecordColumn<Finding> kColumns[] = {
    {"severity", "note, warning or critical", Unit::text,
     [](const F& f, std::string&) { return Value::text_of(word_of(f.severity)); }, nullptr, kSeverities},
    {"rule", "the rule: --explain describes it", Unit::text,
     [](const F& f, std::string&) { return Value::text_of(f.rule->id); }},
    {"count", "sockets, or what the rule counts", Unit::none,
     [](const F& f, std::string&) { return Value::of(f.count); }},
    {"owner.pid", "process", Unit::none, [](const F& f, std::string&) { return given_value(f.owner.pid); }},
    {"owner.name", "its name", Unit::text, [](const F& f, std::string&) { return given_text(f.owner.name); }},
    {"owner.user", "its user, or that of the sockets if no process is visible", Unit::text,
     [](const F& f, std::string&) { return given_text(f.owner.user); }},
    {"owner.unit", "its systemd unit", Unit::text, [](const F& f, std::string&) { return given_text(f.owner.unit); }},
    {"owner.container", "its container", Unit::text,
     [](const F& f, std::string&) { return given_text(f.owner.container); }},
    {"subject", "listener, peer or resource", Unit::text,
     [](const F& f, std::string&) { return given_text(f.subject); }},
    {"values", "what was measured, in words", Unit::text,
     [](const F& f, std::string&) { return given_text(f.values); }},
    {"measures", "what was measured, as numbers", Unit::text, measures_value, put_measures},
    {"age_ms", "it has lasted at least so long", Unit::milliseconds,
     [](const F& f, std::string&) { return number_value(f.age_ms); }},
    {"hidden_owners", "sockets of the count whose owner is not visible", Unit::none,
     [](const F& f, std::string&) { return Value::of(f.hidden); }},
    {"evidence", "the first sockets (--all: all)", Unit::text, evidence_value, put_evidence},
    {"meaning", "what it means for users", Unit::text,
     [](const F& f, std::string&) { return Value::text_of(f.meaning); }},
    {"advice", "what to do", Unit::text, [](const F& f, std::string&) { return Value::text_of(f.advice); }},
};

std::string end_text(const Endpoint& end) {
  char buffer[kAddressTextMax];
  const char* last = format_address(buffer, end.family, end.address);
  const std::string_view address(buffer, static_cast<std::size_t>(last - buffer));
  return end.family == Family::inet6 ? fmt::format("[{}]:{}", address, end.port)
                                     : fmt::format("{}:{}", address, end.port);
}

}  // namespace

template <>
std::span<const RecordColumn<Finding>> record_columns<Finding>() {
  return kColumns;
}

void put_not_looked(Json& json, const std::vector<NotLooked>& not_looked) {
  for (const NotLooked& n : not_looked) {
    json.begin_object();
    json.member("rule", n.rule->id);
    json.text("reason", n.reason);
    json.member("in_part", n.in_part);
    json.end_object();
  }
}

std::string evidence_text(const EvidenceSocket& s) {
  std::string text = fmt::format("{} {}", row_of(s.protocol).id, state_word(s.state));
  if (s.has_queues) text += fmt::format(" {} {}", s.rqueue, s.state == State::listen ? s.backlog : s.wqueue);
  const bool ip = s.local.family == Family::inet || s.local.family == Family::inet6;
  if (ip) text += " " + end_text(s.local);
  if (ip && s.remote.port != 0) text += " " + end_text(s.remote);
  std::string scratch;
  if (s.family == Family::unix_domain && !s.unix_name.empty())
    text.append(" ").append(without_controls(s.unix_name, scratch));
  if (s.inode != 0) text += fmt::format(" ino:{}", s.inode);
  return text;
}

}  // namespace duostat

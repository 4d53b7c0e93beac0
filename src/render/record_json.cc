// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/record_json.h"

#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "src/render/record_parts.h"

namespace duostat {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

/// Counter names are the kernel's and ASCII; other bytes of a file are replaced.
void put_name(Json& json, const std::string& name) {
  std::string ascii = name;
  for (char& c : ascii)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  json.key(ascii);
}

void put_counters(Json& json, const CounterSection& section, bool differences) {
  put_name(json, section.name);
  json.begin_object();
  for (const Counter& c : section.counters) {
    if (!c.known) continue;
    put_name(json, c.name);
    if (differences || c.name == kSignedCounter) json.value(static_cast<std::int64_t>(c.value));
    else json.value(c.value);
  }
  json.end_object();
}

}  // namespace

void put_members(Json& json, std::span<const Column* const> columns, const Record& record) {
  std::string_view open;  // the nested object that is open
  const auto close = [&] {
    if (!open.empty()) json.end_object();
    open = {};
  };
  for (const Column* column : columns) {
    const std::string_view group = column->group();
    if (group != open) {
      close();
      if (!group.empty()) {
        if (record.value(*column).absent()) continue;  // do not open an object for an absent member
        json.key(group);
        json.begin_object();
        open = group;
      }
    }
    record.put(*column, json);
  }
  close();
}

namespace detail {

void put_whole_record(Json& json, const ColumnSet& set, const Record& record) {
  std::vector<const Column*> columns;
  columns.reserve(set.columns.size());
  for (const Column& column : set.columns) columns.push_back(&column);
  json.begin_object();
  put_members(json, columns, record);
  json.end_object();
}

}  // namespace detail

void put_section(Json& json, const CounterSection& section) { put_counters(json, section, false); }

void put_differences(Json& json, const CounterSection& section, std::int64_t elapsed_ns) {
  json.begin_object();
  json.member("elapsed_ms", elapsed_ns / kMillisecond);
  put_counters(json, section, true);
  json.end_object();
}

namespace {

struct SummaryRow {
  std::string_view protocol;
  int SocketSummary::*in_use;
  int SocketSummary::*in_use6;
};
constexpr SummaryRow kSummaryRows[] = {
    {"tcp", &SocketSummary::tcp_in_use, &SocketSummary::tcp6_in_use},
    {"udp", &SocketSummary::udp_in_use, &SocketSummary::udp6_in_use},
    {"udplite", &SocketSummary::udplite_in_use, &SocketSummary::udplite6_in_use},
    {"raw", &SocketSummary::raw_in_use, &SocketSummary::raw6_in_use},
    {"frag", &SocketSummary::frag_in_use, &SocketSummary::frag6_in_use},
};
static_assert(std::size(kSummaryRows) + 1 == detail::kSummaryRecords);

void put_known(Json& json, std::string_view key, const SocketSummary& s, SocketSummary::Number number) {
  if (s.knows(number)) json.member(key, s.*number);
}

void put_tcp_summary(Json& json, const SocketSummary& s) {
  put_known(json, "orphan", s, &SocketSummary::tcp_orphan);
  put_known(json, "tw", s, &SocketSummary::tcp_time_wait);
  put_known(json, "alloc", s, &SocketSummary::tcp_alloc);
  put_known(json, "mem", s, &SocketSummary::tcp_mem);
  put_known(json, "established", s, &SocketSummary::tcp_established);
}

}  // namespace

bool detail::put_summary_record(Json& json, int number, const SocketSummary& s) {
  const SummaryRow* row = number == 0 ? nullptr : &kSummaryRows[number - 1];
  const bool tcp = row != nullptr && row->protocol == "tcp";
  const bool known = row == nullptr ? s.knows(&SocketSummary::used) : s.knows(row->in_use) || s.knows(row->in_use6);
  if (!known && !(tcp && s.knows(&SocketSummary::tcp_established))) return false;
  json.begin_object();
  json.member("protocol", row == nullptr ? std::string_view("all") : row->protocol);
  if (row == nullptr) {
    put_known(json, "used", s, &SocketSummary::used);
  } else {
    put_known(json, "inuse", s, row->in_use);
    put_known(json, "inuse6", s, row->in_use6);
  }
  if (tcp) put_tcp_summary(json, s);
  json.end_object();
  return true;
}

}  // namespace duostat

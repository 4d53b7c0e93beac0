// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/column.h"

#include <algorithm>
#include <vector>

#include "src/base/nearest.h"

namespace duostat {
namespace {

/// '-' has already been replaced by '_'.
constexpr ColumnAlias kAliases[] = {
    {"peer_process", "peer_process.comm"},
    {"proc", "process"},         {"comm", "process"},           {"program", "process"},  {"peer", "peer_address"},
    {"dst", "peer_address"},     {"remote", "peer_address"},    {"dport", "peer_port"},  {"local", "local_address"},
    {"src", "local_address"},    {"sport", "local_port"},       {"recv_q", "rqueue"},    {"send_q", "wqueue"},
    {"recvq", "rqueue"},         {"sendq", "wqueue"},           {"backlog", "max_ack_backlog"}, {"ino", "inode"},
    {"dev", "interface"},        {"cwnd", "tcp_info.snd_cwnd"}, {"ssthresh", "tcp_info.snd_ssthresh"},
    {"mss", "tcp_info.snd_mss"}, {"minrtt", "tcp_info.min_rtt_us"}, {"path", "name"},
    {"lastsnd", "tcp_info.last_data_sent_ms"}, {"lastrcv", "tcp_info.last_data_recv_ms"},
    {"lastack", "tcp_info.last_ack_recv_ms"},  {"busy", "tcp_info.busy_time_us"}, {"proto", "protocol"},
    {"netid", "protocol"},       {"fwmark", "mark"},            {"cong", "congestion"},
};

struct Suffix {
  std::string_view text;
  Unit unit;
};
constexpr Suffix kSuffixes[] = {
    {"_ms", Unit::milliseconds}, {"_us", Unit::microseconds}, {"_bps", Unit::bits_per_second}};

std::string_view without_unit(std::string_view id) {
  for (const Suffix& s : kSuffixes)
    if (id.ends_with(s.text)) return id.substr(0, id.size() - s.text.size());
  return id;
}

/// All parts of the table, concatenated. Built once, at the first call.
const std::vector<Column>& all() {
  static const std::vector<Column> kAll = [] {
    std::vector<Column> rows;
    for (const auto part : {transport_columns(), tcp_columns(), family_columns()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return kAll;
}

const Column* match(std::string_view word, const ColumnSet& set) {
  for (const Column& c : set.columns)
    if (c.id == word) return &c;
  for (const ColumnAlias& a : set.aliases)
    if (a.word == word) return match(a.id, set);
  const std::string_view stem = without_unit(word);
  const Unit unit = named_unit(word);
  for (const ColumnAlias& a : set.aliases)  // an alias with a unit: "minrtt_ms"
    if (unit != Unit::none && a.word == stem)
      if (const Column* c = match(a.id, set); is_time(unit) && is_time(c->unit)) return c;
  for (const Column& c : set.columns) {
    if (c.key() == word) return &c;
    const bool fits = unit == Unit::none || unit == c.unit || (is_time(unit) && is_time(c.unit));
    if (fits && c.unit != Unit::none && (without_unit(c.id) == stem || without_unit(c.key()) == stem)) return &c;
  }
  return nullptr;
}

}  // namespace

std::string column_word(std::string_view word) {
  std::string text(word);
  std::ranges::replace(text, '-', '_');
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// An aggregate may follow the unit.
Unit named_unit(std::string_view word) {
  constexpr std::string_view kAggregates[] = {"_sum", "_max", "_min", "_avg"};
  for (const std::string_view aggregate : kAggregates)
    if (word.ends_with(aggregate)) word.remove_suffix(aggregate.size());
  for (const Suffix& s : kSuffixes)
    if (word.ends_with(s.text)) return s.unit;
  return Unit::none;
}

const ColumnSet& socket_columns() {
  static const ColumnSet kSet{all(), kAliases};
  return kSet;
}

bool is_address(const Column& column) { return column.ip || column.id.ends_with("_address"); }

ColumnName find_column(std::string_view word, const ColumnSet& set) {
  const std::string text = column_word(word);
  const Column* column = match(text, set);
  if (column == nullptr) return {};
  const Unit named = named_unit(text);
  if (named != Unit::none) return {column, named};
  return {column, is_time(column->unit) ? Unit::milliseconds : column->unit};
}

std::span<const Column> find_group(std::string_view word, const ColumnSet& set) {
  const std::string text = column_word(word);
  const auto in_it = [&](const Column& c) { return c.group() == text; };
  const auto first = std::ranges::find_if(set.columns, in_it);
  const auto last = std::find_if_not(first, set.columns.end(), in_it);
  return {first, last};
}

std::string not_a_column(std::string_view word, const ColumnSet& set) {
  std::vector<std::string_view> words;
  for (const Column& c : set.columns) words.insert(words.end(), {c.id, c.key(), without_unit(c.key()), c.group()});
  for (const ColumnAlias& a : set.aliases) words.push_back(a.word);
  std::string text = "\"" + std::string(word) + "\" is not a column";
  if (const std::string meant = did_you_mean(word, words); !meant.empty()) return text + meant;
  constexpr std::size_t kFew = 12;
  if (set.columns.size() > kFew) return text + "; --columns=help lists them";
  for (const Column& c : set.columns) text.append(&c == set.columns.data() ? "; these are: " : ", ").append(c.id);
  return text;
}

namespace {

template <class Key>
void put(Json& json, const Key& key, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::unsigned_number: return json.member(key, value.number());
    case Value::Kind::signed_number: return json.member(key, value.signed_number());
    case Value::Kind::real: {
      char digits[kNumberTextMax];
      return json.number(key, {digits, static_cast<std::size_t>(format_number(digits, value) - digits)});
    }
    case Value::Kind::boolean: return json.member(key, value.number() != 0);
    case Value::Kind::text: return json.text(key, value.text());
    case Value::Kind::absent: return;
  }
}

}  // namespace

void put_value(Json& json, std::string_view key, const Value& value) { put(json, key, value); }

Members::Members(std::span<const Column* const> columns) {
  for (const Column* column : columns) {
    const std::string_view group = column->group();
    if (!group.empty() && (groups_.empty() || groups_.back().name() != group)) groups_.emplace_back(group);
    members_.push_back({column, group.empty() ? kNoGroup : groups_.size() - 1, JsonKey(column->key())});
  }
}

void Members::put(Json& json, ColumnContext& context, const Socket& socket) const {
  std::size_t open = kNoGroup;
  for (const Member& member : members_) {
    const Column& column = *member.column;
    if (!column.protocols.empty() && !column.protocols.has(socket.protocol)) continue;
    if (member.group != open && open != kNoGroup) {
      json.end_object();
      open = kNoGroup;
    }
    if (column.json != nullptr) {
      column.json(context, socket, member.key.name(), json);
      continue;
    }
    const Value value = column.value(context, socket);
    if (value.absent()) continue;
    if (member.group != open) {
      json.key(groups_[member.group]);
      json.begin_object();
      open = member.group;
    }
    duostat::put(json, member.key, value);
  }
  if (open != kNoGroup) json.end_object();
}

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/group.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/error.h"
#include "src/insight/address_text.h"
#include "src/render/address.h"

namespace duostat {
namespace {

constexpr int kUsageStatus = 2;

/// Words of --sum that stand for several columns.
struct SumWord {
  std::string_view word;
  std::string_view ids[2];
};
constexpr SumWord kSumWords[] = {{"queues", {"rqueue", "wqueue"}},
                                 {"bytes", {"tcp_info.bytes_sent", "tcp_info.bytes_received"}},
                                 {"retransmits", {"tcp_info.total_retrans", ""}}};

std::optional<int> prefix_length(std::string_view word, int most) {
  int bits = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bits);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole && bits >= 0 && bits <= most ? std::optional(bits) : std::nullopt;
}

/// For messages: the columns that are addresses, by the shortest word for each.
std::vector<std::string_view> addresses_of(const ColumnSet& set) {
  std::vector<std::string_view> words;
  for (const Column& c : set.columns) {
    if (!is_address(c)) continue;
    const auto alias = std::ranges::find(set.aliases, c.id, &ColumnAlias::id);
    words.push_back(alias == set.aliases.end() ? c.id : alias->word);
  }
  return words;
}
std::string first_address(const ColumnSet& set) {
  const auto words = addresses_of(set);
  return words.empty() ? std::string("an address") : std::string(words.front());
}
std::string address_words(const ColumnSet& set) {
  std::string text;
  for (const std::string_view word : addresses_of(set)) text.append(text.empty() ? "" : " or ").append(word);
  return text.empty() ? "an address" : text;
}

/// One length is meant for both families; beyond 32 it can only be meant for IPv6.
GroupKey network_key(std::string_view word, const ColumnSet& set) {
  const auto slash = word.find('/');
  GroupKey key;
  key.column = require_column("--by", word.substr(0, slash), set).column;
  std::string_view lengths = word.substr(slash + 1);
  const auto second = lengths.find('/');
  const auto inet = prefix_length(lengths.substr(0, second), second == std::string_view::npos ? 128 : 32);
  const auto inet6 = second == std::string_view::npos ? inet : prefix_length(lengths.substr(second + 1), 128);
  if (!is_address(*key.column) || !inet || !inet6) {
    const std::string example = is_address(*key.column) ? std::string(word.substr(0, slash)) : first_address(set);
    throw UsageError("--by: \"" + std::string(word) + "\" is not " + address_words(set) + " with a prefix length, as in " + example +
                         "/24 or " + example + "/24/64",
                     kUsageStatus);
  }
  key.inet_bits = std::min(*inet, 32);
  key.inet6_bits = *inet6;
  constexpr std::string_view kAddress = "_address";
  key.name = key.column->key();
  if (key.name.ends_with(kAddress)) key.name.resize(key.name.size() - kAddress.size());
  key.name += "_network";
  return key;
}

/// Addresses are counted for what they stand for: v4-mapped ones as IPv4. `buffer` takes the text of a network.
Value key_of(const GroupKey& key, const Value& value, std::string& buffer) {
  if (!value.is_text() || !is_address(*key.column)) return value;
  const auto parsed = ip_address(value.text());
  if (!parsed) return value;
  IpAddress address = plain(*parsed);
  const int bits = address.family == Family::inet ? key.inet_bits : key.inet6_bits;
  if (bits >= 0) address = network(address, bits);
  char text[kAddressTextMax];
  buffer.assign(text, format_address(text, address.family, address.address));
  if (bits >= 0) buffer.append("/").append(std::to_string(bits));
  return Value::text_of(buffer);
}

Value sum_of(const Value& a, const Value& b) {
  if (a.absent()) return b;
  if (!b.is_number()) return a;
  if (a.kind() == Value::Kind::unsigned_number && b.kind() == Value::Kind::unsigned_number)
    return Value::of(a.number() + b.number());
  return Value::real_of(a.as_real() + b.as_real());
}

}  // namespace

std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set) {
  std::vector<GroupKey> keys;
  for (const std::string_view word : split_list("--by", list)) {
    if (word.find('/') != std::string_view::npos) {
      keys.push_back(network_key(word, set));
      continue;
    }
    GroupKey key;
    key.column = require_column("--by", word, set).column;
    key.name = key.column->key();
    keys.push_back(std::move(key));
  }
  for (GroupKey& key : keys) {
    const auto same = [&](const GroupKey& other) { return other.name == key.name; };
    if (key.column->group().empty() || std::ranges::count_if(keys, same) == 1) continue;
    key.name = key.column->id;  // "peer_process.pid,pid"
    std::ranges::replace(key.name, '.', '_');
  }
  return keys;
}

std::vector<const Column*> parse_sum(std::string_view list, const ColumnSet& set) {
  std::vector<const Column*> columns;
  for (const std::string_view word : split_list("--sum", list)) {
    const auto* several = std::ranges::find(kSumWords, word, &SumWord::word);
    if (several != std::end(kSumWords) && &set == &socket_columns()) {
      for (const std::string_view id : several->ids)
        if (!id.empty()) columns.push_back(find_column(id).column);
      continue;
    }
    const Column* column = require_column("--sum", word, set).column;
    if (column->unit == Unit::text)
      throw UsageError("--sum: \"" + std::string(word) + "\" is text, not a number", kUsageStatus);
    columns.push_back(column);
  }
  return columns;
}

void Groups::add(ColumnContext& context, const Socket& socket) {
  add([&](const Column& column) {
    const bool can = column.protocols.empty() || column.protocols.has(socket.protocol);
    return can ? column.value(context, socket) : Value{};
  });
}

void Groups::add(FunctionRef<Value(const Column&)> value_of) {
  identity_.clear();
  std::string buffer;
  std::vector<KeptValue> keys;
  keys.reserve(keys_.size());
  for (const GroupKey& key : keys_) {
    const Value value = key_of(key, value_of(*key.column), buffer);
    char digits[kNumberTextMax];
    const std::string_view text =
        value.is_text() ? value.text() : std::string_view(digits, static_cast<std::size_t>(format_number(digits, value) - digits));
    identity_.append(std::to_string(text.size())).append(value.absent() ? "-" : ":").append(text);
    keys.emplace_back(value);
  }
  auto at = rows_.find(std::string_view(identity_));
  if (at == rows_.end()) {
    at = rows_.emplace(identity_, Row{std::move(keys), 0, {}}).first;
    at->second.sums.resize(sums_.size());
  }
  Row& row = at->second;
  ++row.count;
  for (std::size_t i = 0; i < sums_.size(); ++i) row.sums[i] = sum_of(row.sums[i], value_of(*sums_[i]));
}

std::vector<const Groups::Row*> Groups::largest(std::size_t top) const {
  std::vector<const Row*> rows;
  for (const auto& [identity, row] : rows_) rows.push_back(&row);
  std::ranges::sort(rows, [](const Row* a, const Row* b) {
    if (a->count != b->count) return a->count > b->count;
    for (std::size_t i = 0; i < a->keys.size(); ++i)
      if (const auto order = compare(a->keys[i].get(), b->keys[i].get()); order != 0) return order < 0;
    return false;
  });
  if (rows.size() > top) rows.resize(top);
  return rows;
}

}  // namespace duostat

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

/// Words of --sum that name several columns.
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

/// For messages: the address columns, by the shortest word for each.
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

/// A single length applies to both families; above 32 it can only be for IPv6.
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
    throw UsageError("--by: \"" + std::string(word) + "\" is not " + address_words(set) +
                         " with a prefix length, as in " + example + "/24 or " + example + "/24/64",
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

/// v4-mapped addresses count as IPv4. `buffer` receives the text of a network.
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

/// Magnitude and sign of an integer. Booleans are 0 and 1.
struct Whole {
  bool negative = false;
  std::uint64_t magnitude = 0;

  static Whole of(const Value& v) {
    if (v.kind() != Value::Kind::signed_number || v.signed_number() >= 0) return {false, v.absent() ? 0 : v.number()};
    return {true, -static_cast<std::uint64_t>(v.signed_number())};
  }
};

/// A real number if the sum needs more than 64 bits.
Value sum_of_wholes(const Whole& a, const Whole& b) {
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 63;
  Whole sum{a.negative, 0};
  if (a.negative != b.negative) {
    const bool first = a.magnitude >= b.magnitude;
    sum = {first ? a.negative : b.negative, first ? a.magnitude - b.magnitude : b.magnitude - a.magnitude};
  } else if (__builtin_add_overflow(a.magnitude, b.magnitude, &sum.magnitude) ||
             (sum.negative && sum.magnitude > kLeast)) {
    const double real = static_cast<double>(a.magnitude) + static_cast<double>(b.magnitude);
    return Value::real_of(sum.negative ? -real : real);
  }
  if (!sum.negative || sum.magnitude == 0) return Value::of(sum.magnitude);
  return sum.magnitude > kLeast ? Value::real_of(-static_cast<double>(sum.magnitude))
                                : Value::signed_of(static_cast<std::int64_t>(-sum.magnitude));
}

/// Integers add up to an integer if the sum fits in 64 bits.
Value sum_of(const Value& a, const Value& b) {
  if (!b.is_number()) return a;
  const bool real = a.kind() == Value::Kind::real || b.kind() == Value::Kind::real;
  return real ? Value::real_of((a.absent() ? 0 : a.as_real()) + b.as_real())
              : sum_of_wholes(Whole::of(a), Whole::of(b));
}

/// An id with its dots replaced, as a name.
std::string flat(std::string_view id) {
  std::string name(id);
  std::ranges::replace(name, '.', '_');
  return name;
}

bool is_network(const GroupKey& key) { return key.inet_bits >= 0; }
bool is_same(const GroupKey& a, const GroupKey& b) {
  return a.column == b.column && a.inet_bits == b.inet_bits && a.inet6_bits == b.inet6_bits;
}

/// "_16", "_24_64": the lengths as typed.
std::string lengths_of(const GroupKey& key) {
  const bool one = key.inet_bits == std::min(key.inet6_bits, 32);
  return (one ? "" : "_" + std::to_string(key.inet_bits)) + "_" + std::to_string(key.inet6_bits);
}

GroupKey column_key(std::string_view word, const ColumnSet& set) {
  GroupKey key;
  key.column = require_column("--by", word, set).column;
  key.name = key.column->key();
  return key;
}

/// Columns that share the last part of their ids are named by the whole id. The second and later networks of one
/// address are named with their lengths.
void name_apart(std::vector<GroupKey>& keys) {
  const std::vector<GroupKey> before = keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto same = [&](const GroupKey& other) { return other.name == before[i].name; };
    const auto earlier = std::ranges::count_if(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(i), same);
    if (is_network(keys[i])) keys[i].name += earlier != 0 ? lengths_of(keys[i]) : "";
    else if (std::ranges::count_if(before, same) != 1) keys[i].name = flat(keys[i].column->id);
  }
}

}  // namespace

Groups::Groups(std::vector<GroupKey> keys, std::vector<const Column*> sums)
    : keys_(std::move(keys)), sums_(std::move(sums)) {
  const auto key_of_column = [](const Column* c) { return c->key(); };
  for (const Column* c : sums_) {
    const bool shared = std::ranges::count(sums_, c->key(), key_of_column) != 1;
    sum_names_.push_back(shared ? flat(c->id) : std::string(c->key()));
  }
}

std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set) {
  std::vector<GroupKey> keys;
  for (const std::string_view word : split_list("--by", list)) {
    GroupKey key = word.find('/') != std::string_view::npos ? network_key(word, set) : column_key(word, set);
    if (std::ranges::any_of(keys, [&](const GroupKey& other) { return is_same(key, other); }))
      refuse_twice("--by", word);
    keys.push_back(std::move(key));
  }
  name_apart(keys);
  return keys;
}

std::vector<const Column*> parse_sum(std::string_view list, const ColumnSet& set) {
  std::vector<const Column*> columns;
  std::string_view word;
  const auto add = [&](const Column* column) {
    if (std::ranges::find(columns, column) != columns.end()) refuse_twice("--sum", word);
    columns.push_back(column);
  };
  for (const std::string_view each : split_list("--sum", list)) {
    word = each;
    const auto* several = std::ranges::find(kSumWords, word, &SumWord::word);
    if (several != std::end(kSumWords) && &set == &socket_columns()) {
      for (const std::string_view id : several->ids)
        if (!id.empty()) add(find_column(id).column);
      continue;
    }
    const Column* column = require_column("--sum", word, set).column;
    if (column->unit == Unit::text)
      throw UsageError("--sum: \"" + std::string(word) + "\" is text, not a number", kUsageStatus);
    add(column);
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
  for (const GroupKey& key : keys_) {
    const Value value = key_of(key, value_of(*key.column), buffer_);
    char digits[kNumberTextMax];
    const std::string_view text =
        value.is_text() ? value.text()
                        : std::string_view(digits, static_cast<std::size_t>(format_number(digits, value) - digits));
    identity_.append(std::to_string(text.size())).append(value.absent() ? "-" : ":").append(text);
  }
  auto at = rows_.find(std::string_view(identity_));
  if (at == rows_.end()) {
    at = rows_.emplace(identity_, Row{}).first;
    at->second.sums.resize(sums_.size());
    for (const GroupKey& key : keys_) at->second.keys.emplace_back(key_of(key, value_of(*key.column), buffer_));
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

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
  std::string_view ids[3];
};
constexpr SumWord kSumWords[] = {{"queues", {"rqueue", "wqueue", "accept_queue"}},
                                 {"bytes", {"tcp_info.bytes_sent", "tcp_info.bytes_received", ""}},
                                 {"retransmits", {"tcp_info.total_retrans", "", ""}}};

struct AggregateWord {
  std::string_view word;    ///< "max:rtt"
  std::string_view suffix;  ///< of the name
  Aggregate aggregate;
};
constexpr AggregateWord kAggregates[] = {{"sum", "_sum", Aggregate::sum},
                                         {"max", "_max", Aggregate::max},
                                         {"min", "_min", Aggregate::min},
                                         {"avg", "_avg", Aggregate::average}};

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
  key.only_inet6 = *inet > 32;
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

Value combined(Aggregate aggregate, const Value& a, const Value& b) {
  if (aggregate == Aggregate::sum || aggregate == Aggregate::average) return sum_of(a, b);
  if (!b.is_number()) return a;
  if (a.absent()) return b;
  return (compare(b, a) > 0) == (aggregate == Aggregate::max) ? b : a;
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

std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set) {
  std::vector<GroupKey> keys;
  for (const std::string_view word : split_list("--by", list)) {
    GroupKey key = word.find('/') != std::string_view::npos ? network_key(word, set) : column_key(word, set);
    if (std::ranges::any_of(keys, [&](const GroupKey& other) { return is_same(key, other); }))
      refuse_twice("--by", word);
    key.typed = word;
    keys.push_back(std::move(key));
  }
  name_apart(keys);
  return keys;
}

namespace {

/// Splits "max:rtt". A word without a colon is a sum.
Aggregate take_aggregate(std::string_view& word) {
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) return Aggregate::sum;
  const std::string_view typed = word.substr(0, colon);
  const auto* row = std::ranges::find(kAggregates, typed, &AggregateWord::word);
  if (row == std::end(kAggregates))
    throw UsageError("--sum: \"" + std::string(typed) + ":\" is unknown; use max:, min: or avg:", kUsageStatus);
  word.remove_prefix(colon + 1);
  return row->aggregate;
}

std::string_view suffix_of(Aggregate aggregate) {
  return std::ranges::find(kAggregates, aggregate, &AggregateWord::aggregate)->suffix;
}

/// Names are unique among the sums and the keys.
void name_sums(std::vector<SumColumn>& sums, const std::vector<GroupKey>& keys) {
  const auto is_key = [&](std::string_view name) {
    return std::ranges::any_of(keys, [&](const GroupKey& key) { return key.name == name; });
  };
  for (SumColumn& sum : sums) {
    const std::string suffix(suffix_of(sum.aggregate));
    const bool shared = std::ranges::any_of(sums, [&](const SumColumn& other) {
      return other.column != sum.column && other.column->key() == sum.column->key();
    });
    const std::string key = shared ? flat(sum.column->id) : std::string(sum.column->key());
    sum.name = is_key(key + suffix) ? flat(sum.column->id) + suffix : key + suffix;
    sum.title = sum.aggregate == Aggregate::sum && !is_key(key) ? key : sum.name;
  }
  for (SumColumn& sum : sums) {
    const auto same = [&](const SumColumn& other) { return &other != &sum && other.name == sum.title; };
    if (std::ranges::any_of(sums, same)) sum.title = sum.name;  // subflows_max is a column, and max:subflows a maximum
  }
}

}  // namespace

std::vector<SumColumn> parse_sum(std::string_view list, const ColumnSet& set, const std::vector<GroupKey>& keys) {
  std::vector<SumColumn> sums;
  for (const std::string_view each : split_list("--sum", list)) {
    std::string_view word = each;
    const Aggregate aggregate = take_aggregate(word);
    const auto add = [&](const Column* column, std::string_view typed) {
      const auto same = [&](const SumColumn& s) { return s.column == column && s.aggregate == aggregate; };
      if (std::ranges::any_of(sums, same)) refuse_twice("--sum", each);
      sums.push_back({column, aggregate, std::string(typed), {}, {}});
    };
    const auto* several = std::ranges::find(kSumWords, word, &SumWord::word);
    if (several != std::end(kSumWords) && &set == &socket_columns()) {
      for (const std::string_view id : several->ids)
        if (!id.empty()) add(find_column(id).column, id);
      continue;
    }
    const Column* column = require_column("--sum", word, set).column;
    if (column->unit == Unit::text)
      throw UsageError("--sum: \"" + std::string(word) + "\" is text, not a number", kUsageStatus);
    add(column, each);
  }
  name_sums(sums, keys);
  return sums;
}

Value GroupRow::sum(const SumColumn& column, std::size_t number) const {
  if (column.aggregate != Aggregate::average || measured[number] == 0) return sums[number];
  return Value::real_of(sums[number].as_real() / static_cast<double>(measured[number]));
}

// ---- groups as rows with columns ----

GroupColumns::GroupColumns(const std::vector<GroupKey>& keys, const std::vector<SumColumn>& sums, const ColumnSet& set)
    : sums_(sums) {
  columns_.push_back({"count", "rows of the group", Unit::none, 0, {}, {}, nullptr});
  for (const SumColumn& sum : sums_) add_sum(sum);
  for (const GroupKey& key : keys) add_key(key, set);
  set_ = {columns_, aliases_};
}

void GroupColumns::add_alias(std::string_view word, std::string_view id) {
  const std::string_view text = keep(column_word(word));
  if (text != id && std::ranges::find(aliases_, text, &ColumnAlias::word) == aliases_.end())
    aliases_.push_back({text, id});
}

void GroupColumns::add_sum(const SumColumn& sum) {
  const std::string_view id = keep(sum.name);
  columns_.push_back({id, sum.column->help, sum.column->unit, 0, {}, {}, nullptr});
  add_alias(sum.title, id);
  add_alias(sum.typed, id);
}

void GroupColumns::add_key(const GroupKey& key, const ColumnSet& set) {
  Column column = *key.column;
  column.id = keep(key.name);
  column.ip = is_address(*key.column) && !is_network(key);
  columns_.push_back(column);
  add_alias(key.typed, column.id);
  if (is_network(key)) return;
  add_alias(key.column->id, column.id);
  for (const ColumnAlias& alias : set.aliases)
    if (alias.id == key.column->id) add_alias(alias.word, column.id);
}

Value GroupColumns::value(const GroupRow& row, const Column& column) const {
  auto number = static_cast<std::size_t>(&column - columns_.data());
  if (number == 0) return Value::of(row.count);
  if (--number < sums_.size()) return row.sum(sums_[number], number);
  return row.keys[number - sums_.size()].get();
}

const SumColumn* GroupColumns::sum_of(const Column& column) const {
  const auto number = static_cast<std::size_t>(&column - columns_.data());
  return number != 0 && number <= sums_.size() ? &sums_[number - 1] : nullptr;
}

// ---- the groups ----

Groups::Groups(std::vector<GroupKey> keys, std::vector<SumColumn> sums)
    : keys_(std::move(keys)), sums_(std::move(sums)) {}

/// The group of a socket, after its values were added to the sums.
Groups::Row& Groups::row_of(ColumnContext& context, const Socket& socket) {
  const auto value_of = [&](const Column& column) {
    const bool can = column.protocols.empty() || column.protocols.has(socket.protocol);
    return can ? column.value(context, socket) : Value{};
  };
  const bool listens = socket.state == State::listen;
  const auto summand_of = [&](const Column& column) {
    return listens && column.of_connections ? Value{} : value_of(column);
  };
  return row_of(value_of, summand_of);
}

Groups::Row& Groups::row_of(FunctionRef<Value(const Column&)> value_of,
                            FunctionRef<Value(const Column&)> summand_of) {
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
    at->second.measured.resize(sums_.size());
    for (const GroupKey& key : keys_) at->second.keys.emplace_back(key_of(key, value_of(*key.column), buffer_));
  }
  Row& row = at->second;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const Value summand = summand_of(*sums_[i].column);
    row.sums[i] = combined(sums_[i].aggregate, row.sums[i], summand);
    row.measured[i] += summand.is_number() ? 1 : 0;
  }
  return row;
}

bool Groups::before(const Row& a, const Row& b) const {
  if (!sums_.empty()) {
    const Value x = a.sum(sums_[0], 0), y = b.sum(sums_[0], 0);
    if (const auto order = compare(x, y); order != 0) return x.absent() || y.absent() ? order < 0 : order > 0;
  }
  if (a.count != b.count) return a.count > b.count;
  for (std::size_t i = 0; i < a.keys.size(); ++i)
    if (const auto order = compare(a.keys[i].get(), b.keys[i].get()); order != 0) return order < 0;
  return false;
}

std::vector<const Groups::Row*> Groups::chosen(const GroupChoice& choice) const {
  std::vector<const Row*> rows;
  for (const auto& entry : rows_) {
    const Row& row = entry.second;  // clang 14 captures no structured binding
    const auto value_of = [&](const Column& column) { return choice.columns->value(row, column); };
    if (choice.having == nullptr || choice.having->matches(value_of)) rows.push_back(&row);
  }
  std::ranges::sort(rows, [&](const Row* a, const Row* b) {
    if (choice.order != nullptr)
      for (const SortKey& key : *choice.order) {
        const Value x = choice.columns->value(*a, *key.column), y = choice.columns->value(*b, *key.column);
        if (const auto order = compare_values(key, x, y); order != 0) return order < 0;
      }
    return before(*a, *b);
  });
  if (rows.size() > choice.top) rows.resize(choice.top);
  return rows;
}

}  // namespace duostat

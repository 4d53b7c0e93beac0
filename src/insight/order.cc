// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/order.h"

#include <algorithm>
#include <charconv>

#include "src/base/error.h"

namespace duostat {
namespace {

std::string quoted(std::string_view option, std::string_view word, std::string_view what) {
  return std::string(option).append(": \"").append(word).append("\" ").append(what);
}

}  // namespace

std::vector<std::string_view> split_list(std::string_view option, std::string_view list) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto comma = list.find(',');
    words.push_back(list.substr(0, comma));
    if (words.back().empty()) throw UsageError(std::string(option) + ": empty item in the list", kUsageStatus);
    if (comma == std::string_view::npos) return words;
    list.remove_prefix(comma + 1);
  }
}

ColumnName require_column(std::string_view option, std::string_view word, const ColumnSet& set) {
  const ColumnName name = find_column(word, set);
  if (name.column == nullptr)
    throw UsageError(std::string(option).append(": ").append(not_a_column(word, set)), kUsageStatus);
  return name;
}

void refuse_twice(std::string_view option, std::string_view word) {
  throw UsageError(quoted(option, word, "is given twice"), kUsageStatus);
}

std::size_t parse_count(std::string_view option, std::string_view word) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number == 0)
    throw UsageError(std::string(option) + ": must be 1 or more, not \"" + std::string(word) + "\"", kUsageStatus);
  return number;
}

std::vector<SortKey> parse_sort(std::string_view list, const ColumnSet& set) {
  std::vector<SortKey> keys;
  for (std::string_view word : split_list("--sort", list)) {
    SortKey key;
    key.descending = word.starts_with('-');
    if (key.descending) word.remove_prefix(1);
    key.column = require_column("--sort", word, set).column;
    if (std::ranges::find(keys, key.column, &SortKey::column) != keys.end()) refuse_twice("--sort", word);
    keys.push_back(key);
  }
  return keys;
}

std::weak_ordering compare_values(const SortKey& key, const Value& a, const Value& b) {
  const auto order = compare(a, b);
  return key.descending && !a.absent() && !b.absent() ? 0 <=> order : order;
}

std::weak_ordering compare_keys(const std::vector<SortKey>& keys, const std::vector<KeptValue>& a,
                                const std::vector<KeptValue>& b) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const auto order = compare_values(keys[i], a[i].get(), b[i].get()); order != 0) return order;
  }
  return std::weak_ordering::equivalent;
}

bool Ordered::before(const Row& a, const Row& b) const {
  const auto order = compare_keys(keys_, a.keys, b.keys);
  return order != 0 ? order < 0 : a.number < b.number;
}

void Ordered::add(ColumnContext& context, const Socket& socket, std::uint32_t tag) {
  constexpr std::size_t kSlack = 1024;
  Row row{{}, std::make_unique<StoredSocket>(socket), count_++, tag};
  for (const SortKey& key : keys_) {
    const bool can = key.column->protocols.empty() || key.column->protocols.has(socket.protocol);
    row.keys.emplace_back(can ? key.column->value(context, socket) : Value{});
  }
  rows_.push_back(std::move(row));
  if (top_ < kAll / 4 && rows_.size() >= 2 * top_ + kSlack) prune();
}

void Ordered::prune() {
  const auto middle = rows_.begin() + static_cast<std::ptrdiff_t>(std::min(top_, rows_.size()));
  std::nth_element(rows_.begin(), middle, rows_.end(), [&](const Row& a, const Row& b) { return before(a, b); });
  rows_.erase(middle, rows_.end());
}

void Ordered::each(FunctionRef<void(const Socket&, std::uint32_t tag)> take) {
  std::ranges::sort(rows_, [&](const Row& a, const Row& b) { return before(a, b); });
  const std::size_t shown = std::min(top_, rows_.size());
  for (std::size_t i = 0; i < shown; ++i) take(rows_[i].socket->socket(), rows_[i].tag);
  rows_.clear();
}

}  // namespace duostat

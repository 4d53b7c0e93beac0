// --sort and --top: keeps sockets until all are known, then hands them out in order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/insight/stored_socket.h"
#include "src/render/column.h"

namespace duostat {

struct SortKey {
  const Column* column = nullptr;
  bool descending = false;
};

/// "KEY,-KEY": '-' for descending. Throws UsageError with status 2.
std::vector<SortKey> parse_sort(std::string_view list, const ColumnSet& set = socket_columns());
/// Splits a comma-separated list. Throws UsageError with status 2 if one is empty.
std::vector<std::string_view> split_list(std::string_view option, std::string_view list);
/// Finds a column by name. Throws UsageError with status 2 that suggests the nearest name.
ColumnName require_column(std::string_view option, std::string_view word, const ColumnSet& set = socket_columns());
/// Throws UsageError with status 2 about a duplicate in a list.
[[noreturn]] void refuse_twice(std::string_view option, std::string_view word);
/// Parses a number of at least 1. Throws UsageError with status 2.
std::size_t parse_count(std::string_view option, std::string_view word);

/// A value that owns its text.
struct KeptValue {
  explicit KeptValue(const Value& v) : text(v.text()), value(v) {}
  Value get() const { return value.is_text() ? Value::text_of(text) : value; }

 private:
  std::string text;
  Value value;
};

/// Compares two values of a key. Absent values come last in either direction.
std::weak_ordering compare_values(const SortKey& key, const Value& a, const Value& b);
/// Compares two rows by their values of `keys`. Absent values come last in either direction.
std::weak_ordering compare_keys(const std::vector<SortKey>& keys, const std::vector<KeptValue>& a,
                                const std::vector<KeptValue>& b);

/// Keeps all sockets, or with `top` the first of the order and about as many more.
class Ordered {
 public:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  explicit Ordered(std::vector<SortKey> keys, std::size_t top = kAll) : keys_(std::move(keys)), top_(top) {}

  /// `tag` is returned with the socket.
  void add(ColumnContext& context, const Socket& socket, std::uint32_t tag);
  /// Hands out and forgets the sockets, in order; equal ones in the order of arrival.
  void each(FunctionRef<void(const Socket&, std::uint32_t tag)> take);

 private:
  struct Row {
    std::vector<KeptValue> keys;
    std::unique_ptr<StoredSocket> socket;
    std::uint64_t number;
    std::uint32_t tag;
  };
  bool before(const Row& a, const Row& b) const;
  void prune();

  std::vector<SortKey> keys_;
  std::size_t top_;
  std::uint64_t count_ = 0;
  std::vector<Row> rows_;
};

}  // namespace duostat

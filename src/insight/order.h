// --sort and --top: sockets kept until all are known, then handed out in order.
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
/// The words of a comma separated list. Throws UsageError with status 2 if one is empty.
std::vector<std::string_view> split_list(std::string_view option, std::string_view list);
/// A column by its name. Throws UsageError with status 2 that names the nearest one.
ColumnName require_column(std::string_view option, std::string_view word, const ColumnSet& set = socket_columns());
/// Throws UsageError with status 2 about a word that names the same as another one of the list.
[[noreturn]] void refuse_twice(std::string_view option, std::string_view word);
/// A number of at least 1. Throws UsageError with status 2.
std::size_t parse_count(std::string_view option, std::string_view word);

/// A value that keeps its own text.
struct KeptValue {
  explicit KeptValue(const Value& v) : text(v.text()), value(v) {}
  Value get() const { return value.is_text() ? Value::text_of(text) : value; }

 private:
  std::string text;
  Value value;
};

/// The order of two rows by their values of `keys`. Absent values come last in either direction.
std::weak_ordering compare_keys(const std::vector<SortKey>& keys, const std::vector<KeptValue>& a,
                                const std::vector<KeptValue>& b);

/// Keeps all sockets, or the first `top` of the order and about as many again.
class Ordered {
 public:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  explicit Ordered(std::vector<SortKey> keys, std::size_t top = kAll) : keys_(std::move(keys)), top_(top) {}

  /// `tag` comes back with the socket.
  void add(ColumnContext& context, const Socket& socket, std::uint32_t tag);
  /// Hands them out in order, equal ones as they came, and forgets them.
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

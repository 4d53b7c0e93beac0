// --by, --sum and --having: counts sockets by the values that they share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/function_ref.h"
#include "src/insight/order.h"
#include "src/insight/where.h"
#include "src/render/column.h"

namespace duostat {

/// A column, or the network of an address column.
struct GroupKey {
  const Column* column = nullptr;
  int inet_bits = -1, inet6_bits = -1;  ///< -1: the value itself
  /// The key in JSON and the title in a table: the column's key, or "peer_network" for a network. If that is not
  /// unique: the id with '_' for '.', and the network with its length ("peer_network_16").
  std::string name;
  std::string typed = {};  ///< "peer/24"
  bool only_inet6 = false;  ///< "peer/64": longer than an IPv4 address, which is then counted whole
};

enum class Aggregate : std::uint8_t { sum, max, min, average };

/// A column of --sum.
struct SumColumn {
  const Column* column = nullptr;
  Aggregate aggregate = Aggregate::sum;
  std::string typed;  ///< "max:rtt"
  /// The key in JSON: the column's key, or if that is not unique the id with '_' for '.', and "_sum", "_max", "_min" or
  /// "_avg".
  std::string name;
  std::string title;  ///< the title in a table: the same, but without "_sum" if that is unique
};

/// "KEY,KEY": columns, and ADDRESS/BITS or ADDRESS/BITS/BITS6 for networks. Throws UsageError with status 2, also for a
/// duplicate; so do the other functions.
std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set = socket_columns());
/// "COLUMN,max:COLUMN": numeric columns, and for sockets the words queues, bytes, retransmits. No sum has the name of a
/// key.
std::vector<SumColumn> parse_sum(std::string_view list, const ColumnSet& set = socket_columns(),
                                 const std::vector<GroupKey>& keys = {});

/// A group: the values of its keys, the number of its rows, and what --sum asks for.
struct GroupRow {
  std::vector<KeptValue> keys;
  std::uint64_t count = 0;
  std::vector<Value> sums;              ///< absent if no row of the group had a number; of an average: the sum
  std::vector<std::uint64_t> measured;  ///< the number of rows behind each

  /// A sum, maximum, minimum or average.
  Value sum(const SumColumn& column, std::size_t number) const;
};

/// The values of a group as columns: "count", then the sums, then the keys. --having, --fail-if and --sort name them.
class GroupColumns {
 public:
  /// `set` has the columns of the rows, whose aliases are aliases of keys too.
  GroupColumns(const std::vector<GroupKey>& keys, const std::vector<SumColumn>& sums, const ColumnSet& set);
  GroupColumns(const GroupColumns&) = delete;
  GroupColumns& operator=(const GroupColumns&) = delete;

  const ColumnSet& set() const { return set_; }
  /// `column` must be in set(). Text is valid as long as the row.
  Value value(const GroupRow& row, const Column& column) const;
  /// Not null: the sum that the column shows.
  const SumColumn* sum_of(const Column& column) const;
  bool is_count(const Column& column) const { return &column == columns_.data(); }

 private:
  void add_sum(const SumColumn& sum);
  void add_key(const GroupKey& key, const ColumnSet& set);
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void add_alias(std::string_view word, std::string_view id);

  std::vector<SumColumn> sums_;
  std::deque<std::string> texts_;  ///< of ids and aliases
  std::vector<Column> columns_;
  std::vector<ColumnAlias> aliases_;
  ColumnSet set_;
};

/// Selects and sorts the groups of a listing.
struct GroupChoice {
  const GroupColumns* columns = nullptr;   ///< of `having` and `order`
  const Where* having = nullptr;           ///< null: all
  const std::vector<SortKey>* order = nullptr;  ///< null or empty: the largest first
  std::size_t top = Ordered::kAll;
};

class Groups {
 public:
  using Row = GroupRow;

  Groups(std::vector<GroupKey> keys, std::vector<SumColumn> sums);

  void add(ColumnContext& context, const Socket& socket) { ++row_of(context, socket).count; }
  /// The same for any row; the function returns its value of a column.
  void add(FunctionRef<Value(const Column&)> value_of) { ++row_of(value_of, value_of).count; }
  /// Adds only the sums of a socket that is no row: of a connection that has ended (--rate).
  void add_sums(ColumnContext& context, const Socket& socket) { row_of(context, socket); }
  /// Calls `visit` with each group, in no order.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [identity, row] : rows_) visit(row);
  }
  std::vector<const Row*> chosen(const GroupChoice& choice) const;
  /// The largest groups first: by the first sum, then by their number of rows, then by their keys; at most `top`.
  std::vector<const Row*> largest(std::size_t top) const { return chosen({.top = top}); }

  const std::vector<GroupKey>& keys() const { return keys_; }
  const std::vector<SumColumn>& sums() const { return sums_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Row& row_of(FunctionRef<Value(const Column&)> value_of, FunctionRef<Value(const Column&)> summand_of);
  Row& row_of(ColumnContext& context, const Socket& socket);
  bool before(const Row& a, const Row& b) const;

  std::vector<GroupKey> keys_;
  std::vector<SumColumn> sums_;
  std::unordered_map<std::string, Row, Hash, std::equal_to<>> rows_;
  std::string identity_, buffer_;  ///< of one add(); kept so that a row of a known group allocates nothing
};

}  // namespace duostat

// --by and --sum: counts sockets by the values that they share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/function_ref.h"
#include "src/insight/order.h"
#include "src/render/column.h"

namespace duostat {

/// A column, or the network of an address column.
struct GroupKey {
  const Column* column = nullptr;
  int inet_bits = -1, inet6_bits = -1;  ///< -1: the value itself
  /// The key in JSON and the title in a table: the column's key, or "peer_network" for a network. If that is not
  /// unique: the id with '_' for '.', and the network with its length ("peer_network_16").
  std::string name;
};

/// "KEY,KEY": columns, and ADDRESS/BITS or ADDRESS/BITS/BITS6 for networks. Throws UsageError with status 2, also for a
/// duplicate; so do the other functions.
std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set = socket_columns());
/// "COLUMN,COLUMN": numeric columns, and for sockets the words queues, bytes, retransmits. Throws UsageError with
/// status 2.
std::vector<const Column*> parse_sum(std::string_view list, const ColumnSet& set = socket_columns());

class Groups {
 public:
  struct Row {
    std::vector<KeptValue> keys;
    std::uint64_t count = 0;
    std::vector<Value> sums;  ///< absent if no socket of the group had a number
  };

  Groups(std::vector<GroupKey> keys, std::vector<const Column*> sums);

  void add(ColumnContext& context, const Socket& socket);
  /// The same for any row; the function returns its value of a column.
  void add(FunctionRef<Value(const Column&)> value_of);
  /// The largest groups first, groups of equal size by their keys; at most `top`.
  std::vector<const Row*> largest(std::size_t top) const;

  const std::vector<GroupKey>& keys() const { return keys_; }
  const std::vector<const Column*>& sums() const { return sums_; }
  /// The names of the sums in a table; JSON appends "_sum". Unique, like the names of keys.
  const std::vector<std::string>& sum_names() const { return sum_names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<GroupKey> keys_;
  std::vector<const Column*> sums_;
  std::vector<std::string> sum_names_;
  std::unordered_map<std::string, Row, Hash, std::equal_to<>> rows_;
  std::string identity_, buffer_;  ///< of one add(); kept so that a row of a known group allocates nothing
};

}  // namespace duostat

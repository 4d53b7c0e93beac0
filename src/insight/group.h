// --by and --sum: sockets counted by what they have in common.
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

/// A column, or the network that an address is in.
struct GroupKey {
  const Column* column = nullptr;
  int inet_bits = -1, inet6_bits = -1;  ///< -1: the value itself
  /// The key in JSON, and the title in a table: the column's key, "peer_network" for a network; where that is another one's name too,
  /// the id with '_' for '.', and the network with its length ("peer_network_16").
  std::string name;
};

/// "KEY,KEY": columns, and ADDRESS/BITS or ADDRESS/BITS/BITS6 for networks. Throws UsageError with status 2, also for one that is
/// there twice; so do the others.
std::vector<GroupKey> parse_by(std::string_view list, const ColumnSet& set = socket_columns());
/// "COLUMN,…" of numbers, and of sockets the words queues, bytes, retransmits. Throws UsageError with status 2.
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
  /// The same of any row: what its value of a column is.
  void add(FunctionRef<Value(const Column&)> value_of);
  /// The largest first; equally large ones by their keys. At most `top`.
  std::vector<const Row*> largest(std::size_t top) const;

  const std::vector<GroupKey>& keys() const { return keys_; }
  const std::vector<const Column*>& sums() const { return sums_; }
  /// What each of the sums is called in a table, and with "_sum" behind it in JSON: unique as the names of keys.
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

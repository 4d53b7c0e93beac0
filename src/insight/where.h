// --where: a filter over the columns of a socket, evaluated in user space. doc/filters.md has the grammar.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/decimal.h"
#include "src/base/function_ref.h"
#include "src/render/column.h"

namespace duostat {

class Where {
 public:
  /// Throws UsageError with status 2 that contains the error, the nearest valid word, the expression and a caret under
  /// the error.
  explicit Where(std::string_view text, const ColumnSet& set = socket_columns());

  bool matches(ColumnContext& context, const Socket& socket) const;
  /// True if other values of the `unknown` columns could change the result of matches().
  bool depends_on(ColumnContext& context, const Socket& socket, FunctionRef<bool(const Column&)> unknown) const {
    return weigh(root_, context, socket, unknown) == Truth::unknown;
  }
  /// The same for any row; the function returns its value of a column.
  bool matches(FunctionRef<Value(const Column&)> value_of) const;
  /// Calls `visit` with the column of each comparison.
  template <class Visit>
  void each_column(Visit&& visit) const {
    for (const Node& node : nodes_)
      if (node.column != nullptr) visit(node.column);
  }
  /// The fields of sockets, and of processes, that the filter needs.
  FieldSet needs() const;
  ProcessFields process() const;

 private:
  friend class WhereParser;
  enum class Kind : std::uint8_t { all_of, any_of, none_of, present, compare };
  enum class Op : std::uint8_t { equal, less, less_equal, greater, greater_equal, contains };

  /// The value that a column is compared with.
  struct Literal {
    std::string text;
    Decimal number;             ///< in the column's unit
    int prefix = -1;            ///< not -1: `address` is a prefix of this many bits
    Family family{};
    Address address{};
    std::string zone;           ///< of an address, parser only: name or number of the interface to be bound to
  };
  struct Node {
    Kind kind{};
    Op op{};
    const Column* column = nullptr;
    std::vector<Literal> literals;  ///< one for a comparison, several for a set
    std::vector<std::uint32_t> parts;
  };

  enum class Truth : std::uint8_t { no, unknown, yes };

  Truth weigh(std::uint32_t node, ColumnContext& context, const Socket& socket,
              FunctionRef<bool(const Column&)> unknown) const;
  /// `leaf` evaluates the comparison of one column.
  template <class Leaf>
  bool test(std::uint32_t node, Leaf&& leaf) const;
  static bool holds_for_socket(const Node& node, ColumnContext& context, const Socket& socket);
  static bool holds(const Node& node, const Value& value);
  static bool holds(const Node& node, const Literal& literal, const Value& value);

  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
};

}  // namespace duostat

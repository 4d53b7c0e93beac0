// --where: a filter over the columns of a socket, evaluated in user space. doc/filters.md has the grammar.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/decimal.h"
#include "src/base/function_ref.h"
#include "src/render/column.h"

namespace duostat {

class Lookup;  // src/names/lookup.h

/// The range of a number: at least `low` and, unless `unbounded`, at most `high`.
struct Bounds {
  Value low{}, high{};
  bool unbounded = false;

  static Bounds exactly(const Value& value) { return {value, value}; }
};

class Where {
 public:
  /// Parser settings of an expression.
  struct Reading {
    std::string_view option = "--where";  ///< in messages
    Lookup* names = nullptr;              ///< finds services and users; null: none has a name
  };
  enum class Truth : std::uint8_t { no, unknown, yes };

  /// Throws UsageError with status 2 that contains the error, the nearest valid word, the expression and a caret under
  /// the error.
  explicit Where(std::string_view text, const ColumnSet& set = socket_columns()) : Where(text, set, Reading()) {}
  Where(std::string_view text, const ColumnSet& set, Reading reading);

  bool matches(ColumnContext& context, const Socket& socket) const;
  /// True if other values of the `unknown` columns could change the result of matches().
  bool depends_on(ColumnContext& context, const Socket& socket, FunctionRef<bool(const Column&)> unknown) const;
  /// The same for any row; the function returns its value of a column.
  bool matches(FunctionRef<Value(const Column&)> value_of) const;
  /// The same where values are known by their bounds.
  Truth judge(FunctionRef<Bounds(const Column&)> bounds_of) const;
  /// Calls `visit` with each column that is compared.
  template <class Visit>
  void each_column(Visit&& visit) const {
    for (const Node& node : nodes_) {
      if (node.column != nullptr) visit(node.column);
      for (const Literal& literal : node.literals)
        if (literal.other != nullptr) visit(literal.other);
    }
  }
  /// The fields of sockets, and of processes, that the filter needs.
  FieldSet needs() const;
  ProcessFields process() const;

 private:
  friend class WhereParser;
  friend class WhereValues;
  enum class Kind : std::uint8_t { all_of, any_of, none_of, present, compare };
  enum class Op : std::uint8_t { equal, less, less_equal, greater, greater_equal, contains };

  /// The value that a column is compared with.
  struct Literal {
    std::string text;
    Decimal number;               ///< in the column's unit
    std::optional<Decimal> last;  ///< a range: `number` is its first
    int prefix = -1;              ///< not -1: `address` is a prefix of this many bits
    Family family{};
    Address address{};
    const Column* other = nullptr;         ///< compared with this column
    std::uint32_t times = 1, other_times = 1;  ///< convert the two columns to one unit
    // For the parser only, which adds comparisons:
    std::string zone;                  ///< of an address: name or number of the interface to be bound to
    std::string_view of_family = {};   ///< value that column "family" must have
  };
  struct Node {
    Kind kind{};
    Op op{};
    const Column* column = nullptr;
    std::vector<Literal> literals;  ///< one for a comparison, several for a set
    std::vector<std::uint32_t> parts;
    bool two_columns = false;  ///< a literal is a column
  };

  /// `leaf` evaluates the comparison of one column.
  template <class Leaf>
  bool test(std::uint32_t node, Leaf&& leaf) const;
  /// Kleene's three-valued logic.
  template <class Leaf>
  Truth weigh(std::uint32_t node, Leaf&& leaf) const;
  static bool holds_for_socket(const Node& node, ColumnContext& context, const Socket& socket);
  static bool holds(const Node& node, const Value& value);
  static bool holds(const Node& node, const Literal& literal, const Value& value);
  /// Compares two values of one row.
  static bool holds(const Node& node, const Literal& literal, const Value& value, const Value& other);
  static Truth judge(const Node& node, const Bounds& bounds);

  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
};

}  // namespace duostat

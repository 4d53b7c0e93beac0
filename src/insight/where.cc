// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where.h"

#include <algorithm>
#include <compare>

#include "src/insight/address_text.h"

namespace duostat {
namespace {

bool has_value(const Value& value) {
  return !value.absent() && (value.kind() != Value::Kind::boolean || value.number() != 0);
}

/// Compares a number and a literal; exact for integers.
std::partial_ordering order_of(const Value& value, const Decimal& literal) {
  switch (value.kind()) {
    case Value::Kind::signed_number: return compare(value.signed_number(), literal);
    case Value::Kind::real: return value.real() <=> literal.nearest;
    default: return compare(value.number(), literal);
  }
}

bool is_exact(const Bounds& bounds) { return !bounds.unbounded && compare(bounds.low, bounds.high) == 0; }

/// A value in another unit.
Value scaled(const Value& value, std::uint32_t times) {
  if (times == 1) return value;
  if (value.kind() == Value::Kind::unsigned_number) return Value::product_of(value.number(), times);
  return Value::real_of(value.as_real() * times);
}

/// Calls `visit` with each value of the column, until it returns true: one, or one for each owner. Returns whether it
/// did.
template <class Visit>
bool any_value(const Column& column, ColumnContext& context, const Socket& socket, Visit&& visit) {
  if (!column.protocols.empty() && !column.protocols.has(socket.protocol)) return false;
  if (column.of_owner == nullptr) return visit(column.value(context, socket));
  bool found = false;
  context.holders.each(column.held_inode(socket), [&](const Owner& owner) {
    found = visit(column.of_owner(context, owner));
    return !found;
  });
  return found;
}

/// A value whose text outlives the request for another value.
class OwnValue {
 public:
  explicit OwnValue(const Value& value)
      : text_(value.text()), value_(value.is_text() ? Value::text_of(text_) : value) {}
  OwnValue(const OwnValue&) = delete;
  OwnValue& operator=(const OwnValue&) = delete;
  const Value& get() const { return value_; }

 private:
  std::string text_;
  Value value_;
};

}  // namespace

bool Where::holds(const Node& node, const Literal& literal, const Value& value) {
  if (node.op == Op::contains) {
    if (value.is_text()) return value.text().find(literal.text) != std::string_view::npos;
    char digits[kNumberTextMax];
    const std::string_view text(digits, static_cast<std::size_t>(format_number(digits, value) - digits));
    return text.find(literal.text) != std::string_view::npos;
  }
  if (value.is_text()) {
    if (literal.prefix >= 0) return in_prefix(value.text(), literal.family, literal.address, literal.prefix);
    return value.text() == literal.text;  // the parser refuses order comparisons of text
  }
  const std::partial_ordering order = order_of(value, literal.number);
  switch (node.op) {
    case Op::equal: return literal.last ? order >= 0 && order_of(value, *literal.last) <= 0 : order == 0;
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;
  }
}

bool Where::holds(const Node& node, const Literal& literal, const Value& value, const Value& other) {
  if (value.absent() || other.absent()) return false;
  if (node.op == Op::contains) {
    char digits[kNumberTextMax];
    const auto end = other.is_text() ? digits : format_number(digits, other);
    Literal text;
    text.text = other.is_text() ? other.text() : std::string_view(digits, static_cast<std::size_t>(end - digits));
    return holds(node, text, value);
  }
  if (value.is_text() != other.is_text()) return false;  // the parser refuses such columns
  if (value.is_text() && is_address(*node.column)) {
    const auto a = ip_address(value.text()), b = ip_address(other.text());
    return a && b && plain(*a).family == plain(*b).family && plain(*a).address == plain(*b).address;
  }
  const auto order = compare(scaled(value, literal.times), scaled(other, literal.other_times));
  switch (node.op) {
    case Op::equal: return order == 0;
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;
  }
}

bool Where::holds(const Node& node, const Value& value) {
  if (node.kind == Kind::present) return has_value(value);
  if (value.absent()) return false;
  return std::ranges::any_of(node.literals, [&](const Literal& literal) {
    return literal.other == nullptr && holds(node, literal, value);
  });
}

template <class Leaf>
bool Where::test(std::uint32_t at, Leaf&& leaf) const {
  const Node& node = nodes_[at];
  const auto part = [&](std::uint32_t p) { return test(p, leaf); };
  switch (node.kind) {
    case Kind::all_of: return std::ranges::all_of(node.parts, part);
    case Kind::any_of: return std::ranges::any_of(node.parts, part);
    case Kind::none_of: return std::ranges::none_of(node.parts, part);
    default: return leaf(node);
  }
}

bool Where::matches(ColumnContext& context, const Socket& socket) const {
  return test(root_, [&](const Node& node) { return holds_for_socket(node, context, socket); });
}

bool Where::matches(FunctionRef<Value(const Column&)> value_of) const {
  return test(root_, [&](const Node& node) {
    if (!node.two_columns) return holds(node, value_of(*node.column));
    const OwnValue value(value_of(*node.column));
    return holds(node, value.get()) || std::ranges::any_of(node.literals, [&](const Literal& literal) {
             return literal.other != nullptr && holds(node, literal, value.get(), value_of(*literal.other));
           });
  });
}

bool Where::holds_for_socket(const Node& node, ColumnContext& context, const Socket& socket) {
  // One matching process is enough.
  if (!node.two_columns)
    return any_value(*node.column, context, socket, [&](const Value& value) { return holds(node, value); });
  return any_value(*node.column, context, socket, [&](const Value& first) {
    const OwnValue value(first);
    if (holds(node, value.get())) return true;
    return std::ranges::any_of(node.literals, [&](const Literal& literal) {
      return literal.other != nullptr && any_value(*literal.other, context, socket, [&](const Value& other) {
               return holds(node, literal, value.get(), other);
             });
    });
  });
}

template <class Leaf>
Where::Truth Where::weigh(std::uint32_t at, Leaf&& leaf) const {
  const Node& node = nodes_[at];
  if (node.column != nullptr) return leaf(node);
  Truth least = Truth::yes, most = Truth::no;
  for (const std::uint32_t part : node.parts) {
    const Truth truth = weigh(part, leaf);
    least = std::min(least, truth);
    most = std::max(most, truth);
  }
  if (node.kind == Kind::all_of) return least;
  if (node.kind == Kind::any_of) return most;
  return most == Truth::yes ? Truth::no : most == Truth::no ? Truth::yes : Truth::unknown;
}

bool Where::depends_on(ColumnContext& context, const Socket& socket,
                       FunctionRef<bool(const Column&)> unknown) const {
  const auto is_unknown = [&](const Column* column) {
    const bool can = column != nullptr && (column->protocols.empty() || column->protocols.has(socket.protocol));
    return can && unknown(*column);
  };
  const auto leaf = [&](const Node& node) {
    const bool other = std::ranges::any_of(node.literals, is_unknown, &Literal::other);
    if (other || is_unknown(node.column)) return Truth::unknown;
    return holds_for_socket(node, context, socket) ? Truth::yes : Truth::no;
  };
  return weigh(root_, leaf) == Truth::unknown;
}

Where::Truth Where::judge(FunctionRef<Bounds(const Column&)> bounds_of) const {
  return weigh(root_, [&](const Node& node) {
    if (!node.two_columns) return judge(node, bounds_of(*node.column));
    const Bounds bounds = bounds_of(*node.column);
    if (!is_exact(bounds)) return Truth::unknown;
    const OwnValue value(bounds.low);
    bool holds_ = holds(node, value.get()), open = false;
    for (const Literal& literal : node.literals) {
      if (literal.other == nullptr) continue;
      const Bounds other = bounds_of(*literal.other);
      open = open || !is_exact(other);
      holds_ = holds_ || (is_exact(other) && holds(node, literal, value.get(), other.low));
    }
    return holds_ ? Truth::yes : open ? Truth::unknown : Truth::no;
  });
}

Where::Truth Where::judge(const Node& node, const Bounds& b) {
  const auto truth = [](bool holds) { return holds ? Truth::yes : Truth::no; };
  if (is_exact(b)) return truth(holds(node, b.low));
  if (!b.low.is_number()) return Truth::unknown;
  if (node.kind == Kind::present) return Truth::yes;
  if (node.op == Op::contains) return Truth::unknown;
  if (node.op == Op::equal) {
    const bool possible = std::ranges::any_of(node.literals, [&](const Literal& literal) {
      const Decimal& last = literal.last ? *literal.last : literal.number;
      return order_of(b.low, last) <= 0 && (b.unbounded || order_of(b.high, literal.number) >= 0);
    });
    return possible ? Truth::unknown : Truth::no;
  }
  const bool grows = node.op == Op::greater || node.op == Op::greater_equal;
  const bool at_low = holds(node, b.low), at_high = b.unbounded ? grows : holds(node, b.high);
  return at_low == at_high ? truth(at_low) : Truth::unknown;
}

FieldSet Where::needs() const {
  FieldSet fields;
  each_column([&](const Column* column) { fields |= column->needs; });
  return fields;
}

ProcessFields Where::process() const {
  ProcessFields fields;
  each_column([&](const Column* column) { fields.add(column->process); });
  return fields;
}

}  // namespace duostat

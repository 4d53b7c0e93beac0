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
  return std::ranges::any_of(node.literals, [&](const Literal& literal) { return holds(node, literal, value); });
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
  return test(root_, [&](const Node& node) { return holds(node, value_of(*node.column)); });
}

bool Where::holds_for_socket(const Node& node, ColumnContext& context, const Socket& socket) {
  const Column& column = *node.column;
  if (!column.protocols.empty() && !column.protocols.has(socket.protocol)) return false;
  if (column.of_owner == nullptr) return holds(node, column.value(context, socket));
  bool found = false;  // one matching process is enough
  context.holders.each(column.held_inode(socket), [&](const Owner& owner) {
    found = holds(node, column.of_owner(context, owner));
    return !found;
  });
  return found;
}

/// Kleene's three-valued logic.
Where::Truth Where::weigh(std::uint32_t at, ColumnContext& context, const Socket& socket,
                          FunctionRef<bool(const Column&)> unknown) const {
  const Node& node = nodes_[at];
  if (node.column != nullptr) {
    const Column& column = *node.column;
    const bool can = column.protocols.empty() || column.protocols.has(socket.protocol);
    if (can && unknown(column)) return Truth::unknown;
    return holds_for_socket(node, context, socket) ? Truth::yes : Truth::no;
  }
  Truth least = Truth::yes, most = Truth::no;
  for (const std::uint32_t part : node.parts) {
    const Truth truth = weigh(part, context, socket, unknown);
    least = std::min(least, truth);
    most = std::max(most, truth);
  }
  if (node.kind == Kind::all_of) return least;
  if (node.kind == Kind::any_of) return most;
  return most == Truth::yes ? Truth::no : most == Truth::no ? Truth::yes : Truth::unknown;
}

FieldSet Where::needs() const {
  FieldSet fields;
  for (const Node& node : nodes_)
    if (node.column != nullptr) fields |= node.column->needs;
  return fields;
}

ProcessFields Where::process() const {
  ProcessFields fields;
  for (const Node& node : nodes_)
    if (node.column != nullptr) fields.add(node.column->process);
  return fields;
}

}  // namespace duostat

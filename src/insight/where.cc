// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where.h"

#include <algorithm>

#include "src/insight/address_text.h"

namespace duostat {
namespace {

bool has_value(const Value& value) {
  return !value.absent() && (value.kind() != Value::Kind::boolean || value.number() != 0);
}

template <class Number>
bool ordered(Number a, Number b, int op) {
  switch (op) {
    case 0: return a == b;
    case 1: return a < b;
    case 2: return a <= b;
    case 3: return a > b;
    default: return a >= b;
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
  const int op = static_cast<int>(node.op);
  if (value.is_text()) {
    if (literal.prefix >= 0) return in_prefix(value.text(), literal.family, literal.address, literal.prefix);
    return ordered(value.text(), std::string_view(literal.text), op);
  }
  const bool whole = value.kind() == Value::Kind::unsigned_number || value.kind() == Value::Kind::boolean;
  return whole && literal.is_whole ? ordered(value.number(), literal.whole, op) : ordered(value.as_real(), literal.real, op);
}

bool Where::holds(const Node& node, const Value& value) {
  if (node.kind == Kind::present) return has_value(value);
  if (value.absent()) return false;
  return std::ranges::any_of(node.literals, [&](const Literal& literal) { return holds(node, literal, value); });
}

bool Where::test(std::uint32_t at, ColumnContext& context, const Socket& socket) const {
  const Node& node = nodes_[at];
  const auto part = [&](std::uint32_t p) { return test(p, context, socket); };
  switch (node.kind) {
    case Kind::all_of: return std::ranges::all_of(node.parts, part);
    case Kind::any_of: return std::ranges::any_of(node.parts, part);
    case Kind::none_of: return std::ranges::none_of(node.parts, part);
    default: break;
  }
  const Column& column = *node.column;
  if (!column.protocols.empty() && !column.protocols.has(socket.protocol)) return false;
  if (column.of_owner == nullptr) return holds(node, column.value(context, socket));
  bool found = false;  // any of the processes will do
  context.holders.each(column.held_inode(socket), [&](const Owner& owner) {
    found = holds(node, column.of_owner(context, owner));
    return !found;
  });
  return found;
}

/// Kleene's logic.
Where::Truth Where::weigh(std::uint32_t at, ColumnContext& context, const Socket& socket,
                          FunctionRef<bool(const Column&)> unknown) const {
  const Node& node = nodes_[at];
  if (node.column != nullptr) {
    const Column& column = *node.column;
    const bool can = column.protocols.empty() || column.protocols.has(socket.protocol);
    if (can && unknown(column)) return Truth::unknown;
    return test(at, context, socket) ? Truth::yes : Truth::no;
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

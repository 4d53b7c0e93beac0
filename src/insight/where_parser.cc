// Parses the text of --where into its tree.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/decimal.h"
#include "src/insight/where.h"
#include "src/insight/where_lexer.h"
#include "src/insight/where_values.h"

namespace duostat {
namespace {

constexpr int kDepthMax = 200;

}  // namespace

class WhereParser {
 public:
  WhereParser(std::string_view text, const ColumnSet& set, const Where::Reading& reading,
              std::vector<Where::Node>& nodes)
      : lexer_(text, reading.option), set_(set), values_(lexer_, set, reading), nodes_(nodes) {}

  std::uint32_t whole() {
    const std::uint32_t root = any();
    if (!lexer_.token().empty())
      lexer_.fail("expected \"and\", \"or\" or the end, not \"" + std::string(lexer_.token()) + "\"");
    return root;
  }

 private:
  using Node = Where::Node;
  using Kind = Where::Kind;
  using Op = Where::Op;

  std::uint32_t add(Node node) {
    nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  std::uint32_t combine(Kind kind, std::vector<std::uint32_t> parts) {
    if (parts.size() == 1 && kind != Kind::none_of) return parts[0];
    return add({kind, {}, nullptr, {}, std::move(parts)});
  }

  std::uint32_t any() {
    if (++depth_ > kDepthMax) lexer_.fail("parentheses are nested too deeply");
    std::vector<std::uint32_t> parts{every()};
    while (lexer_.accept("or", "||")) parts.push_back(every());
    --depth_;
    return combine(Kind::any_of, std::move(parts));
  }
  std::uint32_t every() {
    std::vector<std::uint32_t> parts{factor()};
    while (lexer_.accept("and", "&&")) parts.push_back(factor());
    return combine(Kind::all_of, std::move(parts));
  }
  std::uint32_t factor() {
    bool negated = false;
    while (lexer_.accept("not", "!")) negated = !negated;
    std::uint32_t part = 0;
    if (lexer_.accept("(", "(")) {
      part = any();
      if (!lexer_.accept(")", ")")) lexer_.fail("missing \")\"");
    } else {
      part = comparison();
    }
    return negated ? combine(Kind::none_of, {part}) : part;
  }

  ColumnName name() {
    if (lexer_.at_end()) lexer_.fail("expected a column");
    const ColumnName found = find_column(lexer_.token(), set_);
    if (found.column == nullptr) lexer_.fail(not_a_column(lexer_.token(), set_));
    lexer_.advance();
    return found;
  }

  std::uint32_t comparison() {
    struct Sign {
      std::string_view word;
      Op op;
      bool negated;
    };
    static constexpr Sign kSigns[] = {
        {"=", Op::equal, false},          {"==", Op::equal, false},      {"!=", Op::equal, true},
        {"<", Op::less, false},           {"<=", Op::less_equal, false}, {">", Op::greater, false},
        {">=", Op::greater_equal, false}, {"~", Op::contains, false},    {"!~", Op::contains, true}};
    const ColumnName column = name();
    Node node{Kind::compare, Op::equal, column.column, {}, {}};
    const bool negated_set = lexer_.at_word("not");
    if (negated_set) {
      lexer_.advance();
      if (!lexer_.at_word("in")) lexer_.fail("expected \"in\"");
    }
    if (lexer_.accept("in", "in")) {
      set(node, column);
      const std::uint32_t part = compared(std::move(node));
      return negated_set ? combine(Kind::none_of, {part}) : part;
    }
    for (const Sign& sign : kSigns) {
      if (!lexer_.at_word(sign.word)) continue;
      node.op = sign.op;
      if (orders(sign.op) && column.column->unit == Unit::text)
        lexer_.fail("\"" + std::string(column.column->id) + "\" is text, which has no order; use =, !=, ~, !~ or in");
      lexer_.advance();
      do one(node, column);
      while (!orders(sign.op) && lexer_.accept(",", ","));
      const std::uint32_t part = compared(std::move(node));
      return sign.negated ? combine(Kind::none_of, {part}) : part;
    }
    node.kind = Kind::present;
    return add(std::move(node));
  }
  static bool orders(Op op) { return op != Op::equal && op != Op::contains; }

  void one(Node& node, const ColumnName& column) {
    const std::size_t before = node.literals.size();
    values_.read(column, node.op, node.literals);
    // A word that stands for several values has no order.
    if (orders(node.op) && node.literals.size() != before + 1) lexer_.fail("the value before this has no order");
  }
  void set(Node& node, const ColumnName& column) {
    if (!lexer_.accept("(", "(")) lexer_.fail("expected \"(\"");
    do one(node, column);
    while (lexer_.accept(",", ","));
    if (!lexer_.accept(")", ")")) lexer_.fail("expected \",\" or \")\"");
  }

  /// Adds a comparison. A literal with a condition adds two: an address with a zone one of the interface that the
  /// socket is bound to, a protocol with a family one of the family.
  std::uint32_t compared(Node node) {
    const auto is_conditional = [](const Where::Literal& l) { return !l.zone.empty() || !l.of_family.empty(); };
    std::vector<std::uint32_t> parts;
    for (Where::Literal& literal : node.literals) {
      if (!is_conditional(literal)) continue;
      const std::uint32_t condition =
          literal.zone.empty() ? equals("family", literal.of_family) : bound_to(literal.zone);
      parts.push_back(combine(Kind::all_of, {add({Kind::compare, node.op, node.column, {literal}, {}}), condition}));
    }
    std::erase_if(node.literals, is_conditional);
    node.two_columns =
        std::ranges::any_of(node.literals, [](const Where::Literal& literal) { return literal.other != nullptr; });
    if (!node.literals.empty()) parts.push_back(add(std::move(node)));
    return combine(Kind::any_of, std::move(parts));
  }
  std::uint32_t bound_to(std::string_view zone) {
    const bool is_index = std::ranges::all_of(zone, [](char c) { return c >= '0' && c <= '9'; });
    return equals(is_index ? "ifindex" : "interface", zone);
  }
  std::uint32_t equals(std::string_view id, std::string_view value) {
    Where::Literal literal;
    literal.text = value;
    if (const auto number = parse_decimal(value)) literal.number = *number;
    const Column* const column = find_column(id, set_).column;
    if (column == nullptr) lexer_.fail("the value before this needs the column " + std::string(id));
    return add({Kind::compare, Op::equal, column, {std::move(literal)}, {}});
  }

  WhereLexer lexer_;
  const ColumnSet& set_;
  WhereValues values_;
  std::vector<Node>& nodes_;
  int depth_ = 0;
};

Where::Where(std::string_view text, const ColumnSet& set, Reading reading) {
  root_ = WhereParser(text, set, reading, nodes_).whole();
}

}  // namespace duostat

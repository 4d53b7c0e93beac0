// Parses filters, and the values of predicates other than hosts.
//
// An explicit stack holds the open parentheses, so parentheses may be nested to any depth.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/parser.h"

#include <cstdio>
#include <utility>
#include <vector>

#include "src/query/host_word.h"
#include "src/query/number.h"
#include "src/query/token.h"

namespace duostat {
namespace {

/// The spelling of a predicate, and how the words after it are parsed.
enum class ValueKind : std::uint8_t { address, port, device, mark, cgroup };
enum class Relations : std::uint8_t { none, equal, equality, all };

struct PredicateRow {
  TokenKind kind;
  Side side;
  ValueKind value;
  Relations relations;
  std::uint16_t expected_relation, expected_value;
};
constexpr PredicateRow kPredicates[] = {
    {TokenKind::src, Side::local, ValueKind::address, Relations::equal, expect_equal, expect_host},
    {TokenKind::dst, Side::remote, ValueKind::address, Relations::equal, expect_equal, expect_host},
    {TokenKind::sport, Side::local, ValueKind::port, Relations::all, expect_relation, expect_port},
    {TokenKind::dport, Side::remote, ValueKind::port, Relations::all, expect_relation, expect_port},
    {TokenKind::dev, {}, ValueKind::device, Relations::equality, expect_equality, expect_device},
    {TokenKind::fwmark, {}, ValueKind::mark, Relations::equality, expect_equality, expect_mark},
    {TokenKind::cgroup, {}, ValueKind::cgroup, Relations::equality, expect_equality, expect_cgroup},
    {TokenKind::autobound, {}, ValueKind::address, Relations::none, 0, 0},
};

const PredicateRow* row_of(TokenKind kind) {
  for (const PredicateRow& row : kPredicates)
    if (row.kind == kind) return &row;
  return nullptr;
}

bool allowed(Relations relations, TokenKind kind) {
  if (kind == TokenKind::equal) return relations != Relations::none;
  if (kind == TokenKind::not_equal) return relations == Relations::equality || relations == Relations::all;
  return kind >= TokenKind::greater && kind <= TokenKind::less_equal && relations == Relations::all;
}

// M or M/MASK; text after a number is ignored.
bool parse_mark(const std::string& word, MarkPredicate& predicate) {
  int mark = 0, mask = -1;
  const std::size_t slash = word.find('/');
  if (std::sscanf(word.c_str(), "%i", &mark) != 1) return false;
  if (slash != word.npos && std::sscanf(word.c_str() + slash + 1, "%i", &mask) != 1) return false;
  predicate = {static_cast<std::uint32_t>(mark), static_cast<std::uint32_t>(mask)};
  return true;
}

class Parser {
 public:
  Parser(std::span<const std::string> words, const ParserContext& context) : context_(context), tokens_(words) {
    parsed_.preferred = context.preferred;
  }
  Parsed run() &&;

 private:
  /// A list that is being parsed: the whole filter, or the list after an open parenthesis.
  struct List {
    bool has_left = false;
    bool disjunction = false;
    std::size_t negations = 0;
  };

  bool advance();
  bool evaluate();
  bool fail(FilterErrorKind kind, std::string value, std::size_t offset, std::string reason = {});
  bool unexpected(std::uint16_t expected);
  bool read_term();
  bool read_predicate();
  bool read_list();
  void add(TokenKind relation, const PredicateRow& row);
  void complete_term();

  const ParserContext& context_;
  Tokenizer tokens_;
  Token token_;
  const PredicateRow* last_ = nullptr;  ///< of the last predicate keyword: it decides how a value is parsed
  HostWord host_;
  Predicate value_;
  ExprBuilder builder_;
  std::vector<List> lists_{1};
  Parsed parsed_;
};

bool Parser::fail(FilterErrorKind kind, std::string value, std::size_t offset, std::string reason) {
  FilterError& error = parsed_.error;
  error.kind = kind;
  error.word = token_.word;
  // Without backslashes the offsets in a token are those in the word.
  const bool exact = token_.text.size() == token_.length;
  error.offset = token_.offset + (exact ? offset : 0);
  error.length = exact ? value.size() : token_.length;
  error.value = std::move(value);
  error.reason = std::move(reason);
  return false;
}

bool Parser::unexpected(std::uint16_t expected) {
  fail(FilterErrorKind::syntax, {}, 0);
  parsed_.error.length = token_.length;
  parsed_.error.expected = expected;
  return false;
}

// Reads the next token. Values are evaluated at once, so their errors precede syntax errors.
bool Parser::advance() {
  token_ = tokens_.next();
  if (is_predicate(token_.kind)) last_ = row_of(token_.kind);
  return token_.kind != TokenKind::value || evaluate();
}

bool Parser::evaluate() {
  const std::string& text = token_.text;
  switch (last_ != nullptr ? last_->value : ValueKind::address) {
    case ValueKind::device: {
      DevicePredicate device{context_.names.interface_index(text)};
      if (device.ifindex == 0) {
        const auto number = unsigned_number(text);
        if (!number) return fail(FilterErrorKind::device, text, 0);
        device.ifindex = *number;
      }
      value_ = device;
      return true;
    }
    case ValueKind::mark: {
      MarkPredicate mark;
      if (!parse_mark(text, mark)) return fail(FilterErrorKind::mark, text, 0);
      value_ = mark;
      return true;
    }
    case ValueKind::cgroup: {
      CgroupId cgroup = context_.names.cgroup_id(text);
      if (!cgroup.id) return fail(FilterErrorKind::cgroup, text, 0, std::move(cgroup.reason));
      value_ = CgroupPredicate{*cgroup.id};
      return true;
    }
    case ValueKind::address:
    case ValueKind::port:
      break;
  }
  host_ = parse_host_word(text, last_ != nullptr && last_->value == ValueKind::port, parsed_.preferred, context_);
  if (host_.error != FilterErrorKind::none) return fail(host_.error, host_.value, host_.offset);
  if (host_.family != Family::unspecified) {
    parsed_.preferred = host_.family;
    parsed_.restricted = host_.family;
  }
  value_ = host_.predicate;
  return true;
}

// Adds the predicate of `row` with the value just read.
void Parser::add(TokenKind relation, const PredicateRow& row) {
  using Relation = PortPredicate::Relation;
  bool negated = relation == TokenKind::not_equal;
  if (row.kind == TokenKind::autobound) {
    builder_.predicate(AutoboundPredicate{});
  } else if (relation == TokenKind::equal || relation == TokenKind::not_equal) {
    if (auto* host = std::get_if<HostPredicate>(&value_)) host->side = row.side;
    builder_.predicate(std::move(value_));
  } else {
    // "Greater" is the negation of "at most", "less" that of "at least".
    const bool at_least = relation == TokenKind::greater_equal || relation == TokenKind::less;
    negated = relation == TokenKind::greater || relation == TokenKind::less;
    builder_.predicate(
        PortPredicate{row.side, at_least ? Relation::at_least : Relation::at_most, host_.predicate.port});
  }
  if (negated) builder_.negation();
}

// Completes a term of the current list: applies its negations, then joins it to the terms before.
void Parser::complete_term() {
  List& list = lists_.back();
  for (; list.negations > 0; --list.negations) builder_.negation();
  if (list.has_left) {
    if (list.disjunction)
      builder_.disjunction();
    else
      builder_.conjunction();
  }
  list.has_left = true;
  list.disjunction = false;
}

bool Parser::read_predicate() {
  const PredicateRow& row = *row_of(token_.kind);
  TokenKind relation = TokenKind::equal;
  if (row.relations != Relations::none) {
    std::uint16_t expected = row.expected_relation | row.expected_value;
    if (!advance()) return false;
    if (allowed(row.relations, token_.kind)) {
      relation = token_.kind;
      expected = row.expected_value;
      if (!advance()) return false;
    }
    if (token_.kind != TokenKind::value) return unexpected(expected);
  }
  add(relation, row);
  complete_term();
  return true;
}

// Parses a term up to its end or its open parenthesis. token_ is its first token.
bool Parser::read_term() {
  for (;;) {
    if (token_.kind == TokenKind::negation) {
      ++lists_.back().negations;
    } else if (token_.kind == TokenKind::open) {
      lists_.emplace_back();
    } else if (is_predicate(token_.kind)) {
      return read_predicate();
    } else {
      return unexpected(expect_predicate);
    }
    if (!advance()) return false;
  }
}

// Parses from the end of a term to the first token of the next one. False at the end of the filter or on an error.
bool Parser::read_list() {
  for (;;) {
    if (!advance()) return false;
    switch (token_.kind) {
      case TokenKind::conjunction:
      case TokenKind::disjunction:
        lists_.back().disjunction = token_.kind == TokenKind::disjunction;
        return advance();
      case TokenKind::close:
        if (lists_.size() == 1) return unexpected(expect_connective | expect_end);
        lists_.pop_back();
        complete_term();
        break;
      case TokenKind::end:
        return lists_.size() == 1 ? false : unexpected(expect_connective | expect_close);
      case TokenKind::negation:
      case TokenKind::open:
        return true;
      default:
        if (is_predicate(token_.kind)) return true;
        return unexpected(expect_connective | (lists_.size() == 1 ? expect_end : expect_close));
    }
  }
}

Parsed Parser::run() && {
  if (advance() && token_.kind != TokenKind::end) {
    bool more = true;
    while (more) more = read_term() && read_list();
    if (parsed_.ok()) parsed_.expr = std::move(builder_).finish();
  }
  return std::move(parsed_);
}

}  // namespace

Parsed parse_filter(std::span<const std::string> words, const ParserContext& context) {
  return Parser(words, context).run();
}

}  // namespace duostat

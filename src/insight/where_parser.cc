// Parses the text of --where into its tree.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/decimal.h"
#include "src/base/error.h"
#include "src/insight/address_text.h"
#include "src/insight/where.h"

namespace duostat {
namespace {

constexpr int kDepthMax = 200;

struct Suffix {
  std::string_view word;
  DecimalScale times;
};
constexpr int kMilliseconds = 3, kSeconds = 6;  ///< powers of ten relative to microseconds
/// Converts to microseconds.
constexpr Suffix kTimes[] = {{"ns", {1, -3}},         {"us", {1, 0}},         {"ms", {1, kMilliseconds}},
                             {"s", {1, kSeconds}},    {"sec", {1, kSeconds}}, {"m", {60, kSeconds}},
                             {"min", {60, kSeconds}}, {"h", {3600, kSeconds}}};
constexpr std::uint64_t kKi = 1024;
constexpr Suffix kMultiples[] = {{"k", {1, 3}},
                                 {"K", {1, 3}},
                                 {"M", {1, 6}},
                                 {"G", {1, 9}},
                                 {"T", {1, 12}},
                                 {"Ki", {kKi, 0}},
                                 {"Mi", {kKi * kKi, 0}},
                                 {"Gi", {kKi * kKi * kKi, 0}},
                                 {"Ti", {kKi * kKi * kKi * kKi, 0}}};

template <std::size_t N>
std::optional<DecimalScale> scale_of(const Suffix (&table)[N], std::string_view word) {
  for (const Suffix& s : table)
    if (s.word == word) return s.times;
  return std::nullopt;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_time(Unit unit) { return unit == Unit::milliseconds || unit == Unit::microseconds; }

/// The factor of a suffix in the unit of the column; nullopt if the unit has no such suffix.
std::optional<DecimalScale> multiplier(const ColumnName& name, std::string_view suffix) {
  const Unit unit = name.column->unit;
  if (is_time(unit)) {
    if (suffix.empty()) suffix = name.unit == Unit::milliseconds ? "ms" : "us";
    std::optional<DecimalScale> scale = scale_of(kTimes, suffix);
    if (scale && unit == Unit::milliseconds) scale->power_of_ten -= kMilliseconds;
    return scale;
  }
  if (unit == Unit::bits_per_second && suffix.ends_with("bps")) suffix.remove_suffix(3);
  if (unit == Unit::bytes && suffix.ends_with("B")) suffix.remove_suffix(1);
  return suffix.empty() ? DecimalScale{} : scale_of(kMultiples, suffix);
}

}  // namespace

class WhereParser {
 public:
  WhereParser(std::string_view text, const ColumnSet& set, std::vector<Where::Node>& nodes)
      : text_(text), set_(set), nodes_(nodes) {
    advance();
  }

  std::uint32_t whole() {
    const std::uint32_t root = any();
    if (!token_.empty()) fail("expected \"and\", \"or\" or the end, not \"" + std::string(token_) + "\"");
    return root;
  }

 private:
  using Node = Where::Node;
  using Kind = Where::Kind;
  using Op = Where::Op;

  [[noreturn]] void fail(const std::string& what) const {
    std::string line = "--where: " + what + "\n  " + std::string(text_) + "\n  ";
    for (const char c : text_.substr(0, start_)) line += c == '\t' ? '\t' : (c & 0xc0) == 0x80 ? '\0' : ' ';
    std::erase(line, '\0');
    line.append(std::max<std::size_t>(1, token_.size()), '^');
    throw UsageError(line, kUsageStatus);
  }

  /// The next token: a word, a quoted text (without its quotes), or an operator; empty at the end.
  void advance() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    start_ = at_;
    quoted_ = false;
    token_ = {};
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (c == '"' || c == '\'') return quoted(c);
    constexpr std::string_view kPairs[] = {"==", "!=", "<=", ">=", "!~", "&&", "||"};
    for (const std::string_view pair : kPairs)
      if (text_.substr(at_).starts_with(pair)) return take(2);
    constexpr std::string_view kSigns = "()=<>~!,";
    if (kSigns.find(c) != std::string_view::npos) return take(1);
    std::size_t end = at_;
    while (end < text_.size() && !is_space(text_[end]) && (kSigns.find(text_[end]) == std::string_view::npos) &&
           text_[end] != '&' && text_[end] != '|')
      ++end;
    take(std::max<std::size_t>(1, end - at_));
  }
  void take(std::size_t size) {
    token_ = text_.substr(at_, size);
    at_ += size;
  }
  /// A backslash quotes a quotation mark or a backslash; before other characters it stands for itself.
  void quoted(char quote) {
    unquoted_.clear();
    for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
      constexpr std::string_view kEscaped = "\\\"'";
      const bool escape =
          text_[at] == '\\' && at + 1 < text_.size() && kEscaped.find(text_[at + 1]) != std::string_view::npos;
      if (escape) ++at;
      if (!escape && text_[at] == quote) {
        at_ = at + 1;
        token_ = unquoted_;
        quoted_ = true;
        return;
      }
      unquoted_ += text_[at];
    }
    token_ = text_.substr(at_);
    fail("missing closing quote");
  }
  bool at_word(std::string_view word) const { return !quoted_ && token_ == word; }
  bool accept(std::string_view a, std::string_view b) {
    if (!at_word(a) && !at_word(b)) return false;
    advance();
    return true;
  }

  std::uint32_t add(Node node) {
    nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  std::uint32_t combine(Kind kind, std::vector<std::uint32_t> parts) {
    if (parts.size() == 1 && kind != Kind::none_of) return parts[0];
    return add({kind, {}, nullptr, {}, std::move(parts)});
  }

  std::uint32_t any() {
    if (++depth_ > kDepthMax) fail("parentheses are nested too deeply");
    std::vector<std::uint32_t> parts{every()};
    while (accept("or", "||")) parts.push_back(every());
    --depth_;
    return combine(Kind::any_of, std::move(parts));
  }
  std::uint32_t every() {
    std::vector<std::uint32_t> parts{factor()};
    while (accept("and", "&&")) parts.push_back(factor());
    return combine(Kind::all_of, std::move(parts));
  }
  std::uint32_t factor() {
    bool negated = false;
    while (accept("not", "!")) negated = !negated;
    std::uint32_t part = 0;
    if (accept("(", "(")) {
      part = any();
      if (!accept(")", ")")) fail("missing \")\"");
    } else {
      part = comparison();
    }
    return negated ? combine(Kind::none_of, {part}) : part;
  }

  ColumnName name() {
    if (token_.empty() && !quoted_) fail("expected a column");
    const ColumnName found = find_column(token_, set_);
    if (found.column == nullptr)
      fail("\"" + std::string(token_) + "\" is not a column; did you mean " +
           std::string(nearest_column(token_, set_)) + "?");
    advance();
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
    const bool negated_set = at_word("not");
    if (negated_set) {
      advance();
      if (!at_word("in")) fail("expected \"in\"");
    }
    if (accept("in", "in")) {
      set(node, column);
      const std::uint32_t part = compared(std::move(node));
      return negated_set ? combine(Kind::none_of, {part}) : part;
    }
    for (const Sign& sign : kSigns) {
      if (!at_word(sign.word)) continue;
      node.op = sign.op;
      const bool orders = sign.op != Op::equal && sign.op != Op::contains;
      if (orders && column.column->unit == Unit::text)
        fail("\"" + std::string(column.column->id) + "\" is text, which has no order; use =, !=, ~, !~ or in");
      advance();
      node.literals.push_back(literal(column, sign.op));
      const std::uint32_t part = compared(std::move(node));
      return sign.negated ? combine(Kind::none_of, {part}) : part;
    }
    node.kind = Kind::present;
    return add(std::move(node));
  }

  /// Adds a comparison. An address with a zone adds two: one of the address, one of the interface that the socket is
  /// bound to.
  std::uint32_t compared(Node node) {
    std::vector<std::uint32_t> parts;
    for (Where::Literal& literal : node.literals) {
      if (literal.zone.empty()) continue;
      const std::uint32_t zone = bound_to(literal.zone);
      parts.push_back(combine(Kind::all_of, {add({Kind::compare, node.op, node.column, {literal}, {}}), zone}));
    }
    std::erase_if(node.literals, [](const Where::Literal& literal) { return !literal.zone.empty(); });
    if (!node.literals.empty()) parts.push_back(add(std::move(node)));
    return combine(Kind::any_of, std::move(parts));
  }
  std::uint32_t bound_to(std::string_view zone) {
    Where::Literal literal;
    literal.text = zone;
    const bool is_index = std::ranges::all_of(zone, [](char c) { return c >= '0' && c <= '9'; });
    if (is_index) literal.number = *parse_decimal(zone);
    const Column* const column = find_column(is_index ? "ifindex" : "interface").column;
    return add({Kind::compare, Op::equal, column, {std::move(literal)}, {}});
  }

  void set(Node& node, const ColumnName& column) {
    if (!accept("(", "(")) fail("expected \"(\"");
    do node.literals.push_back(literal(column, Op::equal));
    while (accept(",", ","));
    if (!accept(")", ")")) fail("expected \",\" or \")\"");
  }

  Where::Literal literal(const ColumnName& column, Op op) {
    if (!quoted_ && (token_.empty() || std::string_view("()=<>~!,").find(token_[0]) != std::string_view::npos))
      fail("expected a value");
    Where::Literal result;
    result.text = token_;
    if (op != Op::contains) {
      if (column.column->unit != Unit::text) number(column, result);
      else text(*column.column, result);
    }
    advance();
    return result;
  }

  void number(const ColumnName& column, Where::Literal& result) {
    if (token_ == "true" || token_ == "false") {
      result.number = *parse_decimal(token_ == "true" ? "1" : "0");
      return;
    }
    const std::size_t length = decimal_length(token_);
    const std::string_view suffix = token_.substr(length);
    const bool hexadecimal = token_.substr(0, length).find('x') != std::string_view::npos;
    const auto scale = hexadecimal && !suffix.empty() ? std::nullopt : multiplier(column, suffix);
    const auto number = scale ? parse_decimal(token_.substr(0, length), *scale) : std::nullopt;
    if (!number) fail("\"" + std::string(token_) + "\" is not " + number_with_unit(column.column->unit));
    result.number = *number;
  }
  static std::string number_with_unit(Unit unit) {
    return is_time(unit) ? "a duration (examples: 200us, 5ms, 3s)" : "a number (examples: 1000, 64Ki, 10M)";
  }

  void text(const Column& column, Where::Literal& result) {
    if (!column.words.empty() && std::ranges::find(column.words, result.text) == column.words.end())
      fail("\"" + result.text + "\" is not a value of " + std::string(column.id) + "; did you mean " +
           std::string(nearest(result.text, column.words)) + "?");
    if (is_address(column)) address(result);
  }

  /// ADDRESS[%ZONE][/LENGTH], as in RFC 4007 section 11.
  void address(Where::Literal& result) {
    const std::string_view whole = result.text;
    const auto slash = whole.find('/');
    std::string_view host = whole.substr(0, slash);
    if (const auto percent = host.find('%'); percent != std::string_view::npos) {
      result.zone = host.substr(percent + 1);
      if (result.zone.empty()) fail("\"" + result.text + "\" has no interface after %");
      host = host.substr(0, percent);
    }
    const auto parsed = ip_address(host);
    if (!parsed) fail("\"" + result.text + "\" is not an IP address or network");
    int bits = address_bits(parsed->family);
    if (slash != std::string_view::npos) {
      int typed = -1;
      const char* const end_of_all = whole.data() + whole.size();
      const auto [end, error] = std::from_chars(whole.data() + slash + 1, end_of_all, typed);
      if (error != std::errc() || end != end_of_all || typed < 0 || typed > bits)
        fail("\"" + result.text + "\" has an invalid prefix length; it must be 0 to " + std::to_string(bits));
      bits = typed;
    }
    const IpAddress address = plain(*parsed);
    if (address.family != parsed->family) bits = std::max(0, bits - 96);
    result.prefix = bits;
    result.family = address.family;
    result.address = network(address, bits).address;
  }

  std::string_view text_;
  const ColumnSet& set_;
  std::vector<Node>& nodes_;
  std::size_t at_ = 0, start_ = 0;
  std::string_view token_;
  std::string unquoted_;  ///< owns the quoted text that `token_` views
  bool quoted_ = false;
  int depth_ = 0;
};

Where::Where(std::string_view text, const ColumnSet& set) { root_ = WhereParser(text, set, nodes_).whole(); }

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where_values.h"

#include <algorithm>
#include <charconv>

#include "src/base/decimal.h"
#include "src/insight/address_text.h"
#include "src/insight/value_words.h"
#include "src/names/lookup.h"

namespace duostat {
namespace {

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

std::string_view kind_of_number(Unit unit) {
  return is_time(unit) ? "a duration (examples: 200us, 5ms, 3s)" : "a number (examples: 1000, 64Ki, 10M)";
}

std::string in_quotes(std::string_view word) { return "\"" + std::string(word) + "\""; }

bool all_digits(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void WhereValues::read(const ColumnName& column, Where::Op op, std::vector<Literal>& literals) {
  if (lexer_.at_end() || lexer_.at_sign()) lexer_.fail("expected a value");
  const bool found =
      value_of_word(column, op, literals) || (!lexer_.quoted() && other_column(column, op, literals));
  if (!found) refuse(*column.column);
  lexer_.advance();
}

bool WhereValues::value_of_word(const ColumnName& column, Where::Op op, Literals& literals) {
  if (op != Where::Op::contains) return column.column->unit == Unit::text ? text(*column.column, literals)
                                                                         : numbers(column, op, literals);
  Literal literal;
  literal.text = lexer_.token();
  literals.push_back(std::move(literal));
  return true;
}

// ---- numbers ----

std::optional<Decimal> WhereValues::number(const ColumnName& column, std::string_view text) const {
  const std::size_t length = decimal_length(text);
  const std::string_view suffix = text.substr(length);
  const bool hexadecimal = text.substr(0, length).find('x') != std::string_view::npos;
  const auto scale = hexadecimal && !suffix.empty() ? std::nullopt : multiplier(column, suffix);
  return scale ? parse_decimal(text.substr(0, length), *scale) : std::nullopt;
}

bool WhereValues::numbers(const ColumnName& column, Where::Op op, Literals& literals) {
  std::string_view token = lexer_.token();
  const bool port = is_port(*column.column);
  if (port && token.starts_with(':')) token.remove_prefix(1);  // as ss prints it
  if (port && token == "*") token = "0";
  Literal literal;
  if (token == "true" || token == "false") token = token == "true" ? "1" : "0";
  if (const auto value = number(column, token)) {
    literal.number = *value;
    literals.push_back(std::move(literal));
    return true;
  }
  return range(column, op, literals) || (port && services(token, literals));
}

/// FIRST-LAST
bool WhereValues::range(const ColumnName& column, Where::Op op, Literals& literals) {
  const std::string_view token = lexer_.token();
  const auto dash = token.find('-', 1);
  if (token.empty() || dash == std::string_view::npos) return false;
  const auto first = number(column, token.substr(0, dash)), last = number(column, token.substr(dash + 1));
  if (!first || !last) return false;
  if (op != Where::Op::equal) lexer_.fail(in_quotes(token) + " is a range; use it with =, != or in");
  if (first->nearest > last->nearest) lexer_.fail(in_quotes(token) + " is an empty range: its first is above its last");
  Literal literal;
  literal.number = *first;
  literal.last = *last;
  literals.push_back(std::move(literal));
  return true;
}

bool WhereValues::services(std::string_view name, Literals& literals) {
  if (reading_.names == nullptr) return false;
  const std::size_t before = literals.size();
  std::vector<std::uint16_t> ports;
  for (const auto protocol :
       {ServiceProtocol::tcp, ServiceProtocol::udp, ServiceProtocol::sctp, ServiceProtocol::dccp}) {
    const auto port = reading_.names->service_port(name, protocol);
    if (!port || std::ranges::find(ports, *port) != ports.end()) continue;
    ports.push_back(*port);
    Literal literal;
    literal.number = *parse_decimal(std::to_string(*port));
    literals.push_back(std::move(literal));
  }
  return literals.size() != before;
}

// ---- text ----

bool WhereValues::text(const Column& column, Literals& literals) {
  if (is_address(column)) return address(literals);
  if (is_user(column) && reading_.names != nullptr) return user(literals);
  if (!column.words.empty()) return words(column, literals);
  Literal literal;
  literal.text = lexer_.token();
  literals.push_back(std::move(literal));
  return true;
}

bool WhereValues::words(const Column& column, Literals& literals) {
  const auto meaning = meaning_of(column, lexer_.token());
  if (!meaning) return false;
  for (const std::string_view value : meaning->values) {
    Literal literal;
    literal.text = value;
    literal.of_family = meaning->family;
    literals.push_back(std::move(literal));
  }
  return true;
}

/// A name, or the number of a user.
bool WhereValues::user(Literals& literals) {
  const std::string_view token = lexer_.token();
  Literal literal;
  literal.text = token;
  std::uint32_t uid = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), uid);
  if (all_digits(token) && parsed.ec == std::errc()) {
    const std::string name = reading_.names->user_name(uid);
    literal.text = name.empty() ? std::to_string(uid) : name;
  } else if (!reading_.names->user_id(token)) {
    return false;
  }
  literals.push_back(std::move(literal));
  return true;
}

/// ADDRESS[%ZONE][/LENGTH], as in RFC 4007 section 11; "localhost"; "*" for the unspecified address.
bool WhereValues::address(Literals& literals) {
  std::string_view whole = lexer_.token();
  const struct {
    std::string_view word, both[2];
  } kWords[] = {{"localhost", {"127.0.0.1", "::1"}}, {"*", {"0.0.0.0", "::"}}};
  for (const auto& row : kWords) {
    if (whole != row.word) continue;
    for (const std::string_view each : row.both) {
      const auto parsed = ip_address(each);
      Literal literal;
      literal.prefix = address_bits(parsed->family);
      literal.family = parsed->family;
      literal.address = parsed->address;
      literals.push_back(std::move(literal));
    }
    return true;
  }
  Literal result;
  if (whole.starts_with('[') && whole.ends_with(']')) whole = whole.substr(1, whole.size() - 2);
  const auto slash = whole.find('/');
  std::string_view host = whole.substr(0, slash);
  if (const auto percent = host.find('%'); percent != std::string_view::npos) {
    result.zone = host.substr(percent + 1);
    if (result.zone.empty()) lexer_.fail(in_quotes(whole) + " has no interface after %");
    host = host.substr(0, percent);
  }
  const auto parsed = ip_address(host);
  if (!parsed) return false;
  int bits = address_bits(parsed->family);
  if (slash != std::string_view::npos) {
    int typed = -1;
    const char* const end_of_all = whole.data() + whole.size();
    const auto [end, error] = std::from_chars(whole.data() + slash + 1, end_of_all, typed);
    if (error != std::errc() || end != end_of_all || typed < 0 || typed > bits)
      lexer_.fail(in_quotes(whole) + " has an invalid prefix length; it must be 0 to " + std::to_string(bits));
    bits = typed;
  }
  const IpAddress address = plain(*parsed);
  if (address.family != parsed->family) bits = std::max(0, bits - 96);
  result.prefix = bits;
  result.family = address.family;
  result.address = network(address, bits).address;
  literals.push_back(std::move(result));
  return true;
}

// ---- another column ----

bool WhereValues::other_column(const ColumnName& column, Where::Op op, Literals& literals) {
  const Column* const other = find_column(lexer_.token(), set_).column;
  if (other == nullptr) return false;
  const Unit a = column.column->unit, b = other->unit;
  const auto mismatch = [&](std::string_view what) {
    lexer_.fail(std::string(column.column->id).append(" and ").append(other->id).append(what));
  };
  if (op != Where::Op::contains) {
    if ((a == Unit::text) != (b == Unit::text)) mismatch(" cannot be compared: one is text, the other a number");
    if (is_time(a) != is_time(b)) mismatch(" cannot be compared: one is a time, the other is none");
    if (a == Unit::text && is_address(*column.column) != is_address(*other))
      mismatch(" cannot be compared: one is an address, the other is none");
  }
  constexpr std::uint32_t kMicroseconds = 1000;
  Literal literal;
  literal.other = other;
  if (a == Unit::milliseconds && b == Unit::microseconds) literal.times = kMicroseconds;
  if (b == Unit::milliseconds && a == Unit::microseconds) literal.other_times = kMicroseconds;
  literals.push_back(std::move(literal));
  return true;
}

void WhereValues::refuse(const Column& column) const {
  const std::string word = in_quotes(lexer_.token());
  if (is_address(column)) lexer_.fail(word + " is not an IP address or network");
  if (column.unit == Unit::text && is_user(column)) lexer_.fail(word + " is not a user of this host");
  if (column.unit == Unit::text) lexer_.fail(not_a_value(column, lexer_.token()));
  if (is_port(column)) lexer_.fail(word + " is not a port, a range of ports or the name of a service");
  lexer_.fail(word + " is not " + std::string(kind_of_number(column.unit)));
}

}  // namespace duostat

// Splits the words of a filter into tokens.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace duostat {

enum class TokenKind : std::uint8_t {
  end,
  negation,
  conjunction,
  disjunction,
  open,
  close,
  equal,
  not_equal,
  greater,
  less,
  greater_equal,
  less_equal,
  dst,
  src,
  dport,
  sport,
  dev,
  fwmark,
  cgroup,
  autobound,
  value,
};

/// A keyword and its token: all spellings, lower case only.
struct Keyword {
  std::string_view spelling;
  TokenKind kind;
};
inline constexpr Keyword kKeywords[] = {
    {"!", TokenKind::negation},       {"not", TokenKind::negation},     {"&", TokenKind::conjunction},
    {"&&", TokenKind::conjunction},   {"and", TokenKind::conjunction},  {"|", TokenKind::disjunction},
    {"||", TokenKind::disjunction},   {"or", TokenKind::disjunction},   {"(", TokenKind::open},
    {")", TokenKind::close},          {"=", TokenKind::equal},          {"==", TokenKind::equal},
    {"eq", TokenKind::equal},         {"!=", TokenKind::not_equal},     {"ne", TokenKind::not_equal},
    {"neq", TokenKind::not_equal},    {">", TokenKind::greater},        {"gt", TokenKind::greater},
    {"<", TokenKind::less},           {"lt", TokenKind::less},          {">=", TokenKind::greater_equal},
    {"ge", TokenKind::greater_equal}, {"geq", TokenKind::greater_equal}, {"<=", TokenKind::less_equal},
    {"le", TokenKind::less_equal},    {"leq", TokenKind::less_equal},   {"dst", TokenKind::dst},
    {"src", TokenKind::src},          {"dport", TokenKind::dport},      {"sport", TokenKind::sport},
    {"dev", TokenKind::dev},          {"fwmark", TokenKind::fwmark},    {"cgroup", TokenKind::cgroup},
    {"autobound", TokenKind::autobound},
};

constexpr bool is_predicate(TokenKind kind) { return kind >= TokenKind::dst && kind <= TokenKind::autobound; }

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;        ///< without backslashes
  std::size_t word = 0;    ///< index of its word; at the end, the number of words
  std::size_t offset = 0;  ///< of its first byte, in the word
  std::size_t length = 0;  ///< bytes in the word, backslashes included
};

/// Splits at blanks; a backslash quotes the next byte.
class Tokenizer {
 public:
  explicit Tokenizer(std::span<const std::string> words) noexcept : words_(words) {}
  Token next();

 private:
  std::span<const std::string> words_;
  std::size_t word_ = 0, at_ = 0;
};

}  // namespace duostat

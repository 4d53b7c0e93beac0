// Splits an expression of --where into tokens, and points at mistakes in it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace duostat {

class WhereLexer {
 public:
  /// `option` is named in messages. Reads the first token.
  WhereLexer(std::string_view text, std::string_view option) : text_(text), option_(option) { advance(); }

  /// A word, a quoted text (without its quotes), or an operator; empty at the end.
  std::string_view token() const { return token_; }
  bool quoted() const { return quoted_; }
  bool at_end() const { return token_.empty() && !quoted_; }
  bool at_sign() const;
  bool at_word(std::string_view word) const { return !quoted_ && token_ == word; }

  void advance();
  /// Advances if the token is one of the two.
  bool accept(std::string_view a, std::string_view b);
  /// Throws UsageError with status 2: the message, the expression, and carets under the token.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void take(std::size_t size);
  void read_quoted(char quote);

  std::string_view text_, option_;
  std::size_t at_ = 0, start_ = 0;
  std::string_view token_;
  std::string unquoted_;  ///< owns the quoted text that `token_` views
  bool quoted_ = false;
};

}  // namespace duostat

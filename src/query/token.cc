// Splits words into tokens.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/token.h"

namespace duostat {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Token Tokenizer::next() {
  Token token;
  for (; word_ < words_.size(); ++word_, at_ = 0) {
    const std::string& word = words_[word_];
    while (at_ < word.size() && is_blank(word[at_])) ++at_;
    if (at_ == word.size()) continue;
    token.word = word_;
    token.offset = at_;
    for (; at_ < word.size() && !is_blank(word[at_]); ++at_) {
      if (word[at_] == '\\' && ++at_ == word.size()) break;
      token.text += word[at_];
    }
    token.length = at_ - token.offset;
    token.kind = TokenKind::value;
    for (const Keyword& keyword : kKeywords)
      if (keyword.spelling == token.text) token.kind = keyword.kind;
    return token;
  }
  token.word = words_.size();
  return token;
}

}  // namespace duostat

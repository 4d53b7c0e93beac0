// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where_lexer.h"

#include <algorithm>

#include "src/base/error.h"

namespace duostat {
namespace {

constexpr std::string_view kSigns = "()=<>~!,";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_sign(char c) { return kSigns.find(c) != std::string_view::npos; }

}  // namespace

void WhereLexer::fail(const std::string& what) const {
  std::string line = std::string(option_) + ": " + what + "\n  " + std::string(text_) + "\n  ";
  for (const char c : text_.substr(0, start_)) line += c == '\t' ? '\t' : (c & 0xc0) == 0x80 ? '\0' : ' ';
  std::erase(line, '\0');
  line.append(std::max<std::size_t>(1, token_.size()), '^');
  throw UsageError(line, kUsageStatus);
}

bool WhereLexer::at_sign() const { return !quoted_ && !token_.empty() && is_sign(token_[0]); }

void WhereLexer::advance() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  start_ = at_;
  quoted_ = false;
  token_ = {};
  if (at_ == text_.size()) return;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return read_quoted(c);
  constexpr std::string_view kPairs[] = {"==", "!=", "<=", ">=", "!~", "&&", "||"};
  for (const std::string_view pair : kPairs)
    if (text_.substr(at_).starts_with(pair)) return take(pair.size());
  if (is_sign(c)) return take(1);
  std::size_t end = at_;
  while (end < text_.size() && !is_space(text_[end]) && !is_sign(text_[end]) && text_[end] != '&' && text_[end] != '|')
    ++end;
  take(std::max<std::size_t>(1, end - at_));
}

void WhereLexer::take(std::size_t size) {
  token_ = text_.substr(at_, size);
  at_ += size;
}

/// A backslash quotes a quotation mark or a backslash; before other characters it stands for itself.
void WhereLexer::read_quoted(char quote) {
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

bool WhereLexer::accept(std::string_view a, std::string_view b) {
  if (!at_word(a) && !at_word(b)) return false;
  advance();
  return true;
}

}  // namespace duostat

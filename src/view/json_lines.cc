// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/json_lines.h"

#include <fmt/core.h>

#include <utility>

namespace duostat {
namespace {

/// Walks JSON that Json wrote: well formed, without blanks between tokens.
class FieldReader {
 public:
  FieldReader(std::string_view text, std::vector<std::string>& lines) : text_(text), lines_(lines) {}

  void value(const std::string& path) {
    if (at_ >= text_.size()) return;
    if (text_[at_] == '{') return members(path);
    if (text_[at_] == '[') return elements(path);
    const std::string_view scalar = text_[at_] == '"' ? string() : word();
    lines_.push_back(fmt::format("{:<36} {}", path, scalar));
  }

 private:
  void members(const std::string& path) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '}') {
      if (text_[at_] == ',') ++at_;
      const std::string key(string());
      ++at_;  // ':'
      value(path.empty() ? key : path + "." + key);
    }
    ++at_;
  }
  void elements(const std::string& path) {
    ++at_;
    for (unsigned number = 1; at_ < text_.size() && text_[at_] != ']'; ++number) {
      if (text_[at_] == ',') ++at_;
      value(fmt::format("{}[{}]", path, number));
    }
    ++at_;
  }
  /// Without its quotes.
  std::string_view string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::size_t end = std::min(at_, text_.size());
    ++at_;
    return text_.substr(begin, end - begin);
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::vector<std::string>& lines_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> line_of(std::string_view text, const RowKeys& keys, const RowKey& key) {
  for (const RowKeys::Entry& entry : keys.entries()) {
    if (text.empty()) return std::nullopt;
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (entry.key == key) return text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

std::vector<std::string> fields_of_json(std::string_view object) {
  std::vector<std::string> lines;
  FieldReader(object, lines).value("");
  return lines;
}

}  // namespace duostat

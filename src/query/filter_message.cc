// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/filter_message.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "src/base/display_width.h"
#include "src/base/escape.h"

namespace duostat {
namespace {

/// Of errors in a value.
struct WantedText {
  FilterErrorKind kind;
  std::string_view text;
};
constexpr WantedText kWantedTexts[] = {
    {FilterErrorKind::port, "a port number or the name of a service of the tables shown"},
    {FilterErrorKind::ambiguous_port, "a port number: tcp and udp have different ones by this name"},
    {FilterErrorKind::address, "ADDRESS, ADDRESS/LENGTH, [IPV6-ADDRESS]:PORT or the name of a host"},
    {FilterErrorKind::host, "[IPV6-ADDRESS]:PORT, link:PROTOCOL:INTERFACE, netlink:PROTOCOL:PORTID or vsock:CID:PORT"},
    {FilterErrorKind::device, "the name or number of an interface"},
    {FilterErrorKind::mark, "MARK or MARK/MASK"},
    {FilterErrorKind::cgroup, "the path of a cgroup2 directory"},
};

/// Of syntax errors.
struct ExpectedText {
  Expected bit;
  std::string_view text;
};
constexpr ExpectedText kExpectedTexts[] = {
    {expect_predicate, "src dst sport dport dev fwmark cgroup autobound not ("},
    {expect_connective, "and or, a further predicate"},
    {expect_close, ")"},
    {expect_end, "the end"},
    {expect_equal, "="},
    {expect_equality, "= !="},
    {expect_relation, "= != < > <= >="},
    {expect_host, "ADDRESS:PORT"},
    {expect_port, "PORT"},
    {expect_device, "INTERFACE"},
    {expect_mark, "MARK/MASK"},
    {expect_cgroup, "PATH"},
};

}  // namespace

std::string expected_text(const FilterError& error) {
  const auto* wanted = std::ranges::find(kWantedTexts, error.kind, &WantedText::kind);
  if (wanted != std::end(kWantedTexts)) return std::string(wanted->text);
  std::string text;
  for (const auto& [bit, words] : kExpectedTexts) {
    if ((error.expected & bit) == 0) continue;
    if (!text.empty()) text += ", ";
    text += words;
  }
  return text;
}

std::string caret_lines(const FilterError& error, std::span<const std::string> words) {
  std::string line = " ", scratch;
  std::size_t column = 0, length = 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    line += ' ';
    if (i == error.word) {
      const std::string_view word = words[i];
      const std::size_t start = std::min(error.offset, word.size());
      column = display_width(line) + display_width(word.substr(0, start));
      length = std::max<std::size_t>(display_width(word.substr(start, error.length)), 1);
    }
    line += without_controls(words[i], scratch);
  }
  if (error.word >= words.size()) column = display_width(line) + 1;
  return fmt::format("{}\n{:>{}}{:~>{}} expected: {}\n", line, "^", column + 1, "", length - 1, expected_text(error));
}

}  // namespace duostat

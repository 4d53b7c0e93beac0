// The original's words for each kind of filter error, and ours for people.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/filter_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "compat/frontend.h"
#include "src/base/display_width.h"
#include "src/base/escape.h"

namespace duostat::ss {
namespace {

constexpr int kFailed = kSs.usage_status;

struct Message {
  FilterErrorKind kind;
  const char* reason;  ///< first line; {} is the wrong value; empty: the error's own reason, if it has one
  const char* line;    ///< last line; {} is the wrong value
  int status;
  bool usage;
  const char* wanted;  ///< what could stand there
};
constexpr Message kMessages[] = {
    {FilterErrorKind::syntax, "", "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.", kFailed, true,
     ""},
    {FilterErrorKind::port, "Error: \"{}\" does not look like a port.", "Cannot parse dst/src address.", 1, false,
     "a port number or the name of a service of the tables shown"},
    {FilterErrorKind::ambiguous_port, "Error: ambiguous port \"{}\".", "Cannot parse dst/src address.", 1, false,
     "a port number: tcp and udp have different ones by this name"},
    {FilterErrorKind::address, "Error: an inet prefix is expected rather than \"{}\".", "Cannot parse dst/src address.",
     1, false, "ADDRESS, ADDRESS/LENGTH, [IPV6-ADDRESS]:PORT or the name of a host"},
    {FilterErrorKind::host, "", "Cannot parse dst/src address.", 1, false,
     "[IPV6-ADDRESS]:PORT, link:PROTOCOL:INTERFACE, netlink:PROTOCOL:PORTID or vsock:CID:PORT"},
    {FilterErrorKind::device, "", "Cannot parse device.", 1, false, "the name or number of an interface"},
    {FilterErrorKind::mark, "", "Cannot parse mark {}.", 1, false, "MARK or MARK/MASK"},
    {FilterErrorKind::cgroup, "", "Cannot parse cgroup {}.", 1, false, "the path of a cgroup2 directory"},
};

struct ExpectedText {
  Expected bit;
  const char* text;
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

std::string expected_text(const FilterError& error, const Message& message) {
  if (error.kind != FilterErrorKind::syntax) return message.wanted;
  std::string text;
  for (const auto& [bit, words] : kExpectedTexts) {
    if ((error.expected & bit) == 0) continue;
    if (!text.empty()) text += ", ";
    text += words;
  }
  return text;
}

std::string caret_lines(const FilterError& error, std::span<const std::string> words, const std::string& expected) {
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
  return fmt::format("{}\n{:>{}}{:~>{}} expected: {}\n", line, "^", column + 1, "", length - 1, expected);
}

}  // namespace

FilterFailure filter_failure(const FilterError& error, std::span<const std::string> words, bool terminal) {
  const auto* message = std::ranges::find(kMessages, error.kind, &Message::kind);
  if (message == std::end(kMessages)) return {};
  std::string scratch;
  const std::string value(without_controls(error.value, scratch));
  std::string text = *message->reason == '\0' ? error.reason : fmt::format(fmt::runtime(message->reason), value);
  if (!text.empty()) text += '\n';
  text += fmt::format(fmt::runtime(message->line), value);
  text += '\n';
  if (terminal) text += caret_lines(error, words, expected_text(error, *message));
  return {std::move(text), message->status, message->usage};
}

}  // namespace duostat::ss

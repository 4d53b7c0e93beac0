// The original's words for each kind of filter error, and ours for people.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/filter_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "compat/ss/statuses.h"
#include "src/base/escape.h"
#include "src/query/filter_message.h"

namespace duostat::ss {
namespace {

struct Message {
  FilterErrorKind kind;
  const char* reason;  ///< first line; {} is the wrong value; empty: the error's own reason, if it has one
  const char* line;    ///< last line; {} is the wrong value
  int status;
  bool usage;
};
constexpr Message kMessages[] = {
    {FilterErrorKind::syntax, "", "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.", kFailed, true},
    {FilterErrorKind::port, "Error: \"{}\" does not look like a port.", "Cannot parse dst/src address.", 1, false},
    {FilterErrorKind::ambiguous_port, "Error: ambiguous port \"{}\".", "Cannot parse dst/src address.", 1, false},
    {FilterErrorKind::address, "Error: an inet prefix is expected rather than \"{}\".", "Cannot parse dst/src address.",
     1, false},
    {FilterErrorKind::host, "", "Cannot parse dst/src address.", 1, false},
    {FilterErrorKind::device, "", "Cannot parse device.", 1, false},
    {FilterErrorKind::mark, "", "Cannot parse mark {}.", 1, false},
    {FilterErrorKind::cgroup, "", "Cannot parse cgroup {}.", 1, false},
};

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
  if (terminal) text += caret_lines(error, words);
  return {std::move(text), message->status, message->usage};
}

}  // namespace duostat::ss

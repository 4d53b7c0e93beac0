// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/view_rule.h"

#include <fmt/core.h>

#include <string>

#include "src/base/error.h"

namespace duostat {
namespace {

/// "--json, --columns"
std::string list_of(ViewOptions options) {
  std::string text;
  for (std::size_t i = 0; i < kViewOptions; ++i)
    if (const auto option = static_cast<ViewOption>(i); options.has(option))
      text.append(text.empty() ? "--" : ", --").append(name_of(option));
  return text;
}

}  // namespace

void require_accepted(const ViewRule& rule, const ViewRequest& request) {
  for (std::size_t i = 0; i < kViewOptions; ++i) {
    const auto option = static_cast<ViewOption>(i);
    if (!request.given(option) || rule.accepted.has(option)) continue;
    const std::string instead = rule.accepted.empty() ? std::string("none of these options does")
                                                      : fmt::format("these do: {}", list_of(rule.accepted));
    throw UsageError(fmt::format("--{} does not go with {}; {}", name_of(option), rule.words, instead), kUsageStatus);
  }
}

}  // namespace duostat

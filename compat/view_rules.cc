// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/view_rules.h"

#include <fmt/core.h>

#include <iterator>
#include <string>

#include "src/base/error.h"

namespace duostat {
namespace {

constexpr int kUsageStatus = 2;

/// Everything except the columns about processes.
constexpr ViewOptions kOfRecords = ViewOptions::all().without(ViewOption::proc);
constexpr ViewOptions kJsonAlone = ViewOptions().with(ViewOption::json);

constexpr ViewRule kRules[] = {
    {ViewKind::sockets, "a list of sockets", ViewOptions::all()},
    {ViewKind::summary, "ss -s", kJsonAlone},
    {ViewKind::raw_dump, "ss -D", ViewOptions()},
    {ViewKind::routes, "netstat -r", kOfRecords},
    {ViewKind::interfaces, "netstat -i", kOfRecords},
    {ViewKind::groups, "netstat -g", kOfRecords},
    {ViewKind::statistics, "netstat -s", kOfRecords},
    {ViewKind::changes, "netstat -s --delta", kOfRecords},
    {ViewKind::masquerade, "netstat -M", kOfRecords},
    {ViewKind::rare, "a table of this family", kJsonAlone},
};
static_assert(std::size(kRules) == static_cast<std::size_t>(ViewKind::count_));

std::string listed(ViewOptions options) {
  std::string text;
  for (std::size_t i = 0; i < kViewOptions; ++i)
    if (const auto option = static_cast<ViewOption>(i); options.has(option))
      text.append(text.empty() ? "--" : ", --").append(name_of(option));
  return text;
}

}  // namespace

std::span<const ViewRule> view_rules() { return kRules; }

void require_accepted(ViewKind kind, const ViewRequest& request) {
  const ViewRule& rule = kRules[static_cast<std::size_t>(kind)];
  for (std::size_t i = 0; i < kViewOptions; ++i) {
    const auto option = static_cast<ViewOption>(i);
    if (!request.given(option) || rule.accepted.has(option)) continue;
    const std::string instead = rule.accepted.empty() ? std::string("none of these options does")
                                                      : fmt::format("these do: {}", listed(rule.accepted));
    throw UsageError(fmt::format("--{} does not go with {}; {}", name_of(option), rule.words, instead), kUsageStatus);
  }
}

}  // namespace duostat

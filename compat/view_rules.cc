// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/view_rules.h"

#include <iterator>

#include "src/collect/recorded_host.h"

namespace duostat {
namespace {

/// Records have no owners, no bytes, no state that needs words, and no keys by which those of a capture are recognized.
constexpr ViewOptions kOfRecords = ViewOptions::all()
                                       .without(ViewOption::proc)
                                       .without(ViewOption::owners)
                                       .without(ViewOption::meanings)
                                       .without(ViewOption::since)
                                       .without(ViewOption::all_netns)
                                       .without(ViewOption::rate);
constexpr ViewOptions kOfNamespaces = kOfRecords.with(ViewOption::all_netns);
constexpr ViewOptions kJsonAlone = ViewOptions().with(ViewOption::json).with(ViewOption::stamp);

constexpr ViewRule kRules[] = {
    {"a list of sockets", ViewOptions::all()},
    {"ss -s", kJsonAlone},
    {"ss -D", ViewOptions()},
    {"netstat -r", kOfNamespaces},
    {"netstat -i", kOfNamespaces},
    {"netstat -g", kOfNamespaces},
    {"netstat -s", kOfNamespaces},
    {"netstat -s --delta", kOfRecords.without(ViewOption::watch)},
    {"netstat -M", kOfRecords},
    {"a table of this family", kJsonAlone},
};
static_assert(std::size(kRules) == static_cast<std::size_t>(ViewKind::count_));

}  // namespace

std::span<const ViewRule> view_rules() { return kRules; }

void require_accepted(ViewKind kind, const ViewRequest& request) {
  require_accepted(kRules[static_cast<std::size_t>(kind)], request);
}

void require_several(const Environment& env, ViewKind kind) {
  const ViewRule& rule = kRules[static_cast<std::size_t>(kind)];
  if (!rule.accepted.has(ViewOption::all_netns)) require_one_host(env, rule.words);
}

}  // namespace duostat

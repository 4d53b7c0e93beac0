// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/view_rules.h"

#include <iterator>

namespace duostat {
namespace {

/// Records have no owners and no bytes.
constexpr ViewOptions kOfRecords =
    ViewOptions::all().without(ViewOption::proc).without(ViewOption::owners).without(ViewOption::rate);
constexpr ViewOptions kJsonAlone = ViewOptions().with(ViewOption::json);

constexpr ViewRule kRules[] = {
    {"a list of sockets", ViewOptions::all()},
    {"ss -s", kJsonAlone},
    {"ss -D", ViewOptions()},
    {"netstat -r", kOfRecords},
    {"netstat -i", kOfRecords},
    {"netstat -g", kOfRecords},
    {"netstat -s", kOfRecords},
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

}  // namespace duostat

// Which of the shared options each view of ss and netstat takes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "src/collect/environment.h"
#include "src/view/view_rule.h"

namespace duostat {

/// What a command line shows.
enum class ViewKind : std::uint8_t {
  sockets,     ///< the listings of ss and netstat
  summary,     ///< ss -s alone
  raw_dump,    ///< ss -D
  routes,      ///< netstat -r
  interfaces,  ///< netstat -i
  groups,      ///< netstat -g alone
  statistics,  ///< netstat -s
  changes,     ///< netstat -s --delta
  masquerade,  ///< netstat -M
  rare,        ///< tables whose columns a file names: netstat -r --ipx, netstat --ax25 alone
  count_
};

/// A rule for each ViewKind, in the order of the enum.
std::span<const ViewRule> view_rules();

/// Throws UsageError with status 2 for the first option that the view does not take. The message lists those it does.
void require_accepted(ViewKind kind, const ViewRequest& request);

/// Throws UsageError with status 2 if several recorded hosts are shown and the view cannot list several places.
void require_several(const Environment& env, ViewKind kind);

}  // namespace duostat

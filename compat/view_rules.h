// Which options of ours go with which view: the one place that decides it, and says so.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "compat/view_request.h"

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

class ViewOptions {
 public:
  constexpr ViewOptions() = default;
  static constexpr ViewOptions all() { return ViewOptions((1u << kViewOptions) - 1); }
  constexpr ViewOptions with(ViewOption option) const { return ViewOptions(bits_ | bit(option)); }
  constexpr ViewOptions without(ViewOption option) const { return ViewOptions(bits_ & ~bit(option)); }
  constexpr bool has(ViewOption option) const { return (bits_ & bit(option)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  explicit constexpr ViewOptions(unsigned bits) : bits_(bits) {}
  static constexpr unsigned bit(ViewOption option) { return 1u << static_cast<unsigned>(option); }
  unsigned bits_ = 0;
};

struct ViewRule {
  ViewKind kind;
  std::string_view words;  ///< of the command line, for messages: "netstat -r"
  ViewOptions accepted;    ///< each of these has an effect; the others are refused
};
/// One for each ViewKind, in that order.
std::span<const ViewRule> view_rules();

/// Throws UsageError with status 2 that names the first option that does not go with the view, and those that do.
void require_accepted(ViewKind kind, const ViewRequest& request);

}  // namespace duostat

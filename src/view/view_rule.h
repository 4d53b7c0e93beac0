// Which of the shared options a view takes. A view refuses the others by name; none is accepted and ignored.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/view/view_request.h"

namespace duostat {

/// A set of ViewOption.
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
  std::string_view words;  ///< names the view in messages, as on the command line: "netstat -r"
  ViewOptions accepted;    ///< each of these has an effect
};

/// Throws UsageError with status 2 for the first option in `request` that the rule does not accept. The message lists
/// those it does.
void require_accepted(const ViewRule& rule, const ViewRequest& request);

}  // namespace duostat

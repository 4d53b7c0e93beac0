// --watch and --rate: repeats a listing, in place on a terminal, else one pass after the other.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/view/view_plan.h"

namespace duostat {

class EndedConnections;  // src/view/ended_connections.h
class RateTable;         // src/insight/rates.h

/// A listing that can be repeated. The members must outlive repeat_listing().
struct RepeatedListing {
  const ColumnSet& columns;
  Via via = Via::automatic;
  /// One pass: lists what `plan` selects, to the outputs of the environment. Returns the exit status.
  FunctionRef<int(Environment&, const ViewPlan&)> list;
  FunctionRef<void()> toggle_names;  ///< later passes have names in place of numbers, or the reverse
};

/// Repeats the listing for a request with --watch until SIGINT, SIGTERM or SIGHUP, or `q` on a terminal, and lists once
/// after two looks for one with --rate alone. A signal never cuts a pass. Returns the status of the last pass. Throws
/// UsageError with status 2 if the request or the source does not allow it.
int repeat_listing(Environment& env, const ViewRequest& request, const RepeatedListing& listing);

/// Throws UsageError with status 2 for `--watch 5`: the number would be an operand.
void require_attached_interval(std::span<const std::string> words);

/// --watch for commands of ours.
template <class Request>
constexpr std::array<Option<Request>, 1> watch_option() {
  return {{{0, "watch", "[=SECONDS]", kWatchHelp, choose_view<Request, &ViewRequest::watch>, kViewGroup}}};
}

// Parts of the above, for the screen (src/view/watch_session.h).

/// Runs one pass with other outputs. `width`: of the terminal; 0: the outputs are no terminal.
int list_into(Environment& env, Output& out, Diagnostics& err, int width, const ViewPlan& plan,
              const RepeatedListing& listing);
/// Takes a look for rates, which prints nothing.
void take_look(Environment& env, const ViewRequest& request, const RepeatedListing& listing, RateTable& rates);
/// Follows connections that end, if the request needs it; else null.
std::unique_ptr<EndedConnections> ended_for(Environment& env, const ViewRequest& request, RateTable& rates);
/// Throws UsageError with status 2 if the source has no bytes of connections.
void require_bytes(const Environment& env, Via via);

}  // namespace duostat

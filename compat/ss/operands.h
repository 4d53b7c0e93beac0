// The words that are not options: state words first, then the filter; and what follows from options and words together.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "compat/ss/options.h"

namespace duostat::ss {

/// Takes the leading `state WORD` and `exclude WORD` pairs off `words` and folds them into the request. A mistake ends up in
/// Request::ending.
void take_state_words(std::span<const std::string>& words, Request& request);

/// Fills in what nobody chose, completes tables by families and families by tables, and ends the request if nothing is left
/// to show.
void complete_choice(Request& request);

}  // namespace duostat::ss

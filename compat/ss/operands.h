// The words that are no options: state words first, then the filter. And the defaults, which follow from options and
// words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "compat/ss/options.h"

namespace duostat::ss {

/// Removes the leading `state WORD` and `exclude WORD` pairs from `words` and folds them into the request. A mistake
/// sets Request::ending.
void take_state_words(std::span<const std::string>& words, Request& request);

/// Fills in the defaults, adds the tables of the families and the families of the tables, and sets Request::ending if
/// nothing is left to show.
void complete_choice(Request& request);

}  // namespace duostat::ss

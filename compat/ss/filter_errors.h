// ss's messages about a filter that it cannot parse.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "src/query/parser.h"

namespace duostat::ss {

struct FilterFailure {
  std::string text;    ///< whole lines for standard error
  int status = 1;      ///< exit status
  bool usage = false;  ///< the usage text follows on standard error
};

/// The original's bytes. For a person at a terminal two lines more: the filter, and a caret under the place that is
/// wrong with what could stand there. `words` are those that were parsed.
FilterFailure filter_failure(const FilterError& error, std::span<const std::string> words, bool terminal);

}  // namespace duostat::ss

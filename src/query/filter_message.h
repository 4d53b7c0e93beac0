// What a message about a wrong filter says: what could stand at the place, and where it is.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "src/query/parser.h"

namespace duostat {

/// What would have been valid at the place of the error: "= != < > <= >=", "the name or number of an interface".
std::string expected_text(const FilterError& error);

/// Two lines with newlines: the words of the filter, and a caret under the error with what was expected. Control
/// characters are replaced.
std::string caret_lines(const FilterError& error, std::span<const std::string> words);

}  // namespace duostat

// Suggestions for mistyped words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace duostat {

/// The element of `words` that a user who typed `word` most probably meant: the first whose last part is `word`
/// ("local_port" for "port"), else the shortest that begins with it, else the one that takes the fewest edits, if these
/// are at most a third of the length of `word`. An edit inserts, removes or replaces a character, or swaps two
/// neighbours. Letter case does not count, and '-' equals '_'. Empty if there is none.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

/// "; did you mean tcp?", or nothing. `before` stands before the suggestion: "--".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> words, std::string_view before = {});

}  // namespace duostat

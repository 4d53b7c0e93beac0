// Parses a word that names an end of a socket: ADDRESS:PORT, or the form of another family.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/query/parser.h"

namespace duostat {

/// A parsed host word.
struct HostWord {
  HostPredicate predicate;                ///< its side is left to the caller
  Family family = Family::unspecified;    ///< chosen by its prefix or by the context
  FilterErrorKind error = FilterErrorKind::none;
  std::string value;                      ///< the part that is wrong
  std::size_t offset = 0;                 ///< of that part, in the word
};

/// `port_only`: the word follows sport or dport. `preferred`: the family of a word without a prefix.
HostWord parse_host_word(std::string_view word, bool port_only, Family preferred, const ParserContext& context);

}  // namespace duostat

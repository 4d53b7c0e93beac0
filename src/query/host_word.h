// One word that names an end of a socket: ADDRESS:PORT and its like in the other families.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/query/parser.h"

namespace duostat {

/// What a host word means.
struct HostWord {
  HostPredicate predicate;                ///< its side is left to the caller
  Family family = Family::unspecified;    ///< the family that its prefix or the context chose
  FilterErrorKind error = FilterErrorKind::none;
  std::string value;                      ///< the part that is wrong
  std::size_t offset = 0;                 ///< where in the word that part begins
};

/// `port_only`: the word stands after sport or dport. `preferred`: the family of a word without a prefix.
HostWord parse_host_word(std::string_view word, bool port_only, Family preferred, const ParserContext& context);

}  // namespace duostat

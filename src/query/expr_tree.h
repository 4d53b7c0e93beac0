// A filter expression as a tree of lines, for people.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/query/expr.h"

namespace duostat {

/// One node, before its operands. Nothing here recurses: the depth of an expression is its author's choice.
struct TreeLine {
  std::string branches;  ///< what stands before it: "|  `- "
  std::string text;      ///< "and", "or", "not" or a predicate
  std::uint32_t node;    ///< index in Expr::nodes()
  std::uint32_t depth;   ///< 0: the root
};
std::vector<TreeLine> tree_of(const Expr& expr);

}  // namespace duostat

// Formats a filter expression as a tree, one node a line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/query/expr.h"

namespace duostat {

/// One node; its operands follow. Nothing recurses, so an expression may be of any depth.
struct TreeLine {
  std::string branches;  ///< the text before it: "|  `- "
  std::string text;      ///< "and", "or", "not" or a predicate
  std::uint32_t node;    ///< index in Expr::nodes()
  std::uint32_t depth;   ///< 0: the root
};
std::vector<TreeLine> tree_of(const Expr& expr);

}  // namespace duostat

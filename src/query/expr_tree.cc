// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/expr_tree.h"

#include <utility>

namespace duostat {

std::vector<TreeLine> tree_of(const Expr& expr) {
  using Kind = Expr::Kind;
  struct Pending {
    std::uint32_t node, depth;
    std::string before;  ///< before its operands
    bool last;
  };
  const auto nodes = expr.nodes();
  std::vector<TreeLine> lines;
  std::vector<Pending> pending{{static_cast<std::uint32_t>(nodes.size() - 1), 0, "", true}};
  while (!pending.empty()) {
    const Pending at = std::move(pending.back());
    pending.pop_back();
    const Expr::Node& node = nodes[at.node];
    const std::string branches = at.depth == 0 ? std::string() : at.before + (at.last ? "`- " : "|- ");
    const std::string below = at.depth == 0 ? std::string() : at.before + (at.last ? "   " : "|  ");
    switch (node.kind) {
      case Kind::predicate:
        lines.push_back({branches, dump(expr.predicates()[node.predicate]), at.node, at.depth});
        continue;
      case Kind::negation:
        lines.push_back({branches, "not", at.node, at.depth});
        break;
      case Kind::conjunction:
        lines.push_back({branches, "and", at.node, at.depth});
        break;
      case Kind::disjunction:
        lines.push_back({branches, "or", at.node, at.depth});
        break;
    }
    pending.push_back({at.node - 1, at.depth + 1, below, true});
    if (node.kind != Kind::negation) pending.push_back({node.left, at.depth + 1, below, false});
  }
  return lines;
}

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/btf_declaration.h"

namespace duostat::ss {
namespace {

std::string base_name(const BtfType& type) {
  const std::string name(type.name);
  const auto tagged = [&](std::string word) { return name.empty() ? word : word + " " + name; };
  switch (type.kind) {
    case BtfKind::structure: return tagged("struct");
    case BtfKind::union_: return tagged("union");
    case BtfKind::forward: return tagged(type.flag ? "union" : "struct");
    case BtfKind::enumeration:
    case BtfKind::enumeration64: return "enum " + name;
    case BtfKind::nothing: return "void";
    default: return name;
  }
}

/// `levels` of parameters within parameters are spelled out.
std::string declare(const Btf& btf, std::uint32_t id, std::string_view name, unsigned levels) {
  std::string text(name);  // what stands behind the innermost type, from the name outwards
  for (unsigned i = 0; i < Btf::kDepth; ++i) {
    const BtfType type = btf.type(btf.unqualified(id));
    id = type.target;
    if (type.kind == BtfKind::pointer) {
      text.insert(0, 1, '*');
    } else if (type.kind == BtfKind::array) {
      if (text.starts_with('*')) text = "(" + text + ")";
      text += "[" + std::to_string(type.elements) + "]";
    } else if (type.kind == BtfKind::prototype) {
      std::string parameters;
      for (std::size_t p = 0; levels != 0 && p < type.count; ++p) {
        const BtfParameter parameter = btf.parameter(type, p);
        const bool rest = parameter.type == 0 && parameter.name.empty();
        if (rest && type.count == 1) break;  // (void)
        parameters += (p == 0 ? "" : ", ") + (rest ? "..." : declare(btf, parameter.type, parameter.name, levels - 1));
      }
      text = " (" + text + ")(" + parameters + ")";
    } else {
      const bool apart = !text.empty() && !text.starts_with(' ') && (text.starts_with('*') || !name.empty());
      return base_name(type) + (apart ? " " : "") + text;
    }
  }
  return text;
}

}  // namespace

std::string declaration(const Btf& btf, std::uint32_t type, std::string_view name) {
  constexpr unsigned kLevels = 8;
  return declare(btf, type, name, kLevels);
}

}  // namespace duostat::ss

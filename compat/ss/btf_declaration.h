// Formats a BTF type as a C declaration, as in casts and parameters.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/bpf/btf.h"

namespace duostat::ss {

/// "int *(*name)[2]", or without a name "int *(*)[2]". Qualifiers are left out, and structures without a name are
/// "struct".
std::string declaration(const Btf& btf, std::uint32_t type, std::string_view name = {});

}  // namespace duostat::ss

// The socket tables of families that few kernels still have: IPX, AX.25, X.25, NET/ROM, ROSE.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat::netstat {

struct RareAnswer {
  Coverage coverage;  ///< error and object if the file could not be opened or read to its end
  int status = 0;     ///< not 0 if a malformed row ended the listing
};

/// Prints the family's table; nothing if its file cannot be opened.
RareAnswer print_rare_family(Environment& env, const Request& request, AddressFamily family);

}  // namespace duostat::netstat

// One interface as ifconfig shows it: netstat -i -e.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/model/interface.h"

namespace duostat::netstat {

/// Prints the interface and an empty line.
void print_details(Output& out, const Interface& interface);

}  // namespace duostat::netstat

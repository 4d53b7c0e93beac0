// duostat states --closed: this host's figures for `closed` of ss -s, and who holds sockets without a connection.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/collect/environment.h"
#include "src/view/view_request.h"

namespace duostat::command {

/// Prints the report and returns the exit status. `title`: prefix of messages.
int print_closed(Environment& env, std::string_view title, const ViewRequest& request);

}  // namespace duostat::command

// The socket listing: its tables, their order, and the exit status.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// Prints every table of `listing` once, or the form that `plan` asks for. Returns the exit status; 0 lets -c go on.
/// Raises `status_of_view` if sockets are missing from such a form: a failure too, but it does not end -c.
int list_sockets(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via,
                 int& status_of_view);

}  // namespace duostat::netstat

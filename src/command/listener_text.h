// The words for a listener in listings for people. Names of other programs are raw bytes: tables escape them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/collect/environment.h"
#include "src/model/listener.h"

namespace duostat::command {

/// "127.0.0.1", "all", "all IPv4", "fe80::1%eth0"; the name of a UNIX socket.
std::string listener_address(const Listener& l);
/// "3/128": connections that wait, and how many may; empty if unknown.
std::string queue_text(const Listener& l);
/// "nginx 812 +3 x4" (three more processes, four sockets), "systemd (activated)", "kernel", "?" for an owner that is
/// not visible.
std::string process_text(const Listener& l);
/// Unit, container or pod; empty if there is none. `numeric`: without names of users.
std::string workload_text(Environment& env, const Listener& l, bool numeric);

}  // namespace duostat::command

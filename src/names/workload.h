// The names that container runtimes and systemd give control groups, as one table, and what a process belongs to by
// them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/model/workload.h"

namespace duostat {

/// The systemd unit in a control group's path: its last component that ends in .service, .scope, .socket, .mount, .swap
/// or .slice; empty if there is none. For a container this may be the scope around it, "docker-….scope".
std::string_view systemd_unit(std::string_view path) noexcept;

/// From the text of /proc/PID/cgroup (cgroups(7)). The cgroup2 path counts first, then the hierarchies name=systemd,
/// pids, memory and the others of cgroup v1: the first path that names a container, else the first that names a unit.
/// Empty if there is neither.
Workload workload_of(std::string_view text);
/// From one path of a hierarchy: each name is the one nearest to the leaf.
Workload workload_of_path(std::string_view path);

/// One short text: "nginx.service", "docker 3f2a94c0b1de", "web.service (podman 3f2a94c0b1de)",
/// "lxc web/nginx.service", "pod 1c0e…/3f2a94c0b1de", "app.service (user 1000)", "systemd" for a service manager. Raw
/// bytes. `user`: the name of Workload::user; empty: the number is printed. Empty if nothing is known.
std::string display_text(const Workload& workload, std::string_view user = {});

}  // namespace duostat

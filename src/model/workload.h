// The workload of a process: a systemd unit, a container, a pod.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duostat {

/// The program that runs a container, as far as a control group's name says.
enum class Runtime : std::uint8_t { none, docker, containerd, crio, podman, kubernetes, ecs, lxc, nspawn };

/// "docker", "cri-o", …; empty for none. `kubernetes` and `ecs`: the runtime below them is unknown.
constexpr std::string_view word_of(Runtime runtime) {
  constexpr std::string_view kWords[] = {"",           "docker", "containerd", "cri-o", "podman",
                                         "kubernetes", "ecs",    "lxc",        "nspawn"};
  return kWords[static_cast<unsigned>(runtime)];
}

/// Read from the names of a process's control groups (names/workload.h). Raw bytes, empty if there is none. A user to
/// whom a part of the tree is delegated chooses the names there: they inform, and prove nothing.
struct Workload {
  std::string unit;       ///< as systemd writes it: "nginx.service"; never the scope around a container
  std::string user_unit;  ///< unit of a user's service manager; `unit` is then "user@1000.service"
  std::optional<std::uint32_t> user;  ///< the user of that manager
  Runtime runtime = Runtime::none;
  std::string container;  ///< 64 hexadecimal digits, or a name without systemd's escapes: "my-box"
  std::string pod;        ///< uid of a Kubernetes pod, id of a podman pod or of an ECS task
  bool inside = false;    ///< `unit` belongs to the service manager in the container
  bool manager = false;   ///< init.scope: the service manager itself, pid 1 or, with `user`, that of a user

  bool empty() const { return unit.empty() && container.empty() && pod.empty(); }
  bool operator==(const Workload&) const = default;
};

}  // namespace duostat

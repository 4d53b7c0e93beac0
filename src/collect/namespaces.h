// Network namespaces: entering one with a name, as `ip netns` keeps them; finding those of this host, and reading in
// one of them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/fd.h"
#include "src/base/function_ref.h"
#include "src/collect/environment.h"
#include "src/model/network_namespace.h"

namespace duostat {

/// Moves this process into the network namespace /var/run/netns/NAME, else into the one of the file if `name` is a path
/// with '/', or of the process if it is a number, and into a new mount namespace, where /sys shows the devices of that
/// network namespace and each file of /etc/netns/NAME is bound over the file of that name in /etc. A file that cannot
/// be bound is reported on standard error and skipped. A dry run changes nothing and only reports to the dry_run.
/// Returns an empty text, or what went wrong.
std::string enter_network_namespace(Environment& env, std::string_view name);

struct NetworkNamespaces {
  std::vector<NetworkNamespace> list;  ///< the caller's first, then ascending by inode
  /// The caller's is the initial one, where the kernel keeps the limits of the whole host. nullopt: unknown.
  std::optional<bool> in_initial;
  std::uint64_t unknown = 0;           ///< processes whose namespace could not be told from others
  int error = 0;                       ///< errno of listing the processes, the mounts or the named ones

  /// False if there may be more. True does not cover what no user can see: see find_network_namespaces().
  bool complete() const noexcept { return error == 0 && unknown == 0; }
};

/// Whether the caller is in the initial network namespace: only there sysctl has tcp_mem (ipv4_sysctl_init()). Without
/// that folder, the namespace of process 1 decides, if it can be read.
std::optional<bool> in_initial_network_namespace(const ProcDir& proc);

/// Finds network namespaces by the links /proc/PID/ns/net, those of threads included, by mounts of nsfs, and by the
/// files in `named`. Reading a link needs ptrace rights; without them, the inode of PID/net/unix, readable by every
/// user, identifies the namespace. Does not throw for unreadable files. Namespaces that are held only by a socket, by a
/// descriptor of nsfs, or by a process or mount that is hidden from the caller are not found. Of a recorded host, only
/// those of processes that hold sockets are.
NetworkNamespaces find_network_namespaces(const ProcDir& proc, const std::string& named = "/var/run/netns");

/// Runs `read` in a thread that has entered the namespace, and waits for it. The environment that it gets reads the
/// namespace's sockets by netlink and by /proc/thread-self/net; /sys/class/net is that of the caller. In the caller's
/// own namespace no thread is started. Without the right to enter (CAP_SYS_ADMIN, seccomp), `read` gets the files
/// /proc/PID/net of a process in it, and `only_files`: sysctl is the caller's then, and netlink is refused, so pass
/// Via::procfs to collect(). Returns an empty text, or what went wrong, with the errno in `reason` (ESTALE, ENOENT,
/// ESRCH: it has ended); then `read` has not run. Rethrows what `read` throws. Refused in secure execution.
std::string read_in_namespace(Environment& env, const NetworkNamespace& listed,
                              FunctionRef<void(Environment&, bool only_files)> read, int* reason = nullptr);

/// Opens the namespace. Its first process may have ended while others are in it: then this looks for those, and puts
/// one of them into `place`. On failure returns no descriptor, with errno in `error`; has_ended(error): it has ended.
Fd open_network_namespace(const ProcDir& proc, NetworkNamespace& place, int& error);

/// True if an errno of open_network_namespace() or read_in_namespace() says that the namespace has ended.
constexpr bool has_ended(int error) { return error == ESTALE || error == ENOENT || error == ESRCH; }

/// Reads the name and the control groups of the first process of each namespace, and labels them: the name, else the
/// pod or container ("docker:3f2a94c0b1de"), else the first process ("812/nginx"), else the inode. Namespaces with the
/// same label also get their inodes.
void name_network_namespaces(const ProcDir& proc, std::vector<NetworkNamespace>& list);

}  // namespace duostat

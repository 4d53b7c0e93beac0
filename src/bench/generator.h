// Opens real connections on the loopback interface of a private network namespace.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/fd.h"
#include "src/base/interrupt.h"
#include "src/base/proc_dir.h"
#include "src/bench/child.h"

namespace duostat::bench {

inline constexpr std::uint64_t kMostConnections = 1'000'000;

/// Throws UsageError if so many connections are impossible: more than kMostConnections, or more than the system can
/// open (fs.file-max) or has memory for. Call it before anything is created.
void check_connections(const ProcDir& proc, std::uint64_t connections);

/// Moves this process into a private network namespace, with the loopback interface up; inside a private user namespace
/// if only root may do that. The namespace ends with its last process. Throws UsageError if neither is permitted.
void enter_private_network();

/// Raises this process's limit of open descriptors as far as possible. Returns how many it can open in addition to
/// those it has.
std::uint64_t raise_descriptor_limit() noexcept;

/// Connections that stay open. Both ends of each are here, so it is two sockets; each ten thousand need one listener.
/// Forked processes hold them, as many as the limit of descriptors requires, and end with this object.
class Connections {
 public:
  /// `interrupt` must outlive it.
  explicit Connections(Interrupt& interrupt);
  ~Connections();

  /// Opens connections until there are `connections`; never closes any. Returns 0, EINTR if a signal came first, or the
  /// kernel's errno. Throws SystemError if no process can be started.
  int grow_to(std::uint64_t connections);
  std::uint64_t count() const noexcept { return count_; }

 private:
  /// A process that holds the connections to one listener.
  struct Holder {
    Child child;
    Fd orders, answers;
    std::uint64_t count = 0;
  };
  Holder hire(std::uint32_t number);
  int answer_of(Holder& holder);

  Interrupt& interrupt_;
  std::uint64_t per_holder_;
  std::uint64_t count_ = 0;
  std::vector<Holder> holders_;
};

}  // namespace duostat::bench

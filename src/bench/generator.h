// Real connections on the loopback interface of a network namespace that nobody else is in.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/fd.h"
#include "src/base/proc_dir.h"
#include "src/bench/child.h"
#include "src/base/interrupt.h"

namespace duostat::bench {

inline constexpr std::uint64_t kMostConnections = 1'000'000;

/// Throws UsageError if these many connections cannot be: beyond kMostConnections, or beyond what the system lets be opened
/// (fs.file-max) or has memory for. Asked before anything is made.
void check_connections(const ProcDir& proc, std::uint64_t connections);

/// Moves this process into a network namespace of its own, with the loopback interface up; where only root may do that, inside a
/// user namespace of its own. The namespace ends with the last process in it. Throws UsageError where neither is allowed.
void enter_private_network();

/// Raises the limit of open descriptors of this process as far as it goes. How many it may have then beside what it has.
std::uint64_t raise_descriptor_limit() noexcept;

/// Connections that stay: each has both of its ends here, so it is two sockets; and each ten thousand need one listener.
/// They are held by forked processes, as many as the limit of descriptors asks for, which end with this value.
class Connections {
 public:
  /// `interrupt` must outlive it.
  explicit Connections(Interrupt& interrupt);
  ~Connections();

  /// Makes what is missing to `connections`; never closes any. 0, EINTR if a signal came first, or the errno with which the
  /// kernel refused one. Throws SystemError if there is no process to be had.
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

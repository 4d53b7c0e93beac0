// A program for the tracepoint inet_sock_set_state, which writes a record for each change of a TCP socket's state.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "src/base/fd.h"
#include "src/base/function_ref.h"
#include "src/bpf/program.h"
#include "src/bpf/ring_buffer.h"

namespace duostat {

/// What the program writes.
struct StateChange {
  std::uint64_t time_ns;  ///< CLOCK_MONOTONIC
  std::uint64_t key;      ///< address of the socket in the kernel
  std::uint64_t cookie;   ///< 0: the socket has none yet
  std::uint64_t acked, received;  ///< bytes
  std::uint32_t before, after;    ///< states
  std::uint32_t netns;            ///< inode
  std::uint32_t pid;              ///< of the running process, in the PID namespace of the reader; 0: it has none there
  std::uint16_t family;
  std::uint16_t local_port, remote_port;  ///< network order
  std::uint16_t unused;
  std::uint8_t local[16], remote[16];     ///< network order; IPv4: the first four bytes
  char comm[16];                          ///< of the running process; ends with NUL
};
static_assert(sizeof(StateChange) == 112 && offsetof(StateChange, before) == 40 &&
              offsetof(StateChange, family) == 56 && offsetof(StateChange, local) == 64 &&
              offsetof(StateChange, comm) == 96);

/// The type of the kernel that describes the tracepoint.
inline constexpr std::string_view kStateTracepoint = "btf_trace_inet_sock_set_state";

/// Identifies a PID namespace: st_dev and st_ino of /proc/self/ns/pid.
struct PidNamespace {
  std::uint64_t device = 0, inode = 0;
};

/// `ring` and `lost` are descriptors of maps: a ring buffer, and a counter of records that found it full.
Program state_program(int ring, int lost, PidNamespace reader);

/// The loaded program and its ring. Its destructor unloads it.
class StateChanges {
 public:
  /// null, with the reason in `failure`, if a step fails.
  static std::unique_ptr<StateChanges> open(BpfCall& kernel, PidNamespace reader, BpfFailure& failure);

  void read(FunctionRef<void(const StateChange&)> take);
  /// Records that found the ring full.
  std::uint64_t lost() const;

 private:
  explicit StateChanges(BpfCall& kernel) noexcept : kernel_(kernel) {}
  bool load(PidNamespace reader, BpfFailure& failure);

  BpfCall& kernel_;
  BpfRing ring_;
  Fd lost_, link_;
};

}  // namespace duostat

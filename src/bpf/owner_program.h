// Which descriptors of which processes are sockets: a program for the kernel's iterator over open files, and its run.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/bpf/iterator.h"
#include "src/bpf/program.h"

namespace duostat {

/// What the program writes for each descriptor of a process that is a socket, in the order of process and descriptor.
struct OwnerRecord {
  std::uint64_t inode;
  std::uint32_t pid;  ///< in the PID namespace of the reader; 0: that is nested too deep for the program
  std::uint32_t fd;
  char comm[16];      ///< ends with NUL
};
static_assert(sizeof(OwnerRecord) == 32 && offsetof(OwnerRecord, pid) == 8 && offsetof(OwnerRecord, comm) == 16);

/// The function of the kernel that the program is attached to.
inline constexpr std::string_view kOwnerFunction = "bpf_iter_task_file";

/// How deep PID namespaces may be nested for the reader to get its ids; the initial one is level 0.
inline constexpr unsigned kPidLevels = 4;

/// The program for readers in the first `levels` levels of PID namespaces. Tasks that are not the leader of their
/// process are left out, as in /proc/PID/fd.
Program owner_program(unsigned levels = kPidLevels);

/// The steps of a run. Each returns false, with the reason in `failure`, if it fails; the next is then not called.
class OwnerReader {
 public:
  explicit OwnerReader(BpfCall& kernel) noexcept : kernel_(kernel) {}

  /// Reads the kernel's types and fills in offsets.
  bool prepare(BpfFailure& failure);
  /// Loads the program and opens the iterator.
  bool load(BpfFailure& failure);
  /// Reads every record. `take` gets many at a time.
  bool read(FunctionRef<void(std::span<const OwnerRecord>)> take, BpfFailure& failure);

 private:
  BpfCall& kernel_;
  Program::Code code_;
  std::uint32_t function_ = 0;
  std::optional<BpfIterator> iterator_;
};

}  // namespace duostat

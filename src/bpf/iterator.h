// Loads a program, links it to an iterator of the kernel, and reads its records.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/fd.h"
#include "src/base/function_ref.h"
#include "src/bpf/abi.h"
#include "src/bpf/call.h"

namespace duostat {

/// The step at which a program could not be used, and why.
struct BpfFailure {
  enum class Step : std::uint8_t {
    none,
    types,    ///< reading the kernel's types
    offsets,  ///< a structure or member that the program names; `object`
    map,      ///< creating or mapping a map
    load,
    link,
    open,     ///< creating the iterator
    read,
    record,   ///< what was read is no list of records
    count_
  };
  Step step = Step::none;
  int error = 0;           ///< errno; 0: none
  std::string object = {}; ///< what was missing or wrong; may be empty
};

/// "load the program: Operation not permitted"
std::string text_of(const BpfFailure& failure);

/// A tracing program, to be loaded.
struct BpfTarget {
  std::string_view name;           ///< up to 15 bytes: what bpftool shows
  std::uint32_t attach_type;       ///< BPF_TRACE_ITER, …
  std::uint32_t function;          ///< number of the kernel type that it is attached to
};

/// BPF_PROG_LOAD. No descriptor, with the reason in `failure`, if the kernel refuses. Nothing is pinned: the program is
/// unloaded when its last descriptor is closed.
Fd load_program(BpfCall& kernel, const BpfTarget& target, std::span<const uapi::BpfInstruction> code,
                BpfFailure& failure);

/// A program that runs for each object of an iterator.
class BpfIterator {
 public:
  /// nullopt, with the reason in `failure`, if a step fails.
  static std::optional<BpfIterator> open(BpfCall& kernel, const BpfTarget& target,
                                         std::span<const uapi::BpfInstruction> code, BpfFailure& failure);

  /// Reads to the end. `take` gets whole records of `size` bytes, many at a time; it returns false for a record that
  /// cannot be. False, with the reason in `failure`, if it fails.
  bool read(std::span<std::byte> buffer, std::size_t size, FunctionRef<bool(Bytes)> take, BpfFailure& failure);

 private:
  BpfIterator(BpfCall& kernel, Fd records) noexcept : kernel_(&kernel), records_(std::move(records)) {}

  BpfCall* kernel_;
  Fd records_;  ///< keeps link and program alive
};

}  // namespace duostat

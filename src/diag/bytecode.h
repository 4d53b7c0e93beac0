// The kernel's filter for inet sockets: INET_DIAG_REQ_BYTECODE (net/ipv4/inet_diag.c, inet_diag_bc_run()).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/diag/disassemble.h"
#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/query/expr.h"

namespace duostat {

/// Compiles the value of the attribute. Empty if the kernel cannot narrow by this expression (it has a device predicate
/// or host words of another family, or is too long for 16-bit jumps): then query without a filter.
std::vector<std::byte> compile_bytecode(const Expr& expr);

/// Why compile_bytecode() returns nothing for the expression; empty if it returns a program.
std::string_view bytecode_obstacle(const Expr& expr);

/// True if a host word has a family that the kernel refuses in filters: any but AF_INET, AF_INET6 or none.
bool has_foreign_host(const Expr& expr);

/// The values that the kernel compares (struct inet_diag_entry).
struct BytecodeEntry {
  Family family = Family::inet;
  Address source{}, destination{};
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t ifindex = 0, mark = 0;
  std::uint64_t cgroup_id = 0;
  bool port_bound = false;  ///< SOCK_BINDPORT_LOCK: the program chose the port
};

/// The values that a program uses and that not every message contains.
struct BytecodeNeeds {
  bool port_bound = false, mark = false, cgroup_id = false;
};
BytecodeNeeds bytecode_needs(Bytes program) noexcept;

/// Runs a program as the kernel does, for tests and recorded answers. True if it arrives exactly at its end. Programs
/// that the kernel would refuse (inet_diag_bc_audit()) match nothing.
bool run_bytecode(Bytes program, const BytecodeEntry& entry) noexcept;

}  // namespace duostat

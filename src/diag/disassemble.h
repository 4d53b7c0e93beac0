// Reads inet_diag bytecode: its layout, the kernel's audit, and text for people.
//
// An instruction is {code u8, yes u8, no u16}, for some codes with data. If it holds, execution advances by `yes`
// bytes, otherwise by `no` bytes. A program accepts by arriving exactly at its end, and rejects by jumping beyond it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat::bc {

/// INET_DIAG_BC_* (include/uapi/linux/inet_diag.h).
enum class Code : std::uint8_t {
  nop = 0,
  jump = 1,
  source_at_least = 2,
  source_at_most = 3,
  destination_at_least = 4,
  destination_at_most = 5,
  autobound = 6,
  source = 7,
  destination = 8,
  device = 9,
  mark = 10,
  source_equal = 11,
  destination_equal = 12,
  cgroup = 13,
};

struct Instruction {
  std::uint8_t code, yes;
  std::uint16_t no;
};
static_assert(sizeof(Instruction) == 4);

/// struct inet_diag_hostcond; 4 or 16 bytes of address follow.
struct HostCondition {
  std::uint8_t family, bits;
  std::uint8_t pad[2];
  std::int32_t port;
};
static_assert(sizeof(HostCondition) == 8);

/// struct inet_diag_markcond.
struct MarkCondition {
  std::uint32_t mark, mask;
};

inline constexpr std::size_t kStep = sizeof(Instruction);

constexpr std::size_t address_size(std::uint8_t family) {
  return family == static_cast<std::uint8_t>(Family::inet6) ? 16 : 4;
}

constexpr bool is_kernel_family(Family family) {
  return family == Family::unspecified || family == Family::inet || family == Family::inet6;
}

struct Shape {
  Code code;
  std::string_view name;  ///< the kernel's constant
  const char* word;       ///< the filter's
  std::uint8_t size;      ///< minimum; host conditions are longer
};

/// An instruction of a program, with its data.
struct Operation {
  Instruction head{};
  const Shape* shape = nullptr;
  std::uint16_t port = 0;  ///< of a port comparison, encoded as the `no` of a second instruction
  HostCondition host{};
  Address address{};
  MarkCondition mark{};
  std::uint32_t ifindex = 0;
  std::uint64_t cgroup_id = 0;
  std::size_t size = 0;
};

/// Reads an instruction with the checks of inet_diag_bc_audit(), except those of jump targets. nullopt: the kernel
/// would refuse it.
std::optional<Operation> read_operation(Bytes program, std::size_t at) noexcept;

/// inet_diag_bc_audit(): true if the kernel would accept the program.
bool is_valid_program(Bytes program) noexcept;

/// An instruction as text.
struct Line {
  std::size_t offset, size;    ///< bytes
  std::string_view name;       ///< "INET_DIAG_BC_S_COND"
  std::string operands;        ///< "AF_INET 10.0.0.0/8 port 22"; empty: none
  std::string_view structure;  ///< the kernel's structure behind the instruction; empty: none
  std::size_t yes, no;         ///< offsets of the next instruction if it holds and if it does not
};

/// The lines of a program; none if the kernel would refuse it.
std::vector<Line> lines_of(Bytes program);

}  // namespace duostat::bc

namespace duostat {

/// Formats one instruction per line as a filter condition, with decimal offsets:
/// "0: src inet 10.0.0.0/8 port 22 yes 16 no 20". For bytes that are not a program, returns text that says so.
std::string disassemble(Bytes program);

}  // namespace duostat

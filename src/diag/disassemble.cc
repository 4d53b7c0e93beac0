// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/disassemble.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <cstring>

namespace duostat::bc {
namespace {

constexpr Shape kShapes[] = {
    {Code::nop, "INET_DIAG_BC_NOP", "nop", 4},
    {Code::jump, "INET_DIAG_BC_JMP", "jump", 4},
    {Code::source_at_least, "INET_DIAG_BC_S_GE", "sport >=", 8},
    {Code::source_at_most, "INET_DIAG_BC_S_LE", "sport <=", 8},
    {Code::destination_at_least, "INET_DIAG_BC_D_GE", "dport >=", 8},
    {Code::destination_at_most, "INET_DIAG_BC_D_LE", "dport <=", 8},
    {Code::autobound, "INET_DIAG_BC_AUTO", "autobound", 4},
    {Code::source, "INET_DIAG_BC_S_COND", "src", 12},
    {Code::destination, "INET_DIAG_BC_D_COND", "dst", 12},
    {Code::device, "INET_DIAG_BC_DEV_COND", "dev", 8},
    {Code::mark, "INET_DIAG_BC_MARK_COND", "fwmark", 12},
    {Code::source_equal, "INET_DIAG_BC_S_EQ", "sport =", 8},
    {Code::destination_equal, "INET_DIAG_BC_D_EQ", "dport =", 8},
    {Code::cgroup, "INET_DIAG_BC_CGROUP_COND", "cgroup", 12},
};

bool read_host(Bytes program, std::size_t at, Operation& op) noexcept {
  if (!read_at(program, at + kStep, op.host)) return false;
  const auto family = static_cast<Family>(op.host.family);
  if (!is_kernel_family(family)) return false;
  const std::size_t address = family == Family::unspecified ? 0 : address_size(op.host.family);
  if (op.host.bits > address * 8 || op.size + address > program.size() - at) return false;
  std::memcpy(op.address.data(), program.data() + at + op.size, address);
  op.size += address;
  return true;
}

}  // namespace

std::optional<Operation> read_operation(Bytes program, std::size_t at) noexcept {
  Operation op;
  if (!read_at(program, at, op.head)) return std::nullopt;
  for (const Shape& shape : kShapes)
    if (static_cast<std::uint8_t>(shape.code) == op.head.code) op.shape = &shape;
  if (op.shape == nullptr) return std::nullopt;
  op.size = op.shape->size;
  if (op.size > program.size() - at) return std::nullopt;
  switch (op.shape->code) {
    case Code::source:
    case Code::destination:
      if (!read_host(program, at, op)) return std::nullopt;
      break;
    case Code::mark:
      read_at(program, at + kStep, op.mark);
      break;
    case Code::device:
      read_at(program, at + kStep, op.ifindex);
      break;
    case Code::cgroup:
      read_at(program, at + kStep, op.cgroup_id);
      break;
    default:
      if (op.size == 2 * kStep) read_at(program, at + kStep + offsetof(Instruction, no), op.port);
  }
  return op;
}

namespace {

// True if following `yes` from the start reaches `target`.
bool is_instruction(Bytes program, std::size_t target) noexcept {
  std::size_t at = 0;
  Instruction head{};
  while (at < target && read_at(program, at, head) && head.yes >= kStep && head.yes % kStep == 0) at += head.yes;
  return at == target;
}

}  // namespace

bool is_valid_program(Bytes program) noexcept {
  std::size_t at = 0;
  while (at < program.size()) {
    const auto op = read_operation(program, at);
    if (!op) return false;
    const std::size_t rest = program.size() - at;
    if (op->shape->code != Code::nop) {
      const std::size_t no = op->head.no;
      if (no < op->size || no > rest + kStep || no % kStep != 0) return false;
      if (no < rest && !is_instruction(program, at + no)) return false;
    }
    if (op->head.yes < op->size || op->head.yes > rest + kStep || op->head.yes % kStep != 0) return false;
    at += op->head.yes;
  }
  return at == program.size();
}

namespace {

std::string prefix_of(const Operation& op) {
  char address[INET6_ADDRSTRLEN];
  inet_ntop(op.host.family, op.address.data(), address, sizeof address);
  return fmt::format("{}/{}", address, op.host.bits);
}

std::string operands_of(const Operation& op) {
  switch (op.shape->code) {
    case Code::source:
    case Code::destination: {
      const auto family = static_cast<Family>(op.host.family);
      std::string text = family == Family::unspecified
                             ? std::string("any address")
                             : fmt::format("AF_INET{} {}", family == Family::inet6 ? "6" : "", prefix_of(op));
      if (op.host.port != -1) text += fmt::format(" port {}", op.host.port);
      return text;
    }
    case Code::jump:
      return "(never holds)";
    case Code::nop:
      return "(always holds)";
    case Code::autobound:
      return "(port not chosen by bind)";
    case Code::mark:
      return fmt::format("mark {:#x} mask {:#x}", op.mark.mark, op.mark.mask);
    case Code::device:
      return fmt::format("ifindex {}", op.ifindex);
    case Code::cgroup:
      return fmt::format("cgroup id {}", op.cgroup_id);
    default:
      return op.size == 2 * kStep ? fmt::format("port {}", op.port) : std::string();
  }
}

std::string_view structure_of(const Operation& op) {
  switch (op.shape->code) {
    case Code::source:
    case Code::destination:
      return "inet_diag_hostcond";
    case Code::mark:
      return "inet_diag_markcond";
    case Code::device:
      return "u32";
    case Code::cgroup:
      return "u64";
    default:
      return op.size == 2 * kStep ? "inet_diag_bc_op" : "";
  }
}

std::string text_of(const Operation& op) {
  std::string text = op.shape->word;
  switch (op.shape->code) {
    case Code::source:
    case Code::destination:
      if (const auto family = static_cast<Family>(op.host.family); family != Family::unspecified)
        text += fmt::format(" {} {}", family == Family::inet ? "inet" : "inet6", prefix_of(op));
      return op.host.port == -1 ? text : text + fmt::format(" port {}", op.host.port);
    case Code::mark:
      return text + fmt::format(" {:#x}/{:#x}", op.mark.mark, op.mark.mask);
    case Code::device:
      return text + fmt::format(" {}", op.ifindex);
    case Code::cgroup:
      return text + fmt::format(" {}", op.cgroup_id);
    default:
      return op.size == 2 * kStep ? text + fmt::format(" {}", op.port) : text;
  }
}

}  // namespace

std::vector<Line> lines_of(Bytes program) {
  std::vector<Line> lines;
  if (!is_valid_program(program)) return lines;
  for (std::size_t at = 0; at < program.size();) {
    const Operation op = *read_operation(program, at);
    lines.push_back(
        {at, op.size, op.shape->name, operands_of(op), structure_of(op), at + op.head.yes, at + op.head.no});
    at += op.head.yes;
  }
  return lines;
}

}  // namespace duostat::bc

namespace duostat {

std::string disassemble(Bytes program) {
  if (!bc::is_valid_program(program)) return fmt::format("invalid program of {} bytes\n", program.size());
  std::string text;
  for (std::size_t at = 0; at < program.size();) {
    const bc::Operation op = *bc::read_operation(program, at);
    text += fmt::format("{}: {} yes {} no {}\n", at, bc::text_of(op), at + op.head.yes, at + op.head.no);
    at += op.head.yes;
  }
  return text;
}

}  // namespace duostat

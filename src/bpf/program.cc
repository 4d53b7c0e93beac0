// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/program.h"

#include <fmt/core.h>

#include <algorithm>

namespace duostat {
namespace {

using namespace uapi;

constexpr unsigned number(Register r) { return static_cast<unsigned>(r); }

/// The width of an access as bits of a code; nullopt for a number of bytes that no instruction has.
std::optional<std::uint8_t> width_code(std::uint32_t bytes) {
  switch (bytes) {
    case 1: return kBpf1;
    case 2: return kBpf2;
    case 4: return kBpf4;
    case 8: return kBpf8;
    default: return std::nullopt;
  }
}

unsigned bytes_of(std::uint8_t code) {
  constexpr unsigned kBytes[] = {4, 2, 1, 8};
  return kBytes[code >> 3 & 3];
}

std::string_view name_of(std::int32_t helper) {
  switch (helper) {
    case kBpfMapFind: return "map_lookup_elem(r1, r2)";
    case kBpfTime: return "ktime_get_ns()";
    case kBpfCurrentComm: return "get_current_comm(r1, r2)";
    case kBpfNamespacePid: return "get_ns_current_pid_tgid(r1, r2, r3, r4)";
    case kBpfSeqWrite: return "seq_write(r1, r2, r3)";
    case kBpfRingOutput: return "ringbuf_output(r1, r2, r3, r4)";
    case kBpfTcpSock: return "skc_to_tcp_sock(r1)";
    case kBpfCurrentTask: return "get_current_task_btf()";
    default: return "?";
  }
}

std::string name_of(Register r) { return fmt::format("r{}", number(r)); }

}  // namespace

Program::Label Program::label(std::string_view name) {
  labels_.push_back({name});
  return {labels_.size() - 1};
}
void Program::place(Label label) { labels_[label.number].row = rows_.size(); }

void Program::move(Register to, Register from) { rows_.push_back({kBpfAlu64 | kBpfMove | kBpfRegister, to, from}); }
void Program::move(Register to, std::int32_t value) {
  rows_.push_back({kBpfAlu64 | kBpfMove, to, Register::r0, 0, value});
}
void Program::add(Register to, std::int32_t value) {
  rows_.push_back({kBpfAlu64 | kBpfAdd, to, Register::r0, 0, value});
}
void Program::and_with(Register to, std::int32_t value) {
  rows_.push_back({kBpfAlu64 | kBpfAnd, to, Register::r0, 0, value});
}
void Program::load_constant(Register to, std::uint64_t value) {
  constexpr unsigned kHalf = 32;
  rows_.push_back({kBpfLoadConstant | kBpf8, to, Register::r0, 0, static_cast<std::int32_t>(value)});
  rows_.push_back({0, Register::r0, Register::r0, 0, static_cast<std::int32_t>(value >> kHalf), {}, false, true});
}
void Program::load_map(Register to, int descriptor) {
  rows_.push_back({kBpfLoadConstant | kBpf8, to, static_cast<Register>(kBpfMapDescriptor), 0, descriptor});
  rows_.push_back({0, Register::r0, Register::r0, 0, 0, {}, false, true});
}
void Program::load_argument(Register to, Register from, std::int16_t number) {
  constexpr int kBytes = 8;
  rows_.push_back({kBpfLoad | kBpfMemory | kBpf8, to, from, static_cast<std::int16_t>(number * kBytes)});
}
void Program::load_frame(Register to, std::int16_t at, unsigned width) {
  rows_.push_back(
      {static_cast<std::uint8_t>(kBpfLoad | kBpfMemory | width_code(width).value_or(kBpf8)), to, Register::r10, at});
}
void Program::load(Register to, Register from, std::string_view member) {
  rows_.push_back({kBpfLoad | kBpfMemory, to, from, 0, 0, member});
}
void Program::load_8(Register to, Register from, std::string_view member, std::int16_t skip) {
  rows_.push_back({kBpfLoad | kBpfMemory | kBpf8, to, from, skip, 0, member, true});
}
void Program::store(std::int16_t at, Register from, unsigned width) {
  const auto code = static_cast<std::uint8_t>(kBpfStore | kBpfMemory | width_code(width).value_or(kBpf8));
  rows_.push_back({code, Register::r10, from, at});
}
void Program::add_atomic(Register to, Register from) {
  rows_.push_back({kBpfStore | kBpfAtomic | kBpf8, to, from, 0, kBpfAdd});
}
void Program::jump(Label label) {
  rows_.push_back({kBpfJump | kBpfAlways, Register::r0, Register::r0, 0, 0, {}, false, false, label.number});
}
void Program::jump_if_equal(Register left, std::int32_t value, Label label) {
  rows_.push_back({kBpfJump | kBpfEqual, left, Register::r0, 0, value, {}, false, false, label.number});
}
void Program::jump_unless_equal(Register left, std::int32_t value, Label label) {
  rows_.push_back({kBpfJump | kBpfUnequal, left, Register::r0, 0, value, {}, false, false, label.number});
}
void Program::jump_unless_equal(Register left, Register right, Label label) {
  rows_.push_back({kBpfJump | kBpfUnequal | kBpfRegister, left, right, 0, 0, {}, false, false, label.number});
}
void Program::call(BpfHelper helper) { rows_.push_back({kBpfJump | kBpfCall, Register::r0, Register::r0, 0, helper}); }
void Program::exit() { rows_.push_back({kBpfJump | kBpfExit, Register::r0, Register::r0}); }

std::vector<std::string_view> Program::structures() const {
  std::vector<std::string_view> names;
  for (const Row& row : rows_) {
    const std::string_view name = row.member.substr(0, row.member.find('.'));
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

std::optional<Program::Code> Program::link(const KernelTypes& types, std::string_view& missing) const {
  Code code;
  code.reserve(rows_.size());
  for (const Row& row : rows_) {
    BpfInstruction& out = code.emplace_back();
    out = {row.code, registers_of(number(row.to), number(row.from)), row.offset, row.value};
    if (row.label != kNoLabel) out.offset = static_cast<std::int16_t>(labels_[row.label].row - code.size());
    if (row.member.empty()) continue;
    const auto member = types.member(row.member);
    const auto width = row.own_width ? kBpf8 : member ? width_code(member->size) : std::nullopt;
    if (!member || !width || (!row.own_width && member->elements != 0) || member->offset > INT16_MAX - 8) {
      missing = row.member;
      return std::nullopt;
    }
    out.code = static_cast<std::uint8_t>(row.code | *width);
    out.offset = static_cast<std::int16_t>(row.offset + static_cast<std::int16_t>(member->offset));
  }
  return code;
}

std::string Program::text_of(const Row& row, const std::vector<Place>& labels) {
  const std::string to = name_of(row.to);
  const std::string operand = (row.code & kBpfRegister) != 0 ? name_of(row.from) : fmt::format("{:#x}", row.value);
  const auto goal = [&] { return fmt::format("goto {}", labels[row.label].name); };
  if (row.second) return fmt::format("  and the upper half {:#x}", static_cast<std::uint32_t>(row.value));
  switch (row.code & 7) {
    case kBpfLoadConstant:
      if (number(row.from) == kBpfMapDescriptor) return fmt::format("{} = map {}", to, row.value);
      return fmt::format("{} = {:#x}", to, static_cast<std::uint32_t>(row.value));
    case kBpfLoad:
      if (row.member.empty() && row.offset < 0)
        return fmt::format("{} = [{} - {}], {} bytes", to, name_of(row.from), -row.offset, bytes_of(row.code));
      if (row.member.empty())
        return fmt::format("{} = [{} + {}], {} bytes", to, name_of(row.from), row.offset, bytes_of(row.code));
      return fmt::format("{} = [{} + {}{}]", to, name_of(row.from), row.member,
                         row.own_width ? fmt::format(" + {}, 8 bytes", row.offset) : "");
    case kBpfStore:
      if ((row.code & kBpfAtomic) == kBpfAtomic) return fmt::format("[{}] += {}, atomic", to, name_of(row.from));
      return fmt::format("[{} - {}] = {}, {} bytes", to, -row.offset, name_of(row.from), bytes_of(row.code));
    case kBpfAlu64:
      switch (row.code & 0xf0) {
        case kBpfAdd:
          return row.value < 0 ? fmt::format("{} -= {}", to, -row.value) : fmt::format("{} += {}", to, operand);
        case kBpfAnd: return fmt::format("{} &= {}", to, operand);
        default: return fmt::format("{} = {}", to, operand);
      }
    default: break;
  }
  switch (row.code & 0xf0) {
    case kBpfAlways: return goal();
    case kBpfEqual: return fmt::format("if {} == {} {}", to, operand, goal());
    case kBpfUnequal: return fmt::format("if {} != {} {}", to, operand, goal());
    case kBpfCall: return fmt::format("r0 = {}", name_of(row.value));
    default: return "exit";
  }
}

std::string Program::text() const {
  std::string text;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (const Place& label : labels_)
      if (label.row == i) text += fmt::format("{}:\n", label.name);
    text += fmt::format("{:4}  {}\n", i, text_of(rows_[i], labels_));
  }
  return text;
}

}  // namespace duostat

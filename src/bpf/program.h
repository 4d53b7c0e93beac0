// A BPF program as rows: an assembler with labels, offsets by the names of kernel members, and a text form.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/bpf/abi.h"
#include "src/bpf/kernel_types.h"

namespace duostat {

/// R10 is the frame pointer; R1 to R5 are arguments of a call, R0 its result.
enum class Register : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10 };

class Program {
 public:
  struct Label {
    std::size_t number;
  };
  using Code = std::vector<uapi::BpfInstruction>;

  /// A place that jumps lead to; place() puts it before the next row. `name` must outlive the program, as all views.
  Label label(std::string_view name);
  void place(Label label);

  void move(Register to, Register from);
  void move(Register to, std::int32_t value);
  void add(Register to, std::int32_t value);
  void and_with(Register to, std::int32_t value);
  /// Loads 64 bits that are known now.
  void load_constant(Register to, std::uint64_t value);
  /// Loads the map of a descriptor.
  void load_map(Register to, int descriptor);
  /// Loads argument `number` of a tracepoint, from 0, of the context in `from`.
  void load_argument(Register to, Register from, std::int16_t number);
  /// Loads `width` bytes (1, 2, 4, 8) of the frame; `at` is negative.
  void load_frame(Register to, std::int16_t at, unsigned width);
  /// Loads a member of a structure: `member` is a path of KernelTypes::member(), which decides offset and width.
  void load(Register to, Register from, std::string_view member);
  /// Loads 8 bytes of a member, from its byte `skip` on.
  void load_8(Register to, Register from, std::string_view member, std::int16_t skip);
  /// Stores the low `width` bytes (1, 2, 4, 8) in the frame; `at` is negative.
  void store(std::int16_t at, Register from, unsigned width);
  /// Adds to the 8 bytes where `to` points, at once for all processors.
  void add_atomic(Register to, Register from);
  void jump(Label label);
  void jump_if_equal(Register left, std::int32_t value, Label label);
  void jump_unless_equal(Register left, std::int32_t value, Label label);
  void jump_unless_equal(Register left, Register right, Label label);
  void call(uapi::BpfHelper helper);
  void exit();

  std::size_t size() const noexcept { return rows_.size(); }
  /// The structures of the members, each once.
  std::vector<std::string_view> structures() const;
  /// Replaces names by offsets. nullopt if a member does not exist or has no width that can be loaded; `missing` is its
  /// path.
  std::optional<Code> link(const KernelTypes& types, std::string_view& missing) const;
  /// One line a row, with the names: "   4  r1 = [r7 + task_struct.pid]". Labels have lines of their own.
  std::string text() const;

 private:
  static constexpr std::size_t kNoLabel = static_cast<std::size_t>(-1);
  struct Row {
    std::uint8_t code;
    Register to, from;
    std::int16_t offset = 0;      ///< with a member: added to that of the member
    std::int32_t value = 0;
    std::string_view member{};    ///< empty: none
    bool own_width = false;       ///< the width is in `code`, not the member's
    bool second = false;          ///< the upper half of a constant
    std::size_t label = kNoLabel;
  };
  struct Place {
    std::string_view name;
    std::size_t row = 0;
  };
  static std::string text_of(const Row& row, const std::vector<Place>& labels);

  std::vector<Row> rows_;
  std::vector<Place> labels_;
};

}  // namespace duostat

// The assembler: text, labels, offsets and widths filled in, what cannot be linked.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/program.h"

#include <boost/test/unit_test.hpp>
#include <string_view>

#include "tests/bpf/made_kernel.h"

namespace duostat {
namespace {

using enum Register;

KernelTypes types_of(const std::vector<std::byte>& btf, const Program& program) {
  return KernelTypes::parse(btf, program.structures(), {}).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(program)

BOOST_AUTO_TEST_CASE(text_and_code) {
  Program p;
  const auto out = p.label("out"), again = p.label("again");
  p.place(again);
  p.move(r6, r1);
  p.load(r1, r6, "task_struct.pid");
  p.and_with(r1, 0xff);
  p.jump_unless_equal(r1, r6, again);
  p.jump_if_equal(r1, 7, out);
  p.load_8(r2, r6, "task_struct.comm", 8);
  p.store(-8, r2, 2);
  p.add(r2, -8);
  p.jump(out);
  p.call(uapi::kBpfSeqWrite);
  p.place(out);
  p.move(r0, 0);
  p.exit();
  BOOST_TEST(p.text() ==
             "again:\n"
             "   0  r6 = r1\n"
             "   1  r1 = [r6 + task_struct.pid]\n"
             "   2  r1 &= 0xff\n"
             "   3  if r1 != r6 goto again\n"
             "   4  if r1 == 0x7 goto out\n"
             "   5  r2 = [r6 + task_struct.comm + 8, 8 bytes]\n"
             "   6  [r10 - 8] = r2, 2 bytes\n"
             "   7  r2 -= 8\n"
             "   8  goto out\n"
             "   9  r0 = seq_write(r1, r2, r3)\n"
             "out:\n"
             "  10  r0 = 0x0\n"
             "  11  exit\n");
  const auto btf = wire::made_btf({.shift = 4});
  std::string_view missing;
  const auto code = p.link(types_of(btf, p), missing);
  BOOST_REQUIRE(code.has_value());
  BOOST_REQUIRE(code->size() == p.size());
  const auto is = [&](std::size_t row, std::uint8_t operation, unsigned to, unsigned from, int offset, int value) {
    const uapi::BpfInstruction& i = (*code)[row];
    BOOST_TEST(i.code == operation, row);
    BOOST_TEST(i.registers == uapi::registers_of(to, from), row);
    BOOST_TEST(i.offset == offset, row);
    BOOST_TEST(i.value == value, row);
  };
  is(0, 0xbf, 6, 1, 0, 0);
  is(1, 0x61, 1, 6, 20, 0);
  is(2, 0x57, 1, 0, 0, 0xff);
  is(3, 0x5d, 1, 6, -4, 0);
  is(4, 0x15, 1, 0, 5, 7);
  is(5, 0x79, 2, 6, 45 + 8, 0);
  is(6, 0x6b, 10, 2, -8, 0);
  is(7, 0x07, 2, 0, 0, -8);
  is(8, 0x05, 0, 0, 1, 0);
  is(9, 0x85, 0, 0, 0, 127);
  is(10, 0xb7, 0, 0, 0, 0);
  is(11, 0x95, 0, 0, 0, 0);
}

BOOST_AUTO_TEST_CASE(widths_are_those_of_the_kernel) {
  Program p;
  p.load(r1, r2, "inode.i_mode");
  p.load(r1, r2, "inode.i_ino");
  std::string_view missing;
  for (const auto& [size, code] :
       {std::pair(1u, 0x71), std::pair(2u, 0x69), std::pair(4u, 0x61), std::pair(8u, 0x79)}) {
    const auto btf = wire::made_btf({.mode_size = size, .inode_size = size});
    const auto linked = p.link(types_of(btf, p), missing);
    BOOST_REQUIRE(linked.has_value());
    BOOST_TEST((*linked)[0].code == code);
    BOOST_TEST((*linked)[1].code == code);
  }
  const auto odd = wire::made_btf({.mode_size = 3});
  BOOST_TEST(!p.link(types_of(odd, p), missing).has_value());
  BOOST_TEST(missing == "inode.i_mode");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_linked_is_named) {
  std::string_view missing;
  const auto refused = [&](std::string_view member, const wire::Layout& layout = {}) {
    Program p;
    p.load(r1, r2, member);
    const auto btf = wire::made_btf(layout);
    BOOST_TEST(!p.link(types_of(btf, p), missing).has_value(), member);
    BOOST_TEST(missing == member);
  };
  refused("task_struct.nothing");
  refused("nothing.pid");
  refused("task_struct.comm");   // an array is no value
  refused("pid.numbers[0]");     // nor is a structure of 16 bytes
  refused("task_struct.pid", {.shift = 40000});  // out of reach of an instruction
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat

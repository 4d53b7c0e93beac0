// Every opcode of inet_diag bytecode in the kernel's terms.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/disassemble.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/diag/bytecode.h"
#include "src/query/parser.h"
#include "tests/diag/hex.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(bytecode_lines)

BOOST_AUTO_TEST_CASE(every_opcode) {
  struct Row {
    const char *program, *name, *operands, *structure;
    std::size_t size;
  };
  constexpr Row rows[] = {
      {"00040400", "INET_DIAG_BC_NOP", "(always holds)", "", 4},
      {"01040800", "INET_DIAG_BC_JMP", "(never holds)", "", 4},
      {"02080c0000001600", "INET_DIAG_BC_S_GE", "port 22", "inet_diag_bc_op", 8},
      {"03080c0000001600", "INET_DIAG_BC_S_LE", "port 22", "inet_diag_bc_op", 8},
      {"04080c0000001600", "INET_DIAG_BC_D_GE", "port 22", "inet_diag_bc_op", 8},
      {"05080c000000ffff", "INET_DIAG_BC_D_LE", "port 65535", "inet_diag_bc_op", 8},
      {"06040800", "INET_DIAG_BC_AUTO", "(port not chosen by bind)", "", 4},
      {"07101400000000001600000000000000", "INET_DIAG_BC_S_COND", "any address port 22", "inet_diag_hostcond", 12},
      {"0810140002080000ffffffff0a000000", "INET_DIAG_BC_D_COND", "AF_INET 10.0.0.0/8", "inet_diag_hostcond", 16},
      {"071c20000a4000005000000020010db8000000000000000000000000", "INET_DIAG_BC_S_COND",
       "AF_INET6 2001:db8::/64 port 80", "inet_diag_hostcond", 28},
      {"09080c0003000000", "INET_DIAG_BC_DEV_COND", "ifindex 3", "u32", 8},
      {"0a0c1000050000000f000000", "INET_DIAG_BC_MARK_COND", "mark 0x5 mask 0xf", "inet_diag_markcond", 12},
      {"0b080c0000001600", "INET_DIAG_BC_S_EQ", "port 22", "inet_diag_bc_op", 8},
      {"0c080c0000001600", "INET_DIAG_BC_D_EQ", "port 22", "inet_diag_bc_op", 8},
      {"0d0c10000700000000000000", "INET_DIAG_BC_CGROUP_COND", "cgroup id 7", "u64", 12},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      const auto program = program_of(row.program);
      const auto lines = bc::lines_of(program);
      BOOST_REQUIRE(lines.size() == 1u);
      BOOST_TEST(lines[0].name == row.name);
      BOOST_TEST(lines[0].operands == row.operands);
      BOOST_TEST(lines[0].structure == row.structure);
      BOOST_TEST(lines[0].size == row.size);
      BOOST_TEST(lines[0].offset == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(targets_are_offsets_from_the_start) {
  const auto lines =
      bc::lines_of(program_of("07101400000000001600000000000000"
                         "01040800"));  // sport != 22
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0].yes == 16u);
  BOOST_TEST(lines[0].no == 20u);
  BOOST_TEST(lines[1].offset == 16u);
  BOOST_TEST(lines[1].no == 24u);
}

BOOST_AUTO_TEST_CASE(what_the_kernel_would_refuse_has_no_lines) {
  for (const char* program : {"07", "0e040400", "01040900", "00000000", "02040800"})
    BOOST_TEST(bc::lines_of(program_of(program)).empty(), program);
  BOOST_TEST(bc::lines_of({}).empty());
}

BOOST_AUTO_TEST_CASE(why_there_is_no_program) {
  const auto why = [](std::string text) {
    MapLookup names;
    const std::vector<std::string> words{std::move(text)};
    Parsed parsed = parse_filter(words, ParserContext{names, true, true, Family::unspecified, true});
    BOOST_REQUIRE(parsed.expr.has_value());
    BOOST_TEST(bytecode_obstacle(*parsed.expr).empty() != compile_bytecode(*parsed.expr).empty());
    return std::string(bytecode_obstacle(*parsed.expr));
  };
  BOOST_TEST(why("sport = 22") == "");
  BOOST_TEST(why("dev = 3").find("INET_DIAG_BC_DEV_COND") != std::string::npos);
  BOOST_TEST(why("src unix:/x").find("inet_diag_hostcond") != std::string::npos);
  std::string many = "sport = 1";
  for (int i = 0; i < 5000; ++i) many += " or sport = 1";
  BOOST_TEST(why(many).find("too long") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

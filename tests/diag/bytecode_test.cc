// Programs as captured from the original's requests, where its memory is initialised.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/bytecode.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/query/parser.h"
#include "tests/diag/hex.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(bytecode)

namespace {

Expr expr_of(std::string text, Family preferred = Family::unspecified) {
  MapLookup names;
  const std::vector<std::string> words{std::move(text)};
  Parsed parsed = parse_filter(words, ParserContext{names, true, true, preferred, true});
  BOOST_REQUIRE_MESSAGE(parsed.ok() && parsed.expr, words[0]);
  return *std::move(parsed.expr);
}

}  // namespace

BOOST_AUTO_TEST_CASE(bytes) {
  constexpr const char* rows[][2] = {
      {"sport = 22", "07101400000000001600000000000000"},
      {"dport = 22", "08101400000000001600000000000000"},
      {"sport != 22", "0710140000000000160000000000000001040800"},
      {"sport > 22", "03080c000000160001040800"},
      {"dport >= 22", "04080c0000001600"},
      {"dport <= 22", "05080c0000001600"},
      {"sport = 70000", "07101400000000007011010000000000"},
      {"sport >= 70000", "02080c0000007011"},
      {"sport >= *", "02080c000000ffff"},
      {"sport = *", "0710140000000000ffffffff00000000"},
      {"src 0/0", "0710140002000000ffffffff00000000"},
      {"src [::]", "071c20000a800000ffffffff00000000000000000000000000000000"},
      {"src 10.0.0.0/8:ssh", "0710140002080000160000000a000000"},
      {"autobound", "06040800"},
      {"fwmark = 5/15", "0a0c1000050000000f000000"},
      {"cgroup /a", "0d0c10000700000000000000"},
      {"not src 10.0.0.0/8:ssh or fwmark = 5",
       "0710140002080000160000000a00000001040800010410000a0c100005000000ffffffff"},
      {"sport = 1 or sport = 2 and sport = 3",
       "07101400000000000100000000000000010414000710240000000000020000000000000007101400000000000300000000000000"},
      {"sport = 1 and sport = 2 or sport = 3",
       "07102400000000000100000000000000071014000000000002000000000000000104140007101400000000000300000000000000"},
      {"sport = 1 ( sport = 2 or sport = 3 )",
       "07103800000000000100000000000000071014000000000002000000000000000104140007101400000000000300000000000000"},
      {"not not sport = 1", "071014000000000001000000000000000104080001040800"},
      {"not ( sport = 1 and not sport = 2 )",
       "07102800000000000100000000000000071014000000000002000000000000000104080001040800"},
      // One alternative for each address, all with the port of the first.
      {"src two",
       "0710140002200000ffffffffc00002010104" "2800" "0710140002200000ffffffffc00002010104" "1400"
       "0710140002200000ffffffffc0000201"},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(hex(compile_bytecode(expr_of(text))) == hex(program_of(expected))); }
}

BOOST_AUTO_TEST_CASE(dump_of_a_program) {
  BOOST_TEST(disassemble(compile_bytecode(expr_of("not src 10.0.0.0/8:ssh or fwmark = 5 and dport > 9"))) ==
             "0: src inet 10.0.0.0/8 port 22 yes 16 no 20\n"
             "16: jump yes 20 no 24\n"
             "20: jump yes 24 no 36\n"
             "24: fwmark 0x5/0xffffffff yes 36 no 52\n"
             "36: dport <= 9 yes 44 no 48\n"
             "44: jump yes 48 no 52\n");
  BOOST_TEST(disassemble(compile_bytecode(expr_of("dst [2001:db8::/32] cgroup /a autobound"))) ==
             "0: dst inet6 2001:db8::/32 yes 28 no 48\n"
             "28: cgroup 7 yes 40 no 48\n"
             "40: autobound yes 44 no 48\n");
  BOOST_TEST(disassemble(program_of("0b0814000000160009080c0001000000")) ==
             "0: sport = 22 yes 8 no 20\n"
             "8: dev 1 yes 16 no 20\n");
}

BOOST_AUTO_TEST_CASE(every_alternative_where_nobody_wants_the_quirk) {
  MapLookup names;
  const std::vector<std::string> words{"src two"};
  const Parsed parsed = parse_filter(words, ParserContext{names});
  BOOST_TEST(disassemble(compile_bytecode(*parsed.expr)) ==
             "0: src inet 192.0.2.1/32 yes 16 no 20\n"
             "16: jump yes 20 no 68\n"
             "20: src inet 192.0.2.2/32 yes 36 no 40\n"
             "36: jump yes 40 no 68\n"
             "40: src inet6 2001:db8::/128 yes 68 no 72\n");
}

BOOST_AUTO_TEST_CASE(leaves_to_user_space_what_the_kernel_cannot) {
  for (const char* text :
       {"dev lo", "sport 1 or not dev 0", "src unix:x or src inet:1", "src netlink:rtnl", "src link:"})
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(compile_bytecode(expr_of(text)).empty()); }
  std::string text = "sport 1";
  for (int i = 0; i < 3000; ++i) text += " or sport 1";
  BOOST_TEST(compile_bytecode(expr_of(text)).size() == 3001 * 16 + 3000 * 4);
  for (int i = 0; i < 400; ++i) text += " or sport 1";
  BOOST_TEST(compile_bytecode(expr_of(text)).empty());
}

BOOST_AUTO_TEST_CASE(runs_as_the_kernel_does) {
  const auto run = [](const char* text, const BytecodeEntry& entry) {
    return run_bytecode(compile_bytecode(expr_of(text)), entry);
  };
  BytecodeEntry four;
  four.source = {10, 0, 0, 1};
  four.source_port = 22;
  four.mark = 0x1f;
  four.cgroup_id = 7;
  BytecodeEntry mapped = four;
  mapped.family = Family::inet6;
  mapped.source = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  struct {
    const char* text;
    bool four, mapped;
  } constexpr rows[] = {
      {"src 10/8", true, true},
      {"src 10.0.0.1:22", true, true},
      {"src 11/8", false, false},
      {"src 0/0", true, true},
      {"src ::/0", false, true},  // families are compared even if no bit is
      {"src [::ffff:10.0.0.1]", false, true},
      {"src [::ffff:10.0.0.0/104]", false, true},
      {"dst 0/0", true, false},
      {"sport = 22", true, true},
      {"sport = 65558", false, false},   // 32 bits
      {"sport >= 65558", true, true},    // 16 bits: 22
      {"sport > 65558", false, false},
      {"sport <= 65557", false, false},  // 21
      {"fwmark 0x10/0xf0 cgroup /a", true, true},
      {"fwmark 0x10", false, false},
      {"autobound", true, true},
      {"not autobound or dport = 0", true, true},
      {"not ( src 10/8 or sport 5 )", false, false},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      BOOST_TEST(run(row.text, four) == row.four);
      BOOST_TEST(run(row.text, mapped) == row.mapped);
    }
  }
  four.port_bound = true;
  BOOST_TEST(!run("autobound", four));
}

BOOST_AUTO_TEST_CASE(refuses_what_the_kernel_refuses) {
  const BytecodeEntry entry;
  BOOST_TEST(run_bytecode(program_of("06040800"), entry));
  for (const char* program : {
           "060408",                            // truncated
           "0e040800",                          // no such instruction
           "06000800",                          // no jump targets
           "06050800",                          // odd
           "06040c00",                          // jumps too far
           "06040000",                          // jumps to itself
           "06080800",                          // ends within an instruction
           "02040800",                          // no room for its port
           "0710140001000000ffffffff00000000",  // unix addresses
           "0710140002210000ffffffff00000000",  // 33 bits
           "071c20000a800000ffffffff0000000000",
           "02080400000000000604080006040800",  // jumps into an instruction's data
       })
    BOOST_TEST_CONTEXT(program) {
      BOOST_TEST(!run_bytecode(program_of(program), entry));
      BOOST_TEST(disassemble(program_of(program)).starts_with("invalid program"));
    }
  BOOST_TEST(run_bytecode({}, entry));
}

BOOST_AUTO_TEST_SUITE_END()

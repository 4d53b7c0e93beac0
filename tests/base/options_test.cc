// The tokenizer by example. tests/agree/options_vs_getopt compares it with getopt_long on random command lines.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/options.h"

#include <boost/test/unit_test.hpp>

#include "tests/agree/option_tables.h"

using namespace duostat;

namespace {

/// Splits at single spaces; "''" is an empty word.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    result.emplace_back(word == "''" ? "" : word);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return result;
}

/// Formats the result as "t A=inet | operand operand | error": an option by its letter, or else by its first long name.
std::string dump(std::span<const OptionRow> table, const ParsedOptions& parsed) {
  std::string text;
  for (const OptionEvent& e : parsed.events) {
    const OptionRow& row = table[e.row];
    text += row.letter != 0 ? std::string(1, row.letter) : std::string(row.names.substr(0, row.names.find(',')));
    text += row.arg.empty() ? " " : "=" + e.value + " ";
  }
  text += "|";
  for (const std::string& operand : parsed.operands) text += " " + (operand.empty() ? "''" : operand);
  return parsed.error.empty() ? text : text + " | " + parsed.error;
}

struct Case {
  std::string_view line, wanted;
};

void check(std::span<const OptionRow> table, std::span<const Case> cases, OptionRules rules = {}) {
  for (const Case& c : cases) {
    const std::string got = dump(table, parse_options(table, words(c.line), rules));
    BOOST_TEST(got == c.wanted, c.line << "\n  gives:  " << got << "\n  wanted: " << c.wanted);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(clusters_order_and_repetition) {
  constexpr Case kCases[] = {
      {"", "|"},
      {"-tulpn", "t u l p n |"},
      {"-ee -e --extended", "e e e e |"},
      {"-l -a -l", "l a l |"},
      {"-460", "4 6 0 |"},
      {"-v", "v |"},
      {"state established -t ( dport = :22 ) -n", "t n | state established ( dport = :22 )"},
      {"-", "| -"},
      {"'' -t ''", "t | '' ''"},
      {"-t -- -u --foo -- x", "t | -u --foo -- x"},
  };
  check(test::kSsRows, kCases);
}

BOOST_AUTO_TEST_CASE(values) {
  constexpr Case kCases[] = {
      {"-A inet -t", "A=inet t |"},
      {"-Ainet", "A=inet |"},
      {"-nAinet", "n A=inet |"},
      {"-A=inet", "A==inet |"},
      {"--query inet", "A=inet |"},
      {"--query=inet", "A=inet |"},
      {"--socket=a=b", "A=a=b |"},
      {"--sock x", "A=x |"},
      {"--query=", "A= |"},
      {"--query '' x", "A= | x"},
      {"-A '' x", "A= | x"},
      {"-A -t", "A=-t |"},
      {"-F -4 -t", "F=-4 t |"},
      {"--filter --tcp -t", "F=--tcp t |"},
      {"-F -", "F=- |"},
      {"-A -- -t", "A=-- t |"},
      {"--family -- -- -t", "f=-- | -t"},
      {"--bpf-map-id 7", "bpf-map-id=7 |"},
  };
  check(test::kSsRows, kCases);
}

BOOST_AUTO_TEST_CASE(abbreviations) {
  constexpr Case kCases[] = {
      {"--num", "n |"},
      {"--no-h", "H |"},
      {"--context", "Z |"},
      {"--contexts", "z |"},
      {"--con", "| | option '--con' is ambiguous; possibilities: '--context' '--contexts'"},
      {"-t --con=x -u", "t | | option '--con=x' is ambiguous; possibilities: '--context' '--contexts'"},
      {"--s", "| | option '--s' is ambiguous; possibilities: '--sctp' '--socket' '--summary'"},
      {"--q x", "A=x |"},
  };
  check(test::kSsRows, kCases);
}

BOOST_AUTO_TEST_CASE(abbreviations_with_a_shared_effect) {
  constexpr Case kCases[] = {
      {"--ine", "inet |"},
      {"--i", "| | option '--i' is ambiguous; possibilities: '--ip' '--interfaces'"},
      {"--ip", "ip |"},
      {"--inet6", "inet6 |"},
      {"--unix", "unix |"},
      {"--un", "| | option '--un' is ambiguous; possibilities: '--unix' '--unix'"},
      {"-x", "x |"},
      {"-?", "? |"},
      {"-d4", "d 4 |"},
      {"--tc", "| | option '--tc' is ambiguous; possibilities: '--tcpip' '--tcp'"},
      {"--num",
       "| | option '--num' is ambiguous; possibilities: '--numeric' '--numeric-hosts' '--numeric-ports' "
       "'--numeric-users'"},
      {"--prot=inet,unix", "A=inet,unix |"},
  };
  check(test::kNetstatRows, kCases);
}

BOOST_AUTO_TEST_CASE(mistakes) {
  constexpr Case kCases[] = {
      {"--foo", "| | unrecognized option '--foo'"},
      {"--foo=bar -t", "| | unrecognized option '--foo=bar'"},
      {"-t -q -u", "t | | invalid option -- 'q'"},
      {"-tVq4", "t V | | invalid option -- 'q'"},
      {"-t-u", "t | | invalid option -- '-'"},
      {"-nD", "n | | option requires an argument -- 'D'"},
      {"x --query", "| x | option '--query' requires an argument"},
      {"--quer", "| | option '--query' requires an argument"},
      {"--listening=5", "| | option '--listening' doesn't allow an argument"},
      {"--lis=", "| | option '--listening' doesn't allow an argument"},
      {"-t a -q b -u", "t | a | invalid option -- 'q'"},
  };
  check(test::kSsRows, kCases);
}

BOOST_AUTO_TEST_CASE(the_first_operand_may_end_the_options) {
  constexpr Case kCases[] = {
      {"-t dport -u", "t | dport -u"},
      {"-A inet -t x --foo -q", "A=inet t | x --foo -q"},
      {"-f -4 x", "f=-4 | x"},
      {"-t -- -u", "t | -u"},
      {"-t x -- -u", "t | x -- -u"},
      {"- -t", "| - -t"},
      {"'' -t", "| '' -t"},
      {"-q x", "| | invalid option -- 'q'"},
  };
  check(test::kSsRows, kCases, {true});
}

BOOST_AUTO_TEST_CASE(an_unrecognized_option_has_the_one_that_was_meant) {
  constexpr OptionRow kTable[] = {{0, "columns", "ID", true}, {'t', "tcp", ""}, {'A', "query,socket", "LIST"}};
  const auto meant = [&](std::vector<std::string> line) { return parse_options(kTable, line).meant; };
  BOOST_TEST(meant({"--tpc"}) == "--tcp");
  BOOST_TEST(meant({"-t", "--sokcet=x"}) == "--socket");
  BOOST_TEST(meant({"--colums=x"}) == "--columns");  // ours too
  BOOST_TEST(meant({"--col=x"}) == "--columns");
  BOOST_TEST(meant({"--bogus"}) == "");
  BOOST_TEST(meant({"--tcp"}) == "");
  BOOST_TEST(meant({"-q"}) == "");
}

BOOST_AUTO_TEST_CASE(extensions_take_no_part_in_abbreviations) {
  constexpr OptionRow kTable[] = {{0, "contrast", "", true}, {'Z', "context", ""}, {0, "json", "", true},
                                  {0, "via,through", "DOOR", true}, {'J', "", "", true}, {'m', "memory", ""}};
  constexpr Case kCases[] = {
      {"--json", "json |"},
      {"--js", "| | unrecognized option '--js'"},
      {"--cont", "Z |"},
      {"--contrast", "contrast |"},
      {"--via=x --through y", "via=x via=y |"},
      {"--vi=x", "| | unrecognized option '--vi=x'"},
      {"-J", "J |"},
      {"--json=x", "| | option '--json' doesn't allow an argument"},
      {"--=", "| | option '--=' is ambiguous; possibilities: '--context' '--memory'"},
  };
  check(kTable, kCases);
}

BOOST_AUTO_TEST_CASE(bytes_pass_unchanged) {
  const std::vector<std::string> line = {"-F\xc3\xa4\xff", "\x80\n", "-t\xc3"};
  const ParsedOptions parsed = parse_options(test::kSsRows, line);
  BOOST_TEST(dump(test::kSsRows, parsed) == "F=\xc3\xa4\xff t | \x80\n | invalid option -- '\xc3'");
}

BOOST_AUTO_TEST_CASE(a_value_may_be_optional) {
  static constexpr OptionRow kTable[] = {
      {'j', "json", "[=lines]", true}, {'t', "tcp", ""}, {'A', "query", "LIST"}, {0, "jump", ""}};
  static constexpr Case kCases[] = {
      {"--json word", "j= | word"},
      {"--json=lines word", "j=lines | word"},
      {"-j word", "j= | word"},
      {"-jt", "j= t |"},
      {"-tjtj lines -j", "t j= t j= j= | lines"},
      {"-tjA inet", "t j= A=inet |"},
      {"--j", "jump |"},
      {"-tjx", "t j= | | invalid option -- 'x'"},
  };
  check(kTable, kCases);
}

BOOST_AUTO_TEST_CASE(an_empty_table) {
  BOOST_TEST(dump({}, parse_options({}, words("a -- -b"))) == "| a -b");
  BOOST_TEST(dump({}, parse_options({}, words("a -b"))) == "| a | invalid option -- 'b'");
}

BOOST_AUTO_TEST_SUITE_END()

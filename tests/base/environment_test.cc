// The environment of a program: variables, time, and a place for messages.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/variables.h"
#include "src/base/warn.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(variables)

BOOST_AUTO_TEST_CASE(only_the_known_are_kept) {
  std::array<std::string, 6> strings = {
      "PROC_ROOT=/a=b", "HOME=/root", "EMPTY=", "NOEQUALS", "PROC_ROOT=/second", "=x"};
  std::vector<char*> environ_strings;
  for (std::string& s : strings) environ_strings.push_back(s.data());
  environ_strings.push_back(nullptr);
  constexpr std::string_view kKnown[] = {"PROC_ROOT", "EMPTY", "NOEQUALS", "ABSENT"};
  const Variables variables = Variables::from(environ_strings.data(), kKnown);
  BOOST_TEST((variables.get("PROC_ROOT") == "/a=b"));
  BOOST_TEST((variables.get("EMPTY") == ""));
  BOOST_TEST(variables.has("EMPTY"));
  BOOST_TEST(!variables.has("NOEQUALS"));
  BOOST_TEST(!variables.has("HOME"));
  BOOST_TEST(!variables.get("ABSENT").has_value());
}

BOOST_AUTO_TEST_CASE(no_environment_at_all) {
  constexpr std::string_view kKnown[] = {"PROC_ROOT"};
  BOOST_TEST(!Variables::from(nullptr, kKnown).has("PROC_ROOT"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(what_they_say) {
  const SystemError with_object("open", "/proc/net/tcp", ENOENT);
  BOOST_TEST(with_object.what() == std::string_view("open /proc/net/tcp: No such file or directory"));
  BOOST_TEST(with_object.code() == ENOENT);
  BOOST_TEST(SystemError("socket", "", EPERM).what() == std::string_view("socket: Operation not permitted"));
  BOOST_TEST(SystemError("", "/x", EPERM).what() == std::string_view("/x: Operation not permitted"));
  BOOST_TEST(FormatError("net/snmp", 3, "no numbers").what() == std::string_view("net/snmp:3: no numbers"));
  BOOST_TEST(FormatError("net/snmp", 0, "empty").what() == std::string_view("net/snmp: empty"));
  BOOST_TEST(UsageError("as it is").what() == std::string_view("as it is"));
}

BOOST_AUTO_TEST_CASE(text_of_a_number_without_a_name) {
  BOOST_TEST(error_text(123456).find("123456") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(clock_)

BOOST_AUTO_TEST_CASE(time_goes_on) {
  SystemClock clock;
  const std::int64_t start = clock.now_ns();
  clock.sleep_ns(3'000'000);
  const std::int64_t slept = clock.now_ns() - start;
  BOOST_TEST(start > 0);
  BOOST_TEST(slept >= 3'000'000);
  BOOST_TEST(slept < 30'000'000'000);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(diagnostics)

BOOST_AUTO_TEST_CASE(on_a_terminal_output_comes_first) {
  StringSink screen;
  Output out(screen);
  Diagnostics err(screen, &out, true);
  out.append("row\n");
  err.line("warning");
  out.append("row\n");
  err.raw("as it is");
  out.flush();
  BOOST_TEST(screen.text == "row\nwarning\nrow\nas it is");
  BOOST_TEST(err.count() == 2u);
}

BOOST_AUTO_TEST_CASE(words_of_the_command_line_are_harmless) {
  StringSink screen;
  Diagnostics err(screen, nullptr, false);
  err.line("ss: \"\x1b[31m\n\t\x7f\xc2\x9b\x9b\u00fc\" is bad");
  err.lines("--where: \x1b\n  ^");
  err.line(std::string(10000, 'x') + "\x1b");
  err.raw("\r\x1b[K");
  BOOST_TEST(screen.text ==
             "ss: \".[31m.....\u00fc\" is bad\n--where: .\n  ^\n" + std::string(10000, 'x') + ".\n\r\x1b[K");
}

BOOST_AUTO_TEST_CASE(on_a_pipe_it_overtakes) {
  StringSink both;
  Output out(both);
  Diagnostics err(both, &out, false);
  out.append("row\n");
  err.line("warning");
  out.flush();
  BOOST_TEST(both.text == "warning\nrow\n");
}

BOOST_AUTO_TEST_CASE(there_may_be_no_output) {
  StringSink sink;
  Diagnostics err(sink, nullptr, true);
  err.line("");
  BOOST_TEST(sink.text == "\n");
}

BOOST_AUTO_TEST_SUITE_END()

// The front end as a whole: endings, exit codes, repetition, the choice of backend.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "compat/frontend.h"
#include "src/base/error.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"

namespace duostat::netstat {
namespace {

Ran run_words(std::vector<std::string> words) {
  StringSink sink;
  FakeWorld world(sink);
  const int status = run(world.env, words);
  world.out.flush();
  return {status, sink.text, world.errors.text};
}

BOOST_AUTO_TEST_SUITE(netstat_run)

BOOST_AUTO_TEST_CASE(version_names_both_programs) {
  const Ran r = run_words({"-V"});
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.starts_with("net-tools 2.10 (duostat "));
  BOOST_TEST(r.err == "");
}

BOOST_AUTO_TEST_CASE(help_and_mistakes_use_different_streams) {
  const Ran help = run_words({"-h"}), mistake = run_words({"-?"}), unknown = run_words({"-Q"});
  BOOST_TEST(help.status == 0);
  BOOST_TEST(mistake.status == 3);
  BOOST_TEST(unknown.status == 3);
  BOOST_TEST(help.out == mistake.err);
  BOOST_TEST(mistake.out == "");
  // The mistake, the first two lines, and how to get the rest.
  const std::string lines = help.out.substr(0, help.out.find("       netstat -i"));
  BOOST_TEST(std::ranges::count(lines, '\n') == 2);
  BOOST_TEST(unknown.err == "netstat: invalid option -- 'Q'\n" + lines + "netstat --help lists the options\n");
  BOOST_TEST(
      run_words({"--tpc"}).err.starts_with("netstat: unrecognized option '--tpc'\ndid you mean --tcp?\n" + lines));
  BOOST_TEST(run_words({"--wheer=x"}).err.find("did you mean --where?") != std::string::npos);
  BOOST_TEST(run_words({"--xyzzy"}).err.find("did you mean") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(options_before_a_mistake_end_the_command_line_first) {
  BOOST_TEST(run_words({"-V", "-Q"}).status == 0);
  BOOST_TEST(run_words({"-Q", "-V"}).status == 3);
  BOOST_TEST(run_words({"-A", "foo", "-Q"}).status == 1);
}

BOOST_AUTO_TEST_CASE(missing_tables_matter_where_they_were_asked_for) {
  const Ran plain = run_words({});
  BOOST_TEST(plain.status == 0);
  BOOST_TEST(plain.err == "");
  const Ran asked = run_words({"-tu"});
  BOOST_TEST(asked.status == 1);
  BOOST_TEST(asked.err == "netstat: no support for `AF INET (tcp)' on this system.\n");
  BOOST_TEST(asked.out.starts_with("Active Internet connections (w/o servers)\nProto "));
  BOOST_TEST(run_words({"-4"}).status == 0);
  BOOST_TEST(run_words({"-6t"}).status == 0);
}

BOOST_AUTO_TEST_CASE(programs_need_a_proc_directory) {
  BOOST_TEST(run_words({"-p"}).err.starts_with("(No info could be read for \"-p\": "));
}

BOOST_AUTO_TEST_CASE(a_backend_that_does_not_exist_is_a_usage_error) {
  BOOST_CHECK_THROW(run_words({"--via=smoke"}), UsageError);
}

BOOST_AUTO_TEST_CASE(netlink_that_refuses_is_no_support) {
  const Ran r = run_words({"--via=netlink", "-t"});
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.err == "netstat: no support for `AF INET (tcp)' on this system.\n");
}

BOOST_AUTO_TEST_CASE(continuous_hands_on_each_pass_and_waits_a_second) {
  FullSink sink(3);
  FakeWorld world(sink);
  BOOST_TEST(run(world.env, std::vector<std::string>{"-c", "-x", "-A", "inet6"}) == 1);  // AF UNIX is missing: one pass
  FullSink again(3);
  FakeWorld endless(again);
  BOOST_TEST(run(endless.env, std::vector<std::string>{"-c"}) == 0);
  BOOST_TEST(again.written.size() == 3);
  BOOST_TEST(again.written.at(0) == again.written.at(2));
  BOOST_TEST((endless.clock.sleeps == std::vector<std::int64_t>{1'000'000'000, 1'000'000'000, 1'000'000'000}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat

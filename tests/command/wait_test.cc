// duostat wait over a copied /proc that changes while it is looked at: words, counts, time, and what could not be read.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/wait.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>

#include "src/base/duration.h"
#include "tests/collect/fake_world.h"
#include "tests/command/changing_proc.h"

using namespace duostat;
using duostat::test::ChangingProc;
using duostat::test::kConnection;
using duostat::test::tcp_row;

namespace {

/// Of 127.0.0.1:8080.
const std::string kListener = tcp_row("0100007F:1F90", "0A");

struct Waiting : ChangingProc {
  using ChangingProc::ChangingProc;

  struct Ran {
    int status;
    std::string out, err;
    std::vector<std::int64_t> sleeps;
    std::int64_t ms;
  };
  Ran run(std::vector<std::string> words) {
    StringSink sink;
    FakeWorld world(sink, ProcDir(tree.path()));
    follow(world.clock);
    const int status = command::kWait.run(command::kWait, world.env, words);
    world.out.flush();
    return {status, sink.text, world.errors.text, world.clock.sleeps, world.clock.now / 1'000'000};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wait_command)

BOOST_AUTO_TEST_CASE(ends_as_soon_as_the_socket_exists) {
  Waiting waiting;
  waiting.at[50] = [&] { waiting.set(kListener); };
  const auto ran = waiting.run({"listen", "sport = :8080", "--timeout=30s", "-v"});
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(ran.out.empty());
  BOOST_TEST(ran.err == "duostat wait: found after 0.050 s, 26 looks\n");
  BOOST_TEST(ran.ms == 50);
}

BOOST_AUTO_TEST_CASE(does_not_sleep_if_it_is_there) {
  BOOST_TEST(Waiting(kListener).run({"listen sport = :8080"}).sleeps.empty());
  BOOST_TEST(Waiting(kListener).run({}).status == 0);  // any TCP socket
}

BOOST_AUTO_TEST_CASE(every_word_for_a_state) {
  for (const char* word : {"listen", "LISTEN", "listening", "state listening", "state LISTEN"})
    BOOST_TEST(Waiting(kListener).run({word, "--timeout=0"}).status == 0, word);
  for (const char* word : {"established", "ESTAB", "time-wait", "connected"})
    BOOST_TEST(Waiting(kListener).run({word, "--timeout=0"}).status == 1, word);
}

BOOST_AUTO_TEST_CASE(time_out) {
  const auto ran = Waiting().run({"listen", "--timeout=25ms"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.err == "duostat wait: no such socket after 0.025 s, 14 looks\n");
  BOOST_TEST(ran.sleeps.back() == 1'000'000);  // and once more at the end
  Waiting last;
  last.at[25] = [&] { last.set(kListener); };
  BOOST_TEST(last.run({"listen", "--timeout=25ms"}).status == 0);
}

BOOST_AUTO_TEST_CASE(until_there_is_none) {
  Waiting waiting(kConnection);
  waiting.at[10] = [&] { waiting.set(""); };
  BOOST_TEST(waiting.run({"established", "--gone", "--timeout=1"}).status == 0);
  const auto left = Waiting(kConnection).run({"established", "--gone", "--timeout=10ms"});
  BOOST_TEST(left.status == 1);
  BOOST_TEST(left.err.find("1 such socket is left after 0.010 s") != std::string::npos, left.err);
}

BOOST_AUTO_TEST_CASE(until_there_are_so_many) {
  Waiting waiting(kConnection);
  waiting.at[10] = [&] { waiting.set(kConnection + kConnection); };
  BOOST_TEST(waiting.run({"--at-least=2", "--timeout=1"}).status == 0);
  const auto few = Waiting(kConnection).run({"--at-least=2", "--timeout=10ms"});
  BOOST_TEST(few.status == 1);
  BOOST_TEST(few.err.find("1 of 2 such sockets") != std::string::npos, few.err);
}

BOOST_AUTO_TEST_CASE(where) {
  BOOST_TEST(Waiting(kListener).run({"--where=sport = 8080 and state = LISTEN", "--timeout=0"}).status == 0);
  BOOST_TEST(Waiting(kListener).run({"--where=sport = 8081", "--timeout=0"}).status == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_status_3) {
  Waiting waiting;
  waiting.set("   0: broken\n");
  const auto lost = waiting.run({"listen", "--timeout=10ms"});
  BOOST_TEST(lost.status == 3);
  BOOST_TEST(lost.err.find("no such socket, but tcp: 1 rows lost") != std::string::npos, lost.err);
  BOOST_TEST(waiting.run({"listen", "--gone", "--timeout=10ms"}).status == 3);
  StringSink sink;
  FakeWorld world(sink);  // no table at all
  const std::vector<std::string> words{"listen"};
  BOOST_TEST(command::kWait.run(command::kWait, world.env, words) == 3);
  BOOST_TEST(!world.errors.text.empty());
}

BOOST_AUTO_TEST_CASE(mistakes) {
  struct Case {
    std::vector<std::string> words;
    std::string_view message;
  };
  for (const Case& c : {Case{{"lisen"}, "\"lisen\" is not a value of state; did you mean listen?"},
                        Case{{"state"}, "\"state\" needs a word"}, Case{{"state", "sport"}, "is not a value of state"},
                        Case{{"sport = :nosuch"}, "expected: a port number"}, Case{{"sport ~ 1"}, "expected:"},
                        Case{{"--timeout=soon"}, "--timeout: \"soon\" is not a time"},
                        Case{{"--timeout=-1"}, "--timeout: \"-1\" is not a time"},
                        Case{{"--at-least=0"}, "--at-least: \"0\" is not a number of 1 or more"},
                        Case{{"--at-least=2", "--gone"}, "--gone and --at-least exclude each other"},
                        Case{{"-x", "-4"}, "-4 and -6: none of the protocols belongs to an IP version"},
                        Case{{"-u", "listen"}, "UDP and raw sockets are only unconn"},
                        Case{{"-u", "src unix:x"}, "the filter is about a family that has none of these protocols"},
                        Case{{"--where=sporrt = 1"}, "--where"}, Case{{"--form=x"}, "--form"}}) {
    const auto ran = Waiting(kListener).run(c.words);
    BOOST_TEST(ran.status == 2, c.words[0]);
    BOOST_TEST(ran.err.find(c.message) != std::string::npos, ran.err);
    BOOST_TEST(ran.sleeps.empty());
  }
}

BOOST_AUTO_TEST_CASE(durations) {
  constexpr std::int64_t kMs = 1'000'000;
  for (const auto& [text, ms] : std::map<std::string_view, std::int64_t>{
           {"30", 30'000}, {"0.5", 500}, {"500ms", 500}, {"2s", 2000}, {"1.5m", 90'000}, {"2h", 7'200'000}, {"0", 0}})
    BOOST_TEST((parse_duration(text) == ms * kMs), text);
  for (const std::string_view text : {"", "s", "-1", "1d", "1 s", "nan", "9000h", "99999999999999999999"})
    BOOST_TEST(!parse_duration(text), text);
}

BOOST_AUTO_TEST_SUITE_END()

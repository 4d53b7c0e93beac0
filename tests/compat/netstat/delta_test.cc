// netstat -s --delta: two proc trees, and a clock that replaces the first by the second while it "sleeps".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/delta.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "src/base/error.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

namespace duostat::netstat {
namespace {

class SteppingClock final : public Clock {
 public:
  std::int64_t now = 0, short_by = 0;
  std::vector<std::int64_t> sleeps;
  std::function<void(std::size_t)> on_sleep;
  std::int64_t now_ns() override { return now; }
  std::int64_t wall_ns() override { return now; }
  void sleep_ns(std::int64_t duration) override {
    sleeps.push_back(duration);
    now += duration - short_by;
    on_sleep(sleeps.size());
  }
};

constexpr std::string_view kFirst =
    "Ip: Forwarding DefaultTTL InReceives\nIp: 2 64 100\n"
    "Icmp: InMsgs InEchos\nIcmp: 5 5\n"
    "Tcp: RtoMin ActiveOpens CurrEstab Novel\nTcp: 200 7 3 1\n"
    "Udp: InDatagrams NoPorts\nUdp: 9 9\n";
constexpr std::string_view kSecond =
    "Ip: Forwarding DefaultTTL InReceives\nIp: 2 65 130\n"
    "Icmp: InMsgs InEchos\nIcmp: 7 6\n"
    "Tcp: RtoMin ActiveOpens CurrEstab Novel\nTcp: 201 8 1 5\n"
    "Udp: InDatagrams NoPorts\nUdp: 9 9\n";

struct DeltaRun {
  std::string out;
  std::vector<std::int64_t> sleeps;
};

DeltaRun run_delta(const std::vector<std::string>& args, std::int64_t short_by = 0) {
  const test::Scratch tree;
  tree.write("net/snmp", kFirst);
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  SteppingClock clock;
  clock.short_by = short_by;
  clock.on_sleep = [&](std::size_t) { tree.write("net/snmp", kSecond); };
  Environment env{"netstat",   world.variables, world.proc, world.env.open_transport, clock, world.names,
                  world.out,   world.err,       {}};
  BOOST_TEST(netstat::run(env, args) == 0);
  world.out.flush();
  return {sink.text, clock.sleeps};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(netstat_delta)

BOOST_AUTO_TEST_CASE(what_changed_and_by_how_much_in_the_words_of_the_counters) {
  const DeltaRun ran = run_delta({"-s", "--delta"});
  BOOST_TEST(ran.out ==
             "Ip:\n    30 total packets received\n"
             "Icmp:\n    2 ICMP messages received\n    ICMP input histogram:\n        echo requests: 1\n"
             "Tcp:\n    1 active connection openings\n    -2 connections established\n    Novel: 4\n");
  BOOST_TEST(ran.sleeps == std::vector<std::int64_t>{1'000'000'000}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(protocols_choose_sections) {
  BOOST_TEST(run_delta({"-s", "-w", "--delta=0.25"}).out.find("Tcp") == std::string::npos);
  BOOST_TEST(run_delta({"-s", "-u", "--delta"}).out == "");
  BOOST_TEST(run_delta({"-s", "-t", "--delta=0.25"}).sleeps.at(0) == 250'000'000);
}

BOOST_AUTO_TEST_CASE(json_has_the_kernels_names_and_the_time_that_passed) {
  BOOST_TEST(run_delta({"-s", "-t", "--delta=2", "--json=lines"}).out ==
             "{\"elapsed_ms\":2000,\"Tcp\":{\"RtoMin\":1,\"ActiveOpens\":1,\"CurrEstab\":-2,\"Novel\":4}}\n");
}

BOOST_AUTO_TEST_CASE(a_sleep_cut_short_is_the_last) {
  const DeltaRun ran = run_delta({"-s", "-t", "-c", "--delta=2", "--json=lines"}, 500'000'000);
  BOOST_TEST(ran.sleeps.size() == 1);
  BOOST_TEST(ran.out.starts_with("{\"elapsed_ms\":1500,"), ran.out);
}

BOOST_AUTO_TEST_CASE(sections_and_counters_that_come_and_go) {
  const std::vector<CounterSection> before{{"A", {{"x", 5}, {"gone", 1}}}, {"Gone", {{"y", 1}}}, {"Same", {{"s", 1}}}};
  const std::vector<CounterSection> after{
      {"New", {{"z", 2}, {"zero", 0}}}, {"A", {{"w", 1}, {"x", 6}}}, {"Same", {{"s", 1}}}};
  const auto changed = differences(before, after);
  BOOST_REQUIRE(changed.size() == 1);
  BOOST_TEST(changed[0].name == "A");
  BOOST_REQUIRE(changed[0].counters.size() == 1);
  BOOST_TEST(changed[0].counters[0].name == "x");
  BOOST_TEST(unpaired(before, after) == (std::vector<std::string>{"New", "A", "Gone"}),
             boost::test_tools::per_element());
  BOOST_TEST(unpaired(after, after).empty());
  // Without a number at either reading.
  const std::vector<CounterSection> dark{{"Same", {{"s", 0, false}}}};
  const std::vector<CounterSection> light{{"Same", {{"s", 7}}}};
  BOOST_TEST((differences(dark, light).empty() && differences(light, dark).empty()));
  BOOST_TEST((unpaired(dark, light).size() == 1 && unpaired(light, dark).size() == 1));
}

// The kernel lists these from their first message on.
BOOST_AUTO_TEST_CASE(types_of_icmp_messages_count_from_zero) {
  const std::vector<CounterSection> before{{"Icmp", {{"InMsgs", 1}}}, {"Icmp6", {{"Icmp6InMsgs", 1}}}};
  const std::vector<CounterSection> after{{"Icmp", {{"InMsgs", 1}}},
                                          {"IcmpMsg", {{"InType3", 2}, {"OutType8", 3}, {"InTypes", 4}}},
                                          {"Icmp6", {{"Icmp6InMsgs", 1}, {"Icmp6OutType133", 5}}}};
  const auto changed = differences(before, after);
  BOOST_REQUIRE(changed.size() == 2);
  BOOST_TEST(changed[0].counters.size() == 2);
  BOOST_TEST(changed[1].counters.at(0).value == 5);
  BOOST_TEST(unpaired(before, after) == (std::vector<std::string>{"IcmpMsg"}), boost::test_tools::per_element());
  BOOST_TEST(differences({}, after).empty());
}

BOOST_AUTO_TEST_CASE(counters_of_32_bits_begin_anew) {
  const auto by = [](std::uint64_t before, std::uint64_t after) {
    const auto changed = differences({{"A", {{"x", before}}}}, {{"A", {{"x", after}}}});
    return changed.empty() ? 0 : static_cast<std::int64_t>(changed[0].counters.at(0).value);
  };
  BOOST_TEST(by(4294967290, 10) == 16);
  BOOST_TEST(by(4294967295, 0) == 1);
  BOOST_TEST(by(5, 3) == -2);
  BOOST_TEST(by(2'000'000'000, 1) == -1'999'999'999);  // a number that is not a counter
  BOOST_TEST(by(~std::uint64_t{0}, 4) == 5);
  BOOST_TEST(by(1, 4294967295) == 4294967294);
}

BOOST_AUTO_TEST_CASE(a_look_that_failed_is_told) {
  const std::string whole(kFirst);
  for (const std::string& first :
       {std::string(), whole.substr(0, whole.find("Udp:")), whole.substr(0, whole.find("Udp: 9"))}) {
    for (const bool json : {false, true}) {
      const test::Scratch tree;
      tree.write("net/snmp", first);
      StringSink sink;
      FakeWorld world(sink, ProcDir(tree.path()));
      SteppingClock clock;
      clock.on_sleep = [&](std::size_t) { tree.write("net/snmp", kSecond); };
      Environment env{"netstat", world.variables, world.proc, world.env.open_transport, clock, world.names,
                      world.out, world.err,       {}};
      BOOST_TEST(netstat::run(env, json ? std::vector<std::string>{"-s", "--delta", "-j"}
                                        : std::vector<std::string>{"-s", "--delta"}) == 1);
      world.out.flush();
      BOOST_TEST(sink.text.find(json ? "\"NoPorts\"" : "Udp") == std::string::npos, sink.text);
      if (json) BOOST_TEST(sink.text.find("\"complete\":false") != std::string::npos, sink.text);
      BOOST_TEST(
          world.errors.text.find("Udp: some counters are missing from one of the two readings") != std::string::npos,
          world.errors.text);
    }
  }
}

BOOST_AUTO_TEST_CASE(intervals) {
  BOOST_TEST(delta_interval("") == 1'000'000'000);
  BOOST_TEST(delta_interval("1.5") == 1'500'000'000);
  BOOST_TEST(delta_interval("250ms") == 250'000'000);
  BOOST_TEST(delta_interval("1.001001001") == 1'001'001'001);  // 1001001000 if parsed as a double
  BOOST_CHECK_THROW(delta_interval("0.0000000001"), UsageError);
  for (const char* wrong : {"0", "-1", "x", "1x", "367000h", "1e3", "nan", "inf", " 1", "0.0"})
    BOOST_CHECK_THROW(delta_interval(wrong), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::netstat

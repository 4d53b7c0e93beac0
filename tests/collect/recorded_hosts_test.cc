// Several recorded hosts: the captures that --from selects, their labels, and the passes over them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recorded_hosts.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/collect/capture_directory.h"
#include "src/collect/capture_format.h"
#include "src/collect/each_host.h"
#include "src/collect/host.h"
#include "src/collect/shown_host.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A capture that has nothing but its host and the name of user 7.
std::string capture_of(std::string_view hostname, std::int64_t wall_ns, std::string_view user = "alice") {
  StringSink sink;
  capture::Writer writer(sink);
  Recording about;
  about.origin = {.host = {std::string(hostname), "6.1", "x86_64", 4026531840}, .wall_ns = wall_ns};
  writer.add(capture::Type::host, capture::host_payload(about));
  writer.add(capture::Type::name, capture::name_payload(NameKind::user, 0, 7, {}, user));
  writer.end();
  return sink.text;
}

std::vector<std::string> labels_of(const RecordedHosts& hosts) {
  std::vector<std::string> list;
  for (const RecordedHosts::One& host : hosts.list) list.push_back(host.label);
  return list;
}

using Words = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(recorded_hosts_test)

BOOST_AUTO_TEST_CASE(files_are_several_if_more_than_one_is_named) {
  BOOST_TEST(!captures_of({"one"}).several);
  BOOST_TEST(captures_of({"one", "-"}).several);
  BOOST_TEST((captures_of({"one", "-"}).files == Words{"one", "-"}));
}

BOOST_AUTO_TEST_CASE(a_ring_is_its_newest_capture) {
  const Scratch scratch;
  scratch.write("20260131T120000Z.capture", "");
  const std::string newest = scratch.write("20260131T120100Z.capture", "");
  scratch.write("note.txt", "");
  scratch.write(".hidden.capture", "");
  const Captures ring = captures_of({scratch.path()});
  BOOST_TEST(!ring.several);
  BOOST_TEST((ring.files == Words{newest}));
}

BOOST_AUTO_TEST_CASE(a_directory_of_hosts_has_files_and_rings) {
  const Scratch scratch;
  const std::string b = scratch.write("b.capture", "");
  scratch.write("a/20260131T120000Z.capture", "");
  const std::string a = scratch.write("a/20260131T120100Z.capture", "");
  scratch.write("a/deeper/c.capture", "");
  scratch.write("empty/note.txt", "");
  const Captures hosts = captures_of({scratch.path() + "/"});
  BOOST_TEST(hosts.several);
  BOOST_TEST((hosts.files == Words{a, b}));
}

BOOST_AUTO_TEST_CASE(one_file_in_a_directory_is_a_listing_of_hosts_too) {
  const Scratch scratch;
  scratch.write("web1.capture", "");
  BOOST_TEST(captures_of({scratch.path()}).several);
}

BOOST_AUTO_TEST_CASE(a_directory_without_captures_is_refused) {
  const Scratch scratch;
  scratch.write("note.txt", "");
  BOOST_CHECK_THROW(captures_of({scratch.path()}), FormatError);
}

BOOST_AUTO_TEST_CASE(hosts_are_told_apart) {
  const Scratch scratch;
  const std::string web1 = scratch.write("x/web1.capture", capture_of("web1", 5 * kSecond));
  const std::string web2 = scratch.write("x/web2.capture", capture_of("web2", 2 * kSecond));
  const std::string again = scratch.write("x/again.capture", capture_of("web1", 3 * kSecond));
  const std::string other = scratch.write("y/again.capture", capture_of("web1", 4 * kSecond));
  BOOST_TEST((labels_of(recorded_hosts({web1, web2})) == Words{"web1", "web2"}));
  BOOST_TEST((labels_of(recorded_hosts({web1, again})) == Words{"web1:web1.capture", "web1:again.capture"}));
  const Words same_file = labels_of(recorded_hosts({again, other}));
  BOOST_TEST(same_file[0] != same_file[1]);
  const Words same = labels_of(recorded_hosts({web1, web1}));
  BOOST_TEST(same[0] != same[1]);
}

BOOST_AUTO_TEST_CASE(times_are_those_of_the_first_and_the_last) {
  const Scratch scratch;
  const RecordedHosts hosts =
      recorded_hosts({scratch.write("b", capture_of("b", 250 * kSecond)), scratch.write("a", capture_of("a", 0)),
                      scratch.write("c", capture_of("c", 100 * kSecond))});
  BOOST_TEST(times_text(hosts) ==
             "3 hosts, recorded 1970-01-01T00:00:00.000000Z to 1970-01-01T00:04:10.000000Z, 250.0 s apart by their "
             "own clocks");
}

BOOST_AUTO_TEST_CASE(a_capture_that_cannot_be_read_is_a_problem) {
  const Scratch scratch;
  const std::string text = scratch.write("text", "no capture, but a text that is longer than a heading");
  const std::string half = scratch.write("half", capture_of("half", 1).substr(0, 40));
  const RecordedHosts hosts = recorded_hosts({text, half, scratch.path() + "/absent"});
  BOOST_TEST(hosts.list.empty());
  BOOST_REQUIRE(hosts.problems.size() == 3u);
  for (const RecordedHosts::Problem& p : hosts.problems) BOOST_TEST(p.error.find(p.file + ": ") != 0u);
}

BOOST_AUTO_TEST_CASE(each_pass_has_the_environment_of_its_host) {
  const Scratch scratch;
  const std::string bad = capture_of("bad", kSecond);
  const RecordedHosts hosts = recorded_hosts({scratch.write("one", capture_of("one", kSecond, "alice")),
                                              scratch.write("bad", bad.substr(0, bad.size() - 4)),
                                              scratch.write("two", capture_of("two", kSecond, "bob"))});
  StringSink out;
  FakeWorld world(out);
  world.env.hosts = &hosts;
  for (const bool keeps : {false, true}) {
    const auto places = places_of(world.env, false);
    if (keeps) places->keep();
    std::vector<std::string> seen;
    places->run(Via::automatic, [&](Environment& inside, Via) {
      seen.push_back(host_of(inside).hostname + " " + std::string(inside.names.user(7)));
      BOOST_TEST(places->env().names.user(7) == inside.names.user(7));
      BOOST_TEST(places->get().label == host_of(inside).hostname);
    });
    BOOST_TEST((seen == Words{"one alice", "two bob"}));
    BOOST_REQUIRE(places->problems().size() == 1u);
    BOOST_TEST(places->problem_line("ss").find("ss: incomplete: 1 of 3 hosts could not be looked at: ") == 0u);
    if (!keeps) continue;
    places->show(0);
    BOOST_TEST(places->env().names.user(7) == "alice");
  }
  BOOST_CHECK_THROW(places_of(world.env, true), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

// duostat audit over a copied /proc: exit statuses, what could not be looked at, looks, settings and text.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/audit.h"

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "src/command/audit_settings.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

/// net/tcp with this many CLOSE-WAIT sockets of user 33, and a listener whose queue is not known.
std::string tcp_file(int close_waits) {
  std::string text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 "
      "0000000000000000 100 0 0 10 0\n";
  for (int i = 1; i <= close_waits; ++i)
    text += "   " + std::to_string(i) +
            ": 0100007F:1F90 0100007F:8000 08 00000000:00000001 00:00000000 00000000    33        0 " +
            std::to_string(5000 + i) + " 1 0000000000000000 20 4 30 10 -1\n";
  return text;
}

struct Ran {
  int status;
  std::string out, err;
  std::int64_t slept_ns;

  bool says(std::string_view text) const { return out.find(text) != std::string::npos; }
};

Ran ran(const Scratch& tree, std::vector<std::string> words, bool terminal = false) {
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  world.names.users[33] = "www-data";
  world.env.terminal.is_tty = terminal;
  world.env.terminal.columns = 80;
  const int status = command::kAudit.run(command::kAudit, world.env, words);
  world.out.flush();
  return {status, sink.text, world.errors.text,
          std::accumulate(world.clock.sleeps.begin(), world.clock.sleeps.end(), std::int64_t{0})};
}

Scratch& with_tcp(Scratch& tree, int close_waits) {
  tree.write("net/tcp", tcp_file(close_waits));
  return tree;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit_command)

BOOST_AUTO_TEST_CASE(a_warning_names_the_user_where_no_process_is_visible) {
  Scratch tree;
  const Ran warned = ran(with_tcp(tree, 120), {});
  BOOST_TEST(warned.status == 1);
  BOOST_TEST(warned.says("WARNING   close-wait: 120, no process is visible; user www-data\n"));
  BOOST_TEST(warned.says("120 not looked at"));
  BOOST_TEST(warned.says("and 115 more (--all)"));
  BOOST_TEST(warned.says("0 critical, 1 warning, 0 notes: "));
  BOOST_TEST(!ran(tree, {"--all"}).says("(--all)"));
}

BOOST_AUTO_TEST_CASE(nothing_found_is_clean_and_says_what_was_not_looked_at) {
  Scratch tree;
  const Ran clean = ran(with_tcp(tree, 3), {});
  BOOST_TEST(clean.status == 0);
  BOOST_TEST(clean.says("Nothing found: "));
  BOOST_TEST(clean.says("not looked at:"));
}

BOOST_AUTO_TEST_CASE(a_named_rule_that_could_not_look_is_status_3) {
  Scratch tree;
  with_tcp(tree, 3);
  const Ran blind = ran(tree, {"--only=accept-queue"});  // /proc/net/tcp has no backlog
  BOOST_TEST(blind.status == 3);
  BOOST_TEST(blind.says("not looked at:  accept-queue: tcp: procfs does not supply backlog"));
  BOOST_TEST(ran(tree, {"--only=close-wait,accept-queue"}).status == 3);
  with_tcp(tree, 120);  // what was found counts more
  BOOST_TEST(ran(tree, {"--only=close-wait,accept-queue"}).status == 1);
}

BOOST_AUTO_TEST_CASE(rows_that_are_missing_are_status_3) {
  Scratch tree;
  tree.write("net/tcp", tcp_file(3) + "   9: 0100007F:1F90 broken\n");
  BOOST_TEST(ran(tree, {"--only=close-wait"}).status == 3);
}

BOOST_AUTO_TEST_CASE(rules_of_two_looks) {
  Scratch tree;
  with_tcp(tree, 3);
  BOOST_TEST(ran(tree, {}).slept_ns == 0);                                   // piped: one look
  BOOST_TEST(ran(tree, {}, true).slept_ns == 1'000'000'000);                 // on a terminal: two
  BOOST_TEST(ran(tree, {"--interval=2.5"}).slept_ns == 2'500'000'000);
  BOOST_TEST(ran(tree, {"--only=reader-slow"}).slept_ns == 1'000'000'000);   // it was named
  BOOST_TEST(ran(tree, {"--only=close-wait"}, true).slept_ns == 0);          // it gains nothing
  BOOST_TEST(ran(tree, {"--interval=0"}, true).slept_ns == 0);
  const Ran once = ran(tree, {"--only=reader-slow", "--interval=0"});
  BOOST_TEST(once.status == 3);
  BOOST_TEST(once.says("it needs two looks (--interval)"));
}

BOOST_AUTO_TEST_CASE(thresholds_come_from_files_and_options) {
  Scratch tree;
  with_tcp(tree, 30);
  const std::string config = tree.write("audit.conf", "# few\nclose-wait.count = 20  # sockets\n\n");
  BOOST_TEST(ran(tree, {}).status == 0);
  BOOST_TEST(ran(tree, {"--config=" + config}).status == 1);
  BOOST_TEST(ran(tree, {"--config=" + config, "--set=close-wait.count=50"}).status == 0);
  BOOST_TEST(ran(tree, {"--config=" + config, "--skip=close-wait"}).status == 0);
  const Ran ignored = ran(tree, {"--set=close-wait.count=20", "--skip=close-wait"});
  BOOST_TEST(ignored.status == 3);
  BOOST_TEST(ignored.err.find("--set: close-wait.count=20: the rule close-wait does not run") != std::string::npos);
  BOOST_TEST(ran(tree, {"--config=" + config, "--list-rules"}).says("close-wait.count = 20 "));
  BOOST_TEST(ran(tree, {"--config=" + config, "--explain=close-wait"}).says("count = 20 sockets"));
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_place_and_the_nearest) {
  Scratch tree;
  with_tcp(tree, 3);
  const std::string config = tree.write("audit.conf", "# few\nclose-wait.cuont = 20\n");
  struct Case {
    std::string word, message;
  };
  for (const Case& c : {Case{"--config=" + config, config + ":2: close-wait has no threshold \"cuont\"; did you mean "
                                                            "close-wait.count?"},
                        Case{"--only=close-wiat", "--only: \"close-wiat\" is not a rule; did you mean close-wait?"},
                        Case{"--set=close-wait.count=-1",
                             "--set: close-wait.count: \"-1\" is not a number of 0 or more"},
                        Case{"--set=close-wait.count=1e3", "is not a number"},
                        Case{"--set=syn-flood.count=1", "--set: rule syn-flood has no thresholds"},
                        Case{"--only=close-wait --skip=close-wait", "--only and --skip leave no rule"},
                        Case{"--nonsense", "--nonsense"}}) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < c.word.size();) {
      const auto end = std::min(c.word.find(' ', at), c.word.size());
      words.push_back(c.word.substr(at, end - at));
      at = end + 1;
    }
    const Ran refused = ran(tree, words);
    BOOST_TEST_CONTEXT(c.word) {
      BOOST_TEST(refused.status == 3);
      BOOST_TEST(refused.out.empty());
      BOOST_TEST(refused.err.find(c.message) != std::string::npos, refused.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_status_follows_where_and_not_top) {
  Scratch tree;
  with_tcp(tree, 120);
  BOOST_TEST(ran(tree, {"--where=severity=note"}).status == 0);
  BOOST_TEST(ran(tree, {"--where=count > 100"}).status == 1);
  BOOST_TEST(ran(tree, {"--count"}).out == "1\n");
  const Ran json = ran(tree, {"--json"});
  BOOST_TEST(json.status == 1);
  BOOST_TEST(json.says("\"not_looked_at\":[{\"rule\":\""));
  BOOST_TEST(json.says("\"hidden_owners\":120"));
  const Ran lines = ran(tree, {"--json=lines"});  // has no place for what was not looked at
  BOOST_TEST(lines.err.find("duostat audit: not looked at: accept-queue: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_option_is_accepted_and_ignored) {
  Scratch tree;
  with_tcp(tree, 3);
  for (const char* option : {"--interval=1", "--via=procfs", "--all", "--json", "--from=x", "--baseline=x"}) {
    BOOST_TEST(ran(tree, {"--list-rules", option}).status == 3);
    BOOST_TEST(ran(tree, {"--explain=ports", option}).status == 3);
  }
  BOOST_TEST(ran(tree, {"--list-rules", "--explain=ports"}).status == 3);
  BOOST_TEST(ran(tree, {"--explain=ports", "--only=ports"}).status == 3);
  BOOST_TEST(ran(tree, {"--list-rules", "--only=ports"}).status == 0);
  const Ran unused = ran(tree, {"--only=ports", "--set=close-wait.count=5"});
  BOOST_TEST(unused.status == 3);
  BOOST_TEST(unused.err.find("the rule close-wait does not run") != std::string::npos);
  const std::string config = tree.write("rules", "close-wait.count = 5\n");  // a file may be about every rule
  BOOST_TEST(ran(tree, {"--only=ports", "--config=" + config}).err.empty());
}

BOOST_AUTO_TEST_SUITE_END()

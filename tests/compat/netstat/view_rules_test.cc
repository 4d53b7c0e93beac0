// Every option in the group that ss and netstat share, on every view: it is accepted, or refused by name with a list of
// those that are.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/view_rules.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "compat/netstat/mode_view.h"
#include "compat/netstat/options.h"
#include "src/base/error.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

namespace duostat::netstat {
namespace {

std::vector<const Option<Request>*> shared_rows() {
  std::vector<const Option<Request>*> rows;
  for (const Option<Request>& row : options())
    if (row.group == kViewGroup) rows.push_back(&row);
  return rows;
}

/// The message of the refusal; empty: accepted.
std::string refusal(ViewKind kind, const ViewRequest& request) {
  try {
    require_accepted(kind, request);
    return {};
  } catch (const UsageError& error) {
    BOOST_TEST(error.status() == 2);
    return error.what();
  }
}

BOOST_AUTO_TEST_SUITE(options_of_views)

BOOST_AUTO_TEST_CASE(every_row_is_an_option_that_is_noticed) {
  const auto rows = shared_rows();
  BOOST_TEST_REQUIRE(rows.size() == kViewOptions);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto option = static_cast<ViewOption>(i);
    BOOST_TEST(rows[i]->names == name_of(option));
    Request request;
    rows[i]->apply(request, option == ViewOption::json ? "" : "x");
    for (std::size_t k = 0; k < kViewOptions; ++k)
      BOOST_TEST(request.view.given(static_cast<ViewOption>(k)) == (k == i), rows[i]->names);
  }
}

BOOST_AUTO_TEST_CASE(accepted_or_refused_by_name_with_what_would_work) {
  const auto rows = shared_rows();
  BOOST_TEST_REQUIRE(view_rules().size() == static_cast<std::size_t>(ViewKind::count_));
  for (std::size_t number = 0; number < view_rules().size(); ++number) {
    const ViewRule& rule = view_rules()[number];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto option = static_cast<ViewOption>(i);
      Request request;
      rows[i]->apply(request, option == ViewOption::json ? "" : "x");
      const std::string text = refusal(static_cast<ViewKind>(number), request.view);
      BOOST_TEST(text.empty() == rule.accepted.has(option), rule.words << " " << rows[i]->names);
      if (text.empty()) continue;
      BOOST_TEST(text.starts_with("--" + std::string(name_of(option)) + " does not go with " + std::string(rule.words) +
                                  "; "));
      for (std::size_t k = 0; k < kViewOptions; ++k) {
        const auto other = static_cast<ViewOption>(k);
        const bool named = text.find("--" + std::string(name_of(other)), text.find(';')) != std::string::npos;
        BOOST_TEST(named == rule.accepted.has(other), text);
      }
    }
  }
}

/// Every accepted option has an effect on netstat's views, over a tree of files.
BOOST_AUTO_TEST_CASE(what_is_accepted_has_an_effect) {
  const test::Scratch tree;
  tree.write("net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                          "eth0\t00000000\t010200C0\t0003\t0\t0\t5\t00000000\t0\t0\t0\n"
                          "eth1\t0000000A\t00000000\t0001\t0\t0\t7\t000000FF\t0\t0\t0\n");
  tree.write("net/igmp", "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
                         "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
                         "2\teth0      :     1      V3\n\t\t\t\t010000E0     2 0:00000000\t\t0\n");
  tree.write("net/igmp6", "");
  tree.write("net/snmp", "Ip: Forwarding DefaultTTL\nIp: 1 64\nUdp: InDatagrams NoPorts\nUdp: 3 2\n");
  tree.write("net/netstat", "");
  tree.write("net/sctp/snmp", "");
  tree.write(
      "net/nf_conntrack",
      "ipv4     2 tcp      6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.9 sport=1024 dport=22 src=192.0.2.9 "
      "dst=192.0.2.1 "
      "sport=22 dport=61440 [ASSURED] mark=0 use=2\n"
      "ipv4     2 udp      17 9 src=10.0.0.3 dst=192.0.2.9 sport=1025 dport=53 src=192.0.2.9 dst=192.0.2.1 sport=53 "
      "dport=61441 mark=0 use=2\n");
  const auto run_words = [&](std::vector<std::string> words) {
    StringSink sink;
    FakeWorld world(sink, ProcDir(tree.path()));
    run(world.env, words);
    world.out.flush();
    return sink.text;
  };
  const struct {
    ViewKind kind;
    std::vector<std::string> mode;
    std::string number, text;
  } views[] = {{ViewKind::routes, {"-rn"}, "metric", "interface"},
               {ViewKind::groups, {"-gn"}, "users", "interface"},
               {ViewKind::statistics, {"-s"}, "value", "section"},
               {ViewKind::masquerade, {"-Mn"}, "source_port", "protocol"}};
  for (const auto& view : views) {
    const auto with = [&](std::vector<std::string> more) {
      more.insert(more.begin(), view.mode.begin(), view.mode.end());
      return run_words(more);
    };
    const std::string plain = with({});
    BOOST_TEST(plain.find('\n') != std::string::npos, view.mode[0]);
    const std::string arguments[kViewOptions] = {
        "--json", "--stamp", "--csv", "--columns=" + view.text, "--where=" + view.text + "=x",
        "--sort=-" + view.number, "--top=1",
        "--by=" + view.text, "--sum=" + view.number, "--having=count > 99", "--count", "--fail-if=count > 0",
        "--fail-if-any", "--fail-if-none", ""};
    for (std::size_t i = 0; i < kViewOptions; ++i) {
      if (!view_rules()[static_cast<std::size_t>(view.kind)].accepted.has(static_cast<ViewOption>(i))) continue;
      std::vector<std::string> more{arguments[i]};
      const auto option = static_cast<ViewOption>(i);
      if (option == ViewOption::watch) continue;  // goes on until a signal: tests/live/watch.py
      if (option == ViewOption::all_netns) continue;  // of this host, not of a tree: tests/live/all_netns.py
      // Those that decide the exit status change no text: fail_if_test.cc.
      if (option == ViewOption::fail_if || option == ViewOption::fail_if_any || option == ViewOption::fail_if_none) {
        BOOST_TEST(with(more) == plain, view.mode[0] << " " << arguments[i]);
        continue;
      }
      if (option == ViewOption::stamp) more.push_back("--json=lines");
      if (option == ViewOption::sum || option == ViewOption::having)
        more.push_back(arguments[static_cast<std::size_t>(ViewOption::by)]);
      BOOST_TEST(with(more) != plain, view.mode[0] << " " << arguments[i]);
    }
    BOOST_TEST(with({"--count", "--top=1"}) == "1\n");
    BOOST_TEST(with({"--json=lines", "--stamp"}).starts_with("{\"stamp\":{\"schema_version\":1,"), view.mode[0]);
  }
  BOOST_TEST(run_words({"-gn", "--count"}) == "2\n");
  BOOST_TEST(run_words({"-gn", "-4", "--where=users = 2"}) ==
             "IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n"
             "eth0            2      224.0.0.1\n");
  BOOST_TEST(run_words({"-rn", "--columns=interface,metric,type", "--sort=-metric"}) ==
             "interface metric type\neth1           7 -\neth0           5 -\n");
  BOOST_TEST(run_words({"-rn", "--csv", "--columns=interface,metric,type", "--sort=-metric"}) ==
             "interface,metric,type\r\neth1,7,\r\neth0,5,\r\n");
  BOOST_TEST(run_words({"-s", "--where=value = 2"}) == "Udp:\n    2 packets to unknown port received\n");
  BOOST_TEST(run_words({"-r", "--by=gateway/8", "--sum=metric"}).find("192.0.0.0/8") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_an_empty_table) {
  const test::Scratch tree;
  const auto run_words = [&](std::vector<std::string> words) {
    StringSink sink;
    FakeWorld world(sink, ProcDir(tree.path()));
    const int status = run(world.env, words);
    world.out.flush();
    return std::to_string(status) + " " + sink.text + world.errors.text;
  };
  tree.write("net/route", "");  // the file in a namespace without routes
  BOOST_TEST(run_words({"-r", "--count"}) == "0 0\n");
  tree.write("net/route", "Iface\tDestination\n");
  BOOST_TEST(run_words({"-r", "--count"}) ==
             "1 0\nnetstat: /proc/net/route: no column Gateway\nnetstat: routes: incomplete, 0 rows shown\n");
}

// gVisor's /proc/net/netstat.
BOOST_AUTO_TEST_CASE(names_without_numbers_are_reported_except_in_the_original_text) {
  const test::Scratch tree;
  tree.write("net/snmp", "Udp: InDatagrams NoPorts\nUdp: 7 8\n");
  tree.write("net/netstat", "TcpExt: ListenDrops\n");
  const auto run_words = [&](std::vector<std::string> words) {
    StringSink sink;
    FakeWorld world(sink, ProcDir(tree.path()));
    const int status = run(world.env, words);
    world.out.flush();
    BOOST_TEST(sink.text.find("ListenDrops") == std::string::npos);
    return std::to_string(status) + " " + world.errors.text;
  };
  BOOST_TEST(run_words({"-s"}) == "0 ");
  const std::string file = "1 netstat: " + tree.path() + "/net/netstat: 0 malformed, 1 truncated\n";
  BOOST_TEST(run_words({"-s", "--json"}) == file + "netstat: statistics: incomplete, 2 rows shown\n");
  BOOST_TEST(run_words({"-s", "--csv"}) == file + "netstat: counters: incomplete, 2 rows shown\n");
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_columns_of_the_view) {
  StringSink sink;
  FakeWorld world(sink);
  const auto message = [&](std::vector<std::string> words) -> std::string {
    try {
      run(world.env, words);
    } catch (const UsageError& error) {
      return error.what();
    }
    return {};
  };
  BOOST_TEST(message({"-r", "--columns=metrik"}) == "--columns: \"metrik\" is not a column; did you mean metric?");
  BOOST_TEST(message({"-r", "--sort=inode"}).find("is not a column") != std::string::npos);
  BOOST_TEST(message({"-r", "--where=type = blackhol"}).find("did you mean blackhole?") != std::string::npos);
  BOOST_TEST(message({"-r", "--proc=exe"}) ==
             "--proc does not go with netstat -r; these do: --json, --stamp, --csv, --columns, --where, --sort, --top, "
             "--by, --sum, --having, --count, --fail-if, --fail-if-any, --fail-if-none, --all-netns, --watch");
  BOOST_TEST(message({"-g", "-t", "--where=users = 1"}).starts_with("--where: -g prints a document of its own"));
  BOOST_TEST(message({"-r", "--by=metric/8"}).find("destination") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat

// Our own formats: the fields they need, names in them, and the lists that --top applies to.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "src/view/socket_view.h"
#include "tests/base/proc_text.h"
#include "tests/collect/fake_world.h"

namespace duostat {
namespace {

/// Three TCP listeners, a connection in TIME-WAIT, three UNIX sockets.
std::shared_ptr<ProcImage> host() {
  auto image = std::make_shared<ProcImage>();
  std::string tcp =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  for (const char* row : {"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000001 00:00000000 00000000  1000        0 "
                          "11 1 0000000000000000 100 0 0 10 0",
                          "   1: 0100007F:1F91 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 "
                          "12 1 00000000deadbeef 100 0 0 10 0",
                          "   2: 0100007F:1F92 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 "
                          "13 1 00000000deadbeef 100 0 0 10 0",
                          "   3: 0100007F:1F90 0100007F:C000 06 00000000:00000000 03:00000500 00000000     0        0 "
                          "0 3 00000000deadbeef"})
    tcp.append(row).append("\n");
  std::string unix_domain = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  for (const char* row : {"0000000000000000: 00000002 00000000 00010000 0001 01    21 /run/a",
                          "00000000deadbeef: 00000002 00000000 00010000 0001 01    22 /run/b",
                          "00000000deadbeef: 00000002 00000000 00010000 0001 01    23 /run/c"})
    unix_domain.append(row).append("\n");
  image->files["net/tcp"].text = test::proc_text("tcp", tcp);
  image->files["net/tcp6"].text = tcp.substr(0, tcp.find('\n') + 1);
  image->files["net/unix"].text = unix_domain;
  return image;
}

template <auto run>
std::string printed(std::vector<std::string> words) {
  StringSink sink;
  FakeWorld world(sink, ProcDir(host()));
  world.env.program = run == &netstat::run ? "netstat" : "ss";
  words.insert(words.begin(), "--via=procfs");
  run(world.env, words);
  world.out.flush();
  return sink.text;
}
constexpr auto ss_printed = printed<&ss::run>;
constexpr auto netstat_printed = printed<&netstat::run>;

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

FieldSet needs_of(const ViewRequest& request) {
  StringSink sink;
  FakeWorld world(sink);
  const ViewPlan plan(request);
  const SocketView view(world.env, plan, {});
  return view.needs({Protocol::tcp});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(output_of_ours)

BOOST_AUTO_TEST_CASE(a_column_is_asked_for_by_whatever_option_names_it) {
  for (const auto& [id, field] :
       {std::pair{"tcp_text.snd_cwnd", Field::tcp_procfs}, std::pair{"refcount", Field::refcount}}) {
    ViewRequest by, sum, sort, where, columns, json, whole;
    by.by = id;
    sum.by = "state";
    sum.sum = id;
    sort.sort = id;
    where.where = id;
    columns.columns = id;
    json.json = JsonStyle::document;
    json.sort = std::string("-") + id;
    for (const ViewRequest& request : {by, sum, sort, where, columns, json})
      BOOST_TEST_CONTEXT(id) BOOST_TEST(needs_of(request).has(field));
    whole.json = JsonStyle::document;
    BOOST_TEST(!needs_of(whole).has(field));
  }
}

BOOST_AUTO_TEST_CASE(titles_of_groups_are_unique) {
  const auto titles = [](std::vector<std::string> words) {
    words.insert(words.begin(), "-tan");
    const std::string text = ss_printed(words);
    return text.substr(0, text.find('\n'));
  };
  BOOST_TEST(titles({"--by=rqueue", "--sum=queues"}) == "count rqueue_sum wqueue accept_queue rqueue");
  BOOST_TEST(titles({"--by=state", "--sum=tcp_info.rtt_us,vegas.rtt_us"}) ==
             "count tcp_info_rtt_us vegas_rtt_us state");
  BOOST_TEST(titles({"--by=peer/8,peer/16"}).find("peer_network peer_network_16") != std::string::npos);
  const std::string json = ss_printed({"-tan", "--by=rqueue,peer/8,peer/16", "--sum=queues", "--json=lines"});
  BOOST_TEST(
      json.find(
          R"("peer_network":"127.0.0.0/8","peer_network_16":"127.0.0.0/16","count":1,)"
          R"("rqueue_sum":0,"wqueue_sum":0})") !=
          std::string::npos,
      json);
}

BOOST_AUTO_TEST_CASE(top_is_of_each_printed_list) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--sort=-inode"}, {"--where=inode or not inode"}}) {
    std::vector<std::string> words{"-an", "--top=2"};
    words.insert(words.end(), more.begin(), more.end());
    const std::string text = netstat_printed(words);
    BOOST_TEST(count_of(text, "\ntcp ") == 2u, text);
    BOOST_TEST(count_of(text, "\nunix ") == 2u, text);
    // Our own formats print one list, and so does ss.
    for (const std::string_view form : {"--json=lines", "--columns=inode"}) {
      words.push_back(std::string(form));
      BOOST_TEST(count_of(netstat_printed(words), "\n") == (form.starts_with("--json") ? 2u : 3u));
      words.pop_back();
    }
    words.push_back("--count");
    BOOST_TEST(netstat_printed(words) == "2\n");
    words.pop_back();
    words[0] = "-Han";
    BOOST_TEST(count_of(ss_printed(words), "\n") == 2u);
  }
}

BOOST_AUTO_TEST_CASE(what_the_kernel_does_not_say_is_absent) {
  for (const auto printed_by : {ss_printed, netstat_printed}) {
    const std::string json = printed_by({"-tane", "--json=lines", "--columns=local_port,state,uid,cookie"});
    BOOST_TEST(json.find(R"({"state":"listen","local_port":8080,"uid":1000})") != std::string::npos, json);
    BOOST_TEST(json.find(R"({"state":"listen","local_port":8081,"uid":1000,"cookie":3735928559})") != std::string::npos,
               json);
    BOOST_TEST(json.find(R"({"state":"time_wait","local_port":8080,"cookie":3735928559})") != std::string::npos, json);
    BOOST_TEST(printed_by({"-tan", "--count", "--where=uid = 0 or user = root"}) == "0\n");
    BOOST_TEST(printed_by({"-tan", "--by=uid"}) == "count  uid\n    3 1000\n    1    -\n");
    BOOST_TEST(printed_by({"-xa", "--columns=inode,cookie"}).find("21          -\n") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat

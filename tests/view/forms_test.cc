// A listing of sockets as CSV and as stamped lines of JSON.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/view/socket_view.h"
#include "tests/collect/fake_world.h"
#include "tests/view/no_rows.h"

namespace duostat {
namespace {

std::string printed(const ViewRequest& request, bool header = true) {
  StringSink sink;
  FakeWorld world(sink);
  const ViewPlan plan(request);
  SocketView view(world.env, plan, {.header = header, .protocols = {Protocol::tcp}});
  test::NoRows rows;
  view.begin_list(rows);
  for (const std::uint32_t port : {80u, 443u}) {
    Socket socket;
    socket.protocol = Protocol::tcp;
    socket.family = socket.local.family = socket.remote.family = Family::inet;
    socket.state = State::established;
    socket.local.port = port;
    socket.rqueue = 7;
    if (port == 80) socket.present = {Field::queues};
    view.offer(socket);
  }
  view.end_list();
  view.finish();
  world.out.flush();
  return sink.text;
}

std::string mistake(const ViewRequest& request) {
  try {
    ViewPlan{request};
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forms)

BOOST_AUTO_TEST_CASE(csv_has_the_columns_of_a_table) {
  ViewRequest request;
  request.csv = true;
  BOOST_TEST(
      printed(request).starts_with("protocol,state,rqueue,wqueue,local,sport,peer,dport\r\n"
                                   "tcp,established,7,0,0.0.0.0,80,0.0.0.0,0\r\n"
                                   "tcp,established,,,0.0.0.0,443,0.0.0.0,0\r\n"));
  request.columns = "sport,rqueue";
  BOOST_TEST(printed(request) == "sport,rqueue\r\n80,7\r\n443,\r\n");
  BOOST_TEST(printed(request, false) == "80,7\r\n443,\r\n");
  request.columns.reset();
  request.by = "state";
  BOOST_TEST(printed(request) == "count,state\r\n2,established\r\n");
}

BOOST_AUTO_TEST_CASE(each_line_is_stamped_once) {
  ViewRequest request;
  request.json = JsonStyle::lines;
  request.columns = "sport";
  BOOST_TEST(printed(request) == "{\"local_port\":80}\n{\"local_port\":443}\n");
  request.stamp = true;
  const std::string text = printed(request);
  const std::string first = text.substr(0, text.find('\n'));
  BOOST_TEST(first.starts_with("{\"stamp\":{\"schema_version\":1,\"kind\":\"sockets\",\"hostname\":\""), text);
  BOOST_TEST(first.find("\"time\":\"") != std::string::npos, text);
  BOOST_TEST(first.ends_with("},\"local_port\":80}"), text);
  BOOST_TEST(text.find("\"stamp\"", first.size()) != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(what_does_not_go_together) {
  ViewRequest stamp;
  stamp.stamp = true;
  BOOST_TEST(mistake(stamp) == "--stamp needs --json=lines");
  stamp.json = JsonStyle::document;
  BOOST_TEST(mistake(stamp) == "--stamp needs --json=lines");
  ViewRequest csv;
  csv.csv = true;
  csv.json = JsonStyle::lines;
  BOOST_TEST(mistake(csv) == "--csv and --json do not go together");
  csv.json = JsonStyle::none;
  csv.count = true;
  BOOST_TEST(mistake(csv) == "--csv and --count do not go together");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat

// --fail-if over a listing: the status of a complete answer, and of one that lacks rows or owners.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/fail_if.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/view/record_view.h"
#include "src/view/socket_view.h"
#include "tests/collect/fake_world.h"
#include "tests/view/no_rows.h"

namespace duostat {
namespace {

Socket socket_on(std::uint16_t port) {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = socket.local.family = socket.remote.family = Family::inet;
  socket.state = State::established;
  socket.local.port = port;
  socket.rqueue = port;
  socket.present = {Field::queues};
  return socket;
}

struct Ended {
  int status;
  std::string out, err;
};

Ended ended(const ViewRequest& request, const std::vector<std::uint16_t>& ports, bool incomplete = false) {
  StringSink sink;
  FakeWorld world(sink);
  const ViewPlan plan(request);
  SocketView view(world.env, plan, {});
  test::NoRows rows;
  view.begin_list(rows);
  for (const std::uint16_t port : ports) view.offer(socket_on(port));
  Coverage coverage;
  coverage.malformed = incomplete ? 1 : 0;
  view.note(coverage, "tcp");
  view.end_list();
  view.finish();
  world.out.flush();
  return {view.status(), sink.text, world.errors.text};
}

int status_of(std::string condition, const std::vector<std::uint16_t>& ports, bool incomplete = false,
              ViewRequest request = {}) {
  request.fail_if = std::move(condition);
  return ended(request, ports, incomplete).status;
}

int status_by_port(std::string condition, const std::vector<std::uint16_t>& ports, bool incomplete = false,
                   std::string having = {}) {
  ViewRequest request;
  request.by = "local_port";
  request.sum = "rqueue,max:rqueue,min:rqueue,avg:rqueue";
  if (!having.empty()) request.having = having;
  return status_of(std::move(condition), ports, incomplete, request);
}

BOOST_AUTO_TEST_SUITE(fail_if)

BOOST_AUTO_TEST_CASE(complete_answers) {
  BOOST_TEST(status_of("count > 1", {80, 81}) == 1);
  BOOST_TEST(status_of("count > 2", {80, 81}) == 0);
  BOOST_TEST(status_of("count = 0", {}) == 1);
  BOOST_TEST(status_of("not count in (1, 2)", {80, 81}) == 0);
  ViewRequest any, none;
  any.fail_if_any = none.fail_if_none = true;
  BOOST_TEST((ended(any, {80}).status == 1 && ended(any, {}).status == 0));
  BOOST_TEST((ended(none, {80}).status == 0 && ended(none, {}).status == 1));
}

BOOST_AUTO_TEST_CASE(it_looks_at_what_matches_before_top) {
  ViewRequest request;
  request.top = "1";
  for (const char* const form : {"", "columns", "count", "json", "sort"}) {
    ViewRequest r = request;
    if (form == std::string_view("columns")) r.columns = "local_port";
    if (form == std::string_view("count")) r.count = true;
    if (form == std::string_view("json")) r.json = JsonStyle::document;
    if (form == std::string_view("sort")) r.sort = "-local_port";
    BOOST_TEST(status_of("count > 2", {80, 81, 82}, false, r) == 1, form);
    r.where = "local_port != 81";
    BOOST_TEST(status_of("count > 2", {80, 81, 82}, false, r) == 0, form);
    BOOST_TEST(status_of("count = 2", {80, 81, 82}, false, r) == 1, form);
  }
}

BOOST_AUTO_TEST_CASE(incomplete_answers) {
  BOOST_TEST(status_of("count > 1", {80, 81}, true) == 1);  // further rows change nothing
  BOOST_TEST(status_of("count > 2", {80, 81}, true) == 3);
  BOOST_TEST(status_of("count < 2", {80, 81}, true) == 0);
  BOOST_TEST(status_of("count < 3", {80, 81}, true) == 3);
  ViewRequest any, none;
  any.fail_if_any = none.fail_if_none = true;
  BOOST_TEST((ended(any, {80}, true).status == 1 && ended(any, {}, true).status == 3));
  BOOST_TEST((ended(none, {80}, true).status == 0 && ended(none, {}, true).status == 3));
  any.columns = "local_port";
  BOOST_TEST(ended(any, {}, true).err ==
             "ss: tcp: incomplete, 0 rows shown\nss: --fail-if-any: undecided, because the answer is incomplete\n");
  BOOST_TEST(ended(any, {80}, true).err == "ss: tcp: incomplete, 1 row shown\n");
}

BOOST_AUTO_TEST_CASE(any_group_before_top) {
  BOOST_TEST(status_by_port("count > 1", {80, 80, 81}) == 1);
  BOOST_TEST(status_by_port("count > 2", {80, 80, 81}) == 0);
  BOOST_TEST(status_by_port("local_port = 81 and count = 1", {80, 80, 81}) == 1);
  BOOST_TEST(status_by_port("rqueue > 159 and max:rqueue = 80 and avg:rqueue = 80", {80, 80, 81}) == 1);
  BOOST_TEST(status_by_port("count = 0", {}) == 0);  // there is no such group
  BOOST_TEST(status_by_port("count = 1", {80, 80, 81}, false, "count > 1") == 0);
  BOOST_TEST(status_by_port("count = 2", {80, 80, 81}, false, "count > 1") == 1);
  BOOST_TEST(status_by_port("count > 1", {80, 80, 81}, true) == 1);
  BOOST_TEST(status_by_port("count > 5", {80, 80, 81}, true) == 3);
  BOOST_TEST(status_by_port("rqueue_sum > 100", {80, 80}, true) == 1);
  BOOST_TEST(status_by_port("max:rqueue > 79", {80, 80}, true) == 1);
  BOOST_TEST(status_by_port("min:rqueue < 81", {80, 80}, true) == 1);
  BOOST_TEST(status_by_port("avg:rqueue < 81", {80, 80}, true) == 3);
  ViewRequest request;
  request.by = "local_port";
  request.having = "count > 1";
  request.fail_if_any = true;
  BOOST_TEST(ended(request, {80, 80, 81}).status == 1);
  BOOST_TEST(ended(request, {80, 81}).status == 0);
  request.fail_if_any = false;
  request.fail_if_none = true;
  BOOST_TEST(ended(request, {80, 81}).status == 1);
}

BOOST_AUTO_TEST_CASE(unknown_owners_leave_it_open) {
  const auto decided = [](ViewRequest request, const Doubt& doubt, std::uint64_t rows) {
    return fail_status(ViewPlan(request), rows, nullptr, doubt);
  };
  ViewRequest any, none, three;
  any.fail_if_any = none.fail_if_none = true;
  three.fail_if = "count = 3";
  BOOST_TEST(decided(any, {.removed = 2}, 2) == 3);
  BOOST_TEST(decided(any, {.removed = 2}, 3) == 1);
  BOOST_TEST(decided(any, {.added = 1}, 0) == 3);
  BOOST_TEST(decided(none, {.added = 1}, 0) == 3);
  BOOST_TEST(decided(none, {.added = 1}, 1) == 0);
  BOOST_TEST(decided(three, {.added = 1}, 1) == 0);
  BOOST_TEST(decided(three, {.added = 2}, 1) == 3);
  BOOST_TEST(decided(three, {.removed = 1}, 3) == 3);
  BOOST_TEST(decided(three, {}, 3) == 1);
}

BOOST_AUTO_TEST_CASE(lists_of_records) {
  const std::vector<CounterRecord> counters{{"Tcp", {"ActiveOpens", 5}, {}}, {"Tcp", {"PassiveOpens", 0}, {}}};
  const auto status = [&](std::string condition, std::string where, bool missing, int read) {
    StringSink sink;
    FakeWorld world(sink);
    ViewRequest request;
    request.fail_if = condition;
    request.columns = "counter";
    request.top = "1";
    if (!where.empty()) request.where = where;
    const ViewPlan plan(request, record_column_set<CounterRecord>());
    RecordView view(world.env, "netstat", plan, record_column_set<CounterRecord>(), "counters", Via::automatic);
    std::vector<CounterRecord> records = counters;
    choose_records(plan, records);
    view.print_all(records);
    if (missing) view.note("read", "a file", "an error");
    return view.finish(read);
  };
  BOOST_TEST(status("count > 1", "", false, 0) == 1);
  BOOST_TEST(status("count > 1", "value > 0", false, 0) == 0);
  BOOST_TEST(status("count > 1", "value > 0", true, 0) == 3);
  BOOST_TEST(status("count > 1", "value > 0", false, 1) == 3);
  BOOST_TEST(status("count > 0", "value > 0", true, 0) == 1);
}

std::string refusal(ViewRequest request) {
  try {
    ViewPlan plan(request);
  } catch (const UsageError& e) {
    BOOST_TEST(e.status() == 2);
    return e.what();
  }
  return {};
}

BOOST_AUTO_TEST_CASE(mistakes) {
  ViewRequest request;
  request.fail_if = "state = listen";
  BOOST_TEST(refusal(request).starts_with("--fail-if: \"state\" is not a column; these are: count\n"));
  request.by = "state";
  BOOST_TEST(refusal(request) == "");
  request.fail_if_any = true;
  BOOST_TEST(refusal(request) == "--fail-if and --fail-if-any do not go together");
  request = {};
  request.having = "count > 1";
  BOOST_TEST(refusal(request).starts_with("--having needs --by"));
  request.by = "state";
  request.having = "cout > 1";
  BOOST_TEST(refusal(request).starts_with("--having: \"cout\" is not a column; did you mean count?\n"));
  request.having = "count > 1";
  request.sort = "rqueue";
  BOOST_TEST(refusal(request).starts_with("--sort: \"rqueue\" is not a column; these are: count, state"));
}

BOOST_AUTO_TEST_SUITE_END()

// ---- --columns ----

std::string table(std::string columns, std::uint16_t parts = kViewBase, int width = 0, bool json = false) {
  StringSink sink;
  FakeWorld world(sink);
  world.env.terminal.is_tty = width != 0;
  world.env.terminal.columns = width;
  ViewRequest request;
  request.columns = columns;
  if (json) request.json = JsonStyle::lines;
  const ViewPlan plan(request);
  SocketView view(world.env, plan, {.parts = parts, .protocols = {Protocol::tcp}});
  test::NoRows rows;
  view.begin_list(rows);
  Socket socket = socket_on(80);
  InetDetail inet{};
  inet.tcp_info.length = sizeof(TcpInfo);
  inet.tcp_info.value.rtt = 52'200;
  socket.inet = &inet;
  socket.rqueue = 1'234'567;
  socket.present = {Field::queues, Field::tcp_info};
  view.offer(socket);
  view.end_list();
  view.finish();
  world.out.flush();
  return sink.text;
}

BOOST_AUTO_TEST_SUITE(columns_of_a_table)

BOOST_AUTO_TEST_CASE(the_heading_is_what_was_typed) {
  BOOST_TEST(table("sport,rtt_ms,rtt_us,rtt") == "sport rtt_ms rtt_us\n   80   52.2  52200\n");
  BOOST_TEST(table("Recv-Q,rtt") == " Recv-Q  rtt\n1234567 52.2\n");
  BOOST_TEST(table("Recv-Q,rtt,rtt_us", kViewBase, 80) == "Recv-Q    rtt rtt_us\n  1.2M 52.2ms  52200\n");
}

BOOST_AUTO_TEST_CASE(added_to_and_taken_from_the_views_own) {
  const std::string own = table("+rtt,-rqueue,-peer_address,-peer-port,-wqueue");
  BOOST_TEST(own == "protocol state       local   sport  rtt\ntcp      established 0.0.0.0    80 52.2\n");
  BOOST_TEST(table("-peer,-dport,-local,-netid,-state,-send-q", kViewBase | kViewInfo).starts_with(
      " rqueue sport congestion  rtt cwnd"));
  const std::string json = table("+rtt,-rqueue", kViewBase, 0, true);
  BOOST_TEST(json.find("\"rqueue\"") == std::string::npos);
  BOOST_TEST(json.find("\"tcp_info\":{\"rtt_us\":52200}") != std::string::npos);
  BOOST_TEST(json.find("\"local_port\":80") != std::string::npos);
  BOOST_CHECK_THROW(table("-mark"), UsageError);       // not shown
  BOOST_CHECK_THROW(table("+rtt,rqueue"), UsageError);  // neither nor
  BOOST_CHECK_THROW(table("rtt,+rqueue"), UsageError);
  BOOST_CHECK_THROW(table("+rttt"), UsageError);
}

/// Every id in the list of a table's own columns exists.
BOOST_AUTO_TEST_CASE(own_columns_of_every_part) {
  for (unsigned part = kViewBase; part <= kViewFile; part <<= 1)
    BOOST_TEST(table("+mark", static_cast<std::uint16_t>(part)).find("mark") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat

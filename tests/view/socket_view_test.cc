// A listing without a front end: which sockets reach the RowSink, in which order and when; the gate; what is allocated.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/socket_view.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "tests/collect/fake_world.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
// Not inlined: gcc would see free() of what an operator new returned, and warn.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace duostat {
namespace {

/// Writes what happens to it: "[" begin, "]" end, a row as its local port and tag.
class RecordingRows final : public RowSink {
 public:
  explicit RecordingRows(std::string& log) : log_(log) {}
  void begin() override { log_ += '['; }
  void row(const Socket& socket, std::uint32_t tag) override {
    log_ += ' ' + std::to_string(socket.local.port);
    if (tag != 0) log_ += '/' + std::to_string(tag);
  }
  RowWords words(const Socket&, std::uint32_t) const override { return {.state = "LISTEN", .queues = true}; }
  void explain(std::string_view line) override { log_ += " (" + std::string(line) + ")"; }
  void end() override { log_ += " ]"; }

 private:
  std::string& log_;
};

/// Admits ports other than `refused`, and writes "?PORT" for each that it is asked about.
class RecordingGate final : public RowGate {
 public:
  RecordingGate(std::string& log, std::uint32_t refused) : log_(log), refused_(refused) {}
  bool admit(const Socket& socket, std::uint32_t) override {
    log_ += " ?" + std::to_string(socket.local.port);
    return socket.local.port != refused_;
  }

 private:
  std::string& log_;
  std::uint32_t refused_;
};

Socket listener(std::uint16_t port) {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = socket.local.family = socket.remote.family = Family::inet;
  socket.state = State::listen;
  socket.local.port = port;
  socket.rqueue = port % 10;
  socket.present = {Field::queues};
  return socket;
}

struct Listed {
  std::string log, out;
};

/// Offers the ports of each list to a view.
Listed listed(const ViewRequest& request, const std::vector<std::vector<std::uint16_t>>& lists,
              std::uint32_t refused = 0) {
  Listed result;
  StringSink sink;
  FakeWorld world(sink);
  const ViewPlan plan(request);
  SocketView view(world.env, plan, {});
  RecordingRows rows(result.log);
  RecordingGate gate(result.log, refused);
  for (const auto& ports : lists) {
    view.begin_list(rows, refused != 0 ? &gate : nullptr);
    for (const std::uint16_t port : ports) view.offer(listener(port), port == 23 ? 5 : 0);
    view.end_list();
  }
  view.finish();
  world.out.flush();
  result.out = sink.text;
  return result;
}

BOOST_AUTO_TEST_SUITE(view_of_sockets)

BOOST_AUTO_TEST_CASE(rows_go_through_the_sink) {
  BOOST_TEST(listed({}, {{22, 23}, {80}}).log == "[ 22 23/5 ][ 80 ]");
  ViewRequest where;
  where.where = "local_port != 22";
  BOOST_TEST(listed(where, {{22, 23, 80}}).log == "[ 23/5 80 ]");
}

BOOST_AUTO_TEST_CASE(top_is_of_each_list_of_rows) {
  ViewRequest top;
  top.top = "2";
  BOOST_TEST(listed(top, {{1, 2, 3}, {4}, {5, 6, 7}}).log == "[ 1 2 ][ 4 ][ 5 6 ]");
  top.sort = "-local_port";
  BOOST_TEST(listed(top, {{1, 2, 3}, {23, 8, 7}}).log == "[ 3 2 ][ 23/5 8 ]");
}

BOOST_AUTO_TEST_CASE(rows_are_explained_where_they_are_printed) {
  const std::string listen = "(LISTEN: waits for connections, which the program takes with accept())";
  const auto queue = [](int n) {
    return "(Recv-Q " + std::to_string(n) + ": connections that are open and wait for accept())";
  };
  ViewRequest meanings;
  meanings.meanings = true;
  BOOST_TEST(listed(meanings, {{22, 30}}).log ==
             "[ 22 " + listen + " " + queue(2) + " 30 " + listen + " " + queue(0) + " ]");
  meanings.sort = "-local_port";
  meanings.top = "1";
  BOOST_TEST(listed(meanings, {{22, 30}}).log == "[ 30 " + listen + " " + queue(0) + " ]");
}

BOOST_AUTO_TEST_CASE(other_forms_have_no_place_for_meanings) {
  const auto refusal = [](ViewRequest request) -> std::string {
    request.meanings = true;
    try {
      const ViewPlan plan(request);
      return {};
    } catch (const UsageError& error) {
      BOOST_TEST(error.status() == kUsageStatus);
      return error.what();
    }
  };
  ViewRequest json, columns, by, count;
  json.json = JsonStyle::lines;
  columns.columns = "state";
  by.by = "state";
  count.count = true;
  BOOST_TEST(refusal(json) == "--meanings and --json do not go together");
  BOOST_TEST(refusal(columns) == "--meanings and --columns do not go together");
  BOOST_TEST(refusal(by) == "--meanings and --by do not go together");
  BOOST_TEST(refusal(count) == "--meanings and --count do not go together");
  BOOST_TEST(refusal({}) == "");
}

BOOST_AUTO_TEST_CASE(other_forms_are_one_list_and_no_row) {
  ViewRequest columns;
  columns.columns = "local_port";
  columns.top = "2";
  BOOST_TEST(listed(columns, {{1, 2, 3}, {4}}).log == "");
  BOOST_TEST(listed(columns, {{1, 2, 3}, {4}}).out == "local_port\n         1\n         2\n");
  columns.sort = "-local_port";
  BOOST_TEST(listed(columns, {{1, 2, 3}, {4}}).out == "local_port\n         4\n         3\n");
  ViewRequest count;
  count.count = true;
  BOOST_TEST(listed(count, {{1, 2, 3}, {4}}).out == "4\n");
  ViewRequest by;
  by.by = "rqueue";
  BOOST_TEST(listed(by, {{1, 2}, {11}}).out == "count rqueue\n    2      1\n    1      2\n");
}

/// ss -K closes what is shown and nothing else: a socket is selected, then it gets a place of --top, then it is closed,
/// then shown.
BOOST_AUTO_TEST_CASE(the_gate_is_asked_of_what_has_a_place) {
  ViewRequest request;
  request.where = "local_port != 3";
  request.top = "3";
  BOOST_TEST(listed(request, {{1, 2, 3, 4, 5}}, 2).log == "[ ?1 1 ?2 ?4 4 ]");
  request.sort = "-local_port";
  BOOST_TEST(listed(request, {{1, 2, 3, 4, 5}}, 2).log == "[ ?5 5 ?4 4 ?2 ]");
  request.columns = "local_port";
  BOOST_TEST(listed(request, {{1, 2, 3, 4, 5}}, 2).log == " ?5 ?4 ?2");
  BOOST_TEST(listed(request, {{1, 2, 3, 4, 5}}, 2).out == "local_port\n         5\n         4\n");
}

BOOST_AUTO_TEST_CASE(rows_need_their_own_fields_only_if_they_are_printed) {
  StringSink sink;
  FakeWorld world(sink);
  ViewRequest request;
  const ViewPlan plain(request);
  BOOST_TEST((SocketView(world.env, plain, {}).needs({Protocol::tcp}, {Field::skmem}) == FieldSet{Field::skmem}));
  request.columns = "uid";
  const ViewPlan columns(request);
  const FieldSet needs = SocketView(world.env, columns, {}).needs({Protocol::tcp}, {Field::skmem});
  BOOST_TEST((needs.has(Field::uid) && !needs.has(Field::skmem)));
}

class SilentRows final : public RowSink {
 public:
  void row(const Socket&, std::uint32_t) override { ++rows; }
  RowWords words(const Socket&, std::uint32_t) const override { return {.state = "LISTEN", .queues = true}; }
  void explain(std::string_view) override { ++explanations; }
  std::uint64_t rows = 0, explanations = 0;
};

BOOST_AUTO_TEST_CASE(nothing_is_allocated_for_each_socket) {
  ViewRequest where, top, columns, count, by, meanings;
  meanings.meanings = true;
  where.where = "local_port > 10 and rqueue = 1 or state = established";
  top.top = "100000";
  columns.columns = "state,local_port,rqueue";
  columns.json = JsonStyle::document;
  count.count = true;
  by.by = "state,peer/24";
  by.sum = "queues";
  const Socket socket = listener(21);
  for (const ViewRequest& request : {ViewRequest{}, where, top, columns, count, by, meanings}) {
    StringSink sink;
    FakeWorld world(sink);
    const ViewPlan plan(request);
    SocketView view(world.env, plan, {});
    SilentRows rows;
    view.begin_list(rows);
    for (int i = 0; i < 50; ++i) view.offer(socket);
    const std::size_t before = allocations;
    for (int i = 0; i < 50; ++i) view.offer(socket);
    const std::size_t allocated = allocations - before;
    BOOST_TEST(allocated == 0u, "count " << request.count << ", where " << request.where.value_or("") << ", by "
                                         << request.by.value_or(""));
    BOOST_TEST(rows.rows == (plan.replaces() ? 0u : 100u));
    BOOST_TEST(rows.explanations == (request.meanings ? 200u : 0u));  // the state, and Recv-Q
    view.end_list();
    view.finish();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat

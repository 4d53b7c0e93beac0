// The kernel's records of changed states: their format, the rings and pages that they come in, and the events that they
// become.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "src/collect/perf_abi.h"
#include "src/collect/perf_records.h"
#include "src/collect/state_tracker.h"
#include "src/collect/trace_format.h"
#include "src/collect/trace_instance.h"
#include "src/collect/trace_page.h"
#include "tests/base/scratch.h"
#include "tests/collect/trace_format_sample.h"

using namespace duostat;

namespace {

TraceFormat format() {
  std::string_view missing;
  const auto parsed = TraceFormat::parse(test::kTraceFormat, missing);
  BOOST_REQUIRE(parsed.has_value());
  return *parsed;
}

using Buffer = std::vector<std::byte>;
template <class T>
void put(Buffer& buffer, const T& value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  buffer.insert(buffer.end(), bytes, bytes + sizeof value);
}

Buffer raw(std::uint64_t key, int before, int after, std::uint8_t flags = 0, std::uint16_t sport = 80) {
  Buffer b;
  put(b, std::uint16_t{2287});
  put(b, flags);
  put(b, std::uint8_t{0});
  put(b, std::int32_t{4711});
  put(b, key);
  put(b, std::int32_t{before});
  put(b, std::int32_t{after});
  for (const std::uint16_t n : {sport, std::uint16_t{2000}, std::uint16_t{2}, std::uint16_t{6}}) put(b, n);
  for (const std::uint8_t n : {10, 0, 0, 1, 10, 0, 0, 2}) put(b, n);
  b.resize(b.size() + 32);
  return b;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trace_events)

BOOST_AUTO_TEST_CASE(formats) {
  StateRecord r;
  BOOST_TEST(format().decode(raw(77, 1, 4, 0x10), r));
  BOOST_TEST(r.key == 77u);
  BOOST_TEST((r.before == State::established && r.after == State::fin_wait1));
  BOOST_TEST(r.in_softirq);
  BOOST_TEST(r.local.port == 80u);
  BOOST_TEST(r.remote.port == 2000u);
  BOOST_TEST((r.remote.address[3] == 2 && r.remote.family == Family::inet));
  BOOST_TEST(r.ip_protocol == 6u);
  Buffer cut = raw(77, 1, 4);
  cut.pop_back();
  BOOST_TEST(!format().decode(cut, r));
}

BOOST_AUTO_TEST_CASE(formats_that_lack_something) {
  std::string_view missing;
  for (const std::string_view field : {"skaddr", "oldstate", "daddr_v6"}) {
    std::string text(test::kTraceFormat.substr(0, test::kTraceFormat.find("print fmt")));
    text.replace(text.find(std::string(field)), 1, "x");
    BOOST_TEST(!TraceFormat::parse(text, missing).has_value());
    BOOST_TEST(missing == field);
  }
  BOOST_TEST(!TraceFormat::parse("", missing).has_value());
}

BOOST_AUTO_TEST_CASE(rings) {
  constexpr std::size_t kSize = 512;
  Buffer ring(kSize);
  std::uint64_t head = 400;  // records go over the end
  const auto append = [&](const Buffer& record) {
    for (const std::byte b : record) ring[head++ % kSize] = b;
  };
  const auto sample = [&](std::uint32_t pid, std::uint64_t time, std::uint64_t key) {
    const Buffer data = raw(key, 7, 2);
    const std::uint32_t size = static_cast<std::uint32_t>(data.size()) + 4;  // padded to 8 with the size itself
    Buffer b;
    put(b, uapi::PerfHeader{uapi::kPerfRecordSample, 0, static_cast<std::uint16_t>(8 + 16 + 4 + size)});
    put(b, pid);
    put(b, pid);
    put(b, time);
    put(b, size);
    b.insert(b.end(), data.begin(), data.end());
    b.resize(b.size() + 4);
    return b;
  };
  const std::uint64_t tail = head;
  append(sample(12, 1000, 1));
  Buffer lost;
  put(lost, uapi::PerfHeader{uapi::kPerfRecordLost, 0, 24});
  put(lost, std::uint64_t{5});
  put(lost, std::uint64_t{17});
  append(lost);
  Buffer other;
  put(other, uapi::PerfHeader{3, 0, 8});  // PERF_RECORD_COMM, or anything else
  append(other);
  append(sample(0xffffffff, 2000, 2));
  PerfCounts counts;
  std::vector<StateRecord> got;
  const auto take = [&](StateRecord&& r) { got.push_back(std::move(r)); };
  const PerfRing all{ring, head, tail};
  BOOST_TEST(read_perf_records(all, format(), counts, take) == head);
  BOOST_REQUIRE(got.size() == 2u);
  BOOST_TEST(got[0].key == 1u);
  BOOST_TEST(got[0].pid == 12u);
  BOOST_TEST(got[0].time_ns == 1000);
  BOOST_TEST(got[1].key == 2u);
  BOOST_TEST(got[1].pid == 0u);
  BOOST_TEST(counts.lost == 17u);
  BOOST_TEST(counts.records == 4u);
  BOOST_TEST(counts.malformed == 0u);
  // Nothing to read; a record that claims more than there is; one that is too small to be a record.
  BOOST_TEST(read_perf_records({ring, head, head}, format(), counts, take) == head);
  BOOST_TEST(read_perf_records({ring, tail + 16, tail}, format(), counts, take) == tail + 16);
  BOOST_TEST(counts.malformed == 1u);
  const std::uint16_t small = 4;
  std::memcpy(&ring[(tail + 6) % kSize], &small, sizeof small);
  BOOST_TEST(read_perf_records(all, format(), counts, take) == head);
  BOOST_TEST(counts.malformed == 2u);
  BOOST_TEST(got.size() == 2u);
  // A record that is longer than the ring.
  constexpr std::size_t kTiny = 16;
  Buffer tiny(kTiny);
  const std::uint16_t size = 2 * kTiny;
  std::memcpy(&tiny[6], &size, sizeof size);
  PerfCounts of_tiny;
  BOOST_TEST(read_perf_records({tiny, size, 0}, format(), of_tiny, take) == size);
  BOOST_TEST(of_tiny.malformed == 1u);
  BOOST_TEST(of_tiny.records == 0u);
  // A record of nothing but its header, of a type that is passed over.
  const std::uint16_t header_alone = 8;
  std::memcpy(&tiny[6], &header_alone, sizeof header_alone);
  BOOST_TEST(read_perf_records({tiny, header_alone, 0}, format(), of_tiny, take) == header_alone);
  BOOST_TEST(of_tiny.records == 1u);
}

BOOST_AUTO_TEST_CASE(pages) {
  const bool big = std::endian::native == std::endian::big;
  const auto header = [&](std::uint32_t type, std::uint32_t delta) {
    return big ? type << 27 | delta : delta << 5 | type;
  };
  for (const std::size_t long_size : {std::size_t{8}, std::size_t{4}}) {
    Buffer events;
    const Buffer data = raw(1, 7, 2);  // 72 bytes: 18 words
    put(events, header(18, 10));
    events.insert(events.end(), data.begin(), data.end());
    put(events, header(30, 1));  // + (2 << 27) + 1
    put(events, std::uint32_t{2});
    put(events, header(29, 5));  // a record that was discarded: 8 bytes follow
    put(events, std::uint32_t{8});
    put(events, std::uint32_t{0});
    put(events, std::uint32_t{0});
    events.resize(events.size() - 4);
    put(events, header(0, 3));  // the length is in a word of its own
    put(events, static_cast<std::uint32_t>(data.size() + 4));
    events.insert(events.end(), data.begin(), data.end());
    put(events, header(31, 9));  // an absolute time
    put(events, std::uint32_t{7});
    put(events, header(18, 1));
    events.insert(events.end(), data.begin(), data.end());
    Buffer page;
    put(page, std::uint64_t{1'000'000});
    const std::uint64_t commit = events.size() | (long_size == 8 ? std::uint64_t{1} << 31 : 0);  // records were lost
    if (long_size == 8) put(page, commit);
    else put(page, static_cast<std::uint32_t>(commit));
    page.insert(page.end(), events.begin(), events.end());
    page.resize(4096);
    std::vector<std::int64_t> times;
    const auto take = [&](std::int64_t time, Bytes record) {
      times.push_back(time);
      StateRecord r;
      BOOST_TEST(format().decode(record, r));
    };
    const TracePageLayout layout{long_size, std::endian::native};
    BOOST_TEST(read_trace_page(page, take, layout));
    const std::int64_t first = 1'000'010, second = first + (std::int64_t{2} << 27) + 1 + 5 + 3;
    BOOST_TEST((times == std::vector<std::int64_t>{first, second, (std::int64_t{7} << 27) + 9 + 1}));
    // Every shorter page ends without reading beyond it.
    for (std::size_t size = 0; size < 8 + long_size + events.size(); ++size)
      BOOST_TEST(!read_trace_page(Bytes(page).first(size), [](std::int64_t, Bytes) {}, layout));
  }
}

BOOST_AUTO_TEST_CASE(instances) {
  const InstanceName own{"0a1b2c3d", 4026531836, 1234, 567890};
  BOOST_TEST(own.text() == "duostat-0a1b2c3d-4026531836-1234-567890");
  BOOST_TEST((InstanceName::parse(own.text()) == own));
  for (const std::string_view text : {"", "duostat-", "duostat-0a1b2c3d", "duostat-0a1b2c3d-1-2",
                                      "other-0a1b2c3d-1-2-3", "duostat-0a1b2c3d-1-2-3-4",
                                      "duostat-0a1b2c3d-1-2-3x", "duostat-0a1b2c3d-1-2-3-"})
    BOOST_TEST(!InstanceName::parse(text).has_value(), text);
  test::Scratch tree;
  tree.write("1234/stat", "1234 (a) b) S 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 567890 1 1\n");
  const ProcDir proc(tree.path());
  BOOST_TEST(!is_left_over(own, own, proc));
  InstanceName other = own;
  other.start = 5;  // the number was used again
  BOOST_TEST(is_left_over(other, own, proc));
  other = own;
  other.pid = 99;
  BOOST_TEST(is_left_over(other, own, proc));
  other.pid_namespace = 1;  // there it may be alive
  BOOST_TEST(!is_left_over(other, own, proc));
  other = own;
  other.pid = 99;
  other.boot = "ffffffff";
  BOOST_TEST(!is_left_over(other, own, proc));
}

BOOST_AUTO_TEST_CASE(processes) {
  test::Scratch tree;
  tree.write("7/stat", "7 (a) b) S 1 1 1 0 -1 4194304 1 0\n");
  tree.write("8/stat", "8 (kworker/0:1) I 2 0 0 0 -1 69238880 0 0\n");
  const ProcDir proc(tree.path());
  BOOST_TEST((process_name(proc, 7) == "a) b"));
  BOOST_TEST(!process_name(proc, 8).has_value());
  BOOST_TEST((process_name(proc, 9) == ""));
}

struct Tracked {
  FollowRequest request;
  std::optional<StateTracker> tracker;
  std::vector<SocketEvent> events;

  explicit Tracked(StateMask states = kAllStates) {
    request.sockets.protocols = {Protocol::tcp};
    request.sockets.states = states;
    request.owners = true;
    tracker.emplace(request);
  }
  void add(std::int64_t time, std::uint64_t key, int before, int after, std::uint32_t pid = 0, bool softirq = false,
           std::uint16_t sport = 80, bool ended = false) {
    StateRecord r;
    format().decode(raw(key, before, after, softirq ? 0x10 : 0, sport), r);
    r.time_ns = time;
    r.pid = pid;
    r.comm = pid == 0 || ended ? "" : "curl";
    tracker->add(r, [&](SocketEvent&& e) { events.push_back(std::move(e)); });
  }
  std::string text() const {
    std::string all;
    for (const SocketEvent& e : events) {
      all += std::string(word_of(e.kind)) + " " + std::to_string(static_cast<int>(e.previous)) + ">" +
             std::to_string(static_cast<int>(e.state)) + ":" + std::to_string(e.local.port);
      if (e.lasted_ns) all += " lasted " + std::to_string(*e.lasted_ns);
      if (e.pid != 0) all += " " + e.process + " " + std::to_string(e.pid);
      all += "\n";
    }
    return all;
  }
};

BOOST_AUTO_TEST_CASE(a_client) {
  Tracked t;
  t.add(10, 1, 7, 2, 5, false, 0);  // the port is chosen later
  t.add(20, 1, 2, 1, 6, true);      // some other task was interrupted
  t.add(30, 1, 1, 4, 5, false, 80, true);  // the process has ended: its name cannot be read any more
  t.add(40, 1, 4, 5, 9, true);
  t.add(50, 1, 5, 7, 9, true);
  BOOST_TEST(t.text() == "new 0>2:0 curl 5\nstate 2>1:80 curl 5\nstate 1>4:80 curl 5\nstate 4>5:80 curl 5\n"
                         "gone 5>0:80 lasted 40 curl 5\n");
  BOOST_TEST(t.tracker->alive() == 0u);
}

BOOST_AUTO_TEST_CASE(a_server) {
  Tracked t;
  t.add(5, 1, 7, 10, 8);
  t.add(10, 2, 10, 3, 5, true, 0);  // the child of a listener: it has no addresses yet
  t.add(20, 2, 3, 1, 5, true);
  t.add(30, 2, 1, 8, 5, true);
  t.add(40, 2, 8, 9, 8);
  t.add(50, 2, 9, 7, 5, true);
  t.add(60, 3, 10, 3, 5, true, 0);  // half-open, and then no more
  t.add(70, 3, 3, 7, 5, true, 0);
  t.add(80, 1, 10, 7, 9);  // who closes it is not known to be an owner: ss -K could be it
  BOOST_TEST(t.text() == "new 0>10:80 curl 8\nnew 0>1:80\nstate 1>8:80\nstate 8>9:80 curl 8\n"
                         "gone 9>0:80 lasted 40 curl 8\ngone 10>0:80 lasted 75 curl 8\n");
  BOOST_TEST(t.tracker->alive() == 0u);
}

BOOST_AUTO_TEST_CASE(one_that_was_there_before) {
  Tracked t;
  t.add(10, 1, 1, 1);  // no change
  t.add(10, 1, 1, 4);
  t.add(20, 1, 4, 7);
  t.add(30, 1, 7, 2, 5);  // the address is used again
  BOOST_TEST(t.text() == "state 1>4:80\ngone 4>0:80\nnew 0>2:80 curl 5\n");
}

BOOST_AUTO_TEST_CASE(after_a_loss_no_duration_is_claimed) {
  Tracked t;
  t.add(10, 1, 7, 2, 5);
  t.tracker->lost(30);
  t.add(20, 2, 7, 2, 5);  // it was waiting for its turn when the loss was seen
  t.add(40, 1, 1, 4);
  t.add(50, 1, 4, 7);
  t.add(60, 2, 2, 7);
  t.add(70, 3, 7, 2, 5);
  t.add(80, 3, 2, 7);
  BOOST_TEST(t.text() == "new 0>2:80 curl 5\nnew 0>2:80 curl 5\nstate 1>4:80\ngone 4>0:80\ngone 2>0:80\n"
                         "new 0>2:80 curl 5\ngone 2>0:80 lasted 10 curl 5\n");
}

BOOST_AUTO_TEST_CASE(states_and_protocols) {
  Tracked listeners(mask_of(State::listen));
  listeners.add(10, 1, 7, 10);
  listeners.add(20, 2, 7, 2);
  listeners.add(30, 1, 10, 7);
  BOOST_TEST(listeners.text() == "new 0>10:80\ngone 10>0:80 lasted 20\n");
  Tracked other;
  other.request.sockets.protocols = {Protocol::mptcp};
  other.tracker.emplace(other.request);
  other.add(10, 1, 7, 10);
  BOOST_TEST(other.text().empty());
}

BOOST_AUTO_TEST_SUITE_END()

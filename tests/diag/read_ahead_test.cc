// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/read_ahead.h"

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "src/base/processors.h"
#include "src/query/expr.h"
#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// A fake kernel that answers requests by family and states, over several transports at once. Family 0 is the request
/// from before Linux 3.3 for both families; without a reply in the table it is refused.
struct Table {
  struct Key {
    std::uint8_t family;
    std::uint32_t states;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<Wire>> answers;  ///< each reply ends with its own DONE, unless another end is set
  std::map<Key, Transport::Received> ends;   ///< replaces the DONE
  std::size_t most_open = 0;                 ///< maximum number of open transports; opening more fails
  std::size_t open = 0, most_at_once = 0;
  std::mutex mutex;                          ///< of the members below: the readers of two families are two threads
  std::map<Key, unsigned> asked;             ///< number of answered requests
  std::atomic<unsigned> strays = 0;          ///< requests at places where they make no sense
};

class TableTransport final : public Transport {
 public:
  explicit TableTransport(Table& table) : table_(table) {
    table_.most_at_once = std::max(table_.most_at_once, ++table_.open);
  }
  ~TableTransport() override { --table_.open; }

  int send(Bytes request) noexcept override {
    uapi::MessageHeader header{};
    uapi::InetRequest body{};
    uapi::InetRequestLegacy legacy{};
    const bool old = read_at(request, 0, header) && header.type == uapi::kTcpDiagGetSock;
    const bool whole = old ? read_at(request, sizeof header, legacy) : read_at(request, sizeof header, body);
    if (!whole || answering_) ++table_.strays;  // one at a time
    key_ = old ? Table::Key{0, legacy.states} : Table::Key{body.family, body.states};
    if (table_.answers.contains(key_)) {
      const std::lock_guard lock(table_.mutex);
      ++table_.asked[key_];
    }
    next_ = 0;
    answering_ = true;
    sequence_ = header.sequence;
    return 0;
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const auto answer = table_.answers.find(key_);
    if (answer == table_.answers.end() && key_.family == 0) {
      answering_ = false;
      return hand_out(refused(EINVAL), buffer);
    }
    if (answer == table_.answers.end()) ++table_.strays;
    else if (next_ < answer->second.size()) return hand_out(answer->second[next_++], buffer);
    answering_ = false;
    const auto end = table_.ends.find(key_);
    return end != table_.ends.end() ? end->second : hand_out(done(), buffer);
  }
  std::uint32_t port_id() const noexcept override { return kPort; }
  bool concurrent() const noexcept override { return true; }

 private:
  Received hand_out(const Wire& wire, std::span<std::byte> buffer) {
    const std::size_t size = std::min(wire.size(), buffer.size());
    std::memcpy(buffer.data(), wire.bytes().data(), size);
    wire::answer(buffer.first(size), sequence_);
    return {.truncated = size < wire.size(), .size = size};
  }

  Table& table_;
  Table::Key key_{};
  std::size_t next_ = 0;
  std::uint32_t sequence_ = 0;
  bool answering_ = false;
};

OpenTransport open_table(Table& table) {
  return [&table](int, OpenError& error) -> std::unique_ptr<Transport> {
    error = table.open < table.most_open ? 0 : EMFILE;
    if (error != 0) return nullptr;
    return std::make_unique<TableTransport>(table);
  };
}

constexpr std::uint32_t kAll = kAllStates;
constexpr std::uint32_t kConnected = kAll & ~mask_of(State::listen, State::bound_inactive);
constexpr std::uint8_t kIpv4 = 2, kIpv6 = 10;

/// `count` rows in datagrams of 50, with ports ascending from `port`.
std::vector<Wire> rows(std::uint8_t family, unsigned count, unsigned port) {
  std::vector<Wire> datagrams;
  for (unsigned i = 0; i < count; ++i) {
    if (i % 50 == 0) datagrams.emplace_back();
    datagrams.back().append(Inet{.family = family, .sport = static_cast<std::uint16_t>(port + i)}.message());
  }
  return datagrams;
}

/// A table whose rows have the ports 1 to `2 * count` in output order if the families are requested separately.
void fill(Table& table, unsigned count, std::uint32_t states = kAll) {
  table.most_open = 2;
  table.answers[{kIpv4, states}] = rows(kIpv4, count, 1);
  table.answers[{kIpv6, states}] = rows(kIpv6, count, 1 + count);
}

/// The same in one walk, with ports ascending from 1; `is_ipv6` selects the family of each.
template <class Predicate>
void fill_one_walk(Table& table, unsigned count, Predicate is_ipv6, State state = State::established) {
  table.most_open = 2;
  auto& made = table.answers[{0, kAll}];
  for (unsigned i = 1; i <= count; ++i) {
    if (i % 50 == 1) made.emplace_back();
    made.back().append(Inet{.family = is_ipv6(i) ? kIpv6 : kIpv4,
                            .state = static_cast<std::uint8_t>(state),
                            .sport = static_cast<std::uint16_t>(i)}
                           .message());
  }
}

Query both() { return query({Protocol::tcp}, {}, {Family::inet, Family::inet6}); }

struct Shown {
  Coverage coverage;
  std::vector<std::uint32_t> ports;
};
Shown show(Table& table, const Query& q = both()) {
  Shown shown;
  DiagBackend backend(open_table(table));
  shown.coverage = backend.collect(q, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) shown.ports.push_back(s.local.port);
    return true;
  });
  BOOST_TEST(table.strays == 0u);
  return shown;
}

bool counts_to(const std::vector<std::uint32_t>& ports, unsigned last) {
  for (unsigned i = 0; i < ports.size(); ++i)
    if (ports[i] != i + 1) return false;
  return ports.size() == last;
}

/// IPv4 before IPv6, each by ascending port.
template <class Predicate>
bool in_order(const Shown& shown, unsigned count, Predicate is_ipv6) {
  std::vector<std::uint32_t> expected;
  for (const bool six : {false, true})
    for (unsigned i = 1; i <= count; ++i)
      if (is_ipv6(i) == six) expected.push_back(i);
  return shown.ports == expected;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_ahead)

BOOST_AUTO_TEST_CASE(a_small_table_of_one_family_needs_one_transport) {
  Table table;
  fill(table, 60);
  const Shown shown = show(table, query({Protocol::tcp}));
  BOOST_TEST(counts_to(shown.ports, 60));
  BOOST_TEST(shown.coverage.error == 0);
  BOOST_TEST(table.most_at_once == 1u);
}

BOOST_AUTO_TEST_CASE(a_large_table_is_shown_in_the_kernels_order) {
  for (const unsigned connections : {250u, 5000u, 20000u}) {  // including more than fit the queue
    Table table;
    fill(table, connections);
    const Shown shown = show(table);
    BOOST_TEST(counts_to(shown.ports, 2 * connections));
    BOOST_TEST(shown.coverage.rows == 2 * connections);
    BOOST_TEST(shown.coverage.error == 0);
    BOOST_TEST(table.most_at_once == 2u);
  }
}

BOOST_AUTO_TEST_CASE(without_a_second_transport_everything_is_asked_in_turn) {
  Table table;
  fill(table, 1000);
  table.most_open = 1;
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 2000));
  BOOST_TEST(shown.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(one_family_needs_no_second_transport) {
  Table table;
  fill(table, 1000);
  const Shown shown = show(table, query({Protocol::tcp}));
  BOOST_TEST(shown.ports.size() == 1000u);
  BOOST_TEST(table.most_at_once == 1u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_wants_no_more_ends_it) {
  for (const std::size_t enough : {1u, 64u, 3000u, 6000u}) {
    Table table;
    fill(table, 5000);
    DiagBackend backend(open_table(table));
    std::size_t seen = 0;
    const Coverage c =
        backend.collect(both(), [&](std::span<const Socket> batch) { return (seen += batch.size()) < enough; });
    BOOST_TEST(seen >= enough);
    BOOST_TEST(seen < enough + Dump::kBatch);
    BOOST_TEST(c.error == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_a_sink_throws_comes_out) {
  Table table;
  fill(table, 5000);
  DiagBackend backend(open_table(table));
  BOOST_CHECK_THROW(backend.collect(both(), [](std::span<const Socket>) -> bool { throw std::runtime_error("full"); }),
                    std::runtime_error);
}

BOOST_AUTO_TEST_CASE(errors_come_at_their_place) {
  struct Broken {
    Table::Key where;
    std::size_t rows;
  };
  // Rows before the error are shown; those after it are not requested.
  for (const Broken& broken : {Broken{{kIpv4, kAll}, 1000}, Broken{{kIpv6, kAll}, 2000}}) {
    Table table;
    fill(table, 1000);
    table.ends[broken.where] = {.error = ENOBUFS};
    const Shown shown = show(table);
    BOOST_TEST(counts_to(shown.ports, static_cast<unsigned>(broken.rows)));
    BOOST_TEST(shown.coverage.error == ENOBUFS);
    BOOST_TEST((shown.coverage.operation == Operation::diag_receive));
    BOOST_TEST(shown.coverage.object == "tcp");
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_in_the_midst_is_told) {
  Table table;
  fill(table, 1000);
  table.answers[{kIpv6, kAll}] = {Inet{.family = kIpv6, .sport = 1001}.message(), refused(EPERM)};
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 1001));
  BOOST_TEST(shown.coverage.error == EPERM);
  BOOST_TEST((shown.coverage.operation == Operation::diag_dump));
}

BOOST_AUTO_TEST_CASE(interruption_is_told) {
  Table table;
  fill(table, 1000);
  table.answers[{kIpv6, kAll}].push_back(
      message(Inet{.family = kIpv6, .sport = 2001}.payload(), {.flags = 2 | kDumpIntr}));
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 2001));
  BOOST_TEST(shown.coverage.interrupted);
}

BOOST_AUTO_TEST_CASE(a_datagram_too_long_is_counted_and_the_next_one_has_room) {
  Table table;
  fill(table, 1000);
  auto& answer = table.answers[{kIpv4, kAll}];
  Wire longer;
  while (longer.size() <= 32768) longer.append(Inet{.sport = 9}.message());
  answer.insert(answer.end(), {longer, longer});
  const Shown shown = show(table);
  const std::size_t each = Inet{}.message().size();
  BOOST_TEST(shown.coverage.truncated == 1u);
  BOOST_TEST(shown.coverage.rows == 2000 + 32768 / each + longer.size() / each);
}

BOOST_AUTO_TEST_CASE(a_filter_for_a_port_of_the_peer_leaves_out_what_has_none) {
  ExprBuilder builder;
  builder.predicate(HostPredicate{.side = Side::remote, .port = 9});
  const Expr filter = std::move(builder).finish();
  Query q = both();
  q.filter = &filter;
  Table table;
  fill(table, 1000, kConnected);
  const Shown shown = show(table, q);
  BOOST_TEST(shown.ports.size() == 2000u);  // narrowed only by state: the table ignores filters
}

/// An endless reply, in datagrams as large as the kernel's.
class Flood final : public Transport {
 public:
  int send(Bytes) noexcept override { return 0; }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Wire row = Inet{}.message();
    std::size_t size = 0;
    for (; buffer.size() - size >= row.size(); size += row.size())
      std::memcpy(buffer.data() + size, row.bytes().data(), row.size());
    received += size;
    return {.size = size};
  }
  std::uint32_t port_id() const noexcept override { return kPort; }

  std::atomic<std::size_t> received = 0;
};

/// The amount received when nothing more arrives for a while.
std::size_t settled(const Flood& flood) {
  std::size_t before = 0;
  for (int quiet = 0; quiet < 10; ++quiet) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (before != flood.received) quiet = 0;
    before = flood.received;
  }
  return before;
}

BOOST_AUTO_TEST_CASE(not_more_waits_than_may, *boost::unit_test::precondition([](auto) { return processors() > 1; })) {
  constexpr std::size_t kBuffer = 32768;
  Flood flood;
  ReadAhead ahead(flood, {RequestWriter(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence), kBuffer, nullptr});
  ahead.start();
  const std::size_t at_first = settled(flood);
  BOOST_TEST(at_first >= ReadAhead::kMaxQueuedAtFirst);
  BOOST_TEST(at_first <= ReadAhead::kMaxQueuedAtFirst + kBuffer);
  // Once datagrams are consumed, the limit is lower: the reader continues only when less than that is queued.
  std::vector<std::byte> buffer(kBuffer);
  BOOST_TEST(ahead.send({}) == 0);
  std::size_t taken = 0;
  const auto take = [&](std::size_t bytes) {
    for (const std::size_t until = taken + bytes; taken < until;) taken += ahead.receive(buffer).size;
  };
  take(ReadAhead::kMaxQueuedAtFirst - ReadAhead::kMaxQueuedBytes - 2 * kBuffer);
  BOOST_TEST(settled(flood) == at_first);
  take(4 * ReadAhead::kMaxQueuedBytes);
  BOOST_TEST(settled(flood) - taken <= ReadAhead::kMaxQueuedBytes + kBuffer);
}

BOOST_AUTO_TEST_CASE(fewer_datagrams_than_are_waited_for_may_fill_it, *boost::unit_test::timeout(60)) {
  constexpr std::size_t kBuffer = std::size_t{1} << 20;  // three of them exceed the limit of the queue
  Flood flood;
  ReadAhead ahead(flood, {RequestWriter(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence), kBuffer, nullptr});
  ahead.start();
  BOOST_TEST(ahead.send({}) == 0);
  std::vector<std::byte> buffer(kBuffer);
  for (int i = 0; i < 40; ++i) BOOST_REQUIRE(ahead.receive(buffer).size != 0);
}

BOOST_AUTO_TEST_CASE(both_families_come_in_one_walk) {
  for (const unsigned connections : {60u, 5000u, 20000u}) {
    Table table;
    fill(table, connections);
    fill_one_walk(table, connections, [=](unsigned i) { return i % 20 == 7; });
    const Shown shown = show(table);
    BOOST_TEST(in_order(shown, connections, [](unsigned i) { return i % 20 == 7; }));
    BOOST_TEST(shown.coverage.rows == connections);
    BOOST_TEST(shown.coverage.error == 0);
    BOOST_TEST((table.asked == std::map<Table::Key, unsigned>{{{0, kAll}, 1}}));
  }
}

BOOST_AUTO_TEST_CASE(much_of_ipv6_is_asked_for_apart) {
  Table table;
  fill(table, 5000);
  fill_one_walk(table, 5000, [](unsigned i) { return i % 10 == 7; });
  table.most_open = 3;
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 10000));  // all of them from the two replies
  BOOST_TEST((table.asked == std::map<Table::Key, unsigned>{{{0, kAll}, 1}, {{kIpv4, kAll}, 1}, {{kIpv6, kAll}, 1}}));
}

BOOST_AUTO_TEST_CASE(listeners_do_not_tell_whether_ipv6_is_rare) {
  Table table;
  const auto is_ipv6 = [](unsigned i) { return i % 2 == 0; };
  fill(table, 5000);
  fill_one_walk(table, 5000, is_ipv6, State::listen);
  const Shown shown = show(table);
  BOOST_TEST(in_order(shown, 5000, is_ipv6));
  BOOST_TEST((table.asked == std::map<Table::Key, unsigned>{{{0, kAll}, 1}}));
}

BOOST_AUTO_TEST_CASE(more_of_ipv6_than_may_be_kept_is_asked_for_once_more) {
  constexpr unsigned kConnections = 40000;
  const auto late = [](unsigned i) { return i > 2000; };
  Table table;
  fill_one_walk(table, kConnections, late);
  fill(table, kConnections);  // whose IPv6 rows have other ports
  const Shown shown = show(table);
  BOOST_REQUIRE(shown.ports.size() == 2000u + kConnections);
  BOOST_TEST(shown.ports[1999] == 2000u);
  BOOST_TEST(shown.ports[2000] == kConnections + 1);
  BOOST_TEST(shown.ports.back() == ((2 * kConnections) & 0xffff));
  BOOST_TEST(!table.asked.contains({kIpv4, kAll}));
}

BOOST_AUTO_TEST_CASE(listeners_of_both_families_need_one_transport) {
  Table table;
  table.most_open = 1;
  table.answers[{0, mask_of(State::listen)}] = {Inet{.family = kIpv6, .sport = 2}.message(),
                                                Inet{.sport = 1}.message()};
  Query q = both();
  q.states = mask_of(State::listen, State::close);
  const Shown shown = show(table, q);
  BOOST_TEST(counts_to(shown.ports, 2));
}

BOOST_AUTO_TEST_CASE(what_breaks_one_walk_is_told_at_its_place) {
  Table table;
  fill(table, 1000);
  fill_one_walk(table, 1000, [](unsigned) { return false; });
  table.ends[{0, kAll}] = {.error = ENOBUFS};
  Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 1000));
  BOOST_TEST(shown.coverage.error == ENOBUFS);
  table.ends.clear();
  table.answers[{0, kAll}].push_back(refused(EPERM));
  shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 1000));
  BOOST_TEST(shown.coverage.error == EPERM);
}

BOOST_AUTO_TEST_SUITE_END()

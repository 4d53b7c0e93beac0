// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/read_ahead.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <vector>

#include "src/query/expr.h"
#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// A kernel that answers each request by its family and states, for several transports at once.
struct Table {
  struct Key {
    std::uint8_t family;
    std::uint32_t states;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<Wire>> answers;  ///< each ended by a DONE of its own, unless it has something that ends it
  std::map<Key, Transport::Received> ends;   ///< what comes instead of the DONE
  std::size_t most_open = 0;                 ///< transports; opening more fails
  std::size_t opened = 0;
  std::atomic<unsigned> strays = 0;          ///< requests that make no sense where they came
};

class TableTransport final : public Transport {
 public:
  explicit TableTransport(Table& table) : table_(table) {}

  int send(Bytes request) noexcept override {
    uapi::InetRequest body{};
    if (!read_at(request, sizeof(uapi::MessageHeader), body) || answering_) ++table_.strays;  // one at a time
    key_ = {body.family, body.states};
    next_ = 0;
    answering_ = true;
    return 0;
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const auto answer = table_.answers.find(key_);
    if (answer == table_.answers.end()) ++table_.strays;
    else if (next_ < answer->second.size()) return hand_out(answer->second[next_++], buffer);
    answering_ = false;
    const auto end = table_.ends.find(key_);
    return end != table_.ends.end() ? end->second : hand_out(done(), buffer);
  }
  std::uint32_t port_id() const noexcept override { return kPort; }
  bool concurrent() const noexcept override { return true; }

 private:
  static Received hand_out(const Wire& wire, std::span<std::byte> buffer) {
    const std::size_t size = std::min(wire.size(), buffer.size());
    std::memcpy(buffer.data(), wire.bytes().data(), size);
    return {.truncated = size < wire.size(), .size = size};
  }

  Table& table_;
  Table::Key key_{};
  std::size_t next_ = 0;
  bool answering_ = false;
};

OpenTransport open_table(Table& table) {
  return [&table](int, int& error) -> std::unique_ptr<Transport> {
    error = table.opened < table.most_open ? 0 : EMFILE;
    if (error != 0) return nullptr;
    ++table.opened;
    return std::make_unique<TableTransport>(table);
  };
}

constexpr std::uint32_t kAll = kAllStates;
constexpr std::uint32_t kFirst = mask_of(State::listen, State::bound_inactive), kRest = kAll & ~kFirst;
constexpr std::uint8_t kIpv4 = 2, kIpv6 = 10;

/// `count` rows over datagrams of 50, ports counting on from `port`.
std::vector<Wire> rows(std::uint8_t family, unsigned count, unsigned port) {
  std::vector<Wire> datagrams;
  for (unsigned i = 0; i < count; ++i) {
    if (i % 50 == 0) datagrams.emplace_back();
    datagrams.back().append(Inet{.family = family, .sport = static_cast<std::uint16_t>(port + i)}.message());
  }
  return datagrams;
}

/// A table whose rows have the ports 1 to `2 * connections + 40` in the order of the output, however it is asked.
void fill(Table& table, unsigned connections) {
  table.most_open = 2;
  unsigned port = 1;
  for (const std::uint8_t family : {kIpv4, kIpv6}) {
    const auto first = rows(family, 20, port), rest = rows(family, connections, port + 20);
    table.answers[{family, kFirst}] = first;
    table.answers[{family, kRest}] = rest;
    auto& all = table.answers[{family, kAll}] = first;
    all.insert(all.end(), rest.begin(), rest.end());
    port += 20 + connections;
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

}  // namespace

BOOST_AUTO_TEST_SUITE(read_ahead)

BOOST_AUTO_TEST_CASE(a_small_table_needs_one_transport) {
  Table table;
  fill(table, 60);
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 160));
  BOOST_TEST(shown.coverage.error == 0);
  BOOST_TEST(table.opened == 1u);
}

BOOST_AUTO_TEST_CASE(a_large_table_is_shown_in_the_kernels_order) {
  for (const unsigned connections : {250u, 5000u, 20000u}) {  // more than may wait, too
    Table table;
    fill(table, connections);
    const Shown shown = show(table);
    BOOST_TEST(counts_to(shown.ports, 2 * connections + 40));
    BOOST_TEST(shown.coverage.rows == 2 * connections + 40);
    BOOST_TEST(shown.coverage.error == 0);
    BOOST_TEST(table.opened == 2u);
  }
}

BOOST_AUTO_TEST_CASE(without_a_second_transport_everything_is_asked_in_turn) {
  Table table;
  fill(table, 1000);
  table.most_open = 1;
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 2040));
  BOOST_TEST(shown.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(one_family_without_bound_sockets_needs_no_second_transport) {
  Table table;
  fill(table, 1000);
  Query q = query({Protocol::tcp});
  q.states = kRest;
  const Shown shown = show(table, q);
  BOOST_TEST(shown.ports.size() == 1000u);
  BOOST_TEST(table.opened == 1u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_wants_no_more_ends_it) {
  for (const std::size_t enough : {1u, 64u, 3000u, 6000u}) {
    Table table;
    fill(table, 5000);
    DiagBackend backend(open_table(table));
    std::size_t seen = 0;
    const Coverage c = backend.collect(both(), [&](std::span<const Socket> batch) { return (seen += batch.size()) < enough; });
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
  // Rows before it are shown, those after it are not asked for.
  for (const Broken& broken : {Broken{{kIpv4, kFirst}, 20}, Broken{{kIpv4, kRest}, 1020}, Broken{{kIpv6, kFirst}, 1040},
                               Broken{{kIpv6, kRest}, 2040}}) {
    Table table;
    fill(table, 1000);
    table.ends[broken.where] = {.error = ENOBUFS};
    const Shown shown = show(table);
    BOOST_TEST(counts_to(shown.ports, static_cast<unsigned>(broken.rows)));
    BOOST_TEST(shown.coverage.error == ENOBUFS);
    BOOST_TEST(shown.coverage.operation == kDiagReceive);
    BOOST_TEST(shown.coverage.object == "tcp");
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_in_the_midst_is_told) {
  Table table;
  fill(table, 1000);
  table.answers[{kIpv6, kRest}] = {Inet{.family = kIpv6, .sport = 1041}.message(), refused(EPERM)};
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 1041));
  BOOST_TEST(shown.coverage.error == EPERM);
  BOOST_TEST(shown.coverage.operation == kDiagDump);
}

BOOST_AUTO_TEST_CASE(interruption_is_told) {
  Table table;
  fill(table, 1000);
  table.answers[{kIpv6, kRest}].push_back(
      message(Inet{.family = kIpv6, .sport = 2041}.payload(), {.flags = 2 | kDumpIntr}));
  const Shown shown = show(table);
  BOOST_TEST(counts_to(shown.ports, 2041));
  BOOST_TEST(shown.coverage.interrupted);
}

BOOST_AUTO_TEST_CASE(a_datagram_too_long_is_counted_and_the_next_one_has_room) {
  Table table;
  fill(table, 1000);
  auto& answer = table.answers[{kIpv4, kRest}];
  Wire longer;
  while (longer.size() <= 32768) longer.append(Inet{.sport = 9}.message());
  answer.insert(answer.end(), {longer, longer});
  const Shown shown = show(table);
  const std::size_t each = Inet{}.message().size();
  BOOST_TEST(shown.coverage.truncated == 1u);
  BOOST_TEST(shown.coverage.rows == 2040 + 32768 / each + longer.size() / each);
}

BOOST_AUTO_TEST_CASE(a_filter_for_a_port_of_the_peer_leaves_out_what_has_none) {
  ExprBuilder builder;
  builder.predicate(HostPredicate{.side = Side::remote, .port = 9});
  const Expr filter = std::move(builder).finish();
  Query q = both();
  q.filter = &filter;
  Table table;
  fill(table, 1000);
  const Shown shown = show(table, q);
  BOOST_TEST(shown.ports.size() == 2000u);  // narrowed by the states only: the table knows no filter
}

BOOST_AUTO_TEST_SUITE_END()

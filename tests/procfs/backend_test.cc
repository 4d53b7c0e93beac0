// The backend as a whole: captured trees, filters, errors, and the running system.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "src/procfs/batch.h"
#include "tests/procfs/collected.h"

namespace {

using namespace duostat;
using test::collect;
using test::data;
using test::Tree;

constexpr ProtocolSet kListed = ProtocolSet{Protocol::tcp, Protocol::udp, Protocol::udplite, Protocol::raw,
                                            Protocol::icmp, Protocol::netlink} |
                                kUnixProtocols | kPacketProtocols;
const std::string kHeading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

std::string row(unsigned number) {
  char line[200];
  std::snprintf(line, sizeof line,
                "%4u: 0100007F:%04X 0100007F:A2C4 01 00000000:00000000 00:00000000 00000000     0        0 %u 1 "
                "00000000ec412036 20 4 30 10 -1\n",
                number, 1 + number % 60000, 1000 + number);
  return line;
}
std::string rows(unsigned count) {
  std::string text = kHeading;
  for (unsigned i = 0; i < count; ++i) text += row(i);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backend)

BOOST_AUTO_TEST_CASE(every_tcp_state) {
  const auto got = collect(ProcDir(data("zoo")), {.protocols = {Protocol::tcp}});
  const int states[] = {10, 10, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 1, 1, 10, 10, 1, 1, 6};
  BOOST_REQUIRE(got.rows.size() == std::size(states));
  for (std::size_t i = 0; i < std::size(states); ++i)
    BOOST_TEST(static_cast<int>(got.rows[i].socket.state) == states[i], "row " << i);
  // IPv4 before IPv6, each in its file's order.
  for (std::size_t i = 0; i < 20; ++i)
    BOOST_TEST((got.rows[i].socket.family == (i < 15 ? Family::inet : Family::inet6)));
  const Socket& huge = got.rows[14].socket;
  BOOST_TEST(huge.wqueue == 4294967295u);
  BOOST_TEST(huge.rqueue == 2147483647u);
  BOOST_TEST(huge.uid == 4294967294u);
  BOOST_TEST(got.coverage.rows == 20u);
  BOOST_TEST(got.coverage.malformed == 0u);
  BOOST_TEST(got.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(states_and_families_are_narrowed) {
  const ProcDir proc(data("zoo"));
  BOOST_TEST(collect(proc, {.protocols = {Protocol::tcp}, .states = mask_of(State::listen)}).rows.size() == 4u);
  BOOST_TEST(collect(proc, {.protocols = {Protocol::tcp}, .families = {Family::inet}}).rows.size() == 15u);
  BOOST_TEST(collect(proc, {.protocols = {Protocol::tcp}, .families = {Family::inet6}}).rows.size() == 5u);
  BOOST_TEST(collect(proc, {.protocols = {Protocol::tcp}, .families = {}}).rows.empty());
}

BOOST_AUTO_TEST_CASE(the_columns_behind_come_only_when_asked_for) {
  const ProcDir proc(data("zoo"));
  const auto without = collect(proc, {.protocols = {Protocol::tcp}});
  for (const auto& r : without.rows) BOOST_TEST((!r.socket.has(Field::tcp_procfs) && r.socket.inet == nullptr));
  const auto with = collect(proc, {.protocols = {Protocol::tcp}, .wanted = {Field::tcp_procfs}});
  for (const auto& r : with.rows) BOOST_TEST((r.socket.has(Field::tcp_procfs) && r.socket.inet != nullptr));
  BOOST_TEST(with.rows[3].inet.tcp_procfs.cwnd == 10u);
  BOOST_TEST(with.rows[3].inet.tcp_procfs.ssthresh == 7);
  BOOST_TEST(!with.rows[8].inet.tcp_procfs.complete);  // TIME-WAIT
}

BOOST_AUTO_TEST_CASE(no_row_tells_more_than_the_backend_knows) {
  const ProcDir proc(data("zoo"));
  const ProcfsBackend backend(proc);
  for (const ProtocolRow& protocol : kProtocols) {
    FieldSet told;
    Query query{.protocols = {protocol.protocol}, .wanted = {Field::tcp_procfs}};
    for (const auto& r : collect(proc, query).rows) {
      BOOST_TEST((r.socket.protocol == protocol.protocol));
      BOOST_TEST(backend.knows(protocol.protocol).has_all(r.socket.present), protocol.id);
      told |= r.socket.present;
    }
    // … and the zoo contains every field that the backend claims to know.
    BOOST_TEST((told == backend.knows(protocol.protocol)), protocol.id);
  }
}

BOOST_AUTO_TEST_CASE(odd_lines_do_not_end_the_table) {
  const auto got = collect(ProcDir(data("odd")), {.protocols = {Protocol::tcp}, .wanted = {Field::tcp_procfs}});
  const unsigned ports[] = {8080, 8081, 8083, 8084, 8086, 8087, 8088};
  BOOST_REQUIRE(got.rows.size() == std::size(ports));
  for (std::size_t i = 0; i < std::size(ports); ++i) BOOST_TEST(got.rows[i].socket.local.port == ports[i]);
  BOOST_TEST(got.coverage.malformed == 5u);
  BOOST_TEST(got.coverage.truncated == 1u);
  BOOST_TEST(got.coverage.error == 0);
  BOOST_TEST(!got.rows[1].socket.has(Field::uid));
  BOOST_TEST(got.rows[1].socket.has(Field::retransmits));
  BOOST_TEST(got.rows[3].text == "some words  ");
  BOOST_TEST((got.rows[3].socket.timer == Timer::delayed_ack));
  BOOST_TEST(static_cast<int>(got.rows[4].socket.state) == 0x1f);  // unknown states are passed on
  BOOST_TEST((got.rows[5].socket.family == Family::inet6));        // whatever the name of its file
  BOOST_TEST(got.rows[6].socket.timer_ms == 0x1F4000000000u * 10);
}

BOOST_AUTO_TEST_CASE(batches) {
  Tree tree;
  tree.file("net/tcp", rows(1000)).file("net/tcp6", kHeading);
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}, .wanted = {Field::tcp_procfs}});
  BOOST_TEST(got.rows.size() == 1000u);
  BOOST_TEST(got.batches.size() == (1000 + Batch::kRows - 1) / Batch::kRows);
  for (unsigned i = 0; i < 1000; ++i) BOOST_REQUIRE(got.rows[i].socket.inode == 1000 + i);
}

BOOST_AUTO_TEST_CASE(a_sink_that_has_enough_ends_it) {
  Tree tree;
  // There is no net/udp, and nothing is reported missing for it.
  tree.file("net/tcp", rows(1000)).file("net/tcp6", rows(10));
  const ProcDir proc = tree.proc();
  int calls = 0;
  const Coverage coverage = ProcfsBackend(proc).collect({.protocols = {Protocol::tcp, Protocol::udp}},
                                                        [&](std::span<const Socket>) { return ++calls, false; });
  BOOST_TEST(calls == 1);
  BOOST_TEST(coverage.rows == Batch::kRows);
  BOOST_TEST(coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(more_text_than_a_batch_holds) {
  Tree tree;
  std::string text = kHeading;
  for (unsigned i = 0; i < 300; ++i) {
    text += row(i);
    text.back() = ' ';
    text.append(1000, static_cast<char>('a' + i % 26)).append("\n");
  }
  tree.file("net/tcp", text);
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}, .wanted = {Field::tcp_procfs}});
  BOOST_REQUIRE(got.rows.size() == 300u);
  for (unsigned i = 0; i < 300; ++i)
    BOOST_REQUIRE(got.rows[i].text == std::string(1000, static_cast<char>('a' + i % 26)));
}

BOOST_AUTO_TEST_CASE(a_missing_ipv6_file_is_no_error) {
  Tree tree;
  tree.file("net/tcp", rows(2));
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 2u);
  BOOST_TEST(got.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(a_missing_ipv4_file_is_one_and_ipv6_is_still_read) {
  Tree tree;
  tree.file("net/tcp6", rows(2));
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 2u);
  BOOST_TEST(got.coverage.error == ENOENT);
  BOOST_TEST((got.coverage.operation == Operation::open));
  BOOST_TEST(got.coverage.object == tree.path("net/tcp"));
}

BOOST_AUTO_TEST_CASE(a_directory_in_place_of_a_file_ends) {
  Tree tree;
  tree.directory("net/tcp").file("net/tcp6", rows(3));
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 3u);
  BOOST_TEST(got.coverage.error == EISDIR);
  BOOST_TEST((got.coverage.operation == Operation::read));
  BOOST_TEST(got.coverage.object == tree.path("net/tcp"));
}

BOOST_AUTO_TEST_CASE(replaced_files) {
  Tree tree;
  tree.file("elsewhere", rows(4));
  const ProcDir proc("/nonexistent", {{"net/tcp", tree.path("elsewhere")}});
  const auto got = collect(proc, {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 4u);
  BOOST_TEST(got.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(a_last_line_without_newline) {
  Tree tree;
  std::string whole = rows(2);
  whole.pop_back();
  tree.file("net/tcp", whole);
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 2u);
  BOOST_TEST(got.coverage.truncated == 0u);
  tree.file("net/tcp", rows(2) + row(2).substr(0, 40));
  const auto cut = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(cut.rows.size() == 2u);
  BOOST_TEST(cut.coverage.truncated == 1u);
  BOOST_TEST(cut.coverage.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(a_line_longer_than_any_buffer) {
  Tree tree;
  tree.file("net/tcp", kHeading + row(1) + std::string(200'000, 'x') + "\n" + row(2));
  const auto got = collect(tree.proc(), {.protocols = {Protocol::tcp}});
  BOOST_TEST(got.rows.size() == 2u);
  BOOST_TEST(got.coverage.truncated == 1u);
}

BOOST_AUTO_TEST_CASE(empty_files) {
  Tree tree;
  for (const char* file : {"net/tcp", "net/udp", "net/unix", "net/packet", "net/netlink"}) tree.file(file, "");
  const auto got = collect(tree.proc(), {.protocols = ProtocolSet{Protocol::tcp, Protocol::udp, Protocol::netlink} |
                                                      kUnixProtocols | kPacketProtocols});
  BOOST_TEST(got.rows.empty());
  BOOST_TEST(got.coverage.error == 0);
}

BOOST_AUTO_TEST_CASE(protocols_without_a_file) {
  BOOST_TEST((procfs_file(Protocol::tcp, Family::inet6) == "net/tcp6"));
  BOOST_TEST((procfs_file(Protocol::unix_dgram, Family::unix_domain) == "net/unix"));
  BOOST_TEST((procfs_file(Protocol::tipc, Family::tipc) == ""));
  const auto got = collect(ProcDir(data("zoo")), {.protocols = {Protocol::mptcp, Protocol::raw}});
  BOOST_TEST(got.rows.size() == 3u);
  BOOST_TEST(got.coverage.error == EOPNOTSUPP);
}

BOOST_AUTO_TEST_CASE(the_running_system) {
  const Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::listen(listener.get(), 5) == 0);
  socklen_t length = sizeof address;
  BOOST_REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  struct stat status{};
  BOOST_REQUIRE(::fstat(listener.get(), &status) == 0);

  const auto got = collect(ProcDir(), {.protocols = kListed, .wanted = {Field::tcp_procfs}});
  BOOST_TEST(got.coverage.malformed == 0u);
  BOOST_TEST(got.coverage.truncated == 0u);
  int found = 0;
  for (const auto& r : got.rows) {
    if (r.socket.protocol != Protocol::tcp || r.socket.inode != status.st_ino) continue;
    ++found;
    BOOST_TEST((r.socket.state == State::listen && r.socket.local.address == Address{127, 0, 0, 1}));
    BOOST_TEST(r.socket.local.port == ntohs(address.sin_port));
    BOOST_TEST(r.socket.uid == ::geteuid());
    BOOST_TEST(r.socket.wqueue == 0u);
    BOOST_TEST(r.inet.tcp_procfs.complete);
    BOOST_TEST(r.text == "");
  }
  BOOST_TEST(found == 1);
}

BOOST_AUTO_TEST_SUITE_END()

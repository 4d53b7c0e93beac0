// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/replay.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/diag/wire.h"
#include "tests/recorded_data.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

OpenTransport nothing_else() {
  return [](int, OpenError& error) { return error = EPROTONOSUPPORT, nullptr; };
}

std::string data(const char* name) {
  const char* top = std::getenv("top_srcdir");
  return std::string(top != nullptr ? top : ".") + "/tests/data/netlink/" + name;
}

template <class See>
Coverage replay(const std::string& file, See see, FieldSet wanted = {}) {
  DiagBackend backend(replay_from(file, nothing_else()));
  std::size_t index = 0;
  return backend.collect(query({Protocol::tcp}, wanted, {Family::inet, Family::inet6}),
                         [&](std::span<const Socket> batch) {
                           for (const Socket& s : batch) see(s, index++);
                           return true;
                         });
}

/// A file that is removed after the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(Bytes bytes) {
    Fd fd(::mkstemp(name_.data()));
    BOOST_REQUIRE(fd);
    BOOST_REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~TemporaryFile() { ::unlink(name_.c_str()); }
  const std::string& name() const { return name_; }

 private:
  std::string name_ = "replay_test.XXXXXX";
};

Coverage replay(const Wire& bytes) {
  const TemporaryFile file(bytes.bytes());
  return replay(file.name(), [](const Socket&, std::size_t) {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_file)

BOOST_AUTO_TEST_CASE(filter_bin, *little_endian_data()) {
  struct Row {
    State state;
    Family family;
    unsigned local, remote, ifindex, mark;
  };
  const Row rows[] = {
      {State::listen, Family::inet, 22, 0, 0, 0},          {State::established, Family::inet, 22, 50312, 0, 0},
      {State::established, Family::inet, 36266, 443, 0, 0x10}, {State::time_wait, Family::inet, 8080, 80, 0, 0},
      {State::syn_sent, Family::inet, 33000, 9, 1, 0x1234}, {State::listen, Family::inet6, 443, 0, 0, 0},
      {State::established, Family::inet6, 443, 40001, 0, 0}, {State::established, Family::inet6, 5000, 5001, 1, 0x11},
      {State::established, Family::inet6, 80, 41000, 0, 0}, {State::close, Family::inet, 7777, 0, 0, 0},
      {State::close_wait, Family::inet, 65535, 1, 0, 0},
  };
  const Coverage c = replay(data("filter.bin"), [&](const Socket& s, std::size_t i) {
    BOOST_REQUIRE(i < std::size(rows));
    BOOST_TEST_CONTEXT("row " << i) {
      BOOST_TEST((s.state == rows[i].state && s.family == rows[i].family));
      BOOST_TEST(s.local.port == rows[i].local);
      BOOST_TEST(s.remote.port == rows[i].remote);
      BOOST_TEST(s.ifindex == rows[i].ifindex);
      BOOST_TEST(s.has(Field::mark) == (rows[i].mark != 0));
      BOOST_TEST(s.mark == rows[i].mark);
    }
  });
  BOOST_TEST(c.rows == std::size(rows));
  BOOST_TEST(c.error == 0);
  BOOST_TEST(c.malformed == 0u);
}

// The file's attributes are read although the query did not want them, because its writer did.
BOOST_AUTO_TEST_CASE(synth_bin, *little_endian_data()) {
  std::vector<Protocol> protocols;
  const Coverage c = replay(data("synth.bin"), [&](const Socket& s, std::size_t i) {
    protocols.push_back(s.protocol);
    if (i == 0) {
      BOOST_TEST(s.inet->tcp_info.value.rtt == 12345u);
      BOOST_TEST(s.inet->tcp_info.value.rehash == 4u);
      BOOST_TEST(s.inet->tcp_info.length == 280u);
      BOOST_TEST(s.inet->congestion == "cubic");
    }
    if (i == 1) BOOST_TEST(s.inet->vegas.rtt == 500u);
    if (i == 2) BOOST_TEST(s.inet->dctcp.alpha == 1023u);
    if (i == 4) {
      BOOST_TEST(s.inet->tcp_info.length == 104u);
      BOOST_TEST(!s.inet->tcp_info.has(&TcpInfo::pacing_rate));
      BOOST_TEST(s.inet->bbr.pacing_gain == 739u);
    }
    if (i == 5) {
      BOOST_TEST((s.state == State::listen));
      BOOST_TEST(s.backlog_limit == 2u);
      BOOST_TEST(s.inet->tcp_info.value.sacked == 5u);
    }
    if (i == 6) {
      BOOST_TEST((s.timer == Timer::retransmit));
      BOOST_TEST(s.timer_ms == 1500u);
      BOOST_TEST(s.timer_count == 2u);
    }
    if (i == 17) {
      BOOST_TEST(s.uid == 1000u);
      BOOST_TEST(s.mark == 0xabu);
      BOOST_TEST(s.shutdown == 1);
      BOOST_TEST(s.inet->tos == 0x10);
      BOOST_TEST(s.inet->class_id == 0x10001u);
      BOOST_TEST(s.inet->sockopt[1] == 7);
    }
    if (i == 24) BOOST_TEST(s.inet->ulp.size() > 20u);
    if (i == 30) {
      BOOST_TEST((s.protocol == Protocol::sctp));
      BOOST_TEST(s.inode == 77u);
      BOOST_TEST(s.inet->local_addresses.size() == 128u);
      BOOST_TEST(s.inet->peer_addresses.size() == 256u);
      BOOST_TEST(!s.has(Field::tcp_info));
    }
    if (i == 38) BOOST_TEST(s.wqueue == 0x80000000u);
  });
  BOOST_TEST(c.rows == 39u);
  BOOST_TEST(c.error == 0);
  BOOST_TEST(c.malformed == 0u);
  BOOST_TEST(c.unknown == 0u);
  using P = Protocol;
  const std::vector<P> tail(protocols.begin() + 28, protocols.end());
  BOOST_TEST((tail == std::vector<P>{P::tcp, P::sctp, P::sctp, P::sctp, P::icmp, P::udp, P::tcp, P::dccp, P::raw,
                                     P::tcp, P::tcp}));
}

// A recorded dump has a DONE for each family; only the rows before the first are shown.
BOOST_AUTO_TEST_CASE(ends_at_the_first_done) {
  const Coverage c =
      replay(Wire().append(Inet{}.message()).append(done()).append(Inet{.family = 10}.message()).append(done()));
  BOOST_TEST(c.rows == 1u);
  BOOST_TEST(c.error == 0);
}

BOOST_AUTO_TEST_CASE(foreign_sequence_and_port_are_taken) {
  const Coverage c = replay(Wire().append(message(Inet{}.payload(), {.sequence = 5, .port_id = 6})).append(done()));
  BOOST_TEST(c.rows == 1u);
}

BOOST_AUTO_TEST_CASE(file_longer_than_any_buffer) {
  Wire bytes;
  for (unsigned i = 0; i < 3000; ++i) bytes.append(Inet{.inode = i}.message());
  bytes.append(done());
  const TemporaryFile file(bytes.bytes());
  std::uint64_t next = 0;
  const Coverage c = replay(file.name(), [&](const Socket& s, std::size_t) { BOOST_TEST(s.inode == next++); });
  BOOST_TEST(c.rows == 3000u);
  BOOST_TEST(c.error == 0);
}

BOOST_AUTO_TEST_CASE(what_can_be_wrong_with_a_file) {
  BOOST_TEST(replay(Wire().append(Inet{}.message())).error == ENODATA);
  BOOST_TEST(replay(Wire()).error == ENODATA);
  BOOST_TEST(replay(Wire().append(Inet{}.message()).zeros("half a header", 10)).error == ENODATA);
  BOOST_TEST(replay(Wire().append(Inet{}.message()).u32("nlmsg_len", 15).zeros("", 20)).error == EBADMSG);
  BOOST_TEST(replay(Wire().u32("nlmsg_len", 0x7fffffff).zeros("", 20)).error == EMSGSIZE);
  BOOST_TEST(replay(refused(ENOENT)).error == ENOENT);
  const Coverage missing = replay("/nonexistent", [](const Socket&, std::size_t) {});
  BOOST_TEST(missing.error == ENOENT);
  BOOST_TEST((missing.operation == Operation::diag_open));
}

BOOST_AUTO_TEST_CASE(every_beginning_of_a_file_ends) {
  const Wire whole = Wire()
                         .append(Inet{}.message())
                         .append(Inet{}.message(Wire().attribute(4, Wire().text("", "bbr"))))
                         .append(done());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Coverage c = replay(Wire().append(whole.bytes().first(length)));
    BOOST_TEST(c.rows <= 2u);
    BOOST_TEST(c.error != 0);
  }
}

BOOST_AUTO_TEST_CASE(other_netlink_protocols_go_elsewhere) {
  int asked = -1;
  OpenError error;
  const OpenTransport open =
      replay_from("/nonexistent", [&](int protocol, OpenError& e) { return asked = protocol, e = 5, nullptr; });
  BOOST_TEST(open(0, error) == nullptr);
  BOOST_TEST(asked == 0);
  BOOST_TEST(error == 5);
}

BOOST_AUTO_TEST_SUITE_END()

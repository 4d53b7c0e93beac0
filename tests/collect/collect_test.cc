// The choice of the backend, and the fallback if the first cannot answer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/collect.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/names/map_resolver.h"
#include "tests/base/scratch.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

constexpr char kOneListener[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4711 1 "
    "0000000000000000 100 0 0 10 0\n";

/// How a dump ends.
struct End {
  int rows = -1;        ///< after this many rows; -1: after all
  int error = 0;        ///< errno in the kernel's reply
  int receive = 0;      ///< or errno of recvmsg(2)
  bool truncated = false;  ///< or only a truncated datagram
};

/// Answers every dump with `rows` inet_diag messages and a DONE, or with the given end, as the kernel would. Each row
/// is a listener with its own port, cookie and inode: 8080 is the one in kOneListener.
class FakeKernel final : public Transport {
 public:
  FakeKernel(int rows, End end) : rows_(end.rows < 0 ? rows : end.rows), end_(end) {}
  int send(Bytes request) noexcept override {
    std::memcpy(&sequence_, request.data() + 8, sizeof sequence_);
    return pending_ = true, ended_ = false, 0;
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    std::string text;
    if (std::exchange(pending_, false)) {
      for (int i = 0; i < rows_; ++i) message(text, 20, row(8080 + i, 4711 + i));
      if (end_.truncated) return end_.truncated = false, hand_out(text, buffer, true);
    }
    if (end_.receive != 0 && text.empty()) return {.error = end_.receive};
    if (end_.receive == 0 && !std::exchange(ended_, true)) {
      const std::int32_t code = -end_.error;
      message(text, end_.error != 0 ? 2 : 3,
              std::string(reinterpret_cast<const char*>(&code), 4) + std::string(16, '\0'));
    }
    return hand_out(text, buffer, false);
  }
  std::uint32_t port_id() const noexcept override { return 77; }

 private:
  static Received hand_out(const std::string& text, std::span<std::byte> buffer, bool truncated) {
    std::memcpy(buffer.data(), text.data(), text.size());
    return {.truncated = truncated, .size = text.size()};
  }
  static std::string row(int port, int inode) {
    std::string payload(72, '\0');
    payload[0] = 2;   // AF_INET
    payload[1] = 10;  // LISTEN
    payload[4] = static_cast<char>(port >> 8), payload[5] = static_cast<char>(port);
    payload[8] = 127, payload[11] = 1;
    payload[44] = static_cast<char>(port - 8079);  // cookie
    std::memcpy(payload.data() + 68, &inode, sizeof inode);
    return payload;
  }
  void message(std::string& text, std::uint16_t type, const std::string& payload) const {
    struct {
      std::uint32_t length;
      std::uint16_t type, flags;
      std::uint32_t sequence, port;
    } header{static_cast<std::uint32_t>(16 + payload.size()), type, 2, sequence_, 77};
    text.append(reinterpret_cast<const char*>(&header), sizeof header).append(payload);
  }
  int rows_;
  End end_;
  bool pending_ = false, ended_ = false;
  std::uint32_t sequence_ = 0;
};

struct TcpWorld {
  Scratch scratch;
  Variables variables;
  ProcDir proc;
  MapResolver names;
  StringSink out_sink, err_sink;
  Output out{out_sink};
  Diagnostics err{err_sink, nullptr, false};
  SystemClock clock;
  int opened = 0, kernel_rows = 2, kernel_error = 0, open_error = 0;
  std::vector<End> ends;  ///< of the first dumps; later ones end as set in kernel_error

  TcpWorld() : proc(root_with_tcp(scratch), {}, false) {}

  static std::string root_with_tcp(Scratch& s) {
    s.write("proc/net/tcp", kOneListener);
    return s.path() + "/proc";
  }
  Answer ask(Via via, FieldSet wanted = {}, Protocol protocol = Protocol::tcp) {
    const OpenTransport open = [this](int, OpenError& error) -> std::unique_ptr<Transport> {
      const auto number = static_cast<std::size_t>(opened++);
      if ((error = open_error) != 0) return nullptr;
      return std::make_unique<FakeKernel>(kernel_rows,
                                          number < ends.size() ? ends[number] : End{.error = kernel_error});
    };
    Environment env{"test", variables, proc, open, clock, names, out, err, {}};
    const Query query{.protocols = {protocol}, .families = {Family::inet}, .wanted = wanted};
    return collect(env, via, query, [&](std::span<const Socket> sockets) {
      rows += sockets.size();
      for (const Socket& s : sockets) ports.push_back(s.local.port);
      return rows < most;
    });
  }
  std::size_t rows = 0, most = SIZE_MAX;
  std::vector<std::uint32_t> ports;
};

std::vector<std::uint32_t> ports_to(std::uint32_t last) {
  std::vector<std::uint32_t> ports;
  for (std::uint32_t port = 8080; port <= last; ++port) ports.push_back(port);
  return ports;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(collect_query)

BOOST_AUTO_TEST_CASE(netlink_answers_first) {
  TcpWorld w;
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST((answer.backend == Via::netlink));
  BOOST_TEST(!answer.fell_back);
  BOOST_TEST(w.rows == 2u);
}

BOOST_AUTO_TEST_CASE(procfs_answers_where_the_kernel_refuses) {
  for (const int error : {ENOENT, EOPNOTSUPP, EINVAL, EPERM}) {
    TcpWorld w;
    w.kernel_rows = 0;
    w.kernel_error = error;
    const Answer answer = w.ask(Via::automatic);
    BOOST_TEST((answer.backend == Via::procfs));
    BOOST_TEST(answer.fell_back);
    BOOST_TEST(answer.refused.error == error);
    BOOST_TEST(answer.coverage.error == 0);
    BOOST_TEST(w.rows == 1u);
  }
}

BOOST_AUTO_TEST_CASE(procfs_answers_without_netlink_sockets) {
  TcpWorld w;
  w.open_error = EPROTONOSUPPORT;
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST((answer.backend == Via::procfs));
  BOOST_TEST(answer.refused.error == EPROTONOSUPPORT);
  BOOST_TEST(w.rows == 1u);
}

BOOST_AUTO_TEST_CASE(a_dump_that_breaks_off_is_asked_for_again_and_no_row_repeated) {
  for (const End end : {End{.rows = 3, .error = ENOMEM}, End{.rows = 3, .receive = ENOBUFS},
                        End{.rows = 0, .receive = ENOBUFS}, End{.rows = 3, .truncated = true}}) {
    for (const Via via : {Via::automatic, Via::netlink}) {
      TcpWorld w;
      w.kernel_rows = 10;
      w.ends = {end};
      const Answer answer = w.ask(via);
      BOOST_TEST(w.ports == ports_to(8089), boost::test_tools::per_element());
      BOOST_TEST((answer.backend == Via::netlink));
      BOOST_TEST(answer.coverage.rows == 10u);
      BOOST_TEST(!answer.coverage.incomplete());
      BOOST_TEST(answer.refused.error == (end.error != 0 ? end.error : end.receive));
      BOOST_TEST(w.opened == 2);
    }
  }
}

BOOST_AUTO_TEST_CASE(procfs_answers_where_every_dump_breaks_off) {
  TcpWorld w;
  w.ends = {{.rows = 2, .receive = ENOBUFS}, {.rows = 4, .receive = EIO}, {.rows = 1, .receive = EIO}};
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST(w.ports == ports_to(8083), boost::test_tools::per_element());  // rows of the file had been shown before
  BOOST_TEST((answer.backend == Via::procfs));
  BOOST_TEST(answer.fell_back);
  BOOST_TEST(answer.refused.error == ENOBUFS);  // the first fault
  BOOST_TEST(!answer.coverage.incomplete());
  BOOST_TEST(answer.coverage.rows == 4u);
  BOOST_TEST(w.opened == kDumpAttempts);
}

BOOST_AUTO_TEST_CASE(what_no_source_has_is_told) {
  TcpWorld forced;
  forced.ends = {{.rows = 2, .receive = ENOBUFS}, {.rows = 1, .receive = EIO}, {.rows = 3, .receive = EIO}};
  Answer answer = forced.ask(Via::netlink);
  BOOST_TEST(answer.coverage.incomplete());
  BOOST_TEST(answer.coverage.error == EIO);
  BOOST_TEST(answer.coverage.rows == 3u);
  BOOST_TEST(rows_missing(answer, forced.proc));

  TcpWorld nowhere;
  nowhere.proc = ProcDir(nowhere.scratch.path() + "/nowhere", {}, false);
  nowhere.ends = {{.rows = 2, .receive = ENOBUFS}, {.rows = 2, .receive = EIO}, {.rows = 2, .receive = EIO}};
  answer = nowhere.ask(Via::automatic);
  BOOST_TEST(nowhere.ports == ports_to(8081), boost::test_tools::per_element());
  BOOST_TEST(rows_missing(answer, nowhere.proc));
  BOOST_TEST(answer.coverage.rows == 2u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_wants_no_more_is_not_asked_again) {
  TcpWorld w;
  w.kernel_rows = 10;
  w.most = 1;
  w.ends = {{.rows = 3, .truncated = true}};
  w.ask(Via::automatic);
  BOOST_TEST(w.opened == 1);
}

BOOST_AUTO_TEST_CASE(an_absent_table_has_no_missing_rows) {
  for (const int error : {ENOENT, EOPNOTSUPP, EINVAL}) {
    TcpWorld w;
    w.kernel_rows = 0;
    w.kernel_error = error;
    BOOST_TEST(!rows_missing(w.ask(Via::netlink, {}, Protocol::dccp), w.proc));
  }
  TcpWorld denied;
  denied.kernel_rows = 0;
  denied.kernel_error = EPERM;
  BOOST_TEST(rows_missing(denied.ask(Via::netlink), denied.proc));
  TcpWorld no_proc;  // the kernel has no sock_diag, and no file lists the protocols
  no_proc.kernel_rows = 0;
  no_proc.kernel_error = ENOENT;
  no_proc.proc = ProcDir(no_proc.scratch.path() + "/nowhere", {}, false);
  BOOST_TEST(rows_missing(no_proc.ask(Via::automatic), no_proc.proc));
}

BOOST_AUTO_TEST_CASE(a_forced_backend_is_the_only_one_asked) {
  TcpWorld w;
  w.kernel_rows = 0;
  w.kernel_error = ENOENT;
  const Answer netlink = w.ask(Via::netlink);
  BOOST_TEST((netlink.backend == Via::netlink));
  BOOST_TEST(netlink.coverage.error == ENOENT);
  BOOST_TEST(w.rows == 0u);
  BOOST_TEST(!netlink.coverage.object.empty());

  w.opened = 0;
  BOOST_TEST((w.ask(Via::procfs).backend == Via::procfs));
  BOOST_TEST(w.opened == 0);
  BOOST_TEST(w.rows == 1u);
}

BOOST_AUTO_TEST_CASE(named_files_turn_netlink_off) {
  TcpWorld given;
  given.proc = ProcDir(given.scratch.path() + "/proc");
  BOOST_TEST((given.ask(Via::automatic).backend == Via::procfs));
  BOOST_TEST(given.opened == 0);

  TcpWorld named;
  named.proc = ProcDir("/proc", {{"net/tcp", named.scratch.path() + "/proc/net/tcp"}}, false);
  BOOST_TEST((named.ask(Via::automatic).backend == Via::procfs));
  BOOST_TEST(named.rows == 1u);
  // … for that table only.
  BOOST_TEST((named.ask(Via::automatic, {}, Protocol::udp).backend == Via::netlink));
}

BOOST_AUTO_TEST_CASE(what_procfs_alone_knows_is_asked_of_procfs) {
  TcpWorld w;
  BOOST_TEST((w.ask(Via::automatic, {Field::refcount}).backend == Via::procfs));
  BOOST_TEST(w.opened == 0);
  // If procfs cannot answer either, the rows matter more than the field.
  w.proc = ProcDir(w.scratch.path() + "/nowhere", {}, false);
  const Answer answer = w.ask(Via::automatic, {Field::refcount});
  BOOST_TEST((answer.backend == Via::netlink));
  BOOST_TEST(answer.fell_back);
}

BOOST_AUTO_TEST_CASE(words) {
  const Variables none;
  const Variables set(std::map<std::string, std::string, std::less<>>{{"DUOSTAT_VIA", "procfs"}});
  const Variables wrong(std::map<std::string, std::string, std::less<>>{{"DUOSTAT_VIA", "magic"}});
  BOOST_TEST((choose_via(std::nullopt, none) == Via::automatic));
  BOOST_TEST((choose_via(std::nullopt, set) == Via::procfs));
  BOOST_TEST((choose_via("netlink", set) == Via::netlink));
  BOOST_TEST((choose_via("auto", set) == Via::automatic));
  BOOST_CHECK_EXCEPTION(choose_via(std::nullopt, wrong), UsageError, [](const UsageError& e) {
    return std::string_view(e.what()).find("DUOSTAT_VIA") != std::string_view::npos &&
           std::string_view(e.what()).find("magic") != std::string_view::npos && e.status() == 2;
  });
  BOOST_CHECK_EXCEPTION(choose_via("proc", none), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const Via via : {Via::automatic, Via::procfs, Via::netlink}) BOOST_TEST((via_from(word_of(via)) == via));
}

BOOST_AUTO_TEST_SUITE_END()

// Who is asked, and who answers when the first cannot.
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

constexpr char kTcpFile[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4711 1 "
    "0000000000000000 100 0 0 10 0\n";

/// Answers every dump with `rows` inet_diag messages and a DONE, or with an error, as the kernel would.
class FakeKernel final : public Transport {
 public:
  FakeKernel(int rows, int error) : rows_(rows), error_(error) {}
  int send(Bytes) noexcept override { return pending_ = true, 0; }
  Received receive(std::span<std::byte> buffer) noexcept override {
    if (!std::exchange(pending_, false)) return {};
    std::string text;
    for (int i = 0; i < rows_; ++i) {
      std::string payload(72, '\0');
      payload[0] = 2;   // AF_INET
      payload[1] = 10;  // LISTEN
      message(text, 20, payload);
    }
    const std::int32_t code = -error_;
    message(text, error_ != 0 ? 2 : 3, std::string(reinterpret_cast<const char*>(&code), 4) + std::string(16, '\0'));
    std::memcpy(buffer.data(), text.data(), text.size());
    return {0, false, 0, text.size()};
  }
  std::uint32_t port_id() const noexcept override { return 77; }

 private:
  static void message(std::string& text, std::uint16_t type, const std::string& payload) {
    struct {
      std::uint32_t length;
      std::uint16_t type, flags;
      std::uint32_t sequence, port;
    } header{static_cast<std::uint32_t>(16 + payload.size()), type, 2, 123456, 77};
    text.append(reinterpret_cast<const char*>(&header), sizeof header).append(payload);
  }
  int rows_, error_;
  bool pending_ = false;
};

struct World {
  Scratch scratch;
  Variables variables;
  ProcDir proc;
  MapResolver names;
  StringSink out_sink, err_sink;
  Output out{out_sink};
  Diagnostics err{err_sink, nullptr, false};
  SystemClock clock;
  int opened = 0, kernel_rows = 2, kernel_error = 0, open_error = 0;

  World() : proc(root_with_tcp(scratch), {}, false) {}

  static std::string root_with_tcp(Scratch& s) {
    s.write("proc/net/tcp", kTcpFile);
    return s.path() + "/proc";
  }
  Answer ask(Via via, FieldSet wanted = {}, Protocol protocol = Protocol::tcp) {
    const OpenTransport open = [this](int, int& error) -> std::unique_ptr<Transport> {
      ++opened;
      if ((error = open_error) != 0) return nullptr;
      return std::make_unique<FakeKernel>(kernel_rows, kernel_error);
    };
    Environment env{"test", variables, proc, open, clock, names, out, err, {}};
    const Query query{.protocols = {protocol}, .families = {Family::inet}, .wanted = wanted};
    return collect(env, via, query, [&](std::span<const Socket> sockets) {
      rows += sockets.size();
      return true;
    });
  }
  std::size_t rows = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(collect_query)

BOOST_AUTO_TEST_CASE(netlink_answers_first) {
  World w;
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST(answer.backend == "netlink");
  BOOST_TEST(!answer.fell_back);
  BOOST_TEST(w.rows == 2u);
}

BOOST_AUTO_TEST_CASE(procfs_answers_where_the_kernel_refuses) {
  for (const int error : {ENOENT, EOPNOTSUPP, EINVAL, EPERM}) {
    World w;
    w.kernel_rows = 0;
    w.kernel_error = error;
    const Answer answer = w.ask(Via::automatic);
    BOOST_TEST(answer.backend == "procfs");
    BOOST_TEST(answer.fell_back);
    BOOST_TEST(answer.refused.error == error);
    BOOST_TEST(answer.coverage.error == 0);
    BOOST_TEST(w.rows == 1u);
  }
}

BOOST_AUTO_TEST_CASE(procfs_answers_without_netlink_sockets) {
  World w;
  w.open_error = EPROTONOSUPPORT;
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST(answer.backend == "procfs");
  BOOST_TEST(answer.refused.error == EPROTONOSUPPORT);
  BOOST_TEST(w.rows == 1u);
}

BOOST_AUTO_TEST_CASE(rows_are_not_repeated_after_a_late_refusal) {
  World w;
  w.kernel_error = ENOMEM;
  const Answer answer = w.ask(Via::automatic);
  BOOST_TEST(answer.backend == "netlink");
  BOOST_TEST(answer.coverage.error == ENOMEM);
  BOOST_TEST(w.rows == 2u);
}

BOOST_AUTO_TEST_CASE(a_forced_backend_is_the_only_one_asked) {
  World w;
  w.kernel_rows = 0;
  w.kernel_error = ENOENT;
  const Answer netlink = w.ask(Via::netlink);
  BOOST_TEST(netlink.backend == "netlink");
  BOOST_TEST(netlink.coverage.error == ENOENT);
  BOOST_TEST(w.rows == 0u);
  BOOST_TEST(!netlink.coverage.object.empty());

  w.opened = 0;
  BOOST_TEST(w.ask(Via::procfs).backend == "procfs");
  BOOST_TEST(w.opened == 0);
  BOOST_TEST(w.rows == 1u);
}

BOOST_AUTO_TEST_CASE(named_files_turn_netlink_off) {
  World given;
  given.proc = ProcDir(given.scratch.path() + "/proc");
  BOOST_TEST(given.ask(Via::automatic).backend == "procfs");
  BOOST_TEST(given.opened == 0);

  World named;
  named.proc = ProcDir("/proc", {{"net/tcp", named.scratch.path() + "/proc/net/tcp"}}, false);
  BOOST_TEST(named.ask(Via::automatic).backend == "procfs");
  BOOST_TEST(named.rows == 1u);
  // … for that table only.
  BOOST_TEST(named.ask(Via::automatic, {}, Protocol::udp).backend == "netlink");
}

BOOST_AUTO_TEST_CASE(what_procfs_alone_knows_is_asked_of_procfs) {
  World w;
  BOOST_TEST(w.ask(Via::automatic, {Field::refcount}).backend == "procfs");
  BOOST_TEST(w.opened == 0);
  // If it cannot answer, the rows are worth more than the field.
  w.proc = ProcDir(w.scratch.path() + "/nowhere", {}, false);
  const Answer answer = w.ask(Via::automatic, {Field::refcount});
  BOOST_TEST(answer.backend == "netlink");
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

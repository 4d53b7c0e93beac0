// Programs registered with rpcbind: parsing its reply, and a server of our own that answers correctly, answers wrongly,
// is silent or is absent.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/rpc_programs.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "src/base/fd.h"

namespace duostat {
namespace {

using Program = RpcProgram;
constexpr auto kTcp = ServiceProtocol::tcp, kUdp = ServiceProtocol::udp;

/// Builds an XDR message.
struct Answer {
  std::vector<std::byte> bytes;

  Answer& word(std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(number >> shift));
    return *this;
  }
  Answer& text(std::string_view text) {
    word(static_cast<std::uint32_t>(text.size()));
    for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
    while (bytes.size() % 4 != 0) bytes.push_back({});
    return *this;
  }
  Answer& head(std::uint32_t transaction = 7) { return word(transaction).word(1).word(0).word(0).text("").word(0); }
  Answer& entry(std::uint32_t program, std::string_view netid, std::string_view address) {
    return word(1).word(program).word(4).text(netid).text(address).text("superuser");
  }
};

std::vector<Program> parsed(const Answer& answer) { return parse_rpcbind_dump(answer.bytes, 7); }
std::vector<Program> parsed(std::string_view netid, std::string_view address) {
  return parsed(Answer().head().entry(100003, netid, address).word(0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rpcbind_answer)

BOOST_AUTO_TEST_CASE(programs) {
  const auto rows = parsed(Answer().head().entry(100000, "tcp6", "::.0.111").entry(100003, "udp", "0.0.0.0.8.1")
                               .entry(100000, "local", "/run/rpcbind.sock").word(0));
  BOOST_TEST((rows == std::vector<Program>{{100000, kTcp, 111}, {100003, kUdp, 2049}}));
}

BOOST_AUTO_TEST_CASE(addresses) {
  const std::vector<Program> tcp = {{100003, kTcp, 2049}};
  BOOST_TEST((parsed("tcp", "0.0.0.0.8.1") == tcp));
  BOOST_TEST((parsed("tcp", "::.8.1") == tcp));
  BOOST_TEST((parsed("tcp6", "0.0.0.0.8.1") == tcp));
  BOOST_TEST((parsed("tcp", "0.0.0.0.008.01x") == tcp));
  for (const std::string_view address : {"1.2.3.4.8.1", "fe80::1.8.1", "0.0.0.0", "0.0.0.0.", "0.0.0.0.8", "0.0.0.0.8.",
                                         "0.0.0.0.8.256", "0.0.0.0.x.1", "0.0.0.0.-8.1", "8.1", ""})
    BOOST_TEST(parsed("tcp", address).empty(), address);
  for (const std::string_view netid : {"TCP", "tcpx", "sctp", "udplite", "local", ""})
    BOOST_TEST(parsed(netid, "0.0.0.0.8.1").empty(), netid);
}

// A truncated reply is ignored.
BOOST_AUTO_TEST_CASE(cut_anywhere) {
  const Answer whole = Answer().head().entry(100003, "tcp", "0.0.0.0.8.1").word(0);
  BOOST_TEST(!parsed(whole).empty());
  for (std::size_t size = 0; size < whole.bytes.size(); ++size)
    BOOST_TEST(parse_rpcbind_dump(Bytes(whole.bytes).first(size), 7).empty(), size);
}

BOOST_AUTO_TEST_CASE(refusals) {
  const auto with = [](Answer head) { return parsed(head.entry(100003, "tcp", "0.0.0.0.8.1").word(0)).size(); };
  BOOST_TEST(with(Answer().head()) == 1u);
  BOOST_TEST(with(Answer().word(7).word(1).word(0).word(1).text("verifier").word(0)) == 1u);
  BOOST_TEST(with(Answer().head(8)) == 0u);                                      // another transaction
  BOOST_TEST(with(Answer().word(7).word(0).word(0).word(0).text("").word(0)) == 0u);  // a call
  BOOST_TEST(with(Answer().word(7).word(1).word(1).word(0).text("").word(0)) == 0u);  // MSG_DENIED
  BOOST_TEST(with(Answer().word(7).word(1).word(0).word(0).text("").word(2)) == 0u);  // PROG_MISMATCH
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// A fake rpcbind for one call: sends its data, each piece as a fragment, then closes the connection or waits for the
/// client to.
class Server {
 public:
  Server(std::vector<std::vector<std::byte>> fragments, bool stay) : fragments_(std::move(fragments)), stay_(stay) {
    char directory[] = "/tmp/duostat-rpc-XXXXXX";
    directory_ = ::mkdtemp(directory);
    path = directory_ + "/socket";
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    BOOST_REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    BOOST_REQUIRE(::listen(listener_.get(), 1) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    thread_.join();
    ::unlink(path.c_str());
    ::rmdir(directory_.c_str());
  }
  std::string path;

 private:
  void serve() {
    const Fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::byte call[44];
    if (::recv(peer.get(), call, sizeof call, MSG_WAITALL) != static_cast<ssize_t>(sizeof call)) return;
    for (std::size_t i = 0; i < fragments_.size(); ++i) {
      Answer mark;
      mark.word(static_cast<std::uint32_t>(fragments_[i].size()) | (i + 1 == fragments_.size() ? 0x80000000 : 0));
      // The reply has the transaction number of the call.
      if (i == 0 && fragments_[i].size() >= 4) std::memcpy(fragments_[i].data(), call + 4, 4);
      ::send(peer.get(), mark.bytes.data(), mark.bytes.size(), MSG_NOSIGNAL);
      ::send(peer.get(), fragments_[i].data(), fragments_[i].size(), MSG_NOSIGNAL);
    }
    std::byte rest;
    if (stay_) ::recv(peer.get(), &rest, 1, 0);
  }

  std::vector<std::vector<std::byte>> fragments_;
  bool stay_;
  std::string directory_;
  Fd listener_;
  std::thread thread_;
};

std::vector<std::byte> answer() {
  return Answer().head().entry(100003, "tcp", "0.0.0.0.8.1").entry(100000, "udp", "0.0.0.0.0.111")
      .entry(100000, "udp", "0.0.0.0.1.1").entry(4242424, "tcp", "0.0.0.0.0.9").word(0).bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rpc_programs)

// The names are those of rpc(5), which may be missing on this machine.
BOOST_AUTO_TEST_CASE(names) {
  const auto whole = answer();
  std::vector<std::vector<std::byte>> fragments;
  for (std::size_t at = 0; at < whole.size(); at += 20)
    fragments.emplace_back(whole.begin() + static_cast<std::ptrdiff_t>(at),
                           whole.begin() + static_cast<std::ptrdiff_t>(std::min(at + 20, whole.size())));
  const Server server(std::move(fragments), true);
  RpcPrograms programs(server.path);
  const std::string nfs(programs.name(2049, kTcp));
  BOOST_TEST((nfs.empty() || nfs.starts_with("rpc.")));
  BOOST_TEST(programs.name(2049, ServiceProtocol::any) == nfs);
  BOOST_TEST(programs.name(2049, kUdp).empty());
  BOOST_TEST(programs.name(9, kTcp).empty());
  BOOST_TEST(!programs.port("", kTcp).has_value());
  BOOST_TEST((nfs.empty() || programs.port(nfs, kTcp) == 2049));
  BOOST_TEST(!programs.is_ambiguous(nfs, kTcp));
  const std::string portmapper(programs.name(111, kUdp));
  BOOST_TEST((portmapper.empty() || programs.port(portmapper, kUdp) == 257));
  BOOST_TEST((portmapper.empty() || programs.is_ambiguous(portmapper, kUdp)));
}

// A silent rpcbind delays the caller by no more than the time limit.
BOOST_AUTO_TEST_CASE(silence) {
  const Server server({}, true);
  RpcPrograms programs(server.path, std::chrono::milliseconds(20));
  BOOST_TEST(programs.name(2049, kTcp).empty());
  BOOST_TEST(programs.name(2049, kTcp).empty());
}

BOOST_AUTO_TEST_CASE(nonsense) {
  for (const bool stay : {false, true}) {
    const Server server({std::vector<std::byte>(300, std::byte{0xee})}, stay);
    RpcPrograms programs(server.path, std::chrono::milliseconds(20));
    BOOST_TEST(programs.name(2049, kTcp).empty());
  }
}

BOOST_AUTO_TEST_CASE(nobody_there) {
  RpcPrograms programs("/nonexistent/rpcbind.sock");
  BOOST_TEST(programs.name(2049, kTcp).empty());
  BOOST_TEST(RpcPrograms(std::string(300, 'x')).name(2049, kTcp).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat

// Arbitrary bytes as a /proc/net file, through the whole backend: its results must be consistent, must claim no more
// than the backend knows, and must not depend on the width of the blanks. A row that is written as the kernel writes it
// is read as the same socket. The first byte selects the file.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "src/procfs/inet.h"
#include "src/procfs/procfs_backend.h"
#include "src/procfs/sockstat.h"

using namespace duostat;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Choice {
  ProtocolSet protocols;
  const char* file;
};
constexpr Choice kChoices[] = {
    {{Protocol::tcp}, "net/tcp"},     {{Protocol::udp}, "net/udp"},       {{Protocol::raw}, "net/raw6"},
    {kUnixProtocols, "net/unix"},     {kPacketProtocols, "net/packet"},   {{Protocol::netlink}, "net/netlink"},
    {{}, "net/sockstat"},             {{}, "net/snmp"},
};

void check_backend(const ProcDir& proc, const Choice& choice, std::string_view text) {
  ProcfsBackend backend(proc);
  std::uint64_t rows = 0, names = 0;
  const Query query{.protocols = choice.protocols, .wanted = {Field::tcp_procfs}};
  const Coverage coverage = backend.collect(query, [&](std::span<const Socket> sockets) {
    require(!sockets.empty());
    rows += sockets.size();
    for (const Socket& socket : sockets) {
      require(choice.protocols.has(socket.protocol) && backend.knows(socket.protocol).has_all(socket.present));
      if (socket.unix_domain != nullptr) names += socket.unix_domain->name.size();
      if (socket.inet != nullptr) names += socket.inet->tcp_procfs.extra.size();
    }
    return true;
  });
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(coverage.rows == rows && rows + coverage.malformed + coverage.joined + coverage.truncated <= lines);
  require(names <= text.size());
}

/// The columns up to "retrnsmt" are parsed in two ways; wider blanks select the other one.
void check_widths(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  std::string wide;
  for (const char c : line) wide.append(c == ' ' ? 2 : 1, c);
  Socket a, b;
  const procfs::InetRowRequest request{.protocol = Protocol::tcp};
  if (parse_inet(line, request, a, nullptr) != procfs::Row::kept) return;
  require(parse_inet(wide, request, b, nullptr) == procfs::Row::kept);
  require(a.local == b.local && a.remote == b.remote && a.state == b.state && a.wqueue == b.wqueue &&
          a.rqueue == b.rqueue && a.timer_ms == b.timer_ms && a.present == b.present && a.inode == b.inode);
}

std::string endpoint_text(const Endpoint& endpoint) {
  const std::size_t words = endpoint.family == Family::inet6 ? 4 : 1;
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, endpoint.address.data() + sizeof word * i, sizeof word);
    text += fmt::format("{:08X}", word);
  }
  return text + fmt::format(":{:04X}", endpoint.port);
}

/// A row in the form of get_tcp4_sock(), whose columns are those of the other tables too.
void check_again(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  constexpr unsigned kTicks = 1000;  // a tick is a millisecond
  const procfs::InetRowRequest request{.protocol = Protocol::udp, .ticks = kTicks};
  Socket a, b;
  if (parse_inet(line, request, a, nullptr) != procfs::Row::kept || !a.has(Field::inode)) return;
  constexpr std::uint64_t kLongest = 1'000'000'000'000;
  if (a.timer_ms > kLongest) return;  // saturated
  const std::string again =
      fmt::format("{:4}: {} {} {:02X} {:08X}:{:08X} {:02X}:{:08X} {:08X} {:5} {:8} {} 2 0000000000000000 0", 0,
                  endpoint_text(a.local), endpoint_text(a.remote), static_cast<unsigned>(a.state), a.wqueue, a.rqueue,
                  static_cast<unsigned>(a.timer), a.timer_ms, a.retransmits, a.uid, a.probes, a.inode);
  require(parse_inet(again, request, b, nullptr) == procfs::Row::kept);
  if (!(a.local == b.local && a.remote == b.remote)) std::fprintf(stderr, "%s\n", again.c_str());
  require(a.local == b.local && a.remote == b.remote && a.state == b.state && a.wqueue == b.wqueue &&
          a.rqueue == b.rqueue && a.timer == b.timer && a.timer_ms == b.timer_ms && a.retransmits == b.retransmits &&
          a.uid == b.uid && a.probes == b.probes && a.inode == b.inode);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Choice& choice = kChoices[data[0] % std::size(kChoices)];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Fd file(memfd_create("fuzz", MFD_CLOEXEC));
  require(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  const ProcDir proc("/nonexistent", {{choice.file, "/proc/self/fd/" + std::to_string(file.get())}});
  if (choice.protocols.empty()) {
    read_summary(proc, [&](std::string_view missing, int) { require(missing != choice.file); });
  } else {
    check_backend(proc, choice, text);
    check_widths(text);
    check_again(text);
  }
  return 0;
}

// Compares the two backends over the same live kernel: reads a set of sockets in a private network namespace with both,
// and compares every field that both provide. Sockets change between the two readings, so a comparison that fails is
// repeated.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "src/base/error.h"
#include "src/diag/diag_backend.h"
#include "src/procfs/procfs_backend.h"

using namespace duostat;

namespace {

/// A socket with copies of everything that lives only during the sink's call.
struct Row {
  Socket socket;
  UnixDetail unix_domain;
  std::string name;

  auto key() const {
    const Socket& s = socket;
    return std::tuple(s.protocol, s.family, s.local.address, s.local.port, s.remote.address, s.remote.port, s.inode,
                      name, s.type);
  }
};

/// Returns "" if the two rows agree on all fields that both have.
std::string difference(const Row& procfs, const Row& netlink) {
  const Socket &p = procfs.socket, &n = netlink.socket;
  std::string found;
  const auto same = [&](const char* what, auto left, auto right) {
    if (left != right) found += std::string(" ") + what + " " + std::to_string(left) + "/" + std::to_string(right);
  };
  const auto both = [&](Field field) { return p.has(field) && n.has(field); };
  const bool is_unix = p.family == Family::unix_domain;
  if (procfs.key() != netlink.key()) found += " identity";
  // The file has the state in a unix socket's struct socket, not in its struct sock.
  if (!is_unix) same("state", static_cast<int>(p.state), static_cast<int>(n.state));
  same("shown type", p.type, n.type);
  if (both(Field::queues)) same("rqueue", p.rqueue, n.rqueue), same("wqueue", p.wqueue, n.wqueue);
  if (both(Field::uid)) same("uid", p.uid, n.uid);
  if (both(Field::timer)) {
    same("timer", static_cast<int>(p.timer), static_cast<int>(n.timer));
    const std::uint64_t apart = p.timer_ms > n.timer_ms ? p.timer_ms - n.timer_ms : n.timer_ms - p.timer_ms;
    if (apart > 500) same("timer_ms", p.timer_ms, n.timer_ms);
  }
  // inet_req_diag_fill() counts retransmitted SYN-ACKs, get_openreq4() how often the timer fired.
  if (both(Field::timer_count) && p.state != State::syn_recv) same("timer_count", p.timer_count, n.timer_count);
  if (both(Field::retransmits)) same("retransmits", p.retransmits, n.retransmits), same("probes", p.probes, n.probes);
  if (both(Field::drops)) same("drops", p.drops, n.drops);
  if (both(Field::unix_flags)) {
    same("flags", procfs.unix_domain.flags, netlink.unix_domain.flags);
    same("socket_state", procfs.unix_domain.socket_state, netlink.unix_domain.socket_state);
  }
  return found;
}

std::vector<Row> read(Backend& backend, FieldSet wanted, ProtocolSet protocols, Coverage& coverage) {
  Query query;
  query.protocols = protocols;
  // Bound TCP sockets that neither listen nor connect are in no /proc file.
  query.states = kAllStates & ~mask_of(State::bound_inactive);
  query.wanted = wanted;
  std::vector<Row> rows;
  coverage = backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) {
      // unix_diag omits connections that wait to be accepted; the file has them.
      if (s.unix_domain != nullptr && s.inode == 0) continue;
      Row row{s, {}, {}};
      if (s.unix_domain != nullptr) {
        row.unix_domain = *s.unix_domain;
        row.name = s.unix_domain->name;
        std::ranges::replace(row.name, '\0', '@');  // like unix_seq_show()
      }
      rows.push_back(std::move(row));
    }
    return true;
  });
  std::ranges::sort(rows, {}, &Row::key);
  return rows;
}

class Tap {
 public:
  explicit Tap(unsigned planned) { std::printf("1..%u\n", planned); }
  void result(bool good, const std::string& name) {
    std::printf("%s %u - %s\n", good ? "ok" : "not ok", ++number_, name.c_str());
  }
  void skip(const std::string& name, const std::string& why) {
    std::printf("ok %u - %s # SKIP %s\n", ++number_, name.c_str(), why.c_str());
  }

 private:
  unsigned number_ = 0;
};

/// `states`: all of these must occur among the sockets, otherwise the zoo is incomplete.
void compare(Tap& tap, const char* name, Protocol protocol, ProtocolSet protocols, std::size_t fewest,
             StateMask states) {
  constexpr int kAttempts = 50;
  const ProcDir proc;
  ProcfsBackend procfs(proc);
  DiagBackend netlink(open_netlink);
  std::string last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Coverage from_procfs, from_netlink;
    const std::vector<Row> p = read(procfs, ProcfsBackend::knows(protocol), protocols, from_procfs);
    const std::vector<Row> n = read(netlink, DiagBackend::knows(protocol), protocols, from_netlink);
    if (from_netlink.error != 0) return tap.skip(name, "netlink: " + error_text(from_netlink.error));
    if (from_procfs.error != 0) return tap.skip(name, "procfs: " + error_text(from_procfs.error));
    last.clear();
    if (p.size() != n.size())
      last = "procfs has " + std::to_string(p.size()) + " rows, netlink " + std::to_string(n.size());
    if (from_netlink.malformed != 0 || from_netlink.unknown != 0) last += " netlink rows not understood";
    if (from_procfs.malformed != 0) last += " procfs rows not understood";
    for (std::size_t i = 0; i < p.size() && i < n.size() && last.empty(); ++i)
      if (const std::string found = difference(p[i], n[i]); !found.empty())
        last = "port " + std::to_string(p[i].socket.local.port) + " inode " + std::to_string(p[i].socket.inode) + "/" +
               std::to_string(n[i].socket.inode) + " state " + std::to_string(static_cast<int>(p[i].socket.state)) +
               " \"" + p[i].name + "\":" + found;
    StateMask seen = 0;
    for (const Row& row : n) seen |= mask_of(row.socket.state);
    // A state may be a moment away: a FIN is acknowledged up to 40 ms later.
    if (last.empty() && (p.size() < fewest || (states & ~seen) != 0)) {
      char missing[64];
      std::snprintf(missing, sizeof missing, "only %zu rows, states missing: %#x", p.size(),
                    static_cast<unsigned>(states & ~seen));
      last = missing;
    }
    if (last.empty()) return tap.result(true, std::string(name) + " (" + std::to_string(p.size()) + " sockets)");
    ::usleep(20000);
  }
  std::printf("# %s\n", last.c_str());
  tap.result(false, name);
}

// ---- the zoo: descriptors stay open until the program ends ----

int made(int fd) { return fd >= 0 ? fd : throw SystemError("make", "a socket", errno); }
void done(int result) {
  if (result != 0) throw SystemError("prepare", "a socket", errno);
}

struct Inet {
  int family;
  sockaddr_storage address{};
  socklen_t length;
  Inet(int af, const char* text, unsigned port)
      : family(af), length(af == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)) {
    if (af == AF_INET) {
      auto* a = reinterpret_cast<sockaddr_in*>(&address);
      *a = {};
      a->sin_family = AF_INET;
      a->sin_port = htons(static_cast<std::uint16_t>(port));
      ::inet_pton(af, text, &a->sin_addr);
    } else {
      auto* a = reinterpret_cast<sockaddr_in6*>(&address);
      *a = {};
      a->sin6_family = AF_INET6;
      a->sin6_port = htons(static_cast<std::uint16_t>(port));
      ::inet_pton(af, text, &a->sin6_addr);
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

int bound(int type, int protocol, const Inet& at) {
  const int fd = made(::socket(at.family, type, protocol)), one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  done(::bind(fd, at.get(), at.length));
  return fd;
}
int listening(const Inet& at, int backlog) {
  const int fd = bound(SOCK_STREAM, 0, at);
  done(::listen(fd, backlog));
  return fd;
}
int connected(int type, int protocol, const Inet& to) {
  const int fd = made(::socket(to.family, type, protocol));
  done(::connect(fd, to.get(), to.length));
  return fd;
}
void write_to(int fd, std::size_t size) {
  const std::string bytes(size, 'x');
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) throw SystemError("send", "to a socket", errno);
}

void make_tcp(bool can_be_others) {
  const Inet plain(AF_INET, "127.0.0.1", 7001), all6(AF_INET6, "::", 7002), deferred(AF_INET, "0.0.0.0", 7003);
  const Inet full(AF_INET, "127.0.0.1", 7004), six(AF_INET6, "::1", 7002);
  const int listener = listening(plain, 16);
  const int listener6 = listening(all6, 5);

  if (can_be_others) done(::seteuid(65534));
  const int waiting = bound(SOCK_STREAM, 0, deferred);
  if (can_be_others) done(::seteuid(0));
  const int seconds = 30;
  done(::setsockopt(waiting, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds));
  done(::listen(waiting, 4));
  connected(SOCK_STREAM, 0, Inet(AF_INET, "127.0.0.1", 7003));  // stays in SYN-RECV on the other side

  const int one = 1;
  const int keeps_alive = connected(SOCK_STREAM, 0, plain), accepted = made(::accept(listener, nullptr, nullptr));
  done(::setsockopt(keeps_alive, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one));
  write_to(keeps_alive, 100);  // unread at `accepted`
  done(::shutdown(accepted, SHUT_WR));  // FIN-WAIT-2 and CLOSE-WAIT

  const int filling = connected(SOCK_STREAM, 0, six);
  made(::accept(listener6, nullptr, nullptr));
  done(::fcntl(filling, F_SETFL, O_NONBLOCK));
  const std::string block(65536, 'x');
  // The window closes: unsent bytes, a probe timer.
  while (::send(filling, block.data(), block.size(), MSG_NOSIGNAL) > 0) {}

  const int leaves = connected(SOCK_STREAM, 0, plain), left = made(::accept(listener, nullptr, nullptr));
  ::close(leaves);
  ::close(left);  // TIME-WAIT
  connected(SOCK_STREAM, 0, Inet(AF_INET, "127.0.0.1", 7002));  // v4-mapped on the other side, not accepted
  connected(SOCK_STREAM, 0, six);

  listening(full, 0);
  for (int i = 0; i < 3; ++i) {  // more than fit the queue: SYN-SENT
    const int fd = made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (::connect(fd, full.get(), full.length) != 0 && errno != EINPROGRESS)
      throw SystemError("connect", "to a full queue", errno);
  }
}

void make_udp(int protocol) {
  const Inet four(AF_INET, "127.0.0.1", 7101), six(AF_INET6, "::", 7102);
  bound(SOCK_DGRAM, protocol, four);
  bound(SOCK_DGRAM, protocol, six);
  bound(SOCK_DGRAM, protocol, Inet(AF_INET, "0.0.0.0", 7103));
  write_to(connected(SOCK_DGRAM, protocol, four), 300);
  write_to(connected(SOCK_DGRAM, protocol, Inet(AF_INET6, "::1", 7102)), 200);
  const int small = 1;
  const int dropping = bound(SOCK_DGRAM, protocol, Inet(AF_INET, "127.0.0.1", 7104));
  done(::setsockopt(dropping, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
  const int sender = connected(SOCK_DGRAM, protocol, Inet(AF_INET, "127.0.0.1", 7104));
  for (int i = 0; i < 20; ++i) write_to(sender, 1000);
}

sockaddr_un unix_address(const std::string& name, socklen_t& length) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path);
  length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return address;
}
int unix_socket(int type, const std::string& name, bool listens) {
  socklen_t length;
  const sockaddr_un address = unix_address(name, length);
  const int fd = made(::socket(AF_UNIX, type, 0));
  done(::bind(fd, reinterpret_cast<const sockaddr*>(&address), length));
  if (listens) done(::listen(fd, 7));
  return fd;
}
int unix_client(int type, const std::string& name) {
  socklen_t length;
  const sockaddr_un address = unix_address(name, length);
  const int fd = made(::socket(AF_UNIX, type, 0));
  done(::connect(fd, reinterpret_cast<const sockaddr*>(&address), length));
  return fd;
}

void make_unix() {
  using namespace std::string_literals;
  const char* directory = std::getenv("TMPDIR");
  const std::string path =
      std::string(directory != nullptr ? directory : "/tmp") + "/agree." + std::to_string(::getpid());
  const std::string abstract = "\0duostat agree\0with NUL\0"s;
  unix_socket(SOCK_STREAM, path, true);
  ::unlink(path.c_str());
  unix_socket(SOCK_SEQPACKET, abstract, true);
  unix_client(SOCK_SEQPACKET, abstract);  // not accepted: no inode on the other side
  unix_client(SOCK_SEQPACKET, abstract);
  unix_socket(SOCK_DGRAM, "\0d"s, false);
  unix_client(SOCK_DGRAM, "\0d"s);
  made(::socket(AF_UNIX, SOCK_STREAM, 0));
  int pair[2];
  done(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  done(::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  ::close(pair[1]);
}

bool loopback_up() {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(fd.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const bool root = ::unshare(CLONE_NEWNET) == 0;
  if (!root && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    std::printf("1..0 # SKIP no private network namespace: %s\n", error_text(errno).c_str());
    return 0;
  }
  if (!loopback_up()) {
    std::printf("1..0 # SKIP no loopback in the network namespace: %s\n", error_text(errno).c_str());
    return 0;
  }
  Tap tap(4);
  try {
    make_tcp(root);
    make_udp(0);
    make_unix();
    compare(tap, "tcp", Protocol::tcp, {Protocol::tcp}, 16,
            mask_of(State::listen, State::established, State::syn_sent, State::syn_recv, State::fin_wait2,
                    State::close_wait, State::time_wait));
    compare(tap, "udp", Protocol::udp, {Protocol::udp}, 7, mask_of(State::established, State::close));
    const int lite = ::socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
    if (lite < 0) {
      tap.skip("udplite", error_text(errno));
    } else {
      ::close(lite);
      make_udp(IPPROTO_UDPLITE);
      compare(tap, "udplite", Protocol::udplite, {Protocol::udplite}, 7, mask_of(State::established, State::close));
    }
    compare(tap, "unix", Protocol::unix_stream, kUnixProtocols, 10,
            mask_of(State::established, State::close, State::listen));
  } catch (const SystemError& error) {
    std::printf("Bail out! %s\n", error.what());
    return 1;
  }
  return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/churn.h"

#include <arpa/inet.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>

#include "src/base/error.h"
#include "src/bench/child.h"
#include "src/bench/generator.h"
#include "src/bench/loopback.h"
#include "src/bench/statistics.h"
#include "src/collect/collect.h"

namespace duostat::bench {
namespace {

constexpr std::uint32_t kNetwork = 254;  ///< 127.254.0.1: used by no other connection
constexpr std::uint16_t kListenPort = 7001, kFirstPort = 10'000, kLastPort = 59'999;
constexpr std::size_t kAlive = 256;  ///< maximum number of churned connections that are open at a time
constexpr double kStay = 0.5;        ///< maximum seconds that a connection stays open
constexpr double kLeastClosed = 10;  ///< minimum number of connections that are closed during the measurement

/// Shared with the process that opens and closes connections: when each port's connection was closed. 32 bits each,
/// because not every processor has 64-bit atomics, and the locks that replace them do not work across processes.
struct Ledger {
  std::atomic<std::uint32_t> opened, closed;  ///< connections so far
  std::atomic<int> error;
  std::atomic<std::uint32_t> closed_at[65536];  ///< moment(); 0: open, or never used
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// The clock in microseconds, modulo 2^32; never 0. Compared moments are less than half an hour apart.
std::uint32_t moment(std::int64_t now_ns) {
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(now_ns / 1000));
}
/// Microseconds from one moment to another; negative if `to` is earlier.
std::int32_t from_to(std::uint32_t from, std::uint32_t to) { return static_cast<std::int32_t>(to - from); }

/// Memory that parent and children share.
class SharedLedger {
 public:
  SharedLedger() : at_(::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (at_ == MAP_FAILED) throw SystemError("mmap", "", errno);
  }
  ~SharedLedger() { ::munmap(at_, sizeof(Ledger)); }
  SharedLedger(const SharedLedger&) = delete;
  SharedLedger& operator=(const SharedLedger&) = delete;
  Ledger* operator->() const noexcept { return static_cast<Ledger*>(at_); }  // zeros are a valid Ledger

 private:
  void* at_;
};

struct Visitor {
  std::uint16_t port = 0;
  Fd client, server;
};

/// Number of connections that are open at a time, at least one.
std::size_t visitors_at(double rate) {
  const std::size_t most = std::min<std::size_t>(kAlive, raise_descriptor_limit() / 4);
  return static_cast<std::size_t>(std::clamp(rate * kStay, 1.0, static_cast<double>(std::max<std::size_t>(most, 1))));
}

/// The port of connection `number`, counted from 0.
std::uint16_t port_of(std::int64_t number) {
  return static_cast<std::uint16_t>(kFirstPort + number % (kLastPort - kFirstPort + 1));
}

/// Opens and closes connections, evenly spaced in time, until it is killed. Returns only on failure, with errno.
int come_and_go(Clock& clock, double rate, const SharedLedger& ledger) {
  const sockaddr_in to = loopback(kNetwork, 1, kListenPort);
  const Fd listener = listener_at(to);
  if (!listener) return errno;
  const std::size_t alive = visitors_at(rate);
  std::deque<Visitor> visitors;
  const std::int64_t start = clock.now_ns();
  for (std::int64_t done = 0;;) {
    const double due = static_cast<double>(clock.now_ns() - start) / 1e9 * rate;
    if (static_cast<double>(done) >= due) {
      clock.sleep_ns(std::min<std::int64_t>(1'000'000, static_cast<std::int64_t>(1e9 / rate)));
      continue;
    }
    const std::uint16_t port = port_of(done);
    Visitor visitor{port, {}, {}};
    const sockaddr_in from = loopback(kNetwork, 1, port);
    ledger->closed_at[port] = 0;
    if (const int error = connect_to(listener, to, &from, visitor.client, visitor.server)) return error;
    visitors.push_back(std::move(visitor));
    ++ledger->opened;
    ++done;
    if (visitors.size() <= alive) continue;
    visitors.front().client.reset();
    visitors.front().server.reset();
    ledger->closed_at[visitors.front().port] = moment(clock.now_ns());
    ++ledger->closed;
    visitors.pop_front();
  }
}

/// A stable socket as it was before the churn.
struct Known {
  Endpoint local, remote;
  State state;
  std::uint8_t seen = 0;
};
using Stable = std::unordered_map<std::uint64_t, Known>;  ///< by inode, which is unique among existing sockets

Query tcp_query() {
  Query query;
  query.protocols = {Protocol::tcp};
  query.wanted = {Field::inode, Field::uid};
  return query;
}

Stable look_around(Environment& env, Via backend) {
  Stable stable;
  const Answer answer = collect(env, backend, tcp_query(), [&](std::span<const Socket> batch) {
    for (const Socket& s : batch)
      if (s.inode != 0) stable.emplace(s.inode, Known{s.local, s.remote, s.state});
    return true;
  });
  if (answer.coverage.error != 0)
    throw SystemError(word_of(answer.coverage.operation), answer.coverage.object, answer.coverage.error);
  return stable;
}

/// The port of a churned connection's client end, or 0.
std::uint16_t visitor_port(const Socket& socket) {
  const sockaddr_in home = loopback(kNetwork, 1, 0);
  const bool visits = socket.family == Family::inet && socket.local.port >= kFirstPort &&
                      socket.local.port <= kLastPort &&
                      std::memcmp(socket.local.address.data(), &home.sin_addr, sizeof home.sin_addr) == 0;
  return visits ? static_cast<std::uint16_t>(socket.local.port) : 0;
}

/// The observations of one dump, as sent through the pipe.
struct Observations {
  std::uint64_t rows = 0, missed = 0, twice = 0, torn = 0, contradictory = 0, gone = 0;
  std::int64_t oldest = 0, duration = 0;
  bool interrupted = false;
};

class Watch {
 public:
  Watch(Environment& env, Stable& stable, const SharedLedger& ledger) : env_(env), stable_(stable), ledger_(ledger) {}

  Observations dump(Via backend) {
    Observations told;
    std::vector<std::uint16_t> visitors;
    visitors.reserve(65536);
    const std::int64_t start = env_.clock.now_ns();
    const Answer answer = collect(env_, backend, tcp_query(), [&](std::span<const Socket> batch) {
      for (const Socket& socket : batch) see(socket, visitors, told);
      return true;
    });
    const std::int64_t end = env_.clock.now_ns();
    told.duration = end - start;
    told.rows = answer.coverage.rows;
    told.torn = answer.coverage.malformed + answer.coverage.truncated;
    told.interrupted = answer.coverage.interrupted;
    for (const auto& [inode, known] : stable_) {
      told.missed += known.seen == 0;
      told.twice += known.seen > 1;
    }
    for (const std::uint16_t port : visitors) {
      const std::uint32_t closed = ledger_->closed_at[port];
      if (closed == 0 || from_to(closed, moment(end)) <= 0) continue;
      ++told.gone;
      told.oldest = std::max(told.oldest, std::int64_t{1000} * from_to(closed, moment(end)));
      told.contradictory += from_to(closed, moment(start)) > 0;
    }
    return told;
  }

 private:
  void see(const Socket& socket, std::vector<std::uint16_t>& visitors, Observations& told) {
    if (const std::uint16_t port = visitor_port(socket)) {
      visitors.push_back(port);
      return;
    }
    const auto at = socket.inode != 0 ? stable_.find(socket.inode) : stable_.end();
    if (at == stable_.end()) return;
    Known& known = at->second;
    if (known.seen < 2) ++known.seen;
    told.contradictory +=
        !(known.local == socket.local && known.remote == socket.remote && known.state == socket.state);
  }

  Environment& env_;
  Stable& stable_;
  const SharedLedger& ledger_;
};

void add(Churn& churn, std::vector<double>& durations, const Observations& told) {
  ++churn.dumps;
  churn.rows += told.rows;
  churn.missed += told.missed;
  churn.twice += told.twice;
  churn.torn += told.torn;
  churn.contradictory += told.contradictory;
  churn.interrupted += told.interrupted;
  churn.gone += told.gone;
  churn.oldest_row = std::max(churn.oldest_row, static_cast<double>(told.oldest));
  durations.push_back(static_cast<double>(told.duration));
}

/// Sleeps until `over` returns true or the clock reaches `end`. False if a signal came first.
bool sleep_until(Environment& env, Interrupt& interrupt, std::int64_t end, const std::function<bool()>& over) {
  constexpr std::int64_t kSlice = 2'000'000;
  for (;;) {
    if (interrupt.raised()) return false;
    const std::int64_t left = end - env.clock.now_ns();
    if (left <= 0 || over()) return true;
    env.clock.sleep_ns(std::min(left, kSlice));
  }
}

/// Waits until all churned connections are open. False if a signal came first.
bool settle(Environment& env, Interrupt& interrupt, const SharedLedger& ledger, double rate) {
  const double patience = 2 + kStay + 2 / rate;
  return sleep_until(env, interrupt, env.clock.now_ns() + static_cast<std::int64_t>(patience * 1e9),
                     [&] { return ledger->closed != 0 || ledger->error != 0; });
}

/// Connections closed per second between the closing of connection `from` and that of `to`, counted from 1.
double rate_between(const SharedLedger& ledger, std::int64_t from, std::int64_t to) {
  if (from < 1 || to <= from) return 0;
  const std::int32_t microseconds =
      from_to(ledger->closed_at[port_of(from - 1)], ledger->closed_at[port_of(to - 1)]);
  return microseconds > 0 ? static_cast<double>(to - from) * 1e6 / microseconds : 0;
}

}  // namespace

std::vector<Churn> measure_churn(Environment& env, Interrupt& interrupt, const std::vector<Via>& backends, double rate,
                                 std::uint32_t rounds, const std::function<bool()>& go_on, int& error) {
  Stable stable = look_around(env, backends.front());
  const SharedLedger ledger;
  Child visitors([&] {
    ledger->error = come_and_go(env.clock, rate, ledger);
    return 1;
  });
  std::vector<Churn> results;
  for (const Via backend : backends)
    results.push_back({.backend = backend, .rate_asked = rate, .stable = stable.size()});
  std::vector<std::vector<double>> durations(backends.size());
  if (!settle(env, interrupt, ledger, rate)) return results;

  // A low rate needs more time than the dumps take: spread the dumps over it.
  const std::int64_t start = env.clock.now_ns(), closed_before = ledger->closed;
  const double pause = kLeastClosed / rate * 1e9 / rounds;
  for (std::uint32_t round = 0; round < rounds && go_on() && ledger->error == 0 && !interrupt.raised(); ++round) {
    for (std::size_t i = 0; i < backends.size(); ++i) {
      const auto text = in_child(interrupt, [&] {
        const Observations told = Watch(env, stable, ledger).dump(backends[i]);
        return std::string(reinterpret_cast<const char*>(&told), sizeof told);
      });
      if (!text) break;
      Observations told;
      std::memcpy(static_cast<void*>(&told), text->data(), std::min(text->size(), sizeof told));
      add(results[i], durations[i], told);
    }
    const auto next = start + static_cast<std::int64_t>(pause * (round + 1));
    if (!sleep_until(env, interrupt, next, [&] { return !go_on() || ledger->error != 0; })) break;
  }
  error = ledger->error;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    results[i].closed = static_cast<std::uint64_t>(ledger->closed - closed_before);
    results[i].rate_done = rate_between(ledger, closed_before, ledger->closed);
    results[i].duration = summarise(durations[i]);
  }
  return results;
}

}  // namespace duostat::bench

// The source `poll`: differences between looks at the tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <utility>

#include "src/base/error.h"
#include "src/collect/follow.h"
#include "src/collect/owners.h"
#include "src/model/unix_name.h"

namespace duostat {
namespace {

constexpr std::int64_t kInterval = 100'000'000;  ///< nanoseconds between two looks
constexpr std::int64_t kPausePerLook = 10;       ///< times the processor time of a look: at most 10 %

template <class T>
void append_bytes(std::string& key, const T& value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  key.append(bytes.data(), bytes.size());
}

/// A socket of the last look.
struct Kept {
  SocketEvent seen;           ///< as it was last
  std::int64_t since = kUnknown;  ///< when it appeared
  bool wanted = false;        ///< at the last look
  static constexpr std::int64_t kUnknown = -1;
};
using KeptSockets = std::unordered_map<std::string, Kept>;

/// What one look found, in the order of the tables.
using Seen = std::vector<Kept>;

class PollEvents final : public EventSource {
 public:
  PollEvents(Environment& env, const FollowRequest& request)
      : env_(env), request_(request), pause_(request.interval_ns.value_or(kInterval)) {
    all_.protocols = request.sockets.protocols;
    all_.families = request.sockets.families;
    all_.wanted = request.sockets.wanted;
    for (const Field f : {Field::inode, Field::cookie, Field::interface, Field::uid, Field::unix_name})
      all_.wanted.add(f);
    all_.wanted.remove(Field::owner);
  }

  /// Empty, or why no table can be read.
  std::string begin() {
    Seen seen;
    const auto answers = look(seen);
    std::size_t usable = 0;
    std::string why;
    for (const TableAnswer& a : answers) {
      if (a.answer.coverage.error == 0) ++usable;
      else why = fmt::format("{}: {}", a.name, a.absent ? "this kernel has no such table" : why_missing(a));
    }
    if (usable == 0) return why;
    compare(answers, std::move(seen), nullptr);
    return {};
  }

  std::span<const int> descriptors() const override { return {}; }
  std::int64_t pause_ns() const override { return pause_; }

  bool read(FunctionRef<void(SocketEvent&&)> take) override {
    Seen seen;
    const std::int64_t before = env_.clock.processor_ns();
    const auto answers = look(seen);
    compare(answers, std::move(seen), &take);
    const std::int64_t cost = env_.clock.processor_ns() - before;
    pause_ = std::max(request_.interval_ns.value_or(kInterval), cost * kPausePerLook);
    return true;
  }

  Loss loss() override { return loss_; }

  std::string account() const override {
    return fmt::format("{} looks: {} new, {} gone; sockets that lived for less than a pause are not among them", looks_,
                       appeared_, gone_);
  }

 private:
  std::vector<TableAnswer> look(Seen& seen) {
    ++looks_;
    now_ = env_.clock.now_ns();
    const bool owned = request_.owners || request_.sockets.wanted.has(Field::owner);
    owners_ = owned ? read_owners(env_, {}) : OwnerIndex();
    if (owned && owners_.coverage().lost()) note("owners could not all be read: " + reasons(owners_.coverage()));
    if (request_.filter != nullptr) request_.filter->look(owners_);
    return each_socket(env_, request_.via, all_, [&](const Socket& s) { seen.push_back(kept(s)); });
  }

  void note(std::string why) {
    ++loss_.unknown;
    loss_.why = std::move(why);
  }

  Kept kept(const Socket& s) {
    Kept k;
    SocketEvent& e = k.seen;
    e = event_about(s);
    e.time_ns = now_;
    e.state = s.state;
    if (s.has(Field::inode)) e.inode = s.inode;
    if (s.has(Field::uid) && e.inode != 0) e.uid = s.uid;  // the kernel keeps no user of others
    if (s.unix_domain != nullptr) e.name = shown_name(*s.unix_domain, scratch_);
    if (request_.owners && e.inode != 0) {
      const Owner owner = owners_.first(e.inode);
      e.pid = owner.pid;
      if (owner.pid != 0) e.process = owner.comm;
    }
    // The states are judged for each event.
    FollowRequest any = request_;
    any.sockets.states = kAllStates;
    k.wanted = is_asked(any, s, s.state, s.state);
    return k;
  }

  /// netlink's cookies stay with a socket for its life; the addresses of procfs do not, in TIME-WAIT for one.
  static std::string key_of(const SocketEvent& e, bool by_cookie) {
    std::string key;
    append_bytes(key, e.protocol);
    if (by_cookie && e.cookie != 0) return append_bytes(key, e.cookie), key;
    append_bytes(key, e.family);
    for (const Endpoint* end : {&e.local, &e.remote}) {
      key.append(end->address.begin(), end->address.end());
      append_bytes(key, end->port);
      append_bytes(key, end->node);
    }
    append_bytes(key, e.ifindex);
    if (!kInetProtocols.has(e.protocol)) append_bytes(key, e.inode);
    return key += e.name;
  }

  /// `take` null: the first look, in which nothing is new.
  void compare(const std::vector<TableAnswer>& answers, Seen&& seen, FunctionRef<void(SocketEvent&&)>* take) {
    ProtocolSet by_cookie, incomplete, rebased;
    for (const TableAnswer& a : answers) {
      const bool failed = a.answer.coverage.error != 0, former = by_cookie_.has_any(a.protocols);
      const bool netlink = failed && take != nullptr ? former : a.answer.backend == Via::netlink;
      if (netlink) by_cookie = by_cookie | a.protocols;
      if (a.missing) {
        incomplete = incomplete | a.protocols;
        note(fmt::format("{}: {}", a.name, why_missing(a)));
      }
      // Another backend identifies sockets otherwise, so these two looks cannot be compared.
      if (take != nullptr && netlink != former) {
        rebased = rebased | a.protocols;
        note(fmt::format("{}: another backend answered, so two looks were not compared", a.name));
      }
    }
    KeptSockets now;
    now.reserve(seen.size());
    for (Kept& k : seen) {
      std::string key = key_of(k.seen, by_cookie.has(k.seen.protocol));
      while (now.contains(key)) key += '+';  // sockets of a reuseport group, from procfs
      const auto was = last_.find(key);
      const bool first = take == nullptr || rebased.has(k.seen.protocol);
      if (was == last_.end()) {
        if (!first) k.since = now_, appear(k, *take);
      } else {
        k.since = was->second.since;
        if (k.seen.pid == 0) k.seen.pid = was->second.seen.pid, k.seen.process = was->second.seen.process;
        if (k.seen.inode == 0) k.seen.inode = was->second.seen.inode, k.seen.uid = was->second.seen.uid;
        if (was->second.seen.state != k.seen.state) change(was->second, k, *take);
        last_.erase(was);
      }
      now.emplace(std::move(key), std::move(k));
    }
    if (take != nullptr) vanish(incomplete, rebased, now, *take);
    last_ = std::move(now);
    by_cookie_ = by_cookie;
  }

  /// An incomplete look does not say that a socket is gone.
  void vanish(ProtocolSet incomplete, ProtocolSet rebased, KeptSockets& now, FunctionRef<void(SocketEvent&&)> take) {
    for (auto& [key, k] : last_) {
      if (rebased.has(k.seen.protocol)) continue;
      if (incomplete.has(k.seen.protocol)) {
        now.emplace(key, std::move(k));
        continue;
      }
      const State last = k.seen.state;
      if (!k.wanted || !in_mask(request_.sockets.states, last)) continue;
      ++gone_;
      SocketEvent event = std::move(k.seen);
      event.kind = EventKind::gone;
      event.time_ns = now_;
      event.previous = last;
      event.state = State::unknown;
      if (k.since != Kept::kUnknown) event.lasted_ns = now_ - k.since;
      take(std::move(event));
    }
  }

  void appear(const Kept& k, FunctionRef<void(SocketEvent&&)> take) {
    if (!k.wanted || !in_mask(request_.sockets.states, k.seen.state)) return;
    ++appeared_;
    SocketEvent event = k.seen;
    event.kind = EventKind::appeared;
    take(std::move(event));
  }

  void change(const Kept& was, const Kept& k, FunctionRef<void(SocketEvent&&)> take) {
    const StateMask states = request_.sockets.states;
    if (!k.wanted || (!in_mask(states, was.seen.state) && !in_mask(states, k.seen.state))) return;
    SocketEvent event = k.seen;
    event.kind = EventKind::changed;
    event.previous = was.seen.state;
    take(std::move(event));
  }

  Environment& env_;
  FollowRequest request_;
  SocketRequest all_;
  std::int64_t pause_, now_ = 0;
  OwnerIndex owners_;
  KeptSockets last_;
  ProtocolSet by_cookie_;
  std::uint64_t looks_ = 0, appeared_ = 0, gone_ = 0;
  Loss loss_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<EventSource> open_poll_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<PollEvents>(env, request);
  why = source->begin();
  return why.empty() ? std::move(source) : nullptr;
}

}  // namespace duostat

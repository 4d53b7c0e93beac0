// The source `destroy`: what the kernel multicasts of TCP and UDP sockets that end.
//
// A namespace to which the caller's gave an id is heard through the caller's own socket. For each other one a socket is
// opened inside. Such a socket keeps its namespace alive, so it is closed when nothing else does.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/follow.h"
#include "src/collect/namespaces.h"
#include "src/diag/events.h"
#include "src/model/tcp_info.h"
#include "src/rtnl/namespace_ids.h"

namespace duostat {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPausePerSearch = 100;  ///< times the processor time of looking for namespaces: at most 1 %

/// One descriptor for each namespace without an id.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what does not fit then is reported
}

class DestroyEvents final : public EventSource {
 public:
  DestroyEvents(Environment& env, const FollowRequest& request) : env_(env), request_(request) {}

  OpenError open() {
    const SocketRequest& wanted = request_.sockets;
    const OpenError error = own_.sockets.open(env_.open_transport, wanted.protocols, wanted.families);
    if (error != 0 || own_.sockets.fd() < 0) return error;
    epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return errno;
    epoll_fd_ = epoll_.get();
    if (const int refused = add(own_)) return refused;
    const bool this_host = !env_.secure && env_.recorded == nullptr && !env_.proc.given() &&
                           env_.proc.image() == nullptr && env_.dry_run == nullptr;
    if (!this_host) return 0;
    everywhere_ = true;
    raise_descriptor_limit();
    has_ids_ = ids_.open(env_.open_transport) == 0 && own_.sockets.join_all_namespaces() == 0;
    find_namespaces([](SocketEvent&&) {});
    return 0;
  }

  std::span<const int> descriptors() const override {
    return epoll_fd_ < 0 ? std::span<const int>() : std::span(&epoll_fd_, 1);
  }
  std::int64_t pause_ns() const override {
    if (epoll_fd_ < 0) return 0;
    return everywhere_ ? std::clamp<std::int64_t>(next_find_ - env_.clock.now_ns(), 0, kSecond) : kSecond;
  }

  bool read(FunctionRef<void(SocketEvent&&)> take) override {
    if (epoll_fd_ < 0) return drain(own_, take);
    if (everywhere_ && env_.clock.now_ns() >= next_find_) {
      by_their_id_.clear();
      find_namespaces(take);
    }
    constexpr int kMost = 64;
    std::array<epoll_event, kMost> ready;
    const int count = ::epoll_wait(epoll_fd_, ready.data(), kMost, 0);
    // Reading may close the sockets of other namespaces, and it frees none before the next call.
    for (int i = 0; i < count; ++i) drain(*static_cast<Followed*>(ready[static_cast<std::size_t>(i)].data.ptr), take);
    closed_.clear();
    return true;
  }

  Loss loss() override {
    Loss all = loss_;
    all.events += broken_in(own_.sockets);
    for (const auto& f : others_) all.events += broken_in(f->sockets);
    if (all.events != 0 && all.why.empty()) all.why = "malformed or truncated messages";
    return all;
  }

  Blinds blind(Blinds always) const override {
    const bool all = everywhere_ && missing_ == 0;
    return always.with(all ? Blind::new_namespaces : Blind::namespaces);
  }

  std::string account() const override {
    if (!everywhere_) return {};
    const std::size_t all = 1 + by_id_ + others_.size() + missing_;
    if (missing_ == 0) return fmt::format("{} network namespace{}", all, all == 1 ? "" : "s");
    return fmt::format("{} of {} network namespaces; {}", all - missing_, all, why_missing_);
  }

 private:
  /// A socket that receives messages.
  struct Followed {
    DestroyedSockets sockets;
    std::uint64_t netns = SocketEvent::kUnknownNamespace;  ///< inode
    bool found = true;                                     ///< at the last look for namespaces
  };
  /// What an id means.
  struct Named {
    std::uint64_t netns = SocketEvent::kUnknownNamespace;
    bool has_socket = false;  ///< messages with this id come from another socket too
  };

  static std::uint64_t broken_in(const DestroyedSockets& sockets) {
    return sockets.coverage().malformed + sockets.coverage().truncated;
  }

  int add(Followed& followed) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &followed;
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, followed.sockets.fd(), &event) == 0 ? 0 : errno;
  }

  bool readable(const Followed& followed) const {
    pollfd one{followed.sockets.fd(), POLLIN, 0};
    return one.fd < 0 || ::poll(&one, 1, 0) > 0;
  }

  bool drain(Followed& followed, FunctionRef<void(SocketEvent&&)> take) {
    constexpr int kMost = 1024;  // then signals and the end of the time are looked at
    for (int i = 0; i < kMost && readable(followed); ++i) {
      const int error = followed.sockets.next([&](std::span<const Socket> sockets) {
        for (const Socket& socket : sockets) offer(followed, socket, take);
        return true;
      });
      if (error == ENODATA) return false;
      if (error == ENOBUFS) {
        ++loss_.unknown;
        loss_.why = "the kernel's queue was full: events were read too late";
      } else if (error != 0) {
        throw SystemError("receive", "events of destroyed sockets", error);
      }
    }
    return true;
  }

  void offer(Followed& from, const Socket& socket, FunctionRef<void(SocketEvent&&)> take) {
    std::optional<std::uint64_t> netns = from.netns;
    if (!everywhere_) netns = std::nullopt;
    if (const std::int32_t id = from.sockets.nsid(); id != Transport::kOwnNamespace) {
      const Named named = named_by(id, take);
      if (named.has_socket) return;
      netns = named.netns;
    }
    if (!is_asked(request_, socket, State::unknown, socket.state)) return;
    SocketEvent event = event_about(socket);
    event.kind = EventKind::gone;
    event.time_ns = env_.clock.now_ns();
    event.netns = netns;
    // Without a peer's port it was a listener, or never connected.
    if (socket.protocol == Protocol::tcp && socket.remote.port != 0 && socket.has(Field::tcp_info)) {
      const auto& info = socket.inet->tcp_info;
      if (info.has(&TcpInfo::bytes_acked)) event.sent = info.value.bytes_acked;
      if (info.has(&TcpInfo::bytes_received)) event.received = info.value.bytes_received;
    }
    take(std::move(event));
  }

  // ---- namespaces ----

  Named named_by(std::int32_t id, FunctionRef<void(SocketEvent&&)> take) {
    if (!ids_.changes([&](std::int32_t changed) { by_their_id_.erase(changed); })) by_their_id_.clear();
    if (const auto known = by_their_id_.find(id); known != by_their_id_.end()) return known->second;
    find_namespaces(take);
    return by_their_id_.try_emplace(id).first->second;  // unknown if only a descriptor or a socket keeps it
  }

  void find_namespaces(FunctionRef<void(SocketEvent&&)> take) {
    const std::int64_t before = env_.clock.processor_ns();
    NetworkNamespaces found = find_network_namespaces(env_.proc);
    // Ids without a visible namespace stay: two of them would otherwise cause a search for each of their events.
    std::erase_if(by_their_id_, [](const auto& entry) { return entry.second.netns != SocketEvent::kUnknownNamespace; });
    by_id_ = missing_ = 0;
    why_missing_.clear();
    for (const auto& f : others_) f->found = false;
    for (NetworkNamespace& place : found.list) {
      if (place.own)
        own_.netns = place.inode;
      else
        find(place);
    }
    if (found.error != 0) miss("network namespaces", error_text(found.error));
    if (found.unknown != 0)
      miss("network namespaces", fmt::format("those of {} processes are not visible", found.unknown));
    close_ended(take);
    next_find_ = env_.clock.now_ns() + std::max(kSecond, kPausePerSearch * (env_.clock.processor_ns() - before));
  }

  void find(NetworkNamespace& place) {
    const auto followed = std::ranges::find(others_, place.inode, [](const auto& f) { return f->netns; });
    const bool has_socket = place.inode != 0 && followed != others_.end();
    if (has_socket) (*followed)->found = true;
    int error = 0;
    if (has_ids_) {
      const Fd fd = open_network_namespace(env_.proc, place, error);
      const std::optional<std::int32_t> id = fd ? ids_.id_of(fd.get(), error) : std::nullopt;
      if (id) by_their_id_[*id] = {place.inode, has_socket};
      if (id && !has_socket) return void(++by_id_);
    }
    if (has_socket) return;
    if (has_ended(error)) return;
    if (!denied_.contains(place.inode))
      error = follow(place);
    else
      error = EPERM;
    if (error == 0 || has_ended(error)) return;
    if (is_denied(error) && place.inode != 0) denied_.insert(place.inode);
    miss("network namespace " + (place.inode != 0 ? fmt::format("net:[{}]", place.inode)
                                                  : fmt::format("of process {}", place.pid.value_or(0))),
         error_text(error));
  }

  /// Opens a socket in the namespace. 0 or errno.
  int follow(const NetworkNamespace& place) {
    auto added = std::make_unique<Followed>();
    added->netns = place.inode;
    int error = EPERM, entering = 0;
    const auto open_inside = [&](Environment& inside, bool only_files) {
      if (!only_files)
        error = added->sockets.open(inside.open_transport, request_.sockets.protocols, request_.sockets.families);
    };
    const std::string problem = read_in_namespace(env_, place, open_inside, &entering);
    if (!problem.empty()) return entering != 0 ? entering : EPERM;
    if (error == 0) error = add(*added);
    if (error == 0) others_.push_back(std::move(added));
    return error;
  }

  /// What ended with the namespace is still shown.
  void close_ended(FunctionRef<void(SocketEvent&&)> take) {
    for (auto& f : others_) {
      if (f->found) continue;
      while (readable(*f)) drain(*f, take);
      loss_.events += broken_in(f->sockets);
      (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, f->sockets.fd(), nullptr);
      closed_.push_back(std::move(f));
    }
    std::erase(others_, nullptr);
  }

  void miss(const std::string& object, const std::string& why) {
    if (missing_++ == 0) why_missing_ = object + ": " + why;
  }

  Environment& env_;
  FollowRequest request_;
  Followed own_;
  std::vector<std::unique_ptr<Followed>> others_;  ///< of namespaces without an id
  std::vector<std::unique_ptr<Followed>> closed_;
  rtnl::NamespaceIds ids_;
  std::unordered_map<std::int32_t, Named> by_their_id_;
  std::set<std::uint64_t> denied_;  ///< inodes of namespaces that may not be entered
  Fd epoll_;
  int epoll_fd_ = -1;
  bool everywhere_ = false, has_ids_ = false;
  std::int64_t next_find_ = 0;
  std::size_t by_id_ = 0, missing_ = 0;
  std::string why_missing_;
  Loss loss_;
};

}  // namespace

std::unique_ptr<EventSource> open_destroy_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<DestroyEvents>(env, request);
  if (const OpenError error = source->open()) return why = error_text(error), nullptr;
  return source;
}

}  // namespace duostat

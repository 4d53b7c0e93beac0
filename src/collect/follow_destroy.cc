// The source `destroy`: what the kernel multicasts of TCP and UDP sockets that end.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>

#include <cerrno>
#include <utility>

#include "src/base/error.h"
#include "src/collect/follow.h"
#include "src/diag/events.h"
#include "src/model/tcp_info.h"

namespace duostat {
namespace {

class DestroyEvents final : public EventSource {
 public:
  DestroyEvents(Clock& clock, const FollowRequest& request) : clock_(clock), request_(request) {}

  OpenError open(const OpenTransport& open_transport) {
    const SocketRequest& wanted = request_.sockets;
    const OpenError error = destroyed_.open(open_transport, wanted.protocols, wanted.families);
    fd_ = destroyed_.fd();
    return error;
  }

  std::span<const int> descriptors() const override { return fd_ < 0 ? std::span<const int>() : std::span(&fd_, 1); }
  std::int64_t pause_ns() const override { return fd_ < 0 ? 0 : kIdle; }

  bool read(FunctionRef<void(SocketEvent&&)> take) override {
    constexpr int kMost = 1024;  // then signals and the end of the time are looked at
    for (int i = 0; i < kMost && readable(); ++i) {
      const int error = destroyed_.next([&](std::span<const Socket> sockets) {
        for (const Socket& socket : sockets) offer(socket, take);
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

  Loss loss() override {
    const std::uint64_t broken = destroyed_.coverage().malformed + destroyed_.coverage().truncated;
    Loss all = loss_;
    all.events += broken;
    if (broken != 0 && all.why.empty()) all.why = "malformed or truncated messages";
    return all;
  }

 private:
  static constexpr std::int64_t kIdle = 1'000'000'000;

  bool readable() const {
    if (fd_ < 0) return true;
    pollfd one{fd_, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
  }

  void offer(const Socket& socket, FunctionRef<void(SocketEvent&&)> take) {
    if (!is_asked(request_, socket, State::unknown, socket.state)) return;
    SocketEvent event = event_about(socket);
    event.kind = EventKind::gone;
    event.time_ns = clock_.now_ns();
    // Without a peer's port it was a listener, or never connected.
    if (socket.protocol == Protocol::tcp && socket.remote.port != 0 && socket.has(Field::tcp_info)) {
      const auto& info = socket.inet->tcp_info;
      if (info.has(&TcpInfo::bytes_acked)) event.sent = info.value.bytes_acked;
      if (info.has(&TcpInfo::bytes_received)) event.received = info.value.bytes_received;
    }
    take(std::move(event));
  }

  Clock& clock_;
  FollowRequest request_;
  DestroyedSockets destroyed_;
  int fd_ = -1;
  Loss loss_;
};

}  // namespace

std::unique_ptr<EventSource> open_destroy_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<DestroyEvents>(env.clock, request);
  if (const OpenError error = source->open(env.open_transport)) return why = error_text(error), nullptr;
  return source;
}

}  // namespace duostat

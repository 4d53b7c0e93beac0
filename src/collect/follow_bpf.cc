// The source `bpf`: a program on the tracepoint inet_sock_set_state, which vanishes with the process.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "src/bpf/state_program.h"
#include "src/collect/follow.h"
#include "src/collect/state_tracker.h"
#include "src/collect/time_merge.h"

namespace duostat {
namespace {

StateRecord record_of(const StateChange& change) {
  constexpr std::uint16_t kTcp = 6;
  StateRecord r;
  r.time_ns = static_cast<std::int64_t>(change.time_ns);
  r.key = change.key;
  r.before = static_cast<State>(change.before);
  r.after = static_cast<State>(change.after);
  r.family = static_cast<Family>(change.family);
  r.ip_protocol = kTcp;
  r.local.port = ntohs(change.local_port);
  r.remote.port = ntohs(change.remote_port);
  std::memcpy(r.local.address.data(), change.local, sizeof change.local);
  std::memcpy(r.remote.address.data(), change.remote, sizeof change.remote);
  r.local.family = r.remote.family = r.family;
  r.pid = change.pid;
  r.comm = change.comm;
  r.cookie = change.cookie;
  r.netns = change.netns;
  r.sent = change.acked;
  r.received = change.received;
  return r;
}

class BpfEvents final : public EventSource {
 public:
  BpfEvents(Environment& env, const FollowRequest& request) : env_(env), owners_(request.owners), tracker_(request) {}

  std::string open() {
    if (env_.bpf == nullptr) return "the kernel of this host cannot be asked";
    struct stat about;
    PidNamespace reader;
    // Without it no process has an id.
    if (::stat("/proc/self/ns/pid", &about) == 0) reader = {about.st_dev, about.st_ino};
    BpfFailure failure;
    changes_ = StateChanges::open(*env_.bpf, reader, failure);
    return changes_ ? std::string() : text_of(failure);
  }

  std::span<const int> descriptors() const override { return {}; }
  std::int64_t pause_ns() const override { return kPause; }

  bool read(FunctionRef<void(SocketEvent&&)> take) override {
    const std::int64_t now = env_.clock.now_ns();
    changes_->read([&](const StateChange& change) {
      StateRecord record = record_of(change);
      // The program tells the name, but not whether it is a thread of the kernel.
      if (owners_ && is_change_by_owner(record) && !process_name(env_.proc, record.pid)) record.pid = 0;
      const std::int64_t time = record.time_ns;
      merge_.add(time, std::move(record));
    });
    merge_.flush(now, [&](StateRecord&& record) { tracker_.add(record, take); });
    return true;
  }
  void finish(FunctionRef<void(SocketEvent&&)> take) override {
    merge_.flush_all([&](StateRecord&& record) { tracker_.add(record, take); });
  }
  std::uint64_t late() const override { return merge_.late(); }

  Loss loss() override {
    Loss loss;
    loss.events = changes_->lost();
    if (loss.events != 0) loss.why = "the ring was full: read too late";
    return loss;
  }

 private:
  static constexpr std::int64_t kPause = 50'000'000;

  Environment& env_;
  bool owners_;
  StateTracker tracker_;
  std::unique_ptr<StateChanges> changes_;
  TimeMerge<StateRecord> merge_;
};

}  // namespace

std::unique_ptr<EventSource> open_bpf_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<BpfEvents>(env, request);
  why = source->open();
  return why.empty() ? std::move(source) : nullptr;
}

}  // namespace duostat

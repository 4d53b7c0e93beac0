// The source `bpf`: a program on the tracepoint inet_sock_set_state, which vanishes with the process.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "src/bpf/state_program.h"
#include "src/collect/follow.h"
#include "src/collect/trace_source.h"

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

class BpfEvents final : public TraceSource {
 public:
  using TraceSource::TraceSource;

  std::string open() {
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

  Loss loss() override {
    Loss loss;
    loss.events = changes_->lost();
    if (loss.events != 0) loss.why = "the ring was full: read too late";
    return loss;
  }

 private:
  static constexpr std::int64_t kPause = 50'000'000;

  void pull(FunctionRef<void(StateRecord&&)> add) override {
    changes_->read([&](const StateChange& change) {
      StateRecord record = record_of(change);
      // The program tells the name, but not whether it is a thread of the kernel.
      if (owners_ && is_change_by_owner(record) && !process_name(env_.proc, record.pid)) record.pid = 0;
      add(std::move(record));
    });
  }

  std::unique_ptr<StateChanges> changes_;
};

}  // namespace

std::unique_ptr<EventSource> open_bpf_events(Environment& env, const FollowRequest& request, std::string& why) {
  auto source = std::make_unique<BpfEvents>(env, request);
  why = source->open();
  return why.empty() ? std::move(source) : nullptr;
}

}  // namespace duostat

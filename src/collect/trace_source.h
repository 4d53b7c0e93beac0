// What the sources on the kernel's tracepoint for states do alike: merge the records of all processors by time, and
// make events of them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <utility>

#include "src/collect/follow.h"
#include "src/collect/state_tracker.h"
#include "src/collect/time_merge.h"

namespace duostat {

class TraceSource : public EventSource {
 public:
  TraceSource(Environment& env, const FollowRequest& request)
      : env_(env), owners_(request.owners), tracker_(request) {}

  bool read(FunctionRef<void(SocketEvent&&)> take) override {
    const std::int64_t now = env_.clock.now_ns();
    pull([&](StateRecord&& record) {
      const std::int64_t time = record.time_ns;
      merge_.add(time, std::move(record));
    });
    if (Loss lost = loss(); lost != told_) {
      told_ = std::move(lost);
      tracker_.lost(env_.clock.now_ns());
    }
    merge_.flush(now, [&](StateRecord&& record) { tracker_.add(record, take); });
    return true;
  }
  void finish(FunctionRef<void(SocketEvent&&)> take) override {
    merge_.flush_all([&](StateRecord&& record) { tracker_.add(record, take); });
  }
  std::uint64_t late() const override { return merge_.late(); }

 protected:
  /// Passes every record that the kernel has.
  virtual void pull(FunctionRef<void(StateRecord&&)> add) = 0;

  Environment& env_;
  const bool owners_;

 private:
  StateTracker tracker_;
  TimeMerge<StateRecord> merge_;
  Loss told_;
};

}  // namespace duostat

// Puts records of several buffers in the order of time.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "src/base/function_ref.h"

namespace duostat {

/// Each record waits for the length of a window, so that an earlier one of another buffer can overtake it. Records of
/// one time keep their order.
template <class T>
class TimeMerge {
 public:
  static constexpr std::int64_t kWindowNs = 100'000'000;

  /// `time_ns` on the clock of flush().
  void add(std::int64_t time_ns, T&& record) {
    if (time_ns < passed_) ++late_;
    waiting_.emplace(time_ns, std::move(record));
  }

  /// Passes the records that are as old as the window, or every one.
  void flush(std::int64_t now_ns, FunctionRef<void(T&&)> take) { pass(now_ns - kWindowNs, take); }
  void flush_all(FunctionRef<void(T&&)> take) { pass(std::numeric_limits<std::int64_t>::max(), take); }

  bool empty() const noexcept { return waiting_.empty(); }
  /// Records that came after a later one had been passed. They are passed nevertheless.
  std::uint64_t late() const noexcept { return late_; }

 private:
  void pass(std::int64_t until_ns, FunctionRef<void(T&&)> take) {
    while (!waiting_.empty() && waiting_.begin()->first <= until_ns) {
      const auto first = waiting_.begin();
      if (first->first > passed_) passed_ = first->first;
      take(std::move(first->second));
      waiting_.erase(first);
    }
  }

  std::multimap<std::int64_t, T> waiting_;
  std::int64_t passed_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t late_ = 0;
};

}  // namespace duostat

// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"

#include <ctime>

namespace duostat {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace

std::int64_t SystemClock::now_ns() { return read(CLOCK_MONOTONIC); }
std::int64_t SystemClock::wall_ns() { return read(CLOCK_REALTIME); }

void SystemClock::sleep_ns(std::int64_t duration) {
  const timespec wanted{static_cast<std::time_t>(duration / kSecond), static_cast<long>(duration % kSecond)};
  nanosleep(&wanted, nullptr);
}

}  // namespace duostat

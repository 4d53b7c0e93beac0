// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"

#include <poll.h>

#include <ctime>

namespace duostat {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

timespec timespec_of(std::int64_t ns) {
  return {static_cast<std::time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

}  // namespace

std::int64_t SystemClock::now_ns() { return read(CLOCK_MONOTONIC); }
std::int64_t SystemClock::wall_ns() { return read(CLOCK_REALTIME); }
std::int64_t SystemClock::processor_ns() { return read(CLOCK_PROCESS_CPUTIME_ID); }

void SystemClock::sleep_ns(std::int64_t duration) {
  const timespec wanted = timespec_of(duration);
  nanosleep(&wanted, nullptr);
}

void SystemClock::sleep_with_mask(std::int64_t duration, const sigset_t& mask) {
  const timespec wanted = timespec_of(duration);
  ppoll(nullptr, 0, &wanted, &mask);
}

}  // namespace duostat

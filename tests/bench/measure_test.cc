// The counts of a measured piece of work, and the clean-up.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/measure.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

using namespace duostat;
using namespace duostat::bench;

namespace {

constexpr int kThreads = 3, kTimes = 1000, kStarting = 500;  // starting and joining a thread takes some calls too

void call(int times) {
  for (int i = 0; i < times; ++i) (void)::syscall(SYS_getppid);
}

/// True if this process may trace its children.
bool traceable(Interrupt& interrupt) { return count(interrupt, [] { return WorkReport{}; }).system_calls.has_value(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_measure)

BOOST_AUTO_TEST_CASE(system_calls_of_the_only_thread_are_exact) {
  Interrupt interrupt;
  if (!traceable(interrupt)) return;
  for (const int times : {0, 1, 7, 500}) {
    const Counted counted = count(interrupt, [times] { return call(times), WorkReport{}; });
    BOOST_REQUIRE(counted.system_calls);
    BOOST_TEST(*counted.system_calls == static_cast<std::uint64_t>(times));
  }
}

BOOST_AUTO_TEST_CASE(system_calls_of_every_thread_are_counted) {
  Interrupt interrupt;
  if (!traceable(interrupt)) return;
  const Counted counted = count(interrupt, [] {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(call, kTimes);
    call(kTimes);
    for (std::thread& thread : threads) thread.join();
    return WorkReport{};
  });
  BOOST_REQUIRE(counted.system_calls);
  BOOST_TEST(*counted.system_calls >= static_cast<std::uint64_t>((kThreads + 1) * kTimes));
  BOOST_TEST(*counted.system_calls < static_cast<std::uint64_t>((kThreads + 1) * kTimes + kThreads * kStarting));
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_counting_of_threads) {
  Interrupt interrupt;
  ::raise(SIGTERM);
  const Counted counted = count(interrupt, [] {
    std::thread other([] { call(1000); });
    other.join();
    return WorkReport{};
  });
  BOOST_TEST(!counted.system_calls.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

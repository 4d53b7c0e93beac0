// main() of every unit-test program: runs Boost.Test and reports each case as one TAP line on standard output.
// Boost.Test's own messages (which check failed, where) go to standard error.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#define BOOST_TEST_NO_MAIN
#include <boost/cstdlib.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/test/unit_test_log.hpp>
#include <cstdio>
#include <iostream>

namespace {

namespace bt = boost::unit_test;

class TapObserver : public bt::test_observer {
 public:
  // Runs after the framework's own observer of set-up errors, which has priority 0: an observer that is called before
  // the framework's makes run() read a flag that is not yet set, and fail at random (Boost 1.74).
  int priority() override { return 5; }
  void test_start(bt::counter_t cases, bt::test_unit_id) override {
    std::printf("1..%lu\n", static_cast<unsigned long>(cases));
    std::fflush(stdout);
  }
  void test_unit_finish(const bt::test_unit& unit, unsigned long) override {
    if (unit.p_type != bt::TUT_CASE) return;
    const auto& result = bt::results_collector.results(unit.p_id);
    std::printf("%s %lu - %s\n", result.passed() ? "ok" : "not ok", ++number_, unit.full_name().c_str());
    std::fflush(stdout);
  }
  void test_unit_skipped(const bt::test_unit& unit, bt::const_string reason) override {
    if (unit.p_type != bt::TUT_CASE) return;
    std::printf("ok %lu - %s # SKIP %.*s\n", ++number_, unit.full_name().c_str(), static_cast<int>(reason.size()),
                reason.begin());
  }

 private:
  unsigned long number_ = 0;
};

TapObserver observer;

bool initialise() {
  bt::framework::master_test_suite().p_name.value = bt::framework::master_test_suite().argv[0];
  bt::framework::register_observer(observer);
  bt::unit_test_log.set_stream(std::cerr);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  // The TAP has the result of each case; the driver would count a nonzero status again.
  const int status = bt::unit_test_main(&initialise, argc, argv);
  return status == boost::exit_test_failure ? 0 : status;
}

// Signals that end a run, and signals that must not.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/interrupt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>

using namespace duostat;

namespace {

/// The status of a child that runs `body`, as waitpid(2) reports it.
int status_of(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupt)

BOOST_AUTO_TEST_CASE(a_signal_is_noticed) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = status_of([number] {
      std::signal(number, SIG_DFL);
      Interrupt interrupt;
      std::raise(number);
      return interrupt.raised() && interrupt.signal() == number ? 0 : 1;
    });
    BOOST_TEST(status == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_was_ignored_stays_ignored) {  // nohup(1); a shell's background jobs ignore SIGINT
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = status_of([number] {
      std::signal(number, SIG_IGN);
      Interrupt interrupt;
      std::raise(number);
      return interrupt.raised() ? 1 : 0;
    });
    BOOST_TEST(status == 0);
  }
}

BOOST_AUTO_TEST_CASE(signals_after_the_first_end_nothing) {
  const int status = status_of([] {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
    {
      Interrupt interrupt;
      std::raise(SIGINT);
      if (!interrupt.raised()) return 1;
      std::raise(SIGTERM);
      std::raise(SIGINT);
    }
    std::raise(SIGHUP);  // before the program exits
    return 42;
  });
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 42);
}

BOOST_AUTO_TEST_CASE(a_signal_that_nobody_looked_at_is_not_lost) {
  const int status = status_of([] {
    std::signal(SIGTERM, SIG_DFL);
    {
      Interrupt interrupt;
      std::raise(SIGTERM);
    }
    return 0;
  });
  BOOST_TEST(WIFSIGNALED(status));
  BOOST_TEST(WTERMSIG(status) == SIGTERM);
}

BOOST_AUTO_TEST_SUITE_END()

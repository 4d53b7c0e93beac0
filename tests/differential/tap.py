# Test Anything Protocol for tests in Python.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import sys


def skip_all(reason):
    """Ends the test: none of it can run here."""
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


class Tap:
    """Prints a line for each case, and the plan at the end."""

    def __init__(self):
        self.number = 0

    def report(self, good, what, *why):
        """`why` is printed if the case failed: at most 20 lines of each."""
        self.number += 1
        print(f"{'' if good else 'not '}ok {self.number} - {what}")
        for reason in () if good else why[:20]:
            for line in str(reason).splitlines()[:20]:
                print(f"#   {line[:600]}")
        sys.stdout.flush()

    def ok(self, what, problems):
        """The case is good without problems."""
        self.report(not problems, what, *problems)

    def skip(self, what, reason):
        self.number += 1
        print(f"ok {self.number} - {what} # SKIP {reason}")

    def plan(self):
        print(f"1..{self.number}")

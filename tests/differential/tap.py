# Test Anything Protocol for tests in Python.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
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

    def same(self, what, wanted, got):
        self.report(wanted == got, what, f"expected: {wanted!r}", f"got:      {got!r}")

    def skip(self, what, reason):
        self.number += 1
        print(f"ok {self.number} - {what} # SKIP {reason}")

    def valid(self, kind, document):
        """The document keeps to doc/schema/KIND.json."""
        what = f"a valid document of kind {kind}"
        try:
            import jsonschema
        except ImportError:
            return self.skip(what, "python3-jsonschema is not installed")
        with open(os.path.join(os.environ.get("top_srcdir", "."), "doc", "schema", kind + ".json")) as file:
            schema = jsonschema.Draft7Validator(json.load(file))
        self.ok(what, [error.message for error in schema.iter_errors(document)])

    def plan(self):
        print(f"1..{self.number}")

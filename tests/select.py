# What dev/test is told to run, as words for the shell. A NAME is a test as in tests/local.mk, the end of its path (mode_json.sh,
# test_diag), or a golden case (NAME or SUITE/NAME). TEST:CASE is one case of a unit test (a name as in the TAP; * is a wildcard), or
# of another test that takes one: those whose name contains CASE.
#
#   select.py NAME...      prints TESTS, a line with the programs that they call, then a line VARIABLE=VALUE for each variable to set
#
# Status 2 if a name is unknown; standard error then has the nearest.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import pathlib
import re
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
# Tests that read the variable.
TAKE_A_WORD = {f"tests/differential/{name}.sh" for name in ("columns_json", "json", "netstat", "random", "ss")} | {"tests/agree/replay_live.sh"}
# What scripts of these folders call besides duostat.
HELPERS = "tests/differential/hold tests/live/inject"
WITH_HELPERS = {"agree", "differential", "live", "vm"}


class Unknown(Exception):
    pass


def all_tests():
    text = re.sub(r"\\\n", " ", (ROOT / "tests/local.mk").read_text())
    lines = re.findall(r"^(?:TESTS|unit_tests) *\+= *(.*)$", text, re.M)
    return [word for line in lines for word in line.split() if not word.startswith("$")]


def golden_cases():
    """SUITE/NAME of every case."""
    return [f"{table.parent.name}/{line.split(chr(9))[0]}" for table in sorted((ROOT / "tests/golden").glob("*/cases.tsv"))
            for line in table.read_text().splitlines() if line and not line.startswith("#")]


def with_end(names, end):
    """The names that are `end`, or else those whose path ends so."""
    return [end] if end in names else [name for name in names if f"/{name}".endswith(f"/{end}")]


def nearest(word, names):
    short = {name.rsplit("/", 1)[-1]: name for name in names}
    close = difflib.get_close_matches(word.rsplit("/", 1)[-1], [*short, *names], 3, 0.5)
    return list(dict.fromkeys(short.get(name, name) for name in close))


def unknown(word, names):
    close = nearest(word, names)
    return Unknown(f'no test or case is named "{word}"' + (f"; the nearest: {', '.join(close)}" if close else ""))


class Selection:
    def __init__(self):
        self.tests, self.variables = [], {}
        self.known_tests, self.known_cases = all_tests(), golden_cases()

    def add(self, word):
        name, colon, case = word.partition(":")
        tests = with_end(self.known_tests, name)
        if colon:
            self.add_case(tests, name, case)
        elif tests:
            self.tests += tests
        else:
            self.add_golden(with_end(self.known_cases, word), word)

    def add_golden(self, cases, word):
        if not cases:
            raise unknown(word, self.known_tests + self.known_cases)
        self.tests += [f"tests/golden/{case.split('/')[0]}/run.sh" for case in cases]
        self.variables["DUOSTAT_TEST_CASES"] = " ".join(filter(None, [self.variables.get("DUOSTAT_TEST_CASES"), *cases]))

    def add_case(self, tests, name, case):
        if not tests:
            raise unknown(name, self.known_tests)
        test = tests[0]
        if test.startswith("tests/golden/"):
            suite = test.split("/")[2]
            self.add_golden([c for c in self.known_cases if c == f"{suite}/{case}"], f"{suite}/{case}")
            return
        if "/test_" in test:
            variable = "BOOST_TEST_RUN_FILTERS"
        elif test in TAKE_A_WORD:
            variable = "DUOSTAT_TEST_WORD"
        else:
            raise Unknown(f"{test} runs as a whole: it takes no case")
        if self.variables.get(variable, case) != case:
            raise Unknown(f'one case a run: "{self.variables[variable]}" or "{case}"')
        self.tests.append(test)
        self.variables[variable] = case

    def check_mixture(self):
        """A whole suite beside single cases would run without the others."""
        whole = {test for test in self.tests if test.startswith("tests/golden/")}
        wanted = {f"tests/golden/{case.split('/')[0]}/run.sh" for case in self.variables.get("DUOSTAT_TEST_CASES", "").split()}
        if wanted and whole - wanted:
            raise Unknown(f"single cases and whole golden suites ({', '.join(sorted(whole - wanted))}) need two runs")


def main():
    selection = Selection()
    try:
        for word in sys.argv[1:]:
            selection.add(word)
        selection.check_mixture()
    except Unknown as error:
        print(f"dev/test: {error}", file=sys.stderr)
        return 2
    print(" ".join(dict.fromkeys(selection.tests)))
    print(HELPERS if WITH_HELPERS & {test.split("/")[1] for test in selection.tests} else "")
    for variable, value in selection.variables.items():
        print(f"{variable}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

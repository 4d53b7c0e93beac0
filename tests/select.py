# Finds the tests that dev/test is asked for. A NAME is a test as in tests/local.mk, the end of its path (mode_json.sh,
# test_diag), or a golden case (NAME or SUITE/NAME). TEST:CASE is a case of a unit test by its name in the TAP (* is a
# wildcard), or the cases of another test whose name contains CASE.
#
#   select.py NAME...      prints a line with the tests, a line with the programs that they call, and a line
#                          VARIABLE=VALUE for each variable to set
#
# Exit status 2 if a name is unknown; standard error then suggests the nearest.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import pathlib
import re
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
# Tests that read the variable.
TAKE_A_WORD = {"tests/differential/columns_json.sh", "tests/differential/json.sh", "tests/differential/netstat.sh",
               "tests/differential/random.sh", "tests/differential/ss.sh", "tests/agree/replay_live.sh"}
# What scripts of these folders call besides duostat.
HELPERS = "tests/differential/hold tests/live/inject"
WITH_HELPERS = {"agree", "differential", "live", "vm"}
FUZZ = "tests/fuzz/run.sh"


class Unknown(Exception):
    pass


def all_tests():
    text = re.sub(r"\\\n", " ", (ROOT / "tests/local.mk").read_text())
    lines = re.findall(r"^(?:TESTS|unit_tests|uninstrumented_tests) *\+= *(.*)$", text, re.M)
    return [word for line in lines for word in line.split() if not word.startswith("$")]


def golden_cases():
    """SUITE/NAME of every case."""
    tables = sorted((ROOT / "tests/golden").glob("*/cases.tsv"))
    return [f"{table.parent.name}/{name}" for table in tables
            for name in re.findall(r"^([^#\t\n]+)\t", table.read_text(), re.M)]


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
        self.tests, self.golden, self.variables = [], [], {}
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
        self.golden += cases
        self.variables["DUOSTAT_TEST_CASES"] = " ".join(self.golden)

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
        wanted = {f"tests/golden/{case.split('/')[0]}/run.sh" for case in self.golden}
        if wanted and whole - wanted:
            raise Unknown(f"single cases and whole golden suites ({', '.join(sorted(whole - wanted))}) need two runs")


def programs_of(tests):
    """The programs that these tests call besides duostat."""
    programs = HELPERS.split() if WITH_HELPERS & {test.split("/")[1] for test in tests} else []
    if FUZZ in tests:
        names = re.findall(r"^([a-z]\w*) ", (ROOT / "tests/fuzz/targets").read_text(), re.M)
        programs += [f"tests/fuzz/fuzz_{name}" for name in names]
    return programs


def main():
    selection = Selection()
    try:
        for word in sys.argv[1:]:
            selection.add(word)
        selection.check_mixture()
    except Unknown as error:
        print(f"dev/test: {error}", file=sys.stderr)
        return 2
    if FUZZ in selection.tests:
        selection.variables["DUOSTAT_TEST_FUZZ"] = "yes"
    print(" ".join(dict.fromkeys(selection.tests)))
    print(" ".join(programs_of(selection.tests)))
    for variable, value in selection.variables.items():
        print(f"{variable}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

# How many of generated cases run: DUOSTAT_TEST_EFFORT is quick, full, or not set.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

EFFORT = os.environ.get("DUOSTAT_TEST_EFFORT", "")
# Whoever takes samples starts the program hundreds of times. An instrumented one spends a third of its time in
# searching for leaks at its end, which unit tests, golden cases and tests of single commands do as well.
if EFFORT == "quick":
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")


def sample(cases, step=7):
    """Every `step`th case with effort quick, otherwise all. DUOSTAT_TEST_SAMPLE is the first: two runs with different
    numbers take different cases, as CI's two runs do."""
    cases = list(cases)
    return cases[int(os.environ.get("DUOSTAT_TEST_SAMPLE", "0")) % step::step] if EFFORT == "quick" else cases

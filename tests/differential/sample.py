# How many of generated cases run: DUOSTAT_TEST_EFFORT is quick, full, or not set.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

EFFORT = os.environ.get("DUOSTAT_TEST_EFFORT", "")


def sample(cases, step=7):
    """Every `step`th case with effort quick, otherwise all. Two runs with different DUOSTAT_TEST_SAMPLE (a number) take different
    cases: CI's run with sanitizers begins at another one than the run without."""
    cases = list(cases)
    return cases[int(os.environ.get("DUOSTAT_TEST_SAMPLE", "0")) % step::step] if EFFORT == "quick" else cases

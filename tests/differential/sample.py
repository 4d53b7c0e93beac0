# How many of generated cases run: DUOSTAT_TEST_EFFORT is quick, full, or not set.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

EFFORT = os.environ.get("DUOSTAT_TEST_EFFORT", "")


def sample(cases, step=7):
    """Every `step`th case with effort quick, otherwise all. DUOSTAT_TEST_SAMPLE is the first: two runs with different
    numbers take different cases, as CI's two runs do."""
    cases = list(cases)
    return cases[int(os.environ.get("DUOSTAT_TEST_SAMPLE", "0")) % step::step] if EFFORT == "quick" else cases

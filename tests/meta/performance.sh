#!/bin/sh
# The tables of doc/performance.md match the measurements in doc/performance.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
run python3 "$top_srcdir/doc/performance/tables.py" --check
check "doc/performance.md has the figures of its JSON" "" "$err"
matches "  and has tables" '^[1-9][0-9]* tables$' "$out"
done_testing

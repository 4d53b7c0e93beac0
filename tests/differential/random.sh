#!/bin/sh
# Command lines, filters and dumps by lot: ours against the installed ss and netstat. Speaks TAP; main.py says how it is
# done.
#
# SPDX-License-Identifier: GPL-2.0-or-later
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/differential/main.py" random "$top_builddir/duostat" \
  "$top_builddir/tests/differential/hold" "${1-$DUOSTAT_TEST_WORD}"

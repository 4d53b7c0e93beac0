#!/bin/sh
# Every cell of --columns against JSON, over a captured zoo. Speaks TAP; columns_json.py says what is tested.
#
# SPDX-License-Identifier: GPL-2.0-or-later
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/differential/columns_json.py" "$top_srcdir" "$top_builddir/duostat" \
  "$top_builddir/tests/differential/hold" "${1-$DUOSTAT_TEST_WORD}"

#!/bin/sh
# Ours called netstat against the installed netstat. Speaks TAP; main.py says how it is done.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/differential/main.py" netstat "$top_builddir/duostat" \
  "$top_builddir/tests/differential/hold" "${1-$DUOSTAT_TEST_WORD}"

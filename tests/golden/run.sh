#!/bin/sh
# Runs a suite of golden tests: run.sh SUITE. See run.py.
#
# SPDX-License-Identifier: GPL-2.0-or-later
if ! command -v python3 >/dev/null 2>&1; then
  echo "1..0 # SKIP python3 is not installed"
  exit 0
fi
exec python3 "$top_srcdir/tests/golden/run.py" "$1" "$top_builddir/duostat" "$("$top_srcdir/tests/byte_order.sh")"

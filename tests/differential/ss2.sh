#!/bin/sh
# Ours called ss2 against pyroute2's ss2. Speaks TAP; ss2.py says how it is done.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/differential/ss2.py" "$top_builddir/duostat" "$top_builddir/tests/differential/hold"

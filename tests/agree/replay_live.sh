#!/bin/sh
# A capture made by root, replayed by an unprivileged user: the bytes of the live run. Speaks TAP; replay_live.py
# describes the method.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/agree/replay_live.py" "$top_builddir/duostat" "$top_builddir/tests/differential/hold" \
  "${1-$DUOSTAT_TEST_WORD}"

#!/bin/sh
# What `duostat explain` says: tests/golden/explain/INDEX lists the commands. With --record the expected texts are written anew.
#
# SPDX-License-Identifier: GPL-2.0-or-later
if ! command -v python3 >/dev/null 2>&1; then
  echo "1..0 # SKIP python3 is not installed"
  exit 0
fi
exec python3 "${top_srcdir:-.}/tests/golden/explain/run.py" "$@"

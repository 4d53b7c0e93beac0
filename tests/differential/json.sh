#!/bin/sh
# Sockets as data, over the zoo. Speaks TAP; sockets_json.py says what is tested.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
# The schema's validator and pyroute2 may be known to the system's interpreter alone.
choose() {
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))' "$@" \
      2>/dev/null && return
  done
  python=python3
  return 1
}
choose jsonschema pyroute2 || choose jsonschema || choose pyroute2
exec "$python" "$top_srcdir/tests/differential/sockets_json.py" "$top_srcdir" "$top_builddir/duostat" \
  "$top_builddir/tests/differential/hold" "${1-$DUOSTAT_TEST_WORD}"

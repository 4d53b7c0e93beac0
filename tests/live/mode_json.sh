#!/bin/sh
# JSON of the views that are not socket lists, live, from both backends, checked against its schemas. mode_json.py has
# the details.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
python=
for candidate in python3 /usr/bin/python3; do
  command -v "$candidate" >/dev/null 2>&1 || continue
  python=${python:-$candidate}
  if "$candidate" -c 'import jsonschema' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec "$python" "$top_srcdir/tests/live/mode_json.py" "$top_builddir/duostat" "$top_srcdir/doc/schema"

#!/bin/sh
# Sockets as data, over the zoo. Speaks TAP; sockets_json.py says what is tested.
#
# SPDX-License-Identifier: GPL-2.0-or-later
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
python=python3
# The schema's validator may be known to the system's interpreter alone.
python3 -c 'import jsonschema' 2>/dev/null || ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || python=/usr/bin/python3
exec "$python" "$top_srcdir/tests/differential/sockets_json.py" "$top_srcdir" "$top_builddir/duostat" "$top_builddir/tests/differential/hold" "$@"

#!/bin/sh
# Our own options on the views that are not socket lists, and their other source if /proc is missing. record_views.py
# has the details.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
exec python3 "$top_srcdir/tests/live/record_views.py" "$top_builddir/duostat"

#!/bin/sh
# Names of UNIX sockets that forge rows of /proc/net/unix: netstat shows only existing sockets. unix_names.py has the
# details.
#
# SPDX-License-Identifier: GPL-2.0-or-later
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
flags=-n
[ "$(id -u)" = 0 ] || flags=-rn
unshare $flags true 2>/dev/null || { echo "1..0 # SKIP no private network namespace (unshare $flags)"; exit 0; }
exec unshare $flags python3 "$top_srcdir/tests/live/unix_names.py" "$top_builddir/duostat"

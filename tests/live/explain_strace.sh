#!/bin/sh
# The plans of duostat explain compared with what strace(1) sees the command do.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

for tool in python3 strace unshare; do command -v $tool >/dev/null 2>&1 || skip_all "$tool is not installed"; done
unshare -n true 2>/dev/null || skip_all "no network namespace of its own"
strace -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
rm -rf "$work"
exec unshare -n python3 "$top_srcdir/tests/live/explain_strace.py" "$duostat"

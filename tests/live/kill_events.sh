#!/bin/sh
# ss -K and -E on live sockets of a private network namespace, compared with the original if available: the program that
# DUOSTAT_REFERENCE_SS names, or an installed ss of iproute2 7.1 or later (earlier versions have more blanks at the ends
# of rows).
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
unshare -n true 2>/dev/null || skip_all "no private network namespace (unshare -n)"
reference=${DUOSTAT_REFERENCE_SS:-$(command -v ss)}
case $("${reference:-false}" -V 2>/dev/null) in
  *duostat*) reference= ;;
  *iproute2-[7-9].[1-9]* | *iproute2-[8-9].* | *iproute2-[1-9][0-9].*) ;;
  *) reference= ;;
esac
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
# An ordinary user must be able to run the programs wherever they were built.
cp -L "$duostat" "$work/ss" && chmod 755 "$work/ss"
if [ -n "$reference" ]; then mkdir "$work/original" && cp -L "$reference" "$work/original/ss" &&
  chmod -R a+rX "$work/original"; fi
timeout 180 unshare -n python3 "$top_srcdir/tests/live/kill_events.py" "$work/ss" ${reference:+"$work/original/ss"}

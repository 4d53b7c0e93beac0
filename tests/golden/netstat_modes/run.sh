#!/bin/sh
# netstat's routes, groups, counters and rare families on trees of tests/data/netstat. INDEX lists the cases; the runner and its
# --record are those of the socket listing.
#
# SPDX-License-Identifier: GPL-2.0-or-later
GOLDEN_SUITE=netstat_modes
export GOLDEN_SUITE
exec "${top_srcdir:-.}/tests/golden/netstat/run.sh" "$@"

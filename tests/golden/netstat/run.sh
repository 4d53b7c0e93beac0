#!/bin/sh
# What netstat's listing of sockets, routes, groups and counters prints from the proc trees of tests/data/netstat.
#
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$top_srcdir/tests/golden/run.sh" netstat

#!/bin/sh
# What netstat's modes other than the socket listing print from the proc trees of tests/data/netstat.
#
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$top_srcdir/tests/golden/run.sh" netstat_modes

#!/bin/sh
# What `duostat explain` says of a command, without what depends on the machine.
#
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$top_srcdir/tests/golden/run.sh" explain

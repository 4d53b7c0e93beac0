#!/bin/sh
# Replaces all unit tests if they cannot be built.
#
# SPDX-License-Identifier: GPL-2.0-or-later
echo "1..0 # SKIP no unit test was built: configure could not link Boost.Test"

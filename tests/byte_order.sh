#!/bin/sh
# Prints the byte order of the program under test: "little" or "big". Recorded binary data (netlink dumps, captures, the
# bytes of requests) come from a little-endian machine, and tests that read them are skipped on big-endian machines.
#
# SPDX-License-Identifier: GPL-2.0-or-later
if [ -n "$DUOSTAT_TEST_BYTE_ORDER" ]; then
  echo "$DUOSTAT_TEST_BYTE_ORDER"
elif [ "$(printf '\001\000' | od -An -tu2 | tr -d ' ')" = 1 ]; then
  echo little
else
  echo big
fi

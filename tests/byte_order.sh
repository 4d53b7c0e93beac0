#!/bin/sh
# Prints the byte order of the program under test: "little" or "big". Recorded binary data (netlink dumps, captures, the bytes of
# requests) are those of a little-endian machine, and tests of them are skipped on the other order.
#
# SPDX-License-Identifier: GPL-2.0-or-later
if [ -n "$DUOSTAT_TEST_BYTE_ORDER" ]; then
  echo "$DUOSTAT_TEST_BYTE_ORDER"
elif [ "$(printf '\001\000' | od -An -tu2 | tr -d ' ')" = 1 ]; then
  echo little
else
  echo big
fi

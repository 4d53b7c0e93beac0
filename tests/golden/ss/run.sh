#!/bin/sh
# Golden tests of ss: recorded input and words in, exact bytes out, on pipes and terminals.
#
# SPDX-License-Identifier: GPL-2.0-or-later
if ! command -v python3 >/dev/null 2>&1; then
  echo "1..0 # SKIP python3 is not installed"
  exit 0
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
ln -s "$(CDPATH='' cd -- "$top_builddir" && pwd)/duostat" "$work/ss"
byte_order=$("$top_srcdir/tests/byte_order.sh")
python3 "$top_srcdir/tests/golden/ss/run.py" "$work/ss" "$byte_order"

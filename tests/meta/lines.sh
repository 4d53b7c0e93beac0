#!/bin/sh
# No line of code is longer than 120 columns.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
LC_ALL=C.UTF-8 # columns are characters, not bytes
export LC_ALL

# Data that cannot be broken: a row of a file of /proc, a row of the table in dev/setup.
data=' [0-9A-F]{8}:[0-9A-F]{4} |: ASSOC |:ffff8|:(build|test|wish) +(header|library|python):'

cd "$top_srcdir" || exit 99
[ "$(printf 'ä' | grep -c '^.$')" = 1 ] || skip_all "no locale C.UTF-8"
find src compat tests dev .ci -type f \( -name '*.cc' -o -name '*.h' -o -name '*.c' -o -name '*.py' \
  -o -name '*.sh' -o -name '*.mk' -o -path 'dev/*' -o -path '.ci/*' \) ! -path 'tests/data/*' \
  ! -path 'tests/golden/*/*/*' ! -path 'tests/fuzz/corpus/*' ! -path '*/__pycache__/*' | sort >"$work/files"
{ echo Makefile.am; echo configure.ac; } >>"$work/files"
sed -e 's,[^/]*$,,' -e 's,/$,,' -e 's,^$,.,' "$work/files" | sort -u >"$work/folders"

# long FOLDER: the lines of its files that are too long, and where.
long() {
  awk -v folder="$1" '{ place = $0; if (!sub("/[^/]*$", "", place)) place = "."; if (place == folder) print }' \
    "$work/files" |
    xargs grep -nHE '^.{121,}'
}
while read -r folder; do
  check "$folder: lines have at most 120 columns" "" "$(long "$folder" | grep -vE "$data")"
done <"$work/folders"
done_testing

#!/bin/sh
# No line of code is longer than 120 columns.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
LC_ALL=C.UTF-8 # columns are characters, not bytes
export LC_ALL

# Folders that are not clean yet. A folder leaves this list when its lines are mended, and none is added.
not_yet='
.
dev
dev/port.d
tests
tests/agree
tests/base
tests/bench
tests/collect
tests/compat/native
tests/compat/netstat
tests/compat/ss
tests/compat/ss2
tests/diag
tests/differential
tests/fuzz
tests/insight
tests/live
tests/meta
tests/names
tests/procfs
tests/query
tests/render
tests/rtnl
tests/view
tests/vm
'

cd "$top_srcdir" || exit 99
[ "$(printf 'ä' | grep -c '^.$')" = 1 ] || skip_all "no locale C.UTF-8"
find src compat tests dev .ci -type f \( -name '*.cc' -o -name '*.h' -o -name '*.c' -o -name '*.py' -o -name '*.sh' -o -name '*.mk' \
  -o -path 'dev/*' -o -path '.ci/*' \) ! -path 'tests/data/*' ! -path 'tests/golden/*/*/*' ! -path 'tests/fuzz/corpus/*' \
  ! -path '*/__pycache__/*' | sort >"$work/files"
{ echo Makefile.am; echo configure.ac; } >>"$work/files"
sed -e 's,[^/]*$,,' -e 's,/$,,' -e 's,^$,.,' "$work/files" | sort -u >"$work/folders"

# long FOLDER: its files' lines that are too long, and where.
long() {
  awk -v folder="$1" '{ place = $0; if (!sub("/[^/]*$", "", place)) place = "."; if (place == folder) print }' "$work/files" |
    xargs grep -nHE '^.{121,}' | cut -c 1-150
}
while read -r folder; do
  found=$(long "$folder")
  case $not_yet in
    *"
$folder
"*) check "$folder is still in the list of folders with long lines: it has some" yes "$([ -n "$found" ] && echo yes || echo no)" ;;
    *) check "$folder: lines have at most 120 columns" "" "$found" ;;
  esac
done <"$work/folders"
check "folders of the list are there" "" "$(printf '%s' "$not_yet" | grep . | grep -vxFf "$work/folders")"
done_testing

#!/bin/sh
# ShellCheck finds nothing to warn of in the project's shell scripts.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v shellcheck >/dev/null 2>&1 || skip_all "shellcheck is not installed"
cd "$top_srcdir" || exit 99

# SC2154: variables of tests/tap.sh. SC2010: names in listings that the tests make themselves. SC1007: empty values.
# SC3013, SC3045: test -nt and ulimit -n are in every shell that is /bin/sh somewhere.
find compat dev doc packaging tests .ci -type f ! -path 'tests/data/*' ! -path '*/__pycache__/*' \
  -exec awk 'FNR == 1 && /^#!(\/usr\/bin\/env (sh|bash)|\/bin\/(sh|bash))/ { print FILENAME }' {} + |
  sort >"$work/scripts"
while read -r script; do
  check "$script" "" "$(shellcheck -S warning -e SC2154,SC2010,SC1007,SC3013,SC3045 -f gcc "$script" 2>&1)"
done <"$work/scripts"
done_testing

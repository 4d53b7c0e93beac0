#!/bin/sh
# Every lesson of doc/labs runs, and shows what it says.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

DUOSTAT=$(CDPATH='' cd -- "$top_builddir" && pwd)/duostat
export DUOSTAT
for lesson in "$top_srcdir"/doc/labs/[1-9]*.sh "$top_srcdir"/doc/labs/exercise-*.sh; do
  name=${lesson##*/}
  status=0
  sh "$lesson" >"$work/out" 2>&1 || status=$?
  case $status in
    0) pass "$name" ;;
    77) skip "$name" "$(sed -n 's/^SKIP: //p' "$work/out")" ;;
    *) fail "$name" "$(cat "$work/out")" ;;
  esac
  case $status in 77) continue ;; esac
  if grep -q '^-> ' "$work/out" && ! grep -q 'Traceback\|NOT SEEN\|NOT EXPECTED' "$work/out"; then pass "  it says what to see"
  else fail "  it says what to see" "$(cat "$work/out")"; fi
done
check "the instructor's page names every lesson" "$(cd "$top_srcdir/doc/labs" && ls [1-9]*.sh exercise-*.sh)" \
  "$(sed -n 's/.*](\([0-9e][^)]*\.sh\)).*/\1/p' "$top_srcdir/doc/labs/README.md" | grep -v lab.sh | sort)"
done_testing

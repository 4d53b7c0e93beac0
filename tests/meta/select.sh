#!/bin/sh
# dev/test's names: tests, golden cases and TEST:CASE are found, unknown ones are refused with the nearest. Golden cases
# and their files belong together.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"

# select_tests NAME...: $out has the tests, then what else is said.
select_tests() { run python3 "$top_srcdir/tests/select.py" "$@"; }
tests_of() { printf '%s\n' "$out" | head -n 1; }

select_tests tests/base/test_base mode_json.sh
check "a test by its path, another by the end of it" "0 tests/base/test_base tests/live/mode_json.sh" \
  "$status $(tests_of)"
matches "  what the tests call is compiled" "^tests/differential/hold tests/live/inject$" "$out"
select_tests ss/table-not routes-n
check "golden cases: their suites" "0 tests/golden/ss/run.sh tests/golden/netstat_modes/run.sh" "$status $(tests_of)"
matches "  and no others of them" "^DUOSTAT_TEST_CASES=ss/table-not netstat_modes/routes-n$" "$out"
select_tests test_query:parser/one
matches "a case of a unit test" "^BOOST_TEST_RUN_FILTERS=parser/one$" "$out"
select_tests ss.sh:-tan
matches "cases of a differential test" "^DUOSTAT_TEST_WORD=-tan$" "$out"
select_tests tests/meta/lines.sh:one
check "a test that takes no case: refused" 2 "$status"
select_tests routes-m
check "an unknown name: refused" 2 "$status"
matches "  with the nearest" "routes-n" "$err"
select_tests ss/table-not tests/golden/netstat/run.sh
check "a single case beside another whole suite: refused" 2 "$status"

for table in "$top_srcdir"/tests/golden/*/cases.tsv; do
  suite=${table%/cases.tsv}
  grep -v '^#' "$table" | grep . | cut -f 1 | sort >"$work/names"
  check "${suite##*/}: no name twice" "" "$(uniq -d "$work/names")"
  check "  a file for each case, a case for each file" "" "$(ls "$suite/expected" | sort | diff - "$work/names")"
done
done_testing

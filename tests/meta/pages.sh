#!/bin/sh
# The manual pages: those that are printed from pages of doc/ say the same as these, mandoc finds no fault, each has the
# sections that readers look for, and every word of ss's details is in the table of meanings.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
cd "$top_srcdir" || exit 1

if command -v python3 >/dev/null 2>&1; then
  check "pages that are printed from doc/*.md" "" "$(python3 dev/pages --check)"
else
  skip "pages that are printed from doc/*.md" "no python3"
fi

if command -v mandoc >/dev/null 2>&1; then
  for page in doc/*.[1-8]; do
    # The sources have lines of 120 columns, as all of ours.
    check "mandoc -Tlint $page" "" "$(mandoc -Tlint "$page" | grep -v 'STYLE: input text line longer than 80 bytes')"
  done
else
  skip "mandoc -Tlint" "mandoc is not installed"
fi

for page in doc/duostat.1 doc/ss.8 doc/netstat.8; do
  for section in EXAMPLES ENVIRONMENT FILES 'EXIT STATUS' DIFFERENCES 'SEE ALSO'; do
    if grep -Eq "^\.SH \"?$section" "$page"; then pass "$page has $section"; else fail "$page has $section"; fi
  done
done
examples=$(sed -n '/^\.SH EXAMPLES/,/^\.SH [^E]/p' doc/ss.8 | grep -c '^ *ss ')
if [ "$examples" -ge 10 ]; then pass "doc/ss.8: at least ten examples"
else fail "doc/ss.8: at least ten examples" "$examples"; fi

# " rto:", ",bl" and " fallback" in the sources are words of a row.
grep -ohE '" [a-z_0-9]+[:" (]' compat/ss/tcp_details.cc compat/ss/transport_details.cc compat/ss/ulp.cc |
  tr -dc 'a-z_0-9\n' | sort -u >"$work/words"
while read -r word; do
  if grep -q "_info, \"$word\"\|tcp_option, \"$word\"" src/insight/meanings.cc; then pass "$word has a meaning"
  else fail "$word has a meaning"; fi
done <"$work/words"
done_testing

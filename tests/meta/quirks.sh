#!/bin/sh
# Every deviation that the code or the differential test names is in doc/quirks.md, and the reverse.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

cd "$top_srcdir" || exit 1
{
  grep -rhoE 'quirk: [a-z0-9-]+' --include='*.cc' --include='*.h' src compat | sed 's/quirk: //'
  sed -n 's/^ *Rule("\([a-z0-9-]*\)", "quirk".*/\1/p' tests/differential/rules.py
} | sort -u >"$work/named"
sed -n 's/^### \([a-z0-9-]*\)$/\1/p' doc/quirks.md | sort >"$work/listed"

if [ -s "$work/named" ]; then pass "there are some"; else fail "there are some"; fi
check "named in the code, missing in doc/quirks.md" "" "$(comm -23 "$work/named" "$work/listed")"
check "in doc/quirks.md, named nowhere" "" "$(comm -13 "$work/named" "$work/listed" | uniq)"
check "described once" "" "$(uniq -d "$work/listed")"
done_testing

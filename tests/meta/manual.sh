#!/bin/sh
# Every option of the usage texts is in the manual and the reverse, and the manuals are well formed.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

# Option lines of a usage text begin with two blanks and a dash, or with six and two dashes; the text comes after two
# blanks.
of_usage() {
  "$duostat" "$1" -h 2>/dev/null | sed -nE 's/^  (  ?  ?)?(-.*)$/\2/p' | sed -E 's/  .*//' | tr ', ' '\n\n' |
    sed -E 's/=.*//; s/\[.*//' | grep -E '^(-[A-Za-z0-9?]|--[a-z0-9][a-z0-9-]*)$' | sort -u
}
# In a manual the line after .TP has the names.
of_manual() {
  awk '/^\.TP/ { getline; print }' "$top_srcdir/doc/$1.8" | sed -E 's/^\.[BI]+ //; s/\\-/-/g; s/\\&//g; s/"//g' |
    tr ', ' '\n\n' |
    sed -E 's/=.*//' | grep -E '^(-[A-Za-z0-9?]|--[a-z0-9][a-z0-9-]*)$' | sort -u
}

for tool in ss netstat; do
  of_usage $tool >"$work/usage"
  of_manual $tool >"$work/manual"
  if [ "$(wc -l <"$work/usage")" -gt 20 ]; then pass "$tool -h lists options"
  else fail "$tool -h lists options" "$(cat "$work/usage")"; fi
  check "$tool: in -h, missing in doc/$tool.8" "" "$(comm -23 "$work/usage" "$work/manual" | tr '\n' ' ')"
  check "$tool: in doc/$tool.8, missing in -h" "" "$(comm -13 "$work/usage" "$work/manual" | tr '\n' ' ')"
done

# The commands with options of their own: a section each in duostat.1, with the command's name.
for command in $("$duostat" help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'); do
  case $command in
    ss | netstat | ss2 | help | version) continue ;;  # front ends have pages of their own
    capture) section=CAPTURES ;;
    *) section=$(printf '%s' "$command" | tr a-z A-Z) ;;
  esac
  of_usage "$command" >"$work/usage"
  sed -n "/^\.SH $section\$/,/^\.SH /p" "$top_srcdir/doc/duostat.1" | awk '/^\.TP/ { getline; print }' |
    sed -E 's/^\.[BIR]+ //; s/\\-/-/g; s/"//g' | tr ', ' '\n\n' | sed -E 's/=.*//' |
    grep -E '^(-[A-Za-z0-9?]|--[a-z0-9][a-z0-9-]*)$' | sort -u >"$work/manual"
  check "options of $command in -h and in doc/duostat.1" "$(cat "$work/usage")" "$(cat "$work/manual")"
done

# The README lists what they do.
"$duostat" help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p' | while read -r command; do
  case $command in ss | netstat | help | version) continue ;; esac
  sed -n '/^## Commands/,/^## [^C]/p' "$top_srcdir/README.md" | grep -q "duostat $command\`" || echo "$command"
done >"$work/missing"
check "commands in 'duostat help', missing in the table of README.md" "" "$(cat "$work/missing")"

# Commands of duostat itself: two blanks, the word, its line.
"$duostat" help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p' | sort >"$work/usage"
sed -n '/^\.SH COMMANDS/,/^\.SH [^C]/p' "$top_srcdir/doc/duostat.1" | awk '/^\.TP/ { getline; print $2 }' |
  sort >"$work/manual"
check "commands in 'duostat help' and in doc/duostat.1" "$(cat "$work/usage")" "$(cat "$work/manual")"

if command -v man >/dev/null 2>&1 && man --version >/dev/null 2>&1; then
  for page in duostat.1 ss.8 netstat.8; do
    problems=$(man --warnings -l "$top_srcdir/doc/$page" 2>&1 >/dev/null)
    check "$page formats without a warning" "" "$problems"
  done
else
  skip "the pages format without a warning" "no man"
fi
done_testing

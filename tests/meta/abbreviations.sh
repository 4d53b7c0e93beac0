#!/bin/sh
# Tries every prefix of every long option of the originals: an abbreviation means the option that it means there,
# ambiguous ones list the same possibilities in the same order, and no option of ours takes part: none of their full
# names is an abbreviation of an original's.
#
# abbreviations.ss was recorded from ss of iproute2 7.1.0 (with libbpf), abbreviations.netstat from netstat of net-tools
# 2.10: a line is the prefix and =OPTION or, if it is ambiguous, the possibilities.
#
# SPDX-License-Identifier: GPL-2.0-or-later
export LC_ALL=C
unset POSIXLY_CORRECT
# As root, --kill could close sockets if the mistake after it did not stop it: run in a private network namespace.
if [ "$(id -u)" = 0 ] && [ -z "$DUOSTAT_ALONE" ]; then
  if unshare -n true 2>/dev/null; then
    DUOSTAT_ALONE=1 exec unshare -n sh "$0"
  fi
  echo "1..0 # SKIP no network namespace available, though root"
  exit
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
data=$(cd "$top_srcdir" && pwd)/tests/meta
top_builddir=$(cd "$top_builddir" && pwd)
mkdir "$work/empty"
cd "$work/empty" || exit 99

# Prints the complaint about the words after the program's name, without that name. The second word is always a mistake,
# so the program only complains. If the second word is taken as the first one's value, it is tried as a family, a file
# or a namespace.
complaint() {
  "$work/$tool" "$@" </dev/null 2>&1 >/dev/null | sed -n '1s/^[^:]*: //p'
}

# The option that an unambiguous beginning means, in the tool's words. One without a value refuses a value, one with a
# value needs it: nothing runs.
meant() {
  said=$(complaint "$1=zz")
  case $said in
    "option '--"*"' doesn't allow an argument") ;;
    *) said=$(complaint "$1") ;;
  esac
  echo "$said" | sed -n "s/^option '\(--[a-z0-9-]*\)' .* an argument$/\1/p"
}

echo "1..4"
number=0
for tool in ss netstat; do
  number=$((number + 1))
  ln -s "$top_builddir/duostat" "$work/$tool"
  while read -r beginning possibilities; do
    case $beginning in --sum | --proc) possibilities= ;; esac  # ours with a value, the original's without
    case $possibilities in
      =*)
        got=$(meant "$beginning")
        [ "=$got" = "$possibilities" ] || echo "$beginning: means \"$got\" instead of \"$possibilities\""
        continue
        ;;
    esac
    said=$(complaint "$beginning" --zzzz)
    if [ -n "$possibilities" ]; then
      wanted="option '$beginning' is ambiguous; possibilities:$(printf " '%s'" $possibilities)"
      [ "$said" = "$wanted" ] || echo "$beginning: \"$said\" instead of \"$wanted\""
    else
      case $said in
        *ambiguous* | "unrecognized option '$beginning"*) echo "$beginning: \"$said\"" ;;
      esac
    fi
  done <"$data/abbreviations.$tool" >"$work/differences"
  if [ "$(complaint --zzzz)" != "unrecognized option '--zzzz'" ]; then
    echo "not ok $number - $tool does not refuse what is no option"
  elif [ -s "$work/differences" ]; then
    echo "not ok $number - abbreviations of $tool"
    sed 's/^/# /' "$work/differences"
  else
    echo "ok $number - abbreviations of $tool: $(wc -l <"$data/abbreviations.$tool") tried"
  fi
  number=$((number + 1))
  "$work/$tool" -h 2>/dev/null | sed -nE 's/^  (  ?  ?)?(-.*)$/\2/p' | sed -E 's/  .*//' | tr ', ' '\n\n' |
    sed -nE 's/^(--[a-z0-9-]+).*/\1/p' | sort -u >"$work/names"
  sed -n 's/.* =//p' "$data/abbreviations.$tool" | sort -u >"$work/originals"
  comm -23 "$work/names" "$work/originals" >"$work/ours"
  sed 's/ .*//' "$data/abbreviations.$tool" | sort -u >"$work/beginnings"
  taken=$(comm -12 "$work/ours" "$work/beginnings" | grep -vxe --sum -e --proc | tr '\n' ' ')
  if [ "$(wc -l <"$work/ours")" -lt 10 ]; then
    echo "not ok $number - $tool -h lists options of ours"
    sed 's/^/# /' "$work/ours"
  elif [ -n "$taken" ]; then
    echo "not ok $number - options of ours that abbreviate one of $tool: $taken"
  else
    echo "ok $number - none of our $(wc -l <"$work/ours") options abbreviates one of $tool"
  fi
done

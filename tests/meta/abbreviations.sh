#!/bin/sh
# Tries every prefix of every long option of the originals: abbreviations that work there work here, ambiguous ones list
# the same possibilities in the same order, and no option of ours takes part.
#
# abbreviations.ss was recorded from ss of iproute2 7.1.0 (with libbpf), abbreviations.netstat from netstat of net-tools
# 2.10: a line is the prefix and, if it is ambiguous, the possibilities.
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

echo "1..2"
number=0
for tool in ss netstat; do
  number=$((number + 1))
  ln -s "$top_builddir/duostat" "$work/$tool"
  while read -r beginning possibilities; do
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
done

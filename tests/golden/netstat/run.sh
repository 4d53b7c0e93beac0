#!/bin/sh
# netstat's exact output on trees of tests/data/netstat, which stand in for /proc. INDEX lists the cases.
#
#   run.sh            compares, in TAP
#   run.sh --record   writes the expectations of the recorded cases anew; NETSTAT names the program to record from, which must
#                     take PROC_ROOT for /proc
#
# SPDX-License-Identifier: GPL-2.0-or-later
: "${top_srcdir:=.}" "${top_builddir:=.}"
here=$top_srcdir/tests/golden/${GOLDEN_SUITE:-netstat}
trees=$top_srcdir/tests/data/netstat
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL
unset DUOSTAT_VIA POSIXLY_CORRECT
byte_order=$("$top_srcdir/tests/byte_order.sh")

# A copy of the tree; "processes" becomes directories with links to sockets, which a source package could not carry.
prepare() {
  test -d "$work/$1" && return
  cp -R "$trees/$1" "$work/$1" && chmod -R u+w "$work/$1" || exit 99
  test "$byte_order" = little || python3 "$top_srcdir/tests/big_endian.py" "$work/$1" || exit 99
  test -f "$work/$1/processes" || return 0
  while read -r pid command inodes; do
    case $pid in '' | '#'*) continue ;; esac
    mkdir -p "$work/$1/$pid/fd"
    test "$command" = - && command=
    printf %b "$command" > "$work/$1/$pid/cmdline"
    fd=3
    for inode in $inodes; do
      ln -s "socket:[$inode]" "$work/$1/$pid/fd/$fd"
      fd=$((fd + 1))
    done
  done < "$work/$1/processes"
}

# Standard output, standard error up to a usage text, and the status, in one file.
answer() {
  tree=$1
  shift
  ${NETSTAT:-"$top_builddir/duostat" netstat} "$@" > "$work/out" 2> "$work/err"
  status=$?
  {
    cat "$work/out"
    echo "--- stderr"
    sed -e '/^usage:/,$d' -e "s|$work/$tree|/proc|g" "$work/err"
    echo "--- status $status"
  } > "$work/answer"
}

grep -v '^#' "$here/INDEX" | grep . > "$work/cases"
test "$1" = --record || echo "1..$(grep -c . "$work/cases")"
number=0
while read -r name origin tree arguments; do
  number=$((number + 1))
  prepare "$tree"
  PROC_ROOT=$work/$tree
  export PROC_ROOT
  # shellcheck disable=SC2086 -- words are what is wanted
  answer "$tree" $arguments < /dev/null
  if test "$1" = --record; then
    test "$origin" = recorded && cp "$work/answer" "$here/expected/$name"
  elif cmp -s "$work/answer" "$here/expected/$name"; then
    echo "ok $number - $name: netstat $arguments ($origin)"
  else
    echo "not ok $number - $name: netstat $arguments ($origin)"
    diff "$here/expected/$name" "$work/answer" | sed 's/^/# /'
  fi
done < "$work/cases"

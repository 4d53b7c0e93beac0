#!/bin/sh
# Our own options that ss, netstat and ss2 share: what they refuse, and what they report about a table that could not be
# read completely.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/netstat"

# An unknown backend is a mistake in an option of ours, in every program.
for program in "ss -t" "netstat -t" "ss2 -t"; do
  run "$duostat" $program --via=proc
  check "$program --via=proc: status" 2 "$status"
  matches "$program --via=proc: names the word" '^ss2?: --via: "proc"|^netstat: --via: "proc"' "$err"
  run env DUOSTAT_VIA=foo "$duostat" $program
  check "DUOSTAT_VIA=foo $program: status" 2 "$status"
  matches "DUOSTAT_VIA=foo $program: names the variable" 'DUOSTAT_VIA: "foo"' "$err"
done

# A table that cannot be read: a directory in place of its file, a file with a damaged or truncated row, no /proc at
# all.
title="  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
row() { printf '   %s: 0100007F:%s 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77%s 1 0 0 100 0 0 10 0\n' "$1" "$2" "$1"; }
for tree in whole unreadable damaged cut absent; do mkdir -p "$work/$tree/net"; done
{ echo "$title"; row 0 0016; row 1 0017; } >"$work/whole/net/tcp"
mkdir "$work/unreadable/net/tcp"
{ echo "$title"; row 0 0016; echo "   1: what is no row of this table, however one looks at it"; } >"$work/damaged/net/tcp"
{ echo "$title"; row 0 0016; row 1 0017 | head -c 60; } >"$work/cut/net/tcp"

# complete NAME TREE WORDS...: nothing is missing.
complete() {
  name=$1 tree=$2
  shift 2
  run env PROC_ROOT="$work/$tree" "$@"
  check "$name: status" 0 "$status"
  lacks "$name: nothing is missing" 'incomplete|"complete":false' "$err$out"
}
# incomplete NAME TREE ROWS WORDS...: the report names the table.
incomplete() {
  name=$1 tree=$2 rows=$3
  shift 3
  run env PROC_ROOT="$work/$tree" "$@"
  check "$name: status" 1 "$status"
  matches "$name: says so" "^[a-z0-9]*: tcp: incomplete, $rows shown\$" "$err"
}

for form in --count --by=state --columns=local_port --json --json=lines; do
  for program in ss netstat; do
    words="$work/$program -tan $form"
    complete "$program $form, whole" whole $words
    if [ $program = ss ]; then
      complete "$program $form, no such table" absent $words
    else  # the original's status if a requested protocol does not exist
      run env PROC_ROOT="$work/absent" $words
      check "$program $form, no such table: status" 1 "$status"
      matches "$program $form, no such table: says so" "^netstat: no support for .AF INET .tcp.' on this system" "$err"
      lacks "$program $form, no such table: nothing is missing" 'incomplete|"complete":false' "$err$out"
    fi
    incomplete "$program $form, unreadable" unreadable "0 rows" $words
    incomplete "$program $form, damaged" damaged "1 row" $words
    incomplete "$program $form, cut short" cut "1 row" $words
    incomplete "$program $form, no /proc" nowhere "0 rows" $words
  done
done
for program in ss netstat; do
  run env PROC_ROOT="$work/unreadable" "$work/$program" -tan --json
  matches "$program --json: complete is false" '"complete":false,"problems":\[\{.*net/tcp' "$out"
  run env PROC_ROOT="$work/damaged" "$work/$program" -tan --json
  matches "$program --json: says how many" '"complete":false,"problems":\[\{.*"malformed":1' "$out"
done
# Rows that --where excludes are not missing.
incomplete "ss --where --count, damaged" damaged "0 rows" "$work/ss" -tan --count "--where=sport = 99"
# The other tables are still shown.
mkdir -p "$work/unreadable/net" && echo "$title ref pointer drops" >"$work/unreadable/net/udp"
row 3 0035 | sed 's/ 0A / 07 /' >>"$work/unreadable/net/udp"
for program in ss netstat; do
  run env PROC_ROOT="$work/unreadable" "$work/$program" -tuan --count
  check "$program --count: what there is, is counted" "1 1" "$status $out"
done
# ss2's document has no place for it.
incomplete "ss2, damaged" damaged "1 row" "$duostat" ss2 -ta --via=procfs
complete "ss2, whole" whole "$duostat" ss2 -ta --via=procfs

# A recorded answer that ends early.
if little_endian; then
  printf '\024\000\000\000\003\000' >"$work/short.dump"
  run env TCPDIAG_FILE="$work/short.dump" "$work/ss" -t --count
  check "ss --count, recorded answer cut short: status" 1 "$status"
  matches "ss --count, recorded answer cut short: says so" '^ss: tcp: incomplete, 0 rows shown$' "$err"
else
  skip "recorded answer" "it is for little-endian machines"
fi
done_testing

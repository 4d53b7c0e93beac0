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
row() {
  printf '   %s: 0100007F:%s 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77%s 1 0 0 100 0 0 10 0\n' \
    "$1" "$2" "$1"
}
for tree in whole unreadable damaged cut absent; do mkdir -p "$work/$tree/net"; done
{ echo "$title"; row 0 0016; row 1 0017; } >"$work/whole/net/tcp"
mkdir "$work/unreadable/net/tcp"
{ echo "$title"; row 0 0016; echo "   1: what is no row of this table, however one looks at it"; } \
  >"$work/damaged/net/tcp"
{ echo "$title"; row 0 0016; row 1 0017 | head -c 60; } >"$work/cut/net/tcp"

# is_whole NAME TREE WORDS...: nothing is missing.
is_whole() {
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
    is_whole "$program $form, whole" whole $words
    if [ $program = ss ]; then
      is_whole "$program $form, no such table" absent $words
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
is_whole "ss2, whole" whole "$duostat" ss2 -ta --via=procfs

# A recorded answer that ends early.
if little_endian; then
  printf '\024\000\000\000\003\000' >"$work/short.dump"
  run env TCPDIAG_FILE="$work/short.dump" "$work/ss" -t --count
  check "ss --count, recorded answer cut short: status" 1 "$status"
  matches "ss --count, recorded answer cut short: says so" '^ss: tcp: incomplete, 0 rows shown$' "$err"
else
  skip "recorded answer" "it is for little-endian machines"
fi

# ---- --fail-if ----

# fails NAME STATUS TREE WORDS...: the exit status.
fails() {
  name=$1 expected=$2 tree=$3
  shift 3
  run env PROC_ROOT="$work/$tree" "$@"
  check "$name" "$expected" "$status"
}
for program in ss netstat; do
  for form in "" --count --by=state --columns=local_port --json --json=lines --top=1; do
    words="$work/$program -tan $form"
    fails "$program $form --fail-if, true" 1 whole $words --fail-if='count > 1'
    fails "$program $form --fail-if, false" 0 whole $words --fail-if='count > 2'
    fails "$program $form --fail-if-any" 1 whole $words --fail-if-any
    fails "$program $form --fail-if-none" 0 whole $words --fail-if-none
    fails "$program $form --where --fail-if-none" 1 whole $words --where='sport = 99' --fail-if-none
    fails "$program $form --fail-if, damaged: undecided" 3 damaged $words --fail-if='count > 1'
    matches "$program $form --fail-if, damaged: says so" "^$program: --fail-if: undecided" "$err"
    fails "$program $form --fail-if, damaged: certain" 1 damaged $words --fail-if-any
    fails "$program $form --fail-if-none, unreadable" 3 unreadable $words --fail-if-none
  done
  fails "$program, no such table: the list is empty" 0 absent "$work/$program" -tan --fail-if-any
  # Sockets in one state: a group of two.
  fails "$program --by --fail-if, a group" 1 whole "$work/$program" -tan --by=state --top=1 \
    --fail-if='count = 2 and state = LISTEN'
  fails "$program --by --fail-if, no group" 0 whole "$work/$program" -tan --by=sport --fail-if='count > 1'
  fails "$program --by --having --fail-if" 0 whole "$work/$program" -tan --by=state --having='count > 5' --fail-if-any
  fails "$program --fail-if, a mistake" 2 whole "$work/$program" -tan --fail-if='rqueue > 1'
  # Nothing of the text changes.
  run env PROC_ROOT="$work/whole" "$work/$program" -tan
  plain=$out
  run env PROC_ROOT="$work/whole" "$work/$program" -tan --fail-if-any
  check "$program --fail-if-any: the text" "$plain" "$out"
done
# A condition on what this backend never supplies, and the other one does: nothing matches, which is said.
for program in ss netstat; do
  for form in "" --count --by=state --columns=local_port --json; do
    words="$work/$program -tan $form"
    fails "$program $form --where over a field that procfs lacks: --fail-if-any is undecided" 3 whole \
      $words --where='rqueue > backlog' --fail-if-any
    matches "  the field is named" "^$program: --where: tcp: procfs does not supply backlog" "$err"
    fails "$program $form the same beside another condition: certain" 1 whole \
      $words --where='sport = 22 or rqueue > backlog' --fail-if-any
    fails "$program $form without --fail-if" 0 whole $words --where='rqueue > backlog'
    matches "  the field is named" "^$program: --where: tcp: procfs does not supply backlog" "$err"
  done
  matches "  JSON is not complete" '"complete": ?false' "$out"
done
fails "ss --where over a field that procfs lacks, of a table without rows: decided" 0 whole \
  "$work/ss" -tan state syn-sent --where='rqueue > backlog' --fail-if-any
lacks "  nothing is said" '--where' "$err"
mkdir -p "$work/unsummed/net/sockstat"
{ echo "$title"; row 0 0016; } >"$work/unsummed/net/tcp"
fails "ss -s --json, a file unreadable" 1 unsummed "$work/ss" -s --json
fails "ss -s --json with a listing, the same" 1 unsummed "$work/ss" -s -t -4 -a -n --json
fails "ss --where over what no backend supplies for UNIX sockets" 0 whole "$work/ss" -xan --where='rtt > 1'
lacks "  nothing is said" '--where' "$err"
# netstat's other modes, as text and as data.
head='Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT'
mkdir -p "$work/modes/net" "$work/nothing/net"
printf '%s\neth0	00000000	0100000A	0003	0	0	0	00000000	0	0	0\n' "$head" >"$work/modes/net/route"
printf 'Tcp: ActiveOpens PassiveOpens\nTcp: 5 0\n' >"$work/modes/net/snmp"
printf 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n1\tlo        :     1      V3\n%b' \
  '\t\t\t\t010000E0     1 0:00000000\t\t0\n' >"$work/modes/net/igmp"
printf '1    lo              ff0200000000000000000000000000001     1 0000000C 0\n' >"$work/modes/net/igmp6"
for form in "" --count --json; do
  for mode in -rn -s -gn4 -gn; do
    fails "netstat $mode $form --fail-if-any" 1 modes "$work/netstat" $mode $form --fail-if-any
    fails "netstat $mode $form --fail-if-none" 0 modes "$work/netstat" $mode $form --fail-if-none
    fails "netstat $mode $form --fail-if" 0 modes "$work/netstat" $mode $form --fail-if='count > 99'
    fails "netstat $mode $form --fail-if-none, unread" 3 nothing "$work/netstat" $mode --via=procfs $form --fail-if-none
  done
  fails "netstat -s --where $form --fail-if-any" 1 modes "$work/netstat" -s \
    --where='counter = ActiveOpens and value > 4' $form --fail-if-any
  fails "netstat -s --where $form --fail-if-any" 0 modes "$work/netstat" -s \
    --where='counter = ActiveOpens and value > 5' $form --fail-if-any
  run "$work/netstat" -ia --where='name = lo' $form --fail-if-any
  check "netstat -ia $form --fail-if-any" 1 "$status"
  run "$work/netstat" -ia --where='name = no-such' $form --fail-if-any
  check "netstat -ia $form --fail-if-any, none" 0 "$status"
  # Some kernels track connections without a file that lists them.
  fails "netstat -M $form --fail-if-any, no such table" 3 modes "$work/netstat" -M $form --fail-if-any
done
run "$work/ss" -s --fail-if-any
check "ss -s refuses --fail-if-any" 2 "$status"

# ---- mistakes ----

# answered NAME MEANT WORDS...: one line, what was meant, three lines of usage, and how to get the rest.
answered() {
  name=$1 meant=$2
  shift 2
  run "$@"
  matches "$name: what was meant" "did you mean $meant\\?" "$err"
  if [ "$(printf '%s\n' "$err" | wc -l)" -le 6 ]; then pass "$name: a few lines"; else fail "$name: a few lines" \
    "$err"; fi
  matches "$name: how to get the rest" '--help lists|help lists the commands' "$err"
}
answered "ss --tpc" --tcp "$work/ss" --tpc
answered "ss --wher" --where "$work/ss" --wher=x
answered "ss --fail-if-an" --fail-if-any "$work/ss" --fail-if-an
answered "ss -f inett" inet "$work/ss" -f inett
answered "ss -A udpp" udp "$work/ss" -A udpp
answered "netstat --tpc" --tcp "$work/netstat" --tpc
answered "netstat --colums" --columns "$work/netstat" --colums=x
answered "duostat netsat" netstat "$duostat" netsat
answered "duostat sss" ss "$duostat" sss
answered "duostat --frm" --from "$duostat" --frm=x
run "$work/ss" --tpc
check "ss --tpc: the first line is the original's" "$work/ss: unrecognized option '--tpc'" \
  "$(printf '%s\n' "$err" | head -n 1)"
check "ss --tpc: status" 255 "$status"
run "$work/ss" --xyzzy
lacks "ss --xyzzy: nothing is like it" 'did you mean' "$err"
run "$work/netstat" -r -i
matches "netstat -r -i: says what is wrong" '-i, -r, -M and -s' "$err"
run "$work/ss" -t --where='stat = CLOSED-WAIT'
matches "--where: the nearest column" 'did you mean state' "$err"
for words in 'ss -tn4' 'netstat -tn4'; do
  # shellcheck disable=SC2086
  run "$duostat" $words --by=peer/99
  check "$words --by=peer/99: status" 2 "$status"
  matches "  says why" 'by=peer/99: an IPv4 address has 32 bits' "$err"
  # shellcheck disable=SC2086
  run "$duostat" ${words%4} --by=peer/99
  check "${words%4} --by=peer/99 counts IPv6 networks" 0 "$status"
done
done_testing

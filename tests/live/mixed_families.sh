#!/bin/sh
# An SCTP association whose endpoints have different families: each address has its own family.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

ln -s "$duostat" "$work/netstat"
mkdir -p "$work/proc/net/sctp"
cat >"$work/proc/net/sctp/eps" <<'P'
 ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
P
cat >"$work/proc/net/sctp/assocs" <<'P'
 ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf
ffff888000000001 ffff888000000011 2   1   3  29    1        0        0       0 12345 5001  40000  10.0.0.1 <-> *2001:db8::9 	    7500    10    10   10    0    0        0        1        0   212992   212992
ffff888000000002 ffff888000000012 2   1   3  29    2        0        0       0 12346 5001  40001  2001:db8::1 10.0.0.1 <-> *10.0.0.9 2001:db8::9 	    7500    10    10   10    0    0        0        1        0   212992   212992
P
run_netstat() { PROC_ROOT=$work/proc run "$work/netstat" -Sn "$@"; }

run_netstat --columns=local,peer,family
check "columns" "10.0.0.1 2001:db8::9 inet6/2001:db8::1 10.0.0.9 inet6" \
  "$(echo "$out" | tail -n 2 | tr -s ' ' | sed 's/ $//' | paste -sd/)"
run_netstat --json
matches "json: an IPv6 peer" '"peer_address": ?"2001:db8::9"' "$out"
matches "json: an IPv4 peer" '"peer_address": ?"10.0.0.9"' "$out"
lacks "json: no address of four of sixteen bytes" '32\.1\.13\.184' "$out"
lacks "json: no address of sixteen bytes of which twelve are zero" '"a00:' "$out"
for where in "peer=2001:db8::9 12345" "peer=2001:db8::/32 12345" "peer=10.0.0.9 12346" "local=2001:db8::1 12346"; do
  run_netstat --where="${where% *}" --columns=inode
  check "--where=${where% *}" "${where#* }" "$(echo "$out" | tail -n 1 | tr -d ' ')"
done
run_netstat --by=peer/24/64
matches "--by: the IPv6 network" '2001:db8::/64' "$out"
matches "--by: the IPv4 network" '10\.0\.0\.0/24' "$out"
run_netstat --sort=peer_port
matches "the rows that --sort shows" '10\.0\.0\.1:5001 +2001:db8::9:40000' "$out"
run_netstat
check "the original's text" 5 "$(echo "$out" | wc -l)"
matches "  one address a line" 'sctp +0 +0 10\.0\.0\.1:5001 +2001:db8::9:40000 +ESTABLISHED' "$out"
done_testing

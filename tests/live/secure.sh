#!/bin/sh
# Secure execution: a program with rights that its caller lacks, by set-uid and by file capabilities, run by an
# unprivileged user.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

[ "$(id -u)" = 0 ] || skip_all "not root"
for tool in setpriv python3; do command -v $tool >/dev/null 2>&1 || skip_all "$tool is not installed"; done
chmod 755 "$work"
mkdir "$work/bin" "$work/proc" "$work/proc/net" "$work/root" "$work/theirs"
chown 65534:65534 "$work/theirs"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
# as_nobody WORDS...
as_nobody() { run nobody "$@"; }
cp "$(command -v id)" "$work/bin/id"
chmod 4755 "$work/bin/id"
[ "$(nobody "$work/bin/id" -u 2>/dev/null)" = 0 ] || skip_all "a set-uid program has no effect here: nosuid?"

# What a caller without rights must not see, and must not change.
for file in filter capture tcp; do echo "secret-of-$file" >"$work/root/$file"; done
chmod 600 "$work/root"/*
echo precious >"$work/root/precious"
chmod 644 "$work/root/precious"
{
  echo '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
  echo '   0: 0100007F:1234 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0'
} >"$work/proc/net/tcp"
echo 'sport = :1' >"$work/theirs/filter"

# copy NAME: installs ours under that name, set-uid or with capabilities.
set_uid() { cp "$duostat" "$work/bin/$1" && chmod 4755 "$work/bin/$1"; }
# cap_dac_override, cap_dac_read_search, cap_sys_ptrace, cap_net_admin, cap_sys_admin, as far as they are available here
# (a container drops some): permitted and effective.
bounding=$((0x$(sed -n 's/^CapBnd:[^0-9a-f]*//p' /proc/self/status)))
bits=$((bounding & (1 << 1 | 1 << 2 | 1 << 12 | 1 << 19 | 1 << 21)))
sees_processes=$((bounding >> 2 & bounding >> 19 & 1))
capable() {
  [ $bits != 0 ] && cp "$duostat" "$work/bin/$1" && chmod 755 "$work/bin/$1" || return
  python3 -c 'import os, struct, sys
value = struct.pack("<5I", 0x02000001, int(sys.argv[2]), 0, 0, 0)
os.setxattr(sys.argv[1], "security.capability", value)' "$work/bin/$1" $bits 2>/dev/null
}

secret() { lacks "$1" "secret-of" "$out$err"; }
for kind in set_uid capable; do
  for name in ss netstat duostat; do rm -f "$work/bin/$name"; $kind $name || break; done
  [ -e "$work/bin/duostat" ] || { skip "$kind" "no file capabilities here"; continue; }
  ss=$work/bin/ss

  # ---- variables ----
  as_nobody env PROC_ROOT="$work/proc" "$ss" -tan
  lacks "$kind: PROC_ROOT is ignored" ":4660 " "$out"
  matches "  and named" "ignored.*: PROC_ROOT$" "$err"
  check "  status" 0 "$status"
  as_nobody env PROC_ROOT="$work/proc" "$work/bin/netstat" -tan
  lacks "$kind: netstat: PROC_ROOT is ignored" ":4660 " "$out"
  as_nobody env PROC_NET_TCP="$work/root/tcp" PROC_NET_UNIX="$work/root/tcp" TCPDIAG_FILE="$work/root/capture" \
    DUOSTAT_VIA=bogus DUOSTAT_OWNERS=bogus "$ss" -txan
  check "$kind: PROC_NET_*, TCPDIAG_FILE, DUOSTAT_VIA and DUOSTAT_OWNERS are ignored" 0 "$status"
  secret "  and no secret is shown"
  matches "  all are named" "DUOSTAT_OWNERS, DUOSTAT_VIA, TCPDIAG_FILE, PROC_NET_TCP, PROC_NET_UNIX$" "$err"
  as_nobody "$ss" -tanp --owners=bpf
  check "$kind: --owners=bpf is refused: status" 2 "$status"
  matches "  and why" "--owners=bpf: the program has rights of its own" "$err"
  as_nobody "$ss" -tanp --owners=auto
  check "$kind: --owners=auto reads /proc" "0 " "$status $err"
  as_nobody env COLUMNS=100 "$ss" -tan
  check "$kind: others count" "" "$err"

  # ---- files that the user names ----
  as_nobody "$ss" -tan -F "$work/root/filter"
  check "$kind: -F of a file that the caller cannot read: status" 255 "$status"
  matches "  and why" "Permission denied" "$err"
  secret "  and no secret is shown"
  as_nobody "$ss" -tan -F "$work/theirs/filter"
  check "$kind: -F of a file that the caller can read" "0 " "$status $err"
  as_nobody "$ss" -tan --from="$work/root/capture"
  matches "$kind: --from of a file that the caller cannot read" "Permission denied" "$err"
  as_nobody "$work/bin/duostat" --from="$work/root/capture" ss -tan
  matches "$kind: duostat --from likewise" "Permission denied" "$err"
  as_nobody "$work/bin/duostat" listen --baseline="$work/root/capture"
  matches "$kind: a baseline that the caller cannot read" "Permission denied" "$err"
  secret "  and no secret is shown"
  as_nobody "$work/bin/duostat" explain ss -tan -F "$work/root/filter"
  matches "$kind: explain likewise" "Permission denied" "$err"
  as_nobody "$ss" -tan -D "$work/root/precious"
  matches "$kind: -D into a file that the caller cannot write" "Permission denied" "$err"
  check "  the file is as it was" precious "$(cat "$work/root/precious")"
  as_nobody "$ss" -tan -D "$work/root/new"
  check "$kind: -D into a directory that the caller cannot write: no file" "" "$(ls "$work/root" | grep new)"
  rm -f "$work/theirs/dump"
  as_nobody "$ss" -tan -D "$work/theirs/dump"
  check "$kind: -D into a directory of the caller's: the file is the caller's" "0 65534" \
    "$status $(stat -c %u "$work/theirs/dump")"

  # ---- what does more than show ----
  for words in "bench --rounds=1 --json=$work/theirs/made" "capture $work/theirs/made" \
    "listen --write-baseline=$work/theirs/made"; do
    as_nobody "$work/bin/duostat" $words
    check "$kind: duostat ${words%% *} is refused" 2 "$status"
    matches "  and says why" "rights of its own" "$err"
    check "  and makes no file" "" "$(ls "$work/theirs" | grep made)"
  done
  as_nobody "$ss" -tK 'sport = :1'
  check "$kind: -K is refused" 2 "$status"
  matches "  and says why" "^ss: -K: refused" "$err"
  as_nobody "$ss" -tK --dry-run 'sport = :1'
  check "$kind: -K --dry-run shows" 0 "$status"
  as_nobody "$ss" -N any -tan
  check "$kind: -N is refused" 2 "$status"
  matches "  and says why" "^ss: -N: refused" "$err"

  # ---- what it is for ----
  if [ $sees_processes = 1 ] && unshare -n true 2>/dev/null; then
    unshare -n python3 -c 'import os, socket, subprocess, sys
os.system("ip link set lo up 2>/dev/null")
held = socket.socket(); held.bind(("127.0.0.1", 0)); held.listen()
def down(): os.setgroups([]); os.setgid(65534); os.setuid(65534)
out = subprocess.run([sys.argv[1], "-tlnpH"], preexec_fn=down, capture_output=True, text=True)
sys.stdout.write(out.stdout + out.stderr)' "$ss" >"$work/out" 2>&1
    matches "$kind: it shows the processes of others" 'users:\(\("python3"' "$(cat "$work/out")"
  else
    skip "$kind: it shows the processes of others" "no network namespace, or no such capability"
  fi
  run env PROC_ROOT="$work/proc" "$ss" -tan
  matches "$kind: called by root, nothing is ignored" ":4660 " "$out"
done

# Without rights of its own, everything counts as ever.
cp "$duostat" "$work/bin/ss.plain" && chmod 755 "$work/bin/ss.plain"
as_nobody env PROC_ROOT="$work/proc" "$work/bin/ss.plain" -tan
matches "an ordinary program: PROC_ROOT counts" ":4660 " "$out"
check "  and nothing is said" "" "$err"

done_testing

#!/bin/sh
# A bad environment: output that cannot be written, wrong variables, users without permission.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/netstat"

for tool in ss netstat; do
  run=$work/$tool
  if [ -c /dev/full ]; then
    status=0
    err=$("$run" -tan 2>&1 >/dev/full) || status=$?
    check "$tool: a full disk is a failure" 1 "$status"
    matches "  that says what failed" "^.*$tool: .*No space left on device" "$err"
  else
    skip "$tool: a full disk" "no /dev/full"
  fi

  err=$({ "$run" -a -x -n 2>&1 >&3 3>&- | sed 's/^/said: /' >&2; } 3>&1 2>"$work/err" |
    head -n 1 >/dev/null; cat "$work/err")
  check "$tool: a reader that goes away needs no message" "" "$err"

  status=0
  err=$("$run" -tan 2>&1 >&-) || status=$?
  check "$tool: a closed standard output is a failure" 1 "$status"
  matches "  that says what failed" "Bad file descriptor" "$err"

  status=0
  "$run" -tan >"$work/out" 2>&- || status=$?
  check "$tool: a closed standard error changes nothing" 0 "$status"
  status=0
  "$run" -tan <&- >"$work/out" 2>"$work/err" || status=$?
  check "$tool: nor does a closed standard input" 0 "$status"

  for via in auto procfs netlink; do
    run env DUOSTAT_VIA=$via "$run" -tan
    check "$tool: DUOSTAT_VIA=$via" 0 "$status"
    run "$run" --via=$via -tan
    check "$tool: --via=$via" 0 "$status"
  done
  run env DUOSTAT_VIA=carrier-pigeon "$run" -tan
  matches "$tool: a wrong DUOSTAT_VIA is named, with those that exist" 'carrier-pigeon.*auto.*procfs.*netlink' "$err"
  check "  nothing is listed" "" "$out"
  if [ "$status" != 0 ]; then pass "  and it is a failure"; else fail "  and it is a failure" "status 0"; fi
  run "$run" --via=carrier-pigeon -tan
  matches "$tool: a wrong --via is named" 'carrier-pigeon' "$err"
  run env DUOSTAT_VIA=carrier-pigeon "$run" --via=procfs -tan
  check "$tool: --via wins over DUOSTAT_VIA" 0 "$status"
  run env DUOSTAT_VIA= "$run" -tan
  check "$tool: an empty DUOSTAT_VIA is no choice" 0 "$status"
done

mkdir -p "$work/tree/net"
# 127.0.0.1 as this machine writes it: 0100007F on little-endian ones.
address=$(printf '\177\0\0\1' | od -An -tx4 | tr -d ' ' | tr a-f A-F)
cat >"$work/tree/net/tcp" <<END
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: $address:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0
END
run env PROC_ROOT="$work/tree" "$work/ss" -tln
check "PROC_ROOT is read by ss" 'LISTEN 3      0          127.0.0.1:8080      0.0.0.0:*' \
  "$(printf '%s\n' "$out" | tail -n +2)"
run env PROC_ROOT="$work/nowhere" "$work/ss" -tln
check "PROC_ROOT that does not exist is an empty table, as in the original" 0 "$status"
run env PROC_NET_TCP="$work/tree/net/tcp" "$work/ss" -tln
matches "PROC_NET_TCP replaces one file" '127.0.0.1:8080' "$out"

# A listing by an unprivileged user.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then
  chmod 755 "$work"
  # A socket whose owner the user does not see, on hosts that have no other.
  python3 -c "import signal, socket
s = socket.create_server(('127.0.0.1', 0))
open('$work/held', 'w')
signal.pause()" &
  holder=$!
  while [ ! -e "$work/held" ] && kill -0 $holder 2>/dev/null; do sleep 0.1; done
  cp "$duostat" "$work/copy"
  chmod 755 "$work/copy"
  for tool in ss netstat; do
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/copy" $tool -tulpn
    check "$tool -tulpn as an ordinary user" 0 "$status"
  done
  matches "netstat tells an ordinary user what is missing" '^\((No|Not all) ' "$err"
  user="setpriv --reuid=65534 --regid=65534 --clear-groups"
  run $user "$work/copy" netstat -tulpn --json=lines
  check "netstat -p --json=lines: status" 0 "$status"
  matches "netstat -p --json=lines says how many owners are unknown" \
    '^netstat: owners: incomplete, [0-9]+ sockets? of unknown owner: ' "$err"
  run $user "$work/copy" netstat -tulpn --json
  check "netstat -p --json: status" "0 " "$status $err"
  matches "netstat -p --json says it in the document" '"complete":false,.*"sockets":[0-9]+' "$out"
  run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/copy" netstat -tuln --json=lines
  check "without -p there is nothing to say" "0 " "$status $err"
  kill $holder
else
  skip "an ordinary user" "not root, or no setpriv or python3"
fi

done_testing

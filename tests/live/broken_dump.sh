#!/bin/sh
# Sources that fail: ss -D, duostat capture and ss2 without netlink, netstat -x and ss -s without a file of /proc. Each
# reports what is missing, and complete parts are usable.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v strace >/dev/null 2>&1 || skip_all "no strace"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
if [ -z "${DUOSTAT_PRIVATE_NETWORK:-}" ]; then
  unshare -n true 2>/dev/null || skip_all "no private network namespace"
  DUOSTAT_PRIVATE_NETWORK=1
  export DUOSTAT_PRIVATE_NETWORK
  rm -rf "$work"
  exec unshare -n "$0"
fi
ip link set lo up 2>/dev/null || skip_all "no loopback"
strace -qq -o /dev/null -e trace=read -e inject=read:error=EIO:when=1 true 2>/dev/null ||
  strace -qq -o /dev/null true 2>/dev/null ||
  skip_all "strace cannot trace"
ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/ss2"
ln -s "$duostat" "$work/netstat"
cd "$work" || exit 99

# Holds more connections than fit one datagram, until standard input ends.
cat >hold.py <<'END'
import socket, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
kept = [listener]
for _ in range(350):
    kept.append(socket.create_connection(listener.getsockname()))
    kept.append(listener.accept()[0])
print(len(kept), flush=True)
pair = socket.socketpair()
sys.stdin.read()
END
mkfifo hold ready
python3 hold.py <hold >ready &
exec 3>hold
read -r sockets <ready

# failing CALL ERROR WHEN WORDS...: like run, with that system call failing. A traced sanitizer cannot check for leaks.
failing() {
  call=$1 error=$2 when=$3
  shift 3
  run env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e "trace=$call" -e \
    "inject=$call:error=$error:when=$when" "$@"
}
rows() { ./ss --from="$1" -Htan 2>/dev/null | wc -l; }

# ss -D. Everything else is compared with a complete dump.
run ./ss -tan -D whole
check "a healthy dump" "0 " "$status $err"
check "a healthy dump has all sockets" "$sockets" "$(rows whole)"

failing socket EMFILE 1+ ./ss -tan -D none
check "ss -D without a socket: status" 1 "$status"
check "ss -D without a socket: it is said" "ss: -D: none: incomplete: sock_diag open tcp: Too many open files" \
  "$(echo "$err" | tail -n 1)"
check "ss -D without a socket: nothing is in the file" 0 "$(stat -c %s none)"
failing recvmsg ENOBUFS 2+ ./ss -tan -D broken
check "ss -D with a receive that fails: status" 1 "$status"
matches "ss -D with a receive that fails: it is said" \
  '^ss: -D: broken: incomplete: sock_diag receive tcp: No buffer space available' "$err"
check "ss -D with a receive that fails: no part of an answer is in the file" 0 "$(stat -c %s broken)"
# The reply about IPv4 is complete: it has at most three datagrams and a DONE.
datagrams=$(strace -qq -e trace=recvmsg ./ss -tan -D again 2>&1 | grep -c '= [0-9]')
failing recvmsg ENOBUFS "$datagrams+" ./ss -tan -D half
check "ss -D with the last receive failing: status" 1 "$status"
check "ss -D with the last receive failing: the whole answer is in the file" "$sockets" "$(rows half)"
TCPDIAG_FILE=half
export TCPDIAG_FILE
run ./ss -Htan
check "and can be shown" "0 $sockets " "$status $(echo "$out" | wc -l) $err"
unset TCPDIAG_FILE
failing recvmsg ENOBUFS 2 ./ss -tan -D once
check "ss -D with one receive failing: whole, or told" yes \
  "$([ "$status" = 0 ] && [ "$(rows once)" = "$sockets" ] || { [ "$status" = 1 ] && [ -n "$err" ]; } && echo yes)"
run sh -c 'env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=recvmsg \
  -e inject=recvmsg:error=ENOBUFS:when=2+ ./ss -tan -D - | cat >piped'
matches "ss -D into a pipe: what cannot be removed is reported" \
  '^ss: -D: standard output: incomplete: it contains an incomplete answer that could not be removed: Illegal seek$' \
    "$err"

# ss -E without sock_diag.
failing socket EPROTONOSUPPORT 1+ ./ss -E
check "ss -E without sock_diag" "255 Cannot open netlink socket: Protocol not supported" "$status $err"
run ./ss -E -x
check "ss -E without anything to follow is silent, as the original is" "255 " "$status $err"

# ss2.
failing socket EPROTONOSUPPORT 1+ ./ss2 -t
check "ss2 without sock_diag: status" 1 "$status"
matches "ss2 without sock_diag: why" '^ss2: netlink: sock_diag open tcp: Protocol not supported$' "$err"
matches "ss2 without sock_diag: what is missing" '^ss2: tcp: incomplete, from procfs without .*tcp_info' "$err"
matches "ss2 without sock_diag: sockets are shown" '"src": "127.0.0.1"' "$out"
run ./ss2 -t --via=procfs
check "ss2 --via=procfs has what was asked for" "0 " "$status $err"

# duostat capture.
run "$duostat" capture -q healthy
check "a healthy capture" "0 " "$status $err"
check "a healthy capture has all sockets" "$sockets" "$(rows healthy)"
first=$(strace -qq -e trace=socket "$duostat" capture -q traced 2>&1 | grep -n AF_NETLINK | head -n 1 | cut -d: -f1)
failing socket EMFILE "$first" "$duostat" capture -q first
check "capture with the first netlink socket failing: status" 1 "$status"
matches "capture with the first netlink socket failing: it is said" \
  '^duostat capture: incomplete: sock_diag open [a-z, ]*: Too many open files$' "$err"
run ./ss --from=first -xaH --via=netlink
check "and the other tables can be used" "0 " "$status $err"
[ -n "$out" ] && pass "and shown" || fail "and shown"
failing recvmsg ENOBUFS 2 "$duostat" capture -q torn
if [ "$status" = 0 ]; then
  check "capture with a dump that broke was asked again" "$sockets" "$(rows torn)"
else
  matches "capture with a dump that broke: it is said" \
    '^duostat capture: incomplete: sock_diag receive [a-z, ]*: No buffer space available$' "$err"
fi
failing recvmsg ENOBUFS 2+ "$duostat" capture -q dead
check "capture with every dump breaking: status" 1 "$status"
matches "capture with every dump breaking: it is said" \
  '^duostat capture: incomplete: sock_diag receive .*tcp.*: No buffer space available$' "$err"
failing openat EMFILE 60+ "$duostat" capture -q nofiles
check "capture without descriptors: not silent, and not a line for each" yes \
  "$([ "$status" != 0 ] && [ -n "$err" ] && [ "$(echo "$err" | wc -l)" -lt 10 ] && echo yes)"

# A file that alone has some of the numbers. unopened FILE WORDS...: like run, where FILE cannot be opened.
unopened() {
  file=$1
  shift
  run env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -P "$file" -e trace=openat \
    -e inject=openat:error=EMFILE "$@"
  err=$(printf '%s\n' "$err" | grep -v '^strace: Requested path')
}
all=$(./netstat -xan | grep -c '^unix ')
unopened /proc/net/unix ./netstat -xan
check "netstat -x without /proc/net/unix: all sockets" "0 $all" "$status $(printf '%s\n' "$out" | grep -c '^unix  -  ')"
check "  the counts are missed" \
  "netstat: unix: reference counts unavailable: open /proc/net/unix: Too many open files" "$err"
unopened /proc/net/unix ./netstat -xan --json
matches "  in JSON too" '"operation":"open","object":"/proc/net/unix","error":"Too many open files"' "$out"
unopened /proc/net/sockstat6 ./ss -s
check "ss -s without sockstat6" "0 ss: get_sockstat6: Too many open files" "$status $err"
unopened /proc/net/sockstat6 ./ss -s --json
matches "  in JSON too" '"complete":false' "$out"

exec 3>&-
wait
done_testing

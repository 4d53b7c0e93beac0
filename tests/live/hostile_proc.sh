#!/bin/sh
# A /proc that is missing, unreadable, malformed, or written by an attacker, mounted over the real one in a private
# mount namespace.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

unshare -m true 2>/dev/null || skip_all "no private mount namespace (unshare -m)"
ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/netstat"
tree=$work/proc
mkdir -p "$tree/net" "$work/empty"

# with_proc DIRECTORY WORDS...: runs a command with the directory as /proc
with_proc() {
  directory=$1
  shift
  # shellcheck disable=SC2016  # expanded inside
  run timeout 20 unshare -m sh -c 'mount --bind "$1" /proc && shift && exec "$@"' sh "$directory" "$@"
}

# No /proc at all.
for via in auto procfs; do
  for tool in ss netstat; do
    for options in -tan -tulpn -xa -s; do
      [ $tool = netstat ] && [ $options = -s ] && continue
      with_proc "$work/empty" "$work/$tool" --via=$via $options
      if [ "$status" -lt 124 ]; then pass "$tool --via=$via $options without /proc ends by itself"
      else fail "$tool --via=$via $options without /proc ends by itself" "status $status" "$err"; fi
    done
  done
done
with_proc "$work/empty" "$work/netstat" --via=procfs -tan
check "netstat without /proc fails as the original does" 1 "$status"
matches "  in its words" "no support for \`AF INET \(tcp\)' on this system" "$err"

header='  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
good='   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 4242 1 0 100 0 0 10 0'
printf '%s\n%s\nrubbish\n   1: 0100007F\n%s\n' "$header" "$good" "$good" >"$tree/net/tcp"
for file in tcp6 udp udp6 raw raw6; do echo "$header" >"$tree/net/$file"; done
with_proc "$tree" "$work/netstat" --via=procfs -tan
check "malformed lines: the good rows are all there" 2 "$(printf '%s\n' "$out" | grep -c LISTEN)"
matches "  with a warning" 'bogus tcp line' "$err"
with_proc "$tree" "$work/ss" --via=procfs -tan
check "ss: malformed lines: the good rows are all there" 2 "$(printf '%s\n' "$out" | grep -c LISTEN)"
matches "  with a warning that counts" '2' "$err"

# Truncated in the last line, at every byte: never a crash or a hang.
printf '%s\n%s\n' "$header" "$good" >"$work/whole"
bad=0
length=$(wc -c <"$work/whole")
cut=${#header}
while [ "$cut" -lt "$length" ]; do
  head -c "$cut" "$work/whole" >"$tree/net/tcp"
  with_proc "$tree" "$work/netstat" --via=procfs -tan
  [ "$status" -le 3 ] || bad=$((bad + 1))
  PROC_ROOT=$tree run "$work/ss" -tan
  [ "$status" -le 3 ] || bad=$((bad + 1))
  cut=$((cut + 3))
done
check "a table cut short anywhere" 0 "$bad"

# Nothing readable: no rows, but a message (root can read everything, so a directory stands for an I/O error).
rm -f "$tree/net/tcp"
mkdir "$tree/net/tcp"
with_proc "$tree" "$work/netstat" --via=procfs -tan
if [ "$status" != 0 ] && [ -n "$err" ]; then pass "netstat: a table that cannot be read is an error"
else fail "netstat: a table that cannot be read is an error" "status $status" "$err"; fi
rmdir "$tree/net/tcp"
printf '%s\n%s\n' "$header" "$good" >"$tree/net/tcp"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1; then
  chmod 755 "$work" "$tree" "$tree/net"
  cp "$duostat" "$work/duostat"
  chmod 755 "$work/duostat"
  chmod 000 "$tree/net/tcp"
  with_proc "$tree" setpriv --reuid=65534 --regid=65534 --clear-groups "$work/duostat" netstat --via=procfs -tan
  check "netstat: a table that may not be read fails" 1 "$status"
  if [ -n "$err" ]; then pass "  and says so"; else fail "  and says so" "silence"; fi
  with_proc "$tree" setpriv --reuid=65534 --regid=65534 --clear-groups "$work/duostat" ss --via=procfs -tan
  if [ -n "$err" ]; then pass "ss: a table that may not be read is reported"; else fail \
    "ss: a table that may not be read is reported" "$out"; fi
  chmod 644 "$tree/net/tcp"
else
  skip "tables that may not be read" "not root, or no setpriv"
fi

# A name that contains a newline must not become a row.
unix_header='Num       RefCount Protocol Flags    Type St Inode Path'
printf '%s\n%s\n%s\n' "$unix_header" '0000000000000000: 00000002 00000000 00010000 0001 01 4243 @evil' \
  '0000000000000001: 00000002 00000000 00010000 0001 01 4244 /run/honest.sock' >"$tree/net/unix"
with_proc "$tree" "$work/netstat" --via=procfs -xan
matches "unix rows are read" '/run/honest.sock' "$out"
if command -v python3 >/dev/null 2>&1 && unshare -n true 2>/dev/null; then
  # The live kernel, with a name that contains a whole line of /proc/net/unix: netlink shows where it ends.
  cat >"$work/forge.py" <<'END'
import socket, subprocess, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(b"\0evil\n0: 00000002 00000000 00010000 0001 01 666 /f\x1b[2J")
s.listen(1)
print("ready", s.fileno(), flush=True)
subprocess.run(sys.argv[1:])
END
  for tool in ss netstat; do
    run unshare -n python3 "$work/forge.py" "$work/$tool" -xan
    check "$tool: one socket, one row" 1 "$(printf '%s\n' "$out" | grep -c evil)"
    lacks "  no forged inode column" '(^| )666 .*/f' "$(printf '%s\n' "$out" | grep -v evil)"
    lacks "  no escape sequence" "$(printf '\033')" "$out"
    # netstat shows names up to the first white space, like the original.
    case $tool in ss) shown='@evil\.0: 00000002' ;; *) shown='@evil$' ;; esac
    matches "  the name is shown, with dots" "$shown" "$out"
  done
else
  skip "a live name with a newline" "no python3 or no network namespace"
fi

# The same for process names and command lines.
mkdir -p "$tree/77/fd"
ln -s 'socket:[4242]' "$tree/77/fd/3"
printf '77 (evil\nrow\033[2J) S 1 1 1' >"$tree/77/stat"
printf 'evil\nrow\033[2J\0arg' >"$tree/77/cmdline"
printf 'evil\nrow\033[2J\n' >"$tree/77/comm"
for tool in ss netstat; do
  with_proc "$tree" "$work/$tool" --via=procfs -tlnp
  matches "$tool: a process name's controls are dots" 'evil\.row\.\[2J' "$out"
done

# Processes that exist only in part.
mkdir -p "$tree/78" "$tree/79/fd" "$tree/80"
ln -s 'socket:[4242]' "$tree/79/fd/5"
: >"$tree/80/fd"
for tool in ss netstat; do
  with_proc "$tree" "$work/$tool" --via=procfs -tlnp
  check "$tool: processes without descriptors, names or both" 0 "$status"
  check "  the row is there" 1 "$(printf '%s\n' "$out" | grep -c 8080)"
done
done_testing

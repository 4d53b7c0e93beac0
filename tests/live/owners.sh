#!/bin/sh
# Owners of sockets if some processes cannot be read: few descriptors, no permission, hidden processes, another PID
# namespace. A missing owner is reported, but only if something could not be read.
#
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2046,SC2086,SC2154  # $ss, $user and others are words; "$1" is expanded inside
. "$top_srcdir/tests/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
command -v nsenter >/dev/null 2>&1 || skip_all "nsenter is not installed"
unshare -n true 2>/dev/null || skip_all "no private network namespace (unshare -n)"
chmod 755 "$work"
cp "$duostat" "$work/duostat"
chmod 755 "$work/duostat"
ss="$work/duostat ss"

# Thirty processes with a listener each, which one of them shares with its parent; a UNIX pair; a socket that is held
# only by a message in transit. Then runs the command.
cat >"$work/zoo.py" <<'END'
import fcntl, os, signal, socket, struct, subprocess, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # lo up
    fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
children = []
def child(sockets):
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        kept = sockets()
        os.write(done, b".")
        signal.pause()
    os.read(ready, 1), os.close(ready), os.close(done)
    children.append(pid)
for i in range(30):
    child(lambda: socket.create_server(("127.0.0.1", 10000 + i)))
one, two = socket.socketpair()
carrier, other = socket.socketpair()
if "--in-flight" in sys.argv:
    sys.argv.remove("--in-flight")
    with socket.create_server(("127.0.0.1", 9999)) as flying:
        socket.send_fds(carrier, [b"x"], [flying.fileno()])
try:
    sys.exit(subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL).returncode)
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
END
# One zoo serves most cases. It ends when descriptor 8 of this shell is closed.
mkfifo "$work/hold"
unshare -n python3 "$work/zoo.py" sh -c 'echo $$ >"$1/zoo" && exec cat "$1/hold"' sh "$work" &
exec 8<>"$work/hold"
while [ ! -s "$work/zoo" ]; do
  kill -0 $! 2>/dev/null || { fail "the zoo starts"; done_testing; exit; }
  sleep 0.02
done
zoo=$(cat "$work/zoo")
# in_zoo WORDS...: without what this shell inherited (make's, a lock), which counts against `ulimit -n`
in_zoo() { run timeout 60 nsenter --target="$zoo" --net -- "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; }
count() { printf '%s\n' "$out" | grep -cE -- "$1"; }
lines() { if [ -n "$err" ]; then printf '%s\n' "$err" | wc -l; else echo 0; fi; }

# ---- few descriptors ----
for limit in 5 4; do
  in_zoo sh -c 'ulimit -n "$1" && shift && exec "$@"' sh $limit $ss -tanp
  check "ulimit -n $limit: all owners are found" 30 "$(count 'users:\(\("python3",pid=[0-9]+,fd=')"
  check "  nothing on standard error" "" "$err"
done
in_zoo sh -c 'ulimit -n 4 && exec "$@"' sh "$work/duostat" netstat -tanp
check "netstat: all owners are found" 30 "$(count '[0-9]/python3')"
# With netlink's socket open, no descriptor is left for the files of a process.
in_zoo sh -c 'ulimit -n 4 && exec "$@"' sh $ss -tan --columns=local_port,process,process_cgroup,unit,process_user
check "ulimit -n 4: --columns with details of processes" 30 "$(count '^ *100.. python3 ')"
unreadable='details of 30 processes unreadable: Too many open files'
matches "  are reported" "^ss: owners: incomplete: .*$unreadable(; processes may be hidden.*)?\$" "$err"
check "  in one line" 1 "$(lines)"
in_zoo sh -c 'ulimit -n 4 && exec "$@"' sh $ss -tanp --json --proc=user
matches "  and in JSON" '"complete": ?false' "$out"
matches "  with the reason" 'details of 30 processes unreadable: Too many open files' "$out"

# Netlink sockets are named after processes.
cat >"$work/netlink.py" <<'END'
import os, socket, subprocess, sys
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
    s.bind((os.getpid(), 0))
    sys.exit(subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL).returncode)
END
run timeout 60 unshare -n python3 "$work/netlink.py" sh -c 'ulimit -n 4 && exec "$@"' sh $ss -af netlink
matches "ulimit -n 4: ss names no process of a netlink socket, and says so" \
  '^ss: netlink: names of [0-9]+ process(es)? unreadable: ' "$err"

# ---- no permission ----
permission=
if [ "$(id -u)" != 0 ]; then permission="not root"
elif ! command -v setpriv >/dev/null 2>&1; then permission="setpriv is not installed"
elif ! setpriv --reuid=65534 --regid=65534 --clear-groups "$work/duostat" version >/dev/null 2>&1; then \
  permission="no ordinary user"
fi
user="setpriv --reuid=65534 --regid=65534 --clear-groups"
no_ptrace="setpriv --bounding-set=-sys_ptrace"
told='^(ss|netstat): owners: incomplete, 30 sockets of unknown owner: no permission to look at [0-9]+'

# own_forms NAME WORDS...: each of our own formats reports once that 30 owners are unknown, and ends with 0.
own_forms() {
  name=$1
  shift
  forms="--where=process=python3 --by=process"
  [ "${DUOSTAT_TEST_EFFORT-}" = quick ] || forms="$forms --count:--where=process=python3 --columns=pid --sort=pid
    --json=lines:--columns=pid --where=not:process=x --where=process=x:and:local_port>0"
  for form in $forms; do
    case $form in
      --where=*:*) in_zoo "$@" -tan "$(printf '%s' "$form" | tr : ' ')" ;;
      *) in_zoo "$@" -tan $(printf '%s' "$form" | tr : ' ') ;;
    esac
    matches "$name: $form says that owners are unknown" "$told" "$err"
    check "  in one line" 1 "$(lines)"
    check "  with status 0" 0 "$status"
  done
  in_zoo "$@" -tan --json --columns=owners
  matches "$name: JSON is not complete" '"complete": ?false' "$out"
  matches "  because" '"error": ?"30 sockets of unknown owner: no permission to look at [0-9]+' "$out"
  matches "  with the number" '"sockets": ?30' "$out"
  check "  status 0, nothing on standard error" "0 " "$status $err"
  in_zoo "$@" -tan --where='process=x and local_port=1'
  check "$name: where owners decide nothing, nothing is said" "" "$err"
  in_zoo "$@" -tan --columns=local_port
  check "  nor where none are shown" "" "$err"
}
if [ -n "$permission" ]; then
  skip "an ordinary user, and root without CAP_SYS_PTRACE" "$permission"
else
  own_forms "ordinary user, ss" $user $ss
  own_forms "ordinary user, netstat" $user "$work/duostat" netstat
  in_zoo $user $ss -tanp
  check "ordinary user: ss -p is as silent as the original" "0  30" "$status $err $(count LISTEN)"
  in_zoo $user "$work/duostat" netstat -tanp
  matches "ordinary user: netstat -p has the original's words" 'No info could be read for "-p"|Not all processes' "$err"
  if [ "$(setpriv --bounding-set=-sys_ptrace sh -c 'readlink /proc/1/exe' 2>/dev/null)" != "" ]; then
    skip "root without CAP_SYS_PTRACE" "nothing is hidden from it here"
  else
    # It may list the descriptors of processes that have more capabilities, but not read them.
    own_forms "root without CAP_SYS_PTRACE" $no_ptrace $ss
  fi
fi

# ---- hidden processes ----
hidden='^ss: owners: incomplete, 30 sockets of unknown owner: '
hidden=$hidden'(no permission to look at [0-9]+ process(es)?; )?processes may be hidden'
if [ -n "$permission" ]; then
  skip "hidepid" "$permission"
elif ! unshare -m -p -f sh -c 'mount -t proc -o hidepid=2 proc /proc' 2>/dev/null; then
  skip "hidepid" "no proc file system can be mounted"
else
  for mode in 2 4; do
    if ! unshare -m -p -f sh -c "mount -t proc -o hidepid=$mode proc /proc" 2>/dev/null; then
      skip "hidepid=$mode" "this kernel does not have it"
      continue
    fi
    cat >"$work/inside.sh" <<'END'
mode=$1
shift
mount -t proc -o "hidepid=$mode" proc /proc
work=$1
shift
exec python3 "$work/zoo.py" "$@"
END
    run timeout 60 unshare -n -m -p -f sh "$work/inside.sh" $mode "$work" $user $ss -tan --where=process=python3
    matches "hidepid=$mode: --where says that owners are unknown" "$hidden" "$err"
    run timeout 60 unshare -n -m -p -f sh "$work/inside.sh" $mode "$work" $user $ss -tanp --json
    matches "  JSON is not complete" '"complete": ?false' "$out"
    matches "  because processes may be hidden" 'processes may be hidden' "$out"
    check "  status 0" 0 "$status"
  done
fi

# This option value is as old as options that concern only one mount (Linux 5.8): nothing changes outside.
if [ -z "$permission" ] && unshare -m sh -c 'mount -t proc -o hidepid=invisible proc /proc' 2>/dev/null; then
  for mode in invisible ptraceable; do
    run timeout 60 unshare -n -m sh "$work/inside.sh" $mode "$work" $user $ss -tan --count --where=process=python3
    matches "hidepid=$mode in the outer PID namespace: --count says that owners are unknown" "$hidden" "$err"
    run timeout 60 unshare -n -m sh "$work/inside.sh" $mode "$work" $user $ss -tanp --json
    matches "  JSON is not complete" '"complete": ?false' "$out"
  done
else
  skip "hidepid in the outer PID namespace" "${permission:-not for one mount only}"
fi

# ---- another PID namespace ----
if ! unshare -p -f --mount-proc true 2>/dev/null; then
  skip "another PID namespace" "no private PID namespace (unshare -p)"
else
  in_zoo unshare -p -f --mount-proc $ss -tan --where=process=python3
  matches "a PID namespace inside that of the holders: --where says that owners are unknown" "$hidden" "$err"
  check "  status 0" 0 "$status"
  in_zoo unshare -p -f --mount-proc $ss -tanp --json
  matches "  JSON is not complete" '"complete": ?false' "$out"
  matches "  because processes may be hidden" '"error": ?"30 sockets of unknown owner: processes may be hidden' "$out"
  # If every owner is found, other namespaces do not matter.
  run timeout 60 unshare -n -p -f --mount-proc python3 "$work/zoo.py" $ss -tanp --json
  matches "all holders in the same PID namespace: complete" '"complete": ?true' "$out"
fi

# ---- everything can be read ----
in_zoo $ss -tanp --json
if ! printf '%s\n' "$out" | grep -qE '"complete": ?true' ||
  [ "$(readlink /proc/self/ns/pid)" != 'pid:[4026531836]' ]; then
  skip "a socket that only a message holds" "not everything may be looked at here"
else
  run timeout 60 unshare -n python3 "$work/zoo.py" --in-flight $ss -tanp --json
  matches "a socket that only a message holds has no owner" '"owners": ?\[\]' "$out"
  matches "  and that is complete" '"complete": ?true' "$out"
  run timeout 60 unshare -n python3 "$work/zoo.py" --in-flight $ss -tan --where=process=python3
  check "  nothing on standard error" "30 " "$(count LISTEN) $err"
fi

# ---- nothing is mounted on /proc ----
mkdir "$work/empty"
if unshare -m mount --bind "$work/empty" /proc 2>/dev/null; then
  # Words of a command whose /proc is an empty folder.
  in_empty() { in_zoo unshare -m sh -c 'mount --bind "$0" /proc && exec "$@"' "$work/empty" "$@"; }
  in_empty "$duostat" listen
  matches "an empty /proc: listen says why no owner is visible" 'processes could not be listed: No such file' "$err"
  lacks "  and does not say that the kernel holds the listener" 'kernel' "$out"
  in_empty $ss -tln --where='process = python3' --fail-if-none
  check "  --fail-if-none is undecided" 3 "$status"
  in_empty $ss -tlnp --json
  matches "  JSON is not complete" '"complete": ?false' "$out"
  in_empty "$duostat" capture "$work/empty.capture"
  check "  a capture is incomplete" 1 "$status"
  in_empty "$duostat" bench --rounds=1 --connections=2 --time=10
  lacks "  bench draws no bar for a backend that failed" '^  procfs +[^ 0-9a-z]' "$out"
else
  skip "an empty /proc" "nothing can be mounted"
fi

# ---- the process at the other end of a UNIX socket ----
in_zoo $ss -xa --columns=process,pid,peer_process --where='peer_process = python3'
check "peer_process: both ends of the pairs" 4 "$(count '^ *python3 +([0-9]+) +python3 +\1 ')"
in_zoo $ss -xap --json
matches "  in JSON with -p" '"peer_process": ?\{"comm": ?"python3", ?"pid": ?[0-9]+, ?"fd": ?[0-9]+\}' "$out"
in_zoo $ss -xa --json
lacks "  not without" 'peer_process' "$out"
in_zoo $ss -xa --by=peer_process,process --json
matches "  --by" '"comm": ?"python3", ?"process": ?"python3", ?"count": ?4' "$out"
done_testing

#!/bin/sh
# ss -N NAME lists what ss lists inside the namespace, and reports a namespace that cannot be entered.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

[ "$(id -u)" = 0 ] || skip_all "not root"
if [ -z "$DUOSTAT_ALONE" ]; then
  unshare -nm --propagation private true 2>/dev/null || skip_all "no private namespaces (unshare -nm)"
  rm -rf "$work"
  DUOSTAT_ALONE=1 exec unshare -nm --propagation private sh "$0"
fi
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
command -v nsenter >/dev/null 2>&1 || skip_all "nsenter is not installed"

# Names are looked up in /var/run/netns, which is usually /run/netns: use one that no other process sees.
directory=$(readlink -m /var/run)
mount -t tmpfs none "$directory" && mkdir "$directory/netns" || skip_all "no private $directory"
ln -sf "$duostat" "$work/ss"
: >"$directory/netns/other"
: >"$directory/netns/no-namespace"
mkdir -p "$directory/netns/below"
: >"$directory/netns/below/too"
unshare -n sh -c 'mount --bind /proc/self/ns/net "$1" && mount --bind /proc/self/ns/net "$2"' - \
  "$directory/netns/other" "$directory/netns/below/too" 2>/dev/null
mountpoint -q "$directory/netns/other" || skip_all "a network namespace cannot be mounted"

python3 - "$directory/netns/other" "$work/ready" <<'P' &
import ctypes, socket, sys, time
with open(sys.argv[1]) as other:
    ctypes.CDLL(None).setns(other.fileno(), 0)
tcp = socket.socket()
tcp.bind(("0.0.0.0", 8080))
tcp.listen(7)
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.bind(("::", 5353))
open(sys.argv[2], "w").close()
time.sleep(60)
P
holder=$!
trap 'kill $holder 2>/dev/null; rm -rf "$work"' EXIT
tries=0
while [ ! -e "$work/ready" ] && [ $tries -lt 200 ]; do tries=$((tries + 1)); sleep 0.05; done

for options in "-tulnH" "-tuanHe --cgroup" "-H -a -t -u -n -m"; do
  # After -N, cgroup2 is not visible: its mount below /sys is gone, as in the original. Some systems have none before
  # -N, either.
  inside=$(nsenter --net="$directory/netns/other" "$work/ss" $options 2>/dev/null)
  named=$("$work/ss" -N other $options 2>/dev/null)
  check "-N other $options" "$(echo "$inside" | sed 's/ cgroup:[^ ]*//g')" "$(echo "$named" | sed 's/ cgroup:[^ ]*//g')"
done
check "two sockets are there" 2 "$("$work/ss" --net=other -tulnH | wc -l)"
check "none are here" "" "$("$work/ss" -tulnH)"
check "a name with a slash" "$("$work/ss" -N other -tulnH)" "$("$work/ss" -N below/too -tulnH)"
check "options before and after" "$("$work/ss" -N other -tlnH)" "$("$work/ss" -tl -N other -nH)"
check "the mounts here are as they were" "$(grep -c ' /sys ' /proc/mounts)" \
  "$("$work/ss" -N other -tlnH >/dev/null; grep -c ' /sys ' /proc/mounts)"

said=$("$work/ss" -N nothing -t 2>&1)
check "no such name: status" 1 $?
check "no such name" 'Cannot open network namespace "nothing": No such file or directory' "$said"
said=$("$work/ss" -N no-namespace -t 2>&1)
check "a file that is no namespace: status" 1 $?
check "a file that is no namespace" 'setting the network namespace "no-namespace" failed: Invalid argument' "$said"

reference=${DUOSTAT_REFERENCE_SS:-$(command -v ss)}
if [ -n "$reference" ]; then
  for options in "-tlnH" "-ulnH"; do
    check "as the original: -N other $options" "$("$reference" -N other $options | sed 's/ *$//')" \
      "$("$work/ss" -N other $options | sed 's/ *$//')"
  done
fi

# The message of the first failure, in the order of the command line.
first() {
  wanted="$1: $2"
  shift 2
  run "$work/ss" "$@"
  check "ss $*" "$wanted" "$status: $(echo "$err" | head -n 1)"
}
nothing='Cannot open network namespace "nothing": No such file or directory'
first 1 "$nothing" -N nothing --nonsense
first 255 "$work/ss: unrecognized option '--nonsense'" --nonsense -N nothing
first 1 "$nothing" -N nothing -V
first 0 "" -V -N nothing
first 1 "$nothing" -N nothing -F nosuch
first 255 "fopen filter file: No such file or directory" -F nosuch -N nothing
first 255 "fopen filter file: No such file or directory" -F nosuch -F nosuch

# explain names the namespace and does not enter it: blocked on a full pipe, it can be inspected.
for words in "-N other -tln" "--json ss -N other -tln"; do
  [ "${words#--json}" = "$words" ] && words="ss $words"
  # shellcheck disable=SC2086
  got=$(python3 - "$duostat" $words <<'P'
import fcntl, os, subprocess, sys, time
reading, writing = os.pipe()
fcntl.fcntl(writing, 1031, 4096)  # F_SETPIPE_SZ
os.set_blocking(writing, False)
try:
    while True:
        os.write(writing, b"x" * 4096)
except BlockingIOError:
    os.set_blocking(writing, True)
child = subprocess.Popen([sys.argv[1], "explain", *sys.argv[2:]], stdout=writing, stderr=subprocess.DEVNULL)
os.close(writing)
where = lambda pid: [os.readlink(f"/proc/{pid}/ns/{kind}") for kind in ("net", "mnt")]
end = time.monotonic() + 60
asleep = 0
while asleep < 5 and time.monotonic() < end and child.poll() is None:
    with open(f"/proc/{child.pid}/stat") as stat:
        asleep = asleep + 1 if stat.read().rsplit(")", 1)[1].split()[0] == "S" else 0
    time.sleep(0.02)
if child.poll() is not None:
    print("it ended early")
else:
    files = sorted(os.readlink(f"/proc/{child.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{child.pid}/fd")
                   if int(fd) > 2)
    print("same" if where(child.pid) == where("self") else "moved", *files)
with os.fdopen(reading, "rb") as pipe:
    pipe.read()
child.wait()
P
)
  check "explain $words stays in its namespaces and keeps no file open" same "$got"
done
# The page wraps lines at the width of the screen.
explain() { run timeout 20 "$duostat" explain "$@"; out=$(echo "$out" | tr -s ' \n' ' '); }
explain ss -N other -tln
check "explain ss -N: status" 0 "$status"
matches "  and what it would enter" '/var/run/netns/other: entered first' "$out"
lacks "  nothing is said to be done" 'CLONE_NEWNET: done' "$out"
explain --json ss -N other -tln
matches "  as JSON" '"network_namespaces": ?\[ ?"/var/run/netns/other" ?\]' "$out"
explain ss -N nothing -t
check "explain ss -N nothing: as the command" "1: $nothing" "$status: $err"
if command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null; then
  strace -f -o "$work/calls" -e trace=setns,unshare,mount,umount2,bpf,socket "$duostat" explain ss -N other -tln \
    --bpf-map-id 1 >/dev/null 2>&1
  check "explain makes none of these calls" "" "$(grep -v '^[0-9]* *+++' "$work/calls")"
else
  skip "the calls of explain" "strace is not installed or not allowed"
fi
echo "sport = 8080" >"$work/filter"
explain ss -tln -F "$work/filter"
matches "explain ss -F: the file" "$work/filter: more words of the filter \\(also read in the dry run\\)" "$out"
matches "  and its filter" 'sport = :?8080|8080' "$out"
mkfifo "$work/fifo"
explain ss -tln -F "$work/fifo"
check "explain ss -F FIFO does not wait" 0 "$status"
matches "  and says that it is not read" "$work/fifo: more words of the filter; not read in a dry run" "$out"
explain ss -tln -F -
matches "explain ss -F -: standard input is not read" \
  'standard input: more words of the filter; not read in a dry run' "$out"
done_testing

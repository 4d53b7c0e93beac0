#!/bin/sh
# ss -N NAME: what is listed is what ss lists from inside the namespace, and what cannot be entered is said.
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

# Names are looked up in /var/run/netns, which is usually /run/netns: one that nobody else sees.
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
  inside=$(nsenter --net="$directory/netns/other" "$work/ss" $options 2>&1)
  # Behind -N cgroup2 is out of sight: its mount below /sys is gone, as in the original.
  named=$("$work/ss" -N other $options 2>/dev/null)
  check "-N other $options" "$(echo "$inside" | sed 's/ cgroup:[^ ]*//g')" "$(echo "$named" | sed 's/ cgroup:[^ ]*//g')"
done
check "two sockets are there" 2 "$("$work/ss" --net=other -tulnH | wc -l)"
check "none are here" "" "$("$work/ss" -tulnH)"
check "a name with a slash" "$("$work/ss" -N other -tulnH)" "$("$work/ss" -N below/too -tulnH)"
check "options before and after" "$("$work/ss" -N other -tlnH)" "$("$work/ss" -tl -N other -nH)"
check "the mounts here are as they were" "$(grep -c ' /sys ' /proc/mounts)" "$("$work/ss" -N other -tlnH >/dev/null; grep -c ' /sys ' /proc/mounts)"

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
done_testing

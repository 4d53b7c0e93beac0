#!/bin/sh
# Ours against the installed originals on a second kernel, User Mode Linux, which has what the first may lack (SCTP,
# DCCP, TIPC, vsock, their diag modules) and lacks what the first may have (every module, until it is loaded). Speaks
# TAP.
#
# usage: run.sh [WORD]      WORD: only the cases whose name contains it DUOSTAT_REFERENCE_SS      another ss to compare
# with DUOSTAT_VM_SILENCE        seconds without a line from the guest after which it is stuck and the test fails
# (default 60);
#                           how long the cases take together does not matter
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -u
PATH=$PATH:/usr/sbin:/sbin
silence=${DUOSTAT_VM_SILENCE:-60}
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

uml=$(command -v linux.uml || command -v linux) || skip_all "User Mode Linux is not installed"
modules=/usr/lib/uml/modules
[ -d "$modules" ] || skip_all "no modules of User Mode Linux in $modules"
for tool in modprobe python3 ss netstat strip timeout; do
  command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
# The address space of its processes has no room for the sanitizers' shadow memory.
grep -q __asan_init "$top_builddir/duostat" && skip_all "sanitizers do not run on User Mode Linux"

# Long temporary directories exceed the length of the names of the kernel's control sockets.
work=$(mktemp -d /tmp/duostat-vm-XXXXXX) || exit 99
kernel=
watcher=
# The kernel is several processes; timeout makes them one group, and ends that group.
clean() {
  if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; fi
  if [ -n "$kernel" ]; then kill "$kernel" 2>/dev/null; wait "$kernel"; fi
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

source=$(cd "$top_srcdir" && pwd)
built=$(cd "$top_builddir" && pwd)
# The guest copies the program into its memory, which is small: strip debugging data.
strip -o "$work/duostat" "$built/duostat" || exit 99
cat >"$work/init" <<END
#!/bin/sh
exec /bin/sh '$source/tests/vm/guest.sh' '$source' '$built' '$work' '$modules' '${1:-}' '${DUOSTAT_REFERENCE_SS:-}'
END
chmod 755 "$work/init"

# Ends the guest when it has written nothing for that long. Counts pauses, not clock time: a stopped machine is not a
# stuck guest.
watch() {
  size=0
  idle=0
  while [ $idle -lt "$silence" ]; do
    sleep 1
    before=$size
    size=$(cat "$work/console" "$work/tap" 2>/dev/null | wc -c)
    if [ "$size" = "$before" ]; then idle=$((idle + 1)); else idle=0; fi
  done
  : >"$work/stuck"
  kill "$kernel"
}

# timeout without a limit: it makes the kernel's processes a group, and ends the group on a signal.
HOME=$work TMPDIR=$work timeout -k 2 0 "$uml" mem=192M uml_dir="$work/" umid=vm root=/dev/root rootfstype=hostfs \
  hostfs=/ ro init="$work/init" con=null con0=null,fd:1 quiet panic=-1 </dev/null >"$work/console" 2>&1 &
kernel=$!
watch >/dev/null 2>&1 &
watcher=$!
wait "$kernel"
kernel=
kill "$watcher" 2>/dev/null
watcher=

if [ ! -e "$work/tap" ]; then
  skip_all "User Mode Linux does not start here: $(grep -a . "$work/console" | tail -n 1 | tr -d '\r#')"
fi
cat "$work/tap"
# The plan is the last line that the guest writes, so a guest that died before has failed.
if ! grep -q '^1\.\.' "$work/tap"; then
  [ ! -e "$work/stuck" ] || echo "# stopped: no line from the guest for $silence seconds"
  tail -n 20 "$work/console" | sed 's/^/# /'
  echo "Bail out! the guest did not finish"
fi

#!/bin/sh
# Processes and sockets that appear and disappear while they are listed.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
unshare -n true 2>/dev/null || skip_all "no private network namespace (unshare -n)"
cat >"$work/churn.py" <<'END'
import fcntl, os, signal, socket, struct, subprocess, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # lo up
    fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
lasting = socket.create_server(("127.0.0.1", 7777))
def churn():
    while True:
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(20)]
        pairs = [socket.create_connection(s.getsockname()) for s in servers]
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        for s in servers + pairs:
            s.close()
churners = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        lasting.close()
        churn()
    churners.append(child)
runs, worst, missing, doubled = 0, 0, 0, 0
try:
    end = time.monotonic() + float(os.environ["SECONDS_OF_STORM"])
    while time.monotonic() < end or runs < 3:
        ran = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
        runs += 1
        worst = max(worst, ran.returncode & 255)
        rows = [line for line in ran.stdout.splitlines() if b"127.0.0.1:7777" in line]
        missing += len(rows) < 1
        doubled += len(rows) > 1
finally:
    for child in churners:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
# A text table is no snapshot: between two reads the kernel finds its place again by counting in a hash bucket, so that
# a row may be met twice or not at all if the bucket changed. Rarely; netlink, which is asked for one message after
# another, likewise.
odd = missing + doubled
print("good" if worst == 0 and runs >= 3 and odd * 50 <= max(runs, 50) else f"status {worst}, {missing} missing, "
      f"{doubled} doubled in {runs} runs")
END
if [ "${DUOSTAT_TEST_EFFORT:-}" = quick ]; then SECONDS_OF_STORM=1.5; else SECONDS_OF_STORM=3; fi
export SECONDS_OF_STORM
for via in procfs netlink; do
  for tool in ss netstat; do
    # Few runs fit into the time on a busy machine, so that two such rows may be many: a fault shows again.
    for _ in 1 2 3; do
      run timeout 60 unshare -n python3 "$work/churn.py" "$duostat" $tool --via=$via -tlnp
      [ "$out" != good ] || break
    done
    check "$tool --via=$via -tlnp in a storm: no failure, every row, once" good "$out"
  done
done
done_testing

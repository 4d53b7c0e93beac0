#!/usr/bin/env python3
"""A real container, of podman over this machine's own files: its network namespace has its name. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path.insert(0, os.path.join(TOP, "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)
import tap  # noqa: E402

DUOSTAT = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "duostat")
PORT = 8099
PROGRAM = f"import socket, time; s = socket.create_server(('0.0.0.0', {PORT})); time.sleep(600)"


def limits():
    """Podman's own defaults are above what may be allowed here."""
    for word, what in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
        hard = resource.getrlimit(what)[1]
        most = 1000 if hard == resource.RLIM_INFINITY else min(hard, 1000)
        yield f"--ulimit={word}={most}:{most}"


def only_cgroup2():
    """In this mount namespace: podman refuses a mixture of both versions."""
    subprocess.run(["umount", "-R", "-l", "/sys/fs/cgroup"], capture_output=True)
    return subprocess.run(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"], capture_output=True).returncode == 0


def run(*words):
    return subprocess.run([DUOSTAT, *words], capture_output=True, text=True, timeout=60)


def check(out, name):
    found = []
    deadline = time.monotonic() + 60
    while not found and time.monotonic() < deadline:
        document = json.loads(run("ss", "-tln", "--all-netns", "--json", f"sport = :{PORT}").stdout)
        found = [entry["netns"] for entry in document["sockets"]]
        time.sleep(0.1)
    out.ok("ss --all-netns --json: runtime and container", [] if len(found) == 1 and
           (found[0].get("runtime"), found[0].get("container")) == ("podman", name) else [str(found)])
    label = f"podman:{name[:12]}"
    rows = run("ss", "-tlnH", "--all-netns", f"sport = :{PORT}").stdout.splitlines()
    out.ok("ss --all-netns: the label", [] if [row.split()[0] for row in rows] == [label] else rows)
    rows = [row.split() for row in run("netstat", "-tln", "--all-netns").stdout.splitlines()]
    out.ok("netstat --all-netns: the label",
           [] if [row[0] for row in rows if any(cell.endswith(f":{PORT}") for cell in row)] == [label] else rows)
    rows = run("ss", "-tln", "--all-netns", "--by=netns", f"--where=netns = '{label}'").stdout
    out.ok("--by and --where", [] if label in rows else [rows])


def main():
    podman = shutil.which("podman")
    if podman is None:
        tap.skip_all("podman is not installed")
    if os.getuid() != 0:
        tap.skip_all("not root")
    namespace.unshare(namespace.CLONE_NEWNS, "CLONE_NEWNS")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    if not only_cgroup2():
        tap.skip_all("cgroup2 cannot be mounted")
    out = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="duostat-") as place:
        # Detached at the end: podman still tidies up then, and files must not be deleted through its mounts.
        namespace.mount("tmpfs", place, "tmpfs")
        tool = [podman, f"--root={place}/root", f"--runroot={place}/run", "--cgroup-manager=cgroupfs"]
        started = subprocess.run([*tool, "run", "--detach", "--rm", "--privileged", "--pids-limit=-1", "--network=none",
                                  *limits(), "--rootfs", "/:O", "python3", "-c", PROGRAM], capture_output=True,
                                 text=True, timeout=120)
        if started.returncode != 0:
            subprocess.run(["umount", "-l", place], check=True)
            tap.skip_all("podman cannot start a container here: " + started.stderr.strip().splitlines()[-1][:150])
        name = started.stdout.strip()
        try:
            check(out, name)
        finally:
            subprocess.run([*tool, "rm", "--force", "--time=0", name], capture_output=True, timeout=120)
            subprocess.run(["umount", "-R", "-l", place], check=True)
    out.plan()


if __name__ == "__main__":
    main()

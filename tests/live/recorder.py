#!/usr/bin/env python3
"""duostat capture --every, --keep and --on-finding: a bounded ring that commands read, signals, a full disk, mistakes.
Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import steady  # noqa: E402
import tap  # noqa: E402
from situation import DUOSTAT, duostat  # noqa: E402

NAME = re.compile(r"^\d{8}T\d{6}Z\.capture$")
test = tap.Tap()
held = []


def captures(ring):
    return sorted(n for n in os.listdir(ring) if n.endswith(".capture")) if os.path.isdir(ring) else []


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def start(*words):
    return subprocess.Popen([DUOSTAT, "capture", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def stop(recorder, number=signal.SIGTERM):
    recorder.send_signal(number)
    out, err = recorder.communicate(timeout=60)
    return recorder.returncode, out, err.decode()


def a_ring(folder):
    ring = os.path.join(folder, "ring")
    recorder = start("--every=1s", "--keep=3", ring)
    seen = set()

    def several():
        seen.update(captures(ring))
        return len(seen) >= 5
    test.report(until(several), "captures appear at the interval", seen)
    status, out, err = stop(recorder)
    names = captures(ring)
    test.same("a signal ends it with status 0", (0, b""), (status, out))
    test.report(err.count("\n") == 1 and "confidential" in err, "one line says what captures contain", err)
    test.report(2 <= len(names) <= 3 and all(NAME.match(n) for n in names), "the ring keeps the newest three", names)
    test.same("they are the newest", sorted(seen | set(names))[-len(names):], names)
    test.report(all(os.stat(os.path.join(ring, n)).st_mode & 0o777 == 0o600 for n in names), "mode 0600", names)
    test.same("the directory's is 0700", 0o700, os.stat(ring).st_mode & 0o777)
    test.same("nothing else is left in it", names, sorted(os.listdir(ring)))
    return ring


def commands_read_it(ring):
    newest = os.path.join(ring, captures(ring)[-1])
    for words in (["ss", "-tan"], ["netstat", "-rn"], ["states"]):
        by_name = duostat(*words, "--from=" + newest)
        of_ring = duostat(*words, "--from=" + ring)
        test.report(by_name.returncode == 0 and by_name.stdout == of_ring.stdout and len(of_ring.stdout) > 30,
                    f"{words[0]} --from=DIRECTORY is the newest capture", by_name, of_ring)
    report = json.loads(duostat("report", "--json", "--from=" + ring).stdout)
    test.same("report --from=DIRECTORY", "report", report["kind"])
    held.append(socket.create_server(("127.0.0.1", 8099)))
    text = duostat("diff", ring).stdout.decode()
    test.report("8099" in text, "diff DIRECTORY: what is new since the newest", text)
    with tempfile.TemporaryDirectory() as empty:
        out = duostat("ss", "--from=" + empty)
        test.report(out.returncode == 2 and out.stderr.count(b"\n") == 1 and
                    b"no capture in this directory" in out.stderr, "a directory without captures: one line", out)
    other = os.path.join(ring, "note.txt")
    with open(other, "w") as file:
        file.write("keep me")
    with open(os.path.join(ring, "99999999T999999Z.capture.tmp"), "w") as file:
        file.write("no capture")
    recorder = start("-q", "--every=1s", "--keep=1", ring)
    until(lambda: len(captures(ring)) == 1)
    status, _, err = stop(recorder, signal.SIGINT)
    test.same("a smaller ring is cut to its size, quietly", (0, "", 1), (status, err, len(captures(ring))))
    test.report(os.path.exists(other), "files of others stay", os.listdir(ring))


def on_finding(folder):
    ring = os.path.join(folder, "findings")
    path = os.path.join(folder, "once.capture")
    only = "--on-finding=close-wait,unaccepted"
    out = duostat("capture", only, path)
    test.same("nothing is found: no file, status 0", (0, False), (out.returncode, os.path.exists(path)))
    test.report(b"nothing found" in out.stderr, "and a line says so", out.stderr)
    recorder = start("--every=1s", only, ring)
    until(lambda: os.path.isdir(ring))
    time.sleep(1.5)
    test.same("a quiet host records nothing", [], captures(ring))
    server = socket.create_server(("127.0.0.1", 8080), backlog=200)
    clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(150)]
    held.extend([server, *[server.accept()[0] for _ in clients]])
    for client in clients:
        client.close()
    test.report(until(lambda: captures(ring)), "a leak is recorded", captures(ring))
    status, _, err = stop(recorder)
    test.report(status == 0 and re.search(r"\.capture: found close-wait \(warning\), 150$", err, re.M),
                "with its reason", err)
    found = duostat("audit", "--json", "--only=close-wait", "--from=" + ring)
    test.same("the capture shows it", ["close-wait"], [f["rule"] for f in json.loads(found.stdout)["findings"]])
    out = duostat("capture", only, path)
    test.report(out.returncode == 0 and os.path.exists(path) and b"found close-wait" in out.stderr,
                "once: into a file", out)


def full_disk(folder):
    """A file system of 16 MB, filled by another file."""
    place = os.path.join(folder, "small")
    os.mkdir(place)
    try:
        namespace.mount("tmpfs", place, "tmpfs")
        subprocess.run(["mount", "-o", "remount,size=16M", place], check=True, capture_output=True)
    except (namespace.Unavailable, OSError, subprocess.CalledProcessError) as error:
        return test.skip("a full disk", f"no tmpfs here: {error}")
    ring = os.path.join(place, "ring")
    recorder = start("-q", "--every=1s", "--keep=3", ring)
    until(lambda: captures(ring))
    ballast = os.open(os.path.join(place, "ballast"), os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(ballast, b"x" * 4096)
    except OSError:
        os.close(ballast)
    before = captures(ring)
    time.sleep(3.5)
    status, _, err = stop(recorder)
    test.same("a full disk: status 2", 2, status)
    test.report(err.count("\n") == 1 and "No space left on device" in err, "one line, not one for each turn", err)
    test.report(before and set(before) <= set(captures(ring)), "the captures before it stay", captures(ring))
    damaged = [n for n in captures(ring) if duostat("ss", "-tan", "--from=" + os.path.join(ring, n)).returncode]
    test.same("and none is damaged", [], damaged)


def pipes():
    """As over ssh: recorded on one side, shown on the other."""
    shown = subprocess.run(f"{DUOSTAT} capture -q - | {DUOSTAT} ss -Htln --from=-", shell=True, capture_output=True,
                           timeout=300)
    here = duostat("ss", "-Htln").stdout
    test.report(shown.returncode == 0 and shown.stdout == here and b":8099" in here and not shown.stderr,
                "capture - on a pipe, read by --from=-", shown, here)
    cut = subprocess.run(f"{DUOSTAT} capture -q - | head -c 5000 | {DUOSTAT} ss -tln --from=-", shell=True,
                         capture_output=True, timeout=300)
    test.report(cut.returncode == 2 and b"standard input" in cut.stderr, "a pipe that ends early is told", cut)


def mistakes(folder):
    taken = os.path.join(folder, "file")
    with open(taken, "w") as file:
        file.write("x")
    for words, status, why in (
            (["--every=0.5s", folder], 2, '--every: "0.5s" is not a time from 1s to 24h'),
            (["--every=soon", folder], 2, '--every: "soon" is not a time'),
            (["--every=1s", "--keep=0", folder], 2, '--keep: "0" is not a number'),
            (["--keep=3", os.path.join(folder, "x")], 2, "--keep needs --every"),
            (["--every=1s", "-"], 2, "--every needs a directory"),
            (["--every=1s", taken], 2, "Not a directory"),
            (["--every=1s", os.path.join(folder, "none", "ring")], 2, "No such file"),
            (["--on-finding=close-wat", os.path.join(folder, "x")], 2, "close-wait")):
        out = duostat("capture", *words)
        test.report(out.returncode == status and why in out.stderr.decode() and out.stderr.count(b"\n") <= 2,
                    "refused: " + " ".join(os.path.basename(w) for w in words), out)


def main():
    namespace.enter_or_skip()
    signal.alarm(600)
    with tempfile.TemporaryDirectory() as folder:
        commands_read_it(a_ring(folder))
        on_finding(folder)
        pipes()
        mistakes(folder)
        full_disk(folder)
        subprocess.run(["umount", os.path.join(folder, "small")], capture_output=True)
    test.plan()


main()

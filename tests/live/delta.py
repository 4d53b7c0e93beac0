#!/usr/bin/env python3
"""netstat -s --delta -c ends at SIGINT at any moment: during a sleep, or between two while it writes. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

OURS = [os.path.join(os.environ.get("top_builddir", "."), "duostat"), "netstat", "-s", "--delta=0.2", "-c", "--json"]
PATIENCE = 60  # seconds after which such a test has failed
ENOUGH = 20    # documents after SIGINT
number = 0


def report(good, title, *about):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - netstat -s --delta -c: {title}")
    for fact in about if not good else ():
        print(f"#   {fact!r:.300}")


def start(stdout, action=signal.SIG_DFL):
    return subprocess.Popen(OURS, stdout=stdout, stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, action))


def full_pipe():
    """A full pipe: its reader, its writer, and how much is in it."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    filled = 0
    try:
        while True:
            filled += os.write(writer, b"\n" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    return reader, writer, filled


def is_writing(child):
    """Whether it waits in a system call whose first argument is standard output."""
    with open(f"/proc/{child.pid}/syscall") as file:
        return file.read().split()[1:2] == ["0x1"]


def wait_until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def documents(reader):
    """The documents up to the end of the output, or enough of them to show that it does not end."""
    found = []
    with os.fdopen(reader, "rb") as file:
        for line in file:
            if line.strip():
                found.append(json.loads(line))
            if len(found) >= ENOUGH:
                break
    return found


def interrupted_while_writing():
    reader, writer, _ = full_pipe()
    child = start(writer)
    os.close(writer)
    writing = wait_until(lambda: is_writing(child))
    child.send_signal(signal.SIGINT)
    time.sleep(0.05)
    found = documents(reader)
    status = child.poll() if len(found) >= ENOUGH else child.wait(PATIENCE)
    child.kill()
    report(writing and status == 0 and 1 <= len(found) <= 2, "SIGINT between two sleeps ends it", status, len(found))


def interrupted_twice():
    reader, writer, _ = full_pipe()
    child = start(writer)
    os.close(writer)
    writing = wait_until(lambda: is_writing(child))
    for _ in range(2):
        child.send_signal(signal.SIGINT)
        time.sleep(0.1)
    report(writing and child.wait(PATIENCE) == -signal.SIGINT, "a second SIGINT ends it at once", child.returncode)
    os.close(reader)


def interrupted_in_a_sleep():
    child = start(subprocess.PIPE)
    first = child.stdout.readline()
    child.send_signal(signal.SIGINT)
    rest = child.communicate(timeout=PATIENCE)[0].splitlines()
    whole = all(json.loads(line)["kind"] == "statistics_delta" for line in [first, *rest])
    report(child.returncode == 0 and whole and len(rest) <= 2, "SIGINT in a sleep ends it after a whole document",
           child.returncode, rest)


def ignored():
    child = start(subprocess.PIPE, signal.SIG_IGN)
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    lines = [child.stdout.readline() for _ in range(4)]
    child.kill()
    report(all(lines), "where SIGINT was ignored it stays so", lines)


def main():
    signal.alarm(10 * PATIENCE)
    interrupted_in_a_sleep()
    ignored()
    try:
        is_writing(subprocess.Popen(["sleep", "0"]))
    except OSError as error:
        print(f"ok {number + 1} - SIGINT between two sleeps # SKIP /proc/PID/syscall cannot be read: {error}")
        print(f"1..{number + 1}")
        return
    interrupted_while_writing()
    interrupted_twice()
    print(f"1..{number}")


main()

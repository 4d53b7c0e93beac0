#!/usr/bin/env python3
"""Failing allocations: the program reports them and exits with a nonzero status, or its output is complete. Speaks TAP.

Each command runs with its Nth allocation failing, and with all failing from the Nth on, for N from 1 to the number of
allocations. A preloaded library (fail_malloc.c) makes them fail: a memory limit would fail only the large ones, and
strace(1) sees system calls, not malloc(3).

DUOSTAT_TEST_EFFORT: full tries every N, otherwise a sample.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import concurrent.futures
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)
import tap  # noqa: E402

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
FULL = os.environ.get("DUOSTAT_TEST_EFFORT") == "full"
POINTS = 24  # of a sample, for each command and kind of failure
FEW = 200  # allocations, all of which are tried
PATIENCE = 60  # seconds after which a run hangs
CONNECTIONS = 1200  # more than are read without a second thread
FEW_CONNECTIONS = 20  # for capture, which allocates for each name and process, and all of these are tried
STATUS = 1  # of a run that ran out of memory
COMMANDS = ["ss -tanp", "ss -xa --json", "netstat -tuanp", "netstat -s --json", "capture FILE", "ss2 -tp"]


def populate(connections):
    """Stable sockets."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    kept = [listener]
    try:
        for _ in range(connections):
            kept.append(socket.create_connection(listener.getsockname()))
            kept.append(listener.accept()[0])
    except OSError:
        pass  # a limit on descriptors: use fewer
    kept.extend(socket.socketpair())
    return kept


def reset(sockets):
    """Closes them without TIME-WAIT, which would end while commands are compared."""
    for one in sockets:
        if one.family == socket.AF_INET:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()


def shim(directory):
    compiler = shutil.which(os.environ.get("CC", "cc").split()[0]) or shutil.which("gcc")
    if compiler is None:
        tap.skip_all("no C compiler")
    library = os.path.join(directory, "fail_malloc.so")
    made = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-fno-builtin", "-o", library,
                           os.path.join(HERE, "fail_malloc.c")], capture_output=True, text=True)
    if made.returncode != 0:
        tap.skip_all("the preloaded library cannot be built: " + (made.stderr.strip().splitlines() or ["?"])[-1])
    return library


class Run:
    def __init__(self, words, library, directory, at=0, on=False):
        count = os.path.join(directory, "count")
        self.file = os.path.join(directory, "capture")
        for path in (count, self.file):
            if os.path.exists(path):
                os.unlink(path)
        env = dict(os.environ, LC_ALL="C", LD_PRELOAD=library, FAIL_MALLOC_AT=str(at), FAIL_MALLOC_COUNT=count)
        if on:
            env["FAIL_MALLOC_ON"] = "1"
        try:
            done = subprocess.run([DUOSTAT, *(self.file if w == "FILE" else w for w in words)], env=env,
                                  capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=PATIENCE)
            self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, self.out, self.err = None, b"", b"it hangs"
        self.left = [name for name in os.listdir(directory) if name.startswith("capture.")]
        self.allocations = 0
        if os.path.exists(count):
            with open(count, encoding="ascii") as file:
                self.allocations = int(file.read())


def shape(words, run):
    """The part that must be the same in a complete output: all of it, or all but numbers that change by themselves."""
    if words[0] == "capture":
        shown = subprocess.run([DUOSTAT, f"--from={run.file}", "ss", "-tan"], capture_output=True, timeout=PATIENCE)
        return shown.returncode, len(shown.stdout.splitlines())
    if "--json" in words or words[0] == "ss2":
        return re.sub(rb"\d+", b"0", run.out)
    return run.out


def verdict(words, run, whole):
    """None, or what is wrong."""
    if run.status is None:
        return "hangs"
    if run.status < 0:
        return f"ended by {signal.Signals(-run.status).name}"
    if run.left:
        return f"leaves {run.left}"
    if run.status == 0 and not run.err and shape(words, run) != whole:
        return f"less is shown, and nothing said ({len(run.out)} bytes)"
    return None


def points(count):
    if FULL or count <= FEW:
        return range(1, count + 1)
    first = POINTS // 3  # before main() there are few, and each is different
    return sorted({*range(1, first + 1), *(first + (count - first) * i // (POINTS - first)
                                           for i in range(1, POINTS - first + 1))})


def runs(words, library, directory, at_each, on):
    """Each point and its run; of capture as many at a time as there are processors. Not so where owners are compared: a
    process that is about to become the program still holds all sockets of this one."""
    own = threading.local()

    def one(at):
        if not hasattr(own, "directory"):
            own.directory = tempfile.mkdtemp(dir=directory)
        return at, Run(words, library, own.directory, at, on)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() if words[0] == "capture" else 1) as pool:
        yield from pool.map(one, at_each)


def main():
    namespace.enter_or_skip()  # also processes of its own: few, and the same for every run
    with tempfile.TemporaryDirectory() as directory:
        library = shim(directory)
        kept = populate(CONNECTIONS if FULL else CONNECTIONS // 2)
        probe = Run(["version"], library, directory)
        if probe.status != 0 or probe.allocations == 0:
            tap.skip_all("allocations cannot be made to fail: " +
                         (probe.err.decode(errors="replace").strip().splitlines() or
                                                               ["a static program, or a sanitizer's"])[-1])
        number = 0
        for command in COMMANDS:
            words = command.split()
            if words[0] == "capture":
                reset(kept)
                kept = populate(FEW_CONNECTIONS)
            healthy = Run(words, library, directory)
            whole = shape(words, healthy)
            for on in (False, True):
                number += 1
                said, wrong = 0, []
                for at, run in runs(words, library, directory, points(healthy.allocations), on):
                    problem = verdict(words, run, whole)
                    said += b"out of memory" in run.err
                    if problem:
                        wrong.append(f"allocation {at} of {healthy.allocations}: {problem}; status {run.status}, "
                                     f"{run.err[:200]!r}")
                if on and not said:
                    wrong.append("no run says that it is out of memory")
                print(f"{'not ok' if wrong else 'ok'} {number} - {command}: "
                      f"{'all allocations from one on' if on else 'one allocation'}")
                for line in wrong[:20]:
                    print(f"#   {line}")
                if len(wrong) > 20:
                    print(f"#   and {len(wrong) - 20} more")
                sys.stdout.flush()
        print(f"1..{number}")
        for one in kept:
            one.close()


main()

# Runs a program and gives back all that it said, on a pipe or on a terminal of a chosen width.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from terminal import Terminal  # noqa: E402  (found only by the line above)

TIMEOUT = 120  # seconds: a busy machine stops for tens of them


@dataclass(frozen=True)
class Ran:
    out: bytes
    err: bytes
    status: int  # negative: the signal that ended it


@dataclass
class How:
    """columns None: a pipe. uid None: as we are. passes: how many to return of a command that never
    ends, in a pipe; it is stopped when the next begins, whenever that is."""
    columns: int = None
    uid: int = None
    environment: dict = field(default_factory=dict)
    passes: int = None


def run(program, argv, how):
    terminal = None if how.columns is None else Terminal(how.columns)
    out_read, out_write = os.pipe() if terminal is None else (None, terminal.writer)
    err_read, err_write = os.pipe()
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TERM": "dumb", **how.environment}
    child, wait = start(program, argv, environment, how.uid, out_write, err_write)
    os.close(err_write)
    if terminal is None:
        os.close(out_write)
    else:
        terminal.start()
    texts = read_all({err_read} if terminal else {out_read, err_read}, child, how, out_read)
    status = wait()
    out = terminal.finish() if terminal else texts[out_read]
    # The sanitizers' run-time, not the program, remarks that a replaced /proc has no /proc/self/exe.
    said = re.sub(rb"==\d+==WARNING: reading executable name failed.*\n", b"", texts[err_read])
    return Ran(out, said, status)


def start(program, argv, environment, uid, out, err):
    """Starts a program: its process identifier, and a function that waits for its exit status (negative: a signal's
    number). vfork(2) where no other user is asked for: fork(2) copies this interpreter's page tables, at 20 ms of
    processor time."""
    if uid is None:
        with open("/dev/null", "rb") as null:
            process = subprocess.Popen(argv, executable=program, env=environment, stdin=null, stdout=out, stderr=err,
                                       close_fds=False,
                                       restore_signals=False)
        return process.pid, process.wait
    child = os.fork()
    if child == 0:
        try:
            null = os.open("/dev/null", os.O_RDONLY)
            os.dup2(null, 0)
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.closerange(3, 4096)
            os.execve(program, argv, environment)
        finally:
            os._exit(126)
    return child, lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def whole_passes(text, passes):
    """The text before pass number `passes` + 1, or None if that has not begun. Each begins with the same line."""
    first = text[:text.find(b"\n") + 1]
    at = -1
    for _ in range(passes + 1):
        at = text.find(first, at + 1)
        if not first or at < 0:
            return None
    return text[:at]


def read_all(fds, child, how, out):
    texts = {fd: b"" for fd in fds}
    open_fds = set(fds)
    deadline = time.monotonic() + TIMEOUT
    told = False
    while open_fds:
        if how.passes and not told and whole_passes(texts[out], how.passes) is not None:
            os.kill(child, signal.SIGTERM)
            told = True
        left = deadline - time.monotonic()
        if left <= 0:
            os.kill(child, signal.SIGKILL)
            deadline = time.monotonic() + 2
            continue
        for fd in select.select(open_fds, [], [], left)[0]:
            data = os.read(fd, 1 << 16)
            if data:
                texts[fd] += data
            else:
                open_fds.discard(fd)
    if how.passes:
        texts[out] = whole_passes(texts[out], how.passes) or texts[out]
    for fd in fds:
        os.close(fd)
    return texts

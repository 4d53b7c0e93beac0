# Runs a program and gives back all that it said, on a pipe or on a terminal of a chosen width.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import fcntl
import os
import re
import pty
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass, field

TIMEOUT = 30


@dataclass(frozen=True)
class Ran:
    out: bytes
    err: bytes
    status: int  # negative: the signal that ended it


@dataclass
class How:
    """columns None: a pipe. uid None: as we are. stop_after: seconds until it is told to end (for what never ends)."""
    columns: int = None
    uid: int = None
    environment: dict = field(default_factory=dict)
    stop_after: float = None


def raw_pty(columns):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    return master, slave


def run(program, argv, how):
    out_read, out_write = os.pipe() if how.columns is None else raw_pty(how.columns)
    err_read, err_write = os.pipe()
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TERM": "dumb", **how.environment}
    child = os.fork()
    if child == 0:
        try:
            null = os.open("/dev/null", os.O_RDONLY)
            os.dup2(null, 0)
            os.dup2(out_write, 1)
            os.dup2(err_write, 2)
            if how.uid is not None:
                os.setgroups([])
                os.setresgid(how.uid, how.uid, how.uid)
                os.setresuid(how.uid, how.uid, how.uid)
            os.closerange(3, 4096)
            os.execve(program, argv, environment)
        finally:
            os._exit(126)
    os.close(out_write)
    os.close(err_write)
    texts = read_all({out_read, err_read}, child, how)
    _, status = os.waitpid(child, 0)
    # The sanitizers' run-time, not the program, remarks that a replaced /proc has no /proc/self/exe.
    said = re.sub(rb"==\d+==WARNING: reading executable name failed.*\n", b"", texts[err_read])
    return Ran(texts[out_read], said, os.waitstatus_to_exitcode(status))


def read_all(fds, child, how):
    texts = {fd: b"" for fd in fds}
    open_fds = set(fds)
    deadline = time.monotonic() + (how.stop_after or TIMEOUT)
    told = False
    while open_fds:
        left = deadline - time.monotonic()
        if left <= 0:
            os.kill(child, signal.SIGKILL if told or how.stop_after is None else signal.SIGTERM)
            told, deadline = True, time.monotonic() + 2
            continue
        for fd in select.select(open_fds, [], [], left)[0]:
            try:
                data = os.read(fd, 1 << 16)
            except OSError:  # a terminal whose other end is closed
                data = b""
            if data:
                texts[fd] += data
            else:
                open_fds.discard(fd)
    for fd in fds:
        os.close(fd)
    return texts

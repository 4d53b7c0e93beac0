# Many loopback connections in a private network namespace, held by as many processes as the limit of descriptors
# requires.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import errno
import os
import resource
import signal
import socket
import struct
import tempfile

PORT = 7000
MOST_TO_A_WORKER = 9000  # connections: two descriptors each, below the usual limit of 20,000 and the range of ports


class ControlGroup:
    """A new control group below this process's, in the unified hierarchy."""

    def __init__(self):
        mounts = [line.split() for line in open("/proc/mounts")]
        root = next((words[1] for words in mounts if words[2] == "cgroup2"), None)
        if root is None:
            raise OSError(errno.ENOENT, "no cgroup2 is mounted")
        own = next(line.split(":", 2)[2].strip() for line in open("/proc/self/cgroup") if line.startswith("0:"))
        self.outside = root + own
        self.path = tempfile.mkdtemp(prefix="duostat-bench-", dir=self.outside)

    def enter(self):
        move(0, self.path)

    def remove(self, members):
        """`members` go on outside. Sockets made inside keep the number of what is no longer there."""
        for pid in members:
            move(pid, self.outside)
        os.rmdir(self.path)


def move(pid, group):
    with open(f"{group}/cgroup.procs", "w") as file:
        file.write(str(pid))


class Load:
    """`sockets` TCP sockets: half of them one end, half the other end of established connections."""

    def __init__(self, sockets):
        try:
            self.group = ControlGroup() if sockets else None
        except OSError:
            self.group = None  # not root, or not available
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        most = min(MOST_TO_A_WORKER, (hard - 64) // 2)
        self.workers = []
        left = sockets // 2
        while left > 0:
            count = min(most, left)
            left -= count
            self.start(len(self.workers) + 1, count)

    def start(self, number, count):
        address = f"127.{number >> 8}.{number & 255}.1"
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reading)
                if self.group:
                    self.group.enter()
                kept = connections(address, count)
                os.write(writing, b"+")
                while kept:
                    signal.pause()
            finally:
                os._exit(1)
        os.close(writing)
        self.workers.append(pid)
        ready = os.read(reading, 1)
        os.close(reading)
        if not ready:
            self.end()
            raise RuntimeError(f"a worker could not make its {count} connections (memory, or the limit of descriptors)")

    def orphan(self):
        """Removes the sockets' control group. False if they never had their own."""
        if self.group is None:
            return False
        self.group.remove(self.workers)
        self.group = None
        return True

    def end(self):
        self.orphan()
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def connections(address, count):
    listener = socket.socket()
    listener.bind((address, PORT))
    listener.listen(64)
    kept = []
    for _ in range(count):
        client = socket.socket()
        # Reset connections are gone at once when the worker is killed; TIME-WAIT sockets would be counted in the next
        # load.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect((address, PORT))
        kept += [client, listener.accept()[0]]
    # Keep only the connections: views of the idle host must not show as many listeners as there are workers.
    listener.close()
    return kept

# Many loopback connections in a network namespace of their own, held by as many processes as the limit of descriptors asks for.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import resource
import signal
import socket
import struct

PORT = 7000
MOST_TO_A_WORKER = 9000  # connections: two descriptors each, below the usual limit of 20,000 and the range of ports


class Load:
    """`sockets` TCP sockets: half of them one end, half the other end of established connections."""

    def __init__(self, sockets):
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

    def end(self):
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
        # Gone at once when the worker is killed: what lingers in TIME-WAIT would be counted with the next load.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect((address, PORT))
        kept += [client, listener.accept()[0]]
    # Only the connections stay: the idle host's views are not to show as many listeners as there are workers.
    listener.close()
    return kept

#!/usr/bin/env python3
"""Sockets that live throughout, beside as many short connections as a processor makes: no listing by netlink misses one
of them or shows one twice, and a listing that runs all the time grows neither in memory nor in descriptors. What /proc
misses, because its files count rows, is printed (doc/backends.md). DUOSTAT_TEST_EFFORT=full takes ten minutes. Speaks
TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)

BUILT = os.path.join(os.environ.get("top_builddir", "."), "duostat")
SECONDS = {"full": 600, "quick": 4}.get(os.environ.get("DUOSTAT_TEST_EFFORT"), 10)
CONNECTIONS = 2000
DATAGRAM = 200
STABLE_PORT, CHURN_PORT = 5000, 5001
LISTINGS = ["ss -tan", "ss -tanie", "ss -tan dport != :9", "ss -uan", "netstat -tan --via=netlink",
            "netstat -uan --via=netlink"]
BY_PROCFS = ["ss -tan --via=procfs", "ss -uan --via=procfs", "netstat -tan --via=procfs", "netstat -uan --via=procfs"]


def listener(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(4096)
    return s


def churn(report):
    """Opens and closes until it is killed: connections that end with a reset, and UDP sockets. Writes their number."""
    listening = listener(CHURN_PORT)
    count = 0
    while True:
        client = socket.create_connection(("127.0.0.1", CHURN_PORT))
        accepted = listening.accept()[0]
        for end in (client, accepted):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
        count += 1
        if count % 500 == 0:
            os.pwrite(report, b"%20d" % count, 0)


class Stable:
    """The sockets that live throughout."""

    def __init__(self):
        self.listener = listener(STABLE_PORT)
        self.keep = []
        self.pairs = {("127.0.0.1:%d" % STABLE_PORT, "0.0.0.0:*")}
        for _ in range(CONNECTIONS):
            client = socket.create_connection(("127.0.0.1", STABLE_PORT))
            self.keep += [client, self.listener.accept()[0]]
            near, far = ("%s:%d" % client.getsockname(), "%s:%d" % client.getpeername())
            self.pairs |= {(near, far), (far, near)}
        self.datagram = set()
        for _ in range(DATAGRAM):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", 0))
            self.keep.append(s)
            self.datagram.add(("%s:%d" % s.getsockname(), "0.0.0.0:*"))

    def of(self, words):
        return self.datagram if "-uan" in words else self.pairs


def listed(words):
    out = subprocess.run([BUILT, *words.split()], stdout=subprocess.PIPE, check=True).stdout.decode()
    return collections.Counter(re.findall(r"^\S.*?(\d+(?:\.\d+){3}:\d+) +(\d+(?:\.\d+){3}:(?:\d+|\*))", out, re.M))


class Watched:
    """A listing that runs all the time."""

    def __init__(self):
        self.child = subprocess.Popen([BUILT, "ss", "-tanp", "--count", "--watch=0.1"], stdout=subprocess.DEVNULL)
        self.before = None

    def size(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as status:
            resident = int(re.search(r"VmRSS:\s*(\d+)", status.read()).group(1))
        return resident, len(os.listdir(f"/proc/{self.child.pid}/fd"))


def main():
    namespace.private_network()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    namespace.interface_up("lo")
    stable = Stable()
    report = os.memfd_create("count")
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for s in stable.keep:
            s.close()
        churn(report)
    number = 0
    try:
        watched = Watched()
        runs, missed, twice = collections.Counter(), collections.Counter(), collections.Counter()
        begin = time.monotonic()
        while time.monotonic() < begin + SECONDS or not runs:
            for words in LISTINGS + BY_PROCFS:
                found = listed(words)
                runs[words] += 1
                for pair in stable.of(words):
                    missed[words] += found[pair] == 0
                    twice[words] += found[pair] > 1
            if watched.before is None and time.monotonic() > begin + SECONDS / 4:
                watched.before = watched.size()
        after = watched.size()
        made = int(os.pread(report, 20, 0) or b"0")
        print(f"# {made} connections and UDP sockets came and went in {time.monotonic() - begin:.0f} s")
        for words in LISTINGS + BY_PROCFS:
            what = (f"{words}: {missed[words]} of {runs[words] * len(stable.of(words))} stable sockets missed, "
                    f"{twice[words]} twice")
            if words in BY_PROCFS:
                print(f"# {what}")
                continue
            number += 1
            print(f"{'not ok' if missed[words] or twice[words] else 'ok'} {number} - {what}")
        number += 1
        print(f"{'ok' if made >= 500 else 'not ok'} {number} - there was churn")
        number += 1
        # The churn's TIME-WAIT and half-closed sockets are not the same each time.
        good = after[0] <= watched.before[0] + 1024 and after[1] <= watched.before[1] + 1
        with open(BUILT, "rb") as program:
            skip = " # SKIP the sanitizers keep what was freed" if b"__asan_init" in program.read() else ""
        print(f"{'ok' if good or skip else 'not ok'} {number} - a listing that goes on grows neither in memory nor in "
              f"descriptors{skip}")
        print(f"#   resident KB, descriptors: {watched.before} after a quarter of the time, {after} at the end")
    finally:
        watched.child.kill()
        os.kill(child, signal.SIGKILL)
    print(f"1..{number}")


main()

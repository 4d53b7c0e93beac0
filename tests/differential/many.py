#!/usr/bin/env python3
# Many sockets: ours against the originals over thousands of connections, of one family and of both, byte for byte. TAP
# on standard output.
#
# DUOSTAT_TEST_SOCKETS      how many sockets; 20,000 unless told (4,000 for a quick run); 200,000 are worth a manual
#                           run
# DUOSTAT_REFERENCE_SS      another ss to compare with; the installed one only if it is of iproute2 7.0 or later
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import resource
import signal
import socket
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main as differential
import namespace
import run
import tap

SS_LINES = ["-t -n", "-t -a -n -H", "-t -n -e", "-t -a -n -m", "-t -n -O", "-t -u -x -n",
            "-t -n state established sport lt 20000",
            "-t -n dst 127.0.0.0/8 and dport = 8000 or sport = 8001", "-t -a -n dst [::1]", "-4 -a -Q", "-6 -t -a -n"]
NETSTAT_LINES = ["-t -a -n", "-t -n -e -o", "-t -a -n -p", "-t -6 -a -n", "-t -a -n --via=procfs"]
WIDTHS = [None, 100]
A_WORKER = 9000  # connections: below the usual limit of descriptors, and the range of ports
PROCESS_LINE = "-t -n -p"
FEW = 5000  # connections; -p is quadratic in the original
# How many of so many connections are of IPv6. Both families come in one walk over the kernel's tables, unless much is
# of IPv6.
MIXES = {"IPv4": 0, "a little of IPv6": 40, "half of IPv6": 2}


def connections(family, address, count):
    """Both ends of `count` connections that stay, with local ports to tell them by; and sockets that are bound, and no
    more."""
    listener, bound = socket.socket(family), socket.socket(family)
    listener.bind(address)
    listener.listen(64)
    bound.bind((address[0], 0))
    held = [listener, bound]
    for _ in range(count):
        client = socket.socket(family)
        # Closed at the end without TIME-WAIT.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(address)
        held += [client, listener.accept()[0]]
    return held


class Holder:
    """Connections in a process of their own."""

    def __init__(self, family, address, count):
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                held = connections(family, address, count)
                os.write(write, str(len(held)).encode())
            except OSError as error:
                os.write(write, str(error).encode())
            os.close(write)
            signal.pause()
        os.close(write)
        said = os.read(read, 1000).decode()
        os.close(read)
        if not said.isdigit():
            self.end()
            raise namespace.Unavailable(said or "a worker ended")
        self.sockets = int(said)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def hold(count, one_in):
    """`count` connections, of which one in `one_in` is of IPv6; 0: none."""
    six = count // one_in if one_in else 0
    wanted = [(socket.AF_INET6, "::1", six)] + [(socket.AF_INET, f"127.0.0.{2 + n}",
                                                 min(A_WORKER, count - six - n * A_WORKER))
                                               for n in range(-(-(count - six) // A_WORKER))]
    holders = []
    try:
        for n, (family, host, connected) in enumerate(wanted):
            for first in range(0, connected, A_WORKER):
                holders.append(Holder(family, (host, 8000 + n + 100 * (first // A_WORKER)),
                                      min(A_WORKER, connected - first)))
    except namespace.Unavailable:
        end(holders)
        raise
    return holders


def end(holders):
    for holder in holders:
        holder.end()


def lines(references, count):
    for tool, chosen in (("ss", SS_LINES + ([PROCESS_LINE] if count <= FEW else [])), ("netstat", NETSTAT_LINES)):
        for line in chosen if references[tool] else ():
            for columns in WIDTHS if tool == "ss" else [None]:
                yield tool, line, columns


def main():
    duostat = os.path.join(os.environ["top_builddir"], "duostat")
    quick = os.environ.get("DUOSTAT_TEST_EFFORT") == "quick"
    count = int(os.environ.get("DUOSTAT_TEST_SOCKETS", "4000" if quick else "20000")) // 2
    references = {"ss": os.environ.get("DUOSTAT_REFERENCE_SS") or differential.which("ss"),
                  "netstat": differential.which("netstat")}
    if references["ss"] and differential.version_of(references["ss"]) < (7, 0, 0):
        references["ss"] = None  # earlier ones have another layout
    if not any(references.values()):
        tap.skip_all("neither netstat nor an ss of iproute2 7.0 or later")
    try:
        namespace.enter()
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
            file.write("10000 65000")
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    except (namespace.Unavailable, OSError) as error:
        tap.skip_all(f"no private namespace: {error}")
    number = 0
    for mix, one_in in MIXES.items():
        try:
            holders = hold(count, one_in)
        except namespace.Unavailable as error:
            number += 1
            print(f"ok {number} - {count} connections, {mix} # SKIP {error}")
            continue
        held = sum(holder.sockets for holder in holders)
        for tool, line, columns in lines(references, count):
            number += 1
            how = run.How(columns)
            words = line.split()
            legacy = [word for word in words if not word.startswith("--via")]
            wanted, got = (run.run(program, [tool, *asked], how) for program,
                           asked in ((references[tool], legacy), (duostat, words)))
            same = wanted == got
            print(f"{'ok' if same else 'not ok'} {number} - {tool} {line}{f' | {columns} columns' if columns else ''}: "
                  f"{len(wanted.out)} bytes of {held} sockets, {mix}", flush=True)
            if not same:
                differential.explain({"reference": [wanted], "ours": [got]})
        end(holders)
    print(f"1..{number}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# Many sockets: our ss against the original over thousands of connections, byte for byte. TAP on standard output.
#
# DUOSTAT_TEST_SOCKETS      how many sockets; 2000 unless told; 20000 and 200000 are worth a run by hand
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

LINES = ["-t -n", "-t -a -n -H", "-t -n -e", "-t -a -n -m", "-t -n -O", "-t -u -x -n", "-t -n state established sport lt 20000",
         "-t -n dst 127.0.0.0/8 and dport = 8000 or sport = 8001", "-4 -a -Q"]
WIDTHS = [None, 100]
A_LISTENER = 20000  # connections
PROCESS_LINE = "-t -n -p"
FEW = 5000  # -p is quadratic in the original


def connections(count):
    """Both ends of `count` connections that stay, with local ports to tell them by."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * count + 1000,) * 2)
    held = []
    for first in range(0, count, A_LISTENER):
        address = (f"127.0.0.{2 + first // A_LISTENER}", 8000 + first // A_LISTENER)
        listener = socket.socket()
        listener.bind(address)
        listener.listen(4096)
        held.append(listener)
        for _ in range(min(A_LISTENER, count - first)):
            client = socket.socket()
            # Closed at the end without TIME-WAIT.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.connect(address)
            held += [client, listener.accept()[0]]
    return held


def hold(count):
    """Connections in a process of their own: select(2) takes no descriptors beyond 1023. Returns how many sockets there are."""
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            held = connections(count)
            os.write(write, str(len(held)).encode())
        except (OSError, ValueError) as error:
            os.write(write, str(error).encode())
        os.close(write)
        signal.pause()
    os.close(write)
    said = os.read(read, 1000).decode()
    if not said.isdigit():
        raise namespace.Unavailable(said)
    return int(said)


def main():
    duostat = os.path.join(os.environ["top_builddir"], "duostat")
    count = int(os.environ.get("DUOSTAT_TEST_SOCKETS", "2000")) // 2
    reference = os.environ.get("DUOSTAT_REFERENCE_SS") or differential.which("ss")
    if not reference or differential.version_of(reference) < (7, 0, 0):
        differential.skip_all("no ss of iproute2 7.0 or later: earlier ones have another layout")
    try:
        namespace.enter()
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
            file.write("10000 65000")
        held = hold(count)
    except (namespace.Unavailable, OSError) as error:
        differential.skip_all(f"{count} connections in a private namespace: {error}")
    lines = LINES + ([PROCESS_LINE] if count <= FEW else [])
    print(f"1..{len(lines) * len(WIDTHS)}")
    number = 0
    for line in lines:
        for columns in WIDTHS:
            number += 1
            how = run.How(columns)
            wanted, got = (run.run(program, ["ss", *words], how) for program, words in
                           ((reference, line.split()), (duostat, line.split())))
            same = wanted == got
            print(f"{'ok' if same else 'not ok'} {number} - ss {line}{f' | {columns} columns' if columns else ''}: "
                  f"{len(wanted.out)} bytes of {held} sockets")
            if not same:
                differential.explain({"reference": [wanted], "ours": [got]})


if __name__ == "__main__":
    main()

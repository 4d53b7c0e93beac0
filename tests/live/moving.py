#!/usr/bin/env python3
"""Sockets that exist throughout a listing and change meanwhile: bound first, connected while ss reads. The kernel walks
its tables of listening, bound and connected sockets in this order, so each such socket is in an answer at least once; a
listing must not miss one. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)

OURS = [os.path.join(os.environ.get("top_builddir", "."), "duostat"), "ss"]
FULL = os.environ.get("DUOSTAT_TEST_EFFORT") == "full"
ROUNDS = 40 if FULL else 6
MOVERS = 400
PORT = 5000
# Stable connections next to them: a small table, and one that is read ahead.
STANDING = (0, 1000, 8000) if FULL else (0, 3000)
WORDS = ("-tan", "-4tan", "-tan --via=netlink", "-tan --json")


class Listener:
    """Accepts in a thread, so that no connection waits for room in the queue."""

    def __init__(self, family, address):
        self.address = address
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, PORT))
        self.socket.listen(4096)
        self.accepted = []
        self.kept = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            self.accepted.append(self.socket.accept()[0])

    def forget(self):
        """Closes what was accepted since keep()."""
        while len(self.accepted) > self.kept:
            self.accepted.pop().close()

    def keep(self, count):
        while len(self.accepted) < count:
            time.sleep(0.001)
        self.kept = count

    def connected(self):
        client = socket.socket(self.socket.family)
        client.connect((self.address, PORT))
        return client

    def bound(self):
        client = socket.socket(self.socket.family)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind((self.address, 0))
        return client


def local_ports(words, text):
    if "--json" in words:
        return {(s["local_address"], s["local_port"]) for s in json.loads(text)["sockets"]}
    locals_ = (line.split()[3].rsplit(":", 1) for line in text.decode().splitlines()[1:])
    return {(address.strip("[]"), int(port)) for address, port in locals_ if port != "*"}


def missed_in_a_round(words, listeners):
    movers = [listeners[i % len(listeners)].bound() for i in range(MOVERS)]
    names = {mover.getsockname()[:2] for mover in movers}
    ss = subprocess.Popen(OURS + words.split(), stdout=subprocess.PIPE)

    def move():
        time.sleep(random.random() * 0.01)
        for mover in movers:
            mover.connect((mover.getsockname()[0], PORT))

    mover_thread = threading.Thread(target=move)
    mover_thread.start()
    text = ss.communicate()[0]
    mover_thread.join()
    missed = names - local_ports(words, text)
    for mover in movers:
        # Leaves no TIME-WAIT that keeps the port.
        mover.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        mover.close()
    for listener in listeners:
        listener.forget()
    return len(missed)


def main():
    namespace.private_network()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    namespace.interface_up("lo")
    listeners = [Listener(socket.AF_INET, "127.0.0.1")]
    try:
        listeners.append(Listener(socket.AF_INET6, "::1"))
    except OSError:
        print("# no IPv6 here")
    with listeners[0].bound() as bound:
        listed = subprocess.run(OURS + ["-tan"], stdout=subprocess.PIPE, check=True).stdout
        if bound.getsockname()[:2] not in local_ports("-tan", listed):
            print("1..0 # SKIP this kernel does not list bound sockets (before Linux 6.8)")
            return
    standing = []
    number = 0
    for count in STANDING:
        while len(standing) < count:
            standing.append(listeners[0].connected())
        listeners[0].keep(len(standing))
        for words in WORDS:
            used = listeners[:1] if words.startswith("-4") else listeners
            missed = sum(missed_in_a_round(words, used) for _ in range(ROUNDS))
            number += 1
            print(f"{'not ok' if missed else 'ok'} {number} - ss {words} beside {count} connections misses none of "
                  f"{ROUNDS * MOVERS} moving sockets")
            if missed:
                print(f"#   missed: {missed}")
    print(f"1..{number}")


main()

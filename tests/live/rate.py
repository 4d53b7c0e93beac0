#!/usr/bin/env python3
"""--rate beside a steady writer: order and sign of the rates, of connections and of groups. Speaks TAP. Prints the
figures; no case is about them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))


class Writer:
    """A connection over which `size` bytes are written every 10 ms, and read at once."""

    def __init__(self, size):
        server = socket.create_server(("127.0.0.1", 0))
        self.client = socket.create_connection(server.getsockname())
        self.peer = server.accept()[0]
        server.close()
        self.port = self.client.getsockname()[1]
        self.size, self.ends = size, threading.Event()
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.thread.start()

    def write(self):
        while not self.ends.wait(0.01):
            if self.size:
                self.client.sendall(b"x" * self.size)
                left = self.size
                while left:
                    left -= len(self.peer.recv(left))

    def close(self):
        self.ends.set()
        self.thread.join()
        self.client.close()
        self.peer.close()


def run(*words):
    return subprocess.run([DUOSTAT, *words], capture_output=True, text=True, timeout=120)


def figures(out, fast, slow, idle):
    ran = run("ss", "-tn", "--rate", "--json")
    document = json.loads(ran.stdout)
    by_port = {s["local_port"]: s.get("rate", {}) for s in document["sockets"]}
    a, b, c = (by_port.get(w.port, {}) for w in (fast, slow, idle))
    print(f"# written: {fast.size * 100} and {slow.size * 100} bytes a second at most; "
          f"rates {a.get('sent')}, {b.get('sent')}, {c.get('sent')}")
    good = a and b and c and a["sent"] > b["sent"] > 0 and c == {"total": 0, "sent": 0, "received": 0} \
        and a["received"] == 0 and a["total"] == a["sent"] + a["received"]
    out.ok("the faster writer has the higher rate, an idle connection none", [] if good else [by_port, ran.stderr])
    out.ok("what is not counted is said", [] if "short connections not counted" in ran.stderr and ran.returncode == 0
           else [ran.returncode, ran.stderr])
    peer = fast.peer.getsockname()[1]
    out.ok("the peer's socket receives", [] if by_port.get(peer, {}).get("received", 0) > 0 else [by_port])


def tables(out, fast, slow):
    rows = run("ss", "-Htn", "--rate", "--sort=-rate.sent").stdout.splitlines()
    out.ok("--sort takes a rate", [] if rows and str(fast.port) in rows[0] else rows)
    title = run("netstat", "-tn", "--rate").stdout.splitlines()[0]
    out.ok("netstat has the columns too", [] if title.split()[-3:] == ["rate.total", "rate.sent", "rate.received"]
           else [title])
    rows = run("ss", "-Htn", "--rate", f"--where=rate.sent > 0 and sport = {fast.port},{slow.port}",
               "--columns=sport").stdout
    out.ok("--where takes a rate", [] if sorted(line.split()[0] for line in rows.splitlines()) ==
           sorted([str(fast.port), str(slow.port)]) else [rows])
    rows = run("ss", "-Htn", "--rate", "--by=local_port").stdout.splitlines()
    totals = [int(row.split()[1]) for row in rows]
    out.ok("groups: the largest total first", [] if totals and totals == sorted(totals, reverse=True) and totals[0] > 0
           else rows)


def watched(out, fast):
    words = ["ss", "-tn", "--by=process", "--watch=0.3", "--rate", "--json=lines"]
    process = subprocess.Popen([DUOSTAT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    seen = {}
    while len(seen) < 4:
        line = json.loads(process.stdout.readline())
        seen.setdefault(line["pass"], line)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    good = all(line.get("process", "").startswith("python") and line["total_sum"] > 0 and line["sent_sum"] > 0
               for line in seen.values())
    out.ok("top talkers: this process has bytes in every pass, from the first on", [] if good else list(seen.values()))


def added(out):
    """A connection that was opened between two looks counts from its beginning."""
    process = subprocess.Popen([DUOSTAT, "ss", "-tn", "--watch=1", "--rate", "--json=lines"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while json.loads(process.stdout.readline())["pass"] < 2:
        pass
    writer = Writer(1000)
    time.sleep(0.2)
    found = []
    while not found:
        line = json.loads(process.stdout.readline())
        if line["local_port"] == writer.port or line["pass"] > 60:
            found.append(line)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    writer.close()
    out.ok("a new connection has a rate at once", [] if found[0].get("rate", {}).get("sent", 0) > 0 else found)


def ended(out):
    """Connections shorter than a look: their bytes are in the groups."""
    process = subprocess.Popen([DUOSTAT, "ss", "-tn", "--by=peer_address", "--watch=1", "--rate", "--json=lines"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while json.loads(process.stdout.readline())["pass"] < 2:
        pass
    server = socket.create_server(("127.0.0.9", 0))
    for _ in range(20):
        client = socket.create_connection(server.getsockname())
        peer = server.accept()[0]
        client.sendall(b"x" * 5000)
        left = 5000
        while left:
            left -= len(peer.recv(left))
        client.close()
        peer.close()
    server.close()
    found, line = [], {"pass": 0}
    while not found and line["pass"] < 20:
        line = json.loads(process.stdout.readline())
        if line.get("peer_address") == "127.0.0.9" and line.get("total_sum", 0) > 0:
            found.append(line)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1]
    if "not counted" in errors:
        out.skip("bytes of short connections are in the groups", errors.strip())
        return
    print(f"# 20 connections of 5000 bytes: {found}")
    out.ok("bytes of short connections are in the groups", [] if found and found[0]["sent_sum"] > 0 else [line, errors])


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    out = tap.Tap()
    fast, slow, idle = Writer(4000), Writer(100), Writer(0)
    time.sleep(0.2)
    figures(out, fast, slow, idle)
    tables(out, fast, slow)
    watched(out, fast)
    added(out)
    ended(out)
    for writer in (fast, slow, idle):
        writer.close()
    print(f"1..{out.number}")


main()

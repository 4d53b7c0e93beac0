#!/usr/bin/env python3
"""Names of UNIX sockets with a newline and a line in the exact form of a row of /proc/net/unix. Speaks TAP.

Usage: unix_names.py DUOSTAT, in a private network namespace. First the healthy table, compared byte for byte with the
original if available. Then names that forge a socket that does not exist, one that does (with another count), and one
that waits for accept(2); as paths and as abstract names; of listeners and of waiting connections. Last, sockets that
are opened and closed next to stable ones: the stable ones are all shown, with their counts.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

DUOSTAT = sys.argv[1]
REFERENCE = shutil.which("netstat", path="/usr/bin:/bin:/usr/sbin:/sbin")
number = 0


def check(what, expected, got):
    global number
    number += 1
    print(f"{'ok' if expected == got else 'not ok'} {number} - {what}")
    if expected != got:
        for line in f"expected: {expected}\ngot:      {got}".splitlines():
            print(f"#   {line}")


def skip(what, reason):
    global number
    number += 1
    print(f"ok {number} - {what} # SKIP {reason}")


def ran(*words):
    done = subprocess.run([*words], env=dict(os.environ, LC_ALL="C"), capture_output=True, timeout=120)
    return done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape"), done.returncode


def inode(sock):
    return os.fstat(sock.fileno()).st_ino


def forged(of_inode, name, refcount=2):
    return f"{0x5A5A5A5A:016x}: {refcount:08X} 00000000 00010000 0001 01 {of_inode:5d} {name}"


class Zoo:
    """Sockets, their inodes, and the number that wait for accept(2)."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="u", dir="/tmp")
        os.chdir(self.directory)  # short names, to leave room for a line in them
        self.sockets, self.waiting = [], 0

    def __del__(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def add(self, sock):
        self.sockets.append(sock)
        return sock

    def bound(self, name, kind=socket.SOCK_STREAM, listen=False):
        sock = self.add(socket.socket(socket.AF_UNIX, kind))
        sock.bind(name)
        if listen:
            sock.listen(8)
        return sock

    def waits(self, name):
        client = self.add(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        client.connect(name)
        self.waiting += 1
        return client

    def inodes(self):
        return sorted([inode(s) for s in self.sockets] + [0] * self.waiting)


def rows_of_text(*words):
    out, err, status = ran(DUOSTAT, "netstat", "-xanp", *words)
    rows = [line.split() for line in out.splitlines() if line.startswith("unix ")]
    # unix  2      [ ACC ]     STREAM     LISTENING     12345    711/name   /path: the inode follows the state, if there
    # is one.
    return sorted(int(next(word for word in row[row.index("]") + 2:] if word.isdigit())) for row in rows), err, status


def rows_of_json(*words):
    out, err, status = ran(DUOSTAT, "netstat", "-xanp", "--json", *words)
    return sorted(s.get("inode", 0) for s in json.loads(out)["sockets"]), err, status


def counts(*words):
    """{inode: count} as JSON has them."""
    sockets = json.loads(ran(DUOSTAT, "netstat", "-xan", "--json", *words)[0])["sockets"]
    return {s["inode"]: s.get("refcount") for s in sockets if "inode" in s}


def healthy(zoo):
    zoo.bound("listener", listen=True)
    zoo.bound("\0abstract\0name", listen=True)
    zoo.bound("datagram", socket.SOCK_DGRAM)
    zoo.bound("packets", socket.SOCK_SEQPACKET, listen=True)
    zoo.bound("")
    for pair in socket.socketpair(), socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
        for sock in pair:
            zoo.add(sock)
    for name in "listener", "listener", "\0abstract\0name":
        zoo.waits(name)
    for words in ("-xan", "-xln", "-xn"):
        if REFERENCE is None:
            skip(f"netstat {words} is the original's", "the original is not installed")
            continue
        original = ran(REFERENCE, words)[0]
        check(f"netstat {words} is the original's", original, ran(DUOSTAT, "netstat", words)[0])
    check("netstat -xan by text", ran(DUOSTAT, "netstat", "-xan", "--via=procfs")[0],
          ran(DUOSTAT, "netstat", "-xan")[0])
    check("the sockets there are", zoo.inodes(), rows_of_text()[0])


def hostile(zoo, victim):
    held = os.getpid()
    before = counts()[inode(victim)]
    lines = {"a socket that is not there": forged(1, "sshd"), "one that is there": forged(inode(victim), "victim", 99),
             "one that waits for accept(2)": forged(0, "sshd")}
    for what, line in lines.items():
        for place in ("", "\0"):
            for name in (f"{place}x\n{line}"[:107], f"{place}\n{line}"[:107]):
                zoo.bound(name, listen=True)
                zoo.waits(name)
            kind = "an abstract name" if place else "a path"
            label = f"{kind} forges {what}"
            check(f"{label}: text", (zoo.inodes(), 0), rows_of_text()[::2])
            check(f"{label}: JSON", (zoo.inodes(), 0), rows_of_json()[::2])
            check(f"{label}: the count stays", before, counts()[inode(victim)])
            for sock in zoo.sockets[-4:]:
                sock.close()
            del zoo.sockets[-4:]
            zoo.waiting -= 2
            for file in os.listdir(zoo.directory):
                if "\n" in file:
                    os.unlink(file)
    # The count and the owner, through every option that requests them.
    zoo.bound(f"\0x\n{lines['one that is there']}"[:107], listen=True)
    out = ran(DUOSTAT, "netstat", "-xanp", f"--where=inode={inode(victim)}",
              "--columns=inode,refcount,pid")[0].splitlines()
    check("--columns", [str(inode(victim)), str(before), str(held)], out[-1].split() if len(out) == 2 else out)
    out = ran(DUOSTAT, "ss", "-xan", f"--where=inode={inode(victim)}", "--columns=inode,refcount")[0].splitlines()
    check("ss --columns=refcount", [str(inode(victim)), str(before)], out[-1].split() if len(out) == 2 else out)
    capture = os.path.join(zoo.directory, "capture")
    status = ran(DUOSTAT, "capture", capture)[2]
    if status != 0:
        skip("a capture", f"duostat capture: status {status}")
        return
    check("a capture: text", zoo.inodes(), rows_of_text(f"--from={capture}")[0])
    check("a capture: the count", before, counts(f"--from={capture}")[inode(victim)])


def come_and_go():
    """A process that opens and closes sockets until it is killed."""
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        while True:
            few = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(8)]
            few[0].bind(f"\0{os.getpid()}")
            few[0].listen(8)
            for client in few[1:]:
                client.connect(f"\0{os.getpid()}")
            accepted = [few[0].accept()[0] for _ in few[1:4]]
            for sock in few + accepted:
                sock.close()
    finally:
        os._exit(1)


def moving(zoo):
    rounds = 200 if os.environ.get("DUOSTAT_TEST_EFFORT") == "full" else 20
    stays = {inode(s) for s in zoo.sockets}
    movers = [come_and_go() for _ in range(2)]
    missing, uncounted, failed = set(), set(), 0
    for _ in range(rounds):
        out, _, status = ran(DUOSTAT, "netstat", "-xan", "--json")
        shown = {s.get("inode", 0): s.get("refcount") for s in json.loads(out)["sockets"]}
        missing |= stays - set(shown)
        uncounted |= {i for i in stays & set(shown) if shown[i] is None}
        failed += status != 0
    for pid in movers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    check(f"others come and go, {rounds} times: none that stays is missing", set(), missing)
    check("  nor without its count", set(), uncounted)
    check("  nor is it a failure", 0, failed)


def main():
    zoo = Zoo()
    healthy(zoo)
    hostile(zoo, zoo.bound("victim", listen=True))
    moving(zoo)
    print(f"1..{number}")


main()

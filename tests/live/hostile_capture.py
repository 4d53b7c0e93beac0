#!/usr/bin/env python3
"""Captures that are expensive on purpose: countless bad lines, many interfaces, an endless stream. Speaks TAP.

Processor time is compared with that of a capture of a quarter of the size on the same machine: linear is four times as
much, quadratic sixteen times.

DUOSTAT_TEST_EFFORT: full makes them larger.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import resource
import struct
import subprocess
import tempfile
import zlib

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
FULL = os.environ.get("DUOSTAT_TEST_EFFORT") == "full"
HOST, FILE, FILE_DATA, INTERFACE_NAMES, INTERFACE, END = 1, 2, 3, 7, 8, 10
CHUNK = 1 << 20
number = 0


def check(what, right, got=""):
    global number
    number += 1
    print(f"{'ok' if right else 'not ok'} {number} - {what}")
    if not right:
        print(f"#   {str(got)[:400]}")


def text(value):
    return struct.pack("=I", len(value)) + value


class Capture:
    def __init__(self):
        self.records = 0
        self.bytes = b"duostat-capture\n" + struct.pack("=II", 1, 0x01020304)
        self.parts = [self.bytes]
        self.add(HOST, struct.pack("=QQIII", 0, 0, 0, 0, 0) + text(b"host") + text(b"6.1.0") + text(b"x86_64"))

    def add(self, kind, payload):
        head = struct.pack("=II", kind, len(payload))
        self.parts.append(head + struct.pack("=I", zlib.crc32(head + payload)) + payload + bytes(-len(payload) % 4))
        self.records += 1
        return self

    def file(self, name, content):
        self.add(FILE, struct.pack("=II", 0, 0) + text(name) + content[:CHUNK])
        for at in range(CHUNK, len(content), CHUNK):
            self.add(FILE_DATA, content[at:at + CHUNK])
        return self

    def interface(self, name):
        payload = struct.pack("=I", 0) + text(name) + struct.pack("=III", 0x1043, 1,
                                                                  6) + bytes(32) + struct.pack("=II", 1500, 0)
        return self.add(INTERFACE, payload + bytes(16 + 20))

    def write(self, path):
        self.add(END, struct.pack("=Q", self.records))
        with open(path, "wb") as file:
            file.write(b"".join(self.parts))
        return path


def run(*words, memory=None, **more):
    def limit():
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([DUOSTAT, *words], capture_output=True, timeout=300, preexec_fn=limit,
                          env=dict(os.environ, LC_ALL="C"), **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.returncode, done.stdout, done.stderr, after.ru_utime - before.ru_utime


def bad_lines(directory):
    """Lines of two bytes in every file that netstat reads."""
    heading = b"  sl  local_address\n"
    for count in (100, 3_000_000 if FULL else 300_000):
        capture = Capture()
        for name in (b"net/tcp", b"net/udp", b"net/raw", b"net/unix", b"net/igmp"):
            capture.file(name, (b"Idx\tDevice\n" if name == b"net/igmp" else heading) + b"x\n" * count)
        path = capture.write(os.path.join(directory, "lines"))
        for words, tables in ((("-tuw",), ("tcp", "udp", "raw")), (("-x",), ("unix",)), (("-g",), ("igmp",))):
            status, _, errors, _ = run("netstat", "-an", "--via=procfs", f"--from={path}", *words)
            lines = errors.decode().splitlines()
            for table in tables:
                said = [line for line in lines if f" {table} " in line and "bogus" in line]
                if count <= 100:
                    check(f"{count} bad lines of {table}: each is reported", len(said) >= count, said)
                else:
                    check(f"{count} bad lines of {table}: told at once, with their number",
                          len(said) == 1 and str(count) in said[0], f"{len(said)} lines: {said[:3]}")
            check(f"netstat {words[0]}, {count} bad lines: no more is said than that", count <= 100
                  or len(lines) < 10, len(lines))
            check(f"netstat {words[0]}, {count} bad lines: it ends", status is not None)


def many_interfaces(directory):
    """Each is listed once in /proc/net/dev, in SIOCGIFCONF under a label, and in if_inet6."""
    def made(count):
        capture = Capture()
        names = [b"i%05d" % i for i in range(count)]
        head = b"Inter-|   Receive\n face |bytes\n"
        capture.file(b"net/dev", head + b"".join(name + b": 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n" for name in names))
        capture.file(b"net/if_inet6", b"".join(b"fe80%028x %02x 40 20 80 %s\n" % (i, i % 256, name) for i,
                                               name in enumerate(names)))
        labels = [name + b":1" for name in names]
        capture.add(INTERFACE_NAMES, struct.pack("=I", 0) + b"".join(text(name) for name in names + labels))
        for name in names + labels:
            capture.interface(name)
        return capture.write(os.path.join(directory, f"interfaces{count}"))

    most = 40_000 if FULL else 16_000
    quarter, whole = made(most // 4), made(most)

    def duration(path):
        """The minimum of three: other load only adds time."""
        return min(run("netstat", "-iea", f"--from={path}")[3] for _ in range(3))

    status, output, errors, _ = run("netstat", "-ia", f"--from={whole}")
    check(f"{most} interfaces and their labels are listed", status == 0 and len(output.splitlines()) == 2 * most + 2,
          f"{status} {len(output.splitlines())} {errors[:200]}")
    short, long = duration(quarter), duration(whole)
    check(f"{most} interfaces take about four times as long as a quarter of them", long < 9 * short + 0.1,
          f"{short:.3f} s, {long:.3f} s")


def endless():
    status, _, errors, _ = run("ss", "-tan", "--from=/dev/zero", memory=None)
    check("/dev/zero is refused by its first bytes",
          status == 2 and b"neither a capture nor a dump of TCP sockets" in errors, f"{status} {errors!r}")
    status, _, errors, _ = run("ss", "-tan", "--from=-", memory=None, stdin=open("/dev/zero", "rb"))
    check("so is a pipe without an end", status == 2 and b"neither a capture nor a dump" in errors,
          f"{status} {errors!r}")


def too_large(directory):
    """A capture that exceeds the available memory."""
    if os.environ.get("ASAN_OPTIONS") or subprocess.run(["grep", "-q", "__asan_init", DUOSTAT],
                                                        check=False).returncode == 0:
        global number
        number += 1
        print(f"ok {number} - too little memory # SKIP AddressSanitizer needs terabytes of addresses")
        return
    path = Capture().file(b"net/tcp", b"x" * (64 << 20)).write(os.path.join(directory, "large"))
    for name, words in (("ss", ("ss", "-tan", f"--from={path}")), ("netstat", (f"--from={path}", "netstat", "-tan")),
                        ("ss2", (f"--from={path}", "ss2", "-t"))):
        status, _, errors, _ = run(*words, memory=96 << 20)
        check(f"{name} of a capture larger than memory", status == 1
              and errors == b"%s: out of memory\n" % name.encode(),
              f"{status} {errors!r}")


def main():
    with tempfile.TemporaryDirectory() as directory:
        bad_lines(directory)
        many_interfaces(directory)
        endless()
        too_large(directory)
    print(f"1..{number}")


main()

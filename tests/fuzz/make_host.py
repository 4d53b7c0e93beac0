#!/usr/bin/env python3
# Writes tests/fuzz/host.capture: the recorded host in which fuzz_host replaces one file or reply at a time.
#
#   python3 tests/fuzz/make_host.py build/duostat       as root
#
# It captures a few sockets of each kind in namespaces of their own, keeps only the files that some command reads, adds
# tables that this kernel lacks (from tests/data/netstat), and replaces what belongs to the machine: its name, kernel
# and mounts.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import time
import zlib

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "netstat"
OUTPUT = HERE / "host.capture"
HEADING = 24
HOST, FILE, FILE_DATA, REQUEST, END = 1, 2, 3, 5, 10

# Files that tell the fuzzer nothing: no command reads them, or one of their kind is enough.
UNREAD = re.compile(r"net/(ip6?_tables_|fib_|dev_|rt_|arp$|anycast|udplite6|wireless|psched|ptype|protocols|mcfilter"
                    r"|netfilter|nf_log|icmp6?$|rpc|xfrm)"
                    r"|sys/net/netfilter/nf_conntrack_(?!max|count|tcp_timeout_time_wait|buckets)"
                    r"|\d+/.*(maps|smaps|mountinfo)$")
MOUNTS = b"proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
ADDED = {
    "net/ip_masquerade": "modes-masquerade/net/ip_masquerade",
    "net/nf_conntrack": "modes-conntrack/net/nf_conntrack",
    "net/sctp/eps": "sctp/net/sctp/eps",
    "net/sctp/assocs": "sctp/net/sctp/assocs",
    "net/sctp/snmp": "counters/net/sctp/snmp",
}



def added_files():
    """Names below /proc, each with its file in DATA."""
    rare = {f"net/{path.name}": f"modes-rare/net/{path.name}" for path in sorted((DATA / "modes-rare/net").iterdir())
            if path.is_file()}
    return ADDED | rare


def run(*words):
    subprocess.run(words, check=False, stderr=subprocess.DEVNULL)


def set_up():
    """Returns what keeps the sockets alive."""
    keep = []

    def attempt(function):
        try:
            keep.append(function())
        except OSError as error:
            print(f"left out: {error}", file=sys.stderr)

    def bound(family, kind, address, protocol=0, listens=False):
        s = socket.socket(family, kind, protocol)
        s.bind(address)
        if listens:
            s.listen(5)
        return s

    def connected(family, address, close=""):
        listener = bound(family, socket.SOCK_STREAM, address, listens=True)
        client = socket.create_connection(address)
        server, _ = listener.accept()
        client.send(b"ten bytes.")
        keep.extend((listener, client, server))
        if "s" in close:
            server.close()
        if "c" in close:
            client.close()

    run("ip", "link", "set", "lo", "up")
    for kind in ("dummy", "ifb"):
        run("ip", "link", "add", "v0", "type", kind)
    run("ip", "link", "property", "add", "dev", "v0", "altname", "a-long-alternative-name")
    run("ip", "addr", "add", "192.0.2.1/24", "dev", "v0", "label", "v0:1")
    run("ip", "addr", "add", "2001:db8::1/64", "dev", "v0", "nodad")
    run("ip", "link", "set", "v0", "up")
    run("ip", "route", "add", "default", "via", "192.0.2.254")
    run("ip", "route", "add", "198.51.100.0/24", "nexthop", "via", "192.0.2.2", "nexthop", "via", "192.0.2.3")
    run("ip", "-6", "route", "add", "default", "via", "2001:db8::fe")
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    connected(socket.AF_INET, ("127.0.0.1", 80))
    connected(socket.AF_INET6, ("::1", 443))
    connected(socket.AF_INET, ("192.0.2.1", 8080), "s")
    connected(socket.AF_INET, ("127.0.0.1", 25), "sc")
    waiting = socket.socket()
    waiting.setblocking(False)
    waiting.connect_ex(("192.0.2.77", 9))
    keep.append(waiting)
    attempt(lambda: bound(socket.AF_INET, datagram, ("0.0.0.0", 53)))
    attempt(lambda: bound(socket.AF_INET, datagram, ("127.0.0.1", 7), 136))
    attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
    attempt(lambda: bound(socket.AF_INET, stream, ("127.0.0.1", 81), 262, True))
    for kind, name in ((stream, "\0plain"), (datagram, "\0two words"), (socket.SOCK_SEQPACKET, "/run/x.sock")):
        attempt(lambda kind=kind, name=name: bound(socket.AF_UNIX, kind, name, listens=kind != datagram))
    keep.extend(socket.socketpair())
    pending = socket.socket(socket.AF_UNIX)
    pending.connect("\0plain")
    keep.append(pending)
    attempt(lambda: bound(socket.AF_PACKET, socket.SOCK_RAW, ("v0", 3)))
    attempt(lambda: bound(socket.AF_NETLINK, socket.SOCK_RAW, (0, 1)))
    attempt(lambda: bound(socket.AF_VSOCK, stream, (socket.VMADDR_CID_ANY, 1024), listens=True))
    attempt(lambda: socket.socket(44, socket.SOCK_RAW))  # AF_XDP
    time.sleep(3)  # the link-local address, which belongs to the tables, comes after two seconds
    return keep


def text(value):
    return struct.pack("=I", len(value)) + value


def records(capture):
    at = HEADING
    while at < len(capture):
        kind, length, _ = struct.unpack_from("=III", capture, at)
        yield kind, capture[at + 12:at + 12 + length]
        at += 12 + (length + 3) // 4 * 4


def file_name(payload):
    length, = struct.unpack_from("=I", payload, 8)
    return payload[12:12 + length].decode()


def rewritten(capture):
    """Yields the records of the result, without the end."""
    added, left_out = added_files(), False
    for kind, payload in records(capture):
        if kind == HOST:
            yield kind, payload[:28] + text(b"fuzzed") + text(b"6.18.0") + text(b"x86_64")
            continue
        if kind == FILE:
            name = file_name(payload)
            left_out = bool(UNREAD.match(name)) or name in added
            if name.endswith("mounts"):
                payload = payload[:8] + text(name.encode()) + MOUNTS
        if kind == END or (kind in (FILE, FILE_DATA) and left_out):
            continue
        yield kind, payload
    for name, source in added.items():
        yield FILE, struct.pack("=II", 0, 0) + text(name.encode()) + (DATA / source).read_bytes()


def write(capture):
    out = bytearray(capture[:HEADING])
    count = 0

    def add(kind, payload):
        head = struct.pack("=II", kind, len(payload))
        out.extend(head + struct.pack("=I", zlib.crc32(head + payload)) + payload + b"\0" * (-len(payload) % 4))

    # A capture has its files before the tasks and requests; the reader takes any order after the host.
    for kind, payload in rewritten(capture):
        add(kind, payload)
        count += 1
    add(END, struct.pack("=Q", count))
    OUTPUT.write_bytes(out)
    print(f"{OUTPUT.name}: {count} records, {len(out)} bytes")


def main():
    if sys.argv[1:] != ["--inside"]:
        program = str(pathlib.Path(sys.argv[1]).resolve())
        inside = "hostname fuzzed; mount -t tmpfs none /run; mount -t tmpfs none /tmp; cd /tmp; cp \"$0\" server.py; " \
            "cp \"$1\" duostat; exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin python3 server.py --inside"
        found = subprocess.run(["unshare", "-nupmf", "--mount-proc", "sh", "-c", inside, __file__, program],
                               stdout=subprocess.PIPE, check=True)
        write(found.stdout)
        return
    keep = set_up()
    subprocess.run(["/tmp/duostat", "capture", "-q", "-"], check=True)
    del keep


main()

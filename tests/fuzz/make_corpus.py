#!/usr/bin/env python3
# Writes the seeds in tests/fuzz/corpus of the targets below, from tests/data and tests/fuzz/host.capture. The first
# bytes of an input select a row of its target: a row that moves needs its seeds written again.
#
#   python3 tests/fuzz/make_corpus.py
#
# SPDX-License-Identifier: GPL-2.0-or-later
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
NETSTAT = HERE.parent / "data" / "netstat"
HEADING, FILE, REQUEST, REPLY, HOST, END = 24, 2, 5, 6, 1, 10
SOCK_DIAG, ROUTE = 4, 0
LONGEST = 2000


def write(target, name, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def records():
    capture = (HERE / "host.capture").read_bytes()
    at = HEADING
    while at < len(capture):
        kind, length, _ = struct.unpack_from("=III", capture, at)
        yield kind, capture[at + 12:at + 12 + length]
        at += 12 + (length + 3) // 4 * 4


def lines_up_to(text, most):
    """Whole lines, because a torn one is another case."""
    kept = b""
    for line in text.splitlines(keepends=True):
        if len(kept) + len(line) > most:
            break
        kept += line
    return kept or text[:most]


def files():
    recorded = {}
    for kind, payload in records():
        if kind == FILE:
            length, = struct.unpack_from("=I", payload, 8)
            recorded[payload[12:12 + length].decode()] = payload[12 + length:]
    stat = recorded["1/stat"]
    rows = [
        recorded["net/route"], (NETSTAT / "modes-routes/net/rt_cache").read_bytes(), recorded["net/ipv6_route"],
        recorded["net/dev"], recorded["net/if_inet6"], recorded["net/igmp"], recorded["net/igmp6"],
        recorded["net/ip_masquerade"], recorded["net/nf_conntrack"], recorded["net/sctp/eps"],
        recorded["net/sctp/assocs"], recorded["net/sctp/snmp"], recorded["net/netstat"], recorded["net/snmp6"],
        recorded["net/sockstat"], recorded["net/sockstat"], stat,
        b"\1" + b"".join(bytes([len(part)]) + part for part in (
            stat[:200], b"Uid:\t0\t33\t0\t0\n", b"0::/system.slice/nginx.service\n", b"nginx\0-g\0",
            b"Max open files            1024                 4096                 files\n", stat[:200], b"u:r:t:s0",
            b"/usr/sbin/nginx")),
        b"4 tcpdiag\n0x10 genl # a comment\n",
    ]
    for number, text in enumerate(rows):
        write("files", f"row{number:02}", bytes([number]) + lines_up_to(text, LONGEST))
    write("files", "cgroups", b"\x10" + b"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + b"ab" * 32 +
          b".scope\n1:name=systemd:/docker/" + b"cd" * 32 + b"\n")
    write("files", "passwd", b"\x12root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n")
    write("files", "services", b"\x12http 80/tcp www # WWW\ndomain 53/udp\npasswd: files systemd\nservices: db files\n")
    write("files", "mounts", b"\x12cgroup2 /sys/fs/cgroup\\040x cgroup2 rw 0 0\nportmapper 100000 portmap sunrpc\n")
    table = recorded["net/tcp"].splitlines(keepends=True)
    write("text", "tcp", b"\x50\x1b" + b"".join(table[:3]))


def datagrams(messages):
    """As tests/fuzz/input.h splits an input: a length in units of 16 bytes and one byte more, flags, and the bytes.
    What is added to a message to have this length is no message, and is skipped."""
    parts = []
    for message in messages:
        padded = message + b"\0" * ((1 - len(message)) % 16)
        parts.append(bytes([len(padded) // 16, 0]) + padded)
    return b"".join(parts)


def netlink():
    exchanges, protocol = [], 0
    for kind, payload in records():
        if kind == REQUEST:
            protocol, = struct.unpack_from("=I", payload)
            exchanges.append((protocol, struct.unpack_from("=H", payload[12:], 4)[0] if len(payload) > 18 else 0, []))
        if kind == REPLY and exchanges:
            exchanges[-1][2].append(payload[8:])
    of_route = {kind: replies for protocol, kind, replies in exchanges if protocol == ROUTE}
    get_link, get_address, get_route, get_multicast = 18, 22, 26, 58
    rows = {0: (get_route,), 1: (get_link, get_address), 2: (get_multicast, get_link)}
    for number, kinds in rows.items():
        replies = [reply[:1500] for kind in kinds for reply in of_route.get(kind, [])][:4]
        write("netlink", f"row{number}", bytes([number]) + datagrams(replies))
    sockets = [replies for protocol, _, replies in exchanges if protocol == SOCK_DIAG and replies]
    first = max(sockets, key=lambda replies: len(replies[0]))[0][:1500]
    error = struct.pack("=IHHIIiIHHII", 36, 2, 0, 1, 0, -2, 16, 20, 0, 1, 0)
    for number in (4, 5):
        write("netlink", f"row{number}", bytes([number]) + datagrams([first]))
    write("netlink", "row3", b"\3" + datagrams([struct.pack("=IHHIIBxxxHHi", 28, 88, 0, 1, 0, 0, 8, 1, 3)]))
    write("netlink", "row6", b"\6" + datagrams([error]))
    for number in (7, 8):
        write("netlink", f"row{number}", bytes([number]) + first + struct.pack("=IHHIIi", 20, 3, 0, 1, 0, 0))


def capture():
    out, count = bytearray((HERE / "host.capture").read_bytes()[:HEADING]), 0

    def add(kind, payload):
        head = struct.pack("=II", kind, len(payload))
        out.extend(head + struct.pack("=I", zlib.crc32(head + payload)) + payload + b"\0" * (-len(payload) % 4))

    seen = {}
    for kind, payload in records():
        seen[kind] = seen.get(kind, 0) + 1
        if kind == END or seen[kind] > 3 or len(payload) > 700:
            continue
        add(kind, payload)
        count += 1
    add(END, struct.pack("=Q", count))
    write("capture", "whole", b"\0" + bytes(out))


def trace():
    fields = [("unsigned short common_type", 0, 2), ("unsigned char common_flags", 2, 1), ("int common_pid", 4, 4),
              ("const void * skaddr", 8, 8), ("int oldstate", 16, 4), ("int newstate", 20, 4), ("__u16 sport", 24, 2),
              ("__u16 dport", 26, 2), ("__u16 family", 28, 2), ("__u16 protocol", 30, 2), ("__u8 saddr[4]", 32, 4),
              ("__u8 daddr[4]", 36, 4), ("__u8 saddr_v6[16]", 40, 16), ("__u8 daddr_v6[16]", 56, 16)]
    text = "name: inet_sock_set_state\nID: 2287\nformat:\n" + "".join(
        f"\tfield:{name};\toffset:{at};\tsize:{size};\tsigned:0;\n" for name, at, size in fields)
    loopback = b"\x7f\0\0\1"
    raw = struct.pack("=HBBiQiiHHHH4s4s16s16s", 2287, 0, 0, 7, 1, 7, 2, 80, 8080, 2, 6, loopback, loopback, b"", b"")
    write("trace", "format", b"\0" + text.encode() + b"\0" + raw)
    record = struct.pack("=I", 10 << 5 | len(raw) // 4) + raw
    write("trace", "page", b"\1\0" + struct.pack("=QQ", 1000, len(record)) + record)
    body = struct.pack("=IIQI", 12, 12, 1000, len(raw)) + raw
    sample = struct.pack("=IHH", 9, 0, 8 + len(body)) + body
    write("trace", "ring", b"\2" + b"\0" * 8 + struct.pack("=H", len(sample)) + sample + b"\0" * (128 - len(sample)))


def words():
    rows = {
        0: [b"state,local,peer\0-rtt_ms\0005\0\0\0\0\0exe,user",
            b"\0count,-state\0\0state,peer/24\0max:recv_q\0count > 2",
            b"+inode,-peer\0-inode\0", b"\0\0\0peer/24/64,process\0bytes,avg:rtt\0\0any"],
        1: [b"tcp_info.rtt_us,sport,owners", b"-rtt,dport", b"rtt_us,max:cwnd"],
        2: [b"1.5h", b"200ms", b"30"],
        3: [b"18446744073709551615", b"-0x1f.", b"1.50"],
        4: [b"close-wait.count=50\n# a comment\nports.share = 80\n", b"close-wait\0ports"],
        5: [b"duostat baseline 1\n# host\nrange\t32768\t60999\nlistener\ttcp\t0.0.0.0\t22\t-\tsshd\t0\tssh.service\n"
            b"listener\tunix_stream\t/run/x\\x0a\t-\t-\t?\t-\t-\n"],
        6: [b"rtt > 5ms and peer in 10.0.0.0/8\0established\0( dport = :443 or src 127.0.0.1 )"],
        7: [b"established", b"bpf"],
    }
    for number, texts in rows.items():
        for i, text in enumerate(texts):
            write("words", f"row{number}-{i}", bytes([number]) + text)
    write("options", "ss", b"\2-tan\0--numeric\0-A\0inet\0state\0all")
    write("options", "netstat", b"\1-tulpn\0--inet\0-c\0")


def writers():
    hostile = b"plain", b"<script>", b"\xff\xfe\x1b[31m", b'quo"te,\r\n', b"\xe2\x80\xae"
    texts = b"".join(bytes([len(text)]) + text for text in hostile)
    for number in range(6):
        write("writers", f"row{number}", bytes([number]) + struct.pack(">d", 1.5) + struct.pack(">d", 1e9) + texts)
    write("writers", "table", b"\1\x5d\0\1\4\1\2\5" + b"\0" + struct.pack(">Q", 12345678) + b"\4" + texts)


def host():
    """The head alone selects a command line and a part; the mutator adds what was recorded."""
    for line in range(0, 72, 3):
        write("host", f"line{line:02}", struct.pack("=BHB", line, 37 * line % 400, line % 4))


def main():
    for make in (files, netlink, capture, trace, words, writers, host):
        make()


main()

#!/usr/bin/env python3
"""TCP Fast Open in SYN-RECV: a full socket has its own uid, not its listener's. Speaks TAP.

The peer is this script behind a TUN device, which sends a SYN with data and never the last ACK. Both backends report
the uid that /proc/net/tcp has, for a request, for a full socket that waits for accept(2), and for an accepted one.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)
import tap  # noqa: E402

DUOSTAT = os.path.join(os.environ.get("top_builddir", "."), "duostat")
LOCAL, PEER = "10.9.0.1", "10.9.0.2"
LISTENER_UID, OWN_UID = 1000, 1001
PATIENCE = 60  # seconds after which a missing socket fails the test
TUNSETIFF, IFF_TUN, IFF_NO_PI, TCP_FASTOPEN = 0x400454CA, 1, 0x1000, 23


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def syn(source_port, port, data):
    """An IPv4 packet from the peer: a SYN that carries data."""
    ends = socket.inet_aton(PEER) + socket.inet_aton(LOCAL)
    tcp = struct.pack("!HHIIBBHHH", source_port, port, 1000, 0, 5 << 4, 2, 8192, 0, 0)
    total = checksum(ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp) + len(data)) + tcp + data)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), 1, 0, 64, socket.IPPROTO_TCP, 0) + ends
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp + data


def peer_interface():
    try:
        tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
        for words in (f"addr add {LOCAL}/24 dev tun0", "link set tun0 up"):
            subprocess.run(["ip", *words.split()], check=True, capture_output=True)
        with open("/proc/sys/net/ipv4/tcp_fastopen", "w") as file:
            file.write("0x203")  # client, server, server without cookie
    except (OSError, subprocess.CalledProcessError) as error:
        tap.skip_all(f"no TUN device or no TCP Fast Open: {error}")
    return tun


def listener(port, fast):
    listening = socket.socket()
    os.fchown(listening.fileno(), LISTENER_UID, LISTENER_UID)
    listening.bind((LOCAL, port))
    if fast:
        listening.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 5)
    listening.listen(5)
    return listening


def in_proc():
    """{peer's port: uid} of the sockets in SYN-RECV."""
    found = {}
    with open("/proc/net/tcp") as file:
        for line in file.readlines()[1:]:
            words = line.split()
            if words[3] == "03":
                found[int(words[2].split(":")[1], 16)] = int(words[7])
    return found


def ran(*words):
    done = subprocess.run([DUOSTAT, *words], env=dict(os.environ, LC_ALL="C"), capture_output=True, text=True,
                          timeout=PATIENCE)
    return done.stdout


def shown():
    """{command: {peer's port: uid}}; -1: no uid."""
    answers = {}
    for via in ("netlink", "procfs"):
        sockets = json.loads(ran("ss", "-tane", "--json", f"--via={via}"))["sockets"]
        answers[f"ss --json --via={via}"] = {s["peer_port"]: s.get("uid", -1)
                                             for s in sockets if s["state"] == "syn_recv"}
        rows = [line.split() for line in ran("netstat", "-tane", f"--via={via}").splitlines()]
        answers[f"netstat -tane --via={via}"] = {
            int(r[4].rsplit(":", 1)[1]): int(r[6]) for r in rows if len(r) > 6 and r[5] == "SYN_RECV"}
    return answers


def text_uids():
    """{peer's port: the uid that ss -tane prints, or -1}"""
    rows = [line.split() for line in ran("ss", "-tane").splitlines()]
    uid = lambda row: next((int(word[4:]) for word in row if word.startswith("uid:")), -1)
    return {int(r[4].rsplit(":", 1)[1]): uid(r) for r in rows if r[:1] == ["SYN-RECV"]}


def main():
    if os.geteuid() != 0:
        tap.skip_all("not root")
    namespace.private_network()
    tun = peer_interface()
    slow, fast = listener(8080, False), listener(8081, True)
    os.write(tun, syn(4000, 8080, b""))
    os.write(tun, syn(4001, 8081, b"waits"))
    os.write(tun, syn(4002, 8081, b"is accepted"))
    end = time.monotonic() + PATIENCE
    while len(in_proc()) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    if len(in_proc()) < 3:
        tap.skip_all(f"this kernel makes no such sockets: {in_proc()}")
    accepted = {}
    for _ in range(2):
        connection, address = fast.accept()
        accepted[address[1]] = connection
        if address[1] == 4001:
            os.fchown(connection.fileno(), OWN_UID, OWN_UID)
    # One more, which is not accepted.
    os.write(tun, syn(4003, 8081, b"waits"))
    while len(in_proc()) < 4 and time.monotonic() < end:
        time.sleep(0.01)
    wanted = in_proc()
    number = 0

    def check(what, expected, got):
        nonlocal number
        number += 1
        print(f"{'ok' if expected == got else 'not ok'} {number} - {what}")
        if expected != got:
            print(f"#   expected: {expected}\n#   got:      {got}")

    check("/proc has the four sockets", {4000: LISTENER_UID, 4001: OWN_UID, 4002: 0},
          {port: uid for port, uid in wanted.items() if port != 4003})
    for who, answer in shown().items():
        check(who, wanted, answer)
    # The original prints what the kernel sends, unless it is 0: for a request the kernel sends 0.
    text = {port: uid if uid != 0 and port != 4000 else -1 for port, uid in wanted.items()}
    check("ss -tane", text, text_uids())
    del slow, accepted
    print(f"1..{number}")


main()

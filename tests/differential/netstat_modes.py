#!/usr/bin/env python3
"""netstat's modes other than sockets against the installed netstat, in a private network namespace. Speaks TAP.

Routes, interfaces, aliases, multicast groups and counters are real; counters move, so the reference runs before and
after ours and its two answers say whether anything did. Ours is asked with --via=procfs, --via=netlink and without.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import itertools
import os
import re
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
import namespace  # noqa: E402
import steady  # noqa: E402
from sample import sample  # noqa: E402

REFERENCE = "/usr/bin/netstat"
OURS = [os.path.join(os.environ.get("top_builddir", "."), "duostat"), "netstat"]
SETUP = """
link set lo up
link add veth0 type veth peer name veth1
link add averylongbrnam type veth peer name veth10
tuntap add tun0 mode tun
addr add 10.1.0.1/24 brd + dev veth0
addr add 10.1.0.7/24 dev veth0 label veth0:7
addr add 10.1.0.9/24 dev veth0
addr add 10.2.0.1/16 dev veth0 label veth0:lab
addr add 10.9.0.1 peer 10.9.0.2 dev tun0
link set veth0 up
link set veth1 up
link set averylongbrnam up
link set tun0 up
-6 addr add 2001:db8::1/64 dev veth0 nodad
-6 addr add 2001:db8:1::1/48 dev veth0 nodad
-6 addr add fec0::1/64 dev veth1 nodad
-6 addr add ::1.2.3.4/128 dev veth1 nodad
route add 172.16.0.0/12 via 10.1.0.3 advmss 1400 window 5840 rtt 300ms
route add unreachable 192.0.2.0/24
route add prohibit 192.0.3.0/24 metric 7
route add blackhole 192.0.4.0/24
route add throw 192.0.5.0/24
route add 192.0.6.0/24 metric 4294967295 dev veth0
route add 192.0.7.1 dev veth0
route add default via 10.1.0.3 metric 100
route add 192.0.8.0/24 nexthop via 10.1.0.3 nexthop via 10.1.0.4
route add 192.0.9.0/24 via inet6 fe80::1 dev veth0
route add 192.0.10.0/24 dev veth0 table 77
route add local 192.0.11.0/24 dev lo table main
route add broadcast 192.0.12.255 dev veth0 table main
-6 route add 2001:db8:2::/48 via 2001:db8::2 metric 42
-6 route add unreachable 2001:db8:3::/48
-6 route add blackhole 2001:db8:4::/48
-6 route add prohibit 2001:db8:5::/48 metric 9
-6 route add 2001:db8:6::/48 dev veth0 expires 600
-6 route add 2001:db8:7::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3
-6 route add 2001:db8:8::/48 dev veth0 table 77
-6 route add 2001:db8:9::1 dev veth0
-6 route add local 2001:db8:a::/64 dev lo
-6 route add default via 2001:db8::9 dev veth0
"""
# -r and -g are always asked for numbers: no name server answers here, and each look-up would wait for one.
LETTERS = {"-rn": "eNCFW46va", "-i": "aenNW4v", "-gn": "46ae", "-s": "tuwUS46enac"}
EXTRA = {
    "-r": ["-reen", "-reeen", "-reeeen", "-rFCn", "-46rn", "-64rn", "-r6Cn", "-rnx", "-rn --ax25", "-rn operand"],
    "-i": ["-iaee", "-i operand"],
    "-g": ["-gn46", "-gxn"],
    "-s": ["-s46", "-s4 -4", "-sx", "-stuw", "-s6tuw"],
    "-M": ["-M", "-Mn", "-Men"],
}


def traffic(keep):
    """Joins, connections, datagrams and refusals on loopback: counters that are not zero."""
    member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                      socket.inet_aton("239.1.2.3") + socket.inet_aton("10.1.0.1"))
    keep.append(member)
    member6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    group = socket.inet_pton(socket.AF_INET6, "ff02::4711") + struct.pack("I", socket.if_nametoindex("veth0"))
    member6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    keep.append(member6)
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        server = socket.create_server((address, 0), family=family)
        client = socket.create_connection(server.getsockname()[:2])
        peer, _ = server.accept()
        client.sendall(b"x" * 5000)
        peer.recv(5000)
        keep += [server, client, peer]
        with socket.socket(family, socket.SOCK_DGRAM) as datagram:
            for _ in range(3):
                datagram.sendto(b"nobody listens", (address, 9))
        with socket.socket(family, socket.SOCK_STREAM) as refused:
            refused.connect_ex((address, 9))


def ran(command):
    environment = dict(os.environ, LC_ALL="C")
    result = subprocess.run(command, env=environment, capture_output=True, timeout=60)
    # quirk: usage-text - what follows the message is ours
    error = re.sub(rb"^(?:did you mean [^\n]*\n)?usage:.*", b"", result.stderr, flags=re.S | re.M)
    return result.returncode, result.stdout, error


def untold(mode, answer):
    """quirk: netlink-references - what rtnetlink does not tell, and the order of IPv6 addresses, on either side."""
    status, out, error = answer
    if mode == "-r":
        out = re.sub(rb"(?m)^(\S+/\d+ +\S+ +[!A-Za-z]+ +-?\d+ +)(?:\d+|-)( +\d+ \S+)$", rb"\1-\2", out)
    elif mode == "-g":
        out = re.sub(rb"(?m)^(\S+ +)(?:\d+|-) +((?:\d+\.|ff)\S*)$", rb"\1- \2", out)
    elif mode == "-i":
        blocks = []
        for inet6, lines in itertools.groupby(out.splitlines(True), lambda line: line.startswith(b"        inet6 ")):
            blocks += sorted(lines) if inet6 else lines
        out = b"".join(blocks)
    return status, out, error


def agree(mode, words, via):
    ours_words = words + ([f"--via={via}"] if via else [])
    compared = (lambda answer: untold(mode, answer)) if via == "netlink" else (lambda answer: answer)
    return steady.compared(lambda: compared(ran([REFERENCE, *words])), lambda: compared(ran(OURS + ours_words)))


def cases():
    for mode, letters in LETTERS.items():
        options, mode = mode, mode[:2]
        yield mode, [options]
        for letter in letters:
            yield mode, [options + letter]
        for pair in itertools.combinations(letters, 2):
            yield mode, [options + "".join(pair)]
    for mode, lines in EXTRA.items():
        for line in lines:
            yield mode, line.split()
    for pair in itertools.product("risM", repeat=2):
        yield "-" + pair[0], ["-" + "".join(pair)]


def with_backends():
    for mode, words in cases():
        for via in [None, "procfs", "netlink"] if mode in ("-r", "-i", "-g") else [None]:
            if words[0].startswith("-g") and via == "netlink" and ("a" in words[0] or "4" in words[0]
                                                                   or "6" in words[0]):
                continue  # lists sockets too; the test of sockets compares those
            yield mode, words, via


def set_up(lines):
    for line in filter(None, lines.splitlines()):
        if subprocess.run(["ip", *line.split()], capture_output=True).returncode != 0:
            print(f"# this kernel refuses: ip {line}")


def main():
    namespace.private_network(REFERENCE, "ip")
    set_up(SETUP)
    keep = []
    traffic(keep)
    namespace.wait_for_addresses()
    number = 0
    for number, (mode, words, via) in enumerate(sample(with_backends()), 1):
        same, reference, ours = agree(mode, words, via)
        print(f"{'ok' if same else 'not ok'} {number} - netstat {' '.join(words)}{' via ' + via if via else ''}")
        if not same:
            for name, answer in (("reference", reference), ("ours", ours)):
                print(f"# {name}: status {answer[0]}")
                for line in (answer[1] + b"--- stderr\n" + answer[2]).decode(errors="replace").splitlines():
                    print(f"#   {line}")
    print(f"1..{number}")


if __name__ == "__main__":
    main()

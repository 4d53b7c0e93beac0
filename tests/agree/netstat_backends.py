#!/usr/bin/env python3
"""netstat --via=procfs and --via=netlink print the same bytes: routes, interfaces and groups of a private network
namespace that has one of every kind. Only values that rtnetlink does not provide are made equal (doc/quirks.md,
netlink-references). Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import difflib
import os
import re
import socket
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import netstat_modes as modes  # noqa: E402
import steady  # noqa: E402

# In addition to netstat_modes.
SETUP = """
link add dummy0 type veth peer name dummy1
link set dummy1 up
tuntap add tap0 mode tap
link set tap0 up
link add ifb7 type ifb
link add dmy7 type dummy
link add br0 type bridge
link add veth2 type veth peer name veth3
link set veth2 master br0
link add vlan9 link veth0 type vlan id 9
link add gre9 type gre remote 10.1.0.9 local 10.1.0.1
link add ipip9 type ipip remote 10.1.0.9 local 10.1.0.1
link add sit9 type sit remote 10.1.0.9 local 10.1.0.1
link add vcan0 type vcan
link add wg0 type wireguard
link add tapper type bond
link set dummy0 up arp off allmulticast on promisc on txqueuelen 0 mtu 1280
link set dummy0 dynamic on
link set br0 up mtu 9000
link set veth2 up
link set vlan9 up
link set gre9 up
link set sit9 up
link set ipip9 up
link set wg0 up
addr add 10.20.0.1/24 brd 10.20.0.255 dev dummy0
addr add 10.20.0.2/25 brd 0.0.0.0 dev dummy0 label dummy0:10
addr add 10.20.0.3/25 dev dummy0 label dummy0:9
addr add 10.20.0.4/32 dev dummy0 label dummy0:9
addr add 10.21.0.1/8 dev veth3 label veth3:down
addr add 10.22.0.1/30 dev br0 scope link
addr add 10.23.0.1/24 dev gre9
addr add 127.0.0.2/8 dev lo label lo:2
-6 addr add 2001:db8:f::1 peer 2001:db8:f::2 dev dummy0 nodad
-6 addr add 2001:db8:f:1::1/64 dev dummy0 nodad preferred_lft 0
-6 addr add 2001:db8:f:2::1/64 dev br0 nodad valid_lft 4000 preferred_lft 3000
-6 addr add 2001:db8:f:3::1/64 dev veth3 nodad
-6 addr add 2001:db8:da03::1/64 dev dummy0 nodad valid_lft 4000 preferred_lft 3000
-6 addr add ::ffff:10.0.0.9/128 dev dummy0 nodad
route add 10.30.0.0/16 via 10.1.0.3 src 10.1.0.7 realm 5
route add 10.31.0.0/16 via 10.99.0.1 dev veth0 onlink
route add 10.32.0.0/16 via 10.1.0.3 mtu lock 1300 hoplimit 9 initcwnd 5 window 70000 rtt 5
route add 10.33.0.0/16 via 10.1.0.3 metric 1
route append 10.33.0.0/16 via 10.1.0.4 metric 2
route add 10.34.0.0/16 dev gre9 scope link
route add 10.35.0.0/16 tos 0x10 via 10.1.0.3
nexthop add id 1 via 10.1.0.3 dev veth0
nexthop add id 2 via 10.1.0.4 dev veth0
nexthop add id 10 group 1/2
nexthop add id 3 blackhole
route add 10.36.0.0/16 nhid 1
route add 10.37.0.0/16 nhid 10
route add 10.38.0.0/16 nhid 3
route add 10.39.0.0/16 nexthop via 10.1.0.3 weight 2 nexthop dev dummy0 weight 3
route add 10.40.0.0/16 nexthop via inet6 fe80::1 dev veth0 nexthop via 10.1.0.4
route add unreachable default metric 4000
route add nat 10.41.0.0/16 via 10.1.0.3
route add 10.42.0.0/16 dev dummy0 advmss 65496
route add anycast 10.43.0.1 dev veth0
route add multicast 224.9.9.0/24 dev veth0 table main
route add 240.0.0.0/4 dev dummy0
route add 0.0.0.0/1 dev dummy0
-6 nexthop add id 61 via 2001:db8::2 dev veth0
-6 nexthop add id 62 via 2001:db8::3 dev veth0
-6 nexthop add id 63 blackhole
-6 nexthop add id 60 group 61/62
-6 route add 2001:db8:20::/48 nhid 61
-6 route add 2001:db8:21::/48 nhid 60
-6 route add 2001:db8:22::/48 nhid 63
-6 route add 2001:db8:da00::/48 via 2001:db8::2 proto ra expires 900
-6 route add 2001:db8:da01::/48 dev veth0 proto kernel
-6 route add 2001:db8:da02::/48 dev veth0 proto kernel expires 900
-6 route add throw 2001:db8:26::/48
-6 route add 2001:db8:27::/48 from 2001:db8:28::/48 via 2001:db8::2
-6 route add 2001:db8:29::/48 nexthop via 2001:db8::2 weight 3 nexthop dev dummy0
-6 route add anycast 2001:db8:2a::/128 dev veth0
-6 route add local 2001:db8:2b::1 dev lo table 78
-6 route add unreachable default metric 4000 table 79
-6 route add 2001:db8:2c::/48 via fe80::7 dev dummy0 metric 4294967295
-6 route add 2001:db8:2d::/48 dev tap0
-6 route add multicast ff05::/16 dev veth0 table local
-6 route add blackhole default metric 5000
link set br0 down
link set br0 up
"""
CASES = ["-rn", "-ren", "-reen", "-6rn", "-46rn", "-rnC", "-6rnC", "-rnF", "-i", "-ia", "-ie", "-iae", "-ien", "-iN",
         "-gn", "-gnx"]


SETTINGS = {  # of net.ipv6.conf; routers have anycast addresses, and this one listens to advertisements too
    "all": {"forwarding": 1, "accept_dad": 0},
    "default": {"forwarding": 1, "accept_dad": 0, "dad_transmits": 0, "accept_ra": 2, "accept_ra_rt_info_max_plen": 64},
}


def settings():
    for name, values in SETTINGS.items():
        for key, value in values.items():
            try:
                with open(f"/proc/sys/net/ipv6/conf/{name}/{key}", "w") as file:
                    file.write(str(value))
            except OSError as error:
                print(f"# no {key}: {error}")


def advertise():
    """A router behind veth1 advertises a default route, a prefix and a route to veth0: flags that only the kernel
    sets."""
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 4000, 3000, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8:aa::")
    route = struct.pack("!BBBBI", 24, 2, 48, 0, 1800) + socket.inet_pton(socket.AF_INET6, "2001:db8:bb::")[:8]
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix + route
        s.sendto(message, ("ff02::1", 0, 0, socket.if_nametoindex("veth1")))


def both(words):
    """What each backend prints, less what netlink does not tell: the test's own "daemon" routes pose as the
    kernel's, and the kernel marks the prefix routes of a point-to-point sit device with `n`."""
    answers = []
    for via in ("procfs", "netlink"):
        answer = modes.ran(modes.OURS + words + [f"--via={via}"])
        status, out, error = modes.untold(words[0].replace("46", "").replace("6", "")[:2], answer)
        out = re.sub(rb"(?m)^(2001:db8:da.* UG?)A?(e?) +", rb"\1\2 ", out)
        answers.append((status, re.sub(rb"(?m)^(fe80::/64 .* U)n( .* sit\d+)$", rb"\1 \2", out), error))
    return answers


def lacks_groups(answer):
    """Whether the kernel is too old to list IPv4 groups: RTM_GETMULTICAST of AF_INET came with 6.15."""
    release = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    return release < (6, 15) and answer[2] == b"netstat: no support for `AF INET (igmp)' on this system.\n"


def report(number, title, procfs, netlink):
    good = procfs == netlink
    print(f"{'ok' if good else 'not ok'} {number} - {title}")
    if not good:
        texts = (b"status %d\n%s--- stderr\n%s" % answer for answer in (procfs, netlink))
        sides = (text.decode(errors="replace").splitlines() for text in texts)
        for line in difflib.unified_diff(*sides, "procfs", "netlink", lineterm="", n=0):
            print(f"#   {line}")


def main():
    namespace.private_network("ip")
    settings()
    modes.set_up(modes.SETUP + SETUP)
    keep = []
    modes.traffic(keep)
    try:
        advertise()
    except OSError as error:
        print(f"# no router advertisement: {error}")
    namespace.wait_for_addresses()
    for number, line in enumerate(CASES, 1):
        words = line.split()
        for _ in steady.pauses():
            procfs, netlink = both(words)
            if procfs == netlink:
                break
        rows = procfs[1].count(b"\n")
        if lacks_groups(netlink):
            print(f"ok {number} - netstat {line} # SKIP this kernel does not list IPv4 groups by netlink")
        elif rows > 1:
            report(number, f"netstat {line}: {rows} lines", procfs, netlink)
        else:
            print(f"not ok {number} - netstat {line}: nothing to compare")
    print(f"1..{len(CASES)}")


main()

# The kernel's sockets as pyroute2's DiagSocket requests and decodes them. No dump contains owners.
# States are the kernel's numbers. With `via` procfs, values that /proc/net lacks are left out.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import ipaddress
import socket

from pyroute2.netlink import diag

UNIX_TYPES = {socket.SOCK_STREAM: "unix_stream", socket.SOCK_DGRAM: "unix_dgram",
              socket.SOCK_SEQPACKET: "unix_seqpacket"}
ALL_STATES = (1 << 14) - 1  # the library's own constant ends before two states that newer kernels have
SYN_SENT, CLOSE = 2, 7


def inet(protocol, via):
    """Protocol, address and port of both ends, state, inode."""
    found = collections.Counter()
    number = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}[protocol]
    address = lambda text: str(ipaddress.ip_address(text))
    with diag.DiagSocket() as kernel:
        kernel.bind()
        for family in (socket.AF_INET, socket.AF_INET6):
            for s in kernel.get_sock_stats(family=family, states=ALL_STATES, protocol=number):
                # A TCP socket that is bound and not in use is in no table that /proc/net/tcp shows.
                if via == "procfs" and protocol == "tcp" and s["idiag_state"] == CLOSE:
                    continue
                found[protocol, address(s["idiag_src"]), s["idiag_sport"], address(s["idiag_dst"]), s["idiag_dport"],
                      s["idiag_state"], s["idiag_inode"]] += 1
    return found


def unix(via):
    """Type, inode, state, and by netlink name and inode of the peer."""
    found = collections.Counter()
    with diag.DiagSocket() as kernel:
        kernel.bind()
        for s in kernel.get_sock_stats(family=socket.AF_UNIX, states=ALL_STATES):
            attributes = dict(s["attrs"])
            name = attributes.get("UNIX_DIAG_NAME") or b""
            name = name if isinstance(name, bytes) else name.encode()
            # /proc/net/unix tells of no peer, and has other bytes for some of a name.
            known = (name.strip(b"\0"), attributes.get("UNIX_DIAG_PEER", 0)) if via == "netlink" else ()
            found[(UNIX_TYPES[s["udiag_type"]], s["udiag_ino"], s["udiag_state"], *known)] += 1
            # A connection that waits to be accepted has no inode. The kernel gives it no message of its own, but each
            # listener has four bytes for every one; /proc/net/unix has a row for it.
            waiting = len(attributes.get("UNIX_DIAG_ICONS", "").replace(":", "")) // 8
            if via == "procfs" and waiting:
                found[UNIX_TYPES[s["udiag_type"]], 0, SYN_SENT] += waiting
    return found

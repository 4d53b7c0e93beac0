# Sockets of the families that few kernels have: SCTP, DCCP, TIPC, vsock. Made in the same ways as the zoo's.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import socket
import struct
import time

import steady
import zoo
from zoo import AF_INET, AF_INET6, STREAM

IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD = 132, 100
SOCK_DCCP, IPPROTO_DCCP, SOL_DCCP, DCCP_SOCKOPT_SERVICE = 6, 33, 269, 2
VMADDR_CID_ANY, VMADDR_CID_LOCAL = 0xFFFFFFFF, 1


def associations():
    """Addresses and states of SCTP's, without timers and counts."""
    try:
        with open("/proc/net/sctp/assocs") as file:
            return [line.split()[:5] for line in file]
    except OSError:
        return None


class Families(zoo.Zoo):
    def __init__(self, directory, hold_program, users):
        self.keep, self.notes = [], []
        for build in (self.sctp, self.sctp_many, self.sctp_homes, self.dccp, self.dccp6, self.tipc, self.vsock):
            self.attempt(build.__name__, build)
        steady.settled(associations)  # they are set up, and the first heartbeats are answered

    def sctp(self):
        with open("/proc/sys/net/sctp/cookie_hmac_alg", "w") as file:
            file.write("none")  # one module fewer
        for family, address in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
            listener = self.listener(family, address, protocol=IPPROTO_SCTP)
            client = self.socket(family, STREAM, IPPROTO_SCTP)
            client.connect(listener.getsockname())
            self.keep.append(listener.accept()[0])
            client.send(b"unread" * 20)
        self.listener(AF_INET6, "::", protocol=IPPROTO_SCTP)
        self.socket(AF_INET, STREAM, IPPROTO_SCTP).bind(("127.0.0.1", 0))  # bound, inactive
        self.socket(AF_INET, STREAM, IPPROTO_SCTP)
        closing = self.socket(AF_INET, STREAM, IPPROTO_SCTP)
        listener = self.listener(AF_INET, "127.0.0.1", protocol=IPPROTO_SCTP)
        closing.connect(listener.getsockname())
        self.keep.append(listener.accept()[0])
        closing.shutdown(socket.SHUT_WR)

    def sctp_many(self):
        """One-to-many: several associations of one socket."""
        many = self.listener(AF_INET, "127.0.0.1", kind=socket.SOCK_SEQPACKET, protocol=IPPROTO_SCTP)
        for _ in range(2):
            client = self.socket(AF_INET, socket.SOCK_SEQPACKET, IPPROTO_SCTP)
            client.sendto(b"unread" * 7, many.getsockname())

    def sctp_homes(self):
        """Several addresses at both ends."""
        listener = self.socket(AF_INET, STREAM, IPPROTO_SCTP)
        client = self.socket(AF_INET, STREAM, IPPROTO_SCTP)
        for s, homes in ((listener, ("127.0.1.1", "127.0.1.2", "127.0.1.3")), (client, ("127.0.2.1", "127.0.2.2"))):
            s.bind((homes[0], 0))
            port = s.getsockname()[1]
            more = b"".join(struct.pack("=H", AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(h))
                            for h in homes[1:])
            s.setsockopt(IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD, more)
        listener.listen(3)
        client.connect(listener.getsockname())
        self.keep.append(listener.accept()[0])

    def dccp_of(self, family, address):
        service = [(SOL_DCCP, DCCP_SOCKOPT_SERVICE, 42)]
        listener = self.listener(family, address, options=service, kind=SOCK_DCCP, protocol=IPPROTO_DCCP)
        client = self.socket(family, SOCK_DCCP, IPPROTO_DCCP)
        client.setsockopt(*service[0])
        client.connect(listener.getsockname())
        self.keep.append(listener.accept()[0])

    def dccp(self):
        self.dccp_of(AF_INET, "127.0.0.1")

    def dccp6(self):
        self.dccp_of(AF_INET6, "::1")

    def tipc(self):
        node, cluster = socket.TIPC_NODE_SCOPE, socket.TIPC_CLUSTER_SCOPE
        names = []
        for number, kind in enumerate((STREAM, socket.SOCK_SEQPACKET, socket.SOCK_RDM, socket.SOCK_DGRAM)):
            s = self.socket(socket.AF_TIPC, kind)
            name = (socket.TIPC_ADDR_NAMESEQ, 18888 + number, 10, 20, cluster if number % 2 else node)
            s.bind(name)
            names.append((s, kind, 18888 + number))
            self.socket(socket.AF_TIPC, kind)  # without a name
        for s, kind, number in names[:2]:
            s.listen(3)
            client = self.socket(socket.AF_TIPC, kind)
            client.setblocking(False)  # the connection is made by accept
            try:
                client.connect((socket.TIPC_ADDR_NAME, number, 12, 0))
            except BlockingIOError:
                pass
            self.keep.append(s.accept()[0])
            time.sleep(0.1)
            client.send(b"unread" * 9)
        for s, kind, number in names[2:]:
            sender = self.socket(socket.AF_TIPC, kind)
            sender.sendto(b"unread" * 9, (socket.TIPC_ADDR_NAME, number, 12, 0))

    def vsock(self):
        listener = self.socket(socket.AF_VSOCK, STREAM)
        listener.bind((VMADDR_CID_ANY, 5000))
        listener.listen(4)
        client = self.socket(socket.AF_VSOCK, STREAM)
        client.connect((VMADDR_CID_LOCAL, 5000))
        self.keep.append(listener.accept()[0])
        client.send(b"unread")
        half = self.socket(socket.AF_VSOCK, STREAM)
        half.connect((VMADDR_CID_LOCAL, 5000))
        self.keep.append(listener.accept()[0])
        half.shutdown(socket.SHUT_WR)
        self.socket(socket.AF_VSOCK, STREAM)
        local = self.socket(socket.AF_VSOCK, STREAM)
        local.bind((VMADDR_CID_LOCAL, 6000))
        packets = self.socket(socket.AF_VSOCK, socket.SOCK_SEQPACKET)
        packets.bind((VMADDR_CID_LOCAL, 7000))
        packets.listen(1)

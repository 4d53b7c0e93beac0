# One socket of every kind and state that can be made to stand still, in the current (private) network namespace.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import atexit
import ctypes
import os
import signal
import socket
import struct
import tempfile
import time

import namespace

AF_INET, AF_INET6, STREAM, DGRAM = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
IPPROTO_UDPLITE, IPPROTO_MPTCP = 136, 262
TCP_SYNCNT, TCP_DEFER_ACCEPT = 7, 9
FAR4, FAR6 = "198.51.100.77", "2001:db8:1234:5678:9abc:def0:1234:5678"
NEAR4, NEAR6 = "198.51.100.1", "2001:db8::1"

# Names that try to break a table. Deviation rules in masks.py know them.
COMM_NAMES = ["plain", "two words", "clo)se (x", 'quo"te', "back\\slash", "nl\nforged", "esc\x1b[31m", "t\tab",
              "d\x7fel", "\u00fcml\u00e4ut", ""]
ARGV_NAMES = ["/usr/sbin/plain-daemon", "./rel/path", "two words: master", "/a b/c d", "/trailing/",
              "averyveryveryverylongname", "nl\nforged", "esc\x1b[31m", "\u00fcml\u00e4ut"]
ABSTRACT_NAMES = [b"plain", b"two words", b"nl\nforged", b"esc\x1b[31m", b"t\tab", b"nul\0inside",
                  b"long" * 26 + b"abc",
                  "\u00fcml\u00e4ut".encode(), b"\xff\xfe", b"q'\"uote", b"b\\slash", b"p%ercent"]
PATH_NAMES = [b"plain.sock", b"two words.sock", b"nl\nforged.sock", b"esc\x1b[31m.sock", b"t\tab.sock", b"@at.sock",
              "\u00fcml\u00e4ut.sock".encode(), b"b" * 107, b"c" * 108]
# Of control groups below the zoo's own. The kernel refuses a name with a newline.
GROUP_NAMES = [b"plain", b"two words", b"esc\x1b[31m", b"t\tab", b"d\x7fel", "\u00fcml\u00e4ut".encode(),
               b"\xff\xfe", b"l" * 255, b"plain/below", b"p%ercent", b"b\\slash", b"q'\"uote", b"gone"]


def enter(group):
    """Moves this process to the control group in the folder `group`."""
    with open(os.path.join(group, b"cgroup.procs"), "w") as procs:
        procs.write("0")


def remove_group(group):
    if os.path.isdir(group):
        os.rmdir(group)


class Zoo:
    """Keeps every socket alive. `notes` says what could not be made, and why."""

    def __init__(self, directory, hold_program, users):
        self.keep, self.short_lived, self.notes, self.children = [], [], [], []
        self.group = "/nonexistent"
        self.directory, self.hold_program, self.users = directory, hold_program, users
        self.black_hole = False
        for build in (self.interfaces, self.tcp, self.tcp_states, self.udp, self.raw, self.mptcp, self.unix,
                      self.unix_pending, self.packet, self.netlink, self.owners, self.other_users, self.control_groups):
            self.attempt(build.__name__, build)
        self.refresh(force=True)
        time.sleep(0.3)

    def close(self):
        """Lets everything go again."""
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for s in self.keep:
            s.close()
        self.children, self.keep = [], []

    def attempt(self, what, function, *arguments):
        try:
            return function(*arguments)
        except (OSError, AttributeError) as error:
            self.notes.append(f"{what}: {error}")

    # ---- tools ----

    def socket(self, family, kind, protocol=0):
        s = socket.socket(family, kind, protocol)
        self.keep.append(s)
        return s

    def listener(self, family, address, port=0, backlog=8, options=(), kind=STREAM, protocol=0):
        s = self.socket(family, kind, protocol)
        for level, name, value in options:
            s.setsockopt(level, name, value)
        s.bind((address, port))
        s.listen(backlog)
        return s

    def client(self, family, to, wait=True, options=()):
        s = self.socket(family, STREAM)
        for level, name, value in options:
            s.setsockopt(level, name, value)
        s.setblocking(wait)
        try:
            s.connect(to)
        except BlockingIOError:
            pass
        return s

    def pair(self, family=AF_INET, address="127.0.0.1", small=False):
        """A connected pair: client, server. The listener stays."""
        buffers = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192),
                   (socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)] if small else []
        listener = self.listener(family, address, options=buffers)
        client = self.client(family, listener.getsockname(), options=buffers)
        server, _ = listener.accept()
        self.keep.append(server)
        return client, server

    @staticmethod
    def fill(s):
        """Sends until the peer's window and our queue are full and stay so."""
        s.setblocking(False)
        silent = 0
        while silent < 3:
            try:
                s.send(b"x" * 4096)
                silent = 0
            except BlockingIOError:
                silent += 1
                time.sleep(0.02)

    # ---- what is in it ----

    def interfaces(self):
        self.black_hole = namespace.add_black_hole("black-hole")
        if not self.black_hole:
            self.notes.append("no dummy or ifb interface: no long addresses, no SYN-SENT into the void")
            return
        namespace.interface_up("black-hole")
        namespace.add_address("black-hole", NEAR4)
        namespace.add_address("black-hole", NEAR6)
        self.attempt("long address", namespace.add_address, "black-hole", FAR6)

    def tcp(self):
        for family, address in ((AF_INET, "127.0.0.1"), (AF_INET, "0.0.0.0"), (AF_INET6, "::1"), (AF_INET6, "::")):
            self.listener(family, address)
        self.listener(AF_INET, "127.0.0.1", 8080 if os.getuid() else 80)
        self.listener(AF_INET6, "::", options=[(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)])
        self.attempt("bound device", self.listener, AF_INET, "127.0.0.1", 0, 8,
                     [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")])
        self.attempt("bound device", self.listener, AF_INET6, "::", 0, 8,
                     [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")])
        self.pair()
        self.pair(AF_INET6, "::1")
        dual = self.listener(AF_INET6, "::", options=[(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)])
        self.client(AF_INET, ("127.0.0.1", dual.getsockname()[1]))
        self.keep.append(dual.accept()[0])
        client, _ = self.pair()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        client, server = self.pair()
        client.send(b"unread by the server" * 50)
        server.send(b"unread by the client" * 25)
        client, server = self.pair(small=True)
        self.fill(client)
        self.fill(server)
        for family, address in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
            self.socket(family, STREAM).bind((address, 0))  # bound, inactive
        if self.black_hole:
            listener = self.listener(AF_INET6, FAR6, 65535)
            self.client(AF_INET6, listener.getsockname())
            self.listener(AF_INET, NEAR4)

    def tcp_states(self):
        full = self.listener(AF_INET, "127.0.0.1", backlog=1)
        patient = [(socket.IPPROTO_TCP, TCP_SYNCNT, 100)]
        for _ in range(2):
            self.client(AF_INET, full.getsockname())
        time.sleep(0.1)
        self.client(AF_INET, full.getsockname(), False, patient)  # SYN-SENT: the queue is full
        if self.black_hole:
            self.client(AF_INET, (FAR4, 443), False, patient)
            self.client(AF_INET6, ("2001:db8::77", 443), False, patient)
        defer = self.listener(AF_INET, "127.0.0.1", options=[(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 3000)])
        self.client(AF_INET, defer.getsockname())  # SYN-RECV on the other side
        # The peers stay quiet, nobody closes: a socket that is shut down but still owned keeps its state for ever.
        client, _ = self.pair()
        client.shutdown(socket.SHUT_WR)  # FIN-WAIT-2 and CLOSE-WAIT
        client, server = self.pair()
        server.shutdown(socket.SHUT_RD)
        client, server = self.pair(small=True)
        self.fill(client)
        client.shutdown(socket.SHUT_WR)  # FIN-WAIT-1: the FIN waits behind the data
        client, server = self.pair(small=True)
        client.shutdown(socket.SHUT_WR)
        self.fill(server)
        server.shutdown(socket.SHUT_WR)  # LAST-ACK
        client, server = self.pair(small=True)
        self.fill(client)
        client.shutdown(socket.SHUT_WR)
        server.shutdown(socket.SHUT_WR)  # CLOSING

    def refresh(self, force=False):
        """TIME-WAIT lasts a minute: makes new ones when the old are about to go. Returns whether anything changed."""
        now = time.monotonic()
        if not force and now < self.next_refresh:
            return False
        self.next_refresh = now + 25
        for family, address in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
            with socket.socket(family, STREAM) as listener:
                listener.bind((address, 0))
                listener.listen(1)
                client = socket.create_connection(listener.getsockname()[:2])
                server, _ = listener.accept()
            client.close()
            time.sleep(0.02)
            server.close()
        return True

    def udp(self):
        for protocol in (socket.IPPROTO_UDP, IPPROTO_UDPLITE):
            for family, address in ((AF_INET, "127.0.0.1"), (AF_INET, "0.0.0.0"), (AF_INET6, "::1"), (AF_INET6, "::")):
                bound = self.attempt(f"udp {protocol}", self.socket, family, DGRAM, protocol)
                if bound is None:
                    continue
                bound.bind((address, 0))
                other = self.socket(family, DGRAM, protocol)
                other.connect(("127.0.0.1" if family == AF_INET else "::1", bound.getsockname()[1]))
                other.send(b"unread" * 10)
        mapped = self.socket(AF_INET6, DGRAM)
        mapped.connect(("::ffff:127.0.0.1", 53))
        device = self.socket(AF_INET, DGRAM)
        device.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        device.bind(("127.0.0.1", 5353))
        if self.black_hole:
            self.socket(AF_INET6, DGRAM).bind((FAR6, 65534))

    def raw(self):
        for protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_UDP, 255):
            self.socket(AF_INET, socket.SOCK_RAW, protocol)
        self.socket(AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).connect(("127.0.0.1", 0))
        self.socket(AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.socket(AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6).connect(("::1", 0))

    def mptcp(self):
        listener = self.listener(AF_INET, "127.0.0.1", protocol=IPPROTO_MPTCP)
        client = self.socket(AF_INET, STREAM, IPPROTO_MPTCP)
        client.connect(listener.getsockname())
        self.keep.append(listener.accept()[0])

    def unix(self):
        os.chdir(self.directory)
        kinds = (STREAM, DGRAM, socket.SOCK_SEQPACKET)
        for number, name in enumerate(ABSTRACT_NAMES):
            s = self.socket(socket.AF_UNIX, kinds[number % 3])
            s.bind(b"\0" + name)
            if number % 3 != 1:
                s.listen(number)
        for number, name in enumerate(PATH_NAMES):
            s = self.socket(socket.AF_UNIX, kinds[number % 3])
            address = struct.pack("H", socket.AF_UNIX) + name + (b"\0" if len(name) < 108 else b"")
            if namespace.libc.bind(s.fileno(), address, len(address)) != 0:
                raise OSError(ctypes.get_errno(), f"bind {name!r}")
            if number % 3 != 1:
                s.listen(3)
        for kind in kinds:
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            self.keep += [one, other]
            one.send(b"unread")
            self.socket(socket.AF_UNIX, kind)  # unnamed, unconnected
            self.socket(socket.AF_UNIX, kind).bind("")  # the kernel chooses a name
        receiver = self.socket(socket.AF_UNIX, DGRAM)
        receiver.bind(b"\0receiver")
        self.socket(socket.AF_UNIX, DGRAM).connect(b"\0receiver")
        half = socket.socketpair()
        half[0].shutdown(socket.SHUT_WR)
        self.keep += half
        orphan, gone = socket.socketpair()
        gone.close()
        self.keep.append(orphan)

    def unix_pending(self):
        listener = self.socket(socket.AF_UNIX, STREAM)
        listener.bind(b"\0pending")
        listener.listen(5)
        for _ in range(3):
            self.socket(socket.AF_UNIX, STREAM).connect(b"\0pending")
        accepted_on = self.socket(socket.AF_UNIX, STREAM)
        accepted_on.bind(b"\0accepting")
        accepted_on.listen(1)
        self.socket(socket.AF_UNIX, STREAM).connect(b"\0accepting")
        self.keep.append(accepted_on.accept()[0])

    def packet(self):
        ETH_P_ALL, ETH_P_IP, ETH_P_LLDP = 3, 0x800, 0x88CC
        for kind, protocol, interface in ((socket.SOCK_RAW, ETH_P_LLDP, "lo"), (DGRAM, ETH_P_LLDP, None),
                                          (socket.SOCK_RAW, 0, None), (socket.SOCK_RAW, 0x1234, "lo")):
            s = self.socket(socket.AF_PACKET, kind, socket.htons(protocol))
            if interface:
                s.bind((interface, protocol))

    def netlink(self):
        self.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE).bind((0, 1))
        self.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE).bind((777777, 0))
        self.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16).bind((0, 0))

    def owners(self):
        """Several owners of one socket, and owners with names that try to break a table."""
        shared = self.listener(AF_INET, "127.0.0.1")
        shared6 = self.listener(AF_INET6, "::1")
        for comm in COMM_NAMES:
            self.hold([shared, shared6, self.listener(AF_INET, "127.0.0.1")], "held", comm)
        for argv0 in ARGV_NAMES:
            one, other = socket.socketpair()
            self.hold([self.listener(AF_INET6, "::1"), one, other], argv0, "by-argv0")
            one.close()
            other.close()

    def other_users(self):
        for uid in self.users:
            self.hold(None, "other-user", "other-user", uid)

    def control_groups(self):
        """Sockets of several control groups, one of which is no more. A socket belongs to the group of the process that
        made it, wherever that process goes afterwards."""
        mounts = [line.split() for line in open("/proc/self/mountinfo")]
        root = next(words[4] for words in mounts if words[words.index("-") + 1] == "cgroup2")
        own = next(line.split(":", 2)[2].strip() for line in open("/proc/self/cgroup") if line.startswith("0:"))
        home = root + own.rstrip("/")
        folder = tempfile.mkdtemp(prefix="duostat-zoo-", dir=home)
        atexit.register(remove_group, folder)
        self.group = folder.removeprefix(root)
        for name in GROUP_NAMES:
            path = os.path.join(os.fsencode(folder), name)
            os.mkdir(path)
            atexit.register(remove_group, path)
            enter(path)
            try:
                self.listener(AF_INET, "127.0.0.1")
                self.listener(AF_INET6, "::1")
                self.socket(AF_INET, DGRAM).bind(("127.0.0.1", 0))
            finally:
                enter(os.fsencode(home))
            if name == b"gone":
                remove_group(path)

    def hold(self, sockets, argv0, comm, uid=None):
        """A child that owns `sockets` (None: some that it makes itself as `uid`) and does nothing."""
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if uid is not None:
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                if sockets is None:
                    tcp = socket.create_server(("127.0.0.1", 0))
                    sockets = [tcp, socket.create_connection(tcp.getsockname()), tcp.accept()[0], *socket.socketpair()]
                    udp = socket.socket(AF_INET, DGRAM)
                    udp.bind(("127.0.0.1", 0))
                    sockets.append(udp)
                wanted = {s.fileno() for s in sockets}
                os.dup2(tell, 2)
                low = 3
                for fd in sorted(wanted) + [4096]:
                    os.closerange(low, fd)
                    low = fd + 1
                for fd in wanted:
                    os.set_inheritable(fd, True)
                os.execv(self.hold_program, [argv0, comm])
            finally:
                os._exit(127)
        os.close(tell)
        with os.fdopen(ready, "rb") as pipe:
            pipe.read(1)
        self.children.append(child)
        if sockets and len(sockets) == 3 and sockets[2].family != socket.AF_UNIX:
            sockets[2].close()

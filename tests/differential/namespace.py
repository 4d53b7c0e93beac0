# A private world to test in: own network, mounts and process ids, so that nothing outside is touched or seen.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import sys
import time

import steady
import tap

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """The kernel or the container refuses what the test needs; the text says what."""


def checked(operation, result):
    if result != 0:
        raise Unavailable(f"{operation}: {os.strerror(ctypes.get_errno())}")


def unshare(flags, what):
    checked(f"unshare({what})", libc.unshare(flags))


def mount(source, target, kind=None, flags=0):
    encode = lambda text: None if text is None else os.fsencode(text)
    checked(f"mount {target}", libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), None))


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def become_root():
    """In a user namespace of its own, a caller that is not root may make the others."""
    uid, gid = os.getuid(), os.getgid()
    if uid != 0:
        unshare(CLONE_NEWUSER, "CLONE_NEWUSER")
        write_file("/proc/self/setgroups", "deny")
        write_file("/proc/self/uid_map", f"0 {uid} 1")
        write_file("/proc/self/gid_map", f"0 {gid} 1")


def private_network(*programs):
    """Moves the caller into a network namespace of its own. Skips the test if the kernel refuses, or if one of
    `programs` is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            tap.skip_all(f"{program} is not installed")
    try:
        become_root()
        unshare(CLONE_NEWNET, "CLONE_NEWNET")
    except (Unavailable, OSError) as error:
        tap.skip_all(f"no private network namespace: {error}")


def enter_or_skip():
    """enter(), or the end of the test where it is refused."""
    try:
        enter()
    except (Unavailable, OSError) as error:
        tap.skip_all(f"no private namespace: {error}")


def enter():
    """Moves the caller into new namespaces. Returns in the child; the parent waits, and leaves with its status."""
    become_root()
    unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID, "CLONE_NEWNET|CLONE_NEWNS|CLONE_NEWPID")
    sys.stdout.flush()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 255)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc")
    interface_up("lo")
    provide_cgroup2()


def provide_cgroup2():
    """Paths of control groups need a cgroup2 mount, which a container may lack. Without one both programs say so."""
    with open("/proc/mounts") as mounts:
        if any(line.split()[2] == "cgroup2" for line in mounts):
            return
    try:
        mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
    except Unavailable as error:
        print(f"# left out: paths of control groups ({error})")


def wait_for_addresses():
    """Waits until fresh interfaces have the addresses, routes and groups that the kernel gives them. A link-local
    address comes after the carrier and is tentative for a second or two; its routes and its group come with it."""
    TENTATIVE = 0x40

    def read():
        texts = []
        for name in ("if_inet6", "ipv6_route", "route", "igmp6", "igmp"):
            try:
                with open(f"/proc/net/{name}") as file:
                    lines = [line.split() for line in file]
            except OSError:
                continue
            if name == "if_inet6" and any(int(line[4], 16) & TENTATIVE for line in lines):
                return time.monotonic()  # never the same
            # Groups have timers, routes counts of their use.
            texts.append([line[:1] + line[-1:] if name == "ipv6_route" else line[:3] for line in lines])
        return texts

    if not steady.settled(read):
        print("# addresses still change")


def interface_request(name, request, data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, request, struct.pack("16s", name.encode()) + data)


def interface_up(name):
    IFF_UP, IFF_RUNNING, SIOCSIFFLAGS = 1, 0x40, 0x8914
    interface_request(name, SIOCSIFFLAGS, struct.pack("H22x", IFF_UP | IFF_RUNNING))


def add_address(name, address):
    SIOCSIFADDR = 0x8916
    if ":" in address:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, SIOCSIFADDR,
                        socket.inet_pton(socket.AF_INET6, address) + struct.pack("Ii", 64, socket.if_nametoindex(name)))
    else:
        interface_request(name, SIOCSIFADDR, struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address)))


def add_black_hole(name):
    """An interface that swallows what is sent. False if the kernel has none of the kinds that do."""
    return any(add_interface(name, kind) for kind in ("dummy", "ifb"))


def add_interface(name, link_kind):
    def attribute(kind, payload):
        padded = payload + b"\0" * (-len(payload) % 4)
        return struct.pack("HH", 4 + len(payload), kind) + padded

    RTM_NEWLINK, FLAGS = 16, 0x605  # REQUEST|ACK|CREATE|EXCL
    IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND = 3, 18, 1
    body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attribute(IFLA_IFNAME, name.encode() + b"\0")
    body += attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, link_kind.encode() + b"\0"))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as s:
        s.send(struct.pack("IHHII", 16 + len(body), RTM_NEWLINK, FLAGS, 1, 0) + body)
        answer = s.recv(65536)
    return struct.unpack_from("i", answer, 16)[0] == 0


NAMES = {
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n198.51.100.1 zoo-keeper.example.org keeper\n"
                  "2001:db8::1 zoo-keeper-six.example.org\n"}
# For systems that have none.
FALLBACK_NAMES = {
    "/etc/services": "tcpmux 1/tcp\necho 7/tcp\necho 7/udp\nssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\n"
                     "sunrpc 111/tcp\nsunrpc 111/udp\nntp 123/udp\nhttps 443/tcp\nhttps 443/udp\n",
    "/etc/protocols": "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\nsctp 132 SCTP\n"}


def local_names_only(directory):
    """Names come from files of our own: a resolver that goes to the network would wait for an answer that never
    comes."""
    names = dict(NAMES, **{"/etc/resolv.conf": "nameserver 127.0.0.1\n"}) if os.environ.get(
        "DUOSTAT_TEST_RESOLVER") else NAMES
    files = dict(names, **{path: text for path, text in FALLBACK_NAMES.items() if not os.path.exists(path)})
    if not all(os.path.exists(path) for path in files):
        # A file cannot be mounted where there is none: all of /etc is a copy then.
        own = os.path.join(directory, "etc")
        copy_readable("/etc", own)
        mount(own, "/etc", None, MS_BIND)
    for path, text in files.items():
        own = os.path.join(directory, os.path.basename(path))
        write_file(own, text)
        os.chmod(own, 0o644)
        if not os.path.exists(path):
            write_file(path, "")
        mount(own, path, None, MS_BIND)
    if os.environ.get("DUOSTAT_TEST_RESOLVER"):
        refuse_names()


def refuse_names():
    """musl asks a name server whatever nsswitch.conf says, and waits seconds for one that is not there: this one knows
    no name. Started if DUOSTAT_TEST_RESOLVER is set (dev/port musl); the listings then have its socket too."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    if os.fork() == 0:
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        while True:
            question, client = server.recvfrom(4096)
            server.sendto(question[:2] + b"\x81\x83" + question[4:], client)  # a response: recursion, NXDOMAIN
    server.close()


def copy_readable(source, target):
    """What the caller may not read is left out."""
    try:
        shutil.copytree(source, target, symlinks=True, ignore_dangling_symlinks=True)
    except shutil.Error:
        pass

# The rules of `duostat audit` about limits of a whole host, for real: a test may fill or lower such limits only on a
# machine that nobody else uses.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import json
import re
import socket
import subprocess

CONNECTIONS = 6


def read(path):
    with open(path) as file:
        return file.read()


def in_use(protocol, name):
    """A number of /proc/net/sockstat."""
    return int(re.search(rf"^{protocol}:.* {name} (\d+)", read("/proc/net/sockstat"), re.MULTILINE).group(1))


@contextlib.contextmanager
def sysctl(name, value):
    path = f"/proc/sys/{name}"
    before = read(path)
    with open(path, "w") as file:
        file.write(str(value))
    try:
        yield
    finally:
        with open(path, "w") as file:
            file.write(before)


@contextlib.contextmanager
def unread_connections():
    """Connections of loopback that nobody reads, filled until the sender would block. Yields the senders."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        senders = []
        for _ in range(CONNECTIONS):
            sender = stack.enter_context(socket.create_connection(listener.getsockname()))
            stack.enter_context(listener.accept()[0])
            sender.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    sender.send(b"unread" * 1000)
            senders.append(sender)
        yield senders


@contextlib.contextmanager
def orphans(limit):
    """Closed while data and the FIN wait for a peer that does not read: no process has them any more."""
    with unread_connections() as senders:
        for sender in senders:
            sender.close()
        with sysctl("net/ipv4/tcp_max_orphans", limit):
            yield


@contextlib.contextmanager
def tcp_memory(times):
    """The limit is so many times what is in use; pressure begins at half of what is in use."""
    with unread_connections():
        pages = in_use("TCP", "mem")
        with sysctl("net/ipv4/tcp_mem", f"1 {pages // 2} {pages * times}"):
            yield


@contextlib.contextmanager
def udp_memory(times):
    with contextlib.ExitStack() as stack:
        sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        # Each processor keeps up to 256 pages of its own, which are not counted (net/core/sock.c,
        # SK_MEMORY_PCPU_RESERVE).
        for _ in range(20):
            reader = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            reader.bind(("127.0.0.1", 0))
            for _ in range(200):
                sender.sendto(b"unread" * 200, reader.getsockname())
        pages = in_use("UDP", "mem")
        assert pages > 0
        stack.enter_context(sysctl("net/ipv4/udp_mem", f"1 {pages // 2} {pages * times}"))
        yield


@contextlib.contextmanager
def neighbours():
    """As many as gc_thresh3 allows."""
    device, count = "duostat0", 20
    subprocess.run(["ip", "link", "add", device, "type", "dummy"], check=True)
    try:
        subprocess.run(["ip", "link", "set", device, "up"], check=True)
        for n in range(count):
            subprocess.run(["ip", "neigh", "add", f"198.51.100.{n + 1}", "lladdr", "02:00:00:00:00:01", "dev", device,
                            "nud",
                            "stale"], check=True)
        with sysctl("net/ipv4/neigh/default/gc_thresh3", count):
            yield
    finally:
        subprocess.run(["ip", "link", "delete", device], check=True)


@contextlib.contextmanager
def open_files():
    """Root may open more than the limit says."""
    with sysctl("fs/file-max", int(read("/proc/sys/fs/file-nr").split()[0])):
        yield


# name, the situation, the rule with its severity, the exit status
SITUATIONS = (
    ("orphans, a quarter of the limit", lambda: orphans(CONNECTIONS * 2), ("orphans", "warning"), 1),
    ("orphans, three quarters of the limit", lambda: orphans(CONNECTIONS), ("orphans", "critical"), 2),
    ("TCP memory, pressure", lambda: tcp_memory(10), ("tcp-memory", "warning"), 1),
    ("TCP memory, the limit", lambda: tcp_memory(1), ("tcp-memory", "critical"), 2),
    ("UDP memory, pressure", lambda: udp_memory(10), ("udp-memory", "warning"), 1),
    ("UDP memory, the limit", lambda: udp_memory(1), ("udp-memory", "critical"), 2),
    ("neighbours", neighbours, ("neighbours", "warning"), 1),
    ("open files of the host", open_files, ("descriptors", "critical"), 2),
)


def audit(program):
    """Findings of warnings and more as (rule, severity), the status, and all that it said."""
    ran = subprocess.run([program, "audit", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    findings = json.loads(ran.stdout)["findings"]
    return [(f["rule"], f["severity"]) for f in findings if f["severity"] != "note"], ran.returncode, ran


def check_all(program, check):
    """`check(name, right, got)` for each situation, while it lasts and after its end."""
    found, status, ran = audit(program)
    check("audit: a healthy guest", not found and status == 0, ran)
    for name, situation, expected, expected_status in SITUATIONS:
        with situation():
            found, status, ran = audit(program)
        check(f"audit: {name}", found == [expected] and status == expected_status, ran)
        found, status, ran = audit(program)
        check(f"audit: {name}, ended", not found and status == 0, ran)

#!/usr/bin/env python3
"""Situations that look bad and are not: `duostat audit` must stay clean, with status 0. Each runs in network and
process namespaces of its own. A note is no alarm, except where a case says so. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import array
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
from situation import DUOSTAT, connect, keep, listener, process, rules_of_the_host, run_cases  # noqa: E402

OF_THE_HOST = rules_of_the_host()  # what they find here is not the doing of a case
TW_REUSE = "/proc/sys/net/ipv4/tcp_tw_reuse"


def audit(*words):
    """The findings that are alarms, the whole document, and the status."""
    run = subprocess.run([DUOSTAT, "audit", "--json", "--skip=" + OF_THE_HOST, *words], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=120)
    try:
        document = json.loads(run.stdout)
    except ValueError:
        return [f"no JSON: {run.stdout[:200]} {run.stderr[:500]}"], {}, run.returncode
    alarms = [f for f in document["findings"] if f["severity"] != "note"]
    return alarms, document, run.returncode


def is_clean(*words, notes=True):
    """Returns the problems. `notes`: notes are allowed."""
    alarms, document, status = audit(*words)
    problems = [str(alarm) for alarm in alarms]
    if not notes:
        problems += [str(f) for f in document.get("findings", [])]
    if status != 0:
        problems.append(f"status {status}")
    return problems


def lacks(count, pattern, *words):
    """The situation must exist, else the case proves nothing: problems unless `ss words` has `count` such rows."""
    text = subprocess.run([DUOSTAT, "ss", "-H", *words], stdout=subprocess.PIPE, text=True, timeout=60).stdout
    found = sum(bool(re.search(pattern, line)) for line in text.splitlines())
    return [] if found >= count else [f"{found} of {count} rows match {pattern!r}: ss {' '.join(words)}\n{text[:800]}"]


# ---- the cases ----

def idle_browser():
    """The time since the last data is long, the time since the peer closed is not."""
    server = listener()
    clients = [connect(server.getsockname()) for _ in range(40)]
    peers = [server.accept()[0] for _ in clients]
    for peer in peers:
        peer.send(b"answer")
    for client in clients:
        client.recv(100)
    time.sleep(2.5)
    for peer in peers:
        peer.close()
    return lacks(40, "CLOSE-WAIT", "-tan") + is_clean("--set", "close-wait.age=2")


def connection_pool():
    """500 idle connections that keepalive looks after."""
    server = listener(backlog=600)
    for _ in range(500):
        client = connect(server.getsockname())
        for end in (client, keep(server.accept()[0])):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    time.sleep(1.2)
    return lacks(1000, r"ESTAB.*timer:\(keepalive", "-tano") + is_clean("--set", "keepalive-less.age=1", notes=False)


def proxy_pair():
    """docker-proxy: one process for each family of a published port. node_exporter listens on all addresses."""
    process("docker-proxy", lambda: listener(("0.0.0.0", 8080)))
    process("docker-proxy", lambda: listener(("::", 8080), family=socket.AF_INET6))
    process("node_exporter", lambda: listener(("0.0.0.0", 9100)))
    return lacks(2, r":8080 .*docker-proxy", "-tlnp") + is_clean(notes=False)


def kernel_listener():
    """No process holds the listener, as for the kernel's NFS server: it is in a message on its way."""
    left, right = socket.socketpair(socket.AF_UNIX)
    keep(left), keep(right)
    server = socket.socket()
    server.bind(("127.0.0.1", 2049))
    server.listen(64)
    left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [server.fileno()]))])
    server.close()
    for _ in range(3):
        connect(("127.0.0.1", 2049))
    return lacks(1, r"LISTEN +3 +64 .*:2049 ", "-tan") + is_clean()


def routing_daemon():
    """OSPF's raw socket; a BGP listener with a backlog of 1 and one connection that waits."""
    keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, 89))
    listener(("127.0.0.1", 179), backlog=1)
    connect(("127.0.0.1", 179))
    return lacks(1, r"LISTEN +1 +1 .*:179 ", "-tan") + is_clean(notes=False)


def socket_activation():
    """Process 1 holds a service's listener; then the started service holds it too."""
    listener(("127.0.0.1", 6001), backlog=128)
    connect(("127.0.0.1", 6001))
    problems = lacks(1, r":6001 .*pid=1,", "-tlnp") + is_clean(notes=False)
    process("service", lambda: None)
    return problems + is_clean(notes=False)


def program_in_memory():
    """runc and crun run from memory: such a program is "deleted" by nature."""
    memory = os.memfd_create("runc")
    with open(os.path.realpath(sys.executable), "rb") as program:
        shutil.copyfileobj(program, os.fdopen(os.dup(memory), "wb"))
    script = "import socket, sys, time\ns = socket.socket()\ns.bind(('127.0.0.1', 6002))\ns.listen(5)\n" \
             "sys.stdout.write('.')\nsys.stdout.flush()\ntime.sleep(600)\n"
    child = subprocess.Popen(["python3", "-c", script], executable=f"/proc/self/fd/{memory}", pass_fds=[memory],
                             stdout=subprocess.PIPE, env={**os.environ, "PYTHONHOME": sys.base_exec_prefix})
    if child.stdout.read(1) != b".":
        return ["the program in memory did not start"]
    return lacks(1, ":6002 .*pid=", "-tlnp") + is_clean("--set", "deleted-exe.age=0", notes=False)


def dead_mesh_peer():
    """Service meshes and probes retry a dead peer for ever: five connections are no incident."""
    if not namespace.add_black_hole("hole"):
        return None
    namespace.add_address("hole", "192.0.2.1")
    namespace.interface_up("hole")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # SIOCSARP: a neighbour that never answers
        import fcntl
        request = struct.pack("HH4s8xH14siI16s16s", socket.AF_INET, 0, socket.inet_aton("192.0.2.2"), 1,
                              b"\x02\0\0\0\0\1" + b"\0" * 8, 6, 0, b"", b"hole")
        try:
            fcntl.ioctl(s, 0x8955, request)
        except OSError:
            pass
    for _ in range(5):
        s = keep(socket.socket())
        s.setblocking(False)
        s.connect_ex(("192.0.2.2", 15001))
    time.sleep(3.5)
    # The interface that swallows packets may count them as dropped.
    return lacks(5, r"timer:\(on,[^,]*,[2-9]", "-tano", "state", "syn-sent") + is_clean("--interval=0.2",
        "--skip=counters")


def small_time_wait_limit():
    """A low limit that somebody chose, and reached."""
    namespace.write_file("/proc/sys/net/ipv4/tcp_max_tw_buckets", "50")
    server = listener()
    for _ in range(80):
        client = socket.create_connection(server.getsockname())
        server.accept()[0].close()
        client.recv(1)
        client.close()
    return lacks(50, "TIME-WAIT", "-tan") + is_clean()


def multicast_that_nobody_reads():
    """A responder whose buffer is full, and that loses datagrams while the audit looks."""
    deaf = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    deaf.bind(("127.0.0.1", 5353))

    def talk():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect(("127.0.0.1", 5353))
        pid = os.fork()
        if pid == 0:
            while os.getppid() != 0:
                try:
                    sender.send(b"x" * 500)
                except OSError:
                    pass
                time.sleep(0.001)
    process("talker", talk)
    time.sleep(0.3)
    return lacks(1, r"skmem:\(.*,d[1-9]", "-uamn") + is_clean("--interval=0.5")


def loopback_sidecar():
    """A mesh's sidecar on loopback: its ports are in TIME-WAIT, and free again after a second."""
    namespace.write_file("/proc/sys/net/ipv4/ip_local_port_range", "20000 20999")
    namespace.write_file(TW_REUSE, "0")  # a slow machine would already use ports a second time
    server = listener(("127.0.0.1", 15001), backlog=1000)
    for _ in range(900):
        client = socket.create_connection(("127.0.0.1", 15001))
        peer = server.accept()[0]
        client.close()
        peer.close()
    namespace.write_file(TW_REUSE, "2")
    time.sleep(1.3)
    return lacks(900, "TIME-WAIT", "-tan") + is_clean()


CASES = (idle_browser, connection_pool, proxy_pair, kernel_listener, routing_daemon, socket_activation,
         program_in_memory, dead_mesh_peer, small_time_wait_limit, multicast_that_nobody_reads, loopback_sidecar)


run_cases(CASES)

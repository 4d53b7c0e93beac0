#!/usr/bin/env python3
"""Each namespace rule of `duostat audit` made true for real: exactly that rule fires, with the right severity, owner
and count, and it falls silent when the situation ends. Each case runs in network and process namespaces of its own.
Then the command itself: a quiet namespace, text on a terminal, mistakes, recorded hosts, hostile names. Speaks TAP.

    audit.py close_wait ports      only these cases

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "differential"), os.path.join(HERE, "..")]
import namespace  # noqa: E402
import steady  # noqa: E402
import terminal  # noqa: E402
from situation import (DUOSTAT, attempt, connect, end, keep, kept, listener, process, rename,  # noqa: E402
                       rules_of_the_host, run_cases)

try:
    import jsonschema
except ImportError:
    jsonschema = None


OF_THE_HOST = rules_of_the_host() + ",counters"
SO_ATTACH_FILTER = 26
def filter_segments(s, *instructions):
    """A classic BPF program that decides which segments reach the socket."""
    program = b"".join(struct.pack("HBBI", *i) for i in instructions)
    buffer = ctypes.create_string_buffer(program)
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(instructions),
                                                                  ctypes.addressof(buffer)))


def swallow(s):
    """Drops every segment: the peer sees a host that has vanished."""
    filter_segments(s, (0x06, 0, 0, 0))


def lose_some(s, share):
    """Drops a share of the segments: `ld rand; jge #X, drop; ret all`."""
    RANDOM = 0xfffff000 + 56  # SKF_AD_OFF + SKF_AD_RANDOM
    filter_segments(s, (0x20, 0, 0, RANDOM), (0x35, 0, 1, int((1 - share) * 0xffffffff)), (0x06, 0, 0, 0),
                    (0x06, 0, 0, 0xffff))


# ---- asking ----

def audit(*words):
    chosen = [] if any(word.startswith("--only=") for word in words) else ["--skip=" + OF_THE_HOST]
    run = subprocess.run([DUOSTAT, "audit", "--json", *chosen, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=120)
    try:
        document = json.loads(run.stdout)
    except ValueError:
        raise RuntimeError(f"no JSON: {run.stdout[:200]} {run.stderr[:500]}") from None
    if jsonschema:
        with open(os.path.join(HERE, "..", "..", "doc", "schema", "findings.json")) as schema:
            jsonschema.validate(document, json.load(schema))
    return document["findings"], run.returncode, document


STATUS = {"note": 0, "warning": 1, "critical": 2}


def compare(findings, status, expected):
    """The problems: exactly the findings of `expected`, each a dictionary of what must be so."""
    problems = []
    if sorted(f["rule"] for f in findings) != sorted(e["rule"] for e in expected):
        return ["found " + json.dumps(findings)]
    for e in expected:
        f = next(f for f in findings if f["rule"] == e["rule"])
        got = dict(f, owner=f.get("owner", {}).get("name"), pid=f.get("owner", {}).get("pid"))
        for key, value in e.items():
            good = value(got.get(key)) if callable(value) else got.get(key) == value
            if not good:
                problems.append(f"{key}: {got.get(key)!r} in {json.dumps(f)}")
    worst = max((STATUS[f["severity"]] for f in findings), default=0)
    if status != worst:
        problems.append(f"status {status}, not {worst}")
    return problems


def fires(words, *expected, attempts=steady.ATTEMPTS):
    """Asks until it is as expected: the kernel needs a moment. The last problems."""
    problems = []
    for _ in steady.pauses(attempts):
        findings, status, _ = audit(*words)
        problems = compare(findings, status, expected)
        if not problems:
            return []
    return problems


def case(words, expected, *pids, after=None):
    """Fires, then ends and is silent."""
    problems = fires(words, expected)
    end(*pids)
    for s in kept:
        s.close()
    if after:
        after()
    silent = fires(words)
    return problems + ["after its end: " + p for p in silent]


def at_least(number):
    return lambda got: isinstance(got, int) and got >= number


# ---- the situations ----

def close_wait():
    gate = listener()
    gate.set_inheritable(True)

    def leak():
        peers = [keep(gate.accept()[0]) for _ in range(120)]
        for peer in peers:
            peer.recv(1)

    clients = [connect(gate.getsockname()) for _ in range(120)]
    for client in clients:
        client.close()
    pid = process("leaker", leak)
    return case([], {"rule": "close-wait", "severity": "warning", "count": 120, "owner": "leaker", "pid": pid,
                     "advice": lambda t: "did not close" in t}, pid)


def unaccepted():
    def serve():
        listener(("127.0.0.1", 7001), 64)
    pid = process("blocked", serve)
    for _ in range(12):
        client = connect(("127.0.0.1", 7001))
        client.send(b"hello")
        client.close()
    return case(["--set=unaccepted.age=0"], {"rule": "unaccepted", "severity": "warning", "count": 12,
                                             "owner": "blocked", "pid": pid}, pid)


def half_closed():
    gate = listener()

    def shut():
        for _ in range(5):
            connect(gate.getsockname()).shutdown(socket.SHUT_WR)
    pid = process("shutter", shut)
    for _ in range(5):
        keep(gate.accept()[0])
    return case(["--set=half-closed.age=0", "--set=half-closed.count=5"],
                {"rule": "half-closed", "severity": "note", "count": 5, "owner": "shutter", "pid": pid}, pid)


def reader_slow():
    gate = listener(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)])

    def sink():
        for _ in range(6):
            keep(gate.accept()[0])
    clients = [connect(gate.getsockname()) for _ in range(6)]
    pid = process("sink", sink)
    for client in clients:
        client.setblocking(False)
        try:
            while True:
                client.send(b"x" * 4096)
        except BlockingIOError:
            pass
    return case(["--interval=0.3", "--set=peer-not-reading.backoff=99"],
                {"rule": "reader-slow", "severity": "warning", "count": 6, "owner": "sink", "pid": pid}, pid)


def accept_queue():
    pid = process("web", lambda: listener(("127.0.0.1", 7002), 2))
    for _ in range(3):
        connect(("127.0.0.1", 7002))
    return case([], {"rule": "accept-queue", "severity": "critical", "count": 3, "owner": "web", "pid": pid,
                     "subject": "tcp 127.0.0.1:7002", "measures": lambda m: m["queue"] == 3 and m["backlog"] == 2}, pid)


def accept_queue_unix():
    def serve():
        s = keep(socket.socket(socket.AF_UNIX))
        s.bind("\0audit-test")
        s.listen(2)
    pid = process("php-fpm", serve)
    for _ in range(3):
        s = keep(socket.socket(socket.AF_UNIX))
        s.connect("\0audit-test")
    return case([], {"rule": "accept-queue-unix", "severity": "critical", "count": 3, "owner": "php-fpm", "pid": pid,
                     "subject": "unix @audit-test"}, pid)


def syn_flood():
    pid = process("web", lambda: listener(("127.0.0.1", 7003), 2))
    # Clients that never see the answer: half-open connections, and requests again and again.
    for _ in range(40):
        attempt(("127.0.0.1", 7003), swallow)
    return case(["--interval=2", "--skip=syn-sent"],
                {"rule": "syn-flood", "severity": "warning", "count": at_least(1), "owner": "web",
                 "subject": "tcp 127.0.0.1:7003"}, pid)


def syn_sent():
    swallow(listener(("127.0.0.1", 7004)))

    def try_it():
        for _ in range(12):
            attempt(("127.0.0.1", 7004))
    pid = process("client", try_it)
    return case([], {"rule": "syn-sent", "severity": "warning", "count": 12, "owner": "client", "pid": pid,
                     "subject": "peer 127.0.0.1:7004"}, pid)


def peer_silent():
    gate = listener()

    def talk():
        for _ in range(10):
            s = connect(gate.getsockname())
            peer = gate.accept()[0]
            keep(peer)
            swallow(peer)
            s.send(b"anybody there?")
        for peer in kept[1::2]:
            pass
    pid = process("talker", talk)
    return case(["--set=peer-silent.retransmits=3"],
                {"rule": "peer-silent", "severity": "warning", "count": 10, "owner": "talker", "pid": pid}, pid)


def peer_not_reading():
    gate = listener(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)])

    def send():
        for _ in range(10):
            s = connect(gate.getsockname())
            s.setblocking(False)
            try:
                while True:
                    s.send(b"x" * 65536)
            except BlockingIOError:
                pass
    pid = process("sender", send)
    for _ in range(10):
        keep(gate.accept()[0])
    return case(["--set=peer-not-reading.backoff=2"],
                {"rule": "peer-not-reading", "severity": "warning", "count": 10, "owner": "sender", "pid": pid}, pid)


def keepalive_less():
    subprocess.run(["ip", "address", "add", "10.99.0.1/32", "dev", "lo"], check=True)
    gate = listener(("10.99.0.1", 0), options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)])

    def idle():
        for _ in range(100):
            connect(gate.getsockname())
    pid = process("pool", idle)
    for _ in range(100):
        keep(gate.accept()[0])
    return case(["--set=keepalive-less.age=1"],
                {"rule": "keepalive-less", "severity": "note", "count": 100, "owner": "pool", "pid": pid}, pid)


def ports():
    namespace.write_file("/proc/sys/net/ipv4/ip_local_port_range", "40000 40999")
    gate = listener(("127.0.0.1", 7005), 1000)

    def use():
        for _ in range(850):
            connect(gate.getsockname())
    pid = process("client", use)
    for _ in range(850):
        keep(gate.accept()[0])
    return case([], {"rule": "ports", "severity": "warning", "count": 850, "owner": "client", "pid": pid,
                     "subject": "127.0.0.1 to 127.0.0.1:7005",
                     "measures": lambda m: m["share_percent"] == 85 and m["available"] == 1000}, pid)


def ports_udp():
    namespace.write_file("/proc/sys/net/ipv4/ip_local_port_range", "40000 40099")

    def use():
        for port in range(40000, 40090):
            keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
    pid = process("resolver", use)
    return case([], {"rule": "ports-udp", "severity": "warning", "count": 90, "owner": "resolver", "pid": pid,
                     "subject": "udp 127.0.0.1"}, pid)


def retransmits():
    gates = [listener((f"127.0.0.{10 + i}", 7006)) for i in range(4)]

    def receive():
        ends = [keep(gate.accept()[0]) for gate in gates]
        for s in ends:
            lose_some(s, 0.2)
            s.setblocking(False)
        if os.fork() == 0:
            while True:
                for s in ends:
                    try:
                        s.recv(1 << 20)
                    except BlockingIOError:
                        pass
                time.sleep(0.0005)

    def transmit():
        for gate in gates:
            connect(gate.getsockname())
        for s in kept[-4:]:
            if os.fork() == 0:
                while True:
                    s.send(b"x" * 65536)
    sender = process("sender", transmit)
    receiver = process("receiver", receive)
    problems = fires(["--interval=1", "--skip=reader-slow"],
                     {"rule": "retransmits", "severity": "warning", "count": at_least(3),
                      "subject": "network 127.0.0.0/24"})
    end(sender, receiver)
    for s in kept:
        s.close()
    return problems + ["after its end: " + p for p in fires(["--interval=0.2"])]


def time_wait():
    """Near the limit a note; a warning if sockets end early, unless the limit is a low one that somebody chose."""
    limit, words = "/proc/sys/net/ipv4/tcp_max_tw_buckets", ["--set=time-wait.limit=10"]
    with open(limit) as file:
        former = file.read()
    namespace.write_file(limit, "50")

    def connections(count):
        gate = listener()
        for _ in range(count):
            client = socket.create_connection(gate.getsockname())
            server = gate.accept()[0]
            client.close()
            server.close()
    connections(48)
    expected = {"rule": "time-wait", "subject": "TIME-WAIT", "owner": None}
    problems = fires(words, dict(expected, severity="note", count=48))
    busy = process("busy", lambda: connections(1000000) if os.fork() == 0 else None)
    for severity, low in (("warning", words), ("note", [])):
        problems += fires(["--interval=0.3", "--skip=ports," + OF_THE_HOST, *low],
                          dict(expected, severity=severity, count=at_least(45), values=lambda t: "ended early" in t))
    end(busy)
    namespace.write_file(limit, former)
    return problems + ["after its end: " + p for p in fires(["--interval=0.3"])]


def descriptors():
    def open_many():
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
        for _ in range(250):
            os.dup(0)
    pid = process("hoarder", open_many)
    return case(["--only=descriptors", "--where=owner.name = hoarder"],
                {"rule": "descriptors", "severity": "warning", "count": at_least(250), "owner": "hoarder", "pid": pid},
                pid)


def tracked(operation, flags, body=b""):
    """A request to netfilter's table of connections, ctnetlink (include/uapi/linux/netfilter/nfnetlink_conntrack.h)."""
    SUBSYSTEM, ACKNOWLEDGE, REQUEST = 1 << 8, 4, 1
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as s:
        body = struct.pack("BBH", socket.AF_INET, 0, 0) + body
        s.send(struct.pack("IHHII", 16 + len(body), SUBSYSTEM | operation, REQUEST | ACKNOWLEDGE | flags, 1, 0) + body)
        error = struct.unpack_from("i", s.recv(4096), 16)[0]
    if error:
        raise namespace.Unavailable(f"ctnetlink: {os.strerror(-error)}")


def track(port):
    """An entry of UDP that nobody sent."""
    NEW, CREATE, NESTED = 0, 0x400, 0x8000

    def attribute(kind, data):
        return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)

    def direction(kind, source, destination, ports):
        address = attribute(1, socket.inet_aton(source)) + attribute(2, socket.inet_aton(destination))
        protocol = attribute(1, bytes([socket.IPPROTO_UDP])) + b"".join(
            attribute(2 + i, struct.pack("!H", p)) for i, p in enumerate(ports))
        return attribute(kind | NESTED, attribute(1 | NESTED, address) + attribute(2 | NESTED, protocol))
    there, back = ("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1")
    tracked(NEW, CREATE, direction(1, *there, (port, 53)) + direction(2, *back, (53, port)) +
            attribute(7, struct.pack("!I", 600)))


def conntrack():
    """The limit is the host's, so that a test lowers the thresholds instead."""
    if not os.path.exists("/proc/sys/net/netfilter/nf_conntrack_count"):
        raise namespace.Unavailable("this kernel tracks no connections")
    for port in range(1000, 1020):
        track(port)
    few = ["--set=conntrack.share=0.0001"]
    expected = {"rule": "conntrack", "count": 20, "subject": "tracked connections", "owner": None}
    problems = fires([]) + fires([*few, "--set=conntrack.critical=0.0002"], dict(expected, severity="critical"))
    DELETE = 2
    return problems + case(few, dict(expected, severity="warning"), after=lambda: tracked(DELETE, 0))


def counters():
    """Datagrams with a wrong checksum. Other counters may grow on a host that does other things, too."""
    receiver = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    receiver.bind(("127.0.0.1", 9999))

    def send():
        s = keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP))
        parent = os.getpid()
        if os.fork() == 0:
            while os.getppid() == parent:
                s.sendto(struct.pack("!HHHH", 1234, 9999, 12, 0x1234) + b"abcd", ("127.0.0.1", 0))
                time.sleep(0.002)
    words = ["--only=counters", "--where=subject = UdpInCsumErrors", "--interval=0.5"]
    pid = process("sender", send)
    return case(words, {"rule": "counters", "severity": "warning", "count": at_least(1), "subject": "UdpInCsumErrors",
                        "owner": None}, pid)


def udp_drops():
    def deaf():
        s = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        s.bind(("127.0.0.1", 8125))

    def talk():
        s = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        s.connect(("127.0.0.1", 8125))
        parent = os.getpid()
        if os.fork() == 0:
            while os.getppid() == parent:
                try:
                    s.send(b"x" * 500)
                except OSError:
                    pass
                time.sleep(0.002)
    pid = process("statsd", deaf)
    talker = process("talker", talk)
    return case(["--interval=0.5"], {"rule": "udp-drops", "severity": "critical", "count": at_least(1),
                                     "owner": "statsd", "pid": pid}, pid, talker)


def raw_drops():
    def sniff():
        s = keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)

    def talk():
        s = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        parent = os.getpid()
        if os.fork() == 0:
            while os.getppid() == parent:
                s.sendto(b"x" * 500, ("127.0.0.1", 9))
                time.sleep(0.002)
    pid = process("sniffer", sniff)
    talker = process("talker", talk)
    return case(["--interval=0.5"], {"rule": "raw-drops", "severity": "note", "count": at_least(1),
                                     "owner": "sniffer", "pid": pid}, pid, talker)


def other_python(directory, name):
    """A copy of the interpreter under another name: another program."""
    path = os.path.join(directory, name)
    shutil.copy(os.path.realpath(sys.executable), path)
    return path


def run_python(program, script):
    home = dict(os.environ, PYTHONHOME=sys.base_prefix)
    child = subprocess.Popen([program, "-c", script + "\nimport sys, time\nsys.stdout.write('.')\nsys.stdout.flush()\n"
                              "time.sleep(600)\n"], stdout=subprocess.PIPE, env=home)
    if child.stdout.read(1) != b".":
        raise RuntimeError(f"{program} did not start")
    return child


LISTEN = "import socket\ns = socket.socket({family})\n{option}\ns.bind(('{address}', {port}))\ns.listen(5)\n"


def dup_listen():
    with tempfile.TemporaryDirectory() as directory:
        child = run_python(other_python(directory, "impostor"), LISTEN.format(
            family="socket.AF_INET6", option="s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)", address="::",
            port=8080))
        pid = process("server", lambda: listener(("0.0.0.0", 8080)))
        words = []
        expected = {"rule": "dup-listen", "severity": "warning", "count": 2, "subject": "port 8080",
                    "values": lambda t: "server" in t and "impostor" in t}
        problems = fires(words, expected)
        child.kill()
        child.wait()
        problems += ["after its end: " + p for p in fires(words)]
        end(pid)
        return problems


def exposed():
    pid = process("redis", lambda: listener(("0.0.0.0", 6379)))
    problems = ["on loopback only: " + p for p in fires([])]
    if not namespace.add_black_hole("outside"):
        return None
    namespace.add_address("outside", "192.0.2.1")
    namespace.interface_up("outside")
    return problems + case([], {"rule": "exposed", "severity": "warning", "count": 1, "owner": "redis", "pid": pid,
                                "subject": "tcp *:6379"}, pid)


def deleted_exe():
    with tempfile.TemporaryDirectory() as directory:
        program = other_python(directory, "old")
        child = run_python(program, LISTEN.format(family="socket.AF_INET", option="", address="127.0.0.1", port=7007))
        words = ["--set=deleted-exe.age=0"]
        problems = ["before: " + p for p in fires(words)]
        os.unlink(program)
        problems += fires(words, {"rule": "deleted-exe", "severity": "note", "count": 1, "owner": "old",
                                  "pid": child.pid})
        child.kill()
        child.wait()
        return problems + ["after its end: " + p for p in fires(words)]


def new_listener():
    listener(("127.0.0.1", 7008))
    with tempfile.TemporaryDirectory() as directory:
        baseline = os.path.join(directory, "baseline")
        subprocess.run([DUOSTAT, "listen", "--write-baseline=" + baseline], check=True, stderr=subprocess.DEVNULL)
        words = ["--baseline=" + baseline]
        problems = ["before: " + p for p in fires(words)]
        pid = process("backdoor", lambda: listener(("127.0.0.1", 7009)))
        problems += fires(words, {"rule": "new-listener", "severity": "warning", "count": 1, "owner": "backdoor",
                                  "pid": pid, "subject": "tcp 127.0.0.1:7009"})
        end(pid)
        problems += ["after its end: " + p for p in fires(words)]
        problems += ["without a baseline: " + p for p in fires([])]
    return problems


# ---- the command ----

def quiet_namespace():
    gate = listener()
    for _ in range(3):
        connect(gate.getsockname())
        keep(gate.accept()[0])
    keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", 0))
    problems = fires(["--interval=0.2"])
    run = subprocess.run([DUOSTAT, "audit", "--skip=" + OF_THE_HOST], capture_output=True, text=True, timeout=60)
    if run.returncode != 0 or "Nothing found" not in run.stdout or run.stderr:
        problems.append(f"{run.returncode} {run.stdout} {run.stderr}")
    return problems


def host_rules_could_not_look():
    """Their files exist in the initial network namespace only: that is said, and named alone it is status 3."""
    problems = []
    run = subprocess.run([DUOSTAT, "audit"], capture_output=True, text=True, timeout=60)
    if run.returncode != 0 or "not looked at:  orphans" not in run.stdout:
        problems.append(f"all rules: {run.returncode} {run.stdout} {run.stderr}")
    run = subprocess.run([DUOSTAT, "audit", "--only=orphans", "--json"], capture_output=True, text=True, timeout=60)
    document = json.loads(run.stdout)
    if run.returncode != 3 or [n["rule"] for n in document["not_looked_at"]] != ["orphans"]:
        problems.append(f"orphans alone: {run.returncode} {run.stdout}")
    return problems


def full_queue():
    listener(("127.0.0.1", 7002), 2)
    for _ in range(3):
        connect(("127.0.0.1", 7002))


def text_on_a_terminal():
    full_queue()
    problems = []
    for width in (80, 60):
        for no_color in (False, True):
            env = dict(os.environ, TERM="xterm", **({"NO_COLOR": "1"} if no_color else {}))
            text, status = on_terminal([DUOSTAT, "audit", "--interval=0"], width, env)
            coloured = "\x1b[" in text
            plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
            if status != 2 or "CRITICAL" not in plain or coloured == no_color:
                problems.append(f"width {width}, NO_COLOR {no_color}: status {status}, {text!r}")
            problems += [f"width {width}: {line!r}" for line in plain.splitlines()
                         if len(line.rstrip()) > width and " " in line.strip()]
    piped = subprocess.run([DUOSTAT, "audit"], capture_output=True, text=True, timeout=60).stdout
    if "\x1b" in piped:
        problems.append("colour in a pipe")
    return problems


def on_terminal(command, width, env):
    screen = terminal.Terminal(width)
    run = subprocess.Popen(command, stdout=screen.writer, env=env)
    screen.start()
    run.wait(timeout=60)
    return screen.finish().decode(), run.returncode


MISTAKES = [
    (["--only=close-wiat"], 'did you mean close-wait?'),
    (["--skip=port"], 'did you mean ports?'),
    (["--explain=acept-queue"], 'did you mean accept-queue?'),
    (["--set=close-wait.cuont=5"], 'did you mean close-wait.count?'),
    (["--set=close-wait.count=many"], 'is not a number'),
    (["--set=close-wait.count=-1"], 'is not a number'),
    (["--set=close-wait"], 'RULE.THRESHOLD=VALUE'),
    (["--interval=soon"], 'is not a time'),
    (["--config=/nonexistent/file"], '/nonexistent/file'),
    (["--where=severty=note"], 'severity'),
    (["--list-rules", "--json"], 'do not go together'),
    (["--from=/nonexistent/file"], '/nonexistent/file'),
    (["--nonsense"], 'nonsense'),
    (["word"], 'unexpected argument'),
    (["--only=new-listener"], 'needs --baseline'),
    (["--baseline=/nonexistent/file"], '/nonexistent/file'),
]


def mistakes():
    problems = []
    for words, text in MISTAKES:
        run = subprocess.run([DUOSTAT, "audit", *words], capture_output=True, text=True, timeout=60)
        if run.returncode != 3 or text not in run.stderr or run.stdout or not run.stderr.startswith("duostat audit: "):
            problems.append(f"{words}: {run.returncode} {run.stdout!r} {run.stderr!r}")
    run = subprocess.run([DUOSTAT, "--from=/nonexistent/file", "audit"], capture_output=True, text=True, timeout=60)
    if run.returncode != 3:
        problems.append(f"--from before the command: {run.returncode}")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("# thresholds\nclose-wait.count = 7 # few\n\nnothing.here = 1\n")
        file.flush()
        run = subprocess.run([DUOSTAT, "audit", "--config=" + file.name], capture_output=True, text=True, timeout=60)
        if run.returncode != 3 or f"{file.name}:4: " not in run.stderr:
            problems.append(f"config: {run.returncode} {run.stderr}")
    return problems


def rules_as_a_configuration():
    """What --list-rules prints is a file for --config, with every threshold as it was set."""
    def ask(*words):
        return subprocess.run([DUOSTAT, "audit", "--list-rules", *words], capture_output=True, text=True, timeout=60)
    with tempfile.NamedTemporaryFile("w") as file:
        changed = ask("--set=close-wait.count=7", "--set=reader-slow.share=12.5")
        file.write(changed.stdout)
        file.flush()
        again = ask("--config=" + file.name)
    problems = [] if again.stdout == changed.stdout else [again.stdout, again.stderr]
    for text in ("close-wait.count = 7 ", "reader-slow.share = 12.5 "):
        if text not in again.stdout:
            problems.append("lost: " + text)
    return problems


def recorded_host():
    """A capture gives the same findings."""
    full_queue()
    with tempfile.TemporaryDirectory() as directory:
        capture = os.path.join(directory, "capture")
        subprocess.run([DUOSTAT, "capture", "-q", capture], check=True)
        live, status, _ = audit("--interval=0")
        problems = []
        for words in (["--from=" + capture],):
            recorded, recorded_status, _ = audit(*words)
            if recorded != live or recorded_status != status or not live:
                problems.append(f"{live} {recorded} {status} {recorded_status}")
        run = subprocess.run([DUOSTAT, "--from=" + capture, "audit", "--json", "--skip=" + OF_THE_HOST],
                             capture_output=True, text=True, timeout=60)
        if run.returncode != 2 or json.loads(run.stdout)["findings"] != live:
            problems.append(f"--from before the command: {run.returncode} {run.stderr}")
        run = subprocess.run([DUOSTAT, "audit", "--from=" + capture, "--interval=1"], capture_output=True, text=True,
                             timeout=60)
        if run.returncode != 3:
            problems.append(f"--interval with --from: {run.returncode}")
    return problems


def hostile_names():
    """Names reach neither a terminal's controls nor JSON's syntax."""
    name = b"\x1b[31m\"\\\xff\nx"

    def serve():
        s = keep(socket.socket(socket.AF_UNIX))
        s.bind("\0" + "\x1b]0;owned\x07\u202e\n")
        s.listen(2)
    pid = process(name, serve)
    for _ in range(3):
        s = keep(socket.socket(socket.AF_UNIX))
        s.connect("\0" + "\x1b]0;owned\x07\u202e\n")
    problems = fires([], {"rule": "accept-queue-unix", "severity": "critical", "pid": pid})
    for words in ([], ["--columns=rule,owner.name,subject,evidence"], ["--by=owner.name"]):
        run = subprocess.run([DUOSTAT, "audit", *words], capture_output=True, timeout=60)
        if b"\x1b" in run.stdout or b"\x07" in run.stdout or run.returncode != 2:
            problems.append(f"{words}: {run.returncode} {run.stdout!r}")
    end(pid)
    return problems


def listing_options():
    """The shared options over findings; the status follows what is shown."""
    full_queue()
    problems = []
    for words, status, text in (
            (["--count"], 2, "1\n"), (["--where=severity=note"], 0, "Nothing found"),
            (["--columns=severity,rule,count"], 2, "accept-queue"), (["--by=rule"], 2, "accept-queue"),
            (["--json=lines"], 2, '"rule":"accept-queue"'), (["--only=accept-queue", "--sort=-count", "--top=1"], 2,
                                                             "CRITICAL"),
            (["--skip=accept-queue"], 0, "Nothing found")):
        run = subprocess.run([DUOSTAT, "audit", *words], capture_output=True, text=True, timeout=60)
        if run.returncode != status or text not in run.stdout:
            problems.append(f"{words}: {run.returncode} {run.stdout!r} {run.stderr!r}")
    return problems


def both_backends():
    """What a backend does not supply is said, and the rest is found."""
    def leak():
        for _ in range(120):
            keep(gate.accept()[0]).recv(1)
    gate = listener()
    for _ in range(120):
        connect(gate.getsockname()).close()
    pid = process("leaker", leak)
    expected = {"rule": "close-wait", "severity": "warning", "count": 120, "owner": "leaker"}
    problems = fires(["--via=netlink"], expected) + fires(["--via=procfs"], expected)
    _, _, document = audit("--via=procfs")
    blind = {n["rule"] for n in document["not_looked_at"] if not n["in_part"]}
    if not {"half-closed", "accept-queue", "retransmits"} <= blind:
        problems.append(f"not looked at: {document['not_looked_at']}")
    run = subprocess.run([DUOSTAT, "audit", "--via=procfs", "--only=accept-queue"], capture_output=True, timeout=60)
    if run.returncode != 3:
        problems.append(f"accept-queue from procfs: {run.returncode}")
    end(pid)
    return problems


def cost():
    """One look costs at most 1.3 times our own `ss -tanepi` (processor time, the least of some runs in turn), and
    memory does not grow with the sockets. DUOSTAT_TEST_EFFORT=full: 200,000 sockets, at most 40 MB."""
    with open(DUOSTAT, "rb") as program:
        if b"__asan_init" in program.read():
            raise namespace.Unavailable("an instrumented program has costs of its own")
    full = os.environ.get("DUOSTAT_TEST_EFFORT") == "full"
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    each = min(10000, hard - 100) if full else 2000
    groups = 100000 // each if full else 5
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    namespace.write_file("/proc/sys/net/core/somaxconn", str(each))
    pids = []
    for group in range(groups):
        gate = listener((f"127.1.0.{group + 1}", 80), each)
        pids.append(process("client", lambda: [connect(gate.getsockname()) for _ in range(each)]))
        pids.append(process("server", lambda: [keep(gate.accept()[0]) for _ in range(each)]))

    # A small process starts the program: the peak memory of a child counts that of its parent at the start, too.
    starter = "import os, sys\npid = os.fork()\n" \
              "if pid == 0: os.dup2(os.open('/dev/null', os.O_WRONLY), 1); os.execv(sys.argv[1], sys.argv[1:])\n" \
              "_, status, usage = os.wait4(pid, 0)\nprint(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)"

    def measure(*words):
        text = subprocess.run([sys.executable, "-S", "-E", "-c", starter, DUOSTAT, *words], stdout=subprocess.PIPE,
                              check=True).stdout.split()
        if text[0] != b"0":
            raise RuntimeError(f"{words}: {text[0].decode()}")
        return float(text[1]), int(text[2])

    listing, audits = [], []
    for _ in range(5):
        listing.append(measure("ss", "-tanepi"))
        audits.append(measure("audit", "--interval=0"))
    end(*pids)
    ratio = min(audits)[0] / min(listing)[0]
    megabytes = max(rss for _, rss in audits) / 1024
    print(f"# {2 * each * groups} sockets: {ratio:.2f} of ss -tanepi, {megabytes:.0f} MB")
    problems = [f"{ratio:.2f} times ss -tanepi: {audits} {listing}"] if ratio > 1.3 else []
    return problems + ([f"{megabytes:.0f} MB"] if megabytes > 40 else [])


def interrupt():
    """A signal between the looks ends the audit with what was found."""
    full_queue()
    child = subprocess.Popen([DUOSTAT, "audit", "--interval=600", "--json"], stdout=subprocess.PIPE)
    asleep = 0  # in a row: between two system calls it may wait for a moment, too
    while asleep < 10:
        time.sleep(0.02)
        if child.poll() is not None:
            return ["it ended by itself"]
        asleep = asleep + 1 if sleeps(child.pid) else 0
    child.send_signal(signal.SIGINT)
    document = json.loads(child.communicate(timeout=60)[0])
    if child.returncode != 2 or document["looks"] != 1 or not document["findings"]:
        return [f"{child.returncode} {document}"]
    return []


def sleeps(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "S"


CASES = (close_wait, unaccepted, half_closed, reader_slow, accept_queue, accept_queue_unix, syn_flood, syn_sent,
         peer_silent, peer_not_reading, keepalive_less, ports, ports_udp, time_wait, conntrack, counters, descriptors,
         retransmits, udp_drops, raw_drops, dup_listen, exposed, deleted_exe, new_listener, quiet_namespace,
         host_rules_could_not_look, text_on_a_terminal, mistakes,
         rules_as_a_configuration, recorded_host, hostile_names, listing_options, both_backends,
         cost, interrupt)


run_cases(CASES)

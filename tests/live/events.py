#!/usr/bin/env python3
"""`duostat events` beside short connections, in a network namespace of its own: the kernel's messages tell of every
end, and a source that polls claims no more than it saw. Speaks TAP.

DUOSTAT_TEST_EFFORT: quick makes 200 connections, otherwise 1,000. With DUOSTAT_TEST_TRACING=1 it also tries the sources
that set up something in the kernel which other network namespaces share; otherwise these are skipped.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import glob
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import situation  # noqa: E402
import tap  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(os.environ.get("top_srcdir", "."), "doc", "schema", "events.json")
DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
TIMES = 200 if os.environ.get("DUOSTAT_TEST_EFFORT") == "quick" else 1000
TRACING = os.environ.get("DUOSTAT_TEST_TRACING") == "1"
PORT = 21987
OF_PORT = f"( sport = :{PORT} or dport = :{PORT} )"
PATIENCE = 60  # seconds


class Events:
    """A running command, whose lines a thread reads."""

    def __init__(self, *words, prepare=None):
        self.process = subprocess.Popen([DUOSTAT, "events", "--json=lines", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=prepare)
        self.records, self.changed = [], threading.Condition()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.records.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def until(self, reached, patience=PATIENCE):
        """True as soon as `reached` is true of the records."""
        with self.changed:
            return self.changed.wait_for(lambda: reached(self.records), timeout=patience)

    def started(self):
        # The first line comes after the source was opened.
        return self.until(lambda records: records or self.process.poll() is not None) and self.process.poll() is None

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.thread.join()
        return status, self.process.stderr.read()

    def events(self, kind=None):
        return [r for r in self.records if r["record"] == "event" and kind in (None, r["event"])]


def connections(times, port=PORT):
    """Makes connections and ends them; returns the clients' ports."""
    server = socket.create_server(("127.0.0.1", port), backlog=64)
    ports = []

    def accept():
        for _ in range(times):
            server.accept()[0].close()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    for _ in range(times):
        client = socket.create_connection(("127.0.0.1", port))
        ports.append(client.getsockname()[1])
        client.recv(1)
        client.close()
    acceptor.join()
    server.close()
    return ports


def ends_of(records, ports, kind):
    """The connections of which the client's end, and those of which the server's end was seen."""
    events = [r for r in records if r["record"] == "event" and r["event"] == kind]
    clients = {r.get("local_port") for r in events if r["peer_port"] == PORT}
    servers = {r["peer_port"] for r in events if r.get("local_port") == PORT}
    return clients & set(ports), servers & set(ports)


def invalid(records):
    with open(SCHEMA) as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return [f"{record}: {e.message}" for record in records for e in validator(schema).iter_errors(record)]


def closing(out, what, watching, complete=True):
    status, err = watching.end()
    problems = [] if status == (0 if complete else 1) else [f"status {status}"]
    last = watching.records[-1] if watching.records else {}
    if last.get("record") != "end" or last["events"] != len(watching.events()) or last["complete"] != complete:
        problems.append(f"last line: {last}")
    out.ok(f"{what}: ends at Ctrl-C with a line that counts", problems + ([err] if err else []))
    if jsonschema is None:
        out.skip(f"{what}: lines are valid by doc/schema/events.json", "python3-jsonschema is not installed")
    else:
        out.ok(f"{what}: lines are valid by doc/schema/events.json", invalid(watching.records[:20] + [last]))


def refused(out, name, watching):
    """Skips where the kernel or the rights do not allow the source."""
    if watching.started():
        return False
    watching.process.wait(PATIENCE)
    err = watching.process.stderr.read().strip()
    if watching.process.returncode == 3 and re.search("needs|not permitted", err):
        out.skip(name, err)
    else:
        out.ok(name, [f"status {watching.process.returncode}: {err}"])
    return True


def destroyed(out):
    name = f"destroy: {TIMES} short connections, every end of both"
    watching = Events("--source=destroy", OF_PORT)
    if refused(out, name, watching):
        return
    ports = connections(TIMES)
    whole = watching.until(lambda r: all(len(e) == len(set(ports)) for e in ends_of(r, ports, "gone")))
    lost = [r for r in watching.records if r["record"] == "lost"]
    if not whole and lost:
        out.skip(name, f"the machine was too slow, and the command said so: {lost}")
        watching.end()
        return
    seen = [len(end) for end in ends_of(watching.records, ports, "gone")]
    out.ok(name, [] if whole else [f"{seen} of {len(set(ports))}"])
    told = [r for r in watching.events() if r["peer_port"] != 0 and not {"bytes_acked", "bytes_received"} <= set(r)]
    out.ok("destroy: bytes are told", [f"{len(told)} without"] if told else [])
    out.ok("destroy: no states, and the first line says so",
           [] if {"states", "opening", "time-wait", "owner"} <= set(watching.records[0]["cannot_see"])
           and not any("state" in r or "previous_state" in r for r in watching.events()) else [watching.records[0]])
    closing(out, "destroy", watching, complete=not lost)


libc = ctypes.CDLL(None, use_errno=True)


def inhabitant(name):
    """A process in a network namespace of its own, and the inode of that."""
    def act():
        namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
        namespace.interface_up("lo")
    pid = situation.process(name, act)
    return pid, os.stat(f"/proc/{pid}/ns/net").st_ino


def connections_in(pid, times, port):
    child = os.fork()
    if child == 0:
        try:
            with open(f"/proc/{pid}/ns/net") as file:
                assert libc.setns(file.fileno(), namespace.CLONE_NEWNET) == 0
            connections(times, port)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def give_id(pid, name):
    """An interface whose other end is in that namespace: the kernel gives it an id. False if it cannot be made."""
    made = subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", "peer", "netns", str(pid)],
                          stderr=subprocess.DEVNULL)
    subprocess.run(["ip", "link", "show", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return made.returncode == 0


def of_namespace(records, netns, port):
    """The ends of connections to `port` there."""
    return [(r.get("local_port"), r["peer_port"]) for r in records if r["record"] == "event" and r.get("netns") == netns
            and port in (r.get("local_port"), r["peer_port"]) and r["peer_port"] != 0]


def sockets_of(pid):
    links = [os.readlink(path) for path in glob.glob(f"/proc/{pid}/fd/*") if os.path.islink(path)]
    return sum(link.startswith("socket:") for link in links)


def other_namespaces(out):
    """Of each network namespace, with an id and without one, every end once."""
    times = 20
    plain, plain_inode = inhabitant("plain")
    linked, linked_inode = inhabitant("linked")
    has_link = give_id(linked, "to-linked")
    watching = Events("--source=destroy")
    name = "destroy: every end in another network namespace, once"
    if refused(out, name, watching):
        return situation.end(plain, linked)

    def seen(title, pid, inode, port):
        connections_in(pid, times, port)
        watching.until(lambda records: len(of_namespace(records, inode, port)) >= 2 * times)
        ends = of_namespace(watching.records, inode, port)
        lost = [r for r in watching.records if r["record"] == "lost"]
        if lost and len(ends) < 2 * times:
            return out.skip(title, f"the machine was too slow, and the command said so: {lost}")
        out.ok(title, [] if len(ends) == len(set(ends)) == 2 * times
               else [f"{len(ends)} ends, {len(set(ends))} different, of {2 * times}"])

    seen(f"{name}: without an id", plain, plain_inode, 20001)
    if has_link:
        seen(f"{name}: with an id", linked, linked_inode, 20002)
    else:
        out.skip(f"{name}: with an id", "no veth interfaces here")
    if has_link and give_id(plain, "to-plain"):
        seen(f"{name}: an id while it is followed", plain, plain_inode, 20003)
    else:
        out.skip(f"{name}: an id while it is followed", "no veth interfaces here")
    late, late_inode = inhabitant("late")
    for attempt in range(PATIENCE * 5):
        connections_in(late, 1, 20004)
        if watching.until(lambda records: of_namespace(records, late_inode, 20004), 0.2):
            break
    out.ok("destroy: a namespace that appears later", [] if of_namespace(watching.records, late_inode, 20004)
           else ["none of its sockets"])
    # Namespaces of tests that run beside this one may end too.
    before = sockets_of(watching.process.pid)
    situation.end(late)
    for attempt in range(PATIENCE * 10):
        if sockets_of(watching.process.pid) < before:
            break
        time.sleep(0.1)
    after = sockets_of(watching.process.pid)
    out.ok("destroy: a namespace that nothing else keeps is let go", [] if after < before else [f"{before}, {after}"])
    closing(out, "destroy in every namespace", watching)
    # The test may be in a user namespace that has no rights over the host's.
    account = watching.records[-1]["account"]
    word = "namespaces" if " of " in account else "new-namespaces"
    out.ok(f"destroy: the first line says {word}",
           [] if {"namespaces", "new-namespaces"} & set(watching.records[0]["cannot_see"]) == {word}
           else [watching.records[0], account])
    situation.end(plain, linked)


def without_rights(out):
    """CAP_NET_ADMIN alone opens the source; what cannot be entered is said."""
    place, _ = inhabitant("closed")

    def drop():
        bounding_set_drop, sys_ptrace, sys_admin = 24, 19, 21
        for capability in (sys_ptrace, sys_admin):
            libc.prctl(bounding_set_drop, capability, 0, 0, 0)

    watching = Events("--source=destroy", prepare=drop)
    name = "destroy: a namespace that may not be entered is counted"
    if refused(out, name, watching):
        return situation.end(place)
    watching.end()
    first, last = watching.records[0], watching.records[-1]
    out.ok(name, [] if "namespaces" in first["cannot_see"] and " of " in last["account"]
           and "Operation not permitted" in last["account"] else [first, last])
    situation.end(place)


def polled(out):
    watching = Events("--source=poll", "--interval=2ms", OF_PORT)
    name = "poll: claims no connection that was not made"
    if refused(out, name, watching):
        return
    ports = connections(TIMES)
    # The last TIME-WAIT proves that a look came after everything else; it stays for a minute.
    watching.until(lambda r: any(ends_of(r, ports, "new")), 10)
    time.sleep(0.05)
    closing(out, "poll", watching)
    problems = []
    for kind in ("new", "gone"):
        keys = [(r["local_port"], r["peer_port"], r.get("cookie")) for r in watching.events(kind)]
        if len(keys) != len(set(keys)):
            problems.append(f"{kind}: a socket twice")
        made = set(ports) | {PORT, 0}
        problems += [f"{kind}: {key}" for key in keys if not set(key[:2]) <= made]
    out.ok(name, problems[:5])
    account = watching.records[-1]["account"]
    out.ok("poll: says how many it saw",
           [] if f"{len(watching.events('new'))} new, {len(watching.events('gone'))} gone" in account else [account])
    clients, servers = ends_of(watching.records, ports, "new")
    print(f"# poll saw {len(clients)} clients and {len(servers)} servers of {TIMES} connections: {account}")


def lives(out):
    """A connection that stays long enough for every look, with its owner."""
    watching = Events("--source=poll", "--interval=5ms", "-p", OF_PORT)
    if refused(out, "poll: a life", watching):
        return
    server = socket.create_server(("127.0.0.1", PORT))
    client = socket.create_connection(("127.0.0.1", PORT))
    accepted = server.accept()[0]
    seen = lambda kind, **wanted: lambda records: any(
        r.get("event") == kind and all(r.get(k) == v for k, v in wanted.items()) for r in records)
    problems = []
    own = dict(pid=os.getpid())
    for kind, wanted in (("new", dict(state="listen", **own)),
                         ("new", dict(state="established", peer_port=PORT, **own)),
                         ("new", dict(state="established", local_port=PORT))):
        if not watching.until(seen(kind, **wanted)):
            problems.append(f"no {kind} {wanted}")
    accepted.close()
    for wanted in (dict(state="close_wait", peer_port=PORT), dict(state="fin_wait2", local_port=PORT)):
        if not watching.until(seen("state", previous_state="established", **wanted)):
            problems.append(f"no state {wanted}")
    client.close()
    server.close()
    for kind, wanted in (("gone", dict(previous_state="listen", **own)),
                         ("gone", dict(previous_state="close_wait", **own))):
        if not watching.until(seen(kind, **wanted)):
            problems.append(f"no {kind} {wanted}")
    # A TIME-WAIT of an earlier case goes when its port is used again: its beginning was not seen.
    if not all("duration_us" in r for r in watching.events("gone") if r["previous_state"] != "time_wait"):
        problems.append("a duration is missing")
    out.ok("poll: a life with its states, owner and duration", problems)
    closing(out, "poll -p", watching)


INSTANCES = "duostat-*"


class TraceFs:
    """tracefs at a place of its own, in a mount namespace that nobody else sees."""

    def __init__(self):
        namespace.unshare(namespace.CLONE_NEWNS, "CLONE_NEWNS")
        namespace.mount("none", "/", None, namespace.MS_REC | namespace.MS_PRIVATE)
        namespace.mount("tracefs", "/sys/kernel/tracing", "tracefs")

    def instances(self):
        return set(glob.glob(f"/sys/kernel/tracing/instances/{INSTANCES}"))


def traced(out, source):
    name = f"{source}: {TIMES} short connections, both ends of every one"
    if not TRACING:
        return out.skip(name, "it sets up what the whole kernel shares: DUOSTAT_TEST_TRACING=1 tries it")
    watching = Events(f"--source={source}", OF_PORT, *([] if source == "tracefs" else ["-p"]))
    if refused(out, name, watching):
        return None
    ports = connections(TIMES)
    whole = lambda records, kind: all(len(e) == len(set(ports)) for e in ends_of(records, ports, kind))
    watching.until(lambda records: whole(records, "gone"), 20)
    lost = sum(r["lost"] + r["lost_unknown"] for r in watching.records if r["record"] == "lost")
    # The local port of a new client is not known yet: it is when the connection is established.
    established = {r.get("local_port") for r in watching.events("state") if r["state"] == "established"}
    servers = ends_of(watching.records, ports, "new")[1]
    if lost and not whole(watching.records, "gone"):
        out.skip(name, f"the machine was too slow, and the command said so: {lost} events lost")
    else:
        out.ok(name, [f"{what}: {len(got)} of {len(set(ports))}" for what, got in
                      (("established clients", established & set(ports)), ("new servers", servers),
                       ("gone clients", ends_of(watching.records, ports, "gone")[0]),
                       ("gone servers", ends_of(watching.records, ports, "gone")[1])) if len(got) != len(set(ports))])
    closed = watching.events("gone")
    without = [] if lost else [r for r in closed if "duration_us" not in r]
    out.ok(f"{source}: durations, unless something was lost", without[:3])
    if source != "tracefs":
        own = [r for r in watching.events("new") if r.get("state") == "syn_sent"]
        out.ok(f"{source}: the owner of each client",
               [r for r in own if r.get("pid") != os.getpid()][:3] + ([] if own else ["no client"]))
    if source == "bpf":
        own = os.stat("/proc/self/ns/net").st_ino
        of_connections = [r for r in closed if r["previous_state"] != "listen"]
        out.ok("bpf: bytes and the network namespace",
               [r for r in watching.events() if r.get("netns") != own][:3] +
               [r for r in of_connections if not {"bytes_acked", "bytes_received"} <= set(r)][:3])
    closing(out, source, watching, complete=not lost)
    print(f"# {source}: {len(watching.records)} records, {lost} lost, {watching.records[-1]}")
    return watching


def left_by_a_kill(out):
    name = "tracefs: an instance left by SIGKILL is removed at the next start"
    if not TRACING:
        return out.skip(name, "it sets up what the whole kernel shares: DUOSTAT_TEST_TRACING=1 tries it")
    try:
        trace = TraceFs()
    except namespace.Unavailable as error:
        return out.skip(name, str(error))
    before = trace.instances()
    killed = Events("--source=tracefs")
    if refused(out, name, killed):
        return
    left = trace.instances() - before
    killed.process.kill()
    killed.process.wait()
    problems = [] if len(left) == 1 and left <= trace.instances() else [f"left: {left}"]
    other = Events("--source=tracefs")
    other.started()
    if left & trace.instances():
        problems.append(f"still there: {left & trace.instances()}")
    status, err = other.end()
    if status != 0 or trace.instances() - before:
        problems.append(f"status {status} {err}, there: {trace.instances() - before}")
    out.ok(name, problems)


def bounds(out):
    ran = subprocess.run([DUOSTAT, "events", "--source=poll", "--for=100ms"], stdout=subprocess.PIPE, text=True)
    lines = ran.stdout.splitlines()
    out.ok("--for ends it", [] if ran.returncode == 0 and len(lines) == 2 and "source poll" in lines[0]
           and lines[1].startswith("# 0 events") else [ran.stdout])
    watching = Events("--source=poll", "--interval=2ms", "--top=1", "listen", f"sport = :{PORT}")
    if watching.started():
        server = socket.create_server(("127.0.0.1", PORT))
        status = watching.process.wait(PATIENCE)
        watching.thread.join()
        out.ok("--top ends it", [] if status == 0 and len(watching.events()) == 1 else [watching.records])
        server.close()
    else:
        out.ok("--top ends it", [watching.process.stderr.read()])
    ran = subprocess.run([DUOSTAT, "events", "--source=destroy", "established"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    out.ok("a state that the source does not tell is refused",
           [] if ran.returncode == 2 and "does not tell states" in ran.stderr and not ran.stdout else [ran.stderr])


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    out = tap.Tap()
    destroyed(out)
    other_namespaces(out)
    without_rights(out)
    polled(out)
    lives(out)
    bounds(out)
    for source in ("bpf", "perf", "tracefs"):
        traced(out, source)
    left_by_a_kill(out)
    out.plan()


if __name__ == "__main__":
    main()

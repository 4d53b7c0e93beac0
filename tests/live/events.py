#!/usr/bin/env python3
"""`duostat events` beside short connections, in a network namespace of its own: the kernel's messages tell of every
end, and a source that polls claims no more than it saw. Speaks TAP.

DUOSTAT_TEST_EFFORT: quick makes 200 connections, otherwise 1,000. With DUOSTAT_TEST_TRACING=1 it also tries the sources
that set up something in the kernel which other network namespaces share; otherwise these are skipped.

SPDX-License-Identifier: GPL-2.0-or-later
"""
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

    def __init__(self, *words):
        self.process = subprocess.Popen([DUOSTAT, "events", "--json=lines", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
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
    clients = {r["local_port"] for r in events if r["peer_port"] == PORT}
    servers = {r["peer_port"] for r in events if r["local_port"] == PORT}
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
    out.ok(name, [] if whole else [f"{[len(e) for e in ends_of(watching.records, ports, 'gone')]} of {len(set(ports))}"])
    told = [r for r in watching.events() if "bytes_acked" not in r or "bytes_received" not in r]
    out.ok("destroy: bytes are told", [f"{len(told)} without"] if told else [])
    out.ok("destroy: no states, and the first line says so",
           [] if {"states", "opening", "time-wait", "owner"} <= set(watching.records[0]["cannot_see"])
           and not any("state" in r or "previous_state" in r for r in watching.events()) else [watching.records[0]])
    closing(out, "destroy", watching, complete=not lost)


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
    if not all("duration_us" in r for r in watching.events("gone")):
        problems.append("a duration is missing")
    out.ok("poll: a life with its states, owner and duration", problems)
    closing(out, "poll -p", watching)


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
    polled(out)
    lives(out)
    bounds(out)
    out.plan()


if __name__ == "__main__":
    main()

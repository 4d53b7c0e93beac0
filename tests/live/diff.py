#!/usr/bin/env python3
"""`duostat diff` of captures and of this host, in a network namespace of its own: what was made, ended and changed is
told, and nothing else; statuses, JSON, what is no capture. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import steady  # noqa: E402
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
ONLY = "--only=sockets,listeners,routes,interfaces"  # counters count whatever the test itself does


def duostat(*words, **more):
    return subprocess.run([DUOSTAT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, **more)


def capture(path):
    done = duostat("capture", "-q", path)
    assert done.returncode == 0, done.stderr
    return path


def rows(document):
    return sorted((r["change"], r["subject"], r["object"], r.get("property", "")) for r in document["changes"])


def ends(connected):
    """Both ends of a connection, as diff names them."""
    a, b = connected.getsockname(), connected.getpeername()
    return [f"{x[0]}:{x[1]} {y[0]}:{y[1]}" for x, y in ((a, b), (b, a))]


class World:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 8080))
        self.kept, self.kept_peer = self.connect()
        self.closing, self.closing_peer = self.connect()

    def connect(self):
        client = socket.create_connection(("127.0.0.1", 8080))
        return client, self.listener.accept()[0]

    def change(self):
        """Returns what diff must list."""
        wanted = []
        changed = ends(self.closing)
        self.closing.shutdown(socket.SHUT_WR)
        wanted += [("changed", "socket", name, "state") for name in changed]
        self.added, self.added_peer = self.connect()
        wanted += [("new", "socket", name, "") for name in ends(self.added)]
        self.other = socket.create_server(("127.0.0.1", 9090))
        wanted.append(("new", "listener", "127.0.0.1:9090", ""))
        steady.settled(lambda: duostat("states", "-t", "--json").stdout)
        return sorted(wanted)


def differences(out, directory):
    world = World()
    before = capture(f"{directory}/before")
    done = duostat("diff", before, before)
    out.ok("a capture and itself: nothing", [] if done.returncode == 0 and done.stdout.startswith("nothing is new") else
           [f"{done.returncode} {done.stdout}{done.stderr}"])
    wanted = world.change()
    after = capture(f"{directory}/after")
    for name, words in (("two captures", [before, after]), ("a capture and now", [before]), ("live", [before, "live"])):
        done = duostat("diff", ONLY, "--json", *words)
        document = json.loads(done.stdout)
        out.same(name, wanted, rows(document))
        out.same(f"{name}: status", 1, done.returncode)
        out.valid("changes", document)
    reverse = {"new": "gone", "gone": "new", "changed": "changed"}
    done = duostat("diff", ONLY, "--json", after, before)
    out.same("the reverse", sorted((reverse[c], *rest) for c, *rest in wanted), rows(json.loads(done.stdout)))
    text = duostat("diff", ONLY, before, after).stdout
    out.ok("the text tells the same", [f"{row} is not in {text}" for row in wanted if row[2].split()[0] not in text] +
           ([] if "sockets 2 new, 2 changed; listeners 1 new" in text else [text]))
    done = duostat("diff", "--only=listeners", "--where=object = 127.0.0.1:9090", "--count", before, after)
    out.same("--where and --count", "1\n", done.stdout)
    done = duostat("diff", "--by=subject,change", "--only=counters", "--json", before, after)
    out.ok("counters have changed", [] if '"counter"' in done.stdout and done.returncode == 1 else [done.stdout])
    by_text = duostat("diff", ONLY, "--via=procfs", "--json", before, after)
    out.same("by procfs, without cookies", wanted, rows(json.loads(by_text.stdout)))
    return before


def mistakes(out, directory, before):
    with open(f"{directory}/text", "w") as file:
        file.write("no capture\n")
    with open(before, "rb") as whole, open(f"{directory}/cut", "wb") as cut:
        cut.write(whole.read()[:-200])
    for name, words, says in (
            ("no such file", ["diff", f"{directory}/nosuch"], "OLD: open"),
            ("no capture", ["diff", before, f"{directory}/text"], "NEW: "),
            ("a capture that was cut", ["diff", f"{directory}/cut", before], "OLD: "),
            ("live as the first", ["diff", "live", before], "can only be the second"),
            ("no operand", ["diff"], "OLD"),
            ("an unknown subject", ["diff", "--only=sokcets", before], "did you mean sockets?"),
            ("a queue of nothing", ["diff", "--queue=0", before], "--queue"),
            ("an unknown column", ["diff", "--where=objekt = 1", before], "did you mean object?"),
            ("over a recorded host", [f"--from={before}", "diff", before], "--from")):
        done = duostat(*words)
        out.ok(name, [] if done.returncode == 2 and says in done.stderr and not done.stdout else
               [f"{done.returncode} {done.stdout}{done.stderr}"])


def incomplete(out, directory, before):
    """A table of this host that cannot be read."""
    os.makedirs(f"{directory}/proc/net")
    with open(f"{directory}/proc/net/tcp", "w") as file:
        file.write("a heading\n   0: broken\n")
    done = duostat("diff", "--only=sockets", "--json", before, env={**os.environ, "PROC_ROOT": f"{directory}/proc"})
    document = json.loads(done.stdout)
    out.ok("an incomplete side: status 3, and it says what",
           [] if done.returncode == 3 and document["complete"] is False and document["problems"] else
           [f"{done.returncode} {done.stdout}{done.stderr}"])


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    namespace.wait_for_addresses()
    out = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        before = differences(out, directory)
        mistakes(out, directory, before)
        incomplete(out, directory, before)
    out.plan()


if __name__ == "__main__":
    main()

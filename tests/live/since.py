#!/usr/bin/env python3
"""--since=FILE in a network namespace of its own: only sockets that the capture lacks are listed, by ss and netstat, as
rows, columns, groups, counts and JSON, from each backend; captures that are incomplete, of another host, or no
captures. Speaks TAP.

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
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))


def run(*words, **more):
    return subprocess.run([DUOSTAT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
                          **more)


class World:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 8080))
        self.kept = self.connect(40001)
        self.reused = self.connect(40002)
        self.closing = self.connect(40003)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 5300))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(b"\0old")
        self.unix.listen()

    def connect(self, port):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset: no TIME-WAIT
        client.bind(("127.0.0.1", port))
        client.connect(("127.0.0.1", 8080))
        return client, self.listener.accept()[0]

    def change(self):
        """The addresses of 40002 are used again by other sockets: new. 40003 closes, and is as old as before."""
        for end in self.reused:
            end.close()
        self.reused = self.connect(40002)
        self.closing[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\0\0\0\0\0\0\0\0")
        for end in self.closing:
            end.close()
        self.added = self.connect(40004)
        self.other = socket.create_server(("127.0.0.1", 9090))
        self.new_udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.new_udp.bind(("127.0.0.1", 5301))
        self.new_unix = socket.socket(socket.AF_UNIX)
        self.new_unix.bind(b"\0new")
        self.new_unix.listen()


WANTED = sorted([("127.0.0.1:8080", "127.0.0.1:40002"), ("127.0.0.1:40002", "127.0.0.1:8080"),
                 ("127.0.0.1:8080", "127.0.0.1:40004"), ("127.0.0.1:40004", "127.0.0.1:8080"),
                 ("127.0.0.1:9090", "0.0.0.0:*")])


def pairs(text, at):
    return sorted(tuple(line.split()[at:at + 2]) for line in text.splitlines() if line.split()[0] not in
                  ("Active", "Proto"))


def listings(out, before):
    for via in ("auto", "netlink", "procfs"):
        for name, words, at in (("ss", ["ss", "-tanH"], 3), ("netstat", ["netstat", "-tan"], 3)):
            done = run(*words, f"--via={via}", f"--since={before}")
            out.same(f"{name} -tan, {via}", WANTED, pairs(done.stdout, at))
            out.same("  status and messages", (0, ""), (done.returncode, done.stderr))
    since = f"--since={before}"
    out.same("UDP", [("127.0.0.1:5301", "0.0.0.0:*")], pairs(run("ss", "-uanH", since).stdout, 3))
    out.same("UNIX", ["@new"], [line.split()[4] for line in run("ss", "-xlnH", since).stdout.splitlines()])
    out.same("netstat, UNIX", ["@new"], [line.split()[-1] for line in run("netstat", "-xln", since).stdout.splitlines()
                                         if line.startswith("unix")])
    out.same("--count", "5\n", run("ss", "-tan", since, "--count").stdout)
    out.same("--by", ["1", "4"], sorted(line.split()[0] for line in
                                       run("ss", "-tan", since, "--by=state").stdout.splitlines()[1:]))
    out.same("--sort and --top", 2, len(run("ss", "-tanH", since, "--sort=sport", "--top=2").stdout.splitlines()))
    out.same("--where", 1, len(run("ss", "-tanH", since, "--where=state = listen").stdout.splitlines()))
    document = json.loads(run("ss", "-tan", since, "--json").stdout)
    out.valid("sockets", document)
    out.same("JSON", (5, True), (len(document["sockets"]), document["complete"]))
    out.same("--fail-if-any", 1, run("ss", "-tan", since, "--fail-if-any").returncode)
    out.same("--columns", 5, len(run("ss", "-tanH", since, "--columns=local,sport").stdout.splitlines()))
    done = run("explain", "ss", "-tan", since)
    out.ok("explain names the file", [] if before in done.stdout and done.returncode == 0 else [done.stdout])


def two_captures(out, directory, before):
    after = f"{directory}/after"
    assert run("capture", "-q", after).returncode == 0
    done = run("ss", "-tanH", f"--from={after}", f"--since={before}")
    out.same("of another capture", WANTED, pairs(done.stdout, 3))
    done = run("ss", "-tanH", f"--from={after}", f"--since={after}")
    out.same("a capture and itself", (0, "", ""), (done.returncode, done.stdout, done.stderr))
    done = run("netstat", "-an", f"--from={after}", f"--since={after}")
    out.same("netstat: a capture and itself", [], [line for line in done.stdout.splitlines()
                                                   if not line.startswith(("Active", "Proto"))])


def another_boot(out, before):
    """Without the start of this boot sockets are compared by their addresses."""
    def elsewhere():
        namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
        namespace.interface_up("lo")
        sys.stdout.flush()
        first = socket.create_server(("127.0.0.1", 8080))
        second = socket.create_server(("127.0.0.1", 7070))
        return first, second, run("ss", "-tlnH", f"--since={before}")
    done = elsewhere()[2]
    out.same("another network namespace: by addresses", [("127.0.0.1:7070", "0.0.0.0:*")], pairs(done.stdout, 3))
    out.ok("  and says so", [] if "compared by their addresses" in done.stderr and done.returncode == 0 else
           [f"{done.returncode} {done.stderr}"])


def mistakes(out, directory, before):
    with open(f"{directory}/text", "w") as file:
        file.write("no capture\n")
    for name, words, says in (("no file", ["--since=/none/such"], "No such file"),
                              ("no capture", [f"--since={directory}/text"], f"{directory}/text"),
                              ("routes", ["-r", f"--since={before}"], "--since does not go with netstat -r")):
        done = run("netstat", *words)
        out.ok(f"{name}: status 2 and one line", [] if done.returncode == 2 and says in done.stderr and not done.stdout
               and done.stderr.count("\n") == 1 else [f"{done.returncode} {done.stdout}{done.stderr}"])
    for words in (["-E"], ["-s"]):
        done = run("ss", *words, f"--since={before}")
        out.ok(f"ss {words[0]} is refused", [] if done.returncode == 2 and "does not go with" in done.stderr else
               [f"{done.returncode} {done.stderr}"])


def incomplete(out, directory):
    """A capture made while a table could not be read."""
    os.makedirs(f"{directory}/proc/net")
    with open(f"{directory}/proc/net/tcp", "w") as file:
        file.write("a heading\n   0: broken\n")
    broken = f"{directory}/broken"
    run("capture", "-q", broken, env={**os.environ, "PROC_ROOT": f"{directory}/proc"})
    done = run("ss", "-tanH", f"--since={broken}")
    out.ok("an incomplete capture: status 3, and it says what",
           [] if done.returncode == 3 and f"--since: {broken}: tcp: incomplete" in done.stderr else
           [f"{done.returncode} {done.stderr}"])
    document = json.loads(run("ss", "-tan", "--json", f"--since={broken}").stdout)
    out.same("  and in JSON", False, document["complete"])
    done = run("netstat", "-tan", f"--since={broken}")
    out.same("  and in netstat", 3, done.returncode)


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    namespace.wait_for_addresses()
    out = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        before = f"{directory}/before"
        world = World()
        assert run("capture", "-q", before).returncode == 0
        world.change()
        listings(out, before)
        two_captures(out, directory, before)
        mistakes(out, directory, before)
        incomplete(out, directory)
        another_boot(out, before)
    out.plan()


if __name__ == "__main__":
    main()

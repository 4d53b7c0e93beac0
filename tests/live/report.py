#!/usr/bin/env python3
"""duostat report: a screen of 80 columns, JSON that fits its schema, a page in which every text is escaped and nothing
is loaded from elsewhere; a recorded host; a user without rights. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import tap  # noqa: E402
from situation import DUOSTAT, duostat  # noqa: E402
from terminal import Terminal  # noqa: E402

NOBODY, PR_SET_NAME = 65534, 15
HOSTILE = "<b>&\x1b[31m\n"
test = tap.Tap()
held = []


def run(*words, **more):
    return duostat("report", *words, **more)


def make_situation():
    """A process with a hostile name serves 30 connections and forgets 120 of them in CLOSE-WAIT."""
    server = socket.create_server(("127.0.0.1", 8080), backlog=200)
    clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(150)]
    peers = [server.accept()[0] for _ in clients]
    for peer in peers[:30]:
        peer.sendall(b"x" * 5000)
    for client in clients[30:]:
        client.close()
    held.extend([server, *clients[:30], *peers])
    namespace.libc.prctl(PR_SET_NAME, HOSTILE.encode())


def sections(document):
    return {s["section"]: s["rows"] for s in document["report"]}


def texts():
    out = run()
    lines = out.stdout.decode().splitlines()
    test.ok("a screen on a pipe", [line for line in lines if len(line) > 80] +
            [f"no {word}" for word in ("HOST ", "FINDINGS 1 warning", "SOCKETS", "LISTENERS 1", "PEERS", "PROCESSES",
                                       "SERVICES") if not any(word in line for line in lines)])
    test.report(out.returncode == 0 and not out.stderr, "status 0, and nothing on standard error", out.stderr)
    test.report("over loopback, where each end counts)" in out.stdout.decode(), "both ends of a connection count",
                out.stdout)
    test.report("\x1b" not in out.stdout.decode(), "no escape sequence reaches the output", out.stdout)
    test.report(any("close-wait" in line and "120" in line for line in lines),
                "the finding of the audit is shown", out.stdout.decode())
    peer = next((line for line in lines if line.startswith("127.0.0.1")), "")
    test.report("300" in peer.split(), "the peer with its connections", "\n".join(lines))


def terminal():
    screen = Terminal(80)
    with subprocess.Popen([DUOSTAT, "report"], stdout=screen.writer, stderr=screen.writer,
                          env={**os.environ, "NO_COLOR": "1"}) as program:
        screen.start()
        program.wait()
    text = screen.finish().decode()
    lines = text.splitlines()
    test.ok("a screen on a terminal fits", [line for line in lines if len(line) > 80] or
            ([] if any("FINDINGS" in line for line in lines) else [text]))


def documents():
    out = run("--json")
    document = json.loads(out.stdout)
    rows = sections(document)
    found = [(f["rule"], f["severity"], f["count"]) for f in rows["findings"] if f["severity"] != "note"]
    test.report(found == [("close-wait", "warning", 120)], "JSON: the finding", found)
    test.report(document["complete"] and {"states", "listeners", "peers", "processes", "ports"} <= rows.keys(),
                "JSON: every section", document)
    test.report(rows["ports"][0]["port"] == "8080", "JSON: the service's port", rows["ports"])
    test.valid("report", document)
    lines = [json.loads(line) for line in run("--json=lines").stdout.splitlines()]
    test.report([s["section"] for s in lines] == [s["section"] for s in document["report"]],
                "--json=lines: a section per line", lines)


def pages(directory):
    path = os.path.join(directory, "page.html")
    out = run("--html=" + path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    test.report(out.returncode == 0 and not out.stdout, "--html writes a file and prints nothing", out.stdout,
                out.stderr)
    try:
        xml.etree.ElementTree.fromstring(text.split("\n", 1)[1])
        problem = ""
    except xml.etree.ElementTree.ParseError as error:
        problem = str(error)
    test.report(not problem, "the page is well-formed", problem)
    elsewhere = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//[^"\')]*', text)
    test.report(not elsewhere and "<script" not in text, "nothing is loaded from elsewhere", elsewhere)
    test.report("&lt;b&gt;&amp;" in text and "<b>&" not in text and "\x1b" not in text, "hostile names are escaped")
    test.report(run("--html=-").stdout.decode().startswith("<!DOCTYPE html>"), "--html=- writes to standard output")
    pipe = os.path.join(directory, "pipe")
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    out = run("--html=" + pipe)
    test.report(reader.communicate()[0].startswith(b"<!DOCTYPE html>") and not os.path.isfile(pipe),
                "--html=PIPE writes into the pipe and does not replace it", out.stderr)
    out = run("--html=" + os.path.join(directory, "none", "page.html"))
    test.report(out.returncode == 3 and b"none/page.html" in out.stderr, "a file that cannot be written: status 3",
                out.returncode, out.stderr)


def recorded(directory):
    path = os.path.join(directory, "capture")
    subprocess.run([DUOSTAT, "capture", "--quiet", path], check=True, timeout=60)
    document = json.loads(run("--json", "--from=" + path).stdout)
    found = [(f["rule"], f["count"]) for f in sections(document)["findings"] if f["severity"] != "note"]
    test.report(found == [("close-wait", 120)], "--from: the same finding", found)


def unprivileged():
    out = run(user=NOBODY)
    if os.getuid() != 0 or b"denied" in out.stderr:
        return test.skip("a user without rights", "the program cannot be run by another user here")
    text = out.stdout.decode()
    test.report("no visible owner" in text and out.returncode == 0, "an unprivileged user sees what is not visible",
                text, out.stderr)


def mistakes():
    for words, what in ((["--sort=foo"], "connections, bytes or retransmitted"), (["--html=x", "--json"], "exclude"),
                        (["--top=0"], "--top"), (["word"], "unexpected")):
        out = run(*words)
        test.report(out.returncode == 2 and what.encode() in out.stderr, f"refused: {' '.join(words)}", out.returncode,
                    out.stderr)
    for backend in ("procfs", "netlink"):
        test.report(run("--via=" + backend).returncode == 0, f"--via={backend}")


namespace.enter_or_skip()
signal.alarm(300)
make_situation()
texts()
terminal()
documents()
with tempfile.TemporaryDirectory() as made:
    pages(made)
    recorded(made)
unprivileged()
mistakes()
test.plan()

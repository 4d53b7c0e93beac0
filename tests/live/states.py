#!/usr/bin/env python3
"""duostat states: counts of sockets that this script made in a namespace of its own, and TCP sockets without a
connection. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import tap  # noqa: E402
from situation import DUOSTAT, acknowledged, duostat  # noqa: E402
from terminal import Terminal  # noqa: E402

IPPROTO_MPTCP, PR_SET_NAME, NOBODY = 262, 15, 65534
test = tap.Tap()
check = test.same


def states(*words):
    document = json.loads(duostat("states", "--json", *words).stdout)
    return document, {(r["protocol"], r["family"], r["state"]): r["sockets"]
                      for r in document["states"] if "sockets" in r}


def connections(held):
    """Three listeners, four connections of which one waits in CLOSE-WAIT, two in TIME-WAIT, UDP and UNIX sockets."""
    listener = socket.create_server(("127.0.0.1", 8000), backlog=50)
    six = socket.create_server(("::1", 8000), family=socket.AF_INET6)
    held += [listener, six]
    for n in range(4):
        client = socket.create_connection(("127.0.0.1", 8000))
        server, _ = listener.accept()
        held += [client, server]
    held[-1].close()  # the server's end: FIN-WAIT-2, and CLOSE-WAIT at the client
    for _ in range(2):
        client = socket.create_connection(("127.0.0.1", 8000))
        server, _ = listener.accept()
        client.close()
        server.close()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 9000))
    held += [udp, *socket.socketpair(), *socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)]
    acknowledged()


def counts(directory):
    document, rows = states()
    test.valid("states", document)
    wanted = {("tcp", "inet", "established"): 6, ("tcp", "inet", "fin_wait2"): 1, ("tcp", "inet", "close_wait"): 1,
              ("tcp", "inet", "time_wait"): 2, ("tcp", "inet", "listen"): 1, ("tcp", "inet6", "listen"): 1,
              ("udp", "inet", "close"): 1, ("unix_stream", "unix", "established"): 2}
    check("TCP, UDP and UNIX by state", wanted, {key: n for key, n in rows.items() if key in wanted})
    shares = [r["share_percent"] for r in document["states"] if r["protocol"] == "tcp" and "sockets" in r]
    check("the shares of a protocol are 100 %", 100, round(sum(shares), 6))
    host = {(r["protocol"], r["state"]): r["scope"] for r in document["states"] if "host" in r}
    check("numbers of the host are named so",
          {("tcp", "alloc"): "host", ("tcp", "orphan"): "host", ("tcp", "mem"): "host", ("udp", "mem"): "host"}, host)
    files = states("--via=procfs")[1]
    ip = lambda rows: {key: n for key, n in rows.items() if key[0] in ("tcp", "udp") or key[0] == "unix_stream"}
    check("procfs counts the same", ip(rows), ip(files))
    capture = os.path.join(directory, "capture")
    duostat("capture", "-q", capture)
    check("a capture counts the same", ip(rows), ip(states("--from=" + capture)[1]))
    check("-t", {"tcp"}, {key[0] for key in states("-t")[1]} - {"mptcp"})
    check("-u", {"udp"}, {key[0] for key in states("-u")[1]})
    check("-x", {"unix"}, {key[1] for key in states("-x")[1]})
    check("-6", {("tcp", "inet6", "listen"): 1}, states("-6", "-t")[1])
    check("--where", 1, len(states("--where=state = close_wait")[1]))
    out = duostat("states", "--by=protocol", "--sum=sockets", "--where=protocol = tcp").stdout.decode().split()
    check("a sum leaves the host's numbers out", True, "12" in out)
    plain = duostat("states").stdout.decode()
    check("no bars on a pipe", False, "#" in plain or "\x1b" in plain)
    check("a child namespace says whose the numbers are", True,
          "of the whole host, not of this network namespace:" in plain)
    for env, mark, colour in (({"LC_ALL": "C"}, "#", True), ({"LC_ALL": "C.UTF-8", "NO_COLOR": "1"}, "\u2588", False)):
        terminal = Terminal(80)
        running = subprocess.Popen([DUOSTAT, "states"], stdout=terminal.writer, stderr=subprocess.PIPE, env=env)
        terminal.start()
        running.communicate()
        text = terminal.finish().decode()
        check(f"bars on a terminal, {env}", (True, colour), (mark in text, "\x1b[" in text))
        bare = text.replace("\x1b[36m", "").replace("\x1b[0m", "")
        check("  that fit its width", [], [line for line in bare.splitlines() if len(line) > 80])


def mptcp(held):
    before = states("-t")[1]
    try:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    except OSError as error:
        return test.skip("MPTCP is counted once", f"no MPTCP here: {error}")
    listener.bind(("127.0.0.1", 7000))
    listener.listen(5)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    client.connect(("127.0.0.1", 7000))
    server, _ = listener.accept()
    held += [listener, client, server]
    after = states("-t")[1]
    check("MPTCP is counted once", {("mptcp", "inet", "listen"): 1, ("mptcp", "inet", "established"): 2},
          {key: n for key, n in after.items() if n != before.get(key)})
    check("  which the text says", True, b"3 TCP subflows of MPTCP are not counted again" in duostat("states").stdout)
    check("procfs has the subflows alone", 3, sum(states("-t", "--via=procfs")[1].values()) - sum(before.values()))


def holder(name):
    """A process with 30 TCP sockets that were never connected, 4 refused ones, and others that are no such sockets."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        namespace.libc.prctl(PR_SET_NAME, name.encode())
        os.closerange(3, writing)
        held = [socket.socket() for _ in range(20)] + [socket.socket(socket.AF_INET6) for _ in range(10)]
        for _ in range(4):
            s = socket.socket()
            s.connect_ex(("127.0.0.1", 1))
            held.append(s)
        held += [socket.create_connection(("127.0.0.1", 8000)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        os.write(writing, b"x")
        signal.pause()
        del held
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return child


def closed():
    name = "l\x1b\n\u202ek"
    child = holder(name)
    document = json.loads(duostat("states", "--closed", "--json").stdout)
    test.valid("closed_sockets", document)
    rows = [r for r in document["closed_sockets"] if r.get("pid") == child]
    if not rows and not document["complete"]:
        test.skip("the process that holds closed sockets", json.dumps(document.get("problems")))
    else:
        check("the process that holds closed sockets", [(34, name)], [(r["closed"], r["process"]) for r in rows])
    for _ in range(100):  # alloc is of the whole host, where other tests run
        document = json.loads(duostat("states", "--closed", "--json").stdout)
        figures = {r["figure"]: r.get("value") for r in document["closed_sockets"] if "figure" in r}
        printed = duostat("ss", "-s").stdout.decode()
        if f"closed {figures['closed']}," in printed:
            break
    check("ss -s prints the figure that is explained", True, f"closed {figures['closed']}," in printed)
    check("a child namespace has no number of its own", False, "without_connection" in figures)
    text = duostat("states", "--closed").stdout
    check("  and says so", True, b'In a child network namespace "closed" means nothing' in text)
    check("no control character of a name", False, b"\x1b" in text)
    if not os.environ.get("DUOSTAT_MAPPED"):
        done = duostat("states", "--closed", "--json", user=NOBODY)
        found = json.loads(done.stdout)
        check("an unprivileged user sees what was not examined", True, bool(found.get("problems")))
        check("  and no process is named", [], [r for r in found["closed_sockets"] if "pid" in r])
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    document = json.loads(duostat("states", "--closed", "--json").stdout)
    check("no process holds them any more", [], [r for r in document["closed_sockets"] if r.get("pid") == child])
    check("--closed -t: status", 2, duostat("states", "--closed", "-t").returncode)


def elsewhere():
    """A process in another network namespace, seen from here: its listener is in a table, its other sockets are not."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
            held = [socket.socket() for _ in range(3)] + [socket.create_server(("0.0.0.0", 0))]
            os.write(writing, b"y")
            signal.pause()
            del held
        except (namespace.Unavailable, OSError):
            os.write(writing, b"n")
        os._exit(0)
    os.close(writing)
    ready = os.read(reading, 1) == b"y"
    os.close(reading)
    document = json.loads(duostat("states", "--closed", "--json").stdout) if ready else {"complete": False}
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    what = "a process in another network namespace"
    if not document["complete"]:
        return test.skip(what, f"it cannot be looked at here: {document.get('problems')}")
    check(what, [3], [r["closed"] for r in document["closed_sockets"] if r.get("pid") == child])


def explained():
    said = " ".join(duostat("explain", "ss", "-s").stdout.decode().split())
    check("explain ss -s has the formula", True, "alloc - (inuse4 + inuse6 - tw)" in said)
    figures = json.loads(duostat("explain", "--json", "ss", "-s").stdout)["explain"][0]["figures"]
    check("  as JSON", {"Total", "TCP", "estab", "closed", "orphaned", "timewait"}, {f["title"] for f in figures[:6]})


def main():
    if os.getuid() != 0:
        os.environ["DUOSTAT_MAPPED"] = "1"
    namespace.enter_or_skip()
    directory = tempfile.mkdtemp()
    held = []
    elsewhere()
    connections(held)
    counts(directory)
    mptcp(held)
    closed()
    explained()
    subprocess.run(["rm", "-rf", directory], check=False)
    test.plan()


main()

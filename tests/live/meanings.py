#!/usr/bin/env python3
"""--meanings: real sockets in telling states, explained by ss and netstat. Runs in a network namespace of its own."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import tap  # noqa: E402  (found only by the line above)

DUOSTAT = str(Path(os.environ["top_builddir"]).resolve() / "duostat")
test = tap.Tap()


def run(*words):
    done = subprocess.run([DUOSTAT, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def until(what, condition):
    """The kernel does its part a moment later."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise TimeoutError(what)


def in_namespace():
    if os.environ.get("DUOSTAT_MEANINGS_INSIDE"):
        return True
    environment = dict(os.environ, DUOSTAT_MEANINGS_INSIDE="1")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            os.execvpe(command[0], [*command, sys.executable, *sys.argv], environment)
    print("1..0 # SKIP no network namespace available")
    sys.exit(0)


def listener(backlog=8):
    server = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    return server, server.getsockname()[1]


def row_with(text, *words):
    """The lines below the first row that has all the words."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if all(word in line for word in words):
            below = []
            for more in lines[i + 1:]:
                if not more.startswith(("\t", "    ")):
                    break
                below.append(more.strip())
            return below
    return []


def close_wait():
    server, port = listener()
    client = socket.create_connection(("127.0.0.1", port))
    taken, _ = server.accept()
    client.close()
    until("the end arrives", lambda: "CLOSE-WAIT" in run("ss", "-tan", f"sport = :{port}")[1])
    until("it is acknowledged", lambda: "FIN-WAIT-2" in run("ss", "-tan", f"dport = :{port}")[1])
    _, text, _ = run("ss", "-tan", "--meanings", f"sport = :{port}")
    below = row_with(text, "CLOSE-WAIT")
    test.report("CLOSE-WAIT: the peer closed its side; the program here has not closed its own" in below,
       "ss: CLOSE-WAIT is explained", text)
    test.report("Recv-Q 1: the peer's end, which counts as 1, and which the program has not read" in below,
       "  Recv-Q 1 is the end that nobody has read", text)
    text = run("ss", "-tan", "--meanings", f"dport = :{port}")[1]
    test.report("FIN-WAIT-2: this side closed" in text and "timer timewait: removes" in text,
                "  the other end, too", text)
    taken.recv(1)
    below = row_with(run("ss", "-tan", "--meanings", f"sport = :{port}")[1], "CLOSE-WAIT")
    test.report(any(line.startswith("Recv-Q 0: the program has read") for line in below),
                "  Recv-Q 0 once it has", below)
    for via in ("netlink", "procfs"):
        _, text, _ = run("netstat", "-tan", "--meanings", f"--via={via}")
        below = row_with(text, f"127.0.0.1:{port}", "CLOSE_WAIT")
        test.report(any(line.startswith("CLOSE_WAIT: the peer closed") for line in below) and
           any(line.startswith("Recv-Q 0: the program has read") for line in below),
           f"netstat from {via}: its own words", text)
    _, text, _ = run("ss", "-tanOH", "--meanings", "state", "close-wait")
    test.report(len(text.splitlines()) == 1 and "(Recv-Q 0: the program has read" in text,
                "ss -O: on the same line", text)
    _, text, _ = run("ss", "-tanQ", "--meanings", "state", "close-wait")
    test.report("CLOSE-WAIT: " in text and "Recv-Q" not in text,
                "ss -Q: queues that are not shown are not explained", text)
    taken.close()
    server.close()


def queue():
    server, port = listener(backlog=1)
    clients = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        clients.append(client)
    until("the queue fills", lambda: "the queue is full" in run("ss", "-tln", "--meanings", f"sport = :{port}")[1])
    below = row_with(run("ss", "-tln", "--meanings", f"sport = :{port}")[1], f":{port}")
    test.report(any(line.startswith("Recv-Q 2: the queue is full") for line in below) and
                any(line.startswith("Send-Q 1: how many connections may wait") for line in below),
                "ss: a full accept queue", below)
    _, text, _ = run("ss", "-tn", "--meanings", f"sport = :{port}")
    test.report("inode 0: no process has it yet: it waits for accept()" in text,
                "  a connection that waits in it", text)
    for client in clients:
        client.close()
    server.close()


def others():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    two = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    two.sendto(b"x" * 100, one.getsockname())
    port = one.getsockname()[1]
    text = run("ss", "-uanm", "--meanings", f"sport = :{port}")[1]
    test.report("bytes of memory for what the program has not read" in text, "ss: Recv-Q of UDP is memory", text)
    text = run("netstat", "-uan", "--meanings")[1]
    test.report("no state: the socket has no peer" in text, "netstat: UDP without a peer", text)
    local = socket.socket(socket.AF_UNIX)
    local.bind("\0duostat-meanings")
    local.listen(3)
    text = run("ss", "-xl", "--meanings", "src", "unix:@duostat-meanings")[1]
    test.report("LISTEN: waits for connections" in text and "Send-Q 3: how many" in text, "ss: a UNIX listener", text)
    text = run("netstat", "-xl", "--meanings")[1]
    below = row_with(text, "@duostat-meanings")
    test.report(any(line.startswith("LISTENING: waits for") for line in below), "netstat: the same in its words", text)
    text = run("ss", "-tan", "--meanings", "--sort=-local_port", "--top=1", "--where=state = listen")[1]
    test.report(text.count("LISTEN") <= 2, "with --where, --sort and --top", text)


def refused():
    for words in (["--json"], ["--columns=state"], ["--by=state"], ["--count"]):
        for program in ("ss", "netstat"):
            status, _, err = run(program, "-ta", "--meanings", *words)
            test.report(status == 2 and "--meanings and" in err, f"{program} --meanings {words[0]} is refused", err)
    for words in (["netstat", "-r"], ["netstat", "-i"], ["netstat", "-s"], ["ss", "-s"], ["ss", "-D", "/dev/null"]):
        status, _, err = run(*words, "--meanings")
        test.report(status == 2 and "--meanings does not go with" in err,
                    f"{' '.join(words)} --meanings is refused", err)


def main():
    in_namespace()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    close_wait()
    queue()
    others()
    refused()
    test.plan()


main()

#!/usr/bin/env python3
"""--meanings: real sockets in telling states, explained by ss and netstat. Runs in a network namespace of its own."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

DUOSTAT = str(Path(os.environ["top_builddir"]).resolve() / "duostat")
number, failed = 0, 0


def ok(what, good, more=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    if not good:
        for line in str(more).splitlines():
            print(f"# {line}")


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
    _, text, _ = run("ss", "-tan", "--meanings", f"sport = :{port}")
    below = row_with(text, "CLOSE-WAIT")
    ok("ss: CLOSE-WAIT is explained",
       "CLOSE-WAIT: the peer closed its side; the program here has not closed its own" in below, text)
    ok("  Recv-Q 1 is the end that nobody has read",
       "Recv-Q 1: the peer's end, which counts as 1, and which the program has not read" in below, text)
    text = run("ss", "-tan", "--meanings", f"dport = :{port}")[1]
    ok("  the other end, too", "FIN-WAIT-2: this side closed" in text and "timer timewait: removes" in text, text)
    taken.recv(1)
    below = row_with(run("ss", "-tan", "--meanings", f"sport = :{port}")[1], "CLOSE-WAIT")
    ok("  Recv-Q 0 once it has", any(line.startswith("Recv-Q 0: the program has read") for line in below), below)
    for via in ("netlink", "procfs"):
        _, text, _ = run("netstat", "-tan", "--meanings", f"--via={via}")
        below = row_with(text, f"127.0.0.1:{port}", "CLOSE_WAIT")
        ok(f"netstat from {via}: its own words",
           any(line.startswith("CLOSE_WAIT: the peer closed") for line in below) and
           any(line.startswith("Recv-Q 0: the program has read") for line in below), text)
    _, text, _ = run("ss", "-tanOH", "--meanings", "state", "close-wait")
    ok("ss -O: on the same line", len(text.splitlines()) == 1 and "(Recv-Q 0: the program has read" in text, text)
    _, text, _ = run("ss", "-tanQ", "--meanings", "state", "close-wait")
    ok("ss -Q: queues that are not shown are not explained", "CLOSE-WAIT: " in text and "Recv-Q" not in text, text)
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
    ok("ss: a full accept queue", any(line.startswith("Recv-Q 2: the queue is full") for line in below) and
       any(line.startswith("Send-Q 1: how many connections may wait") for line in below), below)
    _, text, _ = run("ss", "-tn", "--meanings", f"sport = :{port}")
    ok("  a connection that waits in it", "inode 0: no process has it yet: it waits for accept()" in text, text)
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
    ok("ss: Recv-Q of UDP is memory", "bytes of memory for what the program has not read" in text, text)
    text = run("netstat", "-uan", "--meanings")[1]
    ok("netstat: UDP without a peer", "no state: the socket has no peer" in text, text)
    local = socket.socket(socket.AF_UNIX)
    local.bind("\0duostat-meanings")
    local.listen(3)
    text = run("ss", "-xl", "--meanings", "src", "unix:@duostat-meanings")[1]
    ok("ss: a UNIX listener", "LISTEN: waits for connections" in text and "Send-Q 3: how many" in text, text)
    text = run("netstat", "-xl", "--meanings")[1]
    below = row_with(text, "@duostat-meanings")
    ok("netstat: the same in its words", any(line.startswith("LISTENING: waits for") for line in below), text)
    text = run("ss", "-tan", "--meanings", "--sort=-local_port", "--top=1", "--where=state = listen")[1]
    ok("with --where, --sort and --top", text.count("LISTEN") <= 2, text)


def refused():
    for words in (["--json"], ["--columns=state"], ["--by=state"], ["--count"]):
        for program in ("ss", "netstat"):
            status, _, err = run(program, "-ta", "--meanings", *words)
            ok(f"{program} --meanings {words[0]} is refused", status == 2 and "--meanings and" in err, err)
    for words in (["netstat", "-r"], ["netstat", "-i"], ["netstat", "-s"], ["ss", "-s"], ["ss", "-D", "/dev/null"]):
        status, _, err = run(*words, "--meanings")
        ok(f"{' '.join(words)} --meanings is refused", status == 2 and "--meanings does not go with" in err, err)


def main():
    in_namespace()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    close_wait()
    queue()
    others()
    refused()
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())

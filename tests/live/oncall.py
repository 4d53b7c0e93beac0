#!/usr/bin/env python3
"""The commands of doc/oncall.md, each run in a network namespace in which its trouble was made. Their output is that of
the document but for numbers that change. With DUOSTAT_WRITE_ONCALL=1 the document gets the output."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DUOSTAT = str(Path(os.environ["top_builddir"]).resolve() / "duostat")
DOCUMENT = Path(os.environ["top_srcdir"]).resolve() / "doc" / "oncall.md"
WEB, API, LEAK, STUCK, ECHO, PORTS, LOST = 8080, 8081, 8082, 8083, 8084, 8085, 5514


def in_namespace():
    if os.environ.get("DUOSTAT_ONCALL_INSIDE"):
        socket.sethostname("vm")  # which the document has
        return
    environment = dict(os.environ, DUOSTAT_ONCALL_INSIDE="1")
    if os.geteuid() == 0 and subprocess.run(["unshare", "-nmpuf", "--mount-proc", "true"], capture_output=True,
                                            check=False).returncode == 0:
        os.execvpe("unshare", ["unshare", "-nmpuf", "--mount-proc", sys.executable, *sys.argv], environment)
    print("1..0 # SKIP no network, mount and PID namespace available")
    sys.exit(0)


children = []


def program(name, body):
    """Runs `body` in a process of this name, which then waits. Returns when the body is done."""
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        Path("/proc/self/comm").write_text(name)
        kept = body()
        os.write(done, b"x")
        signal.pause()
        del kept
        os._exit(0)
    os.close(done)
    os.read(ready, 1)
    os.close(ready)
    children.append(child)
    return child


def listening(port, backlog=128, address="127.0.0.1"):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(backlog)
    return server


def connected(address, port, source=None):
    return socket.create_connection((address, port), source_address=source)


def leaky():
    """Takes connections, and never closes them."""
    server = listening(LEAK)
    kept = [server]
    for _ in range(7):
        client = connected("127.0.0.1", LEAK)
        kept.append(server.accept()[0])
        client.close()
    return kept


def stuck():
    """Does not accept."""
    server = listening(STUCK, 2)
    kept = [server]
    for _ in range(5):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", STUCK))
        kept.append(client)
    return kept


def sender():
    server = listening(ECHO)
    one = connected("127.0.0.1", ECHO)
    other = server.accept()[0]
    for _ in range(16):
        one.sendall(b"x" * 65536)
        left = 65536
        while left:
            left -= len(other.recv(left))
    return [server, one, other]


def crawler():
    """Waits for a peer that does not answer."""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("198.51.100.7", 443))
    return [client]


def pool():
    """Uses up the ports to one peer."""
    server = listening(PORTS, 128, "127.0.0.5")
    return [server] + [connected("127.0.0.5", PORTS) for _ in range(48)]


def collector():
    """Reads its datagrams too slowly."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.bind(("127.0.0.1", LOST))
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(200):
        client.sendto(b"x" * 512, ("127.0.0.1", LOST))
    return [server]


def prepare(directory):
    for command in ("ip link set lo up", "ip link add out0 type veth peer name out1",
                    "ip addr add 198.51.100.1/24 dev out0", "ip link set out0 up", "ip link set out1 up",
                    "ip neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev out0"):
        subprocess.run(command.split(), check=True, capture_output=True)
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("50000 50049")
    program("web", lambda: [listening(WEB, 128, "0.0.0.0")])
    program("api", lambda: [listening(API), connected("127.0.0.1", WEB)])
    program("leaky", leaky)
    program("stuck", stuck)
    program("backup", sender)
    program("crawler", crawler)
    program("pool", pool)
    program("collector", collector)
    subprocess.run([DUOSTAT, "capture", "before"], cwd=directory, capture_output=True, check=False)
    program("new", lambda: [listening(9000)])
    later = os.fork()
    if later == 0:
        time.sleep(1)
        Path("/proc/self/comm").write_text("late")
        server = listening(9090)
        signal.pause()
        del server
        os._exit(0)
    children.append(later)
    until("a retransmission", lambda: "timer" in shell("ss -tno state syn-sent", directory)[1])
    time.sleep(3.5)  # the request of the crawler is sent again


def until(what, condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise TimeoutError(what)


def shell(command, directory):
    environment = dict(os.environ, PATH=f"{directory}:" + os.environ["PATH"], COLUMNS="100", LC_ALL="C.UTF-8")
    done = subprocess.run(["sh", "-c", command], cwd=directory, env=environment, capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def shape(text):
    """Without numbers and the blanks around them, which change from run to run."""
    text = re.sub(r"\d+(\.\d+)?", "N", re.sub(r"timer:\(on,[^)]*\)", "timer:(on)", text))
    return sorted(re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if line.strip())


def main():
    in_namespace()
    document = DOCUMENT.read_text()
    blocks = re.findall(r"^    \$ (.*)\n((?:    (?!\$ ).*\n|\n(?=    ))*)", document, flags=re.M)
    number, failed = 0, 0
    with tempfile.TemporaryDirectory() as directory:
        for name in ("ss", "netstat", "duostat"):
            os.symlink(DUOSTAT, f"{directory}/{name}")
        try:
            prepare(directory)
            for command, expected in blocks:
                status, text = shell(command, directory)
                text = "\n".join(line.rstrip().expandtabs(8) for line in text.splitlines()) + "\n"
                if os.environ.get("DUOSTAT_WRITE_ONCALL"):
                    shown = "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
                    document = document.replace(f"    $ {command}\n{expected}", f"    $ {command}\n{shown}")
                    continue
                number += 1
                good = shape(text) == shape(expected)
                failed += not good
                print(f"{'ok' if good else 'not ok'} {number} - {command}")
                if not good:
                    for line in [f"status {status}", *text.splitlines()]:
                        print(f"# {line}")
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
    if os.environ.get("DUOSTAT_WRITE_ONCALL"):
        DOCUMENT.write_text(document)
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())

#!/usr/bin/env python3
"""`duostat wait` against sockets that appear and go, in a network namespace of its own: none is missed, and it looks
seldom enough. Speaks TAP.

DUOSTAT_TEST_EFFORT: full waits 1,000 times for a listener, otherwise 40 times. Prints the delays; no case is about
them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
TIMES = 1000 if os.environ.get("DUOSTAT_TEST_EFFORT") == "full" else 40
TIMEOUT = "--timeout=60"


def start(*words):
    return subprocess.Popen([DUOSTAT, "wait", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def sleeping(pid):
    """True once the process sleeps between two looks."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "S"


def until_sleeping(process):
    while process.poll() is None and not sleeping(process.pid):
        time.sleep(0.001)


def bound(port, backlog=1):
    return socket.create_server(("127.0.0.1", port), backlog=backlog)


def listeners(out):
    """A listener that appears after 50 ms, again and again."""
    missed, delays, looks = [], [], []
    for n in range(TIMES):
        port = 20000 + n
        waiting = start("listen", f"sport = :{port}", TIMEOUT, "-v")
        time.sleep(0.05)
        server = bound(port)
        listening = time.monotonic()
        status, _, err = ended(waiting)
        delays.append(time.monotonic() - listening)
        server.close()
        said = re.fullmatch(r"duostat wait: found after ([\d.]+) s, (\d+) looks?\n", err)
        if status != 0 or not said:
            missed.append(f"{port}: {status} {err}")
        else:
            looks.append((float(said.group(1)), int(said.group(2))))
    out.ok(f"{TIMES} listeners, none missed", missed)
    # At least 2 ms between two looks, whatever the load.
    out.ok("a pause of 2 ms or more between two looks", [f"{n} looks in {s} s" for s, n in looks if n > s / 0.002 + 2])
    print(f"# from listen() to the end of the command: median {1000 * statistics.median(delays):.1f} ms, "
          f"at most {1000 * max(delays):.1f} ms")


def processor_time(out):
    """While it waits for what does not come: figures only, as the share depends on the machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, _, err = ended(start("listen", "sport = :9", "--timeout=2"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    out.ok("a time-out says so, with status 1",
           [] if status == 1 and "no such socket after 2.0" in err else [f"{status} {err}"])
    print(f"# waiting 2 s took {1000 * spent:.1f} ms of processor time: {err.strip()}")


def case(out, name, words, act, status=0):
    waiting = start(*words)
    until_sleeping(waiting)
    problems = [] if waiting.poll() is None else ["it ended before"]
    kept = act()
    got, text, err = ended(waiting)
    if got != status or text:
        problems.append(f"status {got}: {text} {err}")
    out.ok(name, problems)
    return kept


def changes(out):
    server = bound(8080, backlog=16)
    client = case(out, "a connection", ["established", "dport = :8080", TIMEOUT],
                  lambda: socket.create_connection(("127.0.0.1", 8080)))
    accepted = server.accept()[0]
    case(out, "none left", ["established", "sport = :8080", "--gone", TIMEOUT],
         lambda: (client.close(), accepted.close()))
    case(out, "three of a kind", ["--at-least=3", "established", "sport = :8080", TIMEOUT],
         lambda: [socket.create_connection(("127.0.0.1", 8080)) for _ in range(3)])
    case(out, "by procfs", ["listen", "sport = :8081", "--via=procfs", TIMEOUT], lambda: bound(8081))
    case(out, "by --where", [f"--where=sport = 8082 and pid = {os.getpid()}", TIMEOUT], lambda: bound(8082))
    case(out, "UDP", ["-u", "sport = :5300", TIMEOUT], lambda: udp(5300))
    case(out, "UNIX, by the family of the filter", ["listen", "src unix:*duostat-wait-test*", TIMEOUT], unix_listener)
    case(out, "IPv6 only", ["-6", "listen", "sport = :8083", TIMEOUT],
         lambda: socket.create_server(("::1", 8083), family=socket.AF_INET6))
    status, _, err = ended(start("-6", "listen", "sport = :8080", "--timeout=0"))
    out.ok("IPv6 only: an IPv4 socket does not count", [] if status == 1 else [f"{status} {err}"])


def udp(port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", port))
    return made


def unix_listener():
    made = socket.socket(socket.AF_UNIX)
    made.bind("\0duostat-wait-test")
    made.listen(1)
    return made


def as_nobody(out):
    """An ordinary user may wait for a socket, but cannot know that no process of others has one."""
    def ordinary():
        os.setgid(65534)
        os.setuid(65534)
    if os.getuid() != 0:
        return out.skip("an ordinary user", "this one is ordinary already")
    server = bound(8090)
    ran = subprocess.run([DUOSTAT, "wait", "listen", "sport = :8090", "--timeout=0"], preexec_fn=ordinary)
    out.ok("an ordinary user", [] if ran.returncode == 0 else [f"status {ran.returncode}"])
    ran = subprocess.run([DUOSTAT, "wait", "--where=sport = 8090 and process = nosuch", "--gone", "--timeout=0"],
                         preexec_fn=ordinary, stderr=subprocess.PIPE, text=True)
    out.ok("an owner that is not visible is no absence",
           [] if ran.returncode == 3 and "of unknown owner" in ran.stderr
           else [f"status {ran.returncode}: {ran.stderr}"])
    server.close()


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    out = tap.Tap()
    listeners(out)
    processor_time(out)
    changes(out)
    as_nobody(out)
    out.plan()


if __name__ == "__main__":
    main()

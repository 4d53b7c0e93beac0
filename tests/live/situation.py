# Situations for tests of commands: sockets that stay open, processes with names, and namespaces of their own for a
# case.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys

import namespace
import steady
import tap

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))


def duostat(*words, user=None, **more):
    """The finished program; `user`: as this user."""
    drop = (lambda: os.setresuid(user, user, user)) if user else None
    return subprocess.run([DUOSTAT, *words], capture_output=True, preexec_fn=drop, timeout=300, **more)


def rules_of_the_host():
    """Rules about the whole host or every process: what they find is not the doing of a case. Counters grow in some."""
    text = subprocess.run([DUOSTAT, "audit", "--list-rules"], stdout=subprocess.PIPE, text=True).stdout
    return ",".join(re.findall(r"^# ([a-z-]+): (?:host|every process),", text, re.M))


kept = []  # sockets that must stay open


def keep(thing):
    kept.append(thing)
    return thing


def rename(name):
    with open("/proc/self/comm", "wb") as comm:
        comm.write(name if isinstance(name, bytes) else name.encode())


def process(name, act):
    """A process of this name that runs `act`, reports, and stays until it is ended."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            rename(name)
            act()
            os.write(tell, b".")
            while True:
                signal.pause()
        except BaseException as error:  # noqa: BLE001
            os.write(tell, f"{type(error).__name__}: {error}".encode()[:300])
        finally:
            os._exit(1)
    os.close(tell)
    with os.fdopen(ready, "rb", buffering=0) as pipe:
        answer = pipe.read(300)
    if answer != b".":
        raise RuntimeError(f"the process {name} failed: {answer!r}")
    return pid


def end(*pids):
    """With the processes that they started."""
    for pid in pids:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def listener(address=("127.0.0.1", 0), backlog=512, family=socket.AF_INET, options=()):
    s = keep(socket.socket(family))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    for option in options:
        s.setsockopt(*option)
    s.bind(address)
    s.listen(backlog)
    return s


def connect(address, start=None):
    """`start(socket)` is called before the connection is made."""
    s = keep(socket.socket())
    if start:
        start(s)
    s.connect(address)
    return s


def attempt(address, start=None):
    s = keep(socket.socket())
    if start:
        start(s)
    s.setblocking(False)
    s.connect_ex(address)
    return s


def acknowledged():
    """Waits until the other ends have acknowledged every end of a connection here: until then it is in FIN-WAIT-1,
    CLOSING or LAST-ACK. False if one is after some seconds."""
    def waiting():
        with open("/proc/net/tcp") as v4, open("/proc/net/tcp6") as v6:
            return any(line.split()[3] in ("04", "09", "0B") for line in (*v4, *v6))
    return any(not waiting() for _ in steady.pauses(12))


def in_a_world(run):
    """Runs a case in namespaces of its own. Returns its problems, or the reason why it could not run."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        try:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
            namespace.enter()
            problems = run()
            answer = {"skip": "this kernel has no interface that swallows packets"} if problems is None else problems
        except (namespace.Unavailable, PermissionError) as error:
            answer = {"skip": str(error)}
        except Exception as error:  # noqa: BLE001  (told as a problem)
            answer = [f"{type(error).__name__}: {error}"]
        os.write(tell, json.dumps(answer).encode()[:60000])
        os._exit(0)
    os.close(tell)
    with os.fdopen(ready, "rb") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else ["the case ended without an answer"]


def run_cases(cases):
    """Runs each case, or those named on the command line, in a world of its own."""
    out = tap.Tap()
    for case in cases:
        if sys.argv[1:] and case.__name__ not in sys.argv[1:]:
            continue
        answer = in_a_world(case)
        name = case.__name__.replace("_", " ")
        if isinstance(answer, dict):
            out.skip(name, answer["skip"])
        else:
            out.report(not answer, name, *answer)
    out.plan()

#!/usr/bin/env python3
"""duostat listen: listeners of every kind in a namespace of their own, baselines, and what a user without rights is
told. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
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
import steady  # noqa: E402
import tap  # noqa: E402
from situation import DUOSTAT, duostat  # noqa: E402
from terminal import Terminal  # noqa: E402

IPPROTO_MPTCP, PR_SET_NAME, NOBODY = 262, 15, 65534
HOSTILE = "e\x1b[31m\n\u202ev"
test = tap.Tap()
check = test.same
children = []


def rename(name):
    namespace.libc.prctl(PR_SET_NAME, name.encode())


def tcp(address, port, backlog=5, protocol=0, group=False, v6only=None, device=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM, protocol)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if group:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
    s.bind((address, port))
    s.listen(backlog)
    return s


def udp(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, port))
    return s


def unix(name, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(name)
    s.listen(7)
    return s


def process(name, make, close=()):
    """A child of that name that holds the sockets of make(). Waits until it does."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        rename(name)
        for s in close:
            s.close()
        try:
            held = make()
            os.write(writing, b"ok")
        except OSError as error:
            os.write(writing, str(error).encode())
        signal.pause()
        del held
    os.close(writing)
    said = os.read(reading, 200).decode()
    os.close(reading)
    if said != "ok":
        print(f"# {name}: {said}")
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None
    children.append(child)
    return child


def end(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    children.remove(child)


def listed(*words, status=0):
    done = duostat(*words)
    if done.returncode != status:
        print(f"# {words}: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)["listeners"]


def by_port(rows, port, **wanted):
    return [r for r in rows if r.get("port") == port and all(r.get(k) == v for k, v in wanted.items())]


def only(row, *keys):
    return tuple(row.get(key) for key in keys)


def kinds(alpha, mptcp):
    document = json.loads(duostat("listen", "--json").stdout)
    test.valid("listeners", document)
    rows = document["listeners"]
    check("an address with a queue", [(5, 5, 1, "all", "inet", "alpha", alpha, 0, False, False)],
          [only(r, "backlog", "backlog", "queue", "bound", "family", "process", "pid", "uid", "activated", "kernel")
           for r in by_port(rows, 22)])
    check("loopback", ["loopback"], [r["bound"] for r in by_port(rows, 631)])
    check("both families", [("::", "all", False)], [only(r, "address", "bound", "v6only") for r in by_port(rows, 8080)])
    check("IPv6 alone", [("::", "all", True)], [only(r, "address", "bound", "v6only") for r in by_port(rows, 8081)])
    check("a reuseport group is one listener for each program", [("delta", 1, 10), ("gamma", 4, 10)],
          sorted(only(r, "process", "sockets", "backlog") for r in by_port(rows, 9000)))
    if mptcp:
        check("MPTCP is listed once", [("mptcp", "epsilon", 1)],
              [only(r, "protocol", "process", "sockets") for r in by_port(rows, 7000)])
    else:
        test.skip("MPTCP is listed once", "no MPTCP here")
    check("a bound UDP socket", [("udp", "zeta", None, None)],
          [only(r, "protocol", "process", "queue", "backlog") for r in by_port(rows, 5353)])
    check("no connected UDP socket", [], by_port(rows, 5354))
    check("a device", [("lo", "address" if not by_port(rows, 6000)[0]["address"].startswith("127") else "loopback")],
          [only(r, "device", "bound") for r in by_port(rows, 6000)])
    names = {r.get("name"): only(r, "protocol", "backlog", "process") for r in rows if r["family"] == "unix"}
    check("UNIX listeners", ("unix_stream", 7, "zeta"), names.get("@abstract\n\u202e"))
    check("  of both types", ("unix_seqpacket", 7, "zeta"), names.get("@packets"))
    check("socket activation", [("systemd", 1, True)], [only(r, "process", "pid", "activated")
                                                        for r in by_port(rows, 2222)])
    check("  and a service that runs", [("eta", False, 1)],
          [only(r, "process", "activated", "sockets") for r in by_port(rows, 2223)])
    check("a hostile name is whole in JSON", [HOSTILE], [r["process"] for r in by_port(rows, 4444)])
    return rows


def sources(rows, capture):
    """The same from the other backend and from a capture."""
    unknown = ("v6only", "drops", "backlog", "device", "ifindex")
    here = lambda r: {k: v for k, v in r.items()
                      if k not in unknown and not (r["family"] == "unix" and k in ("queue", "uid", "user"))}
    files = listed("listen", "--json", "--via=procfs")
    without_mptcp = lambda rows: [here(r) for r in rows if r.get("port") != 7000]
    netlink, procfs = without_mptcp(rows), without_mptcp(files)
    check("procfs lists the same", ([], []), ([r for r in netlink if r not in procfs],
                                              [r for r in procfs if r not in netlink]))
    done = duostat("capture", "-q", capture)
    check("captured", 0, done.returncode)
    for words in (["listen", "--from=" + capture], ["--from=" + capture, "listen"]):
        check(" ".join(words).replace(capture, "FILE") + " lists the same", rows, listed(*words, "--json"))


def options(rows):
    count = lambda *words: len(listed("listen", "--json", *words))
    ip = [r for r in rows if r["family"] != "unix"]
    check("-t", len([r for r in ip if r["protocol"] in ("tcp", "mptcp")]), count("-t"))
    check("-u", len([r for r in ip if r["protocol"] == "udp"]), count("-u"))
    check("-x", len([r for r in rows if r["family"] == "unix"]), count("-x"))
    check("-4", len([r for r in ip if r["family"] == "inet"]), count("-4"))
    check("-6", len([r for r in ip if r["family"] == "inet6"]), count("-6"))
    check("-tx", count("-t") + count("-x"), count("-tx"))
    check("-n names no service", [], [r for r in listed("listen", "--json", "-n") if "service" in r or "user" in r])
    check("--where", [22], [r["port"] for r in listed("listen", "--json", "--where=port = 22")])
    check("--count", str(len(rows)), duostat("listen", "--count").stdout.decode().strip())
    done = duostat("listen", "extra")
    check("an operand: status", 2, done.returncode)
    check("--write-baseline with -t: status", 2, duostat("listen", "-t", "--write-baseline=x").returncode)
    check("--write-baseline with --json: status", 2, duostat("listen", "--json", "--write-baseline=x").returncode)
    check("a baseline that does not exist: status", 3, duostat("listen", "--baseline=/nonexistent").returncode)
    done = duostat("listen", "--baseline=/dev/null")
    check("a file that is no baseline: status", 3, done.returncode)
    check("  and what it says", True, b"not a baseline" in done.stderr)


def text():
    plain = duostat("listen").stdout
    check("controls in names do not reach a pipe", False, any(bad in plain
                                                              for bad in (b"\x1b", b"\n\xe2", b"abstract\n")))
    check("socket activation in the text", True, b" systemd (activated) " in plain)
    check("nothing is cut on a pipe", True, b"/a/long/path/of/a/socket/that/does/not/fit/on/eighty/columns" in plain)
    terminal = Terminal(80)
    running = subprocess.Popen([DUOSTAT, "listen"], stdout=terminal.writer, stderr=subprocess.PIPE)
    terminal.start()
    running.communicate()
    lines = terminal.finish().decode().splitlines()
    check("80 columns of a terminal", [], [line for line in lines if len(line) > 80])
    check("  in as many lines", len(plain.splitlines()), len(lines))
    check("  with a mark where something is cut", True, any(".." in line for line in lines))
    check("  and no character that turns the text", False, any("\u202e" in line for line in lines))


def drops():
    """A backlog of 1 holds two connections; the next ones are dropped."""
    clients = []
    for _ in range(6):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", 4444))
        clients.append(s)
    found = lambda: by_port(listed("listen", "--json", "--via=netlink"), 4444)[0]
    full = lambda: found()["queue"] > found()["backlog"] and found()["drops"] > 0
    check("a full queue drops", True, any(full() or steady.time.sleep(0.1) for _ in range(300)))
    check("procfs does not know TCP's drops", False, "drops" in by_port(listed("listen", "--json", "--via=procfs"),
                                                                        4444)[0])


def baselines(directory, alpha):
    file = os.path.join(directory, "baseline")
    done = duostat("listen", "--write-baseline=" + file)
    check("written: status", (0, b""), (done.returncode, done.stdout))
    differences = lambda status=1, *words: [only(r, "change", "port", "process") for r in
                                            listed("listen", "--json", "--baseline=" + file, *words, status=status)]
    check("unchanged", [], differences(0))
    done = duostat("listen", "--baseline=" + file)
    check("  in text", (0, True), (done.returncode, done.stdout.endswith(b"listeners, none new, gone or changed\n")))
    extra = process("theta", lambda: [tcp("0.0.0.0", 1234)])
    check("new", [("new", 1234, "theta")], differences())
    done = duostat("listen", "--baseline=" + file)
    check("  in text", (1, True), (done.returncode, b"new" in done.stdout and b"1234" in done.stdout))
    check("  not with another selection", [], differences(0, "-u"))
    check("  not with --where", [], differences(0, "--where=port != 1234"))
    end(extra)
    end(alpha)
    check("gone", [("gone", 22, "alpha")], differences())
    other = process("iota", lambda: [tcp("0.0.0.0", 22)])
    check("changed", [("changed", 22, "iota")], differences())
    test.valid("listeners", json.loads(duostat("listen", "--json", "--baseline=" + file).stdout))
    check("  from whom", True, listed("listen", "--json", "--baseline=" + file,
                                      status=1)[0]["before"].startswith("alpha, user 0"))
    end(other)
    process("alpha", lambda: [tcp("0.0.0.0", 22)])
    check("a restart changes nothing", [], differences(0))
    chosen = process("kappa", lambda: [tcp("0.0.0.0", 0)])
    check("a chosen port is new", ["new"], [d[0] for d in differences()])
    duostat("listen", "--write-baseline=" + file)
    end(chosen)
    process("kappa", lambda: [tcp("0.0.0.0", 0)])
    check("another chosen port of the same owner is not", [], differences(0))
    os.chmod(file, 0o644)
    return file


def without_rights(file):
    if os.environ.get("DUOSTAT_MAPPED"):
        return test.skip("without rights", "not root")
    done = duostat("listen", "--json", user=NOBODY)
    document = json.loads(done.stdout)
    test.valid("listeners", document)
    owned = [r for r in document["listeners"] if "pid" in r]
    sockets = lambda rows: sum(r["sockets"] for r in rows)
    check("nobody sees every listener", (0, sockets(listed("listen", "--json"))),
          (done.returncode, sockets(document["listeners"])))
    check("  without an owner", [], owned)
    check("  and no socket is said to be the kernel's", [], [r for r in document["listeners"] if "kernel" in r])
    check("  which the document says", (False, True), (document["complete"],
                                                       "without a visible owner" in json.dumps(document)))
    done = duostat("listen", user=NOBODY)
    total = len(document["listeners"])
    check("  and the text", True,
          f"{total} of {total} listeners without a visible owner: no permission".encode() in done.stderr)
    done = duostat("listen", "--baseline=" + file, user=NOBODY)
    check("a baseline's owners cannot be compared: status", 1, done.returncode)
    check("  which is said", True, b"listeners whose owner could not be compared" in done.stderr)
    check("  but nothing is new, gone or changed", b"", done.stdout)


def main():
    if os.getuid() != 0:
        os.environ["DUOSTAT_MAPPED"] = "1"
    namespace.enter_or_skip()
    rename("systemd")
    directory = tempfile.mkdtemp()
    os.chmod(directory, 0o755)
    path = directory + "/a/long/path/of/a/socket/that/does/not/fit/on/eighty/columns"
    os.makedirs(os.path.dirname(path))
    activated = [tcp("127.0.0.1", 2222), tcp("127.0.0.1", 2223)]
    everything = activated
    alpha = process("alpha", lambda: [tcp("0.0.0.0", 22)], everything)
    process("beta", lambda: [tcp("127.0.0.1", 631), tcp("::", 8080, v6only=0), tcp("::", 8081, v6only=1),
                             tcp("127.0.0.1", 6000, device="lo")], everything)
    process("gamma", lambda: [tcp("0.0.0.0", 9000, 10, group=True) for _ in range(4)], everything)
    process("delta", lambda: [tcp("0.0.0.0", 9000, 10, group=True)], everything)
    mptcp = process("epsilon", lambda: [tcp("0.0.0.0", 7000, protocol=IPPROTO_MPTCP)], everything)

    def others():
        connected = udp("127.0.0.1", 5354)
        connected.connect(("127.0.0.1", 5353))
        return [udp("0.0.0.0", 5353), connected, unix("\0abstract\n\u202e"), unix("\0packets", socket.SOCK_SEQPACKET),
                unix(path)]

    process("zeta", others, everything)
    process("eta", lambda: [], [activated[0]])
    process(HOSTILE, lambda: [tcp("127.0.0.1", 4444, 1)], everything)
    waiting = socket.create_connection(("127.0.0.1", 22))
    rows = kinds(alpha, mptcp)
    sources(rows, os.path.join(directory, "capture"))
    options(rows)
    text()
    waiting.close()
    file = baselines(directory, alpha)
    without_rights(file)
    drops()
    for child in list(children):
        end(child)
    subprocess.run(["rm", "-rf", directory], check=False)
    test.plan()


main()

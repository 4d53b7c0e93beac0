#!/usr/bin/env python3
"""--all-netns in namespaces of its own: equal addresses in several network namespaces stay apart, in every form and
from each backend; names, hostile ones too; what may not be looked at is counted; no descriptor is kept; -N by path and
by process. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import situation  # noqa: E402
import tap  # noqa: E402

NOBODY = 65534
NAMES = ["blue", "red", "a b\nc"]  # of five namespaces: two have no name
HOSTILE = "x\ntcp LISTEN"  # name of the process in the last one
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)


def run(front_end, *words, user=None, limit=None, inside=None):
    """`inside`: a file of the network namespace to run in."""
    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        if inside:
            with open(inside) as file:
                assert libc.setns(file.fileno(), namespace.CLONE_NEWNET) == 0
        if user:
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
    return subprocess.run([situation.DUOSTAT, front_end, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="backslashreplace", preexec_fn=prepare, timeout=300,
                          env={**os.environ, "LC_ALL": "C"})


def place_of_netns():
    """An empty directory where `ip netns` keeps its names; those of the host are not seen in this mount namespace."""
    with open("/proc/self/mountinfo") as mounts:
        for line in mounts:
            if " - nsfs " in line:
                libc.umount2(line.split()[4].encode().decode("unicode_escape").encode("latin-1"), MNT_DETACH)
    directory = os.path.realpath("/var/run")
    namespace.mount("none", directory, "tmpfs")
    os.mkdir(f"{directory}/netns")
    return f"{directory}/netns"


def name(directory, word, pid):
    path = f"{directory}/{word}"
    open(path, "w").close()
    namespace.mount(f"/proc/{pid}/ns/net", path, flags=namespace.MS_BIND)


def inhabitant(number, hostile=False):
    """A process in a network namespace of its own with the same sockets as every other."""
    def act():
        namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
        namespace.interface_up("lo")
        subprocess.run(["ip", "link", "add", f"dummy{number}", "type", "dummy"], check=False, stderr=subprocess.DEVNULL)
        listening = situation.listener(("127.0.0.1", 8080))
        situation.keep(situation.connect(("127.0.0.1", 8080), lambda s: s.bind(("127.0.0.1", 40000))))
        situation.keep(listening.accept()[0])
        udp = situation.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 5300))
        unix = situation.keep(socket.socket(socket.AF_UNIX))
        unix.bind(b"\0the same")
        unix.listen()
        try:
            bound = situation.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, f"dummy{number}".encode())
            bound.bind(("0.0.0.0", 5400))
        except OSError:
            pass  # no dummy interfaces here
    return situation.process(HOSTILE if hostile else f"inhabitant{number}", act)


def has_dummies(pid):
    return "dummy" in open(f"/proc/{pid}/net/dev").read()


class World:
    def __init__(self):
        self.names = place_of_netns()
        self.pids = [inhabitant(n, hostile=n == 4) for n in range(5)]
        for word, pid in zip(NAMES, self.pids):
            name(self.names, word, pid)
        self.labels = ["blue", "red", "a.b.c", f"{self.pids[3]}/inhabitant3", f"{self.pids[4]}/x.tcp.LISTEN"]
        self.raw = ["blue", "red", "a b\nc", self.labels[3], f"{self.pids[4]}/{HOSTILE}"]

    def inside(self, pid, *words):
        return run(*words, inside=f"/proc/{pid}/ns/net").stdout.splitlines()


def split(text):
    """The rows by their first word."""
    found = {}
    for line in text.splitlines():
        label, _, rest = line.partition(" ")
        found.setdefault(label, []).append(" ".join(rest.split()))
    return {label: sorted(rows) for label, rows in found.items()}


def rows(out, world):
    for words in (["ss", "-tlnH"], ["ss", "-tuanH"], ["ss", "-xlnH"], ["ss", "-tuanpHe"],
                  ["ss", "-tlnH", "--via=procfs"], ["ss", "-tlnH", "--via=netlink"], ["ss", "-tuanH", "--via=procfs"],
                  ["netstat", "-tun"], ["netstat", "-tlnp"], ["netstat", "-xln"], ["netstat", "-tln", "--via=procfs"],
                  ["netstat", "-tln", "--via=netlink"]):
        done = run(*words, "--all-netns")
        titles = ("Active ", "Netns ")
        got = split("\n".join(line for line in done.stdout.splitlines() if not line.startswith(titles)))
        wanted = {}
        for label, pid in zip(world.labels, world.pids):
            inner = world.inside(pid, *words)
            wanted[label] = sorted(" ".join(line.split()) for line in inner
                                   if not line.startswith(("Active ", "Proto ")))
        got = {label: lines for label, lines in got.items() if label in wanted}
        out.same(" ".join(words), wanted, got)
        out.same("  status and messages", (0, ""), (done.returncode, done.stderr))
    done = run("ss", "-tln", "--all-netns")
    out.ok("a heading", [] if done.stdout.startswith("Netns ") else [done.stdout[:200]])
    done = run("ss", "-tlnH", "--all-netns", "--sort=-netns")
    out.same("sorted rows keep their namespaces", sorted(world.labels, reverse=True),
             [line.split()[0] for line in done.stdout.splitlines()])
    done = run("ss", "-tlnH", "--all-netns", "--top=2", "--where=netns != red and netns != blue")
    out.same("--top and --where", 2, len(done.stdout.splitlines()))


def interfaces(out, world):
    what = "interfaces have the names of their namespaces"
    if not has_dummies(world.pids[0]):
        return out.skip(what, "no dummy interfaces")
    for more in ([], ["--sort=netns"], ["--sort=netns", "--columns=netns,interface"]):
        done = run("ss", "-uanH", "--all-netns", *more, "sport = 5400")
        problems = [f"{label}: {done.stdout}" for number, label in enumerate(world.raw)
                    if not any(line.startswith(label.split("\n")[0].split(" ")[0]) and f"dummy{number}" in line
                               for line in done.stdout.splitlines())]
        out.ok(f"{what} {' '.join(more)}", problems)


def forms(out, world):
    document = json.loads(run("ss", "-tln", "--all-netns", "--json").stdout)
    out.valid("sockets", document)
    inodes = [os.stat(f"/proc/{pid}/ns/net").st_ino for pid in world.pids]
    got = {s["netns"]["inode"]: s["netns"] for s in document["sockets"]}
    out.same("JSON: inodes", sorted(inodes), sorted(got))
    out.same("JSON: labels", world.raw, [got[inode]["label"] for inode in inodes])
    out.same("JSON: names", NAMES + [None, None], [got[inode].get("name") for inode in inodes])
    out.same("JSON: equal addresses", {("127.0.0.1", 8080)},
             {(s["local_address"], s["local_port"]) for s in document["sockets"]})
    out.same("JSON: whole", True, document["complete"])
    done = run("ss", "-tln", "--all-netns", "--columns=local,sport")
    out.same("--columns has the namespace first", ["netns", "local", "sport"], done.stdout.splitlines()[0].split())
    out.same("  and a row for each", 6, len(done.stdout.splitlines()))
    groups = json.loads(run("ss", "-tn", "--all-netns", "--by=netns", "--json").stdout)
    out.valid("socket_groups", groups)
    out.same("--by=netns", {label: 2 for label in world.raw}, {g["netns"]: g["count"] for g in groups["socket_groups"]})
    out.same("--count", "5\n", run("ss", "-tln", "--all-netns", "--count").stdout)
    out.same("--where", "1\n", run("ss", "-tln", "--all-netns", "--count", "--where=netns = blue").stdout)
    inode = inodes[3]
    out.same("--where, by inode", "2\n", run("netstat", "-tn", "--all-netns", "--count",
                                            f"--where=netns_inode = {inode}").stdout)
    alone = json.loads(run("ss", "-tln", "--json=lines", "--columns=netns,sport").stdout or "{}")
    out.same("without --all-netns the own namespace alone", {}, alone)


def records(out, world):
    """The other modes of netstat, and our own commands."""
    for words, kind, least in (("-r", "routes", 0), ("-i -a", "interfaces", 1), ("-g", "groups", 1),
                               ("-s", "counters", 50)):
        words = words.split()
        document = json.loads(run("netstat", *words, "--all-netns", "--json").stdout)
        out.valid(kind, document)
        found = {}
        for record in document[kind]:
            found[record["netns"]["label"]] = found.get(record["netns"]["label"], 0) + 1
        wanted = {}
        for label, pid in zip(world.raw, world.pids):
            alone = json.loads("\n".join(world.inside(pid, "netstat", *words, "--json", "--count")))
            if alone["counts"][0]["count"]:
                wanted[label] = alone["counts"][0]["count"]
        out.same(f"netstat {' '.join(words)}: records of each", wanted, {k: v for k, v in found.items() if k in wanted})
        out.same(f"netstat {' '.join(words)}: enough", True, all(wanted.get(label, 0) >= least for label in world.raw))
        done = run("netstat", *words, "--all-netns")
        got = split(done.stdout)
        for label, pid in zip(world.labels, world.pids):
            inner = sorted(" ".join(line.split()) for line in world.inside(pid, "netstat", *words))
            if kind == "counters":
                inner, got[label] = [line.split()[-1] for line in inner], [line.split()[-1] for line in got[label]]
                inner, got[label] = len(inner), len(got[label])  # counters move
            out.same(f"netstat {' '.join(words)} in {label.split('/')[-1]}", inner, got.get(label, []))
        out.same("  status and messages", (0, ""), (done.returncode, done.stderr))
    done = run("netstat", "-i", "-a", "--all-netns", "--columns=name", "--where=netns = red and name = lo")
    out.same("records: --where and --columns", ["netns name", "red lo"],
             [" ".join(line.split()).lower() for line in done.stdout.splitlines()])
    done = run("netstat", "-i", "-a", "--all-netns", user=NOBODY)
    out.ok("nobody: interfaces need the right to enter", [] if "8 of 9 network namespaces could not be looked at" in
           done.stderr and done.returncode == 1 else [f"{done.returncode} {done.stderr}"])
    document = json.loads(run("listen", "--all-netns", "--json").stdout)
    out.valid("listeners", document)
    out.same("listen", sorted(world.raw), sorted(entry["netns"]["label"] for entry in document["listeners"]
                                                 if entry.get("port") == 8080))
    text = run("listen", "-t", "--all-netns").stdout
    out.same("listen, text", ["NETNS"] + [label.replace("\n", ".").split()[0] for label in sorted(world.raw)],
             [text.split()[0]] + sorted(line.split()[0] for line in text.splitlines()[1:]))
    document = json.loads(run("states", "-t", "--all-netns", "--json").stdout)
    out.valid("states", document)
    out.same("states", {label: 2 for label in world.raw},
             {row["netns"]["label"]: row["sockets"] for row in document["states"] if row.get("state") == "established"})
    out.ok("states, text", [] if run("states", "-t", "--all-netns").stdout.startswith("NETNS") else ["no column"])


def audit(out):
    """A full accept queue in two namespaces; rules about the host look once."""
    def act():
        namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
        namespace.interface_up("lo")
        situation.listener(("127.0.0.1", 8081), backlog=2)
        for _ in range(3):
            situation.attempt(("127.0.0.1", 8081))
    pids = [situation.process(f"full{n}", act) for n in range(2)]
    labels = sorted(f"{pid}/full{n}" for n, pid in enumerate(pids))
    done = run("audit", "--all-netns", "--only=accept-queue,orphans", "--json")
    document = json.loads(done.stdout)
    out.valid("findings", document)
    out.same("audit: a finding of each namespace", labels,
             sorted(f["netns"]["label"] for f in document["findings"] if f["rule"] == "accept-queue"))
    out.same("  and a rule of the host looked once", 1,
             sum(n["rule"] == "orphans" for n in document["not_looked_at"]) or 1)
    out.same("  status", 2, done.returncode)
    text = run("audit", "--all-netns", "--only=accept-queue").stdout
    out.ok("  the text names them", [label for label in labels if f"network namespace {label}" not in text])
    out.same("  --where", "1\n", run("audit", "--all-netns", "--only=accept-queue", "--count",
                                     f'--where=netns = "{labels[0]}"').stdout)
    situation.end(*pids)


def report(out, world):
    document = json.loads(run("report", "--all-netns", "--json").stdout)
    out.valid("report", document)
    sections = document["report"]
    out.same("report: sections of each namespace", sorted({entry["netns"]["label"] for entry in sections}),
             sorted({*world.raw} | {entry["netns"]["label"] for entry in sections}))
    out.same("  with the connections of each", {label: 2 for label in world.raw},
             {entry["netns"]["label"]: row["sockets"] for entry in sections if entry["section"] == "states"
              for row in entry["rows"] if row.get("state") == "established" and row["protocol"] == "tcp" and
              entry["netns"]["label"] in world.raw})
    out.same("  numbers of the host once", 1,
             len({entry["netns"]["label"] for entry in sections if entry["section"] == "states"
                  for row in entry["rows"] if row.get("scope") == "host"}))
    page = xml.etree.ElementTree.fromstring(run("report", "--all-netns", "--html=-").stdout.split("\n", 1)[1])
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    out.same("report, page: no id twice", len(ids), len(set(ids)))
    links = {a.get("href"): a.text for a in page.iter("{http://www.w3.org/1999/xhtml}a")}
    parts = {f"#{h.get('id')}": h.text for h in page.iter("{http://www.w3.org/1999/xhtml}h1") if h.get("id")}
    out.same("  a link to the part of each namespace", links, parts)
    out.same("  of every namespace", {re.sub(r"[\x00-\x1f]", ".", entry["netns"]["label"]) for entry in sections},
             {text.removeprefix("Network namespace ") for text in parts.values()})
    text = run("report", "--all-netns").stdout
    out.same("report, text", (1, len({entry["netns"]["label"] for entry in sections})),
             (text.count("HOST "), sum(line.startswith("NETNS ") for line in text.splitlines())))


def refusals(out):
    for words, says in ((["ss", "-K"], "does not go with -K"), (["ss", "-E"], "does not go with -E"),
                        (["ss", "-s"], "does not go with ss -s"), (["ss", "-s", "-t"], "does not go with -s"),
                        (["ss", "-N", "blue"], "does not go with -N"), (["ss", "-D", "-"], "does not go with ss -D"),
                        (["ss", "dev", "=", "lo"], "each network namespace has interfaces of its own"),
                        (["ss", "--since=x"], "do not go together"),
                        (["netstat", "-M"], "does not go with netstat -M")):
        done = run(*words, "--all-netns")
        out.ok(f"{' '.join(words)} --all-netns is refused", [] if done.returncode == 2 and says in done.stderr
               and not done.stdout else [f"{done.returncode} {done.stdout}{done.stderr}"])


def unprivileged(out, world):
    """Nobody can enter a namespace. The files of its processes can be read; a name alone has none."""
    done = run("ss", "-tlnH", "--all-netns", user=NOBODY)
    found = split(done.stdout)
    unnamed = [f"{pid}/inhabitant{n}" for n, pid in enumerate(world.pids[:4])] + [world.labels[4]]
    out.same("nobody: the listeners of each namespace", {label: 1 for label in unnamed},
             {label: len(lines) for label, lines in found.items()})
    out.ok("nobody: one line says how", [] if "they are read from /proc/PID/net" in done.stderr else [done.stderr])
    out.ok("nobody: names that cannot be entered are counted",
           [] if "3 of 9 network namespaces could not be looked at" in done.stderr and done.returncode == 1 else
           [f"{done.returncode} {done.stderr}"])
    document = json.loads(run("ss", "-tln", "--all-netns", "--json", user=NOBODY).stdout)
    out.same("nobody: JSON", (False, 3), (document["complete"],
                                          len([p for p in document["problems"] if p["operation"] == "enter"])))
    done = run("ss", "-tlnH", "--all-netns", "--via=netlink", user=NOBODY)
    out.ok("nobody: netlink alone", [] if "8 of 9 network" in done.stderr and done.returncode == 1 else [done.stderr])
    done = run("ss", "-aH", "--all-netns", "--json", user=NOBODY)
    out.ok("nobody: tables that no file has are missing", [] if "which lacks" in done.stderr and
           not json.loads(done.stdout)["complete"] else [done.stderr])
    done = run("netstat", "-tln", "--all-netns", user=NOBODY)
    out.ok("nobody: netstat", [] if done.returncode == 1 and done.stdout.count("127.0.0.1:8080") == 5 else
           [f"{done.returncode} {done.stdout}{done.stderr}"])


def threads_alone(out):
    """A namespace that only a thread is in."""
    def act():
        entered = threading.Event()

        def elsewhere():
            namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
            situation.listener(("0.0.0.0", 7070))
            entered.set()
            threading.Event().wait()
        threading.Thread(target=elsewhere, daemon=True).start()
        entered.wait()
    pid = situation.process("threaded", act)
    done = run("ss", "-tlnH", "--all-netns", "sport = 7070")
    out.same("a namespace of a thread alone", f"{pid}/threaded", done.stdout.split(" ")[0])
    situation.end(pid)


def found_again(out):
    """The process by which a namespace was found ends before it is opened, and another one is in it. strace lets the
    first attempt to open it fail, as after the end of the process."""
    strace = shutil.which("strace")
    name = "a namespace whose first process ends meanwhile is listed"
    if strace is None:
        return out.skip(name, "strace is not installed")

    def act():
        namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
        namespace.interface_up("lo")
        situation.listener(("127.0.0.1", 8082))
    pid = situation.process("ending", act)
    link = f"/proc/{pid}/ns/net"
    plain = run("ss", "-tlnH", "--all-netns", "sport = :8082")
    command = [strace, "-f", "-qq", "-o", "/dev/null", "-P", link, "-e", "trace=openat", "-e",
               "inject=openat:error=ENOENT:when=1", situation.DUOSTAT, "ss", "-tlnH", "--all-netns", "sport = :8082"]
    # A sanitizer looks for leaks by tracing, which strace does already.
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    out.same(name, (plain.stdout, "", 0), (done.stdout, done.stderr, done.returncode))
    out.ok("  its listener is there at all", [] if ":8082" in plain.stdout else [plain])
    situation.end(pid)


def many(out, world):
    """More namespaces than descriptors."""
    number = 500 if os.environ.get("DUOSTAT_TEST_EFFORT") == "full" else 40
    made = [situation.process(f"many{n}", lambda: namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET"))
            for n in range(4)]
    for n in range(number):
        pid = os.fork()
        if pid == 0:
            namespace.unshare(namespace.CLONE_NEWNET, "CLONE_NEWNET")
            name(world.names, f"n{n}", os.getpid())
            os._exit(0)
        os.waitpid(pid, 0)
    for words in (["ss", "-tlnH"], ["ss", "-tlnH", "--via=procfs"], ["netstat", "-tuln"]):
        done = run(*words, "--all-netns", limit=20)
        out.ok(f"{number + 9} namespaces and 20 descriptors: {' '.join(words)}",
               [] if done.returncode == 0 and not done.stderr and done.stdout.count("127.0.0.1:8080") == 5 else
               [f"{done.returncode} {done.stderr[:400]}"])
    situation.end(*made)


def paths_and_processes(out, world):
    wanted = world.inside(world.pids[0], "ss", "-tlnH")
    for word in ("blue", f"{world.names}/blue", f"/proc/{world.pids[0]}/ns/net", str(world.pids[0])):
        done = run("ss", "-N", word, "-tlnH")
        out.same(f"-N {'PID' if word.isdigit() else word.replace(str(world.pids[0]), 'PID')}", wanted,
                 done.stdout.splitlines())
    name(world.names, str(world.pids[1]), world.pids[3])
    inode = os.stat(f"/proc/{world.pids[3]}/ns/net").st_ino
    done = run("ss", "-N", str(world.pids[1]), "-tlnH", "--columns=netns_inode")
    out.same("-N: a name wins over a process", [str(inode)], done.stdout.split())
    for word in ("none", "/none/such", "999999999"):
        done = run("ss", "-N", word, "-tlnH")
        out.same(f"-N {word}", (1, f'Cannot open network namespace "{word}": No such file or directory\n'),
                 (done.returncode, done.stderr))


def main():
    if os.getuid() != 0:
        tap.skip_all("not root")
    namespace.enter_or_skip()
    out = tap.Tap()
    world = World()
    rows(out, world)
    interfaces(out, world)
    forms(out, world)
    records(out, world)
    audit(out)
    report(out, world)
    refusals(out)
    unprivileged(out, world)
    threads_alone(out)
    found_again(out)
    many(out, world)
    paths_and_processes(out, world)
    out.plan()


if __name__ == "__main__":
    main()

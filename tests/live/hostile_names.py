#!/usr/bin/env python3
"""Names that others choose, from every source, through every output: control characters, a forged row, markup, and the
ends of strings of JSON, CSV, HTML and Prometheus. SOURCES makes a host where everything has such a name, OUTPUTS lists
what is printed about it; a command of `duostat help` that is in neither OUTPUTS nor EXEMPT fails. Each output is taken
from the host and from its capture. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import html.parser
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
SOURCE = os.environ.get("top_srcdir", ".")
sys.path.insert(0, os.path.join(SOURCE, "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
LONG = b"EVIL\x1b[31m\nFORGED 0 0 6.6.6.6:66\r\t<script evil>\"},{\"a\":1,'`$(id)\\&amp;%s\xe2\x80\xae\x9b\x7f"
SHORT = b"E\x1b[m\nFORGED<i>"  # a command has 15 bytes
INTERFACE = "E\x1b[m<i>\"{,'"  # neither blanks nor slashes
WORD = "EVIL\x1b[31m<i>\",{'\\"  # in files whose fields end at a blank
USER = 4242


class Host:
    def __init__(self, directory):
        self.directory, self.keep, self.children, self.groups, self.left_out = directory, [], [], [], []
        for source in SOURCES:
            try:
                source(self)
            except (OSError, namespace.Unavailable) as error:
                self.left_out.append(f"{source.__name__}: {error}")

    def listener(self, address="127.0.0.1", port=0):
        self.keep.append(socket.create_server((address, port)))

    def replace(self, path, text):
        own = os.path.join(self.directory, os.path.basename(path))
        with open(own, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(own, 0o644)
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8"):
                pass
        namespace.mount(own, path, None, namespace.MS_BIND)


def databases(host):
    with open("/etc/passwd", encoding="utf-8") as file:
        users = file.read()
    host.replace("/etc/passwd", users + f"{WORD}:x:{USER}:{USER}::/:/bin/sh\n")
    host.replace("/etc/services", f"{WORD} 7001/tcp\n{WORD} 7001/udp\n")
    host.replace("/etc/hosts", f"127.0.0.1 localhost\n127.0.0.7 {WORD}\n")
    host.replace("/etc/nsswitch.conf", "passwd: files\nhosts: files\nservices: files\n")
    host.listener("127.0.0.7", 7001)


def unix_names(host):
    for name in (os.path.join(os.fsencode(host.directory), LONG.replace(b"/", b"")), b"\0" + LONG):
        s = socket.socket(socket.AF_UNIX)
        s.bind(name[:107])
        s.listen()
        host.keep.append(s)


def processes(host):
    """With another user, in a control group with such a name."""
    group = control_group()
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        if group:
            with open(os.path.join(group, b"cgroup.procs"), "w", encoding="ascii") as file:
                file.write("0")
        # The interpreter may be in a directory that only root can use.
        code = ("import socket, time, os, sys\n"
                f"open('/proc/self/comm', 'wb').write({SHORT!r})\nos.setgid({USER}), os.setuid({USER})\n"
                "s = [socket.create_server(('127.0.0.1', p)) for p in (0, 7002)] + [socket.socket(socket.AF_INET, "
                "socket.SOCK_DGRAM)]\ns[2].bind(('127.0.0.1', 7003))\n"
                f"os.write({tell}, b'.')\ntime.sleep(600)\n")
        os.set_inheritable(tell, True)
        try:
            os.execv(sys.executable, [LONG, b"-c", code.encode()])
        finally:
            os._exit(1)
    host.children.append(child)
    host.groups += [group] if group else []
    os.close(tell)
    if not os.read(ready, 1):
        raise OSError("the process did not start")


def control_group():
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            root = next(line.split()[4] for line in file if b" - cgroup2 " in line)
        path = os.path.join(root, LONG.replace(b"/", b"")[:200])
        os.mkdir(path)
        return path
    except (OSError, StopIteration):
        return None


def interfaces(host):
    if not any(namespace.add_interface(INTERFACE, kind) for kind in ("dummy", "ifb", "bridge")):
        raise OSError("no interface of a chosen name")
    namespace.interface_up(INTERFACE)


def namespaces(host):
    namespace.mount("tmpfs", "/run", "tmpfs")
    os.mkdir("/run/netns")
    place = os.path.join(b"/run/netns", LONG.replace(b"/", b""))
    with open(place, "wb"):
        pass
    namespace.mount("/proc/self/ns/net", place, None, namespace.MS_BIND)


def changing(directory):
    """Starts a process that opens and closes a socket with such a name, for what shows only changes."""
    child = os.fork()
    if child == 0:
        try:
            with open("/proc/self/comm", "wb") as file:
                file.write(SHORT)
            path = os.path.join(os.fsencode(directory), b"changing" + LONG.replace(b"/", b""))[:107]
            if os.path.lexists(path):  # left by an earlier one
                os.unlink(path)
            while True:
                with socket.socket(socket.AF_UNIX) as s:
                    s.bind(path)
                    s.listen()
                    time.sleep(0.1)
                os.unlink(path)
                time.sleep(0.1)
        finally:
            os._exit(1)
    return child


SOURCES = (databases, unix_names, interfaces, namespaces, processes)

# Command line: kinds of output that it has. With "capture" it can also show a recorded host.
OUTPUTS = {
    "ss -tuxanpe": "text capture", "ss -tuxanp": "json lines csv capture", "ss -tuxap": "text json capture",
    "ss -xlnp -O": "text capture", "ss -tlnp --columns=process,user,unit,cgroup,sport": "text json csv capture",
    "ss -tanp --by=process,user": "text json csv capture", "ss -tlp --cgroup": "text capture",
    "ss -tanp --all-netns": "text json csv", "ss -tlnp --meanings": "text capture", "ss -0anp": "text capture",
    "ss -A netlink -anp": "text capture", "ss -s": "text json capture",
    "netstat -tuxapee": "text json csv capture", "netstat -tulnp": "text json lines csv capture",
    "netstat -tap -W": "text capture", "netstat -i": "text json csv capture", "netstat -ie": "text capture",
    "netstat -r": "text json csv capture", "netstat -g": "text json csv capture", "netstat -s": "text json capture",
    "ss2 -tlp": "document", "ss2 -xp": "document",
    "states": "text json csv capture", "listen": "text json csv capture", "audit": "text json capture",
    "report": "text json capture", "report --html=-": "html capture",
    "metrics": "prometheus capture", "metrics --format=openmetrics": "text capture", "explain ss -tanp": "text",
    "explain --json ss -tanp": "document", "wait --timeout=0 listen sport = :1": "text",
    "diff --only=listeners CAPTURE": "text json csv",
    "events --source=poll --interval=20ms -xp --top=4 --for=60s": "text lines",
}
EXEMPT = {"bench": "names of its own processes only", "capture": "its file is read by the others", "help": "no names",
          "version": "no names", "completion": "no names but those of tests/live/completion.py",
          "schema": "names of columns"}
WORDS = {"text": [], "json": ["--json"], "lines": ["--json=lines"], "csv": ["--csv"], "html": [],
         "document": [], "prometheus": []}


class Markup(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.foreign = []

    def handle_starttag(self, tag, attrs):
        if any(name == "evil" for name, _ in attrs) or tag == "i":
            self.foreign.append((tag, attrs))


def faults(kind, out):
    """What is wrong with an output."""
    text = out.decode("utf-8", "replace")
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        wrong = {len(row) for row in rows if row} - {len(rows[0])}
        return [f"rows of {wrong} columns"] if wrong else []
    found = []
    control = re.search(rb"[\0-\x08\x0b-\x1f\x7f]|\t<script", out)
    if control:
        around = out[max(0, control.start() - 60):control.end() + 20]
        found.append(f"control character {control.group()!r} in {around!r}")
    if re.search(r"(?m)^FORGED", text):
        found.append("a forged row")
    if kind in ("json", "document"):
        json.loads(text)
    elif kind == "lines":
        for line in text.splitlines():
            json.loads(line)
    elif kind == "html":
        markup = Markup()
        markup.feed(text)
        found += [f"markup: {tag}" for tag in markup.foreign]
    elif kind == "prometheus":
        series = re.compile(r'[a-z_:][a-z0-9_:]*(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? -?[0-9.e+-]+( \d+)?')
        found += [line for line in text.splitlines() if not line.startswith("#") and not series.fullmatch(line)]
    return found


class Tap:
    number, shown = 0, set()

    def report(self, good, title, *notes):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {title}")
        if not good:
            for note in notes:
                print("#   " + repr(note)[:600])


def one_output(tap, words, kind, capture, from_capture):
    line = [word.replace("CAPTURE", capture) for word in words.split()]
    line += WORDS[kind] + ([f"--from={capture}"] if from_capture else [])
    child = changing(os.path.dirname(capture)) if words.startswith("events") else None
    ran = subprocess.run([DUOSTAT, *line], capture_output=True, timeout=120, env=dict(os.environ, LC_ALL="C.UTF-8"))
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    title = f"duostat {words} {' '.join(WORDS[kind])}{', recorded' if from_capture else ''}"
    try:
        found = faults(kind, ran.stdout) + faults("text", ran.stderr)
    except ValueError as error:
        found = [f"not {kind}: {error}"]
    if child and b"EVIL" not in ran.stdout:
        found.append(f"the change was not shown: {ran.stdout[-300:]!r}")
    if ran.returncode not in (0, 1, 3) or not ran.stdout and "wait" not in words:
        found.append(f"status {ran.returncode}, {len(ran.stdout)} bytes, {ran.stderr[-300:]!r}")
    tap.report(not found, title, *found)
    return ran.stdout


def main():
    namespace.enter_or_skip()
    if os.getuid() != 0:
        print("1..0 # SKIP needs root")
        return
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        host = Host(directory)
        for what in host.left_out:
            print(f"# left out: {what}")
        try:
            capture = os.path.join(directory, "host.capture")
            made = subprocess.run([DUOSTAT, "capture", capture], capture_output=True, timeout=120)
            tap.report(os.path.exists(capture), "a capture", made)
            shown = b"".join(one_output(tap, words, kind, capture, recorded) for words, kinds in OUTPUTS.items()
                             for kind in kinds.split() if kind != "capture"
                             for recorded in ((False, True) if "capture" in kinds else (False,)))
            tap.report(b"EVIL" in shown and b"E.[m.FORGED<i>" in shown, "the names were shown", shown[:300])
            known = {words.split()[0] for words in OUTPUTS} | set(EXEMPT)
            listed = subprocess.run([DUOSTAT, "help"], capture_output=True, text=True, check=True).stdout
            commands = re.findall(r"(?m)^  ([a-z0-9]+) {2,}\S", listed.split("Commands:")[1])
            unlisted = set(commands) - known
            tap.report(len(commands) > 10 and not unlisted, "every command is in OUTPUTS or EXEMPT", unlisted)
        finally:
            for child in host.children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            for group in host.groups:
                os.rmdir(group)
            for s in host.keep:
                s.close()
    print(f"1..{tap.number}")


main()

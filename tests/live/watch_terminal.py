#!/usr/bin/env python3
"""--watch on a terminal of 80 and of 120 columns, in tmux: marks, scrolling, resize, pause, a filter with a mistake,
details, suspend and resume, and the terminal's settings before and after. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
PATIENCE = 60  # seconds until a screen counts as wrong
LINES = 24


class Pane:
    """A shell in tmux, with a server of its own that ends with it."""

    def __init__(self, columns, directory):
        self.directory = directory
        self.tmux = ["tmux", "-f", "/dev/null", "-S", os.path.join(directory, f"s{columns}")]
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("DUOSTAT_VIA", "PROC_ROOT", "TCPDIAG_FILE", "NO_COLOR", "TMUX", "COLUMNS")}
        environment.update(LC_ALL="C.UTF-8", TERM="xterm")
        subprocess.run([*self.tmux, "new-session", "-d", "-x", str(columns), "-y", str(LINES), "-s", "t",
                        "bash --norc --noprofile"], env=environment, check=True)
        self.run("set", "-g", "status", "off")
        self.run("resize-window", "-t", "t", "-x", str(columns), "-y", str(LINES))
        self.until(at_prompt)

    def run(self, *words):
        return subprocess.run([*self.tmux, *words], capture_output=True, text=True).stdout

    def keys(self, *keys):
        self.run("send-keys", "-t", "t", *keys)

    def type(self, text):
        self.run("send-keys", "-t", "t", "-l", text)

    def screen(self, *options):
        return self.run("capture-pane", "-p", "-t", "t", *options)

    def until(self, good):
        """The first screen that is good, else the last one."""
        end = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if good(screen) or time.monotonic() > end:
                return screen
            time.sleep(0.05)

    def command(self, text):
        self.type(text)
        self.keys("Enter")

    def settings(self):
        """`stty -g` as the shell sees it."""
        file = os.path.join(self.directory, "settings")
        self.command(f"stty -g >{file}.new && mv {file}.new {file}")
        end = time.monotonic() + PATIENCE
        while not os.path.exists(file) and time.monotonic() < end:
            time.sleep(0.02)
        if not os.path.exists(file):
            return ""
        with open(file) as opened:
            text = opened.read()
        os.remove(file)
        return text

    def child(self):
        """The process that the shell runs."""
        shell = self.run("list-panes", "-t", "t", "-F", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children") as file:
            return [int(pid) for pid in file.read().split()]

    def close(self):
        self.run("kill-server")


def listener(port=0):
    return socket.create_server(("127.0.0.1", port), backlog=8)


def at_prompt(screen):
    """True if the shell waits for a command: # of root, $ of others."""
    return screen.rstrip().endswith(("$", "#"))


def is_watch(screen):
    return screen.startswith("every ")


class Cases:
    def __init__(self, out, pane, columns):
        self.out, self.pane, self.columns = out, pane, columns

    def check(self, what, good):
        """Waits for a good screen."""
        screen = self.pane.until(good)
        self.out.ok(f"{self.columns} columns: {what}", [] if good(screen) else [screen])
        return screen

    def marks(self):
        first = listener()
        self.pane.command(f"{DUOSTAT} ss -tln --watch=0.5")
        self.check("the status line, the titles, the rows", lambda s: is_watch(s) and "State" in s.splitlines()[1] and
                   f":{first.getsockname()[1]}" in s and "q end" in s)
        second = listener()
        port = second.getsockname()[1]
        self.check("a new row has +", lambda s: re.search(rf"^\+.*:{port}\b", s, re.M))
        client = socket.create_connection(second.getsockname())
        self.check("a changed row has *", lambda s: re.search(rf"^\*.*:{port}\b", s, re.M))
        client.close()
        second.close()
        self.check("a row that is gone has -", lambda s: re.search(rf"^-.*:{port}\b", s, re.M))
        self.check("and leaves after two passes", lambda s: f":{port}" not in s)
        first.close()

    def scrolling(self):
        held = [listener() for _ in range(60)]
        cursor = lambda s: [i for i, line in enumerate(s.splitlines()) if line[1:2] == ">"]  # noqa: E731
        top = self.check("many rows, the cursor on the first",
                         lambda s: "60 rows" in s and cursor(s) == [2]).splitlines()[2][2:]
        self.pane.keys("j", "Down", "Down", "k")
        self.check("j, k and arrows move the cursor", lambda s: cursor(s) == [4])
        self.pane.keys("G")
        self.check("G: the last row, the titles stay",
                   lambda s: cursor(s) and top not in s and "State" in s.splitlines()[1])
        self.pane.keys("PageUp", "PageUp", "PageUp", "PageUp", "PageUp")
        self.check("PgUp goes back", lambda s: cursor(s) == [2])
        self.pane.keys("PageDown")
        self.check("PgDn: the next page", lambda s: cursor(s) and top not in s)
        self.pane.keys("g")
        for each in held:
            each.close()
        self.check("rows gone, none left", lambda s: " 0 rows" in s)

    def keys(self):
        held = [listener(), listener()]
        ports = sorted(h.getsockname()[1] for h in held)
        self.check("two rows", lambda s: " 2 rows" in s)
        self.pane.keys("K", "x", "F5")
        self.pane.keys("?")
        self.check("? helps, and unknown keys did nothing", lambda s: "Keys:" in s and "pause" in s)
        self.pane.keys("x")
        self.check("any key goes back", lambda s: "Keys:" not in s and " 2 rows" in s)
        self.pane.keys("/")
        self.check("/ asks for an expression", lambda s: "where: _" in s)
        self.pane.type(f"sprt = {ports[0]}")
        self.pane.keys("Enter")
        self.check("a mistake is shown in place",
                   lambda s: '"sprt" is not a column' in s.splitlines()[-1] and " 2 rows" in s)
        self.pane.keys("C-u")
        self.pane.type(f"sport = {ports[0]}")
        self.pane.keys("Enter")
        self.check("the filter selects", lambda s: " 1 rows" in s and f":{ports[0]}" in s and f":{ports[1]}" not in s)
        self.pane.keys("/", "C-u", "Enter")
        self.check("an empty expression selects all", lambda s: " 2 rows" in s)
        self.pane.keys(">", ">", ">", ">", ">", ">")
        rows = lambda s: [int(p) for p in re.findall(r"127\.0\.0\.1:(\d+)", s)]  # noqa: E731
        self.check("> chooses the column to sort by", lambda s: "sort local_port" in s and rows(s) == ports)
        self.pane.keys("S")
        self.check("S reverses", lambda s: "sort -local_port" in s and rows(s) == ports[::-1])
        self.pane.keys("Enter")
        self.check("Enter: all fields of the row",
                   lambda s: re.search(r"^local_port +\d+$", s, re.M) and "protocol" in s)
        self.pane.keys("Enter")
        self.check("and back", lambda s: " 2 rows" in s and "protocol  " not in s)
        self.pane.keys("+")
        self.check("+ makes the interval longer", lambda s: s.startswith("every 1s"))
        self.pane.keys("-", "-")
        self.check("- makes it shorter", lambda s: s.startswith("every 0.2s"))
        self.pane.keys("+")
        self.pane.keys("r")
        self.check("r: rates", lambda s: "rate.total" in s and "short connections" in s[:200].replace("\n", " "))
        self.pane.keys("r", "d")
        self.check("d: no marks", lambda s: "no marks" in s and "rate.total" not in s)
        self.pane.keys("d", "p")
        self.check("p: paused", lambda s: "paused" in s)
        extra = listener()
        time.sleep(1)  # two intervals
        self.check("nothing changes while it is paused", lambda s: f":{extra.getsockname()[1]}" not in s)
        self.pane.keys("Space")
        self.check("space goes on", lambda s: f":{extra.getsockname()[1]}" in s and "paused" not in s)
        for each in (*held, extra):
            each.close()

    def resize(self):
        held = [listener() for _ in range(30)]
        self.check("thirty rows", lambda s: "30 rows" in s)
        self.pane.run("resize-window", "-t", "t", "-x", str(self.columns - 20), "-y", str(LINES - 8))
        self.check("a smaller terminal: the bottom line is the last",
                   lambda s: len(s.splitlines()) == LINES - 8 and "q end" in s.splitlines()[-1] and is_watch(s))
        self.pane.run("resize-window", "-t", "t", "-x", str(self.columns), "-y", str(LINES))
        self.check("and the former size again",
                   lambda s: len(s.splitlines()) == LINES and "q end" in s.splitlines()[-1])
        for each in held:
            each.close()

    def suspend(self):
        self.pane.keys("C-z")
        self.check("Ctrl-Z: the shell's screen", lambda s: not is_watch(s) and "Stopped" in s)
        self.pane.command("echo back$((1+1))")
        self.check("the shell echoes", lambda s: "back2" in s)
        self.pane.command("fg")
        self.check("fg: the rows again", is_watch)

    def ends(self, before):
        for what, end in (("q", lambda: self.pane.keys("q")), ("Ctrl-C", lambda: self.pane.keys("C-c")),
                          ("SIGTERM", lambda: self.kill(signal.SIGTERM)), ("SIGHUP", lambda: self.kill(signal.SIGHUP))):
            if what != "q":
                self.pane.command(f"{DUOSTAT} ss -tln --watch")
                self.pane.until(is_watch)
            end()
            self.check(f"{what}: the shell's screen", lambda s: not is_watch(s) and at_prompt(s))
            self.out.same(f"{self.columns} columns: {what}: the settings of the terminal as before", before,
                          self.pane.settings())

    def kill(self, number):
        for pid in self.pane.child():
            os.kill(pid, number)


def main():
    if shutil.which("tmux") is None:
        tap.skip_all("tmux is not installed")
    namespace.private_network()
    namespace.interface_up("lo")
    out = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        for columns in (80, 120):
            pane = Pane(columns, directory)
            try:
                before = pane.settings()
                cases = Cases(out, pane, columns)
                cases.marks()
                cases.scrolling()
                cases.keys()
                cases.resize()
                cases.suspend()
                cases.ends(before)
            finally:
                pane.close()
    print(f"1..{out.number}")


main()

#!/usr/bin/env python3
"""The completion scripts in the real shells: bash and zsh at a terminal, fish by its own command."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import tap  # noqa: E402  (found only by the line above)

DUOSTAT = str(Path(os.environ["top_builddir"]).resolve() / "duostat")
test = tap.Tap()


# What is typed before the key, a word that is offered, and one that is not.
CASES = [
    ("ss --wh", "--where=", "--columns="),
    ("ss state clo", "closing", "established"),
    ("ss state listening exclude time", "time-wait", "listening"),
    ("ss --columns=rtt", "rtt_us", "state"),
    ("ss --columns=state,rtt", "rtt_us", "rqueue"),
    ("ss --columns=state,rqu", "rqueue", "wqueue"),
    ("ss --sort=-rqu", "-rqueue", "-wqueue"),
    ("ss --sort=state,-rqu", "-rqueue", "-wqueue"),
    ("duostat schema s", "sql", "load"),
    ("duostat schema sql lis", "listeners", "sockets"),
    ("ss --via=pro", "procfs", "netlink"),
    ("ss -A tcp,pack", "packet_raw", "unix_dgram"),
    ("ss -f ine", "inet6", "netlink"),
    ("ss --mean", "--meanings", "--memory"),
    ("ss -tan dev l", "lo", "listening"),
    ("netstat -A ax", "ax25", "inet6"),
    ("netstat --del", "--delta", "--where="),
    ("duostat au", "audit", "bench"),
    ("duostat help ben", "bench", "audit"),
    ("duostat ss --wh", "--where=", "--columns="),
    ("duostat explain ss --wh", "--where=", "--columns="),
    ("duostat audit --only=close", "close-wait", "ports"),
    ("duostat listen --columns=pro", "process", "state"),
    ("duostat completion f", "fish", "bash"),
    ("duostat bench --query=tcp,pac", "packet", "udp"),
    ("duostat diff --only=rou", "routes", "sockets"),
    ("duostat audit --set=close-wait.c", "close-wait.count=", "ports"),
    ("duostat wait lis", None, "bash"),
]


def script(shell):
    return subprocess.run([DUOSTAT, "completion", shell], capture_output=True, text=True, check=True).stdout


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command, environment):
        self.rest = ""  # what was read and not yet asked for
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def read_until(self, mark, seconds=60):
        end = time.monotonic() + seconds
        while mark not in self.rest and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.rest += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    break
        text, found, self.rest = self.rest.partition(mark)
        return text + found

    def send(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def plain(text):
    """Without the terminal's control sequences."""
    text = re.sub(r"\x1b\[[0-9;?>=]*[a-zA-Z]|\x1b[=>()][0-9A-Z]?|\r|\x07", "", text)
    while "\b" in text:
        text = re.sub(r"[^\b]\b", "", text, count=1) if re.search(r"[^\b]\b", text) else text.replace("\b", "")
    return text


def offered(text, word):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def typed(shell, directory):
    """For each case, what the shell shows after the key is pressed."""
    environment = {"PATH": f"{directory}:/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb", "HOME": directory,
                   "LC_ALL": "C"}
    (Path(directory) / "script").write_text(script(shell))
    if shell == "bash":
        terminal = Terminal(["bash", "--noprofile", "--norc", "-i"], environment)
        setup = "bind 'set bell-style none' 'set show-all-if-ambiguous on' 'set page-completions off'\n" \
                "bind 'set completion-query-items 0' 'set enable-bracketed-paste off'\n. ./script\n"
    else:
        terminal = Terminal(["zsh", "-f", "-i"], environment)
        setup = "unsetopt zle_bracketed_paste prompt_cr prompt_sp beep 2>/dev/null; LISTMAX=0\n" \
                "autoload -Uz compinit; compinit -u -d ./dump; setopt nolistbeep noautomenu nolistambiguous\n" \
                ". ./script\n"
    terminal.send(f"cd {directory}\n{setup}PS1='%% '\n" if shell == "zsh" else f"cd {directory}\n{setup}PS1='% '\n")
    terminal.send("echo rea''dy\n")
    terminal.read_until("ready\r\n")
    answers = []
    for i, (words, *_rest) in enumerate(CASES):
        # Before the prompt the terminal itself would echo what is typed, once more than the shell.
        terminal.read_until("% ")
        terminal.send(words + "\t")
        time.sleep(0.1)
        # The line is thrown away, and an echo says that all was done.
        terminal.send(f"\x15echo do''ne{i}\n")
        answers.append(plain(terminal.read_until(f"done{i}\r\n")))
    terminal.send("exit\n")
    terminal.close()
    return answers


def check(shell, answers):
    for (words, word, other), answer in zip(CASES, answers):
        if word is None:
            continue
        offers = answer.replace(words, "", 1)
        whole = answer if offered(answer, word) else offers
        test.report(offered(whole, word) and not offered(offers, other), f"{shell}: {words}<Tab> offers {word}", answer)


def fish(directory):
    (Path(directory) / "script.fish").write_text(script("fish"))
    environment = {"PATH": f"{directory}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory, "LC_ALL": "C.UTF-8"}
    lines = "".join(f"echo '=='; complete -C '{words}'\n" for words, *_rest in CASES)
    done = subprocess.run(["fish", "--no-config", "-c", f"source {directory}/script.fish\n{lines}"], text=True,
                          env=environment, capture_output=True, check=False)
    parts = done.stdout.split("==\n")[1:]
    # A word in a description is not offered.
    return ["\n".join(line.split("\t")[0].split("=")[-1].split(",")[-1] if "--columns=" in line else line.split("\t")[0]
                      for line in part.splitlines()) for part in parts]


def main():
    with tempfile.TemporaryDirectory() as directory:
        for name in ("ss", "netstat", "duostat"):
            os.symlink(DUOSTAT, f"{directory}/{name}")
        for shell in ("bash", "zsh"):
            if shutil.which(shell) is None:
                test.skip(f"completion in {shell}", f"{shell} is not installed")
                continue
            check(shell, typed(shell, directory))
        if shutil.which("fish") is None:
            test.skip("completion in fish", "fish is not installed")
        else:
            answers = [answer.replace("--where", "--where=") for answer in fish(directory)]
            check("fish", answers)
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell):
                path = f"{directory}/script.{shell}"
                Path(path).write_text(script(shell))
                done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
                test.report(done.returncode == 0 and not done.stderr, f"{shell} -n accepts the script", done.stderr)
    done = subprocess.run([DUOSTAT, "completion", "csh"], capture_output=True, text=True, check=False)
    test.report(done.returncode == 2 and "bash, zsh, fish" in done.stderr, "an unknown shell", done.stderr)
    done = subprocess.run([DUOSTAT, "completion", "zhs"], capture_output=True, text=True, check=False)
    test.report(done.returncode == 2 and "did you mean zsh" in done.stderr,
                "  with the one that was meant", done.stderr)
    done = subprocess.run([DUOSTAT, "completion"], capture_output=True, text=True, check=False)
    test.report(done.returncode == 2 and "bash|zsh|fish" in done.stderr, "  and without one", done.stderr)
    test.plan()


main()

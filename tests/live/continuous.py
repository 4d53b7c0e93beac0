#!/usr/bin/env python3
"""netstat -c: what was printed when SIGINT comes, or when the reader goes, is whole passes, and the program ends at
once. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)

OURS = [os.path.join(os.environ.get("top_builddir", "."), "duostat"), "netstat"]
REFERENCE = shutil.which("netstat", path="/usr/bin:/bin:/usr/sbin:/sbin")
PATIENCE = 60  # seconds after which such a test has failed
CASES = {"-c -t -a -n": b"Active Internet", "-c -x -a": b"Active UNIX", "-c -i -a": b"Iface ",
         "-c -r -n -A inet6": b"Kernel IPv6",
         "-c -g -n": b"IPv6/IPv4 Group"}


def start(program, words):
    # If the tests run in the background, SIGINT may be ignored.
    return subprocess.Popen([*program, *words], env=dict(os.environ, LC_ALL="C"), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def until_second_pass(child, beginning):
    """The output up to and including the first line of the second pass."""
    text, passes = b"", 0
    while passes < 2:
        line = child.stdout.readline()
        if not line:
            return text
        text += line
        passes += line.startswith(beginning)
    return text


def interrupted(child, beginning):
    """(status, the passes as a list, standard error) of a run that SIGINT ended in or after its second pass."""
    alarm(child)
    text = until_second_pass(child, beginning)
    child.send_signal(signal.SIGINT)
    whole, errors = text + child.stdout.read(), child.stderr.read()
    child.wait()
    signal.alarm(0)
    places = [at for at in range(len(whole)) if whole.startswith(beginning, at)
              and (at == 0 or whole[at - 1:at] == b"\n")]
    return child.returncode, [whole[a:b] for a, b in zip(places, places[1:] + [len(whole)])], errors


def deserted(program, words):
    """The status after the reader is gone, and standard error."""
    child = start(program, words)
    alarm(child)
    child.stdout.readline()
    child.stdout.close()
    errors = child.stderr.read()
    child.wait()
    signal.alarm(0)
    return child.returncode, errors


def alarm(child):
    signal.signal(signal.SIGALRM, lambda *_: child.kill())
    signal.alarm(PATIENCE)


def report(number, good, title, *about):
    print(f"{'ok' if good else 'not ok'} {number} - netstat {title}")
    if not good:
        for fact in about:
            print(f"#   {fact!r}")


def main():
    namespace.private_network()
    number = 0
    children = {line: start(OURS, line.split()) for line in CASES}  # in parallel: each sleeps a second between passes
    for line, beginning in CASES.items():
        status, passes, errors = interrupted(children[line], beginning)
        number += 1
        same = len(passes) >= 2 and all(text == passes[0] for text in passes)
        report(number, status == -signal.SIGINT and same and errors == b"",
               f"{line}: SIGINT ends it after whole passes", status,
               len(passes), passes[:1], passes[-1:], errors)
    words = ["-c", "-t", "-n"]
    gone = deserted(OURS, words)
    number += 1
    report(number, gone[0] in (0, -signal.SIGPIPE) and gone[1] == b"", "-c: ends without a word when the reader goes",
           gone)
    number += 1
    if REFERENCE:
        original = deserted([REFERENCE], words)
        report(number, gone == original, "-c: as the original does", gone, original)
    else:
        print(f"ok {number} - netstat -c: as the original does # SKIP netstat is not installed")
    print(f"1..{number}")


main()

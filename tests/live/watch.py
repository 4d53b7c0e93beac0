#!/usr/bin/env python3
"""--watch on a pipe: whole passes, documents, lines, the end by a signal; what is refused; memory over many passes.
Speaks TAP. tests/live/watch_terminal.py has the terminal.

DUOSTAT_TEST_EFFORT: full looks at memory over 1,000 passes, otherwise over 100. Prints the processor time of a pass
beside that of a listing; no case is about it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import tap  # noqa: E402

DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
PASSES = 1000 if os.environ.get("DUOSTAT_TEST_EFFORT") == "full" else 100
SHORTEST = 0.1  # seconds between two passes


def start(*words):
    for name in ("DUOSTAT_VIA", "PROC_ROOT", "TCPDIAG_FILE", "DUOSTAT_OWNERS"):
        os.environ.pop(name, None)
    # A sanitizer keeps what was freed, so that memory would seem to grow.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    return subprocess.Popen([DUOSTAT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def interrupted(process, enough, number=signal.SIGINT):
    """(status, output, errors) of a run that a signal ended after `enough` lines satisfied a condition."""
    text = ""
    while not enough(text):
        line = process.stdout.readline()
        if not line:
            break
        text += line
    process.send_signal(number)
    # Not communicate(): it loses what readline() has buffered.
    text, errors = text + process.stdout.read(), process.stderr.read()
    return process.wait(timeout=120), text, errors


def documents(text):
    """The JSON documents of a text, and what is left of it."""
    decoder, found = json.JSONDecoder(), []
    text = text.strip()
    while text:
        try:
            document, end = decoder.raw_decode(text)
        except ValueError:
            return found, text
        found.append(document)
        text = text[end:].lstrip()
    return found, ""


def pipes(out):
    once = subprocess.run([DUOSTAT, "ss", "-tln"], capture_output=True, text=True).stdout
    status, text, errors = interrupted(start("ss", "-tln", "--watch=0.1"), lambda t: t.count("\n\n") >= 2)
    passes = text.split("\n\n")
    whole = [p.rstrip("\n") + "\n" for p in passes]
    out.ok("ss: whole passes, separated by an empty line",
           [] if status == 0 and not errors and len(passes) >= 3 and set(whole) == {once} else [status, text, errors])
    once = subprocess.run([DUOSTAT, "netstat", "-r", "-n"], capture_output=True, text=True).stdout
    status, text, errors = interrupted(start("netstat", "-r", "-n", "--watch=0.1"), lambda t: t.count("\n\n") >= 1)
    out.ok("netstat -r: the same",
           [] if status == 0 and not errors and text.startswith(once + "\n" + once) else [status, text, errors])

    status, text, errors = interrupted(start("ss", "-tln", "--watch=0.1", "--json"),
                                       lambda t: t.count('"schema_version"') >= 3, signal.SIGTERM)
    found, rest = documents(text)
    numbers = [d.get("pass") for d in found]
    out.ok("--json: one document a pass, none cut by a signal",
           [] if status == 0 and not rest and len(found) >= 3 and numbers == list(range(1, len(found) + 1))
           and all(d["complete"] for d in found) else [status, numbers, rest, errors])
    status, text, errors = interrupted(start("ss", "-tln", "--watch=0.1", "--json=lines"),
                                       lambda t: t.count("\n") >= 6)
    lines = [json.loads(line) for line in text.splitlines()]
    times = {line["pass"]: line["time"] for line in lines}
    out.ok("--json=lines: the pass and its time in each line",
           [] if status == 0 and list(times) == list(range(1, len(times) + 1)) and len(times) >= 3
           and all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", t) for t in times.values())
           and sorted(times.values()) == list(times.values())
           and all(times[line["pass"]] == line["time"] for line in lines) else [status, text, errors])
    for words in (["ss", "-ltn", "--by=protocol"], ["ss", "-lt", "--count"], ["netstat", "-s", "--count"],
                  ["netstat", "-i", "--columns=name"], ["netstat", "-ltn", "--sort=sport"]):
        status, text, errors = interrupted(start(*words, "--watch=0.1"), lambda t: t.count("\n\n") >= 2)
        out.ok(f"{' '.join(words)}: repeated", [] if status == 0 and text.count("\n\n") >= 2 and not errors
               else [status, text, errors])
    for kind, words in (("counters", ["netstat", "-s"]), ("interfaces", ["netstat", "-i", "-a"])):
        status, text, errors = interrupted(start(*words, "--watch=0.1", "--json=lines"), lambda t: '"pass":2' in t)
        lines = [json.loads(line) for line in text.splitlines()]
        out.ok(f"--json=lines of {kind} have their pass",
               [] if status == 0 and lines and all("pass" in x and "time" in x for x in lines)
               else [status, text[:600], errors])
    process = start("ss", "-ltn", "--watch=0.1")
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    out.ok("it ends without a word when the reader goes",
           [] if process.wait(timeout=60) in (0, -signal.SIGPIPE) and errors == "" else [process.returncode, errors])


REFUSED = [
    ("ss -t --watch 5", "--watch 5: write --watch=5"),
    ("netstat -t --watch 0.5", "--watch 0.5: write --watch=0.5"),
    ("ss -t --watch=0", '"0" is not an interval'),
    ("ss -t --watch=soon", '"soon" is not an interval'),
    ("ss -E --watch", "--watch does not go with -E"),
    ("ss -K -t --watch", "--watch does not go with -K"),
    ("ss -K -t --rate", "--rate does not go with -K"),
    ("ss -s --watch", "--watch does not go with ss -s"),
    ("ss -s -t --watch", "--watch does not go with -s"),
    ("ss -D /dev/null --watch", "--watch does not go with ss -D"),
    ("netstat -c --watch", "--watch does not go with -c"),
    ("netstat -s --delta --watch", "--watch does not go with netstat -s --delta"),
    ("netstat -r --rate", "--rate does not go with netstat -r"),
    ("ss -t --watch --fail-if-any", "--fail-if needs a listing that ends"),
    ("ss -t --rate --via=procfs", "--rate: procfs has no bytes of connections"),
    ("netstat -t --rate --via=procfs", "--rate: procfs has no bytes of connections"),
    ("ss -t --rate --count", "--count and --rate do not go together"),
    ("ss -t --columns=rate.sent", "rate.sent: needs --rate"),
    ("ss -t --where=rate.total>1", "rate.total: needs --rate"),
]


def refusals(out):
    for line, message in REFUSED:
        process = start(*line.split())
        try:
            text, errors = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            text, errors = process.communicate()
        good = process.returncode == 2 and message in errors and text == "" and errors.count("\n") == 1
        out.ok(f"{line}: refused", [] if good else [process.returncode, errors, text])


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def memory(out):
    """Connections come and go between passes; the memory of the process does not grow."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    held = []
    for _ in range(200):
        held.append(socket.create_connection(server.getsockname()))
        held.append(server.accept()[0])
    process = start("ss", "-tn", "--watch=0.1", "--json=lines", "--rate")
    seen, settled, waiting = 0, 0, 0
    while seen < PASSES:
        line = process.stdout.readline()
        if not line:
            break
        number = json.loads(line)["pass"]
        if number == seen:
            continue
        seen = number
        if seen == 20:
            settled = resident(process.pid)
        # As many as before: a connection goes and one comes, which sometimes waits for accept() during the next pass.
        for _ in range(2):
            held.pop(0).close()
        held.append(socket.create_connection(server.getsockname()))
        waiting += 1
        while seen % 2 and waiting > 0:
            held.append(server.accept()[0])
            waiting -= 1
    grown = resident(process.pid) - settled
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    out.ok(f"memory is constant over {PASSES} passes", [] if seen >= PASSES and grown < 512 * 1024
           else [f"{seen} passes, {grown} bytes more"])
    for connection in held:
        connection.close()
    server.close()


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    out = tap.Tap()
    pipes(out)
    refusals(out)
    memory(out)
    for server in servers:
        server.close()
    print(f"1..{out.number}")


main()

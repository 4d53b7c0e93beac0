#!/usr/bin/env python3
"""Misleading text on a terminal, on a pipe and in JSON; words of the command line in messages; the width of `ss -E`.
Speaks TAP.

Usage: terminal_text.py DUOSTAT, in a private network namespace.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import json
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from terminal import Terminal  # noqa: E402  (found only by the line above)

DUOSTAT = sys.argv[1]
TURNING = "\u202e\u2066\u2028"
NAME = b"\0a" + TURNING.encode() + b"\xff\xfe" + "\u00fc".encode() + b"b\x1b\xc2\x9bc"
ON_PIPE = b"a" + TURNING.encode() + b"\xff\xfe\xc3\xbcb..c"
ON_TERMINAL = b"a?????\xc3\xbcb..c"
number = 0


def check(what, passed, *notes):
    global number
    number += 1
    print(f"{'ok' if passed else 'not ok'} {number} - {what}", flush=True)
    for note in () if passed else notes:
        print("#  ", repr(note))


def command(program, *words):
    return [DUOSTAT, program, *words]


def on_pipe(program, *words):
    return subprocess.run(command(program, *words), capture_output=True, timeout=60)


def on_terminal(stream, program, *words):
    terminal = Terminal(300)
    other = {"stdout": "stderr", "stderr": "stdout"}[stream]
    process = subprocess.Popen(command(program, *words), **{stream: terminal.writer, other: subprocess.DEVNULL})
    terminal.start()
    process.wait()
    return terminal.finish()


def misleading_names():
    keep = socket.socket(socket.AF_UNIX)
    keep.bind(NAME)
    keep.listen(1)
    for program, words in (("ss", ["-xln"]), ("ss", ["-xl", "--columns=name"]), ("netstat", ["-xln"])):
        said = " ".join([program, *words])
        out = on_pipe(program, *words).stdout
        check(f"{said}: the bytes stay on a pipe", b"@" + ON_PIPE in out, out)
        out = on_terminal("stdout", program, *words)
        check(f"{said}: question marks on a terminal", b"@" + ON_TERMINAL in out and b"\xe2\x80" not in out, out)
    out = on_pipe("ss", "-xln", "--json").stdout
    escaped = rb"a\u202E\u2066\u2028"
    names = [value for s in json.loads(out)["sockets"] for value in s.values() if isinstance(value, str)]
    check("JSON escapes the characters", escaped in out and any("a" + TURNING in name for name in names), out)
    check("JSON escapes C1 controls", rb"\u009B" in out and b"\xc2\x9b" not in out, out)
    keep.close()


def words_of_the_command_line():
    word = "\x1b[31m\n\u009b\x7f"
    lines = [("ss", [word]), ("ss", ["--" + word]), ("ss", ["-A", word]), ("ss", ["-f", word]),
             ("ss", ["state", word]), ("ss", ["-" + word]),
             ("ss", ["-t", "sport", "=", word]), ("ss", ["src", word]), ("ss", ["fwmark", word]),
             ("ss", ["cgroup", word]), ("ss", ["-N", word]),
             ("ss", ["--json=" + word]), ("ss", ["--columns=" + word]), ("ss", ["--via=" + word]),
             ("ss", ["--from=" + word]),
             ("netstat", ["--" + word]), ("netstat", ["-A", word]), ("netstat", ["-c", word, "-Y"]),
             ("netstat", ["--via=" + word]),
             ("explain", [word]), ("bench", ["--" + word]), ("capture", ["--" + word])]
    for program, words in lines:
        err = on_pipe(program, *words).stderr
        harmless = not any(byte in err for byte in (b"\x1b", b"\x7f", b"\xc2\x9b", b"\n\xc2"))
        check(f"{program} {words!a}: no control character in the message", harmless and err, err)
    err = on_terminal("stderr", "ss", "-A", os.fsencode("\u202e").decode() + "x")
    check("a word that turns the text is a question mark on a terminal", b'"?x"' in err, err)


def width_of_events():
    """The width is read at each event: wide, then narrow."""
    terminal = Terminal(200)
    process = subprocess.Popen(command("ss", "-u", "-E", "-n"), stdout=terminal.writer, stderr=subprocess.PIPE)
    lines = []

    def read_until(count):
        text, end = b"", time.monotonic() + 60
        while text.count(b"\n") < count and time.monotonic() < end and select.select([terminal.master], [], [],
                1)[0] is not None:
            if select.select([terminal.master], [], [], 0.5)[0]:
                text += os.read(terminal.master, 65536)
            elif not text:
                event()
        return text

    def event():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))

    try:
        for columns in (200, 90):
            fcntl.ioctl(terminal.writer, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            event()
            text = read_until(1)
            if process.poll() is not None:
                print("# " + process.stderr.read().decode(errors="replace").strip())
                break
            lines.append((columns, {len(line) for line in text.splitlines()[-1:]}))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(terminal.writer)
        os.close(terminal.master)
    if len(lines) != 2:
        return skip("ss -E fills the terminal as it is at each event", "no events here")
    check("ss -E fills the terminal as it is at each event", all(widths == {columns} for columns, widths in lines),
          lines)


def skip(what, reason):
    global number
    number += 1
    print(f"ok {number} - {what} # SKIP {reason}")


def sockets_without_owner():
    """One line for a person says why; nothing on a pipe, and standard output stays as it is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # lo up
        try:
            fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
        except OSError:
            return skip("sockets without an owner", "lo cannot be brought up")
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    first = socket.create_connection(("127.0.0.1", port))
    accepted = server.accept()[0]
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
    first.close()
    accepted.close()  # its peer is now in TIME-WAIT
    end = time.monotonic() + 20
    while b"TIME-WAIT" not in on_pipe("ss", "-tan").stdout and time.monotonic() < end:
        time.sleep(0.01)
    wanted = f"1 in TIME-WAIT; 2 wait for accept() at 127.0.0.1:{port}\n".encode()
    for program, words in (("ss", ["-tanp"]), ("ss", ["-tan", "--columns=local,process"]), ("ss", ["-tanp", "--json"]),
                           ("netstat", ["-tanp"]), ("ss", ["-tanp", "--sort=sport"]), ("ss", ["-tan", "--by=process"])):
        said = " ".join([program, *words])
        told = on_terminal("stderr", program, *words)
        check(f"{said}: why sockets have no owner",
              told == f"{program}: 3 sockets without a visible owner: ".encode() + wanted, told)
        check(f"{said}: nothing on a pipe", on_pipe(program, *words).stderr == b"", on_pipe(program, *words).stderr)
    check("ss -tan does not tell", on_terminal("stderr", "ss", "-tan") == b"")
    check("ss -tlnp has nothing to tell", on_terminal("stderr", "ss", "-tlnp") == b"")
    for end in (server, *waiting):
        end.close()


misleading_names()
words_of_the_command_line()
width_of_events()
sockets_without_owner()
print(f"1..{number}")

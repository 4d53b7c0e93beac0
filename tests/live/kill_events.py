# The part of tests/live/kill_events.sh that runs in its network namespace: kill_events.py SS [ORIGINAL].
#
# SPDX-License-Identifier: GPL-2.0-or-later
import fcntl
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

PORT = 8080
NOBODY = 65534
number = 0


def report(passed, what, *notes):
    global number
    number += 1
    print(f"{'' if passed else 'not '}ok {number} - {what}")
    for note in () if passed else notes:
        for line in str(note).splitlines():
            print("#  ", line)


def skip(what, why):
    global number
    number += 1
    print(f"ok {number} - {what} # SKIP {why}")


class Zoo:
    """A listener, two connections to it, a UDP socket, a pair of UNIX sockets; the same ports each time."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", PORT))
        self.listener.listen(16)
        self.clients, self.servers = [], []
        for port in (41001, 41002):
            client, server = connect(self.listener, port)
            self.clients.append(client)
            self.servers.append(server)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 5353))
        self.six = socket.socket(socket.AF_INET6)
        self.six.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.six.bind(("::1", 8081))
        self.six.listen(16)
        self.pair = socket.socketpair()
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 89)

    def states(self):
        """SO_ERROR of the connections' ends, and whether the listeners listen."""
        ends = [s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) for s in self.clients + self.servers]
        listening = [s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) for s in (self.listener, self.six)]
        return ends, listening

    def close(self):
        for s in self.clients + self.servers:
            abort(s)
        for s in (self.listener, self.udp, self.six, self.raw, *self.pair):
            s.close()


def connect(listener, port):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind(("127.0.0.1", port))
    client.connect(("127.0.0.1", PORT))
    return client, listener.accept()[0]


def abort(s):
    """Closes with a reset, so that no TIME-WAIT remains."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def ordinary():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def kill(program, words, as_nobody):
    """Output, messages, status and the state of the zoo."""
    zoo = Zoo()
    try:
        ran = subprocess.run([program, *words], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                             env={"PATH": os.environ["PATH"]}, preexec_fn=ordinary if as_nobody else None)
        return ran.stdout, ran.stderr, ran.returncode, zoo.states()
    finally:
        zoo.close()


ABORTED = 103
KILLS = [
    # name, words, as nobody, expected SO_ERROR of 2 clients and 2 servers, listening, lines without a header
    ("a connection by filter", ["-HntK", "sport = 41001"], False, [ABORTED, 0, 104, 0], [1, 1], 1),
    ("both its ends by ports", ["-HntK", "( sport = 41001 or dport = 41001 )"], False, None, [1, 1], None),
    ("a listener", ["-HntlK", "sport = 8080"], False, [0, 0, 0, 0], [0, 1], 1),
    ("an IPv6 listener", ["-Hnt6lK"], False, [0, 0, 0, 0], [1, 0], 1),
    ("a UDP socket", ["-HnuaK"], False, [0, 0, 0, 0], [1, 1], 1),
    ("what a filter leaves out lives", ["-HntaK", "sport = 7"], False, [0, 0, 0, 0], [1, 1], 0),
    ("UNIX sockets are only listed", ["-HxK"], False, [0, 0, 0, 0], [1, 1], 2),
    ("a raw socket, where the kernel can; else it is only listed", ["-HnwaK"], False, [0, 0, 0, 0], [1, 1], 1),
    ("MPTCP is left alone", ["-HnMaK"], False, [0, 0, 0, 0], [1, 1], 0),
    ("not by an ordinary user", ["-ntaK"], True, [0, 0, 0, 0], [1, 1], 1),
    ("nor UDP, which is listed all the same", ["-HnuaK"], True, [0, 0, 0, 0], [1, 1], 1),
    ("nor both", ["-tuaK"], True, [0, 0, 0, 0], [1, 1], 2),
]
REFUSAL = "SOCK_DESTROY answers: Operation not permitted\n"


def test_kills(ours, original):
    for name, words, as_nobody, errors, listening, lines in KILLS:
        out, err, status, (ends, accepting) = kill(ours, words, as_nobody)
        report(status == 0, f"kill: {name}: status 0", status)
        wanted = (REFUSAL * (2 if name == "nor both" else 1)) if as_nobody else ""
        report(err == wanted, f"kill: {name}: messages", repr(err))
        if errors is not None:
            report(ends == errors, f"kill: {name}: connections", ends)
        else:
            report(all((ends[0], ends[2])) and not any((ends[1], ends[3])), f"kill: {name}: connections", ends)
        report(accepting == listening, f"kill: {name}: listeners", accepting)
        if lines is not None:
            report(out.count("\n") == lines, f"kill: {name}: {lines} lines", out)
        if "-HxK" in words:
            continue
        if original is None:
            skip(f"kill: {name}: as the original", "no ss of iproute2 7.1 (DUOSTAT_REFERENCE_SS)")
        else:
            report((out, err, status, (ends, accepting)) == kill(original, words, as_nobody),
                   f"kill: {name}: as the original",
                   out, kill(original, words, as_nobody))


DPORT = ["dport = 8080"]  # the clients
CLIENTS = [ABORTED, ABORTED, 104, 104]
OURS = [
    # name, words, as nobody, expected SO_ERROR, listening, output (None: not checked), messages, status
    ("the first", ["-HntK", "--columns=local_port", "--sort=local_port", "--top=1", *DPORT], False,
     [ABORTED, 0, 104, 0], [1, 1],
     "41001\n", "", 0),
    ("the last", ["-HntK", "--columns=local_port", "--sort=-local_port", "--top=1", *DPORT], False,
     [0, ABORTED, 0, 104], [1, 1],
     "41002\n", "", 0),
    ("both, in order", ["-HntK", "--columns=local_port", "--sort=-local_port", *DPORT], False, CLIENTS, [1, 1],
     "41002\n41001\n", "", 0),
    ("by --where", ["-HntK", "--columns=local_port", "--where=sport = 41002"], False, [0, ABORTED, 0, 104], [1, 1],
     "41002\n", "", 0),
    ("none by --where", ["-HntK", "--columns=local_port", "--where=sport = 7"], False, [0] * 4, [1, 1], "", "", 0),
    ("strictly", ["-HntK", "--columns=local_port", "--strict", "--sort=local_port", *DPORT], False, CLIENTS, [1, 1],
     "41001\n41002\n",
     "", 0),
    ("dry run", ["-HntK", "--columns=local_port", "--dry-run", "--sort=local_port", *DPORT], False, [0] * 4, [1, 1],
     "41001\n41002\n", "", 0),
    ("dry run, counted", ["-ntaK", "--dry-run", "--count"], False, [0] * 4, [1, 1], "6\n", "", 0),
    ("dry run of listeners", ["-HntlK", "--dry-run", "--columns=family"], False, [0] * 4, [1, 1], "inet\ninet6\n", "",
     0),
    ("dry run of what cannot be closed", ["-HxK", "--dry-run", "-o"], False, [0] * 4, [1, 1], "", "", 0),
    ("strictly, what cannot be closed", ["-HxK", "--strict"], False, [0] * 4, [1, 1], "",
     "ss: -K: 2 sockets matched and were not closed: 2 of a kind that cannot be closed\n", 1),
    ("JSON has none that cannot be closed", ["-xK", "--json=lines"], False, [0] * 4, [1, 1], "", "", 0),
    ("procfs", ["--via=procfs", "-ntaK"], False, [0] * 4, [1, 1], "",
     "ss: -K: procfs cannot close sockets; use --via=netlink\n", 2),
    ("a form without rows", ["-ntaK", "--count"], False, [0] * 4, [1, 1], "",
     "ss: -K: --count does not show which sockets are closed; with --dry-run it counts those that would be\n", 2),
    ("refused", ["-HnuaK", "--columns=local_port"], True, [0] * 4, [1, 1], "",
     "SOCK_DESTROY answers: Operation not permitted\nss: udp: incomplete, 0 rows shown\n", 1),
    ("refused, strictly", ["-HnuaK", "--strict"], True, [0] * 4, [1, 1], "",
     "SOCK_DESTROY answers: Operation not permitted\nss: -K: 1 socket matched and was not closed: 1 refused "
     "(Operation not permitted); "
     "the rest of the table was not tried\n", 1),
]


def test_selection(ours):
    for name, words, as_nobody, errors, listening, output, messages, wanted in OURS:
        out, err, status, (ends, accepting) = kill(ours, words, as_nobody)
        report((ends, accepting) == (errors, listening), f"selected: {name}: closed", ends, accepting)
        report(out == output, f"selected: {name}: shown", repr(out))
        report((err, status) == (messages, wanted), f"selected: {name}: messages and status", repr(err), status)


def subscription(pid):
    """The row of the process that listens to a multicast group of sock_diag (protocol 4), else nothing."""
    with open("/proc/net/netlink") as table:
        for row in table:
            words = row.split()
            if words[1] == "4" and words[2] == str(pid) and int(words[3], 16) != 0:
                return words
    return None


class Follower:
    def __init__(self, program, words):
        self.process = subprocess.Popen([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        end = time.monotonic() + 10
        while not subscription(self.process.pid) and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        self.out = b""

    def wait_for(self, pattern, seconds=10):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.out) and (left := end - time.monotonic()) > 0:
            if select.select([self.process.stdout], [], [], left)[0]:
                piece = os.read(self.process.stdout.fileno(), 65536)
                if not piece:
                    break
                self.out += piece
        return re.search(pattern, self.out) is not None

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.out + out, err, self.process.returncode


def happen():
    """Opens and closes two connections and two UDP sockets."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen(16)
    for port in (41003, 41004):
        client, server = connect(listener, port)
        abort(client)
        abort(server)
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.bind((address, 5353))
    listener.close()


def follow(program, words, last):
    """The output up to a line that matches `last`, and whether that arrived while the program was still running."""
    follower = Follower(program, words)
    early = follower.wait_for(b".", 0.3)
    happen()
    seen = follower.wait_for(last)
    return early, seen, follower.end()


def masked(text):
    """Without cookies and times."""
    text = re.sub(rb" sk:[0-9a-f]+", b" sk:N", text)
    return re.sub(rb"(rtt|minrtt|lastrcv|lastsnd|lastack|rto|busy):[0-9./]+(ms)?"
                  rb"|(send|pacing_rate) [0-9.]+[KMGT]?bps", rb"\1\3", text)


try:
    SERVICE = socket.getservbyport(PORT, "tcp").encode()
except OSError:
    SERVICE = b"%d" % PORT  # no /etc/services, or a different one

EVENTS = [
    # words, pattern of the last line shown, number of lines
    (["-E"], rb"tcp .*:" + SERVICE + rb" .*:\*\s*\n", 8),
    (["-nE"], rb"tcp .*:8080 +0.0.0.0:\*\s*\n", 8),
    (["-HtE"], rb"UNCONN.*:" + SERVICE + rb" +0.0.0.0:\*\s*\n", 5),
    (["-nuE"], rb"\[::1\]:5353", 3),
    (["-n6E"], rb"\[::1\]:5353", 2),
    (["-nE", "sport = 5353 and src 127.0.0.1"], rb"127.0.0.1:5353", 2),
    (["-ntE", "state", "established", "dport = 41004"], rb":41004", 2),
    (["-nemE", "sport = 5353"], rb"\[::1\]:5353.*ino:0", None),
    (["-nuOiE"], rb"\[::1\]:5353", 3),
    (["-nEK"], rb"Netid", 1),
]


def test_events(ours, original):
    for words, last, lines in EVENTS:
        name = "events: ss " + " ".join(words)
        early, seen, (out, err, status) = follow(ours, words, last)
        report(not early, f"{name}: nothing before the first")
        report(seen, f"{name}: shown at once", out)
        report(err == b"" and status == -signal.SIGINT, f"{name}: ends by SIGINT without a word", err, status)
        if lines is not None:
            report(out.count(b"\n") == lines, f"{name}: {lines} lines", out.decode())
        if original is None:
            skip(f"{name}: as the original", "no ss of iproute2 7.1 (DUOSTAT_REFERENCE_SS)")
        else:
            theirs = follow(original, words, last)[2][0]
            report(masked(out) == masked(theirs), f"{name}: as the original", masked(out).decode(), "original:",
                   masked(theirs).decode())


def numbers(text):
    """The ports in the first column of the lines."""
    return [int(line.split()[0]) for line in text.splitlines()]


def whole(text, sockets):
    document = json.loads(text)
    return document["complete"] and len(document["sockets"]) == sockets


ENDS = [
    # words, output before the signal, check of the whole output
    (["-nE", "--count"], None, lambda text: text == "7\n"),
    (["-nE", "--count", "--where=protocol = udp"], None, lambda text: text == "2\n"),
    (["-nHE", "--by=protocol"], None, lambda text: [line.split() for line in text.splitlines()] == [["5", "tcp"],
        ["2", "udp"]]),
    (["-nE", "-j"], rb"\[", lambda text: whole(text, 7)),
    (["-nE", "-j", "--by=protocol"], None, lambda text: json.loads(text)["complete"]),
    (["-nE", "--json=lines"], rb"5353", lambda text: [json.loads(line) for line in text.splitlines()]
     and text.count("\n") == 7),
    (["-ntHE", "--columns=local_port"], rb"8080\n", lambda text: len(numbers(text)) == 5),
    (["-ntHE", "--columns=local_port", "--sort=-local_port"], None,
     lambda text: len(numbers(text)) == 5 and numbers(text) == sorted(numbers(text), reverse=True)),
    (["-ntHE", "--columns=local_port", "--sort=-local_port", "--top=2"], None,
     lambda text: numbers(text) == [41004, 41003]),
    (["-ntHE", "--sort=-local_port"], None, lambda text: text.count("\n") == 5 and ":41004 " in text.splitlines()[0]),
    (["-ntE", "--sort=-local_port", "--top=1"], None, lambda text: text.count("\n") == 2 and text.startswith("State")),
]


def test_ends(ours):
    """Our own formats that print at the end do so when a signal arrives."""
    for words, early, is_right in ENDS:
        for number in (signal.SIGINT, signal.SIGTERM):
            name = f"events: ss {' '.join(words)}, ended by {number.name}"
            follower = Follower(ours, words)
            other = Follower(ours, ["-nE"])  # the other follower has received every event that it received
            happen()
            other.wait_for(rb"(?s)(?=.*8080 +0.0.0.0:\*)(?=.*\[::1\]:5353)")
            if early is not None:
                report(follower.wait_for(early), f"{name}: seen as it comes", follower.out)
            other.end()
            out, err, status = follower.end(number)
            report((err, status) == (b"", 0), f"{name}: status 0 without a word", err, status)
            report(is_right(out.decode()), f"{name}: all is there", out.decode())


def test_top_ends(ours):
    for words, lines in ((["-nE", "--top=2"], 3), (["-nHE", "--top=2", "--columns=local_port"], 2),
                         (["-nE", "--top=1", "-j"], 1)):
        follower = Follower(ours, words)
        happen()
        try:
            out, err = follower.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            out, err, _ = follower.end()
        report((out.count(b"\n"), err, follower.process.returncode) == (lines, b"", 0),
               f"events: ss {' '.join(words)}: ends by itself", out, err, follower.process.returncode)


def test_where_streams(ours):
    early, seen, (out, err, status) = follow(ours, ["-nE", "--where=protocol = udp"], rb"\[::1\]:5353")
    report((early, seen, err, status, out.count(b"\n")) == (False, True, b"", -signal.SIGINT, 3),
           "events: --where chooses, and all else is as without it", out, err, status)


def test_nothing_to_follow(ours, original):
    for words in (["-E", "-x"], ["-E", "-M"], ["-E", "-0"], ["-wE"]):
        for program in filter(None, (ours, original)):
            ran = subprocess.run([program, *words], capture_output=True, timeout=10)
            report((ran.stdout, ran.stderr, ran.returncode) == (b"", b"", 255),
                   f"{'original' if program == original else 'ss'} {' '.join(words)}: 255 without a word", ran)


def test_burst(program, name):
    """Sockets are destroyed faster than events are read: the kernel reports it and the program ends."""
    follower = Follower(program, ["-HntE"])
    follower.process.send_signal(signal.SIGSTOP)
    listener = socket.create_server(("127.0.0.1", PORT), backlog=16)
    # The kernel multicasts in its own time, so how many it takes is not known beforehand.
    end = time.monotonic() + 15
    while (dropped := int(subscription(follower.process.pid)[8])) == 0 and time.monotonic() < end:
        for _ in range(100):
            client = socket.create_connection(("127.0.0.1", PORT))
            server = listener.accept()[0]
            abort(client)
            abort(server)
    listener.close()
    if dropped == 0:
        follower.process.kill()
        follower.process.communicate()
        return skip(f"{name}: lost events end it", "the kernel lost none in 15 seconds")
    follower.process.send_signal(signal.SIGCONT)
    try:
        out, err = follower.process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        out, err, _ = follower.end()
    report((follower.process.returncode, err) == (255, b"netlink receive error No buffer space available (105)\n"),
           f"{name}: lost events end it", follower.process.returncode, err, out[:200])


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # lo up
        fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
    ours = sys.argv[1]
    original = sys.argv[2] if len(sys.argv) > 2 else None
    if os.geteuid() != 0:
        skip("kill", "not root")
    else:
        test_kills(ours, original)
        test_selection(ours)
    test_events(ours, original)
    test_ends(ours)
    test_top_ends(ours)
    test_where_streams(ours)
    test_nothing_to_follow(ours, original)
    for program, name in ((ours, "ss"), (original, "original")):
        if program:
            test_burst(program, name)
    print(f"1..{number}")


main()

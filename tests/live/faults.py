#!/usr/bin/env python3
"""The fault table: every system call of representative commands fails at its first, middle and last occurrence, and at
every occurrence, with every plausible error number. A run fails the test if it crashes, hangs, or silently loses rows:
fewer rows than without the fault, nothing on standard error, status 0 and, in JSON, "complete":true. Rows that no
socket has are wrong too. Speaks TAP: one case per command and system call, or "cannot be made to fail" for none.

inject.cc describes how calls are made to fail, and why in this way.

    DUOSTAT_TEST_EFFORT=quick   half the usual sample (dev/sanitize)
    (unset)                     a few faults for each command and call, always the same ones
    DUOSTAT_TEST_EFFORT=full    more commands and every fault; prints how many there were, by outcome
    faults.py 'ss -tan' recvmsg     only the commands and calls with these words in them, every fault

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import errno
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))

import namespace

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
PROGRAM, INJECT = os.path.join(BUILD, "duostat"), os.path.join(BUILD, "tests/live/inject")
EFFORT = os.environ.get("DUOSTAT_TEST_EFFORT", "")
CONNECTIONS = 500  # for each of three processes: enough datagrams to start the read-ahead threads
PORT = 7000  # the first process listens here
WHOLE_RUN = 300  # seconds after which something outside the command hangs; inject detects hangs inside

# ---- commands ----

# The words of a command, then the commands that show what it wrote. FILE is a name that does not exist yet, CAPTURE an
# earlier capture.
COMMANDS = [
    ("ss -tan",),
    ("ss -tanp",),
    ("ss -uan",),
    ("ss -tani --json",),
    ("ss -tan --json=lines",),
    ("ss -xan",),
    ("ss -tln sport = :7000",),
    ("ss -tan --by=state,local_address",),
    ("netstat -tuan",),
    ("netstat -xanp",),
    ("netstat -rn",),
    ("netstat -s",),
    ("netstat -s --json",),
    ("duostat capture -q FILE", "ss --from=FILE -tanp", "netstat --from=FILE -tuan"),
]
MORE_COMMANDS = [
    ("ss -tani",),
    ("ss -tanpj",),
    ("ss -tuxanp --via=procfs",),
    ("ss -wan",),
    ("ss -0an",),
    ("ss -s",),
    ("ss -s --json",),
    ("ss -tan --count",),
    ("ss -tan --columns=local_address,local_port,peer_port --sort=peer_port",),
    ("ss -tan --sort=-local_port --top=7",),
    ("ss -tan --by=process",),
    ("ss -tanp --where=comm=keeper-1",),
    ("ss -xanp --json=lines",),
    ("ss --from=CAPTURE -tanp",),
    ("ss -tan -D FILE", "TCPDIAG_FILE=FILE ss -tan"),
    ("netstat -tanp",),
    ("netstat -tuanp --via=netlink",),
    ("netstat -tuan --via=procfs",),
    ("netstat -tan --json",),
    ("netstat -xan --json",),
    ("netstat -rn --json",),
    ("netstat -rn -6",),
    ("netstat -in",),
    ("netstat -in --json",),
    ("netstat -gn",),
    ("netstat -gn --via=netlink --json",),
    ("netstat -M",),
    ("netstat --from=CAPTURE -s",),
    ("duostat ss2 -tp",),
]

# ---- faults ----

NO_MEMORY = ["ENOMEM"]
FAULTS = {
    "recvmsg": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EBADF"],
    "recvfrom": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EBADF"],
    "sendto": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EPERM", "ECONNREFUSED", "EINVAL"],
    "sendmsg": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EPERM", "ECONNREFUSED", "EINVAL"],
    "socket": ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EACCES", "EPERM", "EAFNOSUPPORT", "EPROTONOSUPPORT"],
    "bind": ["EADDRINUSE", "ENOMEM", "EPERM"],
    "getsockname": ["ENOBUFS", "EBADF"],
    "setsockopt": ["ENOPROTOOPT", "ENOMEM", "EPERM"],
    "getsockopt": ["ENOPROTOOPT", "ENOMEM"],
    "connect": ["ECONNREFUSED", "ENOENT", "EINTR", "EAGAIN"],
    "openat": ["EMFILE", "ENFILE", "EACCES", "ENOENT", "ENOMEM", "EIO", "EINTR"],
    "open": ["EMFILE", "ENFILE", "EACCES", "ENOENT", "ENOMEM", "EIO", "EINTR"],
    "read": ["EIO", "ENOMEM", "EINTR", "EACCES"],
    "readv": ["EIO", "ENOMEM", "EINTR"],
    "pread64": ["EIO", "ENOMEM", "EINTR"],
    "getdents64": ["EIO", "ENOMEM", "ENOENT"],
    "readlinkat": ["EACCES", "ENOENT", "ENOMEM", "EIO"],
    "readlink": ["EACCES", "ENOENT", "ENOMEM", "EIO"],
    "mmap": NO_MEMORY, "brk": NO_MEMORY, "mprotect": NO_MEMORY, "mremap": NO_MEMORY, "munmap": NO_MEMORY,
    "madvise": ["EINVAL", "ENOMEM"],
    "clone3": ["EAGAIN", "ENOMEM", "EPERM", "ENOSYS"],
    "clone": ["EAGAIN", "ENOMEM", "EPERM"],
    "write": ["ENOSPC", "EIO", "EPIPE", "EINTR", "EAGAIN"],
    "writev": ["ENOSPC", "EIO", "EPIPE", "EINTR", "EAGAIN"],
    "pwrite64": ["ENOSPC", "EIO", "EINTR"],
    "close": ["EIO", "EINTR", "ENOSPC"],
    "fstat": ["EIO", "ENOMEM", "EACCES"],
    "newfstatat": ["EIO", "ENOMEM", "EACCES", "ENOENT"],
    "stat": ["EIO", "ENOMEM", "EACCES", "ENOENT"],
    "statx": ["EIO", "ENOMEM", "EACCES", "ENOENT", "ENOSYS"],
    "access": ["EACCES", "ENOENT", "ENOMEM"],
    "faccessat": ["EACCES", "ENOENT", "ENOMEM"],
    "faccessat2": ["EACCES", "ENOENT", "ENOMEM", "ENOSYS"],
    "ioctl": ["ENOTTY", "EIO", "ENODEV", "EPERM", "ENOMEM"],
    "fcntl": ["EINVAL", "EMFILE", "EAGAIN"],
    "lseek": ["ESPIPE", "EINVAL"],
    "dup": ["EMFILE"], "dup3": ["EMFILE"], "pipe2": ["EMFILE", "ENFILE"],
    "poll": ["EINTR", "ENOMEM"], "ppoll": ["EINTR", "ENOMEM"],
    "fsync": ["EIO", "ENOSPC"], "fdatasync": ["EIO", "ENOSPC"], "ftruncate": ["EIO", "EFBIG"],
    "fchmod": ["EPERM", "EIO"],
    "linkat": ["EEXIST", "ENOSPC", "EACCES", "ENOENT", "EIO"], "renameat": ["EACCES", "ENOSPC", "EIO"],
    "renameat2": ["EACCES", "ENOSPC", "EIO", "EINVAL"], "rename": ["EACCES", "ENOSPC", "EIO"],
    "unlink": ["EACCES", "EIO"], "unlinkat": ["EACCES", "EIO"],
}
OTHERWISE = ["EPERM", "ENOSYS"]  # the errors with which container filters refuse unknown calls
# Calls that cannot fail, or after whose failure nothing can be expected: libc aborts on purpose when futex(2) returns
# nonsense.
SPARED = {"exit", "exit_group", "futex", "rt_sigreturn", "execve", "getpid", "gettid", "getuid", "geteuid",
          "rt_sigaction",
          "rt_sigprocmask", "sched_yield", "set_robust_list", "rseq", "arch_prctl"}
MEMORY = {"mmap", "brk", "mprotect", "mremap", "munmap", "madvise"}
# Answers rather than failures: a process that has exited, a table that this kernel does not have. There may be fewer
# rows then.
ANSWERS = {("openat", "ENOENT"), ("open", "ENOENT"), ("readlinkat", "ENOENT"), ("readlink", "ENOENT"),
           ("getdents64", "ENOENT"),
           ("newfstatat", "ENOENT"), ("stat", "ENOENT"), ("statx", "ENOENT"),
           ("ioctl", "ENOTTY"),  # the interface does not have that property
           # The originals' -p silently leaves out processes whose descriptors it may not read, and so does ours (--json
           # reports them).
           ("readlinkat", "EACCES"), ("readlinkat", "EPERM"), ("readlink", "EACCES"), ("readlink", "EPERM")}
NETLINK = {"socket", "bind", "getsockname", "setsockopt", "sendto", "recvmsg"}
PASSING = {"EINTR", "EAGAIN"}  # a program may retry after these forever

Fault = collections.namedtuple("Fault", "call error first last position")


def faults_of(call, count):
    """Every fault of a call that is made this many times."""
    places = {"first": (1, 1), "last": (count, count), "middle": (count // 2 + 1, count // 2 + 1), "all": (1, 1 << 30)}
    if count < 3:
        del places["middle"]
    if count < 2:
        del places["last"]
    return [Fault(call, error, *place, position) for error in FAULTS.get(call, OTHERWISE) for position,
            place in places.items()
            if not (position == "all" and error in PASSING)]


def sample(command, faults):
    """A few, always the same for a command and a call."""
    few = {"": 2, "quick": 1}.get(EFFORT)
    if few is None or len(faults) <= few:
        return faults
    lot = lambda fault: zlib.crc32(f"{command} {fault.call} {fault.error} {fault.position}".encode())
    return sorted(faults, key=lot)[:few]


# ---- the world ----

def name_process(name):
    with open("/proc/self/comm", "w") as file:
        file.write(name)


def hold_connections(number):
    family, address = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")][number]
    listener = socket.socket(family)
    listener.bind((address, PORT + number))
    listener.listen(64)
    held = [listener]
    for _ in range(CONNECTIONS):
        client = socket.socket(family)
        client.connect((address, PORT + number))
        held += [client, listener.accept()[0]]
    return held


def hold_others(_):
    held = []
    for port in range(8000, 8040):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):  # groups of two that share a port
            for _ in range(2):
                one = socket.socket(socket.AF_INET if port % 2 else socket.AF_INET6, kind)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                one.bind(("", port))
                held.append(one)
                if kind == socket.SOCK_STREAM:
                    one.listen(5)
    for number in range(40):
        held += socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        named = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if number % 2 else socket.SOCK_DGRAM)
        named.bind(f"\0still-{number}")
        held.append(named)
    held.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
    held.append(socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0))
    return held


def keep(name, hold, number=0):
    """A process of that name that holds sockets until this one ends."""
    read, write = os.pipe()
    if os.fork() == 0:
        namespace.libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
        try:
            name_process(name)
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            held = hold(number)
            os.write(write, b"ready" if held else b"nothing")
        except OSError as error:
            os.write(write, str(error).encode())
        os.close(write)
        while True:
            signal.pause()
    os.close(write)
    said = os.read(read, 1000).decode()
    os.close(read)
    if said != "ready":
        raise namespace.Unavailable(f"{name}: {said or 'ended'}")


# ---- a run ----

class World:
    def __init__(self, directory):
        self.directory = directory
        self.file, self.capture = os.path.join(directory, "file"), os.path.join(directory, "capture")
        self.report = os.path.join(directory, "report")
        for name in ("ss", "netstat", "duostat"):
            os.symlink(PROGRAM, os.path.join(directory, name))
        self.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"}

    def words(self, command):
        words = command.replace("FILE", self.file, 1) if "TCPDIAG" not in command else command
        words = words.replace("CAPTURE", self.capture).split()
        environment = dict(self.environment)
        if words[0].startswith("TCPDIAG_FILE="):
            environment["TCPDIAG_FILE"] = self.file
            words = words[1:]
        return [os.path.join(self.directory, words[0])] + words[1:], environment

    def start(self, command, prefix=()):
        words, environment = self.words(command)
        return subprocess.run([*prefix, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=WHOLE_RUN)

    def run(self, commands, how):
        """Returns an Outcome: runs the first of `commands` under inject, and the others to show what it wrote."""
        if os.path.exists(self.file):
            os.unlink(self.file)
        ran = self.start(commands[0], [INJECT, self.report, *map(str, how)])
        with open(self.report, errors="replace") as file:
            report = [line.split() for line in file]
        outcome = Outcome(ran.stdout, ran.stderr, report)
        if outcome.silent:
            for command in commands[1:]:
                shown = self.start(command)
                outcome.output += shown.stdout
                outcome.errors += shown.stderr
        return outcome


class Outcome:
    def __init__(self, output, errors, report):
        self.output, self.errors = output, errors
        self.calls = {words[1]: int(words[2]) for words in report if words[0] == "call"}
        self.failed = [" ".join(words[1:]) for words in report if words[0] == "failed"]
        self.end = next((words[1:] for words in report if words[0] == "ended"), None)
        self.refused = next((" ".join(words[1:]) for words in report if words[0] == "refused"), None)

    @property
    def silent(self):
        return self.end == ["exit", "0"] and not self.errors and b'"complete":false' not in self.output

    def broken(self):
        """What is wrong, whatever the rows are, or None."""
        if self.end is None:
            return f"no report: {self.refused}"
        if self.end[0] != "exit":
            return " ".join(self.end)
        if re.search(rb"ERROR: \w+Sanitizer|runtime error:|terminate called|Assertion", self.errors):
            return self.errors.decode(errors="replace").strip()[:300]
        return None


VOLATILE = re.compile(r"^(last\w*|\w*time\w*|\w*rate\w*|age\w*|expires\w*)$")
HOST_WIDE = {"alloc", "mem", "orphan"}  # of net/sockstat: other tests change them, so only their presence counts


BOTH_TELL = {"protocol", "family", "state", "local_address", "local_port", "peer_address", "peer_port", "inode",
             "owners", "process"}
BOTH_TELL_UNIX = {"protocol", "family", "type", "state", "inode", "name", "refcount", "owners", "process"}


def json_row(value, key=""):
    """A value without parts that change from run to run."""
    if isinstance(value, dict):
        # Without netlink, /proc provides less about a socket: compare the fields that both provide.
        if "local_port" in value:
            value = {name: item for name, item in value.items() if name in BOTH_TELL}
        elif value.get("family") == "unix":
            value = {name: item for name, item in value.items() if name in BOTH_TELL_UNIX}
        kept = {name: "of the host" if name in HOST_WIDE else json_row(item, name)
                for name, item in value.items() if not VOLATILE.match(name)}
        return sorted(kept) if key in ("tcp_info", "bbr", "memory") else kept
    return [json_row(item) for item in value] if isinstance(value, list) else value


def rows(output):
    """The rows of an output, whatever its form, as a multiset of strings."""
    text = output.decode(errors="replace")
    found = collections.Counter()
    rest = []
    for line in text.splitlines():
        if not line.startswith("{"):
            rest.append(line)
            continue
        try:
            value = json.loads(line)
        except ValueError:
            found["JSON that is cut: " + line[:60]] += 1
            continue
        lists = [item for key, item in value.items() if isinstance(item, list) and "complete" in value] or [[value]]
        for row in [row for part in lists if part is not value.get("command") for row in part]:
            found[json.dumps(json_row(row), sort_keys=True)] += 1
    for line in rest:
        member = re.match(r'\s*"(\w+)": ', line)  # of ss2's documents, which have a line for each
        if member and VOLATILE.match(member[1]):
            continue
        if line[:1] in (" ", "\t") and ":" in line and "rto:" in line:  # details of -i: only their names
            found[" ".join(sorted(word.split(":")[0] for word in line.split() if ":" in word
                                  and not VOLATILE.match(word.split(":")[0])))] += 1
        elif line.strip():
            # Only netlink has the IPv6-only flag of a socket, and the limit of a listener's queue.
            words = " ".join(line.replace("[::]:", "*:").split())
            # The sockets that exist and those that are closed are counted for the whole host.
            words = re.sub(r"^TCP: \d+ \(estab (\d+), closed -?\d+", r"TCP: (estab \1", words)
            words = re.sub(r"^Total: \d+", "Total:", words)  # sockets that are on their way out count
            found[re.sub(r"\bLISTEN \d+ \d+ ", "LISTEN ", words)] += 1
    return found


def without_unknowns(missing, strange):
    """Both without the rows that differ only by "-" where the other source does not tell a number (the references of
    routes and groups): the dash says so."""
    for row, count in list(strange.items()):
        words = row.split()
        if "-" not in words:
            continue
        like = [other for other in missing if len(other.split()) == len(words)
                and all(a == b or (b == "-" and a.isdigit()) for a, b in zip(other.split(), words))]
        for other in like:
            shared = min(missing[other], strange[row])
            missing[other] -= shared
            strange[row] -= shared
    return +missing, set(+strange)


def verdict(fault, outcome, expected, in_files):
    """None if the run is correct, otherwise what is wrong. `in_files`: how many rows /proc has, or None."""
    broken = outcome.broken()
    if broken or not outcome.silent:
        return broken
    if (fault.call, fault.error) in ANSWERS:
        return None
    if fault.error == "EPIPE":  # the reader is gone: there is no one to report to
        return None
    got = rows(outcome.output)
    if fault.position == "all" and fault.call in NETLINK and in_files is not None:
        # Netlink never answers: the rows are those of /proc, in its words, without bound sockets.
        found = sum(got.values())
        return None if found >= in_files else f"{found} rows, and /proc has {in_files}"
    missing, strange = expected - got, set(got) - set(expected)
    if missing and strange:
        missing, strange = without_unknowns(missing, got - expected)
    if missing:
        return (f"{sum(missing.values())} of {sum(expected.values())} rows missing in silence, for one: "
                f"{min(missing)[:150]}; "
                f"instead: {min(strange, default='nothing')[:150]}")
    return f"{len(strange)} rows that are of no socket, for one: {min(strange)[:150]}" if strange else None


# ---- cases ----

class Tap:
    def __init__(self):
        self.number = 0
        self.outcomes = collections.Counter()

    def case(self, good, title, about=()):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {title}")
        for line in about:
            print(f"#   {line}")
        sys.stdout.flush()

    def skip(self, title, reason):
        self.number += 1
        print(f"ok {self.number} - {title} # SKIP {reason}")


def denies_a_process(fault, failed, command):
    """True if the fault is what an ordinary user meets at every process of another user. The originals, and our text
    with them, say nothing of its sockets' owners then; JSON does."""
    return (fault.error in ("EACCES", "EPERM") and re.search(r" /proc/\d+(/task/\d+)?/fd$", failed) is not None
            and "--json" not in command)


def leaves_no_way_to_tell(fault, command):
    """True if every write fails, of a command that first writes a recorded file to memory: its message is a write
    too."""
    return (fault.call, fault.position) == ("write", "all") and "--from" in command


def check_call(tap, world, commands, faults, expected, in_files):
    wrong, tried = [], 0
    for fault in faults:
        outcome = world.run(commands, [fault.call, getattr(errno, fault.error), fault.first, fault.last])
        if not outcome.failed and outcome.end and outcome.end[0] == "exit":
            tap.outcomes["not reached"] += 1
            continue
        tried += 1
        at = outcome.failed[0] if outcome.failed else fault.call
        complaint = verdict(fault, outcome, expected, in_files)
        if complaint and outcome.silent:
            if denies_a_process(fault, at, commands[0]) or leaves_no_way_to_tell(fault, commands[0]):
                tap.outcomes["expected silence"] += 1
                continue
        kind = "failed" if complaint else "all rows, no word" if outcome.silent else "told"
        tap.outcomes[kind] += 1
        if complaint:
            wrong.append(f"{fault.error} at {fault.position} ({fault.first}; {at}): {complaint}")
    title = f"{commands[0]}: {faults[0].call} fails ({tried} faults)"
    tap.case(not wrong, title, wrong[:40])


def check_command(tap, world, commands, calls_wanted, sanitized):
    first, again = world.run(commands, ["count"]), world.run(commands, ["count"])
    expected = rows(first.output)
    still = first.end == again.end and first.errors == again.errors and expected == rows(again.output)
    tap.case(still and bool(first.calls) and first.broken() is None,
             f"{commands[0]}: two runs agree ({sum(expected.values())} rows)",
             [f"{first.end} {first.errors[:200]!r} {min((expected - rows(again.output)) or ['-'])[:300]}"]
             if not still else [])
    if not still:
        return
    in_files = None
    if re.match(r"(ss|netstat) ", commands[0]) and not re.search(r"--via|--from|-D |-K|-E", commands[0]):
        in_files = sum(rows(world.start(commands[0] + " --via=procfs").stdout).values())
    for call in sorted(set(first.calls) - SPARED):
        if calls_wanted and call not in calls_wanted:
            continue
        if call in MEMORY and sanitized:
            tap.skip(f"{commands[0]}: {call} fails", "a sanitizer ends the program when it gets no memory of its own")
            continue
        faults = faults_of(call, max(first.calls[call], 1))
        check_call(tap, world, commands, faults if calls_wanted else sample(commands[0], faults), expected, in_files)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def main():
    if shutil.which(INJECT) is None:
        skip_all("tests/live/inject is not built")
    wanted, calls_wanted = sys.argv[1:2], set(sys.argv[2:])
    try:
        namespace.enter()
        name_process("faults")
        for number in range(3):
            keep(f"keeper-{number}", hold_connections, number)
        keep("keeper of all", hold_others)
    except namespace.Unavailable as error:
        skip_all(str(error))
    commands = COMMANDS + (MORE_COMMANDS if EFFORT == "full" or wanted else [])
    with open(PROGRAM, "rb") as file:
        sanitized = b"__asan_init" in file.read()
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        world = World(directory)
        probe = world.run(("ss -V",), ["count"])
        if probe.refused:
            skip_all(probe.refused)
        world.start(f"duostat capture -q {world.capture}")
        for command in commands:
            if not wanted or wanted[0] in command[0]:
                check_command(tap, world, command, calls_wanted, sanitized)
    if EFFORT == "full":
        print(f"# {sum(tap.outcomes.values())} faults: " + ", ".join(f"{count} {kind}" for kind,
                                                                     count in sorted(tap.outcomes.items())))
    print(f"1..{tap.number}")


main()

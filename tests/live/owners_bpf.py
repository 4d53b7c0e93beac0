#!/usr/bin/env python3
"""Owners by a BPF iterator: the same bytes as from /proc, also beside churn and for awkward processes; when `auto` asks
it; every step that can fail; what is refused. A program is loaded only as root where bpf(2) is allowed. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import os
import platform
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path.insert(0, os.path.join(TOP, "tests", "differential"))
import namespace  # noqa: E402  (found only by the line above)
import tap  # noqa: E402
from situation import DUOSTAT, keep, process  # noqa: E402

FULL = os.environ.get("DUOSTAT_TEST_EFFORT") == "full"
ROUNDS = 12
CLONE_FILES, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SYS_EXIT = 0x400, 38, 22, 60
NOBODY = 65534
HOSTILE = b"a) R 1\nx"
LINE = "ss: owners: bpf: {}; /proc is read instead\n"
test = tap.Tap()
for name in ("DUOSTAT_OWNERS", "DUOSTAT_VIA", "PROC_ROOT", "TCPDIAG_FILE"):
    os.environ.pop(name, None)


def ask(*words, before=(), **more):
    if before:  # a sanitizer looks for leaks by tracing, which strace does already
        more["env"] = {**more.get("env", os.environ), "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run([*before, DUOSTAT, *words], capture_output=True, timeout=300, **more)


def usable():
    """Why the iterator cannot be used here; empty if it can."""
    if os.geteuid() != 0:
        return "only root may load programs"
    found = re.search(rb"owners: bpf: (.*); /proc", ask("ss", "-tanp", "--owners=bpf").stderr)
    return found.group(1).decode() if found else ""


def file_called_like_a_socket():
    os.chdir(tempfile.mkdtemp(prefix="duostat-"))
    keep(open("socket:[1]", "w"))
    os.unlink("socket:[1]")
    os.rmdir(os.getcwd())


def path_descriptors():
    """O_PATH of a socket is its socket; of the file that stands for a UNIX socket it is none."""
    s = keep(socket.socket(socket.AF_UNIX))
    with tempfile.TemporaryDirectory() as directory:
        s.bind(directory + "/s")
        keep(os.open(directory + "/s", os.O_PATH))
    s.listen(1)
    keep(os.open(f"/proc/self/fd/{s.fileno()}", os.O_PATH))


def own_table():
    """A thread with a descriptor table of its own: neither source sees its sockets."""
    ready = threading.Event()

    def run():
        namespace.libc.unshare(CLONE_FILES)
        keep(socket.create_server(("127.0.0.1", 0)))
        ready.set()
        time.sleep(1e6)
    threading.Thread(target=run, daemon=True).start()
    ready.wait()


def exited_leader():
    """The main thread has exited, another one lives on."""
    keep(socket.create_server(("127.0.0.1", 0)))
    pid = os.fork()
    if pid == 0:
        keep(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        namespace.libc.syscall(SYS_EXIT, 0)


def zombie():
    keep(socket.create_server(("127.0.0.1", 0)))
    if os.fork() == 0:
        os._exit(0)


def inner_namespace():
    """Processes of a PID namespace below ours have an id in both."""
    namespace.libc.unshare(namespace.CLONE_NEWPID)
    keep(socket.create_server(("127.0.0.1", 0)))
    if os.fork() == 0:
        keep(socket.create_server(("127.0.0.1", 0)))
        time.sleep(600)


def in_flight():
    one, two = (keep(s) for s in socket.socketpair())
    with socket.create_server(("127.0.0.1", 0)) as flying:
        socket.send_fds(one, [b"x"], [flying.fileno()])


def shared():
    s = keep(socket.create_server(("127.0.0.1", 0)))
    if os.fork() == 0:
        keep(os.dup(s.fileno()))
        time.sleep(600)


def many(count, what=None):
    def act():
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        fd = os.open("/dev/null", os.O_RDONLY) if what == "files" else socket.create_server(("127.0.0.1", 0)).detach()
        for _ in range(count):
            os.dup(fd)
    return act


def crowd(count, what=None):
    """Processes with this many descriptors in all, each as many as it may have. Returns their ids."""
    each = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200, 20000)
    return [process(f"many{i}", many(min(each, count - at), what)) for i, at in enumerate(range(0, count, each))]


AWKWARD = {"file": file_called_like_a_socket, "o_path": path_descriptors, "table": own_table, "leader": exited_leader,
           "zombie": zombie, "inner": inner_namespace, "flight": in_flight, "shared": shared}


def churn():
    def run():
        while True:
            sockets = [socket.socket() for _ in range(50)]
            pairs = [socket.socketpair() for _ in range(20)]
            del sockets, pairs
    threading.Thread(target=run, daemon=True).start()


def owned(output):
    """The rows with an owner that stays; a socket without its owner is then missing."""
    return [line for line in output.splitlines() if b"users:((" in line and b"churn" not in line]


def same_bytes(title, *words, lines=bytes.splitlines):
    """The iterator between two readings of /proc, which must agree with each other for the comparison to count."""
    for attempt in range(5):
        first, ours, second = (ask(*words, f"--owners={source}") for source in ("procfs", "bpf", "procfs"))
        if lines(first.stdout) == lines(second.stdout):
            break
    else:
        return test.skip(title, "the sockets changed meanwhile")
    wanted, got = lines(first.stdout), lines(ours.stdout)
    problems = [f"/proc: {a!r}\niterator: {b!r}" for a, b in zip(wanted, got) if a != b]
    if len(wanted) != len(got):
        problems.append(f"{len(wanted)} lines, {len(got)} lines")
    if ours.stderr != first.stderr or ours.returncode != first.returncode:
        problems.append(f"{ours.returncode} {ours.stderr!r}, not {first.returncode} {first.stderr!r}")
    test.ok(title, problems)


def agreement():
    for name, act in AWKWARD.items():
        process(name, act)
    process(HOSTILE, shared)
    process("many", many(3000))
    for title, words in (("ss -anp", ("ss", "-anpO", "-A", "inet,unix")), ("netstat -anp", ("netstat", "-anp")),
                         ("netstat -tanpZ", ("netstat", "-tanpZ")),
                         ("ss -tanp --json", ("ss", "-tan", "--json=lines", "--proc=exe,user")),
                         ("ss -Z", ("ss", "-tanpZ")), ("--by process", ("ss", "-tan", "--by=process,pid")),
                         ("duostat listen", ("listen", "--json=lines")), ("ss2", ("ss2", "-t", "-a", "-p"))):
        if title.startswith("ss -Z") or "Z" in title:
            if not os.path.exists("/proc/self/attr/current"):
                test.skip(title, "no security contexts here")
                continue
        same_bytes(f"{title}: the same bytes as from /proc", *words)
    text = ask("ss", "-anpO", "-A", "inet,unix", "--owners=bpf").stdout
    test.report(b'"o_path"' in text and b'"inner"' in text, "awkward processes are among them", text[-2000:])
    churner = process("churn", churn)
    for number in range(ROUNDS):
        same_bytes(f"beside churn, round {number + 1}", "ss", "-anpO", "-A", "inet,unix", lines=owned)
    os.kill(churner, signal.SIGKILL)


def loads(*words, **more):
    """How many programs are loaded."""
    with tempfile.NamedTemporaryFile() as log:
        ran = ask(*words, before=("strace", "-f", "-qq", "-e", "trace=bpf", "-o", log.name), **more)
        assert ran.returncode == 0, ran.stderr
        return log.read().decode(errors="replace").count("BPF_PROG_LOAD")


def choice():
    few = ("ss", "-tanp")
    test.same("by default no program is loaded", 0, loads(*few))
    test.same("--owners=bpf loads one", 1, loads(*few, "--owners=bpf"))
    test.same("so does DUOSTAT_OWNERS=bpf", 1, loads(*few, env={**os.environ, "DUOSTAT_OWNERS": "bpf"}))
    test.same("--owners=procfs wins over it", 0, loads(*few, "--owners=procfs",
                                                       env={**os.environ, "DUOSTAT_OWNERS": "bpf"}))
    test.same("--owners=auto with few descriptors loads none", 0, loads(*few, "--owners=auto"))
    process("many", many(3000))
    wanted = ask(*few).stdout
    test.same("--owners=auto with many loads one", 1, loads(*few, "--owners=auto"))
    test.same("  and shows the same", wanted, ask(*few, "--owners=auto").stdout)
    test.same("  unless threads are listed", 0, loads(*few, "-T", "--owners=auto"))
    # Without a capability /proc denies something that the iterator shows.
    without = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-all")
    if shutil.which("setpriv"):
        with tempfile.NamedTemporaryFile() as log:
            ask(*few, "--owners=auto", before=("strace", "-f", "-qq", "-e", "trace=bpf", "-o", log.name, *without))
            test.report(b"BPF_PROG_LOAD" not in log.read(), "  nor without CAP_SYS_PTRACE")
    else:
        test.skip("  nor without CAP_SYS_PTRACE", "no setpriv")


def failures():
    """Each call of bpf(2) is refused in turn; /proc then answers, and a line says which step failed."""
    process("many", many(3000))
    wanted = ask("ss", "-tanp")
    for number, step in enumerate(("load the program", "link the program", "open the iterator"), 1):
        for error, text in (("EPERM", "Operation not permitted"), ("ENOSYS", "Function not implemented")):
            before = ("strace", "-f", "-qq", "-e", "trace=bpf", "-o", os.devnull, "-e",
                      f"inject=bpf:error={error}:when={number}")
            ran = ask("ss", "-tanp", "--owners=bpf", before=before)
            test.same(f"{step}: {error}", (wanted.stdout, LINE.format(f"{step}: {text}").encode(), 0),
                      (ran.stdout, ran.stderr, ran.returncode))
            quiet = ask("ss", "-tanp", "--owners=auto", before=before)
            test.same("  and auto is silent", (wanted.stdout, b"", 0), (quiet.stdout, quiet.stderr, quiet.returncode))


def forbid_bpf(error):
    """A seccomp filter: bpf(2) fails with `error`."""
    numbers = {"x86_64": (0xC000003E, 321), "aarch64": (0xC00000B7, 280)}
    architecture, number = numbers[platform.machine()]
    rows = [(0x20, 0, 0, 4), (0x15, 0, 3, architecture), (0x20, 0, 0, 0), (0x15, 0, 1, number),
            (0x06, 0, 0, 0x50000 | error),
            (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rows), ctypes.addressof(code)))
    namespace.libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if namespace.libc.prctl(PR_SET_SECCOMP, 2, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def seccomp():
    for error, text in ((1, "Operation not permitted"), (38, "Function not implemented")):
        title = f"seccomp: {text}"
        if platform.machine() not in ("x86_64", "aarch64"):
            test.skip(title, "no filter for this machine")
            continue
        ran = ask("ss", "-tanp", "--owners=bpf", preexec_fn=lambda: forbid_bpf(error))
        # The kernel's types come first, and may be missing.
        test.report(re.fullmatch(r"ss: owners: bpf: .*; /proc is read instead\n", ran.stderr.decode())
                    and ran.returncode == 0
                    and ran.stdout == ask("ss", "-tanp").stdout, title, ran.stderr)


def refused():
    def status_2(title, words, pattern, **more):
        ran = ask(*words, **more)
        test.report(ran.returncode == 2 and re.search(pattern, ran.stderr.decode()) and not ran.stdout, title,
                    ran.returncode,
                    ran.stderr)
    status_2("--owners=x names the valid words", ("ss", "-tp", "--owners=x"),
             r'--owners: "x" is not auto, bpf or procfs')
    status_2("so does DUOSTAT_OWNERS=x", ("ss", "-tp"), r'DUOSTAT_OWNERS: "x" is not',
             env={**os.environ, "DUOSTAT_OWNERS": "x"})
    status_2("--owners=bpf with -T", ("ss", "-tpT", "--owners=bpf"), "--owners=bpf: it does not list the threads")
    status_2("--owners=bpf with PROC_ROOT", ("ss", "-tp", "--owners=bpf"), "--owners=bpf: PROC_ROOT replaces",
             env={**os.environ, "PROC_ROOT": "/proc"})
    with tempfile.TemporaryDirectory() as directory:
        capture = directory + "/c"
        ask("capture", capture)
        status_2("--owners=bpf with --from", ("ss", "-tp", "--owners=bpf", f"--from={capture}"),
                 "--owners=bpf: a recorded host")
    status_2("--owners without owners", ("ss", "-t", "--owners=bpf"), "--owners: nothing here shows owners")
    status_2("--owners without owners, netstat", ("netstat", "-t", "--owners=auto"),
             "--owners: nothing here shows owners")
    status_2("--owners without owners, ss2", ("ss2", "-t", "--owners=auto"),
             "--owners: no owners are listed without -p")
    status_2("--owners of a mode without owners", ("netstat", "-r", "--owners=auto"),
             "--owners does not go with netstat -r")
    for words in (("ss", "-tanp", "-T"), ("listen",)):
        more = {"DUOSTAT_OWNERS": "bpf"} if "-T" in words else {"DUOSTAT_OWNERS": "bpf", "PROC_ROOT": "/proc"}
        ran = ask(*words, env={**os.environ, **more})
        test.report(ran.returncode == 0 and b"owners: bpf: " in ran.stderr and b"/proc is read instead" in ran.stderr,
                    f"DUOSTAT_OWNERS=bpf where it is impossible, {words[0]}: one line", ran.stderr)


def without_rights():
    if os.geteuid() != 0:
        return test.skip("a user without rights", "needs root")
    drop = lambda: os.setresuid(NOBODY, NOBODY, NOBODY)  # noqa: E731
    if ask("ss", "-tan", preexec_fn=drop).returncode != 0:
        return test.skip("a user without rights", "cannot run the program as another user")
    wanted = ask("ss", "-tanp", preexec_fn=drop)
    for source in ("bpf", "auto"):
        ran = ask("ss", "-tanp", f"--owners={source}", preexec_fn=drop)
        line = rb"(ss: owners: bpf: [^\n]*; /proc is read instead\n)" if source == "bpf" else b""
        test.report(ran.stdout == wanted.stdout and ran.returncode == 0 and re.fullmatch(line, ran.stderr),
                    f"a user without rights: --owners={source} shows what /proc shows", ran.stderr)


def explained():
    ran = ask("explain", "ss", "-tp", "--owners=bpf", before=("strace", "-f", "-qq", "-e", "trace=bpf,openat", "-o",
                                                              "/dev/stderr")
              if shutil.which("strace") else ())
    text = ran.stdout.decode()
    test.report(all(w in text for w in ("bpf_iter_task_file", "task_struct.tgid", "seq_write", "32 bytes")),
                "explain prints the target, the program and the record", text)
    test.report(b"bpf(" not in ran.stderr and b"/sys/kernel/btf" not in ran.stderr,
                "  and neither loads nor reads anything", ran.stderr)
    test.report("BPF iterator" not in ask("explain", "ss", "-tp").stdout.decode(), "  only if it would be asked")


def a_million():
    """The kernel ends a read with EAGAIN after a million descriptors without a record."""
    title = "more than a million descriptors without a record"
    if not FULL:
        return test.skip(title, "only with DUOSTAT_TEST_EFFORT=full")
    pids = crowd(1050000, "files")
    process("last", lambda: keep(socket.create_server(("127.0.0.1", 0))))
    same_bytes(title, "ss", "-tanp")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    crowd(1050000)
    same_bytes("more than a million records", "ss", "-tlnp")


def main():
    refused()
    without_rights()
    explained()
    reason = usable()
    if reason:
        test.skip("programs are loaded", reason)
        return test.plan()
    namespace.private_network()
    held = [socket.socketpair() for _ in range(10)]
    same_bytes("in the PID namespace of the host", "ss", "-anpO", "-A", "inet,unix")
    for pair in held:
        for one in pair:
            one.close()
    namespace.enter_or_skip()
    seccomp()
    traces = shutil.which("strace") is not None
    for part in (choice, failures):
        if traces:
            part()
        else:
            test.skip(part.__name__, "strace is not installed")
    agreement()
    a_million()
    test.plan()


main()

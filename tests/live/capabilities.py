#!/usr/bin/env python3
# What each capability of doc/duostat.1, RIGHTS, shows: a copy of the program gets it as a file capability, and an
# unprivileged user runs that copy. Every question is asked with every set of capabilities, so a capability that shows
# more than the manual says is detected too.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from socket_storage import load_types, make_map, store  # noqa: E402  (writes no bytecode)

NOBODY = 65534
DAC_READ_SEARCH, NET_ADMIN, SYS_PTRACE, BPF = 2, 12, 19, 39
SO_MARK, SO_ATTACH_FILTER, TCP_MD5SIG, IPPROTO_MPTCP = 36, 26, 14, 262

# The command line, the pattern that shows the information, and the capabilities that it needs according to RIGHTS.
QUESTIONS = {
    "processes": (["-tlnpH", "sport = :7777"], r'users:\(\("', "processes"),
    "executables": (["-tlH", "--json", "--proc=exe", "sport = :7777"], '"exe":', "processes"),
    "marks": (["-tlneH", "sport = :7777"], "fwmark:0x4d", "net_admin"),
    "MD5 keys": (["-tlniH", "sport = :7778"], "secretkey", "net_admin"),
    # Linux 6.15 shows the other details of an upper layer to every user, older kernels show none of them.
    "MPTCP sequence numbers": (["-taniH"], r" sfseq:", "net_admin"),
    "packet filters": (["-0nbH"], "0x06 0 0 65535", "net_admin"),
    "BPF storages": (["-tlnH", "--bpf-maps", "sport = :7777"], "map_id:", "bpf"),
}
SETS = {"no capability": ((), None), "cap_sys_ptrace, cap_dac_read_search": ((SYS_PTRACE, DAC_READ_SEARCH),
    "processes"),
        "cap_net_admin": ((NET_ADMIN,), "net_admin"), "cap_bpf": ((BPF,), "bpf")}


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit()


def file_capabilities(numbers):
    """The value of security.capability: revision 2, permitted and effective (capabilities(7))."""
    mask = sum(1 << n for n in numbers)
    return struct.pack("<IIIII", 0x02000001, mask & 0xffffffff, 0, mask >> 32, 0)


def make_sockets():
    """Makes one socket for each question; returns the reasons why questions cannot be asked."""
    held, unavailable = [], {}

    def listener(port, prepare=lambda s: None, protocol=0):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
        held.append(s)
        prepare(s)
        s.bind(("127.0.0.1", port))
        s.listen(2)
        return s

    def ask(question, make):
        try:
            make()
        except OSError as error:
            unavailable[question] = str(error)

    marked = listener(7777, lambda s: s.setsockopt(socket.SOL_SOCKET, SO_MARK, 0x4d))
    peer = struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton("127.0.0.9")).ljust(128, b"\0")
    signature = peer + struct.pack("=BBHI80s", 0, 0, 9, 0, b"secretkey")
    ask("MD5 keys", lambda: listener(7778, lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, signature)))

    def multipath():
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
        server = listener(7779, protocol=IPPROTO_MPTCP)
        held.append(client)
        client.connect(server.getsockname())
        held.append(server.accept()[0])

    def packet():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        held.append(s)
        accept_all = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0xffff))
        s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HL", 1, ctypes.addressof(accept_all)))

    ask("MPTCP sequence numbers", multipath)
    ask("packet filters", packet)
    ask("BPF storages", lambda: held.append(store_value(marked)))
    return held, unavailable


def store_value(sock):
    """A map of socket storage that has an int for the socket."""
    btf = load_types()
    storage = make_map(btf, 1, 4)
    os.close(btf)
    store(storage, sock, struct.pack("=i", 1))
    return storage


def main():
    if os.geteuid() != 0:
        skip_all("must be root, to give a file capabilities")
    if os.environ.get("DUOSTAT_TEST_INSIDE") is None:
        if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode != 0:
            skip_all("no private network namespace (unshare -n)")
        os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], dict(os.environ, DUOSTAT_TEST_INSIDE="1"))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        ss = os.path.join(folder, "ss")
        shutil.copy(os.path.join(os.environ["top_builddir"], "duostat"), ss)
        os.chmod(ss, 0o755)
        try:
            os.setxattr(ss, "security.capability", file_capabilities([NET_ADMIN]))
            subprocess.run([ss, "-V"], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            skip_all(f"no file capabilities here: {error}")
        compare(ss)


def compare(ss):
    held, unavailable = make_sockets()
    print(f"1..{len(SETS) * len(QUESTIONS)}")
    number = 0
    for name, (numbers, group) in SETS.items():
        if numbers:
            os.setxattr(ss, "security.capability", file_capabilities(numbers))
        else:
            os.removexattr(ss, "security.capability")
        for question, (arguments, pattern, needs) in QUESTIONS.items():
            number += 1
            what = f"{number} - {name}: {question} {'shown' if needs == group else 'not shown'}"
            if question in unavailable:
                print(f"ok {what} # SKIP {unavailable[question]}")
                continue
            try:
                ran = subprocess.run([ss, *arguments], user=NOBODY, group=NOBODY, extra_groups=[],
                                     capture_output=True, text=True,
                                     env={"PATH": "/usr/bin:/bin"}, check=False)
            except OSError as error:  # a capability that this process lacks cannot be granted
                print(f"ok {what} # SKIP {error}")
                continue
            shown = re.search(pattern, ran.stdout) is not None
            print(f"{'ok' if shown == (needs == group) and ran.returncode == 0 else 'not ok'} {what}")
            if shown != (needs == group):
                print("".join(f"# {line}\n" for line in (ran.stdout + ran.stderr).splitlines()), end="")
    del held


main()

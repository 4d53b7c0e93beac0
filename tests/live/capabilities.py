#!/usr/bin/env python3
# What each capability of doc/duostat.1, RIGHTS, shows: a copy of the program gets it as a file capability, and nobody runs that.
# Each question is asked with each set of capabilities, so that a capability that shows more than the manual says is seen too.
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

NOBODY = 65534
DAC_READ_SEARCH, NET_ADMIN, SYS_PTRACE, BPF = 2, 12, 19, 39
SO_MARK, SO_ATTACH_FILTER, TCP_MD5SIG, IPPROTO_MPTCP = 36, 26, 14, 262
CALL = {"x86_64": 321, "aarch64": 280, "s390x": 351}.get(os.uname().machine)

# What is asked, the pattern that shows it, and the capabilities that RIGHTS says it takes.
QUESTIONS = {
    "processes": (["-tlnpH", "sport = :7777"], r'users:\(\("', "processes"),
    "executables": (["-tlH", "--json", "--proc=exe", "sport = :7777"], '"exe":', "processes"),
    "marks": (["-tlneH", "sport = :7777"], "fwmark:0x4d", "net_admin"),
    "MD5 keys": (["-tlniH", "sport = :7778"], "secretkey", "net_admin"),
    # Linux 6.15 shows the rest of an upper layer's details to everybody, older kernels show none of them.
    "MPTCP sequence numbers": (["-taniH"], r" sfseq:", "net_admin"),
    "packet filters": (["-0nbH"], "0x06 0 0 65535", "net_admin"),
    "BPF storages": (["-tlnH", "--bpf-maps", "sport = :7777"], "map_id:", "bpf"),
}
SETS = {"no capability": ((), None), "cap_sys_ptrace, cap_dac_read_search": ((SYS_PTRACE, DAC_READ_SEARCH), "processes"),
        "cap_net_admin": ((NET_ADMIN,), "net_admin"), "cap_bpf": ((BPF,), "bpf")}


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit()


def file_capabilities(numbers):
    """The value of security.capability: revision 2, permitted and effective (capabilities(7))."""
    mask = sum(1 << n for n in numbers)
    return struct.pack("<IIIII", 0x02000001, mask & 0xffffffff, 0, mask >> 32, 0)


def make_sockets():
    """One socket for each question, and why a question cannot be asked."""
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

    def storage():
        if CALL is None:
            raise OSError("the number of bpf(2) is not known for this machine")
        held.append(store_value(marked))

    ask("MPTCP sequence numbers", multipath)
    ask("packet filters", packet)
    ask("BPF storages", storage)
    return held, unavailable


def store_value(sock):
    """A map of socket storage with a value of int for the socket. Types are required (BPF_MAP_TYPE_SK_STORAGE)."""
    libc = ctypes.CDLL(None, use_errno=True)

    def bpf(command, *attributes):
        attr = ctypes.create_string_buffer(b"".join(attributes), 128)
        result = libc.syscall(CALL, command, attr, 128)
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result

    types, strings = struct.pack("=4I", 1, 1 << 24, 4, 1 << 24 | 32), b"\0int\0"
    raw = struct.pack("=HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings
    data = ctypes.create_string_buffer(raw, len(raw))
    btf = bpf(18, struct.pack("=QQIII", ctypes.addressof(data), 0, len(raw), 0, 0))
    storage = bpf(0, struct.pack("=IIIIIII16sIIII", 24, 4, 4, 0, 1, 0, 0, b"test", 0, btf, 1, 1))
    os.close(btf)
    key, value = ctypes.create_string_buffer(struct.pack("=i", sock.fileno()), 4), ctypes.create_string_buffer(struct.pack("=i", 1), 4)
    bpf(2, struct.pack("=IIQQQ", storage, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
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
                ran = subprocess.run([ss, *arguments], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True,
                                     env={"PATH": "/usr/bin:/bin"}, check=False)
            except OSError as error:  # a capability that this process lacks cannot be given
                print(f"ok {what} # SKIP {error}")
                continue
            shown = re.search(pattern, ran.stdout) is not None
            print(f"{'ok' if shown == (needs == group) and ran.returncode == 0 else 'not ok'} {what}")
            if shown != (needs == group):
                print("".join(f"# {line}\n" for line in (ran.stdout + ran.stderr).splitlines()), end="")
    del held


main()

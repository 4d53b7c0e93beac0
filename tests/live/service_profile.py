#!/usr/bin/env python3
"""duostat metrics under the restrictions of packaging/prometheus/duostat-metrics.service: a loader applies its lists of
system calls, address families and capabilities as systemd does (seccomp, bounding set, no new privileges), so that the
service is tested where systemd is not. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import errno
import os
import platform
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("top_srcdir", ".")
DUOSTAT = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
SERVICE = os.path.join(SOURCE, "packaging/prometheus/duostat-metrics.service")
# systemd.exec(5), SystemCallFilter=: always permitted with a list of what is.
ALWAYS = "execve exit exit_group getrlimit rt_sigreturn sigreturn clock_nanosleep nanosleep time".split()
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "s390x": 0x80000016}
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 24, 38, 22, 2
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
AT_NUMBER, AT_ARCH, AT_ARGUMENT = 0, 4, 16 + (4 if sys.byteorder == "big" else 0)
CAPABILITIES = {"CAP_DAC_READ_SEARCH": 2, "CAP_SYS_PTRACE": 19}
LAST_CAPABILITY = int(open("/proc/sys/kernel/cap_last_cap", encoding="ascii").read())
libc = ctypes.CDLL(None, use_errno=True)


class Tap:
    number = 0

    def check(self, good, title, *notes):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {title}")
        if not good:
            for note in notes:
                print("#   " + str(note)[:2000].replace("\n", "\n#   "))


def setting(name):
    """All words of a setting of the service; systemd joins its lines."""
    with open(SERVICE, encoding="ascii") as file:
        return [word for line in re.findall(rf"(?m)^{name}=(.*)$", file.read()) for word in line.split()]


def numbers_of(names, compiler):
    """The numbers of system calls on this machine; it lacks some (arch_prctl, access)."""
    text = "#include <sys/syscall.h>\n" + "".join(f"@{name} SYS_{name}\n" for name in names)
    out = subprocess.run([compiler, "-E", "-P", "-"], input=text, stdout=subprocess.PIPE, check=True, text=True).stdout
    return {name: int(value) for name, value in re.findall(r"@(\w+) (\d+)", out)}


def program(numbers, families):
    """A seccomp filter: only these calls, and socket(2) only of these families."""
    socket_call = numbers["socket"]
    code = [(LOAD_WORD, 0, 0, AT_ARCH), (JUMP_EQUAL, 1, 0, AUDIT_ARCH[platform.machine()]), (RETURN, 0, 0, KILL),
            (LOAD_WORD, 0, 0, AT_NUMBER)]
    for number in numbers.values():
        if number != socket_call:
            code += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    code += [(JUMP_EQUAL, 1, 0, socket_call), (RETURN, 0, 0, ERRNO | errno.EPERM), (LOAD_WORD, 0, 0, AT_ARGUMENT)]
    for family in families:
        code += [(JUMP_EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW)]
    code.append((RETURN, 0, 0, ERRNO | errno.EAFNOSUPPORT))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def prctl(*arguments):
    if libc.prctl(*(ctypes.c_ulong(a) for a in arguments)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {arguments[0]}")


def restrict(code, kept):
    """In the child, before exec."""
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in kept:
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    held = ctypes.create_string_buffer(code)
    head = ctypes.create_string_buffer(struct.pack("HP", len(code) // 8, ctypes.addressof(held)))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(head), 0, 0)


def run(words, restricted=None):
    prepare = (lambda: restrict(*restricted)) if restricted else None
    return subprocess.run(words, capture_output=True, text=True, preexec_fn=prepare, timeout=300)


def complaints(ran):
    return set(re.sub(r"\d+", "N", ran.stderr).splitlines())


def families_in(path):
    with open(path, encoding="utf-8") as file:
        return set(re.findall(r"(?m)^# TYPE (\S+)", file.read()))


def main():
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("g++")
    if os.getuid() != 0 or platform.machine() not in AUDIT_ARCH or compiler is None:
        print("1..0 # SKIP needs root, a C compiler, and a machine whose numbers of calls this test knows")
        return
    tap = Tap()
    listed = setting("SystemCallFilter")
    plain = not any(word[0] in "@~" for word in listed)
    tap.check(plain and len(listed) == len(set(listed)), "the list has plain names, each once", listed)
    numbers = numbers_of(listed + ALWAYS, compiler)
    tap.check({"read", "socket", "readlinkat", "linkat"} <= set(numbers), "they are system calls", numbers)
    families = [getattr(socket, name) for name in setting("RestrictAddressFamilies")]
    kept = [CAPABILITIES[name] for name in setting("CapabilityBoundingSet")]
    profile = (program(numbers, families), kept)
    with tempfile.TemporaryDirectory() as directory:
        free, bound = f"{directory}/free.prom", f"{directory}/bound.prom"
        command = [DUOSTAT, "metrics", "--top=20", "--output="]
        before = run(command[:-1] + [command[-1] + free])
        after = run(command[:-1] + [command[-1] + bound], profile)
        said = complaints(after) - complaints(before)
        # Without CAP_SYS_ADMIN one rule cannot look into the namespaces of containers: the service says so.
        said = {line for line in said if "closed-sockets" not in line and "namespace" not in line}
        tap.check(after.returncode == before.returncode or after.returncode == 1 and not said,
                  "metrics under the profile: its status", before, after)
        tap.check(not said, "it complains of nothing else than without", said)
        if os.path.exists(bound):
            lost = {name for name in families_in(free) - families_in(bound) if "closed_sockets" not in name}
            tap.check(not lost, "every metric is there", lost)
        else:
            tap.check(False, "every metric is there", after)
        for via in ("procfs", "netlink"):
            ran = run(command[:-1] + [f"--via={via}", command[-1] + bound], profile)
            tap.check(ran.returncode in (0, 1) and os.path.getsize(bound) > 1000, f"the same by {via}", ran)
        # That the profile holds: what is not in it fails, and a profile without what metrics needs is noticed.
        ran = run(["unshare", "-n", "true"], profile)
        tap.check(ran.returncode != 0 and "permitted" in ran.stderr, "unshare(2) is refused", ran)
        python = [sys.executable, "-S", "-c", "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"]
        ran = run(python, (program({**numbers, **numbers_of(["sysinfo", "getcwd"], compiler)}, families), kept))
        tap.check(ran.returncode != 0 and "family" in ran.stderr, "a packet socket is refused", ran)
        less = {name: number for name, number in numbers.items() if name != "readlinkat"}
        ran = run(command[:-1] + [command[-1] + bound], (program(less, families), kept))
        told = ran.returncode == 1 and "owners" in ran.stderr
        tap.check(told, "without readlinkat(2): says what it cannot read", ran)
    print(f"1..{tap.number}")


main()

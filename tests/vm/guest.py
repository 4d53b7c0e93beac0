# The tests inside the second kernel, in stages: the rules of `duostat audit` about limits of a whole host; comparisons
# without any module; with IPv6 but no diag modules; with all families and their diag modules; and finally without
# netlink sock_diag for any process.
#
# usage: guest.py SOURCE BUILD DIRECTORY [WORD]
#
# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import errno
import os
import shutil
import socket
import struct
import subprocess
import sys
import time

SOURCE, BUILD, DIRECTORY, *REST = sys.argv[1:]
WORD = REST[0] if REST else ""
sys.path[:0] = [f"{SOURCE}/tests/differential", f"{SOURCE}/tests/vm"]

import host_rules
import main
import namespace
import run
import zoo
from case import Case, Programs
from families import Families

# Only run.sh decides when the guest is stuck.
run.TIMEOUT = 3600

FAMILY_MODULES = ["sctp", "dccp_ipv4", "dccp_ipv6", "tipc", "vsock", "vsock_loopback"]
DIAG_MODULES = ["udp_diag", "unix_diag", "raw_diag", "af_packet_diag", "netlink_diag", "sctp_diag", "dccp_diag",
                "net-pf-16-proto-4-type-30", "vsock_diag"]  # TIPC's is called diag, so use its alias

# Without a diag module both fall back to /proc; only the Process column depends on the version there.
FALLBACK_SS = ["", "-a", "-t -a -n", "-u -a -n", "-x -a -n", "-x -a -n -p", "-w -a -n", "-w -a -n -e", "-0 -a -n -e",
               "-f netlink -n", "-tuwx -l -n", "-u -a -n -e -m -o -i -p", "-s", "-A all -a -n -H",
               "-u -n src 127.0.0.1"]
FALLBACK_NETSTAT = ["-a -n", "-t -u -U -w -x -a -n -e -o -p", "-S -a -n", "-s", "-i -a", "-r -n", "-g -n", "-6 -a -n"]
SIX_SS = ["-6 -a -n", "-w -a -n", "-t -u -a -n -e -p"]
SIX_NETSTAT = ["-a -n", "-6 -l -n -p", "-r -6 -n", "-g -n"]
UNLISTED = ["-S -a -n", "-d -a -n", "--tipc -a", "--vsock -a"]

ALL_SS = ["-S", "-S -a -n", "-S -l -n", "-S -a -n -p", "-S -a -n -i", "-S -a -n -e -m -i -o -p", "-S -a -n -O -i",
          "-S -a -n -6",
          "-S -n state established", "-S -a -n src 127.0.0.1", "-d", "-d -a -n -e", "-d -a -n -i", "-d -a -n -m -p",
          "--tipc", "--tipc -l", "--tipc -a -e", "--tipc --tipcinfo -a", "--tipc --tipcinfo -a -O", "--tipc -a -p",
          "--vsock", "--vsock -a", "--vsock -l -n", "--vsock -a -e", "--vsock -a -n -p", "-A vsock_stream -a",
          "-A vsock_dgram -a",
          "-w -a", "-A raw -e", "-w -a -n -e -p -m", "-w -a -6", "-0 -a -n -e", "-0 -a -n -p", "-A p_dgr -n",
          "-A netlink -a -n -e",
          "-x -a -n -e -m -p", "-u -a -n -e -m", "-a -n", "-A all -a -n -e", "-s"]
ALL_NETSTAT = ["-S", "-S -a", "-S -l -n", "-S -a -n -e -o -p", "-S -a -n -W", "-s -S", "-t -S -u -a -n", "-6 -S -a -n"]
ALL_VIA = [("procfs", "-w -a -n"), ("procfs", "-u -a -n"), ("netlink", "-w -a -n"), ("netlink", "-u -a -n"),
           ("netlink", "-x -a -n -e"), ("netlink", "-0 -n"), ("netlink", "-S -a -n")]
# Number of rows that a filter selects: in the original those of vsock do not work (doc/quirks.md, vsock-port).
VSOCK_FILTERS = [("src vsock:1:5000", 2), ("dst vsock:1:5000", 2), ("src vsock:9:*", 0), ("sport = vsock::6000", 1)]

# Without sock_diag, TCP is read from /proc too.
BLIND_SS = ["", "-t -a -n -e -o", "-t -l -p", "-tuwx -a -n -p", "-t -6 -a", "-t -n state time-wait", "-s"]
BLIND_NETSTAT = ["-t -a -n -p", "-S -a -n"]


def words(line):
    return tuple(line.split())


class Bare(zoo.Zoo):
    """The part of the zoo that needs no IPv6. Nothing in it expires."""

    def refresh(self, force=False):
        return False


def modprobe(name):
    """The reason why it is missing, or nothing."""
    ran = subprocess.run(["modprobe", "-d", DIRECTORY, name], capture_output=True, text=True)
    return ran.stderr.strip().replace(f"{DIRECTORY}/", "") if ran.returncode else ""


def refuse_sock_diag():
    """From here on, here and in all children, socket(AF_NETLINK, any, NETLINK_SOCK_DIAG) says EPROTONOSUPPORT, as a
    kernel without sock_diag does. The filter reads the low halves of the system call's number and arguments (little
    endian)."""
    LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
    SYS_SOCKET, NETLINK_SOCK_DIAG, ALLOW, ERRNO = 41, 4, 0x7FFF0000, 0x00050000
    code = [(LOAD, 0, 0, 0), (EQUAL, 0, 5, SYS_SOCKET), (LOAD, 0, 0, 16), (EQUAL, 0, 3, socket.AF_NETLINK),
            (LOAD, 0, 0, 32),
            (EQUAL, 0, 1, NETLINK_SOCK_DIAG), (RETURN, 0, 0, ERRNO | errno.EPROTONOSUPPORT), (RETURN, 0, 0, ALLOW)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in code))
    header = struct.pack("HP", len(code), ctypes.addressof(program))
    PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
    namespace.checked("prctl(PR_SET_SECCOMP)", namespace.libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0))


class Stages:
    def __init__(self):
        self.report = main.Report()
        other_ss = os.environ.get("DUOSTAT_REFERENCE_SS")
        reference = {"ss": other_ss or main.which("ss"), "netstat": main.which("netstat")}
        version = (999, 0, 0) if other_ss else main.version_of(reference["ss"])
        os.makedirs(f"{DIRECTORY}/programs")
        self.programs = Programs(reference, main.place(f"{DIRECTORY}/programs", f"{DIRECTORY}/host/duostat"), version)
        self.animals, self.keep = None, []

    def compare(self, title, tool, lines, via=None, fallback=False):
        chosen = [c for c in (Case(tool, words(line), via=via, fallback=fallback) for line in lines) if WORD in str(c)]
        if chosen:
            print(f"# {title}")
        for case in chosen:
            if self.animals:
                self.animals.refresh()
            self.report.case(case, self.programs)

    def check(self, about, right, got):
        if WORD not in about:
            return
        self.report.number += 1
        self.report.identical += bool(right)
        self.report.failed += not right
        print(f"{'ok' if right else 'not ok'} {self.report.number} - {about}")
        if not right:
            print(f"#   {got}")

    def refuses(self, line, reason, status=1):
        ran = run.run(self.programs.ours["ss"], ["ss", "--via=netlink", *words(line)], run.How())
        self.check(f"ss --via=netlink {line}: says that it cannot, and fails",
                   ran.status == status and reason in ran.err and ran.err.count(b"\n") == 1, ran)

    def populate(self, kind, name):
        os.makedirs(f"{DIRECTORY}/{name}")
        made = kind(f"{DIRECTORY}/{name}", f"{BUILD}/tests/differential/hold", [main.NOBODY])
        self.keep.append(made)
        for note in made.notes:
            print(f"# left out: {note}")
        return made

    def load(self, names):
        for name in names:
            reason = modprobe(name)
            if reason:
                print(f"# left out: {reason}")

    # ---- the stages ----

    def limits(self):
        if WORD not in "audit:":
            return
        self.load(["dummy"])
        host_rules.check_all(f"{DIRECTORY}/host/duostat", self.check)
        subprocess.run(["modprobe", "-d", DIRECTORY, "-r", "dummy"], check=True)  # the next stage has no module

    def bare(self):
        self.populate(Bare, "bare")
        self.compare("no module at all", "ss", FALLBACK_SS, fallback=True)
        self.compare("no module at all", "netstat", FALLBACK_NETSTAT)
        for line in ("-u -a", "-x -a", "-w -a", "-0", "-A netlink -a"):
            self.refuses(line, b"No such file or directory")

    def six(self):
        self.load(["ipv6", "dummy"])
        # IPv6 gives ::1 to an interface that is brought up.
        namespace.interface_request("lo", 0x8914, struct.pack("H22x", 0))
        namespace.interface_up("lo")
        for animals in self.keep:
            animals.close()
        self.animals = self.populate(zoo.Zoo, "six")
        self.compare("IPv6, no diag module", "ss", SIX_SS, fallback=True)
        self.compare("IPv6, no diag module", "netstat", SIX_NETSTAT)

    def everything(self):
        self.load(FAMILY_MODULES)
        self.populate(Families, "families")
        self.compare("families without their diag modules", "ss", UNLISTED)
        self.refuses("-S -a", b"No such file or directory")
        self.load(DIAG_MODULES)
        self.compare("every family and module", "ss", ALL_SS)
        self.compare("every family and module", "netstat", ALL_NETSTAT)
        for line, rows in VSOCK_FILTERS:
            ran = run.run(self.programs.ours["ss"], ["ss", "--vsock", "-a", "-H", *words(line)], run.How())
            self.check(f"ss --vsock -a -H {line}: {rows} rows", ran.out.count(b"\n") == rows and ran.status == 0, ran)
        for via, line in ALL_VIA:
            self.compare("one backend", "ss", [line], via)

    def owners(self):
        """This kernel has no BTF, so the iterator cannot be made: /proc answers, and only --owners=bpf says so."""
        if os.path.exists("/sys/kernel/btf/vmlinux"):
            print("# left out: owners on a kernel without BTF, because this kernel has it")
            return
        for line in ("-t -a -n -p", "-x -a -n -p"):
            asked = {source: run.run(self.programs.ours["ss"], ["ss", *words(line), f"--owners={source}"], run.How())
                     for source in ("procfs", "bpf", "auto")}
            of_proc, of_bpf, of_auto = (asked[source] for source in ("procfs", "bpf", "auto"))
            one_line_more = of_bpf.err.count(b"\n") == of_proc.err.count(b"\n") + 1
            self.check(f"ss {line} --owners=bpf without BTF: what /proc says, and one line about it",
                       of_proc.out.count(b"users:((") > 0 and of_bpf.out == of_proc.out and
                       of_bpf.status == of_proc.status == 0 and one_line_more and
                       b"read the kernel's types" in of_bpf.err, of_bpf.err)
            same = (of_auto.out, of_auto.err, of_auto.status) == (of_proc.out, of_proc.err, of_proc.status)
            self.check(f"ss {line} --owners=auto without BTF: what /proc says, and no word", same, of_auto.err)

    def blind(self):
        refuse_sock_diag()
        self.compare("no sock_diag", "ss", BLIND_SS, fallback=True)
        self.compare("no sock_diag", "netstat", BLIND_NETSTAT)
        for line in ("-t -a", "-u -a", "-x -a"):
            self.refuses(line, b"Protocol not supported")


def timed(name, function):
    start = time.monotonic()
    function()
    print(f"# {name}: {time.monotonic() - start:.1f} seconds")


def go():
    namespace.interface_up("lo")
    namespace.local_names_only(DIRECTORY)
    stages = Stages()
    for stage in (stages.limits, stages.bare, stages.six, stages.everything, stages.owners, stages.blind):
        timed(stage.__name__, stage)
    stages.report.close()


if __name__ == "__main__":
    go()

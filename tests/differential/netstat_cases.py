# The differential test's command lines of netstat: every option of the socket listing, alone and combined.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

import netstat_pairs
from case import Case
from ss_cases import words

TABLES = ["", "-t", "-u", "-U", "-w", "-x", "-tu", "-tuUwx", "-4", "-6", "-4 -6", "-t -4", "-u -6", "-4 -x", "-A inet",
          "-A inet6", "-A unix", "-A inet,unix", "-A inet -A inet6", "--inet", "--ip", "--unix", "--protocol=inet6"]
MODES = ["", "-a", "-l", "-a -l"]
EXTRAS = ["", "-n", "-p", "-e", "-o", "-W", "-n -p", "-n -e", "-n -o", "-n -W", "-n -e -o -p -W", "-e -p", "-n -e -e",
          "--numeric-hosts", "--numeric-ports", "--numeric-users -e", "-v", "-v -n", "-N", "-d"]
ERRORS = ["--bogus", "-T", "-q", "-A", "--num", "--un", "--interfaces=lo", "-?", "-tx --nosuch -V", "-t -Y"]
REFUSALS = ["-A bogus", "-A inet,,inet6", "-A inet,nonsense", "-Z"]
VERBATIM = ["foo", "-t foo bar", "-tan --", "--tcpip -tan", "-A tcpip -tan", "-A ip6 -tan", "--listen -t -n",
            "--program -tan",
            "--timer -tan", "-tuan -c5x"]


def cases(have_nobody, frozen):
    for table in TABLES:
        for mode in MODES:
            for extra in EXTRAS:
                yield Case("netstat", words(table, mode, extra))
    for columns in (60, 80, 132, 200):
        for table in ("", "-tuwx"):
            for extra in ("-n", "-n -a -p -e -o", "-n -a -W"):
                yield Case("netstat", words(table, extra), columns)
    for line in VERBATIM[:-1] + REFUSALS:
        yield Case("netstat", words(line))
    yield Case("netstat", ("-A", ""))
    for line in ERRORS + [VERBATIM[-1]]:
        yield Case("netstat", words(line), usage=True)
    for option in ("-h", "--help"):
        yield Case("netstat", (option,), usage=True)
    for option in ("-V", "--version"):
        yield Case("netstat", (option,))
    for line in ("-c -t -n", "-t -u -n -c -l", "-x -c"):
        yield Case("netstat", words(line), passes=2)
    for via in ("procfs", "netlink"):
        for table in ("", "-t", "-u", "-U", "-w", "-x", "-tuUwx"):
            if "w" in table and via == "netlink":
                continue  # an error where the kernel has no raw_diag
            for mode in MODES:
                for extra in ("", "-n", "-n -e -o -p", "-n -W") if via == "procfs" else ("-n", "-n -e -o -p"):
                    yield Case("netstat", words(table, mode, extra), via=via)
    if have_nobody:
        for table in ("", "-t", "-u", "-x", "-tuUwx"):
            for mode in MODES:
                for extra in ("-n", "-n -p", "-n -e -o -p"):
                    yield Case("netstat", words(table, mode, extra), user="nobody")
        for via in ("procfs", "netlink"):
            for table in ("", "-t", "-u", "-U", "-x", "-r", "-6r", "-i", "-ie", "-g", "-s", "-M"):
                for extra in ("-n",) if table[-1:] in set("risgM") else ("-a -n", "-l -n -e -o", "-n -p"):
                    yield Case("netstat", words(table, extra), user="nobody", via=via)
    if frozen:
        for table in TABLES:
            for mode in MODES:
                for extra in ("", "-n", "-n -o", "-n -e -o -p", "-n -e -o -p -W"):
                    yield Case("netstat", words(table, mode, extra), via="procfs", frozen=True)
    yield from netstat_pairs.cases(os.environ.get("DUOSTAT_TEST_EFFORT"))

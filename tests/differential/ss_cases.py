# The differential test's command lines of ss: every option of the listing, alone and combined.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

import ss_pairs
import zoo
from case import Case

TABLES = ["", "-t", "-u", "-w", "-x", "-tu", "-tuwx", "-4", "-6", "-t -4", "-t -6", "-u -6", "-4 -6 -t", "-6 -4 -t",
          "-0",
          "-f inet", "-f inet6", "-f unix", "-f link", "-f netlink", "-A tcp", "-A udp,raw", "-A inet", "-A unix_dgram",
          "-A u_str,u_seq", "-A all", "-A all,!tcp", "-A packet", "-t -A udp", "-A udp -t", "-f inet -A unix_stream"]
WIDE_TABLES = ["", "-t", "-u", "-w", "-x", "-tu", "-0", "-f netlink", "-6"]
MODES = ["", "-a", "-l"]
EXTRAS = ["", "-n", "-e", "-o", "-m", "-p", "-i", "-n -e", "-n -o", "-n -m", "-n -p", "-n -i", "-n -e -m -i -o -p",
          "-O", "-H",
          "-n -O -i", "-n -O -m -e", "-n -H -O -e -m -i -o -p", "-n -e -e", "-nep"]
WIDE_EXTRAS = ["-n", "-n -p", "-n -e", "-n -m -i", "-H -n", "-n -O -e -m -i -o -p"]
COLUMNS = [60, 80, 100, 132, 200]
STATES = ["established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "unconnected", "close",
          "closed",
          "close-wait", "last-ack", "listening", "closing", "all", "connected", "synchronized", "bucket", "big",
          "ESTABLISHED",
          "syn-rcv"]
ERRORS = ["--bogus", "-3", "-f bogus", "-f", "-A bogus", "-A tcp,", "-A", "--con", "-tx --nosuch -V", "-D", "-t -Y -n"]


def words(*parts):
    return tuple(word for part in parts for word in part.split())


def cases(have_nobody, dump_file, captured_proc, modern=False, lacking=()):
    """`modern`: the reference has the options and bytes of 7.1, so that any line may be asked but with the options
    `lacking`."""
    for table in TABLES:
        for mode in MODES:
            for extra in EXTRAS:
                yield Case("ss", words(table, mode, extra))
    for columns in COLUMNS:
        for table in WIDE_TABLES:
            for mode in MODES:
                for extra in WIDE_EXTRAS:
                    yield Case("ss", words(table, mode, extra), columns)
    yield from every_width()
    yield from control_group_cases()
    yield from state_cases()
    for option in ("-V", "-v", "--version"):
        yield Case("ss", (option,))
    for option in ("-h", "--help", "-f help"):
        yield Case("ss", words(option), usage=True)
    for line in ERRORS:
        yield Case("ss", words(line), usage=True)
    yield Case("ss", ("-A", "!tcp"))
    yield Case("ss", ("-Z",))
    for line in ("-s", "-s -H", "-s -t -n", "-s -4 -a -n"):
        yield Case("ss", words(line))
    for line in ("--tcp --numeric", "--listening --udp --numeric --processes", "--all --unix --extended",
                 "--no-h -t -n",
                 "--proc -tln", "--ipv4 --all --oneline --info -n", "--query=tcp -n", "--family=inet -n", "-ltn --",
                 "-tan -o"):
        yield Case("ss", words(line))
    for via in ("procfs", "netlink"):
        for table in ("", "-t", "-u", "-w", "-x", "-tu", "-tuwx", "-4", "-6 -t"):
            for mode in MODES:
                for extra in ("", "-n", "-n -e", "-n -o", "-n -m", "-n -p", "-n -i", "-n -e -m -i -o -p -O"):
                    if via == "netlink" and ("w" in table or not table.startswith("-") or table == "-4"):
                        continue  # raw has no diag module on many kernels: saying so is tested in tests/live
                    yield Case("ss", words(table, mode, extra), via=via)
    yield from ss_pairs.pair_cases(modern, lacking)
    if have_nobody:
        for table in ("", "-t", "-u", "-w", "-x", "-0", "-f netlink"):
            for mode in MODES:
                for extra in ("-n", "-n -p", "-n -e -m -i -o -p"):
                    yield Case("ss", words(table, mode, extra), user="nobody")
    if dump_file:
        yield from frozen_cases((("TCPDIAG_FILE", dump_file),), ["-t"])
    if captured_proc:
        yield from frozen_cases((("PROC_ROOT", captured_proc),), ["", "-t", "-u", "-w", "-x", "-6", "-0", "-f netlink"])


def every_width():
    """Each width of a terminal from 20 to 325 columns once, with tables, modes and options that take turns."""
    for columns in range(20, 326):
        yield Case("ss", words(WIDE_TABLES[columns % len(WIDE_TABLES)], MODES[columns // 7 % len(MODES)],
                               WIDE_EXTRAS[columns // 3 % len(WIDE_EXTRAS)]), columns)


def control_group_cases():
    """Names of control groups, and filters by them. GROUP in a word stands for the folder of zoo.control_groups()."""
    for table in ("-t", "-u", "-tu", "-tuwx", "-t -4", "-6"):
        for mode in MODES:
            for extra in ("--cgroup", "-n --cgroup", "-n -e --cgroup", "-n -p --cgroup", "-n -O --cgroup",
                          "-n -e -m -i -o -p -O --cgroup"):
                yield Case("ss", words(table, mode, extra))
    for columns in COLUMNS:
        for extra in ("-tan --cgroup", "-uan -e", "-tanp -O --cgroup"):
            yield Case("ss", words(extra), columns)
    for name in zoo.GROUP_NAMES + ["", "none of this name"]:
        group = f"/GROUP/{os.fsdecode(name) if isinstance(name, bytes) else name}"
        for line in ("-tan", "-tan --cgroup", "-uan -e"):
            for filter_words in (["cgroup", group], ["cgroup", "=", group], ["not", "cgroup", "=", group],
                                 ["cgroup", "!=", group], ["cgroup", group, "or", "sport", "=", ":1"]):
                yield Case("ss", (*words(line), *filter_words))
    for filter_words in ("cgroup", "cgroup =", "cgroup = /", "cgroup /", "cgroup . ", "cgroup != /", "cgroup /GROUP"):
        yield Case("ss", words("-tan", filter_words), usage=True)


def frozen_cases(environment, tables):
    """Input that does not change: nothing needs a mask, timers are compared too."""
    for table in tables:
        for mode in MODES:
            for extra in EXTRAS:
                yield Case("ss", words(table, mode, extra), environment=environment, frozen=True)
    for columns in COLUMNS:
        for table in tables:
            for mode in MODES:
                for extra in WIDE_EXTRAS:
                    yield Case("ss", words(table, mode, extra), columns, environment=environment, frozen=True)
    yield Case("ss", ("-s",), environment=environment, frozen=True)


def state_cases():
    for state in STATES:
        for table in ("-t", "-tu", "-x"):
            yield Case("ss", (table, "-n", "state", state))
            yield Case("ss", (table, "-n", "exclude", state))
    for line in ("state established state listening", "exclude established exclude time-wait",
                 "state all exclude listening",
                 "excl listening", "state", "exclude", "state bogus", "state listen", "state estab", "exclude all"):
        yield Case("ss", words("-t -n", line))
        yield Case("ss", words("-t -l -n", line))

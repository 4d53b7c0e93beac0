# One comparison: a command line and its circumstances.
#
# SPDX-License-Identifier: GPL-2.0-or-later
from dataclasses import dataclass, field

import run


# Of the letters that rules ask about, those whose long name is in a case.
LONG_NAMES = {"p": "processes", "e": "extended", "i": "info", "o": "options", "a": "all", "l": "listening", "t": "tcp",
              "u": "udp", "x": "unix", "T": "threads", "V": "version"}


@dataclass(frozen=True)
class Case:
    tool: str                      # "ss" or "netstat"
    args: tuple
    columns: int = None            # of the terminal; None: a pipe
    user: str = "root"             # or "nobody"
    via: str = None                # --via of ours; the reference is made to use the same source where it can
    environment: tuple = ()        # pairs, for both programs
    passes: int = None             # how many to compare of what never ends by itself
    usage: bool = False            # a usage text is printed: only the lines before it are compared
    frozen: bool = False           # /proc is a captured tree that does not change
    # the kernel has no diag module for it, so /proc is read without --via=procfs
    fallback: bool = False
    only: frozenset = frozenset()  # names of rules to leave out: none usually

    def __str__(self):
        words = [self.tool, *(repr(a) if " " in a or not a else a for a in self.args)]
        parts = [f"{k}={v}" for k, v in self.environment if k not in ("TCPDIAG_FILE", "PROC_ROOT")] + words
        text = " ".join(parts)
        text += f" | {self.columns} columns" if self.columns else ""
        text += " | nobody" if self.user == "nobody" else ""
        text += f" | via {self.via}" if self.via else ""
        for key, label in (("TCPDIAG_FILE", "replayed dump"), ("PROC_ROOT", "captured /proc")):
            text += f" | {label}" if key in dict(self.environment) else ""
        text += " | frozen /proc" if self.frozen else ""
        return text

    def has(self, letters):
        """Whether one of the option letters is given: in a cluster, alone, or as the long name that begins with it."""
        clusters = "".join(a[1:] for a in self.args if a.startswith("-") and not a.startswith("--"))
        long_names = {a[2:] for a in self.args if a.startswith("--")}
        return any(letter in clusters or any(LONG_NAMES.get(letter, "-").startswith(name)
                                             for name in long_names if name)
                   for letter in letters)

    def line(self, programs):
        return [self.tool, *(word.replace("/GROUP", programs.group) for word in self.args)]

    def how(self, ours):
        environment = dict(self.environment)
        if not ours and self.tool == "ss" and self.via == "procfs":
            environment["PROC_ROOT"] = "/proc"
        if ours and self.via:
            environment["DUOSTAT_VIA"] = self.via
        return run.How(self.columns, 65534 if self.user == "nobody" else None, environment, self.passes)


@dataclass
class Programs:
    """What is run: path and argv[0] of the reference and of ours, by tool."""
    reference: dict
    ours: dict
    ss_version: tuple = (0, 0, 0)
    version_words: dict = field(default_factory=dict)
    group: str = "/nonexistent"  # path of the zoo's control group

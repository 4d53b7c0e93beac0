# The works: one row per view, with its goal (doc/performance.md) and the kernel's part of its cost.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import dataclasses

EVERY_STATE, LISTEN, NO_EXTENSIONS = "3fff", "400", "0"
INFO, MEMORY = "e", "41"  # bits of tcp_info, Vegas and congestion control; of the two memory attributes
BOTH_FAMILIES = "0"  # in one walk: the cheapest request


def dump(states, extensions):
    return ("dump", states, extensions, BOTH_FAMILIES)


@dataclasses.dataclass(frozen=True)
class Work:
    tool: str        # the name of the reference, and of ours
    words: str
    goal: float      # wall time, as a ratio to the reference's
    kernel: tuple = None    # arguments of the program `kernel`; None: it cannot make the same request
    extra: str = ""         # words that only ours accepts
    cpu_goal: float = None  # the same for user plus system time
    idle: bool = False      # measured without any socket instead of with the load
    # Measured last, after the control group of the sockets is gone: the kernel must be asked for its name.
    orphaned: bool = False

    @property
    def name(self):
        about = ", idle host" if self.idle else ", control group gone" if self.orphaned else ""
        return " ".join(filter(None, (self.tool, self.words, self.extra))) + about


WORKS = (
    Work("ss", "-tan", 0.45, dump(EVERY_STATE, NO_EXTENSIONS), cpu_goal=0.65),
    Work("ss", "-tani", 0.35, dump(EVERY_STATE, INFO)),
    Work("ss", "-tanem", None, dump(EVERY_STATE, MEMORY)),
    Work("ss", "-tanp", 0.05, ("links",)),
    Work("ss", "-tanp", 0.03, extra="--owners=auto", cpu_goal=0.055),
    Work("ss", "-tlnp", 0.18, ("links",), cpu_goal=0.35),
    Work("ss", "-tlnp", 0.06, extra="--owners=auto", cpu_goal=0.06),
    Work("ss", "-tln", 0.05, dump(LISTEN, NO_EXTENSIONS)),
    Work("ss", "-tuln", 0.05, dump(LISTEN, NO_EXTENSIONS)),
    Work("ss", "-tan dport = :9", 0.60),
    Work("netstat", "-tan", 0.35, dump(EVERY_STATE, NO_EXTENSIONS)),
    Work("netstat", "-tan", 0.68, ("text", "/proc/net/tcp", "/proc/net/tcp6"), extra="--via=procfs"),
    Work("netstat", "-tuln", 0.02, dump(LISTEN, NO_EXTENSIONS)),
    Work("netstat", "-tanp", 0.12, ("links",)),
    Work("netstat", "-tanp", 0.09, extra="--owners=auto", cpu_goal=0.11),
    Work("ss", "-tanem", 0.10, dump(EVERY_STATE, MEMORY), orphaned=True),
    Work("ss", "-tln", 0.60, dump(LISTEN, NO_EXTENSIONS), idle=True),
    Work("netstat", "-tln", 0.12, dump(LISTEN, NO_EXTENSIONS), idle=True),
)

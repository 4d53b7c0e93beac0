#!/usr/bin/env python3
"""netstat on damaged files of /proc: missing, empty, unreadable, cut anywhere, with foreign lines, a directory in their
place.

The tree is mounted over /proc, for the installed netstat too. The two answer alike, but for rows that the original
fills with what stood in the row before, or with numbers that do not fit (doc/quirks.md: stale-columns, out-of-range):
those may be missing here if standard error says so. Of what makes the original read for ever, ours must end with one
clear line. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import os
import re
import shutil
import struct
import sys
import tempfile
from collections import Counter

sys.dont_write_bytecode = True
import namespace  # noqa: E402
import run  # noqa: E402
from sample import sample  # noqa: E402

NOBODY = 65534
SOURCE = os.path.join(os.environ.get("top_srcdir", "."), "tests", "data", "netstat")
TREES = ["groups", "states", "sctp", "modes-statistics", "modes-groups", "modes-routes", "modes-masquerade",
         "modes-rare"]
# A file, and who reads it.
READERS = {
    "net/tcp": "-tn -a -e -o", "net/tcp6": "-tn -a -W", "net/udp": "-un -a -e -o", "net/udp6": "-un -a",
    "net/udplite": "-Un -a",
    "net/raw": "-wn -a -e", "net/raw6": "-wn -a", "net/unix": "-x -a", "net/sctp/eps": "-S -l -e",
    "net/sctp/assocs": "-S -n",
    "net/route": "-rn -e -e", "net/ipv6_route": "-r -6 -n", "net/rt_cache": "-rn -C", "net/igmp": "-gn -4 -U",
    "net/igmp6": "-gn -6 -U",
    "net/snmp": "-s", "net/netstat": "-s -t", "net/snmp6": "-s -6", "net/sctp/snmp": "-s -S",
    "net/ip_masquerade": "-Mn",
    "net/dev": "-i -a", "net/if_inet6": "-i -e -a", "net/nr": "--netrom", "net/x25": "--x25 -a", "net/rose": "--rose",
    "net/ipx/socket": "--ipx -n", "net/atalk_route": "-r --ddp", "net/ipx/route": "-r --ipx",
}
# Damage that makes the original crash, show its memory or the row before, or mistake the kernel's version.
OURS_ALONE = {
    "net/unix": {"foreign line first", "empty line first"}, "net/sctp/assocs": {"cut"},
    "net/rt_cache": {"header cut", "foreign line first"},
    "net/igmp": {"foreign line first", "empty line first"}, "net/snmp6": {"empty line"}, "net/sctp/snmp": {"cut"},
    "net/dev": {"foreign line", "empty line"}, "net/if_inet6": {"cut", "foreign line"},
    "net/nr": {"foreign line", "empty line"},
    "net/x25": {"cut", "foreign line", "empty line"}, "net/ipx/socket": {"cut", "empty line"},
    "net/atalk_route": {"empty", "foreign line"},
}


def cuts(text):
    """Places to cut at: inside the first line, and in each third of what follows."""
    first = text.find(b"\n") + 1
    yield "header cut", text[:first // 2]
    for part in (1, 3, 4, 5, 7):
        yield f"cut at {part}/8", text[:first + (len(text) - first) * part // 8]


def damages(text):
    yield "missing", None
    yield "empty", b""
    yield from cuts(text)
    yield "without the last newline", text.rstrip(b"\n")
    lines = text.splitlines(True)
    for at, name in ((0, "first"), (len(lines) // 2, "in the middle"), (len(lines), "last")):
        yield f"foreign line {name}", b"".join(lines[:at] + [b"rubbish\n"] + lines[at:])
        yield f"empty line {name}", b"".join(lines[:at] + [b"\n"] + lines[at:])


class Tree:
    """The directory that stands for /proc, with one file of it damaged at a time."""
    def __init__(self, directory):
        self.root, self.whole = directory, {}
        for tree in TREES:
            shutil.copytree(f"{SOURCE}/{tree}", directory, dirs_exist_ok=True)
        shutil.copy("/proc/net/if_inet6", f"{directory}/net/if_inet6")
        shutil.copy("/proc/net/dev", f"{directory}/net/dev")
        for name in READERS:
            with open(f"{directory}/{name}", "rb") as file:
                self.whole[name] = file.read()

    def put(self, name, text):
        path = f"{self.root}/{name}"
        if os.path.isdir(path):
            os.rmdir(path)
        elif os.path.exists(path):
            os.unlink(path)
        if text is not None:
            with open(path, "wb") as file:
                file.write(text)


def with_32_bits(ran):
    """quirk: number-of-64-bits - numbers of 2^31 and more are others in the original of 32 bits."""
    big = re.sub(rb"(?<=\s)(-1|-2|2147483647|2147483648|-2147483648|429496729[4-5])(?=\s)", b"BIG", ran.out)
    return dataclasses.replace(ran, out=re.sub(rb" *BIG", b" BIG", re.sub(rb"BIG *", b"BIG ", big)))


def agree(reference, ours):
    """Alike, or less rows that are none, and with a word about that."""
    if struct.calcsize("P") == 4:
        reference, ours = with_32_bits(reference), with_32_bits(ours)
        # quirk: stale-columns - what the original's memory then contains may make it abort.
        if reference.status < 0 and ours.status in (0, 1):
            return True
    if reference == ours:
        return True
    if reference.status != ours.status:
        return False
    expected, got = Counter(reference.out.splitlines()), Counter(ours.out.splitlines())
    foreign, lost = list((got - expected).elements()), list((expected - got).elements())
    errors = len(ours.err.splitlines()), len(reference.err.splitlines())
    # A last line that is cut may have columns that are unknown here, and the row before's in the original.
    torn = len(foreign) == len(lost) == 1 and re.search(rb" (-|0) ?|/0\)|\s$", foreign[0]) is not None
    return torn or (not foreign and errors[0] > errors[1])


def report(number, good, title, *sides):
    print(f"{'ok' if good else 'not ok'} {number} - {title}")
    if not good:
        for ran in sides:
            for line in [f"status {ran.status}".encode(), *ran.out.splitlines(), b"--- stderr",
                         *ran.err.splitlines()][:60]:
                print("#   " + repr(line)[2:-1])


def cases(tree):
    for name, options in READERS.items():
        for title, text in damages(tree.whole[name]):
            alone = any(title.startswith(start) for start in OURS_ALONE.get(name, ()))
            yield name, options.split(), title, text, alone


def main():
    reference, built = shutil.which("netstat",
                                    path="/usr/bin:/bin:/usr/sbin"), os.path.join(os.environ["top_builddir"], "duostat")
    if reference is None:
        print("1..0 # SKIP netstat is not installed")
        return
    as_root = os.getuid() == 0
    namespace.enter_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        shutil.copy(built, f"{directory}/netstat")
        tree = Tree(f"{directory}/proc")
        namespace.mount(tree.root, "/proc", None, namespace.MS_BIND)
        number = compare(tree, reference, f"{directory}/netstat", as_root)
        namespace.libc.umount2(b"/proc", 2)
    print(f"1..{number}")


def compare(tree, reference, ours, as_root):
    def both(words, how):
        return (run.run(reference, ["netstat", *words], how), run.run(ours, ["netstat", "--via=procfs", *words], how))
    number = 0
    for name, words, title, text, alone in sample(cases(tree)):
        tree.put(name, text)
        number += 1
        if alone:
            answer = run.run(ours, ["netstat", "--via=procfs", *words], run.How())
            report(number, answer.status in (0, 1, 255), f"netstat {' '.join(words)}: {name} {title}: ends", answer)
        else:
            sides = both(words, run.How())
            report(number, agree(*sides), f"netstat {' '.join(words)}: {name} {title}", *sides)
        tree.put(name, tree.whole[name])
    for name, options in READERS.items():
        words = options.split()
        os.unlink(f"{tree.root}/{name}")
        os.mkdir(f"{tree.root}/{name}")  # can be opened, and not be read
        answer = run.run(ours, ["netstat", "--via=procfs", *words], run.How())
        number += 1
        said = re.search(rb"%s: Is a directory|%s \(|fgets\(\) failed" % (name.encode(), name.encode()), answer.err)
        quiet = name in ("net/if_inet6",)  # not a table: the addresses of a detail are then unknown
        report(number, answer.status >= 0 and (quiet or said is not None),
               f"netstat {options}: {name} a directory: ends and says so", answer)
        tree.put(name, tree.whole[name])
        if not as_root:
            continue
        os.chmod(f"{tree.root}/{name}", 0)
        sides = both(words, run.How(uid=NOBODY))
        os.chmod(f"{tree.root}/{name}", 0o644)
        number += 1
        report(number, agree(*sides), f"netstat {options}: {name} unreadable", *sides)
    return number


main()

# netstat's options combined: every two of them in some line, and random lines (for random_lines.py).
#
# Only what can meet counts as met: two modes end in a usage error, and most options mean something to one mode alone.
# So each pair of the socket listing's options has to be in a line without a mode, and each option in a line with each
# mode.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import itertools
import random

from case import Case

MODES = ["-r", "-i", "-g", "-s", "-M"]
# Of spellings of one option each counts as an option: abbreviations and clusters are read by other code than letters.
OPTIONS = ["-t", "-u", "-U", "-S", "-w", "-x", "-4", "-6", "-l", "-a", "-o", "-e", "-p", "-v", "-W", "-n", "-N", "-C",
           "-F", "-d",
           "--numeric-hosts", "--numeric-ports", "--numeric-users", "--protocol=inet", "--protocol=inet6,unix",
           "--prot inet",
           "-A ip,tcpip", "-A ddp", "-Ax25", "--ine", "--blue", "--ax25", "--ax", "--netrom", "--list", "--ext",
           "--prog", "--sym",
           "--rf", "-2", "-lan", "-ee", "-eee", "operand"]
ABBREVIATIONS = ["--rou", "--rose", "--ro", "--int", "--gro", "--stat", "--masq", "--ver", "--vers", "--verb", "--he",
                 "--h", "--t",
                 "--tc", "--ti", "--u", "--ud", "--udpl", "--raw", "--ra", "--l2", "--lis", "--li", "--al", "--a",
                 "--app", "--con",
                 "--conte", "--ca", "--c", "--fi", "--num", "--numeric", "--numeric-", "--numeric-p", "--wi", "--x",
                 "--ip", "--ipx",
                 "--n", "--ne", "--sc", "--s", "--d", "--p", "--pro", "--prot", "--b", "--uni", "--unix", "--un"]
ENDINGS = ["-V", "-h", "-?", "-Z", "-A bogus", "--bogus", "-Y", "-A", "--protocol", "--tcp=1", "--prot=", "--", "-"]
WIDTH = 5  # options in a line


def case(line, frozen=False):
    return Case("netstat", tuple(line), usage=True, frozen=frozen, via="procfs" if frozen else None)


def words(options):
    return [word for option in options for word in option.split()]


def lines_that_cover(wanted, start, chooser):
    """Lines that have every pair of `wanted` ({(a, b)}, in that order) in some line; `start` is in all of them."""
    while wanted:
        line = list(wanted[0])
        while len(line) < WIDTH:
            def gain(option):
                return sum((min(option, o), max(option, o)) in as_set for o in line)
            as_set = set(wanted)
            best = max(gain(o) for o in OPTIONS if o not in line)
            if best == 0:
                break
            line.append(chooser.choice([o for o in OPTIONS if o not in line and gain(o) == best]))
        met = {(min(a, b), max(a, b)) for a, b in itertools.combinations(line, 2)}
        wanted = [pair for pair in wanted if pair not in met]
        chooser.shuffle(line)
        yield start + line


def covering():
    chooser = random.Random(4)
    pairs = [(min(p), max(p)) for p in itertools.combinations(OPTIONS, 2)]
    chooser.shuffle(pairs)
    yield from lines_that_cover(pairs, [], chooser)
    for mode in MODES:
        options = OPTIONS[:]
        chooser.shuffle(options)
        for i in range(0, len(options), 4):
            line = [mode] + options[i:i + 4]
            chooser.shuffle(line)
            yield line
        yield [mode]
    for pair in itertools.product(MODES, repeat=2):
        yield list(pair)
    for three in itertools.combinations(MODES, 3):
        yield list(three)
    for word in ABBREVIATIONS:
        yield [word]
    for ending in ENDINGS:
        for other in ("-t", "-r", "-n", chooser.choice(OPTIONS)):
            yield [ending, other]
            yield [other, ending]
    for pair in itertools.permutations(ENDINGS, 2):
        if chooser.random() < 0.2:
            yield list(pair)


def every_pair():
    yield from (list(p) for p in itertools.permutations(OPTIONS + MODES + ENDINGS, 2))


def by_lot(count, seed):
    chooser = random.Random(seed)
    everything = OPTIONS * 3 + MODES * 3 + ABBREVIATIONS + ENDINGS
    for _ in range(count):
        line = chooser.choices(everything, k=chooser.randint(1, 7))
        letters = "".join(chooser.choices("tuUSwx46laoepvWnNCFdrigsM", k=chooser.randint(1, 6)))
        yield line + ["-" + letters] * chooser.randint(0, 1)


def cases(effort):
    """effort: "quick", None or "full"; "full" has each pair alone, in both orders."""
    for line in covering():
        yield case(words(line))
    if effort == "full":
        for line in every_pair():
            yield case(words(line))

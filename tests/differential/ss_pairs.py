# More command lines of ss for the differential test: every pair of options, and random ones for random_lines.py.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import itertools
import random

from case import Case

OPTIONS = ["-n", "-r", "-o", "-e", "-m", "-p", "-T", "-i", "-s", "-a", "-l", "-b", "-t", "-u", "-w", "-x", "-d", "-S",
           "-M", "-4",
           "-6", "-0", "-H", "-O", "--tos", "--cgroup", "--inet-sockopt", "--tipcinfo", "--vsock", "--tipc", "--xdp",
           "-f inet",
           "-f netlink", "-A tcp,raw", "-A all,!udp"]
NEWER = ["-B", "-Q", "--bpf-maps"]  # than the ss that Debian 12 has
LIBBPF = ["--bpf-maps"]  # only where ss was built with it
WIDTHS = [60, 80, 100, 132, 200]
IN_A_LINE = 4

STATES = ["state established", "state listening", "state all", "exclude listening", "state connected",
          "state synchronized",
          "state bucket", "state big", "state time-wait", "state close", "exclude all",
          "exclude established exclude close",
          "state fin-wait-1 state closing", "state bound-inactive", "state unconnected"]
LEAVES = ["sport = :{p}", "dport = :{p}", "sport gt {p}", "dport le {p}", "sport != {p}", "sport {p}", "sport ge ssh",
          "src 127.0.0.1", "dst 127.0.0.0/8", "src [::1]", "dst ::1/128", "src 10.0.0.0/8:{p}", "src *:{p}", "dst *",
          "src any",
          "src localhost", "dev lo", "dev != lo", "fwmark = 0x1234", "fwmark != 1/3", "autobound", "src unix:*",
          "src unix:/*",
          "src unix:@*", "sport = unix:*a*", "src inet:127.0.0.1", "dst inet6:*", "src link:*:lo", "src link:ip",
          "src netlink:rtnl", "src netlink:*:kernel", "src vsock:*"]
PORTS = [1, 22, 80, 111, 443, 5353, 8080, 65535, 0]
MISTAKES = ["sport = nosuch", "src", "dst != 1.1.1.1", "dev = nosuch", "and", "( )", "src ::1",
            "sport = 127.0.0.1:22", "not",
            "fwmark = x", "cgroup = /nonexistent", "state foo", "src [::1", "sport >= 1 2", "src netlink:bogus",
            "-f bogus",
            "src link:bogus", "-A bogus", "--co", "-Y", "-F /nonexistent", "-N nonexistent"]


def words(parts):
    return tuple(word for part in parts for word in part.split())


def covering_lines(options, size):
    """Lines of `size` options so that every two options meet in one of them, in both orders over all; the same each
    time."""
    left = {frozenset(pair) for pair in itertools.combinations(options, 2)}
    chance = random.Random(1)
    while left:
        line = list(chance.choice(sorted(map(sorted, left))))
        while len(line) < size:
            gain = lambda o: (sum(frozenset((o, other)) in left for other in line), chance.random())
            line.append(max((o for o in options if o not in line), key=gain))
        left -= {frozenset(pair) for pair in itertools.combinations(line, 2)}
        chance.shuffle(line)
        yield line


def pair_cases(modern, lacking=()):
    # Before 6.7 TIPC's details were shown without -p: a rule for that would have to know which rows are TIPC's.
    options = OPTIONS + NEWER if modern else [o for o in OPTIONS if o != "--tipc"]
    options = [o for o in options if o not in lacking]
    for number, line in enumerate(covering_lines(options, IN_A_LINE)):
        yield Case("ss", words(line))
        if number % 4 == 0:
            yield Case("ss", words(line), WIDTHS[number // 4 % len(WIDTHS)])


def expression(chance, depth):
    kind = chance.random()
    if depth == 0 or kind < .4:
        return chance.choice(LEAVES).format(p=chance.choice(PORTS))
    if kind < .55:
        return "not " + expression(chance, depth - 1)
    if kind < .7:
        return f"( {expression(chance, depth - 1)} )"
    return expression(chance, depth - 1) + chance.choice([" and ", " or ", " ", " && ", " | "]) + expression(chance,
        depth - 1)


def random_cases(count, dump_file, captured_proc, have_nobody, seed=1, lacking=()):
    """Options in any company and order, with states and filters, now and then a mistake; live, replayed and
    captured."""
    chance = random.Random(seed)
    options = [o for o in OPTIONS + NEWER if o not in lacking]
    sources = [()] * 6 + [(("TCPDIAG_FILE", dump_file),)] * 2 + [(("PROC_ROOT", captured_proc),)] * 2
    for _ in range(count):
        line = chance.sample(options, chance.choice([0, 1, 1, 2, 2, 3, 3, 4, 5]))
        if chance.random() < .35:
            line.append(chance.choice(STATES))
        if chance.random() < .45:
            line.append(expression(chance, chance.choice([0, 1, 2, 2])))
        if chance.random() < .12:
            line.append(chance.choice(MISTAKES))
        args = list(words(line))
        if chance.random() < .2:
            chance.shuffle(args)
        source = chance.choice(sources)
        user = "nobody" if have_nobody and chance.random() < .15 else "root"
        columns = chance.choice([None, None, None, *WIDTHS])
        if source and source[0][1] is None or "cgroup" in args and source:
            continue
        yield Case("ss", tuple(args), columns, user=user, environment=source, frozen=bool(source), usage=True)

# Random comparisons: command lines of ss and of netstat, filters of ss, and made dumps for ss. The same each time,
# unless DUOSTAT_TEST_SEED names other random cases.
#
# Tables hold all parts of the random cases. Options that the reference lacks are left out: the ss of Debian 12 (6.1)
# runs on recorded input only, where the two versions have the same rows.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import random

import made_dumps
import netstat_pairs
import ss_pairs
from case import Case

# Of all cases; how many of each kind by DUOSTAT_TEST_EFFORT.
COUNTS = {"quick": 120, None: 2000, "full": 20000}
SHARES = {"lines": .35, "filters": .35, "dumps": .1, "netstat": .2}

LONG_OPTIONS = ["--numeric", "--num", "--resolve", "--options", "--extended", "--memory", "--mem", "--info",
                "--processes",
                "--bpf", "--all", "--listening", "--list", "--ipv4", "--ipv6", "--packet", "--family=inet",
                "--family", "--fam=unix",
                "--query=tcp,udp", "--socket", "--tcp", "--sctp", "--dccp", "--udp", "--raw", "--unix", "--no-header",
                "--no-h",
                "--oneline", "--summary", "--ti", "--i", "--s", "--tcp=1", "--", "-", "--context"]
# Differences of an older ss.
NEWER_OPTIONS = ["--=", "--threads", "--n", "--no-queues", "--bound-inactive", "-Q", "-B"]
QUERIES = ["all", "inet", "tcp", "udp", "raw", "unix", "unix_dgram", "unix_stream", "unix_seqpacket", "packet",
           "netlink", "dccp", "sctp", "u_str", "u_dgr", "u_seq", "", "TCP", "bogus"]
NEWER_QUERIES = ["packet_raw", "packet_dgram", "p_raw", "p_dgr"]
FAMILIES = ["inet", "inet6", "unix", "link", "netlink", "help", "bogus", ""]

EQUAL, UNEQUAL = ["=", "==", "eq", ""], ["!=", "ne", "neq"]
RELATIONS = EQUAL + UNEQUAL + [">", "gt", "<", "lt", ">=", "ge", "geq", "<=", "le", "leq"]
AND, OR, NOT = ["and", "&", "&&", ""], ["or", "|", "||"], ["not", "!"]
PORTS = [":22", "22", ":0", "0", ":65535", "65536", ":0x16", "026", "-1", ":*", "*", ":443", "80", "1024", ":ssh",
         ":nosuch", "22x",
         ":50312", ":36266", ":41000"]
NEWER_PORTS = ["99999999999", "2147483648"]
HOSTS = ["10.0.0.1", "10.0.0.1:22", "10.0.0/24", "10/8", "10.0.0.0/8:22", "127.0.0.1", "127.1", "0.0.0.0", "0/0", "*",
         "*:22", ":22",
         "[::1]", "::1", "[::1]:22", "[2001:db8::]/32", "2001:db8::/32", "[::ffff:10.0.0.1]", "::ffff:10.9.9.9",
         "[::]", "[::]:443", "[fe80::1]",
         "fe80::/10", "localhost", "any", "all", "default", "10.0.0.1/33", "300.1.1.1", "10.0.0.1/", "10.0.0.1:",
         "[::1", "1.2.3.4.5",
         "inet:10.0.0.1", "inet:*", "inet6:[::1]", "inet6:*:443", "inet:10/8:80", "unix:*", "unix:/run/*", "unix:@*",
         "link:ip", "link:*:lo",
         "link:arp:1", "netlink:rtnl", "netlink:*:kernel", "netlink:0:1", "vsock:*", "nosuch.invalid"]
MARKS = ["0x10", "0x1234", "1/3", "16/0xff", "0/0", "x", "1/", "0x10/0x10"]
DEVICES = ["lo", "1", "0", "nosuch", "7"]
STATES = ["established", "ESTABLISHED", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "close",
          "closed", "unconnected",
          "close-wait", "last-ack", "listening", "listen", "closing", "all", "connected", "synchronized", "bucket",
          "big", "bogus"]
SHOWN = ["-n", "-e", "-o", "-m", "-i", "-p", "-O", "-H", "-b", "--tos"]


def count_of(kind):
    effort = os.environ.get("DUOSTAT_TEST_EFFORT")
    return round(COUNTS.get(effort, COUNTS[None]) * SHARES[kind])


def lot(kind):
    return random.Random(f"{os.environ.get('DUOSTAT_TEST_SEED', '1')} {kind}")


# ---- filters ----

def predicate(chance, modern):
    kind = chance.random()
    if kind < .35:
        return [chance.choice(["sport", "dport"]), chance.choice(RELATIONS),
                chance.choice(PORTS + NEWER_PORTS * modern)]
    if kind < .8:
        return [chance.choice(["src", "dst"]), chance.choice(EQUAL), chance.choice(HOSTS)]
    if kind < .9:
        return ["fwmark", chance.choice(EQUAL + UNEQUAL), chance.choice(MARKS)]
    if kind < .97:
        return ["dev", chance.choice(EQUAL + UNEQUAL), chance.choice(DEVICES)]
    return ["autobound"]


def expression(chance, depth, modern):
    kind = chance.random()
    if depth == 0 or kind < .3:
        return predicate(chance, modern)
    if kind < .42:
        return [chance.choice(NOT), *expression(chance, depth - 1, modern)]
    if kind < .56:
        return ["(", *expression(chance, depth - 1, modern), ")"]
    return expression(chance, depth - 1, modern) + [chance.choice(AND + OR)] + expression(chance, depth - 1, modern)


def damaged(chance, tokens):
    """Now and then a token lost, doubled, moved, or in capitals."""
    if chance.random() > .1 or len(tokens) < 2:
        return tokens
    at, tokens = chance.randrange(len(tokens)), list(tokens)
    kind = chance.choice(["lost", "doubled", "moved", "capitals", "escaped"])
    if kind == "lost":
        del tokens[at]
    elif kind == "doubled":
        tokens.insert(at, tokens[at])
    elif kind == "moved":
        tokens.append(tokens.pop(at))
    elif kind == "capitals":
        tokens[at] = tokens[at].upper()
    else:
        tokens[at] = tokens[at][:1] + "\\" + tokens[at][1:]
    return tokens


def as_words(chance, tokens):
    """Tokens as words of a command line: each its own, all in one, or some of them together."""
    tokens = [token for token in tokens if token]
    kind = chance.random()
    if kind < .5:
        return tokens
    if kind < .75:
        return [" ".join(tokens)] if tokens else []
    words = []
    for token in tokens:
        if words and chance.random() < .5:
            words[-1] += chance.choice([" ", "  ", "\t"]) + token
        else:
            words.append(token)
    return words


def crashes(words):
    """The reference takes the address of an inet socket for a pointer (quirk unix-pattern-on-inet)."""
    text = " ".join(words)
    return "unix:" in text and text.rfind("inet") > text.rfind("unix:")


def filter_cases(inputs, modern):
    """Filters over recorded input, which holds still. `inputs`: pairs of an environment and options that show its
    rows."""
    chance = lot("filters")
    left = count_of("filters")
    while left:
        environment, tables = chance.choice(inputs)
        words = as_words(chance, damaged(chance, expression(chance, chance.choice([0, 1, 1, 2, 2, 3]), modern)))
        if crashes(words):
            continue
        left -= 1
        states = [w for _ in range(chance.choice([0, 0, 0, 1, 2]))
                  for w in (chance.choice(["state", "exclude", "excl"]), chance.choice(STATES))]
        columns = chance.choice([None] * 5 + [80, 132])
        yield Case("ss", (*chance.choice(tables).split(), chance.choice(["-n", "-n", "-nH"]), *states, *words),
                   columns, environment=environment,
                   frozen=True, usage=True)


# ---- command lines ----

def line_of(chance, modern):
    line = chance.sample([o for o in ss_pairs.OPTIONS if modern or o != "-T"], chance.choice([0, 1, 1, 2, 2, 3]))
    line += chance.sample(LONG_OPTIONS + NEWER_OPTIONS * modern, chance.choice([0, 0, 1, 1, 2]))
    if chance.random() < .3:
        some = chance.choices(QUERIES + NEWER_QUERIES * modern, k=chance.choice([1, 1, 2, 3]))
        line.append("-A " + ",".join(chance.choice(["", "", "", "!"]) + word for word in some))
    if chance.random() < .15:
        line.append("-f " + chance.choice(FAMILIES))
    if chance.random() < .2:
        line.append("-" + "".join(chance.choices("nroempiab4lOHtuwx60" + "T" * modern, k=chance.randint(1, 6))))
    if not modern:
        line.append("-p")  # before 7.0 that column was always there
    chance.shuffle(line)
    return [word for part in line for word in part.split(" ")]


def line_cases(inputs, have_nobody, modern, lacking):
    """Options in any company and order, over recorded input; live too, if the reference is as new as what is
    followed."""
    chance = lot("lines")
    count = count_of("lines")
    live = count // 2 if modern else 0
    yield from ss_pairs.random_cases(live, *inputs, have_nobody, seed=chance.random(), lacking=lacking)
    dump_file, captured_proc = inputs
    sources = [(("TCPDIAG_FILE", dump_file),), (("PROC_ROOT", captured_proc),)] if dump_file else [(("PROC_ROOT",
        captured_proc),)]
    for _ in range(count - live):
        environment = chance.choice(sources)
        args = line_of(chance, modern)
        if environment[0][0] == "TCPDIAG_FILE":
            args.insert(0, "-t")
            # counts of sockets do not hold still
            args = [a for a in args if a not in ("-x", "-u", "-w", "-s", "--summary")]
        columns = chance.choice([None, None, None, *ss_pairs.WIDTHS])
        yield Case("ss", tuple(args), columns, environment=environment, frozen=True, usage=True)


def dump_cases(directory, modern):
    chance = lot("dumps")
    for number in range(count_of("dumps")):
        path = f"{directory}/made-{number}.dump"
        with open(path, "wb") as file:
            file.write(made_dumps.dump(chance, modern))
        shown = chance.sample(SHOWN, chance.choice([1, 2, 4, len(SHOWN)]))
        if not modern and "-p" not in shown:
            shown.append("-p")  # before 7.0 that column was always there
        columns = chance.choice([None, None, None, 80, 200])
        yield Case("ss", ("-t", "-a", *shown), columns, environment=(("TCPDIAG_FILE", path),), frozen=True)


def cases(directory, dump_file, captured_proc, have_nobody, modern, lacking, reference_ss, reference_netstat):
    inputs = [((("PROC_ROOT", captured_proc),), ["-ta", "-ua", "-wa", "-xa", "-tuwxa", "-a", "-0", "-tl", ""])]
    if dump_file:
        inputs += [((("TCPDIAG_FILE", dump_file),), ["-ta", "-t"])] * 2
    if reference_ss:
        yield from line_cases((dump_file, captured_proc), have_nobody, modern, lacking)
        yield from filter_cases(inputs, modern)
        yield from dump_cases(directory, modern)
    if reference_netstat:
        count = count_of("netstat")
        for frozen in (False, True):
            for line in netstat_pairs.by_lot(count // 2, f"{os.environ.get('DUOSTAT_TEST_SEED', '2')} {frozen}"):
                yield netstat_pairs.case(netstat_pairs.words(line), frozen)

# JSON, columns, filters, order and counts over a zoo of live sockets: against the schemas, against the text of the same
# listing, against pyroute2's own dump, and against /proc as Python reads it. TAP on standard output.
#
# usage: sockets_json.py SOURCE DUOSTAT HOLD [WORD]      WORD: only the checks whose name contains it
#
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import ipaddress
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import namespace
import steady
import zoo
from tap import Tap

try:
    import jsonschema
except ImportError:
    jsonschema = None

VIAS = ("netlink", "procfs", "auto")
COMMANDS = ["ss", "ss -a", "ss -tan", "ss -tanpemio", "ss -uanpe", "ss -wa", "ss -xape", "ss -0aeb",
            "ss -A netlink -ae", "ss -M -ai",
            "ss -tanT -p --tos --cgroup --inet-sockopt", "ss -tan state listening", "ss -tan dport = 1", "netstat",
            "netstat -a",
            "netstat -tunapeo", "netstat -xap", "netstat -tl", "netstat -w -6a",
            "ss -tap --proc=exe,cmdline,user,cgroup,unit",
            "ss -a --columns=inode,tcp_info,owners,skmem,user,netns,name"]
GROUPINGS = ["ss -tan --by=state", "ss -tan --by=peer/24/64,state --sum=queues",
             "ss -tani --by=local-port --sum=queues,bytes,retransmits",
             "ss -a --by=protocol,family,state", "ss -xa --by=name", "ss -tap --by=process,user",
             "ss -ta --by=cgroup,unit,netns",
             "ss -tani --by=congestion --top=2", "ss -tan --by=tcp_info.rtt_us,inode --sum=tcp_info.rtt_us,wqueue",
             "ss -tan --by=local/8,peer,peer-port --where=state!=listen", "ss -tan --by=state sport = 1",
             "netstat -tuna --by=user,state",
             "netstat -xa --by=type --sum=queues", "ss -tan --by=peer/24,peer/16,peer/24/64",
             "ss -tani --by=tcp_info.rtt_us,vegas.rtt_us --sum=tcp_info.timestamps,rtt_us,vegas.rtt_us",
             "ss -tan --by=tcp_text.snd_cwnd,refcount --sum=refcount", "ss -ta --count", "ss -xa --count",
             "ss -tan --count sport = 1",
             "netstat -tuna --count --where=rqueue>0", "netstat -a --count"]
ATTEMPTS = 4
tap = Tap()


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice: {[key for key, _ in pairs]}")
    return found


class Ours:
    def __init__(self, directory):
        self.directory = directory

    def run(self, words, *more):
        tool, *rest = words.split(" ")
        environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        return subprocess.run([f"{self.directory}/{tool}", *rest, *more], capture_output=True, env=environment,
                              stdin=subprocess.DEVNULL)

    def document(self, words, *more):
        ran = self.run(words, "--json", *more)
        if ran.returncode != 0:
            raise AssertionError(f"{words} {more}: status {ran.returncode}: {ran.stderr!r}")
        return json.loads(ran.stdout.decode("utf-8"), object_pairs_hook=unique)

    def sockets(self, words, *more):
        return self.document(words, *more)["sockets"]


def eventually_equal(what, first, second):
    """Sockets come and go: two looks that differ are taken again."""
    for _ in steady.pauses():
        a, b = first(), second()
        if a == b:
            return tap.report(bool(a), what, "nothing to compare")
    if isinstance(a, collections.Counter):
        tap.report(False, what, f"only the first: {list((a - b).items())[:8]}",
                   f"only the second: {list((b - a).items())[:8]}")
    else:
        tap.report(False, what, f"first:  {a}", f"second: {b}")


# ---- the schema ----

def ids_of(schema):
    ids = set()
    for key, value in schema["$defs"]["socket"]["properties"].items():
        if key.endswith("_hex") and key != "abstract_hex":
            continue
        if value.get("type") == "object":
            ids |= {f"{key}.{member}" for member in value["properties"] if not member.endswith("_hex")}
        else:
            ids.add(key)
    return ids


def check_schema(ours, schema):
    listed = [line.split()[0] for line in ours.run("ss --columns=help").stdout.decode().splitlines()]
    tap.report(len(listed) > 200 and len(set(listed)) == len(listed), "every id is listed once")
    tap.report(set(listed) == ids_of(schema), "the schema has the ids of --columns=help",
           sorted(set(listed) ^ ids_of(schema)))
    tap.report(ours.run("netstat --columns=help").stdout == ours.run("ss --columns=help").stdout,
               "both programs list the same columns")
    if jsonschema is None:
        return tap.skip("documents are valid", "python3-jsonschema is not installed")
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    whole = kind(schema)
    seen = collections.Counter()
    for command in COMMANDS:
        for via in VIAS:
            words = command.split(" ")
            full = " ".join([words[0], f"--via={via}", *words[1:]])
            try:
                document = ours.document(full)
            except (AssertionError, ValueError) as error:
                # A backend that was asked for by name and knows none of it fails, as it does in text.
                ran = ours.run(full)
                tap.report(via != "auto" and ran.returncode == 1, f"{full}: nothing this backend knows", error)
                continue
            problems = [f"{error.json_path}: {error.message[:300]}" for error in whole.iter_errors(document)]
            tap.report(not problems, f"{full}: {len(document['sockets'])} valid objects", *problems[:5])
            seen.update(key for s in document["sockets"] for key in s)
    tap.report(len(seen) > 30, "the zoo shows most keys", sorted(seen))


def check_group_schemas(ours, schemas):
    if jsonschema is None:
        return tap.skip("groups and counts are valid", "python3-jsonschema is not installed")
    kinds = {kind: jsonschema.Draft202012Validator(schemas[kind]) for kind in ("socket_groups", "counts")}
    for kind, validator in kinds.items():
        validator.check_schema(validator.schema)
        # It must be able to say no.
        for bad in ({}, {"count": -1}, {"count": "1"}, {"count": 1, "state": "ESTAB"}, {"count": 1, "Peer": "::"}):
            document = {"schema_version": 1, "kind": kind, "command": [],
                        "host": {"hostname": "h", "kernel": "k", "machine": "m"},
                        "time": "2026-01-31T12:00:00.123456Z", "via": "auto", kind: [bad], "complete": True}
            paths = {error.json_path for error in validator.iter_errors(document)}
            tap.report(paths and all(path.startswith(f"$.{kind}") for path in paths), f"schema of {kind}: not {bad}",
                       paths)
    for command in GROUPINGS:
        kind = "counts" if "--count" in command else "socket_groups"
        for via in VIAS:
            tool, *words = command.split(" ")
            document = ours.document(" ".join([tool, f"--via={via}", *words]))
            problems = [f"{error.json_path}: {error.message[:300]}" for error in kinds[kind].iter_errors(document)]
            wanted = document[kind] or "sport" in command  # where nothing is found there is no group
            tap.report(not problems and wanted,
                       f"{command}, --via={via}: {len(document[kind])} valid objects of kind {kind}", *problems[:5])
    element = jsonschema.Draft202012Validator({**schemas["socket_groups"]["$defs"]["group"],
                                               "$defs": schemas["socket_groups"]["$defs"]})
    lines = ours.run("ss -tan --by=state,peer --json=lines").stdout.decode().splitlines()
    tap.report(lines and all(element.is_valid(json.loads(line)) for line in lines),
               "--by --json=lines: each line is a $defs/group", *lines)


def check_tcp_info(ours):
    """The default way asks the kernel for what -i wants; /proc/net/tcp would answer with less."""
    by_netlink, by_default, by_procfs = (
        {key for s in ours.sockets(f"ss -tni --via={via}") for key in s} for via in ("netlink", "auto", "procfs"))
    tap.report("tcp_info" in by_default and by_default == by_netlink,
               "ss -tni --json has tcp_info without being told where to ask",
           f"{sorted(by_default)} is not {sorted(by_netlink)}")
    tap.report("tcp_text" in by_procfs, "  and what there is of it by procfs", f"{sorted(by_procfs)}")


def check_lines(ours):
    for command in ("ss -xa", "netstat -tuna"):
        lines = lambda: collections.Counter(ours.run(command, "--json=lines").stdout.decode().splitlines())
        as_lines = lambda: collections.Counter(json.dumps(s, separators=(",", ":"), ensure_ascii=False)
                                               for s in ours.sockets(command))
        eventually_equal(f"{command}: --json=lines has the same objects",
                         lambda: collections.Counter(map(canonical, lines().elements())),
                         lambda: collections.Counter(map(canonical, as_lines().elements())))
    empty = ours.document("ss -tan sport = 1")
    tap.report(empty["sockets"] == [] and empty["complete"] is True, "nothing found is an empty array", empty)


def canonical(line):
    found = json.loads(line)
    for changing in ("drops", "refcount"):
        found.pop(changing, None)
    return json.dumps(found, sort_keys=True)


# ---- against the text ----

NETIDS = {"tcp": "tcp", "udp": "udp", "raw": "raw", "mptcp": "mptcp", "icmp6": "raw"}
STATES = {"ESTAB": "established", "LISTEN": "listen", "UNCONN": "close", "SYN-SENT": "syn_sent", "SYN-RECV": "syn_recv",
          "FIN-WAIT-1": "fin_wait1", "FIN-WAIT-2": "fin_wait2", "TIME-WAIT": "time_wait", "CLOSE-WAIT": "close_wait",
          "LAST-ACK": "last_ack", "CLOSING": "closing"}


def plain_address(text):
    text = text.strip("[]").split("%")[0]
    return "::" if text == "*" else str(ipaddress.ip_address(text))


def from_ss(ours, command):
    found = collections.Counter()
    text = ours.run(f"{command}HO").stdout.decode("utf-8", "surrogateescape")
    for line in text.splitlines():
        words = line.split()
        if words[0] in STATES:  # of a single table its name is not shown
            words.insert(0, "tcp")
        netid, state, _, _, local, peer, *_ = words
        (local, lport), (peer, pport) = local.rsplit(":", 1), peer.rsplit(":", 1)
        inode = re.search(r" ino:(\d+)", line)
        owners = frozenset(re.findall(r"pid=(\d+),fd=(\d+)", line))
        port = lambda p: 0 if p == "*" else int(p)
        found[NETIDS[netid], STATES[state], plain_address(local), port(lport), plain_address(peer), port(pport),
              int(inode[1]) if inode else 0, owners] += 1
    return found


def owners_of(s):
    return frozenset((str(o["pid"]), str(o["fd"])) for o in s.get("owners", []))


def unmapped(text):
    """netstat prints v4-mapped addresses as what they stand for."""
    address = ipaddress.ip_address(text)
    return str(getattr(address, "ipv4_mapped", None) or address)


def from_json(ours, words):
    address = unmapped if words.startswith("netstat") else lambda a: str(ipaddress.ip_address(a))
    return collections.Counter(
        (s["protocol"], s["state"], address(s["local_address"]), s["local_port"], address(s["peer_address"]),
         s["peer_port"],
         s.get("inode", 0), owners_of(s)) for s in ours.sockets(words))


NETSTAT_STATES = {"ESTABLISHED": "established", "LISTEN": "listen", "SYN_SENT": "syn_sent", "SYN_RECV": "syn_recv",
                  "": "close",
                  "FIN_WAIT1": "fin_wait1", "FIN_WAIT2": "fin_wait2", "TIME_WAIT": "time_wait",
                  "CLOSE_WAIT": "close_wait",
                  "LAST_ACK": "last_ack", "CLOSING": "closing", "CLOSE": "close"}


def from_netstat(ours, via):
    """A line shows one owner: the first. Names are in the last column, which is not read beyond the process id."""
    found = collections.Counter()
    for line in ours.run(f"netstat --via={via} -tunapeW").stdout.decode("utf-8", "surrogateescape").splitlines()[2:]:
        m = re.match(r"(\S+) +\d+ +\d+ (\S+) +(\S+) +([A-Z_0-9]*) +(\S+) +(\d+) +(\d+/|-)", line)
        proto, local, peer, state, _, inode, owner = m.groups()
        (local, lport), (peer, pport) = local.rsplit(":", 1), peer.rsplit(":", 1)
        port = lambda p: 0 if p == "*" else int(p)
        found[proto.rstrip("6"), NETSTAT_STATES[state], unmapped(local), port(lport), unmapped(peer), port(pport),
              int(inode), owner.rstrip("/")] += 1
    return found


def netstat_json(ours, via):
    found = collections.Counter()
    for key, count in from_json(ours, f"netstat --via={via} -tunape").items():
        *rest, owners = key
        found[(*rest, min((int(pid) for pid, _ in owners), default="-") if owners else "-")] += count
    return collections.Counter({(*k[:-1], str(k[-1])): v for k, v in found.items()})


def check_text(ours):
    for via in ("netlink", "procfs"):
        # ss prints no inode for UDP sockets from a text file.
        words = f"ss --via={via} -{'tu' if via == 'netlink' else 't'}anep"
        eventually_equal(f"{words}: JSON and text: protocol, state, endpoints, inode, owners",
                         lambda: from_json(ours, words), lambda: from_ss(ours, words))
        eventually_equal(f"netstat --via={via}: JSON and text: protocol, state, endpoints, inode, owner",
                         lambda: netstat_json(ours, via), lambda: from_netstat(ours, via))


# ---- against pyroute2 ----

def inet_tuples(ours, words):
    return collections.Counter((s["protocol"], plain_address(s["local_address"]), s["local_port"],
                                plain_address(s["peer_address"]),
                                s["peer_port"], STATE_WORDS.index(s["state"]), s.get("inode", 0))
                                for s in ours.sockets(words))


def unix_tuples(ours, via):
    found = collections.Counter()
    for s in ours.sockets(f"ss --via={via} -xae"):
        name = next((bytes.fromhex(s[k]) for k in ("abstract_hex", "name_hex") if k in s), s.get("name", "").encode())
        # The library drops the leading NUL of an abstract name. check_names compares the names that procfs has.
        known = (name.strip(b"\0"), s.get("peer_inode", 0)) if via == "netlink" else ()
        found[(s["protocol"], s.get("inode", 0), STATE_WORDS.index(s["state"]), *known)] += 1
    return found


def check_pyroute2(ours):
    try:
        import pyroute2_dump
    except ImportError as error:
        return tap.skip("JSON and pyroute2's own dump", f"python3-pyroute2 is not installed: {error}")
    for via in ("netlink", "procfs"):
        for protocol in ("tcp", "udp"):
            words = f"ss --via={via} -{protocol[0]}ane"
            eventually_equal(f"{words}: JSON and pyroute2's dump: protocol, endpoints, state, inode",
                             lambda: inet_tuples(ours, words), lambda: pyroute2_dump.inet(protocol, via))
        eventually_equal(f"ss --via={via} -xae: JSON and pyroute2's dump: type, inode, "
                         f"state{', name, peer' if via == 'netlink' else ''}",
                         lambda: unix_tuples(ours, via), lambda: pyroute2_dump.unix(via))


# ---- hostile names ----

def check_names(ours):
    unix = ours.sockets("ss -xa", "--via=netlink")
    exact = {bytes.fromhex(s["abstract_hex"]) for s in unix if "abstract_hex" in s}
    missing = [n for n in zoo.ABSTRACT_NAMES if n not in exact]
    tap.report(not missing, "abstract names keep their bytes", missing)
    for via in ("netlink", "procfs"):
        unix = ours.sockets("ss -xa", f"--via={via}")
        names = {bytes.fromhex(s["name_hex"]) if "name_hex" in s else s["name"].encode() for s in unix if "name" in s}
        # procfs ends a row at a newline, and joins what follows only where it can tell.
        wanted = [n for n in zoo.ABSTRACT_NAMES if via == "netlink" or b"\n" not in n]
        missing = [n for n in wanted if b"@" + n.replace(b"\0", b"@") not in names]
        tap.report(not missing, f"--via={via}: names of UNIX sockets keep their bytes", missing)
    comms = {bytes.fromhex(o["comm_hex"]) if "comm_hex" in o else o["comm"].encode()
             for s in ours.sockets("ss -tap") for o in s["owners"]}
    # Linux keeps the first 15 bytes.
    missing = [c for c in zoo.COMM_NAMES if c.encode()[:15] not in comms]
    tap.report(not missing, "names of processes keep their bytes", missing, comms)


# ---- against /proc ----

def proc_rows(table):
    """(local, local port, peer, peer port, state number) of each row, as the kernel's text has them."""
    def address(word):
        hexadecimal, port = word.split(":")
        raw = b"".join(struct.pack("=I", int(hexadecimal[i:i + 8], 16)) for i in range(0, len(hexadecimal), 8))
        found = ipaddress.ip_address(raw)
        mapped = getattr(found, "ipv4_mapped", None)
        return str(mapped or found), int(port, 16)
    for name in (table, f"{table}6"):
        with open(f"/proc/net/{name}") as file:
            next(file)
            for line in file:
                _, local, peer, state, *_ = line.split()
                yield (*address(local), *address(peer), int(state, 16))


def groups(ours, words, *keys):
    found = collections.Counter()
    for row in ours.document(words)["socket_groups"]:
        found[tuple(row.get(k) for k in keys)] += row["count"]
    return found


STATE_WORDS = ["", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close",
               "close_wait", "last_ack",
               "listen", "closing"]


def check_by(ours):
    tcp = lambda: [r for r in proc_rows("tcp")]
    net = lambda address, four, six: str(ipaddress.ip_network(f"{address}/{four if '.' in address else six}",
                                                              strict=False))
    cases = [("--by=state", ("state",), lambda r: (STATE_WORDS[r[4]],)),
             ("--by=peer", ("peer_address",), lambda r: (r[2],)),
             ("--by=peer/8/64", ("peer_network",), lambda r: (net(r[2], 8, 64),)),
             ("--by=local-port,state", ("local_port", "state"), lambda r: (r[1], STATE_WORDS[r[4]])),
             ("--by=peer-port", ("peer_port",), lambda r: (r[3],))]
    for via in ("netlink", "procfs"):
        for option, keys, key in cases:
            for tool in ("ss -tan", "netstat -tan"):
                eventually_equal(f"{tool} --via={via} {option}: as counted from /proc/net/tcp and tcp6",
                                 # Only netlink reports sockets that are bound and not in use.
                                 lambda: groups(ours, f"{tool} --via={via} {option} --where=state!=close", *keys),
                                 lambda: collections.Counter(map(key, tcp())))
    text = ours.run("ss -tan --by=state").stdout.decode().splitlines()
    counts = [int(line.split()[0]) for line in text[1:]]
    tap.report(text[0].split() == ["count", "state"] and counts == sorted(counts, reverse=True),
               "--by prints the largest first", *text)
    names = ("rqueue_sum", "wqueue_sum", "accept_queue_sum")
    sums = lambda: {r["state"]: tuple(map(r.get, names))
                    for r in ours.document("ss -tan --by=state --sum=queues")["socket_groups"]}
    # A listener's queue is connections, not bytes.
    by_hand = lambda: {state: (None, None, sum(s["rqueue"] for s in some)) if state == "listen" else
                       (sum(s["rqueue"] for s in some), sum(s["wqueue"] for s in some), None)
                       for every in [ours.sockets("ss -tan")] for state in {s["state"] for s in every}
                       for some in [[s for s in every if s["state"] == state]]}
    eventually_equal("--sum=queues adds up", sums, by_hand)
    processes = lambda: groups(ours, "ss -tan --by=process", "process")
    by_owner = lambda: collections.Counter(
        (min(s["owners"], key=lambda o: (o["pid"], o["fd"]))["comm"] if s["owners"] else None,)
        for s in ours.sockets("ss -tanp"))
    eventually_equal("--by=process counts a socket once, for its first owner", processes, by_owner)


# ---- filters and order ----

def check_where(ours):
    loopback = ipaddress.ip_network("127.0.0.0/8")
    def inside(s):
        address = ipaddress.ip_address(s["local_address"])
        address = getattr(address, "ipv4_mapped", None) or address
        return address.version == 4 and address in loopback
    info = lambda s: s.get("tcp_info", {})
    cases = [("state = listen", lambda s: s["state"] == "listen"),
             ("state != listen and rqueue > 0", lambda s: s["state"] != "listen" and s["rqueue"] > 0),
             ("not (state in (listen, established))", lambda s: s["state"] not in ("listen", "established")),
             ("local = 127.0.0.0/8", inside),
             ("local-port >= 1k or wqueue >= 1Ki", lambda s: s["local_port"] >= 1000 or s["wqueue"] >= 1024),
             ("cwnd > 9 && mss > 100B", lambda s: info(s).get("snd_cwnd", 0) > 9 and info(s).get("snd_mss", 0) > 100),
             ("rtt > 0.01ms", lambda s: "rtt_us" in info(s) and info(s)["rtt_us"] > 10),
             ("rtt_us > 0 and rto_ms >= 0.2s", lambda s: info(s).get("rtt_us", 0) > 0
              and info(s).get("rto_us", 0) >= 200000),
             ("proc = plain", lambda s: any(o["comm"] == "plain" for o in s["owners"])),
             ("proc ~ 'wo wor' or pid = 1", lambda s: any("wo wor" in o["comm"] or o["pid"] == 1 for o in s["owners"])),
             ("!inode", lambda s: "inode" not in s)]
    for expression, test in cases:
        for via in ("netlink", "procfs"):
            if via == "procfs" and re.search("cwnd|rtt", expression):
                continue
            key = lambda s: json.dumps([s["local_address"], s["local_port"], s["peer_address"], s["peer_port"],
                                        s["state"]])
            eventually_equal(f"--via={via} --where='{expression}'",
                             lambda: ("found", sorted(map(key,
                                                          ours.sockets(f"ss --via={via} -tanp",
                                                                       f"--where={expression}")))),
                             lambda: ("found", sorted(key(s)
                                                      for s in ours.sockets(f"ss --via={via} -tanpi") if test(s))))
    # Columns are as wide as what is shown needs: words are compared.
    rows = lambda *more: [line.split() for line in ours.run("ss -tanH", *more).stdout.splitlines()]
    eventually_equal("--where narrows the listing of ss as it is", lambda: sorted(rows("--where=state = listen")),
                     lambda: sorted(row for row in rows() if row[0] == b"LISTEN"))
    eventually_equal("--count counts what is shown", lambda: int(ours.run("ss -tan --count").stdout),
                     lambda: len(ours.run("ss -tanHO").stdout.splitlines()))


def check_order(ours):
    def keys(*more):
        return [(s["state"], -s["local_port"]) for s in ours.sockets("ss -tan", *more)]
    sorted_all = keys("--sort=state,-local_port")
    tap.report(sorted_all == sorted(sorted_all) and len(sorted_all) > 10, "--sort=state,-local_port", sorted_all)
    eventually_equal("--top=3 is the beginning", lambda: keys("--sort=state,-local_port", "--top=3"),
                     lambda: keys("--sort=state,-local_port")[:3])
    lines = lambda *more: ours.run("ss -tanH", *more).stdout.splitlines()
    eventually_equal("--sort keeps every line of the listing as it is",
                     lambda: sorted(map(bytes.split, lines("--sort=-rqueue"))),
                     lambda: sorted(map(bytes.split, lines())))
    queues = [int(line.split()[1]) for line in lines("--sort=-rqueue")]
    tap.report(queues == sorted(queues, reverse=True) and queues, "--sort=-rqueue in the layout of ss", queues)
    table = ours.run("ss -tan --columns=state,peer,rqueue --sort=rqueue").stdout.decode().splitlines()
    tap.report(table[0].split() == ["state", "peer", "rqueue"]
               and len({line.rstrip() and len(line) for line in table}) == 1,
           "--columns aligns a table", *table)


def check_mistakes(ours):
    cases = [("--where=rttt > 1", "rtt"), ("--where=state = listn", "listen"), ("--where=rtt > 1x", "ms"),
             ("--where=(rtt", ")"),
             ("--where=state < listen", "text"), ("--by=pear", "peer"), ("--sort=inod", "inode"),
             ("--columns=ownrs", "owners"),
             ("--sum=rqueue", "--by"), ("--top=0", "1"), ("--proc=exee", "exe"), ("--json=xml", "lines"),
             ("--by=peer/129", "peer/24"),
             ("--where=", "column"), ("--columns=", "empty"),
             ("--by=peer,dst", "twice"), ("--by=peer/24,peer/24/24", "twice"), ("--sort=rtt,-rtt", "twice"),
             ("--where=rtt < inf", "duration")]
    for option, hint in cases:
        for tool in ("ss", "netstat"):
            ran = ours.run(f"{tool} -t", option)
            error = ran.stderr.decode()
            caret = not option.startswith("--where") or "^" in error.splitlines()[-1]
            tap.report(ran.returncode == 2 and not ran.stdout and hint in error and caret,
                       f"{tool} '{option}' ends with 2 and a hint",
                   f"status {ran.returncode}", error)


def check_abbreviations(ours):
    same = lambda a, b: ours.run(a).stdout == ours.run(b).stdout
    tap.report(any(same("ss --sum", "ss -s") for _ in range(ATTEMPTS)), "ss --sum is still --summary")
    tap.report(any(same("ss -tanH --proc", "ss -tanHp") for _ in range(ATTEMPTS)), "ss --proc is still --processes")


def main():
    source, duostat, hold = sys.argv[1:4]
    namespace.enter_or_skip()
    schemas = {}
    for kind in ("sockets", "socket_groups", "counts"):
        with open(f"{source}/doc/schema/{kind}.json") as file:
            schemas[kind] = json.load(file)
    with tempfile.TemporaryDirectory() as directory:
        namespace.mount("tmpfs", directory, "tmpfs")
        for name in ("ss", "netstat"):
            shutil.copy(duostat, f"{directory}/{name}")
        os.makedirs(f"{directory}/zoo")
        animals = zoo.Zoo(f"{directory}/zoo", hold, [])
        ours = Ours(directory)
        word = sys.argv[4] if len(sys.argv) > 4 else ""
        for check in (check_schema, check_group_schemas, check_lines, check_tcp_info, check_text, check_pyroute2,
                      check_names,
                      check_by, check_where, check_order, check_mistakes, check_abbreviations):
            if word not in check.__name__:
                continue
            animals.refresh()
            more = {check_schema: [schemas["sockets"]], check_group_schemas: [schemas]}
            check(ours, *more.get(check, []))
        animals.close()
        namespace.libc.umount2(directory.encode(), 2)
    tap.plan()


if __name__ == "__main__":
    main()

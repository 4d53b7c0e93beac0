#!/usr/bin/env python3
"""Recorded hosts with kernels from 3.10 to 6.12, and with the /proc of gVisor and of LXCFS.

Three kernels are recorded (tests/data/kernels, written by dev/kernels), the others are made from these by a table
(made_kernels.py). Compared are:
  - of recorded kernels, a replay of the capture with what the originals printed there;
  - of all, ss with TCPDIAG_FILE and PROC_ROOT, and netstat with the tree over /proc, with the installed originals;
  - of all, JSON with the bytes that the kernel sent: a member that it did not send is absent, never 0;
  - structures of every length with the original, which fills the rest with zeros.

DUOSTAT_REFERENCE_SS      another ss to compare with; for the installed one, its version's rules apply
Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import gzip
import json
import os
import pathlib
import re
import shutil
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture_file as cf  # noqa: E402  (found only by the line above)
import gvisor  # noqa: E402
import lxcfs  # noqa: E402
import main as differential  # noqa: E402
import made_kernels as mk  # noqa: E402
import namespace  # noqa: E402
import rules  # noqa: E402
import run  # noqa: E402
import tap  # noqa: E402
from case import Case, Programs  # noqa: E402
from sample import sample  # noqa: E402

DATA = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve() / "tests" / "data" / "kernels"
RECORDED = ["5.10", "6.1", "6.12"]
SS_OF_DUMP = ["-tan", "-tanie", "-tanoem", "-tanieOH", "-tn state time-wait", "-tan sport = :8001", "-4 -tani",
              "-tane --tos --inet-sockopt"]
SS_OF_TREE = ["-tan", "-tane", "-tano", "-uane", "-wan", "-xan", "-xane", "-0an", "-tuwxanH", "-ltn", "-s"]
NETSTAT = ["-tan", "-tane", "-tano", "-uan", "-Uan", "-wan", "-xan", "-s", "-s -t", "-i", "-rn", "-rn -6", "-gn", "-an"]
# What both backends can print alike.
NETSTAT_OF_BOTH = ["-tan", "-tane", "-uan", "-Uan", "-rn", "-i"]
NEWEST = (999, 0, 0)


# ---- the hosts ----

def little_endian_only():
    if sys.byteorder != "little":
        tap.skip_all("the captures are of little-endian machines")


@dataclasses.dataclass
class Host:
    """A recorded host, and what is derived from it."""
    name: str
    records: list
    kernel: mk.Kernel = None  # None: no kernel that is known by a number
    originals: bytes = b""
    capture: str = ""
    dump: str = ""
    tree: str = ""

    def place(self, directory):
        self.capture, self.tree = f"{directory}/{self.name}.capture", f"{directory}/{self.name}"
        with open(self.capture, "wb") as file:
            file.write(cf.written(self.records))
        cf.write_tree(self.records, self.tree)
        os.makedirs(f"{self.tree}/net", exist_ok=True)
        sockets = b"".join(tcp_messages(self.records))
        if sockets:
            self.dump = f"{directory}/{self.name}.dump"
            write_dump(self.dump, sockets)


def tcp_answers(records, protocol=6):
    """The answers about TCP, of the requests that were answered with sockets."""
    for netlink, error, request, replies in cf.exchanges(records):
        if (netlink, error) == (cf.SOCK_DIAG, 0) and len(request) > 18 and request[17] == protocol and \
                request[16] in (mk.AF_INET, mk.AF_INET6) and \
                struct.unpack_from("=H", request, 4)[0] == mk.SOCK_DIAG_BY_FAMILY:
            yield from replies


def is_mptcp(payload):
    """MPTCP's sockets are asked for with an attribute, and otherwise like TCP's."""
    return any(kind == mk.INFO and len(value) <= 100 for kind, value in mk.attributes(payload, 72))


def tcp_payloads(records, mptcp=False):
    seen = set()
    for datagram in tcp_answers(records):
        for kind, _, payload in mk.messages(datagram):
            key = payload[:72]
            if kind == mk.SOCK_DIAG_BY_FAMILY and is_mptcp(payload) == mptcp and key not in seen:
                seen.add(key)
                yield payload


def tcp_messages(records):
    header = struct.pack("=HHII", mk.SOCK_DIAG_BY_FAMILY, 2, 123456, 0)
    return [mk.message(header, payload) for payload in tcp_payloads(records)]


def write_dump(path, sockets):
    with open(path, "wb") as file:
        file.write(sockets + struct.pack("=IHHIIi", 20, 3, 2, 123456, 0, 0))


def recorded(version):
    return list(cf.records(gzip.decompress((DATA / version / "capture.gz").read_bytes())))


def hosts():
    found = {version: Host(version, [r for r in recorded(version) if r[0] != cf.END],
                           mk.Kernel(tuple(map(int, version.split("."))), version),
                           (DATA / version / "originals").read_bytes()) for version in RECORDED}
    for kernel in mk.MADE:
        found[str(kernel)] = Host(str(kernel), mk.made(kernel, found[kernel.base].records), kernel)
    found["gvisor"] = Host("gvisor", gvisor.records())
    return sorted(found.values(), key=lambda host: (host.kernel is None, host.kernel and host.kernel.version))


# ---- against the originals ----

def sections(text):
    """(environment and words, Ran) of each command that was run in a guest."""
    for part in re.split(rb"(?m)^=== ", text)[1:]:
        line, _, rest = part.partition(b"\n")
        out, _, rest = rest.partition(b"--- stderr\n")
        err, _, status = rest.rpartition(b"--- status ")
        yield line.decode().split(), run.Ran(out, err, int(status))


def unsteady(ran):
    """Without what changes while an unanswered SYN is repeated, and between two readings of counters."""
    out = re.sub(rb"(?m)^(tcp +)?(SYN-SENT .*\n)(\t.*\n)?", rb"\1\2", ran.out)
    return dataclasses.replace(ran, out=out)


def without_numbers(ran):
    return dataclasses.replace(ran, out=re.sub(rb"\d+", b"N", ran.out))


class Test:
    def __init__(self, tap_out, ours, reference):
        self.tap, self.ours, self.reference = tap_out, ours, reference
        version = differential.version_of(reference["ss"]) if reference["ss"] else (0, 0, 0)
        self.version = NEWEST if os.environ.get("DUOSTAT_REFERENCE_SS") else version

    def equal(self, what, case, reference, ours, version):
        """One case; the rules of the differential tests apply."""
        programs = Programs(self.reference, self.ours, version)
        good, used, sides, _ = differential.verdict(case, programs, {rules.REFERENCE: [reference], rules.OURS: [ours]})
        self.tap.report(good, what + (f" (after {', '.join(dict.fromkeys(used))})" if good and used else ""))
        if not good:
            differential.explain(sides)

    def replay(self, host):
        """The capture, against what the originals printed on that host."""
        for words, wanted in sections(host.originals):
            via = "procfs" if words[0].startswith("PROC_ROOT=") else None
            tool, *args = words[1:] if via else words
            case = Case(tool, tuple(args), via=via)
            got = self.run(tool, [*args, f"--from={host.capture}"], {"DUOSTAT_VIA": via} if via else {})
            wanted, got = unsteady(wanted), unsteady(got)
            if tool == "netstat" and args[0] in ("-s", "-i"):  # counted on, between the two
                wanted, got = without_numbers(wanted), without_numbers(got)
            what = f"{host.name}: {' '.join(words)}: the capture, and the original there"
            self.equal(what, case, wanted, got, NEWEST)

    def run(self, tool, args, environment=None, reference=False):
        path = (self.reference if reference else self.ours)[tool]
        return run.run(path, [tool, *args], run.How(environment=environment or {}))

    def ss(self, host):
        """The installed ss with a dump or a tree."""
        cases = [("TCPDIAG_FILE", host.dump, line) for line in SS_OF_DUMP if host.dump] + \
            [("PROC_ROOT", host.tree, line) for line in SS_OF_TREE]
        for variable, path, line in sample(cases, 2):
            case = Case("ss", tuple(line.split()), environment=((variable, path),), frozen=True)
            wanted, got = (self.run("ss", line.split(), {variable: path}, reference) for reference in (True, False))
            self.equal(f"{host.name}: ss {line}, {variable}", case, wanted, got, self.version)

    def netstat(self, host):
        """The installed netstat with the tree over /proc."""
        namespace.mount(host.tree, "/proc", None, namespace.MS_BIND)
        try:
            for line in sample(NETSTAT, 2):
                case = Case("netstat", tuple(line.split()), frozen=True)
                wanted = self.run("netstat", line.split(), reference=True)
                got = self.run("netstat", ["--via=procfs", *line.split()])
                self.equal(f"{host.name}: netstat {line}, mounted over /proc", case, wanted, got, NEWEST)
        finally:
            namespace.libc.umount2(b"/proc", 2)

    def backends(self, host):
        """The capture, against the files that were taken out of it."""
        for words, environment in [(["-tanieom", "--via=netlink"], {"TCPDIAG_FILE": host.dump}),
                                   (["-tane", "--via=procfs"], {"PROC_ROOT": host.tree}),
                                   (["-uane", "--via=procfs"], {"PROC_ROOT": host.tree}),
                                   (["-xan", "--via=procfs"], {"PROC_ROOT": host.tree})]:
            if not all(environment.values()):
                continue
            wanted = self.run("ss", words[:1], environment)
            got = self.run("ss", [*words, f"--from={host.capture}"])
            # The path of a control group is unknown without a capture, and changes the widths.
            wanted, got = (sorted(re.sub(rb"(?m) cgroup:\S+| +(?= |$)", b"", ran.out).splitlines())
                           for ran in (wanted, got))
            self.tap.same(f"{host.name}: ss {' '.join(words)}: the same rows from the capture", wanted, got)

        for line in NETSTAT_OF_BOTH if host.kernel else ():
            sides = [self.run("netstat", [*line.split(), f"--via={via}", f"--from={host.capture}"])
                     for via in ("netlink", "procfs")]
            rows = [sorted(side.out.splitlines()) for side in sides]
            self.tap.report(rows[0] == rows[1] and len(rows[0]) > 2, f"{host.name}: netstat {line}: by both backends",
                            *sides)

    def commands(self, host):
        """Our own commands: complete where the kernel has the tables."""
        program = self.ours["ss"].replace("/ss", "/duostat")
        for command, known in (("states", b"ESTAB"), ("listen", b"8001"), ("audit", b" rules, one look"),
                               ("report", b"SOCKETS"), ("metrics", b"duostat_tcp_sockets")):
            ran = run.run(program, ["duostat", command, f"--from={host.capture}"], run.How())
            status = 0 if host.kernel else 3 if command == "audit" else 1  # tables are missing in gVisor
            self.tap.report(ran.status == status and known in ran.out, f"{host.name}: duostat {command}",
                            ran.status, ran.err, ran.out[:600])
        lacking = {"retransmits": (4, 19), "udp-drops": mk.DROPS_SINCE, "accept-queue": mk.DROPS_SINCE}
        ran = run.run(program, ["duostat", "audit", "--json", f"--from={host.capture}"], run.How())
        told = {entry["rule"] for entry in json.loads(ran.out)["not_looked_at"]} & set(lacking)
        if host.kernel:
            self.tap.same(f"{host.name}: duostat audit names the rules whose numbers this kernel lacks",
                          {rule for rule, since in lacking.items() if host.kernel.version < since}, told)

    # ---- JSON ----

    def rows(self, path, *words):
        ran = self.run("ss", [*words, "--json", f"--from={path}"])
        return json.loads(ran.out)["sockets"] if ran.out else []

    def json(self, host):
        """A member that the kernel does not send is absent, and the others have its value."""
        problems, rows = [], self.rows(host.capture, "-tanieom", "--via=netlink")
        by_cookie = {row["cookie"]: row for row in rows if row["protocol"] == "tcp"}
        payloads = list(tcp_payloads(host.records))
        for payload in payloads:
            row = by_cookie.get(cookie(payload))
            problems += [f"{row and row['state']}: {what}" for what in differing(row, payload, host.kernel)]
        if len(payloads) < 15:
            problems.append(f"only {len(payloads)} sockets")
        self.tap.ok(f"{host.name}: JSON has the members that this kernel sends, and no other", problems)
        sizes = {len(value) for payload in payloads for kind, value in mk.attributes(payload, 72) if kind == mk.INFO}
        self.tap.same(f"{host.name}: the table has the size of its tcp_info", {host.kernel.info_size()}, sizes)
        self.unix_json(host)
        self.mptcp_json(host)
        self.udp_json(host)

    def unix_json(self, host):
        rows = self.rows(host.capture, "-xaneim", "--via=netlink")
        knows = {"uid": mk.UNIX_UID_SINCE, "skmem.drops": mk.DROPS_SINCE}
        problems = [] if rows else ["no rows"]
        for row in rows:
            flat = flattened(row)
            problems += [f"{key}: {flat.get(key)}" for key, since in knows.items()
                         if (key in flat) != (host.kernel.version >= since)]
        self.tap.ok(f"{host.name}: JSON of UNIX sockets", problems)

    def udp_json(self, host):
        rows = self.rows(host.capture, "-uwaneim")
        problems = [] if len(rows) > 4 else ["too few rows"]
        for row in rows:
            raw = row["protocol"] == "raw" or "raw" in row["protocol"] or "icmp" in row["protocol"]
            if raw and host.kernel.version < mk.RAW_DIAG_SINCE:
                continue  # of the files
            flat = flattened(row)
            problems += [f"{row['protocol']} {key}" for key, since in (("skmem.drops", mk.DROPS_SINCE),
                                                                    ("mark", mk.SINCE[mk.MARK]),
                                                                    ("cgroup_id", mk.SINCE[mk.CGROUP_ID]))
                         if (key in flat) != (host.kernel.version >= since)]
        self.tap.ok(f"{host.name}: JSON of UDP and raw sockets", problems)

    def mptcp_json(self, host):
        payloads = list(tcp_payloads(host.records, mptcp=True))
        if not payloads:
            return
        rows = {tuple(endpoints(row)): row for row in self.rows(host.capture, "-Manie")}
        problems = []
        for payload in payloads:
            got = rows.get(payload_endpoints(payload), {}).get("mptcp_info", {})
            value = next(value for kind, value in mk.attributes(payload, 72) if kind == mk.INFO)
            problems += mptcp_problems(got, value)
        self.tap.ok(f"{host.name}: JSON of MPTCP has the members that this kernel sends, and no other", problems)


def cookie(payload):
    low, high = struct.unpack_from("=II", payload, 44)
    return high << 32 | low


def number(value, place):
    offset, size = place[:2]
    return int.from_bytes(value[offset:offset + size], sys.byteorder)


def differing(row, payload, kernel):
    """What is wrong in a JSON row of a TCP socket."""
    if row is None:
        yield "no row"
        return
    sent = dict(mk.attributes(payload, 72))
    for kind, key in ((mk.MARK, "mark"), (mk.CGROUP_ID, "cgroup_id"), (mk.CONG, "congestion"), (mk.BBRINFO, "bbr")):
        if (kind in sent) != (key in row) and (kind, row["state"]) != (mk.CGROUP_ID, "time-wait"):
            yield f"{key}: sent: {kind in sent}, in JSON: {key in row}"
    words = len(sent.get(mk.SKMEMINFO, b"")) // 4
    if ("drops" in row.get("skmem", {})) != (words >= 9):
        yield f"skmem of {words} words: {row.get('skmem')}"
    got, value = row.get("tcp_info", {}), sent.get(mk.INFO, b"")
    yield from info_problems(got, value, row["state"] == "listening" or row["state"] == "listen")


def info_problems(got, value, listening=False):
    """What is wrong in the object tcp_info of JSON, which was made from these bytes."""
    for key, place in mk.INFO_MEMBERS.items():
        there = sum(place) <= len(value)
        if key in got and not there:
            yield f"{key}: {got[key]}, and the structure has {len(value)} bytes"
        elif there and not listening and got.get(key) != number(value, place):
            yield f"{key}: {got.get(key)}, sent: {number(value, place)}"
    for key, place in mk.INFO_OPTIONAL.items():
        if key in got and sum(place) > len(value):
            yield f"{key}: {got[key]}, and the structure has {len(value)} bytes"
    for key, size in mk.INFO_BITS.items():
        if key in got and len(value) < size and not got[key]:
            yield f"{key}: {got[key]}, and a structure of {len(value)} bytes may lack it"
        if key not in got and len(value) >= size and not listening:
            yield f"{key}: absent, and the structure has {len(value)} bytes"
    known = {*mk.INFO_MEMBERS, *mk.INFO_OPTIONAL, *mk.INFO_BITS}
    yield from (f"{key}: unknown to the test" for key in set(got) - known)


def mptcp_problems(got, value):
    for key, place in mk.MPTCP_MEMBERS.items():
        if got.get(key) != (number(value, place) if sum(place) <= len(value) else None):
            yield f"{key}: {got.get(key)}, and the structure has {len(value)} bytes"
    for key, place in mk.MPTCP_IN_GAPS.items():
        sent = len(value) >= place[2] or (sum(place[:2]) <= len(value) and number(value, place) != 0)
        if got.get(key) != (number(value, place) if sent else None):
            yield f"{key}: {got.get(key)}, and the structure has {len(value)} bytes"


def endpoints(row):
    return row["local_address"], row["local_port"], row.get("peer_port", 0)


def payload_endpoints(payload):
    local, peer = struct.unpack_from("!HH", payload, 4)
    return ".".join(map(str, payload[8:12])), local, peer


def flattened(row):
    out = {}
    for key, value in row.items():
        out.update({f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value})
    return out


# ---- structures of every length ----

def lengths(test, directory, base):
    """tcp_info of each length, with values in all bytes, before an attribute full of ones."""
    payload = next(p for p in tcp_payloads(base.records) if p[1] == 1)
    whole = bytes((7 * n + 1) & 0x7f for n in range(280))
    whole = bytes((1, 0, 2, 3, 4, 7, 0x76, 3)) + whole[8:]
    ones = mk.attribute(mk.MARK, b"\xff" * 4) + mk.attribute(mk.SKMEMINFO, b"\xff" * 36)
    header = struct.pack("=HHII", mk.SOCK_DIAG_BY_FAMILY, 2, 123456, 0)
    sockets, sizes = b"", range(0, 281)
    for size in sizes:
        fixed = payload[:4] + struct.pack("!H", 10000 + size) + payload[6:72]
        sockets += mk.message(header, fixed + mk.attribute(mk.INFO, whole[:size]) + ones)
    path = f"{directory}/lengths.dump"
    write_dump(path, sockets)
    ran = test.run("ss", ["-tanie", "--json"], {"TCPDIAG_FILE": path})
    rows = {row["local_port"]: row for row in json.loads(ran.out)["sockets"]}
    problems = []
    for size in sizes:
        got = rows[10000 + size].get("tcp_info", {})
        problems += [f"{size} bytes: {what}" for what in info_problems(got, whole[:size]) if size > 8 or got]
    test.tap.ok("tcp_info of 0 to 280 bytes: JSON has the members that it has, and no other", problems)
    if test.reference["ss"]:
        case = Case("ss", ("-tanie",), environment=(("TCPDIAG_FILE", path),), frozen=True)
        wanted, got = (test.run("ss", ["-tanie"], {"TCPDIAG_FILE": path}, reference) for reference in (True, False))
        test.equal("tcp_info of 0 to 280 bytes: the text is the original's", case, wanted, got, test.version)


def mptcp_lengths(test, directory, base):
    """The same of mptcp_info, by a capture: a dump has TCP's sockets only."""
    problems = []
    for size in (40, 44, 48, 80, 84, 88, 92, 96):
        def shorter(family, kind, value, size=size):
            return (value + b"\0" * 96)[:size] if kind == mk.INFO and len(value) <= 100 else value
        records = [(kind, p[:8] + mk.rewritten(p[8:], shorter) if kind == cf.REPLY else p) for kind, p in base.records]
        path = f"{directory}/mptcp.capture"
        with open(path, "wb") as file:
            file.write(cf.written(records))
        for row in test.rows(path, "-Mani"):
            value = next(v for p in tcp_payloads(records, mptcp=True) if payload_endpoints(p) == endpoints(row)
                         for kind, v in mk.attributes(p, 72) if kind == mk.INFO)
            problems += [f"{size} bytes: {what}" for what in mptcp_problems(row.get("mptcp_info", {}), value)]
    test.tap.ok("mptcp_info of 40 to 96 bytes: JSON has the members that it has, and no other", problems)


def main():
    little_endian_only()
    reference = {"ss": os.environ.get("DUOSTAT_REFERENCE_SS") or differential.which("ss"),
                 "netstat": differential.which("netstat")}
    built = os.path.join(os.environ["top_builddir"], "duostat")
    known = hosts()
    namespace.enter_or_skip()
    out = tap.Tap()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        reference = {tool: path and shutil.copy(path, f"{directory}/original-{tool}")
                     for tool, path in reference.items()}
        test = Test(out, differential.place(directory, built), reference)
        for host in known:
            host.place(directory)
            test.replay(host)
            test.backends(host)
            test.commands(host)
            if host.kernel:
                test.json(host)
            for tool, compare in (("ss", test.ss), ("netstat", test.netstat)):
                if reference[tool]:
                    compare(host)
                else:
                    out.skip(f"{host.name}: {tool}", "the original is not installed")
        lengths(test, directory, known[0])
        mptcp_lengths(test, directory, next(host for host in known if host.name == "6.12"))
        gvisor.check(test, next(host for host in known if host.name == "gvisor"))
        lxcfs.check(test, next(host for host in known if host.name == "6.12"), directory)
    out.plan()


if __name__ == "__main__":
    main()

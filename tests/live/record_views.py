# Routes, interfaces, groups, counters and masqueraded connections: every option in the group that ss and netstat share
# works or is refused by name; rows come from netlink if /proc is missing; a value that no source provides is not zero.
# In a private namespace. TAP.
#
# usage: record_views.py DUOSTAT
#
# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))

import namespace  # noqa: E402  (found only by the line above)
import steady  # noqa: E402
from tap import Tap, skip_all  # noqa: E402

SETUP = """
link add veth0 type veth peer name veth1
addr add 10.1.0.1/24 brd + dev veth0
link set veth0 up
link set veth1 up
-6 addr add 2001:db8::1/64 dev veth0 nodad
route add 172.16.0.0/12 via 10.1.0.3 proto static
route add blackhole 192.0.2.0/24
route add prohibit 192.0.3.0/24 metric 7
route add default via 10.1.0.3 metric 100 proto bgp
route add 192.0.8.0/24 nexthop via 10.1.0.3 nexthop via 10.1.0.4 weight 3
route add 192.0.9.0/24 via inet6 fe80::1 dev veth0
-6 route add 2001:db8:2::/48 via 2001:db8::2 metric 42
-6 route add 2001:db8:3::/48 via 2001:db8:ffff::1 dev veth0 onlink
-6 route add 2001:db8:4::/48 nexthop via 2001:db8::2 dev veth0 nexthop via 2001:db8:ffff::1 dev veth0 onlink
-6 route add unreachable 2001:db8:5::/48
"""
TRACKED = ("ipv4     2 tcp      6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.9 sport=1024 dport=22 src=192.0.2.9 "
           "dst=192.0.2.1 "
           "sport=22 dport=61440 [ASSURED] mark=0 use=2\n"
           "ipv4     2 udp      17 src=10.0.0.3 dst=192.0.2.9 sport=53 dport=53 src=192.0.2.9 dst=192.0.2.1 "
           "sport=53 dport=61441 [OFFLOAD] mark=0 use=2\n")
# A sanitizer's start-up message if /proc is missing.
SANITIZER_WARNING = re.compile(r"^==\d+==WARNING: reading executable name failed.*\n", re.M)
# The values given to the options, for a column that the view has.
VIEWS = {
    "netstat -rn": ("metric", "interface"), "netstat -i -a": ("mtu", "name"), "netstat -gn": ("users", "interface"),
    "netstat -s": ("value", "section"), "netstat -s --delta=0.01": ("value", "section"),
    "netstat -Mn": ("source_port", "protocol"),
    "netstat -r --ipx": ("metric", "interface"), "netstat --ax25": ("inode", "dest"), "ss -s": ("inuse", "protocol"),
    "ss -D /dev/null": ("inode", "state"), "ss -tan": ("inode", "state"),
}


def run(words, root=None, prepare=None, prefix=()):
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    if root:
        env["PROC_ROOT"] = root
    words = words if isinstance(words, list) else words.split()
    def interruptible():
        # A shell without job control starts what runs in the background with SIGINT ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if prepare:
            prepare()
    ran = subprocess.run([*prefix, DUOSTAT, *words], capture_output=True, text=True, env=env,
                         preexec_fn=interruptible, timeout=60)
    ran.stderr = SANITIZER_WARNING.sub("", ran.stderr)
    return ran


def document(words, **more):
    ran = run(words, **more)
    return json.loads(ran.stdout), ran


def shared_options(program):
    """The rows of the shared group, as the usage text lists them."""
    text = run([program, "-h"]).stdout
    group = text[text.index("Choosing, sorting, counting"):]
    names = re.findall(r"^ +(?:-\w, |  +)?--([a-z-]+)", group.split("\n\n")[0], re.M)
    return [name for name in names if name != "from"]  # of another table, and of every view


def argument(name, columns):
    number, text = columns
    return {"json": "--json", "columns": f"--columns={text}", "where": f"--where={text} ~ no-such-thing",
            "sort": f"--sort=-{number}",
            "top": "--top=1", "by": f"--by={text}", "sum": f"--sum={number}", "count": "--count", "proc": "--proc=exe",
            "having": "--having=count > 999999999", "fail-if": "--fail-if=count > 0", "fail-if-any": "--fail-if-any",
            "fail-if-none": "--fail-if-none", "owners": "--owners=auto", "all-netns": "--all-netns",
            "since": "--since=/dev/null", "watch": "--watch", "rate": "--rate",
            "stamp": "--stamp", "csv": "--csv", "meanings": "--meanings"}[name]


def opposite(name):
    """An option that cannot end with status 1 where this one does."""
    return "--fail-if-any" if name == "fail-if-none" else "--fail-if-none"


def check_every_option_of_every_view(tap, tree):
    for view, columns in VIEWS.items():
        rows = shared_options(view.split()[0])
        root = tree if "-M" in view else None
        plain = run(view, root=root)
        problems = [] if len(rows) >= 13 else [f"{rows}: not all options are in the usage text"]
        for name in rows:
            with_it = {"sum": [f"--by={columns[1]}"], "having": [f"--by={columns[1]}"], "stamp": ["--json=lines"]}
            words = view.split() + [argument(name, columns)] + with_it.get(name, [])
            # --watch goes on until a signal; a refusal comes before.
            ran = run(words, root=root, prefix=("timeout", "-s", "INT", "1") if name == "watch" else ())
            if ran.returncode == 2:
                lines = ran.stderr.splitlines()
                if name == "owners" and "nothing here shows owners; -p does" in lines[0]:
                    continue
                if name == "since" and "--since: /dev/null" in lines[0]:
                    continue  # no capture: tests/live/since.py
                named = re.fullmatch(rf"\w+: --(by|json|{name}) does not go with .*; (these do: --.*|none of these "
                                     rf"options does)",
                                     lines[0] if lines else "")
                if ran.stdout or len(lines) != 1 or not named or f"--{named[1]}," in lines[0].split(";")[1] + ",":
                    problems.append((words, ran))
            elif view.endswith("/dev/null") or view in ("ss -s", "netstat -r --ipx",
                                                        "netstat --ax25") and name not in ("json", "stamp"):
                problems.append((words, "accepted", ran))
            elif name.startswith("fail-if"):  # decides the exit status
                if ran.returncode not in (0, 1, 3) or ran.returncode == run(words[:-1] + [opposite(name)],
                        root=root).returncode == 1:
                    problems.append((words, "does not decide the status", ran))
            elif ran.stdout == plain.stdout and plain.stdout and name not in ("sort", "top", "proc", "watch"):
                problems.append((words, "changes nothing", ran))
        tap.ok(f"{view}: each option of the shared group works, or is refused by name with those that do", problems)


def check_forms(tap, tree):
    for view, kind in (("netstat -r -4 -6 -n", "routes"), ("netstat -i -a", "interfaces"), ("netstat -gn", "groups"),
                       ("netstat -Mn", "masquerade")):
        root = tree if "-M" in view else None
        whole, _ = document(view + " --json", root=root)
        records = whole[kind]
        problems = [] if whole["complete"] else [whole.get("problems")]
        count = run(view + " --count", root=root).stdout.strip()
        if count != str(len(records)) or not records:
            problems.append(f"--count says {count}, JSON has {len(records)}")
        names = [line.split()[0] for line in run(view + " --columns=help").stdout.splitlines()]
        keys = {k for r in records for k, v in r.items() if not isinstance(v, dict)}
        keys |= {f"{k}.{m}" for r in records for k, v in r.items() if isinstance(v, dict) for m in v}
        if not keys <= set(names):
            problems.append(f"JSON keys that are no columns: {keys - set(names)}")
        chosen = names[1]
        table = run(f"{view} --columns={names[0]},{chosen}", root=root).stdout.splitlines()
        if len(table) != len(records) + 1 or table[0].split() != [names[0], chosen]:
            problems.append(table[:4])
        column = names[0] if kind != "routes" else "family"
        groups, _ = document(f"{view} --by={column} --json", root=root)
        if groups["kind"] != "record_groups" or sum(g["count"] for g in groups["record_groups"]) != len(records):
            problems.append(groups)
        lines = run(f"{view} --json=lines --top=1", root=root).stdout.splitlines()
        if len(lines) != 1 or json.loads(lines[0]) != records[0]:
            problems.append(lines)
        tap.ok(f"{view}: --count, --columns, --by and --top say what JSON says", problems)


def names_of(words):
    return sorted(r["destination"] for r in document(words)[0]["routes"])


def check_routes(tap):
    problems = []
    for via in ("auto", "netlink"):
        records = {r["destination"]: r for r in document(f"netstat -r --json --via={via}")[0]["routes"]}
        expected = {"192.0.2.0": ("blackhole", "boot"), "192.0.3.0": ("prohibit", "boot"),
                    "172.16.0.0": ("unicast", "static"),
                    "0.0.0.0": ("unicast", "bgp"), "10.1.0.0": ("unicast", "kernel")}
        for destination, (kind, protocol) in expected.items():
            r = records[destination]
            if (r.get("type"), r.get("protocol"), r.get("table")) != (kind, protocol, 254):
                problems.append((via, r))
        hops = [(h.get("gateway"), h["weight"]) for h in records["192.0.8.0"].get("hops", [])]
        if hops != [("10.1.0.3", 1), ("10.1.0.4", 3)] or records["192.0.9.0"].get("gateway") != "fe80::1":
            problems.append((via, records["192.0.8.0"], records["192.0.9.0"]))
        if via == "netlink" and ("use" in records["0.0.0.0"] or "references" in records["0.0.0.0"]):
            problems.append("netlink tells neither use nor references")
    tap.ok("routes as JSON: table, type, protocol, all hops, the next hop of the other family", problems)

    problems = []
    if names_of(["netstat", "-r", "--json", "--where=type in (blackhole, prohibit)"]) != ["192.0.2.0", "192.0.3.0"]:
        problems.append("type")
    if names_of(["netstat", "-r", "--json", "--where=gateway = 10.1.0.0/24 and protocol = static"]) != ["172.16.0.0"]:
        problems.append("gateway in a network")
    if names_of(["netstat", "-r", "-6", "--json", "--where=table = 254 and type = unreachable"]) != ["2001:db8:5::"]:
        problems.append("inet6")
    text = run(["netstat", "-rn", "--where=protocol = bgp"]).stdout.splitlines()
    if len(text) != 3 or not text[2].startswith("0.0.0.0 "):
        problems.append(text)
    text = run(["netstat", "-rn", "--sort=-metric", "--top=2"]).stdout.splitlines()
    if [line.split()[0] for line in text[2:]] != ["0.0.0.0", "192.0.3.0"]:
        problems.append(text)
    by = run(["netstat", "-r", "--by=type"]).stdout.splitlines()
    if by[0].split() != ["count", "type"] or by[1].split()[1] != "unicast":
        problems.append(by)
    wrong = run(["netstat", "-r", "--where=type = blackhol"])
    if wrong.returncode != 2 or "did you mean blackhole?" not in wrong.stderr:
        problems.append(wrong)
    alone = run(["netstat", "-r", "--via=procfs", "--columns=destination,type"])
    if alone.returncode != 1 or "this column needs netlink" not in alone.stderr:
        problems.append(alone)
    tap.ok("--where, --sort, --top and --by over routes, also in the text", problems)

    rows = [[line.split()[:3] for line in run(f"netstat -rn -6 --via={via}").stdout.splitlines()[2:]]
            for via in ("procfs", "netlink")]
    flags = [row[2] for row in rows[0] if row[0].startswith(("2001:db8:3::", "2001:db8:4::"))]
    tap.ok("an IPv6 route with an on-link gateway has the same letters from both backends",
           [] if rows[0] == rows[1] and sorted(flags) == ["UG", "UGH", "UGH"] else rows)


def check_counters(tap):
    problems = []
    table = run("netstat -s -t --columns=counter,value --sort=-value --top=3").stdout.splitlines()
    values = [int(line.split()[1]) for line in table[1:]]
    if len(values) != 3 or values != sorted(values, reverse=True):
        problems.append(table)
    whole, _ = document(["netstat", "-s", "--json", "--where=section = Ip and counter = DefaultTTL"])
    if whole["kind"] != "counters" or [(c["section"], c["counter"])
                                       for c in whole["counters"]] != [("Ip", "DefaultTTL")]:
        problems.append(whole)
    text = run(["netstat", "-s", "--where=section = Udp"]).stdout.splitlines()
    if text[0] != "Udp:" or [line for line in text if not line.startswith(" ")] != ["Udp:"]:
        problems.append(text)
    tap.ok("counters are rows: section, counter, value", problems)


def check_absent_is_not_zero(tap, tree):
    def put(name, text):
        os.makedirs(os.path.dirname(f"{tree}/{name}"), exist_ok=True)
        with open(f"{tree}/{name}", "w") as file:
            file.write(text)

    put("net/snmp", "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64\nTcp: RtoMin CurrEstab\nTcp: 200 x\n")
    put("net/netstat", "TcpExt: SyncookiesSent\nTcpExt: 3\n")
    whole, ran = document("netstat -s --json", root=tree)
    counters = {name: values for section in whole["statistics"] for name, values in section.items()}
    problems = []
    if counters["Ip"] != {"Forwarding": 1, "DefaultTTL": 64} or counters["Tcp"] != {"RtoMin": 200}:
        problems.append(counters)
    if whole["complete"] or ran.returncode != 1 or "Ip: 1 counter without a number" not in ran.stderr:
        problems.append((whole.get("problems"), ran))
    found = run(["netstat", "-s", "--columns=counter", "--where=value = 0"], root=tree).stdout.split()
    if "InReceives" in found or "CurrEstab" in found:
        problems.append(found)
    tap.ok("a counter without a number is absent, and told", problems)

    whole, _ = document("netstat -M --json", root=tree)
    expires = [c.get("expires_ms") for c in whole["masquerade"]]
    text = run("netstat -Mn", root=tree).stdout.splitlines()
    tap.ok("a connection in hardware has no time left, neither in JSON nor in the text",
           [] if expires == [100000, None] and re.match(r"udp +- 10\.0\.0\.3 ", text[3]) else [expires, text])

    put("net/dev", "Inter-|   Receive\n face |bytes\n    lo: 5 6 7\n")
    whole, ran = document("netstat -i -a --json", root=tree)
    lo = [i for i in whole["interfaces"] if i["name"] == "lo"]
    good = lo and lo[0]["counters"] == {"rx_bytes": 5, "rx_packets": 6,
                                        "rx_errors": 7} and not whole["complete"] and ran.returncode == 1
    tap.ok("counters that a line of /proc/net/dev lacks are absent, and told", [] if good else [whole, ran])

    put("net/sockstat", "sockets: used 9\nTCP: inuse 5\n")
    put("net/sockstat6", "UDP6: inuse 2\n")
    records = {r["protocol"]: r for r in document("ss -s --json", root=tree)[0]["summary"]}
    good = records == {"all": {"protocol": "all", "used": 9}, "tcp": {"protocol": "tcp", "inuse": 5},
                       "udp": {"protocol": "udp", "inuse6": 2}}
    tap.ok("numbers that sockstat and snmp lack are absent", [] if good else [records])


def refuse_netlink():
    """A seccomp filter under which socket(AF_NETLINK) fails with EPERM."""
    def code(op, jt, jf, k):
        return struct.pack("HBBI", op, jt, jf, k)
    socket_number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
    program = b"".join([code(0x20, 0, 0, 0), code(0x15, 0, 3, socket_number), code(0x20, 0, 0, 16),
                        code(0x15, 0, 1, socket.AF_NETLINK), code(0x06, 0, 0, 0x00050001),
                        code(0x06, 0, 0, 0x7fff0000)])
    buffer = ctypes.create_string_buffer(program)
    filters = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    if libc.prctl(22, 2, ctypes.c_char_p(filters), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def check_other_source(tap):
    hide = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0" "$@"')
    for words in ("netstat -rn", "netstat -rn -6", "netstat -i -a", "netstat -i -e -a", "netstat -gn -6"):
        counted = re.compile(r"(RX|TX) (packets|errors).*|^(\S+ +\d+)( +\d+){8}", re.M)  # values that change
        for _ in steady.pauses():
            ran, by_netlink = run(words, prefix=hide), run(words + " --via=netlink")
            same = counted.sub(r"\3", ran.stdout) == counted.sub(r"\3", by_netlink.stdout)
            if same:
                break
        good = ran.returncode == 0 and ran.stderr == "" and same and ran.stdout.count("\n") > 2
        tap.ok(f"{words}: without /proc the rows come from netlink", [] if good else [ran, by_netlink])
    problems = []
    for words, kind in (("netstat -r --json", "routes"), ("netstat -i --json", "interfaces"),
                        ("netstat -g -6 --json", "groups")):
        whole, ran = document(words, prefix=hide)
        if ran.returncode != 0 or not whole["complete"] or not whole[kind]:
            problems.append((words, ran))
    tap.ok("without /proc JSON is complete too", problems)
    try:
        subprocess.run(["true"], preexec_fn=refuse_netlink, check=True)
    except (KeyError, OSError, subprocess.SubprocessError):
        print("# no seccomp filter here")
        return
    for words, file in (("netstat -rn", "/proc/net/route"), ("netstat -rn -6", "/proc/net/ipv6_route"),
                        ("netstat -i", "/proc/net/dev"), ("netstat -gn -4", "/proc/net/igmp"),
                        ("netstat -gn -6", "/proc/net/igmp6")):
        ran = run(words, prefix=hide, prepare=refuse_netlink)
        both = "netstat: netlink: rtnetlink open RTM_GET" in ran.stderr
        good = both and ("-4" in words or file in ran.stderr) and (ran.returncode != 0 or "-i" in words)
        tap.ok(f"{words}: if netlink is refused as well, both are reported", [] if good else [ran])
        counted = run(words + " --count", prefix=hide, prepare=refuse_netlink)
        good = counted.returncode == 1 and "incomplete" in counted.stderr
        tap.ok(f"{words} --count: and the count is incomplete, status 1", [] if good else [counted])
    ran = run("ss -tn", prefix=hide, prepare=refuse_netlink)
    good = "Cannot open netlink socket: " in ran.stderr and "ss: procfs: open /proc/net/tcp: " in ran.stderr
    tap.ok("ss -tn: if netlink is refused and /proc does not exist, both are reported", [] if good else [ran])
    ran = run("netstat -r --json", prepare=refuse_netlink)
    whole = json.loads(ran.stdout)
    tap.ok("routes from /proc without netlink lack table and type: told, complete is false, status 1",
           [] if not whole["complete"] and ran.returncode == 1 and whole["routes"]
           and "RTM_GET" in ran.stderr else [ran])


def main():
    global DUOSTAT
    DUOSTAT = os.path.abspath(sys.argv[1])
    ip = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not ip:
        skip_all("ip is not installed")
    namespace.enter_or_skip()
    for line in SETUP.strip().splitlines():
        made = subprocess.run([ip, *line.split()], capture_output=True, text=True)
        if made.returncode != 0:
            skip_all(f"ip {line}: {made.stderr.strip()}")
    namespace.wait_for_addresses()
    tap = Tap()
    listener = socket.create_server(("127.0.0.1", 0))  # so that there is a socket to select, sort and count
    with tempfile.TemporaryDirectory() as tree:
        os.makedirs(f"{tree}/net")
        with open(f"{tree}/net/nf_conntrack", "w") as file:
            file.write(TRACKED)
        check_every_option_of_every_view(tap, tree)
        check_forms(tap, tree)
        check_routes(tap)
        check_counters(tap)
        check_absent_is_not_zero(tap, tree)
        check_other_source(tap)
    print(f"1..{tap.number}")


if __name__ == "__main__":
    main()

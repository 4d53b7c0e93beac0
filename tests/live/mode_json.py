# JSON of routes, interfaces, groups, counters and summaries in a private network namespace: valid by doc/schema, equal
# as document and as lines, equal from both backends, and equal to the text and to /proc. TAP on standard output.
#
# usage: mode_json.py DUOSTAT SCHEMAS
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))

import namespace  # noqa: E402  (found only by the line above)
import steady  # noqa: E402
from tap import Tap, skip_all  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

SETUP = """
link add veth0 type veth peer name veth1
addr add 10.1.0.1/24 brd + dev veth0
addr add 10.1.0.7/24 dev veth0 label veth0:7
link set veth0 up
link set veth1 up
-6 addr add 2001:db8::1/64 dev veth0 nodad
-6 addr add fec0::1/64 dev veth1 nodad
route add 172.16.0.0/12 via 10.1.0.3 advmss 1400 window 5840 rtt 300ms
route add unreachable 192.0.2.0/24
route add prohibit 192.0.3.0/24 metric 7
route add 192.0.6.0/24 metric 4294967295 dev veth0
route add default via 10.1.0.3 metric 100
route add 192.0.8.0/24 nexthop via 10.1.0.3 nexthop via 10.1.0.4
-6 route add 2001:db8:2::/48 via 2001:db8::2 metric 42
-6 route add unreachable 2001:db8:3::/48
-6 route add 2001:db8:6::/48 dev veth0 expires 600
tuntap add tun0 mode tun
addr add 10.9.0.1 peer 10.9.0.2 dev tun0
"""
VIEWS = [("netstat -r", "routes"), ("netstat -r -6", "routes"), ("netstat -r -4 -6 -C -F", "routes"),
         ("netstat -r --ipx", "routes"), ("netstat -i", "interfaces"), ("netstat -i -a", "interfaces"),
         ("netstat -g", "groups"), ("netstat -g -6", "groups"), ("netstat -s", "statistics"),
         ("netstat -s -t", "statistics"),
         ("netstat -s -6 -u -w", "statistics"), ("netstat -s --where=section=Ip", "counters"),
         ("netstat -r --by=interface", "record_groups"),
         ("netstat -i -a --columns=name,mtu,counters", "interfaces"),
         ("netstat -r -6 --columns=destination,gateway", "routes"), ("netstat -s --delta=0.05", "statistics_delta"),
         ("ss -s", "summary"),
         ("netstat --ax25 --x25", "rare_sockets")]


def catches(pid, number):
    """Whether a process has a handler for a signal. (A sanitizer's run-time has handlers of its own for others.)"""
    with open(f"/proc/{pid}/status") as status:
        caught = next(line for line in status if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1 == 1


def run(words):
    return subprocess.run([DUOSTAT, *words.split()], capture_output=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


def sleeps(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "S"


def document(words):
    ran = run(words + " --json")
    if ran.returncode != 0 or ran.stderr or ran.stdout.count(b"\n") != 1:
        raise ValueError(f"{words} --json: status {ran.returncode}, {ran.stderr!r}, {ran.stdout[:200]!r}")
    return json.loads(ran.stdout)


def records(words, kind):
    return document(words)[kind]


def still(kind, record):
    """Without values that change from one reading to the next."""
    if kind in ("statistics", "statistics_delta", "summary", "counters"):
        return list(record) if kind != "statistics" else {name: list(counters) for name, counters in record.items()}
    return {key: value for key, value in record.items() if key not in ("counters", "use")}


def valid(kind, value):
    with open(os.path.join(SCHEMAS, f"{kind}.json")) as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator(schema).iter_errors(value)]


def lacks_groups(words):
    """Whether the kernel is too old to list IPv4 groups: RTM_GETMULTICAST of AF_INET came with 6.15."""
    release = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    return words == "netstat -g" and release < (6, 15)


def check_view(tap, words, kind, via):
    name = f"{words} --via={via}" if words.startswith("netstat") else words
    if via == "netlink" and lacks_groups(words):
        return tap.skip(f"{name}: the lines are the document's records", "this kernel does not list IPv4 groups")
    if words.startswith("netstat"):
        words += f" --via={via}"
    whole = document(words)
    if jsonschema is None:
        tap.skip(f"{name} is valid by doc/schema/{kind}.json", "python3-jsonschema is not installed")
    else:
        tap.ok(f"{name} is valid by doc/schema/{kind}.json", valid(kind, whole))
    # Fresh interfaces get addresses and routes a moment later: anything that changed meanwhile is read again.
    for _ in steady.pauses():
        lines = [json.loads(line) for line in run(words + " --json=lines").stdout.splitlines()]
        before, whole = whole, document(words)
        if before[kind] == whole[kind] or kind in ("statistics", "statistics_delta", "counters"):
            break
    problems = [] if whole["complete"] else [whole["problems"]]
    if kind != "statistics_delta" and [still(kind, r) for r in lines] != [still(kind, r) for r in whole[kind]]:
        problems.append(f"{lines} is not {whole[kind]}")
    if kind in ("routes", "interfaces", "groups", "statistics", "summary") and "ipx" not in words and not lines:
        problems.append("there is nothing in it")
    tap.ok(f"{name}: the lines are the document's records, and it is complete", problems)


def table(words, columns):
    """The text's rows, split at blanks."""
    text = run(words).stdout.decode().splitlines()
    start = next(i for i, line in enumerate(text) if line.startswith("Destination"))
    return [dict(zip(columns, line.split())) for line in text[start + 1:]]


def number(value):
    return "-" if value is None else str(value if value < 1 << 31 else value - (1 << 32))


def inet_row(r):
    """What netstat -rnee shows of a route."""
    reject = "reject" in r["flags"]
    letters = "!" if reject else "UG" if "gateway" in r["flags"] else "U"
    letters += "H" if "host" in r["flags"] else ""
    row = [r["destination"], "-" if reject else r.get("gateway", "0.0.0.0"), r["mask"], letters, number(r["metric"])]
    if reject:
        return row + ["-", number(r.get("use", 0)), "-", "-", "-", "-"]
    return row + [number(r.get("references", 0)), number(r.get("use", 0)), r["interface"], number(r.get("mtu", 0)),
                  number(r.get("window", 0)), number(r.get("irtt_ms", 0))]


def inet_rows(via):
    """The rows of the text."""
    return [line.split() for line in run(f"netstat -rnee --via={via}").stdout.decode().splitlines()[2:]]


def inet6_rows(via):
    """The rows of the text. It truncates neither, but shortens [::] like an address: compare addresses by meaning."""
    lines = [line.split() for line in run(f"netstat -rn -6 --via={via}").stdout.decode().splitlines()[2:]]
    rows = []
    for destination, gateway, _, metric, references, _, interface, *_ in lines:
        if destination.startswith("[::]/"):
            destination = "::/" + destination[5:]
        gateway = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6,
                                                                     "::" if gateway == "[::]" else gateway))
        rows.append((destination, gateway, metric, references, interface))
    return rows


def inet6_row(r):
    return (f"{r['destination']}/{r['prefix_length']}", r.get("gateway", "::"), number(r["metric"]),
            number(r.get("references")), r["interface"])


def check_routes(tap, via):
    for family, text, words, row in (("IPv4", inet_rows, "netstat -r", inet_row),
                                     ("IPv6", inet6_rows, "netstat -r -6", inet6_row)):
        same, expected, got = steady.compared(lambda: text(via),
                                              lambda: [row(r) for r in records(f"{words} --via={via}", "routes")])
        tap.ok(f"{family} routes as JSON and as text, {via}", [] if same and got else [expected, got])


def common(kind, record, other):
    return {k: v for k, v in still(kind, record).items() if k in other}


def differences_of_backends(words, kind):
    sides = [records(f"{words} --via={via}", kind) for via in ("procfs", "netlink")]
    for side in sides:
        for record in side:
            record.get("inet6", []).sort(key=lambda a: a["address"])
    problems = [] if len(sides[0]) == len(sides[1]) else [f"{len(sides[0])} and {len(sides[1])} records"]
    for one, other in zip(*sides):
        if common(kind, one, other) != common(kind, other, one):
            problems += [one, other]
    return problems


def check_backends(tap):
    for words, kind in (("netstat -r -4 -6", "routes"), ("netstat -i -a", "interfaces"), ("netstat -g", "groups")):
        if lacks_groups(words):
            tap.skip(f"{words}: the same from both backends", "this kernel does not list IPv4 groups by netlink")
            continue
        for _ in steady.pauses():
            problems = differences_of_backends(words, kind)
            if not problems:
                break
        tap.ok(f"{words}: the same from both backends", problems)


def counters_of_proc(path):
    with open(path) as file:
        lines = [line.split() for line in file]
    return {names[0][:-1]: dict(zip(names[1:], map(int, values[1:]))) for names, values in zip(lines[::2], lines[1::2])}


def check_statistics(tap):
    def look():
        return {**counters_of_proc("/proc/net/snmp"), **counters_of_proc("/proc/net/netstat")}
    before = look()
    mine = {name: counters for record in records("netstat -s", "statistics") for name, counters in record.items()}
    mine.pop("Sctp", None)
    after = look()
    problems = [] if list(mine) == list(before) else [list(mine), list(before)]
    for name in before:
        for counter, value in before[name].items():
            if not value <= mine.get(name, {}).get(counter, -2) <= after[name][counter]:
                problems.append(f"{name} {counter}: {mine.get(name, {}).get(counter)}, not {value}")
    tap.ok("counters are those of /proc/net/snmp and netstat, under the kernel's names", problems)


def send_datagrams(count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(count):
            s.sendto(b"x", ("127.0.0.1", 9))


def check_delta(tap):
    # Far longer than the test may take: only SIGINT ends it. If the tests run in the background, SIGINT may be ignored.
    child = subprocess.Popen([DUOSTAT, "netstat", "-s", "-u", "--delta=600", "--json=lines"], stdout=subprocess.PIPE,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    # The first reading is done when it sleeps until the next.
    deadline, asleep = time.monotonic() + 60, 0
    while time.monotonic() < deadline and asleep < 5:
        asleep = asleep + 1 if catches(child.pid, signal.SIGINT) and sleeps(child.pid) else 0
        time.sleep(0.02)
    send_datagrams(5)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    changed = {name: counters for line in out.splitlines() for name, counters in json.loads(line).items()}
    tap.ok("--delta until SIGINT: what was sent, and status 0",
           [] if child.returncode == 0 and changed.get("Udp", {}).get("OutDatagrams") == 5 else [child.returncode, out])


def check_repeats(tap):
    child = subprocess.Popen([DUOSTAT, "netstat", "-r", "-c", "--json"], stdout=subprocess.PIPE)
    documents = [json.loads(child.stdout.readline()) for _ in range(2)]
    child.kill()
    child.communicate()
    tap.ok("-c: a document a line, with its number and time",
           [] if all(d["kind"] == "routes" and d["complete"] for d in documents) and
           [d["pass"] for d in documents] == [1, 2] and documents[0]["time"] < documents[1]["time"] else documents)
    child = subprocess.Popen([DUOSTAT, "netstat", "-i", "-a", "-c", "--json=lines"], stdout=subprocess.PIPE)
    passes = []
    while 2 not in passes:
        passes.append(json.loads(child.stdout.readline())["pass"])
    child.kill()
    child.communicate()
    tap.ok("-c --json=lines: the number of the pass in each line",
           [] if set(passes) == {1, 2} and passes == sorted(passes) else passes)
    ran = run("netstat -i -c --csv")
    tap.ok("-c --csv is refused", [] if ran.returncode == 2 and b"does not go with -c" in ran.stderr else [ran])


def check_hostile_name(tap, ip):
    name = b"x\xffy"
    if subprocess.run([ip.encode(), b"link", b"add", name, b"type", b"veth", b"peer", b"name", b"v9"],
                      capture_output=True).returncode != 0:
        return tap.skip("an interface name that is not UTF-8", "ip or the kernel does not take it")
    whole = document("netstat -i -a")
    found = [i for i in whole["interfaces"] if i.get("name_hex") == name.hex()]
    problems = [] if len(found) == 1 and found[0]["name"] == "x\ufffdy" else [whole["interfaces"]]
    tap.ok("an interface name that is not UTF-8 keeps its bytes",
           problems + (valid("interfaces", whole) if jsonschema else []))


def check_refusals(tap):
    for words, status, part in (("netstat -g -t --json", 2, "-g prints a document of its own"),
                                ("netstat -r --bluetooth --json", 2, "No routing for address family"),
                                ("netstat -s --unix --json", 2, "No statistics support"),
                                ("netstat --delta", 2, "--delta needs -s"),
                                ("netstat -s --delta=0", 2, 'the time must be above 0'),
                                ("netstat -r --json=xml", 2, '--json takes no value, or "lines"')):
        ran = run(words)
        right = ran.returncode == status and part in ran.stderr.decode() and not ran.stdout
        right = right and ran.stderr.count(b"\n") == 1
        tap.ok(f"{words}: one line and status {status}", [] if right else [ran])


def main():
    global DUOSTAT, SCHEMAS
    DUOSTAT, SCHEMAS = (os.path.abspath(path) for path in sys.argv[1:3])
    ip = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not ip:
        skip_all("ip is not installed")
    namespace.enter_or_skip()
    for line in SETUP.strip().splitlines():
        made = subprocess.run([ip, *line.split()], capture_output=True, text=True)
        if made.returncode != 0:
            print(f"# left out: ip {line}: {made.stderr.strip()}")
    send_datagrams(3)
    namespace.wait_for_addresses()
    tap = Tap()
    for words, kind in VIEWS:
        for via in ("procfs", "netlink") if kind in ("routes", "interfaces", "groups") else ("auto",):
            check_view(tap, words, kind, via)
    for via in ("procfs", "netlink"):
        check_routes(tap, via)
    check_backends(tap)
    check_statistics(tap)
    check_delta(tap)
    check_repeats(tap)
    check_hostile_name(tap, ip)
    check_refusals(tap)
    print(f"1..{tap.number}")


if __name__ == "__main__":
    main()

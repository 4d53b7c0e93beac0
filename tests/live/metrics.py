#!/usr/bin/env python3
"""duostat metrics: counts that are those of ss, zeros, fewer than 300 series, both formats, files that are replaced at
once, what cannot be read, names that other processes chose, mistakes. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import tap  # noqa: E402
from situation import DUOSTAT, duostat  # noqa: E402

NOBODY = 65534
test = tap.Tap()
held = []
SAMPLE = re.compile(r'^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')


def metrics(*words, **more):
    return duostat("metrics", *words, **more)


def parsed(text):
    """{(name, {label: value}...): value}; raises ValueError for what is not the format."""
    series, kinds = {}, {}
    for line in text.splitlines():
        if line.startswith("# "):
            word, name, rest = (line[2:].split(" ", 2) + ["", ""])[:3]
            if word == "TYPE":
                kinds[name] = rest
            elif word not in ("HELP", "UNIT", "EOF"):
                raise ValueError(line)
            continue
        found = SAMPLE.match(line)
        if not found:
            raise ValueError(f"no sample: {line!r}")
        labels = LABEL.findall(found[2] or "")
        if ",".join(f'{k}="{v}"' for k, v in labels) != (found[2] or ""):
            raise ValueError(f"labels: {line!r}")
        key = (found[1], *(f"{k}={v}" for k, v in labels))
        if key in series:
            raise ValueError(f"twice: {line!r}")
        series[key] = float(found[3])
    return series, kinds


def series_of(*words):
    return parsed(metrics(*words).stdout.decode())[0]


def make_situation():
    """20 connections, of which 7 wait to be closed; a full UDP buffer; UNIX sockets."""
    server = socket.create_server(("127.0.0.1", 8080), backlog=64)
    clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(20)]
    peers = [server.accept()[0] for _ in clients]
    for client in clients[13:]:
        client.close()
    waiting = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(3)]
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 5300))
    datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(200):
        sender.sendto(b"x" * 500, ("127.0.0.1", 5300))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind("\0duostat-metrics")
    unix.listen(3)
    held.extend([server, *clients[:13], *peers, *waiting, datagrams, sender, unix])


def counts():
    out = metrics()
    text = out.stdout.decode()
    series, kinds = parsed(text)
    test.same("status 0, and nothing on standard error", (0, b""), (out.returncode, out.stderr))
    test.report(len(series) < 300, "fewer than 300 series", len(series))
    tcp = {k[2].split("=")[1]: v for k, v in series.items() if k[:2] == ("duostat_tcp_sockets", "family=inet")}
    test.same("eleven states", 11, len(tcp))
    test.same("listeners, connections and CLOSE-WAITs", (1, 13 * 2 + 3 * 2, 7),
              (tcp["listen"], tcp["established"], tcp["close_wait"]))
    test.same("zeros, too", 0, series[("duostat_tcp_sockets", "family=inet6", "state=syn_recv")])
    queue = [v for k, v in series.items() if k[0] == "duostat_listener_queue"]
    backlog = [v for k, v in series.items() if k[0] == "duostat_listener_backlog"]
    test.same("the listener's queue and backlog", ([3], [64]), (queue, backlog))
    drops = [v for k, v in series.items() if k[0] == "duostat_udp_socket_drops" and "port=5300" in k]
    test.report(len(drops) == 1 and drops[0] > 100, "drops of the UDP socket", drops)
    test.report(series[("duostat_unix_sockets", "type=stream", "state=listen")] >= 1, "UNIX listeners", text)
    findings = {k[1:]: v for k, v in series.items() if k[0] == "duostat_audit_findings"}
    test.report(len({k[0] for k in findings}) > 15, "findings of the rules", findings)
    test.same("quiet rules have zeros", 0, findings[("rule=close-wait", "severity=warning")])
    test.report(("rule=orphans", "severity=warning") not in findings,
                "a rule about the host has no series in a namespace of its own", findings)
    test.same("complete", 1, series[("duostat_look_complete",)])
    test.report(all(k.startswith("duostat_") for k in kinds), "every name has our prefix", kinds)
    labels = {label.split("=")[0] for key in series for label in key[1:]}
    test.same("no label is a process, an id or a peer",
              {"version", "family", "state", "type", "unit", "protocol", "address", "port", "series", "stat", "rule",
               "severity", "looked"}, labels)
    test.report(not any(k[:2] == ("duostat_audit_findings", "rule=counters") for k in series),
                "a rule that needs two looks has no series", findings)


def formats():
    prometheus, kinds = parsed(metrics().stdout.decode())
    text = metrics("--format=openmetrics").stdout.decode()
    openmetrics, other = parsed(text)
    changing = {"duostat_look_duration_seconds", "duostat_last_success_timestamp_seconds"}
    test.same("both formats have the same series", sorted(k for k in prometheus if k[0] not in changing),
              sorted(k for k in openmetrics if k[0] not in changing))
    test.report(text.endswith("\n# EOF\n"), "OpenMetrics ends with # EOF", text[-80:])
    test.same("a counter by its type", ("counter", "counter"),
              (kinds["duostat_listener_drops_total"], other["duostat_listener_drops"]))
    test.same("an info by its type", ("gauge", "info"), (kinds["duostat_build_info"], other["duostat_build"]))
    test.report("# UNIT duostat_tcp_rtt_seconds seconds\n" in text, "OpenMetrics has units", text)
    peers = series_of("--by=peer")
    test.report(("duostat_peer_tcp_sockets", "peer=127.0.0.1") in peers, "--by=peer counts by peer", peers)
    top = series_of("--top=1")
    test.report(len([k for k in top if k[0] == "duostat_listener_queue"]) <= 2,
                "--top=1 leaves one listener and the rest", top)


def files(folder):
    path = os.path.join(folder, "duostat.prom")
    out = metrics("--output=" + path)
    test.same("a file is written, and nothing printed", (0, b"", b""), (out.returncode, out.stdout, out.stderr))
    test.same("mode 0644 whatever the umask", 0o644, os.stat(path).st_mode & 0o777)
    os.umask(0o077)
    metrics("--output=" + path)
    os.umask(0o022)
    test.same("and when it is replaced", 0o644, os.stat(path).st_mode & 0o777)
    test.same("nothing is left beside it", ["duostat.prom"], os.listdir(folder))
    with open(path, encoding="utf-8") as file:
        good = file.read()
    test.report(len(parsed(good)[0]) > 100, "it has all metrics", good[:200])
    before = os.stat(path)
    out = metrics("--output=/nonexistent/duostat.prom")
    test.report(out.returncode == 2 and b"/nonexistent/duostat.prom" in out.stderr and out.stderr.count(b"\n") == 1,
                "a file that cannot be written: status 2 and one line", out)
    # A full disk: the kernel refuses bytes beyond the limit (SIGXFSZ is ignored by Python's children as well).
    full = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$0" metrics --output="$1"', DUOSTAT, path],
                          capture_output=True, timeout=300)
    test.report(full.returncode == 2 and full.stderr.count(b"\n") == 1, "a full disk: status 2 and one line", full)
    with open(path, encoding="utf-8") as file:
        test.report(file.read() == good or os.stat(path).st_ino == before.st_ino, "the old file is kept", "")
    test.same("and nothing is left of the new one", ["duostat.prom"], os.listdir(folder))
    names = watch_names(folder, path)
    test.report(all(n == "duostat.prom" or not n.endswith(".prom") for n in names), "no other name ends in .prom",
                names)


def watch_names(folder, path):
    """The names that appear while the file is replaced, as the kernel tells them."""
    if not os.access("/usr/bin/strace", os.X_OK):
        return {"duostat.prom"}
    log = os.path.join(os.path.dirname(folder), "strace.log")
    subprocess.run(["strace", "-f", "-e", "trace=linkat,rename,renameat,renameat2,openat", "-o", log, DUOSTAT,
                    "metrics", "--output=" + path], capture_output=True, timeout=300)
    with open(log, encoding="utf-8", errors="replace") as file:
        return {os.path.basename(n) for n in re.findall(r'"([^"]*)"', file.read()) if n.startswith(folder + "/")}


def what_cannot_be_read():
    out = metrics(user=NOBODY)
    series, _ = parsed(out.stdout.decode())
    told = out.stderr.decode().splitlines()
    test.same("without rights: status 1 and duostat_look_complete 0", (1, 0),
              (out.returncode, series[("duostat_look_complete",)]))
    # Kernels before 6.2 tell only those who may read them how many descriptors a process has.
    test.report(told[0].startswith("duostat metrics: incomplete: owners: no permission") and
                told[1:] in ([], ["duostat metrics: incomplete: descriptors of processes"]),
                "and a line that says so", told)
    test.report(("duostat_last_success_timestamp_seconds",) not in series, "no time of success", series)
    test.report(any("unit=unknown" in k for k in series), "owners that are not visible are unknown", series)
    with tempfile.TemporaryDirectory() as empty:
        os.mkdir(os.path.join(empty, "net"))
        out = metrics(env=dict(os.environ, PROC_ROOT=empty))
        test.report(b"duostat_tcp_sockets" not in out.stdout, "a table that is absent has no metric", out.stdout[:500])
    procfs = series_of("--via=procfs")
    test.report(("duostat_tcp_rtt_seconds", "stat=p50") not in procfs, "procfs has no times", procfs)
    test.report(("duostat_tcp_open_sent_bytes",) not in procfs, "and no bytes: absent, not 0", procfs)
    test.same("its counts are the same", 7, procfs[("duostat_tcp_sockets", "family=inet", "state=close_wait")])


def recorded(folder):
    capture = os.path.join(folder, "host.capture")
    duostat("capture", "-q", capture)
    now, then = series_of(), series_of("--from=" + capture)
    name = ("duostat_tcp_sockets", "family=inet", "state=close_wait")
    test.same("a recorded host", now[name], then.get(name))


def mistakes():
    for words, why in (
            (["--format=json"], '--format: "json" is neither prometheus nor openmetrics'),
            (["--top=0"], '--top: "0" is not a number from 1 to 1000'),
            (["--by=pid"], '--by: "pid" is not peer'),
            (["--skip=close-wat"], "close-wait"),
            (["--list-metrics", "--top=3"], "--list-metrics and --top do not go together"),
            (["extra"], 'unexpected argument "extra"')):
        out = metrics(*words)
        test.report(out.returncode == 2 and why in out.stderr.decode() and not out.stdout, " ".join(words), out)


def main():
    namespace.enter_or_skip()
    make_situation()
    signal.alarm(600)
    counts()
    formats()
    what_cannot_be_read()
    mistakes()
    with tempfile.TemporaryDirectory() as folder:
        recorded(folder)
        inner = os.path.join(folder, "textfile")
        os.mkdir(inner)
        files(inner)
    test.plan()


main()

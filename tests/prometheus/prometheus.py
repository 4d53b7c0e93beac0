#!/usr/bin/env python3
"""The real parts of Prometheus: promtool accepts our metrics, hostile names included, and our rules; the rules pass
their unit tests; a server that scrapes node_exporter with our file fires the alert of a real leak. Each part is skipped
without its program (Debian: prometheus, prometheus-node-exporter). Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

sys.dont_write_bytecode = True
TOP = os.path.abspath(os.environ.get("top_srcdir", "."))
sys.path[:0] = [os.path.join(TOP, "tests", *folder) for folder in ((), ("differential",), ("live",))]
import namespace  # noqa: E402  (found only by the lines above)
import steady  # noqa: E402
import tap  # noqa: E402
from situation import duostat  # noqa: E402

RULES = os.path.join(TOP, "packaging", "prometheus", "duostat.rules.yml")
UNITS = [b'a"b\\c.service', b"esc\x1b[31m.service", b"\xff\xfe.service", b"c1\xc2\x9bx.service",
         b"rtl\xe2\x80\xae.service", b'x"} 1 # .service', b"back\\nslash.service", b"tab\t.service",
         "caf\u00e9.service".encode(), b"a" * 200 + b".service"]
test = tap.Tap()
held = []


def hostile_tree(root):
    """A /proc with one listener and one process for each hostile unit."""
    header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    rows = []
    for number, unit in enumerate(UNITS, 1):
        rows.append(f"{number:4}: 0100007F:{8000 + number:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 "
                    f"    0        0 {9000 + number} 1 0000000000000000 100 0 0 10 0\n")
        task = os.path.join(root, str(number))
        os.makedirs(os.path.join(task, "fd"))
        os.symlink(f"socket:[{9000 + number}]", os.path.join(task, "fd", "3"))
        with open(os.path.join(task, "stat"), "wb") as file:
            file.write(f"{number} (server) S 1 1 1 0 -1 0".encode() + b" 0" * 44 + b"\n")
        with open(os.path.join(task, "cgroup"), "wb") as file:
            file.write(b"0::/system.slice/" + unit + b"\n")
    os.makedirs(os.path.join(root, "net"))
    with open(os.path.join(root, "net", "tcp"), "w") as file:
        file.write(header + "".join(rows))


def promtool(*words, **more):
    return subprocess.run(["promtool", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)


def check_metrics(folder):
    hostile_tree(os.path.join(folder, "proc"))
    for what, words, env in (("of this host", ["--top=20"], {}),
                             ("with hostile names", ["--top=20"], {"PROC_ROOT": os.path.join(folder, "proc")})):
        out = duostat("metrics", *words, env=dict(os.environ, **env))
        text = out.stdout
        unclean = re.search(rb"[\x00-\x09\x0b-\x1f\x7f\xff]|\xc2\x9b", text)
        test.report(text and not unclean, f"metrics {what}: no control byte, and UTF-8", text[:2000])
        if env:
            units = set(re.findall(rb'unit="((?:[^"\\]|\\.)*)"', text))
            test.report(len(units - {b"other", b"kernel", b"unknown", b"none"}) == len(UNITS),
                        "every hostile unit has its own label", units)
        if not shutil.which("promtool"):
            test.skip(f"promtool check metrics {what}", "no promtool (Debian: prometheus)")
            continue
        checked = promtool("check", "metrics", input=text)
        test.report(checked.returncode == 0 and not checked.stdout, f"promtool check metrics {what}", checked.stdout)


def check_rules(folder):
    if not shutil.which("promtool"):
        return test.skip("promtool check rules, test rules", "no promtool (Debian: prometheus)")
    out = promtool("check", "rules", RULES)
    test.report(out.returncode == 0, "promtool check rules", out.stdout)
    with open(os.path.join(TOP, "tests", "prometheus", "duostat.rules.test.yml")) as file:
        text = file.read()
    with open(RULES) as file:
        alerts = re.findall(r"- alert: (\w+)", file.read())
    untested = [a for a in alerts if not re.search(rf"alertname: {a}\n        exp_alerts:", text)]
    test.report(not untested, "each alert has a test in which it fires", untested)
    path = os.path.join(folder, "rules.test.yml")
    with open(path, "w") as file:
        file.write(text.replace("- RULES\n", f"- {RULES}\n"))
    out = promtool("test", "rules", path)
    test.report(out.returncode == 0, "promtool test rules", out.stdout)


def runbooks():
    """Each runbook is a section that exists."""
    with open(RULES) as file:
        links = re.findall(r'runbook_url: "file:///usr/share/doc/duostat/([a-z.]+)#([^"]+)"', file.read())
    missing = []
    for page, anchor in links:
        with open(os.path.join(TOP, "doc", page)) as file:
            sections = {h.strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", file.read(), re.M)}
        if "$labels" not in anchor and anchor not in sections:
            missing.append(f"{page}#{anchor}")
    test.report(len(links) > 5 and not missing, "each runbook_url is a section of doc/", missing, links)


# ---- a server ----

def leak():
    """150 connections in CLOSE-WAIT of this process."""
    server = socket.create_server(("127.0.0.1", 8080), backlog=200)
    clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(150)]
    held.extend([server, *[server.accept()[0] for _ in clients]])
    for client in clients:
        client.close()


def ask(path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:9090" + path, timeout=10) as answer:
            return json.load(answer)["data"]
    except (OSError, ValueError):
        return None


def configure(folder):
    with open(RULES) as file:
        rules = re.sub(r"for: \d+m", "for: 0s", file.read())
    with open(os.path.join(folder, "rules.yml"), "w") as file:
        file.write(rules)
    path = os.path.join(folder, "prometheus.yml")
    with open(path, "w") as file:
        file.write("global: {scrape_interval: 1s, evaluation_interval: 1s, scrape_timeout: 1s}\n"
                   f"rule_files: [{folder}/rules.yml]\n"
                   "scrape_configs:\n- job_name: node\n  static_configs: [{targets: ['127.0.0.1:9100']}]\n")
    return path


def start(folder, *words):
    log = open(os.path.join(folder, os.path.basename(words[0]) + ".log"), "wb")
    return subprocess.Popen(words, stdout=log, stderr=log, cwd=folder)


def fires(folder):
    """The alerts that fire, asked until that of the leak is among them."""
    alerts = []
    for _ in steady.pauses(60):
        found = ask("/api/v1/alerts")
        alerts = [(a["labels"]["alertname"], a["labels"].get("rule"), a["annotations"].get("runbook_url"))
                  for a in (found or {}).get("alerts", []) if a["state"] == "firing"]
        if any(a[:2] == ("DuostatAuditWarning", "close-wait") for a in alerts):
            break
    return alerts


def value_of(query):
    found = ask("/api/v1/query?query=" + query)
    return [r["value"][1] for r in found["result"]] if found else None


def a_server(folder):
    for program in ("prometheus", "prometheus-node-exporter"):
        if not shutil.which(program):
            return test.skip("a server fires the alert of a leak", f"no {program} (Debian has it)")
    textfile = os.path.join(folder, "textfile")
    os.mkdir(textfile)
    leak()
    servers = []
    try:
        written = duostat("metrics", "--output=" + os.path.join(textfile, "duostat.prom"))
        test.report(written.returncode == 0, "the metrics of a leak", written.stderr)
        servers.append(start(folder, "prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                             "--collector.textfile.directory=" + textfile, "--web.listen-address=127.0.0.1:9100"))
        servers.append(start(folder, "prometheus", "--config.file=" + configure(folder),
                             "--storage.tsdb.path=" + os.path.join(folder, "data"),
                             "--web.listen-address=127.0.0.1:9090"))
        alerts = fires(folder)
        log = ""
        for name in os.listdir(folder):
            if name.endswith(".log"):
                with open(os.path.join(folder, name), errors="replace") as file:
                    log += file.read()[-1500:]
        runbook = "file:///usr/share/doc/duostat/audit.md#close-wait"
        test.report(("DuostatAuditWarning", "close-wait", runbook) in alerts,
                    "the alert of the leak fires, with its runbook", alerts, log)
        test.same("node_exporter found nothing wrong with the file", ["0"], value_of("node_textfile_scrape_error"))
        test.same("the server has our numbers", ["150"],
                  value_of('duostat_tcp_sockets%7Bfamily=%22inet%22,state=%22close_wait%22%7D'))
        test.report(not any(a[0] in ("DuostatLookIncomplete", "DuostatMetricsStale") for a in alerts),
                    "and no alert about the metrics", alerts)
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def main():
    signal.alarm(600)
    with tempfile.TemporaryDirectory() as folder:
        runbooks()
        check_metrics(folder)
        check_rules(folder)
        try:
            namespace.enter()
        except (namespace.Unavailable, OSError) as error:
            test.skip("a server fires the alert of a leak", f"no private namespace: {error}")
        else:
            a_server(folder)
    test.plan()


main()

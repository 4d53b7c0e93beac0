#!/usr/bin/env python3
"""Captures of many hosts in one listing, SQL for their rows, and the commands and queries of doc/fleet.md, which are
taken from the document: 50 hosts with 1,000 sockets each. Speaks TAP.

    fleet.py --lines HOSTS SOCKETS     prints such lines, for measurements by hand (doc/fleet.md)

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import tap  # noqa: E402
from situation import DUOSTAT, duostat  # noqa: E402

COLUMNS = "protocol,state,rqueue,wqueue,local,sport,peer,dport,process,pid,uid,rtt_us"
HOSTS, SOCKETS = 50, 1000
QUICK = os.environ.get("DUOSTAT_TEST_EFFORT") == "quick"
NODE_PACKAGE = "@duckdb/node-api"
test = tap.Tap()
held = []


# ---- many hosts, made up ----

def address(host):
    return f"10.{host // 65536}.{host // 256 % 256}.{host % 256}"


def rows_of(host, hosts, sockets):
    """Host N has web listeners, connections to the three databases 1 to 3 and their other ends, loopback, and idle
    ones. Hosts 4 to 9 hold CLOSE-WAIT to database 2, host 7 alone to database 3; host 11 exposes redis."""
    def row(state, local, lport, peer, pport, process, **more):
        return dict({"protocol": "tcp", "state": state, "rqueue": 0, "wqueue": 0, "local_address": local,
                     "local_port": lport, "peer_address": peer, "peer_port": pport, "process": process,
                     "pid": 1000 + len(process), "uid": 33}, **more)
    me = address(host)
    yield row("listen", "0.0.0.0", 22, "0.0.0.0", 0, "sshd")
    yield row("listen", "127.0.0.1", 9000, "0.0.0.0", 0, "php-fpm")
    if host == 11:
        yield row("listen", "::", 6379, "::", 0, "redis-server")
    left = sockets - 2 - (host == 11)
    if host <= 3:  # a database
        yield row("listen", me, 5432, "0.0.0.0", 0, "postgres")
        left -= 1
        for client in range(4, hosts + 1):
            for n in range(2):
                if client != 5 or host != 1 or n != 0:  # one end is missing
                    left -= 1
                    yield row("established", me, 5432, address(client), 40000 + host * 2 + n, "postgres", tcp_info={
                        "rtt_us": 200 + client})
    else:
        for database in range(1, min(3, hosts) + 1):
            for n in range(2):
                left -= 1
                yield row("established", me, 40000 + database * 2 + n, address(database), 5432, "php-fpm",
                          tcp_info={"rtt_us": 300 + host})
        leaks = {2: 20} if 4 <= host <= 9 else {}
        if host == 7:
            leaks[3] = 5
        for database, count in leaks.items():
            for n in range(count):
                left -= 1
                yield row("close_wait", me, 50000 + n, address(database), 5432, "php-fpm", rqueue=1)
    for n in range(max(left, 0)):
        yield row("established" if n % 2 else "time_wait", "127.0.0.1", 20000 + n, "127.0.0.1", 9000, "nginx",
                  tcp_info={"rtt_us": 40})


def lines(hosts, sockets):
    for host in range(1, hosts + 1):
        stamp = {"schema_version": 1, "kind": "sockets", "hostname": f"host{host}", "netns": 4026531840,
                 "time": f"2026-01-31T12:00:{host % 60:02}.000000Z"}
        for row in rows_of(host, hosts, sockets):
            yield json.dumps({"stamp": stamp, **row}, separators=(",", ":"))


# ---- what the document says ----

def document():
    with open(os.path.join(TOP, "doc/fleet.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = {name: body for name, body in re.findall(r"^```sh (\w+)\n(.*?)^```", text, re.M | re.S)}
    queries = {}
    for body in re.findall(r"^```sql\n(.*?)^```", text, re.M | re.S):
        queries[re.match(r"-- query: (\S+)\n", body)[1]] = body
    return blocks, queries


def shell(text, folder, *words):
    """Runs a script in `folder`; duostat in it is the program under test."""
    tools = os.path.join(folder, "bin")
    if not os.path.isdir(tools):
        os.mkdir(tools)
        os.symlink(DUOSTAT, os.path.join(tools, "duostat"))
    env = dict(os.environ, PATH=tools + ":" + os.environ["PATH"])
    return subprocess.run(["sh", "-c", text, "sh", *words], cwd=folder, env=env, capture_output=True,
                          text=True, timeout=300, stdin=subprocess.DEVNULL)


def expected(hosts):
    clients = hosts - 3
    talks = [(f"host{c}", "php-fpm", f"host{d}", "postgres", 5432, 1 if (c, d) == (5, 1) else 2)
             for c in range(4, hosts + 1) for d in (1, 2, 3)]
    return {
        "close-wait": [(address(2), 5432, 6, 120, "php-fpm")],
        "exposed": [(6379, "redis-server", 1, "host11"), (22, "sshd", hosts, "host1")],
        "who-talks": sorted(talks, key=lambda t: (-t[5], t[0], t[2])),
        "half": [("host5", "php-fpm", address(1), 5432, 1)],
        "times": None,
        "clients": clients,
    }


def check_answers(what, ask, queries, hosts):
    wanted = expected(hosts)
    for name, sql in queries.items():
        got = [tuple(row) for row in ask(sql)]
        if name == "times":
            test.report(len(got) == 1 and got[0][0] == hosts and "12:00:01" in str(got[0][1]) and
                        "12:00:50" in str(got[0][2]), f"{what}: query {name}", got)
        else:
            test.same(f"{what}: query {name}", wanted[name], got)
    test.same(f"{what}: every question of the document was asked",
              sorted(set(wanted) - {"clients"}), sorted(queries))


def in_sqlite(folder, blocks, queries):
    if shutil.which("sqlite3"):
        out = shell(blocks["sqlite"], folder)
        test.same("sqlite3 loads the lines by the commands of doc/fleet.md", (0, "", ""),
                  (out.returncode, out.stdout, out.stderr))
        database = sqlite3.connect(os.path.join(folder, "fleet.db"))
    else:
        database = sqlite3.connect(":memory:")
        database.executescript(duostat("schema", "sql", "--columns=" + COLUMNS).stdout.decode())
        database.execute("CREATE TABLE lines (line TEXT)")
        with open(os.path.join(folder, "rows.jsonl"), encoding="utf-8") as file:
            database.executemany("INSERT INTO lines VALUES (?)", ((line,) for line in file))
        database.executescript(duostat("schema", "load", "--columns=" + COLUMNS).stdout.decode())
        for index in re.findall("^CREATE INDEX .*;$", blocks["sqlite"], re.M):
            database.execute(index)
    total = database.execute("SELECT count(*), count(DISTINCT hostname), count(process), sum(tcp_info_rtt_us) > 0 "
                             "FROM sockets").fetchone()
    test.same("every line is a row", (HOSTS * SOCKETS, HOSTS, HOSTS * SOCKETS, 1), total)
    check_answers("SQLite", lambda sql: database.execute(sql).fetchall(), queries, HOSTS)


DUCKDB_SCRIPT = """
const { DuckDBInstance } = require(process.argv[2]);
const fs = require('fs');
(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const { create, queries } = JSON.parse(fs.readFileSync(0, 'utf8'));
  await connection.run(create);
  const answers = {};
  for (const [name, sql] of Object.entries(queries)) {
    const reader = await connection.runAndReadAll(sql);
    answers[name] = reader.getRowsJson();
  }
  console.log(JSON.stringify(answers));
})().catch(e => { console.error(String(e)); process.exit(1); });
"""


def in_duckdb(folder, blocks, queries):
    node = shutil.which("node")
    probe = node and subprocess.run([node, "-p", f"require.resolve('{NODE_PACKAGE}')"], capture_output=True, text=True,
                                    cwd=folder)
    if not node or probe.returncode != 0:
        return test.skip("the queries in DuckDB", f"Node's {NODE_PACKAGE} is not installed (NODE_PATH)")
    out = shell(blocks["duckdb"], folder)
    test.same("DuckDB: the statements are written", (0, ""), (out.returncode, out.stderr))
    with open(os.path.join(folder, "create.sql"), encoding="utf-8") as file:
        create = file.read()
    script = os.path.join(folder, "ask.js")
    with open(script, "w", encoding="utf-8") as file:
        file.write(DUCKDB_SCRIPT)
    out = subprocess.run([node, script, probe.stdout.strip()], input=json.dumps({"create": create, "queries": queries}),
                         capture_output=True, text=True, cwd=folder, timeout=300)
    test.report(out.returncode == 0, "DuckDB loads the lines", out.stderr)
    if out.returncode != 0:
        return None
    answers = json.loads(out.stdout)

    def ask(sql):
        name = next(n for n, text in queries.items() if text == sql)
        return [tuple(int(v) if isinstance(v, str) and v.isdigit() else v for v in row) for row in answers[name]]
    return check_answers("DuckDB", ask, queries, HOSTS)


# ---- captures of several hosts ----

def capture(folder, name, hostname, port):
    """A capture of this network namespace with a listener, under a host name of its own."""
    server = socket.create_server(("127.0.0.1", port))
    path = os.path.join(folder, name)
    done = subprocess.run(["unshare", "-u", "sh", "-c", 'hostname "$1"; exec "$2" capture -q "$3"', "sh", hostname,
                           DUOSTAT, path], capture_output=True, text=True, timeout=300)
    server.close()
    if done.returncode != 0:
        test.report(False, "capture " + name, done)
    return path


def several_hosts(folder):
    web1 = capture(folder, "web1.capture", "web1", 7001)
    web2 = capture(folder, "web2.capture", "web2", 7002)
    both = ["--from=" + web1, "--from=" + web2]
    times = [json.loads(duostat("ss", "--json", "--from=" + path).stdout)["time"] for path in (web1, web2)]

    out = duostat("ss", "-tln", *both)
    text = out.stdout.decode().splitlines()
    test.report(out.returncode == 0 and text[0].startswith("2 hosts, recorded " + times[0]) and times[1] in text[0] and
                " s apart" in text[0], "ss: the first line says how far apart", out)
    test.same("ss: a column names the host",
              [["Host", "State"], ["web1", "LISTEN", "7001"], ["web2", "LISTEN", "7002"]],
              [text[1].split()[:2]] + [[w[0], w[1], w[4].split(":")[1]] for w in map(str.split, text[2:])])
    directory = duostat("ss", "-tln", "--from=" + folder)
    test.same("a directory stands for its captures", out.stdout, directory.stdout)
    out = duostat("ss", "-Htln", *both)
    test.same("-H: the times go to standard error", (2, 1), (len(out.stdout.splitlines()), out.stderr.count(b"apart")))

    out = duostat("ss", "-tln", "--csv", "--columns=sport,process", *both)
    rows = list(csv.reader(io.StringIO(out.stdout.decode())))
    test.same("CSV begins with the host", [["host", "sport", "process"], ["web1", "7001", rows[1][2]],
                                           ["web2", "7002", rows[2][2]]], rows)
    test.report(all(row[2].startswith("python") for row in rows[1:]), "owners are those of each host", rows)
    document_ = json.loads(duostat("ss", "-tln", "--json", *both).stdout)
    test.valid("sockets", document_)
    test.same("JSON has the hosts with their times", list(zip(["web1", "web2"], times)),
              [(h["host"], h["time"]) for h in document_["hosts"]])
    test.same("and the host in each row", ["web1", "web2"], [row["host"] for row in document_["sockets"]])
    stamped = [json.loads(line) for line in duostat("ss", "-tln", "--json=lines", "--stamp", *both).stdout.splitlines()]
    test.same("each stamp is that of its host", list(zip(["web1", "web2"], times)),
              [(line["stamp"]["hostname"], line["stamp"]["time"]) for line in stamped])
    group = json.loads(duostat("ss", "-tln", "--by=state", "--json=lines", "--stamp", *both).stdout)
    test.valid("stamp", group["stamp"])
    test.same("groups are about all hosts", (2, 2, times[1]), (group["count"], group["stamp"]["hosts"],
                                                               group["stamp"]["time"]))

    def table(*words):
        return [line.split() for line in duostat(*words, *both).stdout.decode().splitlines()]
    test.same("--by=host counts over all", [["count", "host"], ["1", "web1"], ["1", "web2"]],
              table("ss", "-tln", "--by=host"))
    test.same("--where", [["host", "sport"], ["web2", "7002"]],
              table("ss", "-tln", "--columns=sport", "--where=host = web2"))
    test.same("--sort is over all", [["host", "sport"], ["web2", "7002"], ["web1", "7001"]],
              table("ss", "-tln", "--columns=sport", "--sort=-sport"))
    rows = duostat("ss", "-tlnp", "--sort=-sport", *both).stdout.decode().splitlines()[2:]
    test.report([r.split()[0] for r in rows] == ["web2", "web1"] and all("python" in r for r in rows),
                "--sort keeps the host and the owners of a row", rows)
    test.same("--count", [["2"]], table("ss", "-tln", "--count"))
    out = duostat("ss", "-tln", "--columns=host", "--from=" + web1)
    test.same("the host of one capture is a column too", [["host"], ["web1"]],
              [line.split() for line in out.stdout.decode().splitlines()])

    rows = duostat("netstat", "-tlnp", *both).stdout.decode().splitlines()
    test.report(rows[2].split()[:2] == ["Host", "Proto"] and [r.split()[0] for r in rows[3:]] == ["web1", "web2"] and
                all("/python" in r for r in rows[3:]), "netstat", rows)
    rows = duostat("netstat", "-tlnp", "--sort=-sport", *both).stdout.decode().splitlines()[3:]
    test.report([r.split()[0] for r in rows] == ["web2", "web1"] and all("/python" in r for r in rows),
                "netstat --sort: programs of each host", rows)
    for words, kind in ((["netstat", "-rn"], "routes"), (["netstat", "-i"], "interfaces"),
                        (["netstat", "-gn"], "groups"), (["netstat", "-s"], "counters"), (["listen"], "listeners"),
                        (["states"], "states"), (["audit"], "findings"), (["report"], "report")):
        out = duostat(*words, "--json", *both)
        found = json.loads(out.stdout)
        test.valid(kind, found)
        test.report(found["kind"] == kind and {row["host"] for row in found[kind]} <= {"web1", "web2"} and
                    len(found["hosts"]) == 2, " ".join(words) + " --json", out)
        out = duostat(*words, *both)
        test.report(b"2 hosts, recorded" in out.stdout.splitlines()[0], " ".join(words) + ": the first line", out)
    blind = [n["reason"] for n in json.loads(duostat("audit", "--json", *both).stdout)["not_looked_at"]]
    test.report(blind and all(reason.startswith("web1, web2: ") for reason in blind),
                "audit: what no host could look at is told once", blind)
    text = duostat("listen", "-tn", *both).stdout.decode().splitlines()
    test.same("listen: a column names the host", ["HOST", "web1", "web2"], [line.split()[0] for line in text[1:]])

    with open(web1, "rb") as one, open(web2, "rb") as other:
        pipe = subprocess.run(["bash", "-c", '"$0" ss -Htln --from=<(cat "$1") --from=-', DUOSTAT, web1],
                              stdin=other, capture_output=True, timeout=300)
        test.same("captures from pipes", [b"web1", b"web2"], [line.split()[0] for line in pipe.stdout.splitlines()])
        pipe = duostat("ss", "-Htln", "--from=-", stdin=one)
        test.same("one from a pipe", [0, 1], [pipe.returncode, len(pipe.stdout.splitlines())])
    return web1, web2


def damaged(folder, web1, web2):
    bad = os.path.join(folder, "web3.capture")
    with open(web2, "rb") as file:
        whole = file.read()
    cases = {"cut short": whole[:len(whole) // 2], "no capture": b"text", "damaged": whole[:-40] + b"x" + whole[-39:]}
    for what, content in cases.items():
        with open(bad, "wb") as file:
            file.write(content)
        for words, status in ((["ss", "-tln"], 1), (["netstat", "-tln"], 1), (["listen", "-t"], 1), (["states"], 1),
                              (["netstat", "-rn"], 1), (["audit", "--only=close-wait"], 3), (["report"], 1)):
            out = duostat(*words, "--from=" + web1, "--from=" + bad)
            told = (out.stdout + out.stderr).decode()
            test.report(out.returncode == status and told.count(bad) == 1 and len(out.stdout.splitlines()) > 1,
                        f"{words[0]}: a capture that is {what} is told once, the rest shown", out)
        found = json.loads(duostat("ss", "-tln", "--json", "--from=" + web1, "--from=" + bad).stdout)
        test.report(found["complete"] is False and [p["object"] for p in found["problems"]] == [bad] and
                    [row["host"] for row in found["sockets"]] == ["web1"], f"{what}: a problem in JSON", found)
    with open(bad, "wb") as file:
        file.write(b"text")
    out = duostat("ss", "-tln", "--from=" + bad, "--from=" + os.path.join(folder, "absent"))
    test.report(out.returncode == 2 and not out.stdout and out.stderr.count(b"\n") == 2, "none can be read", out)
    os.remove(bad)
    shutil.copy(web1, os.path.join(folder, "again.capture"))
    test.same("two captures of one host are told apart", {b"web1:again.capture", b"web1:web1.capture", b"web2"},
              {line.split()[0] for line in duostat("ss", "-Htln", "--from=" + folder).stdout.splitlines()})
    ring = os.path.join(folder, "ring")
    os.mkdir(ring)
    for name in ("20260131T120000Z.capture", "20260131T120100Z.capture"):
        shutil.copy(web1, os.path.join(ring, name))
    test.report(b"Host" not in duostat("ss", "-tln", "--from=" + ring).stdout, "a ring alone is one host")
    test.report(b"web1:20260131T120100Z.capture" in duostat("ss", "-tln", "--from=" + folder).stdout,
                "a ring in a directory is its newest capture")
    shutil.rmtree(ring)
    os.remove(os.path.join(folder, "again.capture"))


def page(web1, web2):
    out = duostat("report", "--html=-", "--from=" + web1, "--from=" + web2)
    text = out.stdout.decode()
    root = xml.etree.ElementTree.fromstring(text.split("\n", 1)[1])
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    parts = re.findall(r'<h1 id="host-\d+-part">Host (web\d)</h1>', text)
    test.report(out.returncode in (0, 1) and len(ids) == len(set(ids)) and parts == ["web1", "web2"] and
                "apart by their own clocks" in text, "a page with a part for each host", parts, out.stderr)


def refusals(web1, web2):
    both = ["--from=" + web1, "--from=" + web2]
    for words in (["ss", "-s"], ["ss", "-D", "-"], ["ss", "-tK"], ["ss", "-E"], ["ss", "-t", "dev", "lo"],
                  ["ss", "-t", "--since=" + web1], ["ss", "-t", "--watch"], ["ss", "-t", "--all-netns"],
                  ["netstat", "-M"], ["netstat", "-tc"], ["netstat", "-t", "--rate"], ["netstat", "-g", "-t"],
                  ["listen", "--baseline=/dev/null"], ["listen", "--watch"], ["states", "--closed"],
                  ["metrics"]):
        out = duostat(*words, *both)
        test.report(out.returncode == 2 and not out.stdout and out.stderr.count(b"\n") == 1,
                    "refused for several hosts: " + " ".join(words).replace(web1, "FILE"), out)
    out = duostat(*both, "ss2", "-t")
    test.report(out.returncode == 2 and not out.stdout, "refused for several hosts: ss2", out)


# ---- SQL ----

def schema_types(kind, column):
    """The JSON types that doc/schema gives a column."""
    with open(os.path.join(TOP, f"doc/schema/{kind}.json"), encoding="utf-8") as file:
        schema = json.load(file)
    definitions = schema.get("$defs") or schema.get("definitions")
    types = set()

    def resolve(entry):
        while "$ref" in entry:
            entry = definitions[entry["$ref"].split("/")[-1]]
        return entry

    def look(node, path):
        properties = node.get("properties", {})
        if path[0] not in properties:
            return
        entry = resolve(properties[path[0]])
        if len(path) > 1:
            return look(entry, path[1:])
        for other in entry.get("anyOf", []):
            types.add(resolve(other).get("type", "string"))
        values = entry.get("enum", [entry["const"]] if "const" in entry else [])
        types.update({"boolean" if isinstance(v, bool) else "string" if isinstance(v, str) else "integer"
                      for v in values} or
                     ([entry["type"]] if isinstance(entry.get("type"), str) else entry.get("type", [])) or ["string"])
        return

    def walk(node):
        if isinstance(node, dict):
            look(node, column.split("."))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
    walk(definitions)
    return types


def schemas():
    listings = {"sockets": ["ss"], "listeners": ["listen"], "states": ["states"], "findings": ["audit"],
                "routes": ["netstat", "-r"], "interfaces": ["netstat", "-i"], "groups": ["netstat", "-g"],
                "counters": ["netstat", "-s"]}
    refusal = duostat("schema", "sql", "sokets").stderr.decode()
    kinds = re.search(r"is not one of ([a-z_, ]+)", refusal).group(1).split(", ")
    test.same("schema: each kind is listed here", sorted(kinds), sorted(listings))
    with open(os.path.join(TOP, "doc/duostat.1"), encoding="utf-8") as file:
        manual = re.search(r"^\.SH SCHEMA\n(.*?)^\.SH ", file.read(), re.M | re.S).group(1)
    for what, text in (("--help", duostat("schema", "--help").stdout.decode()), ("duostat.1", manual)):
        test.same(f"schema: {what} names each kind", [], [k for k in kinds if not re.search(rf"\b{k}\b", text)])
    sql_types = {"boolean": "BOOLEAN", "number": "DOUBLE", "integer": "HUGEINT", "string": "VARCHAR",
                 "array": "VARCHAR", "object": "VARCHAR"}
    for kind, words in listings.items():
        ids = [line.split()[0] for line in duostat(*words, "--columns=help").stdout.decode().splitlines()]
        sql = duostat("schema", "sql", kind, "--dialect=duckdb", "--csv").stdout.decode()
        made = dict(re.findall(r'^  "(\w+)" (\w+)', sql, re.M))
        test.same(f"schema sql {kind}: each column once", [i.replace(".", "_") for i in ids], list(made))
        wrong = {}
        for i in ids:
            types = schema_types(kind, i)
            wanted = {sql_types[t] for t in types}
            if types and made[i.replace(".", "_")] not in wanted and not i.startswith("rate."):
                wrong[i] = (types, made[i.replace(".", "_")])
        test.same(f"schema sql {kind}: types are those of doc/schema", {}, wrong)
        database = sqlite3.connect(":memory:")
        database.executescript(duostat("schema", "sql", kind).stdout.decode())
        database.execute("CREATE TABLE lines (line TEXT)")
        listed = duostat(*words, "--json=lines", "--stamp").stdout.decode().splitlines()
        database.executemany("INSERT INTO lines VALUES (?)", ((line,) for line in listed))
        database.executescript(duostat("schema", "load", kind).stdout.decode())
        count = database.execute(f"SELECT count(*) FROM {kind} WHERE time LIKE '20%Z' AND hostname <> ''").fetchone()
        test.same(f"schema load {kind}: SQLite takes the lines of a real listing", len(listed), count[0])
    for words in (["schema"], ["schema", "create"], ["schema", "sql", "sokets"], ["schema", "sql", "--dialect=oracle"],
                  ["schema", "sql", "--columns=prot"], ["schema", "load", "--csv"]):
        out = duostat(*words)
        test.report(out.returncode == 2 and not out.stdout and out.stderr.count(b"\n") == 1,
                    "refused: " + " ".join(words), out)


def checks(folder, blocks):
    server = socket.create_server(("127.0.0.1", 7100), backlog=50)
    for _ in range(6):
        client = socket.create_connection(("127.0.0.1", 7100))
        held.append(server.accept()[0])
        client.close()
    held.append(server)
    here = [("OK", 0, ["10", "20"]), ("WARNING", 1, ["5", "20"]), ("CRITICAL", 2, ["2", "5"]),
            ("UNKNOWN", 3, ["x", "y"])]
    for word, status, limits in here:
        out = shell(blocks["check_sockets"], folder, *limits, "state", "close-wait")
        test.report(out.returncode == status and out.stdout.startswith(word), f"check_sockets: {word}", out)
    out = shell(blocks["check_audit"], folder, "close-wait")
    test.report(out.returncode == 0, "check_audit: nothing is OK", out)
    for _ in range(150):
        client = socket.create_connection(("127.0.0.1", 7100))
        held.append(server.accept()[0])
        client.close()
    out = shell(blocks["check_audit"], folder, "close-wait")
    test.report(out.returncode in (1, 2) and "close-wait" in out.stdout, "check_audit: a leak is a warning", out)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--lines":
        for line in lines(int(sys.argv[2]), int(sys.argv[3])):
            print(line)
        return
    namespace.enter_or_skip()
    blocks, queries = document()
    with tempfile.TemporaryDirectory() as folder:
        fleet = os.path.join(folder, "fleet")
        os.mkdir(fleet)
        web1, web2 = several_hosts(fleet)
        damaged(fleet, web1, web2)
        page(web1, web2)
        refusals(web1, web2)
        out = shell(blocks["rows"], folder)
        with open(os.path.join(folder, "rows.jsonl"), encoding="utf-8") as file:
            real = [json.loads(line) for line in file]
        test.report(out.returncode == 0 and {row["stamp"]["hostname"] for row in real} == {"web1", "web2"},
                    "rows of captures by the command of doc/fleet.md", out)
        made = next(json.loads(line) for line in lines(1, 1))
        listening = next(row for row in real if row["state"] == "listen")
        test.same("made-up lines have the members of real ones", list(made["stamp"]), list(listening["stamp"]))
        test.report(set(made) - {"stamp"} <= set(listening), "and their columns", made, listening)
        with open(os.path.join(folder, "rows.jsonl"), "w", encoding="utf-8") as file:
            for line in lines(HOSTS, SOCKETS):
                file.write(line + "\n")
        in_sqlite(folder, blocks, queries)
        in_duckdb(folder, blocks, queries)
        schemas()
        checks(folder, blocks)
    test.plan()


main()

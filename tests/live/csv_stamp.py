#!/usr/bin/env python3
"""--csv and --json=lines --stamp on every listing: what a reader of CSV sees is what JSON says, each line names its host
and network namespace. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import io
import json
import os
import signal
import socket
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("top_srcdir", ".")
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "differential")]
import namespace  # noqa: E402  (found only by the lines above)
import tap  # noqa: E402
from situation import duostat, rename  # noqa: E402

HOSTILE = 'a,"b"\r\n'
LISTINGS = (["ss", "-tan"], ["ss", "-xa"], ["ss", "-tanp"], ["netstat", "-tan"], ["netstat", "-rn"], ["netstat", "-i"],
            ["netstat", "-gn"], ["netstat", "-s"], ["audit", "--skip=counters"], ["states"], ["listen"],
            ["states", "--closed"], ["ss", "-tan", "--by=state"], ["listen", "--by=protocol"])
test = tap.Tap()
held = []


def rows_of(out):
    text = out.stdout.decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return rows, text


def each_listing():
    for words in LISTINGS:
        name = " ".join(words)
        rows, text = rows_of(duostat(*words, "--csv"))
        widths = {len(row) for row in rows}
        test.report(len(widths) == 1 and rows and text.endswith("\r\n") and text.count("\n") == len(rows),
                    f"{name} --csv: every row has the fields of the titles", widths, text[:500])
        out = duostat(*words, "--json=lines", "--stamp")
        lines = [json.loads(line) for line in out.stdout.decode().splitlines()]
        stamps = {json.dumps(line.get("stamp"), sort_keys=True) for line in lines}
        good = len(stamps) == 1 or not lines
        test.report(good and all(next(iter(line)) == "stamp" for line in lines),
                    f"{name} --json=lines --stamp: one stamp, first in each line", stamps)
        if lines:
            stamp = lines[0]["stamp"]
            test.report(stamp["schema_version"] == 1 and stamp["hostname"] == os.uname().nodename and
                        stamp["netns"] == os.stat("/proc/self/ns/net").st_ino, f"{name}: it is this host's", stamp)
    test.valid("stamp", stamp)


def values():
    rows, _ = rows_of(duostat("ss", "-tan", "--csv", "--columns=inode,local,sport,rtt_us,process"))
    lines = [json.loads(line) for line in
             duostat("ss", "-tan", "--json=lines", "--columns=inode,local,sport,rtt_us,process").stdout.splitlines()]
    test.same("the titles are the words that were typed", "inode,local,sport,rtt_us,process", ",".join(rows[0]))
    by_inode = {row[0]: row for row in rows[1:]}
    wrong = []
    for line in lines:
        row = by_inode.get(str(line.get("inode", "")))
        if line.get("inode") and (row is None or [row[1], row[2]] != [line["local_address"], str(line["local_port"])] or
                                  (row[3] == "") != ("rtt_us" not in line.get("tcp_info", {}))):
            wrong.append((row, line))
    test.report(lines and not wrong, "each value is that of JSON, an absent one an empty field", wrong)
    names = {row[4] for row in rows[1:]} - {""}
    test.report(names == {'a,"b"..'}, "a hostile name is one field, and breaks no line", names)


def mistakes():
    for words, why in ((["ss", "-ta", "--csv", "--json"], "--csv and --json do not go together"),
                       (["ss", "-ta", "--stamp"], "--stamp needs --json=lines"),
                       (["listen", "--csv", "--count"], "--csv and --count do not go together"),
                       (["ss", "-s", "--csv"], "--csv does not go with ss -s")):
        out = duostat(*words)
        test.report(out.returncode != 0 and why in out.stderr.decode() and not out.stdout, "refused: " + " ".join(words),
                    out)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "capture")
        duostat("capture", "-q", path)
        line = json.loads(duostat("ss", "-tan", "--json=lines", "--stamp", "--from=" + path).stdout.splitlines()[0])
        document = json.loads(duostat("ss", "-tan", "--json", "--from=" + path).stdout)
        test.same("with --from, the stamp is the recorded host's", (document["time"], document["host"]["hostname"]),
                  (line["stamp"]["time"], line["stamp"]["hostname"]))


def main():
    namespace.enter_or_skip()
    signal.alarm(600)
    rename(HOSTILE)
    server = socket.create_server(("127.0.0.1", 8080))
    held.extend([server, socket.create_connection(("127.0.0.1", 8080)), server.accept()[0]])
    each_listing()
    values()
    mistakes()
    test.plan()


main()

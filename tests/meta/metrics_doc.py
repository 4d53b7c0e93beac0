#!/usr/bin/env python3
"""The table of metrics in doc/metrics.md is what `duostat metrics --list-metrics` prints, and the alert rules of
packaging/prometheus use no other metrics of ours. Speaks TAP.

    metrics_doc.py --write      writes the table into the page

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import subprocess
import sys

TOP = os.environ.get("top_srcdir", ".")
PAGE = os.path.join(TOP, "doc", "metrics.md")
PROMETHEUS = os.path.join(TOP, "packaging", "prometheus")
DUOSTAT = os.path.join(os.environ.get("top_builddir", "."), "duostat")
BEGIN, END = "<!-- metrics -->\n", "<!-- end of metrics -->\n"


def rows():
    """(name, labels, type, help) of each metric."""
    text = subprocess.run([DUOSTAT, "metrics", "--list-metrics"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"^(duostat_\w+)(?:\{([\w,]*)\})? (\w+)\n    (.*)$", text, re.M)


def table():
    lines = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
    for name, labels, kind, text in rows():
        shown = ", ".join(f"`{label}`" for label in labels.split(",") if label)
        lines.append(f"| `{name}` | {kind} | {shown} | {text} |")
    return "\n".join(lines) + "\n"


def parts():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    head, rest = text.split(BEGIN, 1)
    old, tail = rest.split(END, 1)
    return head, old, tail


def main():
    head, old, tail = parts()
    if sys.argv[1:] == ["--write"]:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(head + BEGIN + table() + END + tail)
        return
    good = old == table()
    print(f"{'' if good else 'not '}ok 1 - the table of doc/metrics.md is that of the program")
    if not good:
        print("# run tests/meta/metrics_doc.py --write")
    known = {name for name, _, _, _ in rows()}
    number = 1
    for name in sorted(os.listdir(PROMETHEUS)):
        if not name.endswith((".yml", ".json")):
            continue
        with open(os.path.join(PROMETHEUS, name), encoding="utf-8") as file:
            used = set(re.findall(r"(?<![\w:])duostat_\w+", file.read()))
        number += 1
        strange = sorted(used - known)
        print(f"{'not ' if strange else ''}ok {number} - {name} uses only metrics of the program")
        if strange:
            print(f"# {' '.join(strange)}")
    print(f"1..{number}")


main()

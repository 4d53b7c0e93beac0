#!/usr/bin/env python3
# --columns against --json, cell by cell: every column of ss, netstat and netstat's other modes, from each backend, over
# a captured zoo of sockets, where nothing changes between two looks. A text cell is computed from the JSON value of the
# same row, and a value is found again by --where. TAP on standard output.
#
#   columns_json.py SOURCE DUOSTAT HOLD [WORD]      WORD: only the columns whose id has this in it
#   DUOSTAT_TEST_EFFORT=quick                       every 27th column for each program and backend; usually every ninth;
# full: all
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import namespace
import zoo
from sample import EFFORT
from tap import Tap

VIAS = ("netlink", "procfs", "auto")
EVERYTHING = "-a -e -o -i -m -p -b --tos --cgroup --inet-sockopt --tipcinfo"
MODES = ("-r -A inet,inet6", "-i -a", "-g", "-s", "-M")
STEP = {"quick": 27, "full": 1}.get(EFFORT, 9)
FOUND_AGAIN = 3  # values of a column that --where looks for
# --where asks about every holder
OF_ANY_PROCESS = ("process", "pid", "fd", "exe", "unit", "process_user", "process_cgroup")
tap = Tap()


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice: {[key for key, _ in pairs]}")
    return found


class Ours:
    def __init__(self, program, capture):
        self.program, self.capture = program, capture

    def run(self, tool, *words):
        ran = subprocess.run([self.program, tool, f"--from={self.capture}", *words], capture_output=True,
                             stdin=subprocess.DEVNULL,
                             env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
        if ran.returncode not in (0, 1):
            raise ValueError(f"{tool} {words}: status {ran.returncode}: {ran.stderr!r}")
        return ran.stdout

    def rows(self, tool, *words):
        text = self.run(tool, *words, "--json=lines").decode("utf-8")
        return [json.loads(line, object_pairs_hook=unique) for line in text.split("\n")[:-1]]

    def cells(self, tool, column, *words):
        return self.run(tool, *words, f"--columns={column}").split(b"\n")[1:-1]  # without the title

    def columns(self, tool, *words):
        ran = subprocess.run([self.program, tool, *words, "--columns=help"], capture_output=True,
                             stdin=subprocess.DEVNULL)
        ids = [line.split()[0] for line in ran.stdout.decode().splitlines()]
        # Rates come from two looks at a host that changes, so a capture has none: tests/live/rate.py.
        return [column for column in ids if not column.startswith("rate.")]


# ---- what a cell has to be ----

def without_controls(data):
    """Control characters as dots: C0 and DEL, and C1 in UTF-8 or alone."""
    text = data.decode("utf-8", "surrogateescape")
    control = lambda c: ord(c) < 0x20 or 0x7f <= ord(c) <= 0x9f or 0xdc80 <= ord(c) <= 0xdc9f
    return "".join("." if control(c) else c for c in text).encode("utf-8", "surrogateescape")


def member(row, column):
    """(the value of a column in a JSON object, its exact bytes if it is text that is no UTF-8)."""
    group, _, key = column.rpartition(".")
    place = row.get(group, {}) if group else row
    return place.get(key), bytes.fromhex(place[f"{key}_hex"]) if f"{key}_hex" in place else None


def owner_text(owner):
    comm = bytes.fromhex(owner["comm_hex"]) if "comm_hex" in owner else owner["comm"].encode()
    return comm + b"/%d/%d" % (owner["pid"], owner["fd"])


def hop_text(hop):
    return " ".join(str(part) for part in (hop.get("gateway"), hop.get("interface"), hop["weight"])
                    if part is not None).encode()


def list_text(column, value):
    if column == "owners":
        return b",".join(map(owner_text, value))
    if column == "hops":
        return b", ".join(map(hop_text, value))
    if column == "inet6":
        return b", ".join(f"{a['address']}/{a['prefix_length']}".encode() for a in value)
    return b",".join(str(element).encode() for element in value)


def fits(column, value, exact, cell):
    """Whether a cell says what the JSON value says."""
    if value is None or value == [] or value == "":
        return cell.strip() == b"-"
    if isinstance(value, bool):
        return cell.strip() == str(value).lower().encode()
    if isinstance(value, (int, float)):
        text = cell.strip().decode()
        return type(value)(text) == value and (isinstance(value, float) or text == str(value))
    if isinstance(value, list):
        return cell == without_controls(list_text(column, value))
    if isinstance(value, dict):  # netns
        return cell == without_controls(value["label"].encode())
    return cell == without_controls(exact if exact is not None else value.encode())


# ---- the comparisons ----

def compare_column(ours, tool, words, column, whole):
    """Problems of one column: its cells, its JSON, the same column in `whole`, and its values found again."""
    problems = []
    rows, cells = ours.rows(tool, *words, f"--columns={column}"), ours.cells(tool, column, *words)
    if len(rows) != len(cells):
        return [f"{len(rows)} objects, {len(cells)} cells"], 0
    values = [member(row, column) for row in rows]
    problems += [f"JSON {value!r} {exact!r}, cell {cell!r}" for (value, exact),
                 cell in zip(values, cells) if not fits(column, value, exact, cell)]
    if whole is not None and len(whole) != len(rows):
        problems.append(f"{len(rows)} objects, {len(whole)} of the whole view")
    elif whole is not None and any(member(row, column)[0] is not None for row in whole):
        problems += [f"alone {value!r}, in the whole view {member(row, column)[0]!r}" for (value, _),
                     row in zip(values, whole)
                     if value != member(row, column)[0] and value != []]
    problems += found_again(ours, tool, words, column, values)
    return problems, sum(value is not None for value, _ in values)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literals(column, value):
    """How a value can be written in --where, in every unit that says it exactly."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, int) and column.endswith(("_us", "_ms")):
        digits = f"{value:07d}"
        thousandth, millionth = f"{digits[:-3]}.{digits[-3:]}", f"{digits[:-6]}.{digits[-6:]}"
        return [f"{value}us", f"{thousandth}ms", f"{millionth}s",
                f"{value}000ns"] if column.endswith("_us") else [f"{value}ms", f"{thousandth}s"]
    if isinstance(value, int) and value >= 0:
        digits = f"{value:04d}"
        return [str(value), hex(value), f"+{digits[:-3]}.{digits[-3:]}k"]
    return [quoted(value) if isinstance(value, str) else repr(value)]


def found_again(ours, tool, words, column, values):
    plain = [value for value, exact in values
             if value is not None and exact is None and not isinstance(value, (list, dict))]
    if column in OF_ANY_PROCESS or column.startswith("peer_process") or any("\0" in v
            for v in plain if isinstance(v, str)):
        return
    if "address" in column or column in ("destination", "gateway", "source", "group", "inet.destination",
                                         "inet.broadcast"):
        return  # compared as addresses: ::ffff:10.0.0.1 is 10.0.0.1
    for value in sorted(set(plain), key=lambda v: (str(type(v)), v))[:: max(1,
            len(set(plain)) // FOUND_AGAIN)][:FOUND_AGAIN]:
        wanted = sum(type(v) is type(value) and v == value for v in plain)
        for literal in literals(column, value):
            got = int(ours.run(tool, *words, "--count", f"--where={column} = {literal}"))
            if got != wanted:
                yield f"--where='{column} = {literal}' finds {got}, not {wanted}"


def compare_table(ours, tool, words, whole, shift, chosen):
    all_columns = ours.columns(tool, *[w for w in words if not w.startswith("--via")])
    columns = [c for c in all_columns if chosen in c] if chosen else all_columns[shift % STEP:: STEP
        if len(all_columns) > 20 else 1]
    problems, cells = [], 0
    for column in columns:
        try:
            some, values = compare_column(ours, tool, words, column, whole)
        except ValueError as error:
            some, values = [error], 0
        problems += [f"{column}: {problem}" for problem in some]
        cells += values
    tap.report(not problems,
               f"{tool} {' '.join(words)}: {len(columns)} of {len(all_columns)} columns, {cells} values",
               f"{len(problems)} problems", *problems)


def main():
    _, duostat, hold = sys.argv[1:4]
    chosen = sys.argv[4] if len(sys.argv) > 4 else ""
    namespace.enter_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        namespace.mount("tmpfs", directory, "tmpfs")
        os.makedirs(f"{directory}/zoo")
        animals = zoo.Zoo(f"{directory}/zoo", hold, [])
        capture = f"{directory}/capture"
        ran = subprocess.run([duostat, "capture", "-q", capture], capture_output=True)
        animals.close()
        tap.report(ran.returncode == 0, "the zoo is captured", ran.stderr)
        ours = Ours(duostat, capture)
        for shift, (tool, via) in enumerate((tool, via) for via in VIAS for tool in ("ss", "netstat")):
            # By default columns decide where they are asked: the whole view may be from elsewhere.
            more = EVERYTHING if tool == "ss" else "-a -e -o -p"
            whole = ours.rows(tool, f"--via={via}", *more.split()) if via != "auto" else None
            compare_table(ours, tool, [f"--via={via}", "-a"], whole, shift, chosen)
        for mode in MODES:
            for via in VIAS:
                words = [f"--via={via}", *mode.split()]
                compare_table(ours, "netstat", words, ours.rows("netstat", *words) if mode != "-s"
                              and via != "auto" else None, 0, chosen)
        namespace.libc.umount2(directory.encode(), 2)
    tap.plan()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# A parser that others wrote: what jc makes of our output is what it makes of the original's. TAP on standard output.
#
# DUOSTAT_REFERENCE_SS      another ss to compare with
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main as differential
import namespace
import steady
import tap
import run
import zoo

LINES = {
    # With the Netid column alone does jc know what it reads.
    "ss": ["", "-a", "-t -u -a -n", "-t -u -l -n", "-x -a", "-x -l -n -p", "-t -u -a -n -e", "-t -u -a -n -o",
           "-t -u -w -x -a -n -p -e", "-6 -a -n", "-t -u -x -a -n -m -O", "-t -u -a -n -i -O"],
    "netstat": ["", "-a", "-t -a", "-t -u -a -n", "-t -l -n -p", "-x -a", "-t -u -a -n -e", "-x -a -p", "-r -n", "-i",
                "-a -n -e -p",
                "-t -a -n -o"],
}
# Values that are other ones a moment later.
VOLATILE = re.compile(r"timer:\([^)]*\)|\b(lastsnd|lastrcv|lastack|busy|rwnd_limited|sndbuf_limited|"
                      r"last_\w+):[\w.()%]+|"
                      r"\((\d+\.\d+/\d+/\d+)\)")
# The original's own sockets, and counters that its running changes.
OWN = re.compile(r"tcpdiag|rtnl:ss|^4:")
COUNTERS = ("rx_ok", "tx_ok", "rx_err", "rx_drp", "tx_drp")


def parsed(tool, words, program, environment):
    ran = run.run(program, [tool, *words], run.How(environment=environment))
    jc = subprocess.run(["jc", f"--{tool}", "-q"], input=ran.out, capture_output=True)
    if jc.returncode != 0:
        return f"jc: {jc.stderr.decode(errors='replace').strip()}"
    return [masked(row) for row in json.loads(jc.stdout) if not OWN.search(str(row.get("local_address", "")))]


def masked(row):
    """A row without what moments change; users of a process whose name either program may show more of are left as they
    are."""
    return {key: VOLATILE.sub("", value) if isinstance(value, str) else value for key, value in row.items()
            if key not in COUNTERS and not key.startswith(("timer", "opts"))}


def compare(number, tool, line, reference, ours):
    words = line.split()
    for _ in steady.pauses():
        wanted, got = parsed(tool, words, reference, {}), parsed(tool, words, ours, {})
        if wanted == got:
            break
    name = f"jc --{tool} of {tool} {line}".rstrip()
    if isinstance(wanted, str):
        print(f"ok {number} - {name} # SKIP not even of the original: {wanted.splitlines()[0]}")
        return
    if wanted == got:
        print(f"ok {number} - {name}: {len(got)} rows alike")
        return
    if parsed(tool, words, reference, {}) != wanted:
        print(f"ok {number} - {name} # SKIP the reference differs from itself")
        return
    print(f"not ok {number} - {name}")
    if isinstance(wanted, str) or isinstance(got, str) or len(wanted) != len(got):
        print(f"#   reference {str(wanted)[:200]}\n#   ours      {str(got)[:200]}")
        return
    for one, other in zip(wanted, got):
        if one != other:
            print(f"#   reference {one}\n#   ours      {other}")
            return


def main():
    duostat = os.path.join(os.environ["top_builddir"], "duostat")
    hold = os.path.join(os.environ["top_builddir"], "tests/differential/hold")
    if not shutil.which("jc"):
        tap.skip_all("jc is not installed")
    references = {"ss": os.environ.get("DUOSTAT_REFERENCE_SS") or differential.which("ss"),
                  "netstat": differential.which("netstat")}
    namespace.enter_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        namespace.mount("tmpfs", directory, "tmpfs")
        os.chmod(directory, 0o755)
        namespace.local_names_only(directory)
        ours = differential.place(directory, duostat)
        os.makedirs(f"{directory}/zoo")
        shutil.copy(hold, f"{directory}/hold")
        # Names that are hostile to parsers have tests of their own: the differences there are intended.
        for names in ("COMM_NAMES", "ARGV_NAMES", "ABSTRACT_NAMES", "PATH_NAMES"):
            setattr(zoo, names, [name for name in getattr(zoo, names) if plain(name)])
        animals = zoo.Zoo(f"{directory}/zoo", f"{directory}/hold", [])
        number = 0
        for tool, lines in LINES.items():
            # Older versions of ss have other columns and rows, which jc does not hide.
            old = tool == "ss" and references[tool] and differential.version_of(references[tool]) < (7, 0, 0)
            for line in lines:
                number += 1
                if not references[tool] or (old and not comparable_with_old(line)):
                    print(f"ok {number} - jc --{tool} of {tool} {line} # SKIP "
                          f"{'its rows are others in the installed version' if old else 'no original'}")
                    continue
                animals.refresh()
                compare(number, tool, line, references[tool], ours[tool])
        print(f"1..{number}")
        namespace.libc.umount2(directory.encode(), 2)


def plain(name):
    return re.fullmatch(rb"[\0\w./-]*", name if isinstance(name, bytes) else name.encode()) is not None


def comparable_with_old(line):
    """TCP's bound and unused sockets, and details, came or changed after the ss that Debian 12 has."""
    return line in ("-x -a", "-x -l -n -p")


if __name__ == "__main__":
    main()

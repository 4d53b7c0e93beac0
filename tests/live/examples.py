#!/usr/bin/env python3
"""Every example of the manuals runs, in a network namespace of its own: none is a mistake. Those that close, wait,
measure or need a file are only parsed by a shell."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DUOSTAT = str(Path(os.environ["top_builddir"]).resolve() / "duostat")
DOC = Path(os.environ["top_srcdir"]) / "doc"
NOT_RUN = re.compile(r" -K | --from=|\.capture|duostat (bench|wait|events)|--delta|--watch")


def examples(page):
    text = page.read_text()
    part = re.search(r"^\.SH EXAMPLES\n(.*?)^\.SH ", text, flags=re.M | re.S).group(1)
    for block in re.findall(r"^\.EX\n(.*?)^\.EE", part, flags=re.M | re.S):
        for line in block.splitlines():
            for escape, meant in (("\\-", "-"), ("\\(aq", "'"), ("\\(ti", "~"), ("\\&", ""), ("\\e", "\\")):
                line = line.replace(escape, meant)
            yield line


def main():
    for enter in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode == 0:
            break
    else:
        print("1..0 # SKIP no network namespace available")
        return 0
    number, failed = 0, 0
    with tempfile.TemporaryDirectory() as directory:
        for name in ("ss", "netstat", "duostat"):
            os.symlink(DUOSTAT, f"{directory}/{name}")
        environment = dict(os.environ, PATH=f"{directory}:" + os.environ["PATH"])
        for page in ("ss.8", "netstat.8", "duostat.1"):
            for line in examples(DOC / page):
                run = not NOT_RUN.search(line)
                command = [*enter, "bash", "-c", line] if run else ["bash", "-n", "-c", line]
                done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
                # 1 is an incomplete or empty answer, or a warning of audit; 2 and more are mistakes.
                good = done.returncode in (0, 1) and "see " not in done.stderr
                number += 1
                failed += not good
                print(f"{'ok' if good else 'not ok'} {number} - {page}: {line}")
                if not good:
                    print(f"# status {done.returncode}: {done.stderr}")
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())

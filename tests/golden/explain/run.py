# Runs the commands of INDEX and compares what is said of them, machine left out, with the files in expected/.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
duostat = os.path.join(os.environ.get("top_builddir", "build"), "duostat")


def portable_text(text):
    kept = text.split("Estimated cost\n")[0]
    # Where cgroup2 is mounted, if it is.
    kept = re.sub(r"(?m)^  read +\S+: paths of control groups:.*\n(?:              .*\n)*", "", kept)
    # A file may be missing here, and the line folded elsewhere for that.
    return kept.replace(" (No such file or directory)", "").replace(" (Permission denied)", "")


def portable_json(text):
    document = json.loads(text)
    for key in ("host", "time", "command"):
        del document[key]
    for element in document["explain"]:
        del element["cost"]

    def without_errors(value):
        if isinstance(value, dict):
            return {k: without_errors(v) for k, v in value.items() if not (k == "error" and "path" in value)}
        return [without_errors(v) for v in value] if isinstance(value, list) else value

    return json.dumps(without_errors(document), indent=1) + "\n"


def main():
    cases = [line.split() for line in (here / "INDEX").read_text().splitlines() if line and not line.startswith("#")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PROC_") and k not in ("DUOSTAT_VIA", "TCPDIAG_FILE")}
    failed = 0
    byte_order = subprocess.run([here.parent.parent / "byte_order.sh"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"1..{len(cases)}")
    for number, (name, *words) in enumerate(cases, 1):
        run = subprocess.run([duostat, "explain", *words], capture_output=True, text=True, env=environment)
        problems = run.stderr or ("" if run.returncode == 0 else f"status {run.returncode}\n")
        shown = "" if problems else (portable_json if words[0] == "--json" else portable_text)(run.stdout)
        wide = [line for line in shown.splitlines() if len(line) > 80 and words[0] != "--json"]
        if wide:
            problems += f"wider than 80 columns: {wide[0]}\n"
        file = here / "expected" / name
        if "--record" in sys.argv:
            file.write_text(shown)
        expected = file.read_text() if file.exists() else ""
        if byte_order == "big":  # the bytes that were recorded are those of the other order
            expected, shown = (re.sub(r'"bytes_hex": "[0-9a-f]*"', '"bytes_hex": ""', text) for text in (expected, shown))
        difference = "".join(difflib.unified_diff(expected.splitlines(True), shown.splitlines(True), "expected", "shown"))
        good = not problems and shown != "" and not difference
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}: explain {' '.join(words)}")
        for line in (problems + difference).splitlines():
            print("# " + line)
    return failed != 0


sys.exit(main())

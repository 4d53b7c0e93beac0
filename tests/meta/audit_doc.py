#!/usr/bin/env python3
"""doc/audit.md has a section for each rule of `duostat audit`, in the order of --list-rules, and each contains what
--explain prints of the rule, thresholds and their defaults included. Each rule has a unit test and a case of a live
test. Speaks TAP.

    audit_doc.py --write      puts what --explain prints now into the page, and a section for each new rule

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import subprocess
import sys

TOP = os.environ.get("top_srcdir", ".")
PAGE = os.path.join(TOP, "doc", "audit.md")
TESTS = {"a unit test": ("tests/insight/*rules*_test.cc",),
         "a case of a live test": ("tests/live/audit*.py", "tests/vm/host_rules.py")}
DUOSTAT = os.path.join(os.environ.get("top_builddir", "."), "duostat")


def ask(*words):
    return subprocess.run([DUOSTAT, "audit", *words], stdout=subprocess.PIPE, text=True, check=True).stdout


def block(rule):
    """What --explain prints, as a code block of Markdown; its first blank line parts head and body."""
    lines = ask("--explain", rule).rstrip("\n").split("\n")
    return "\n".join("    " + line if line else "" for line in lines)


def sections(text):
    """{rule: the section's text}, in the order of the page."""
    parts = re.split(r"^## ([a-z-]+)\n", text.split("\n# The rules\n", 1)[1], flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def blocks_of(section):
    return re.findall(r"(?:^    .*\n|^\n(?=    ))+", section, flags=re.M)


def write(rules):
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    for place, rule in enumerate(rules):
        section = sections(text).get(rule)
        if section is None:
            new = f"\n## {rule}\n\n{block(rule)}\n"
            after = [r for r in rules[place + 1:] if r in sections(text)]
            text = text.replace(f"\n## {after[0]}\n", f"{new}\n## {after[0]}\n") if after else text + new
            continue
        old = blocks_of(section)
        new = section.replace(old[0].strip("\n"), block(rule)) if old else f"\n{block(rule)}\n{section}"
        text = text.replace(f"## {rule}\n{section}", f"## {rule}\n{new}")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    rules = re.findall(r"^# ([a-z-]+):", ask("--list-rules"), re.M)
    if sys.argv[1:] == ["--write"]:
        return write(rules)
    with open(PAGE, encoding="utf-8") as file:
        found = sections(file.read())
    good = list(found) == rules
    print(f"{'' if good else 'not '}ok 1 - a section for each rule, in their order")
    if not good:
        print(f"# rules {rules}\n# sections {list(found)}")
    for number, rule in enumerate(rules, 2):
        good = block(rule) in found.get(rule, "")
        print(f"{'' if good else 'not '}ok {number} - {rule}: what --explain prints")
        if not good:
            print("# run tests/meta/audit_doc.py --write, and read the section again")
    number = len(rules) + 1
    for kind, patterns in TESTS.items():
        files = [file for pattern in patterns for file in glob.glob(os.path.join(TOP, pattern))]
        text = "".join(open(file, encoding="utf-8").read() for file in files)
        without = [rule for rule in rules if f'"{rule}"' not in text and f"={rule}\"" not in text]
        number += 1
        print(f"{'not ' if without else ''}ok {number} - {kind} names each rule")
        if without:
            print(f"# not named in {', '.join(patterns)}: {', '.join(without)}")
    print(f"1..{number}")


main()

#!/usr/bin/env python3
"""A type has one definition: two headers that define the same name in one namespace compile and link, and the linker
then merges their constructors and members, whichever it finds first. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re

ROOT = os.environ.get("top_srcdir", ".")
NAMESPACE = re.compile(r"^(?:inline )?namespace ([\w:]+) \{")
ANONYMOUS = re.compile(r"^namespace \{")
CLOSE = re.compile(r"^\}  // namespace")
TYPE = re.compile(r"^(?:struct|class|union|enum class|enum) (\w+)(?: final)?(?: :[^;{]*)? \{")


def types_of(path):
    """The types that a file defines at namespace scope, with their namespaces. Those without a linkage name are left
    out."""
    inside = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if ANONYMOUS.match(line):
                inside.append(None)
            elif found := NAMESPACE.match(line):
                inside.append(found[1])
            elif CLOSE.match(line) and inside:
                inside.pop()
            elif (found := TYPE.match(line)) and None not in inside:
                yield "::".join(inside + [found[1]])


def main():
    places = {}
    paths = [path for folder in ("src", "compat") for ending in ("h", "cc")
             for path in glob.glob(os.path.join(ROOT, folder, "**", "*." + ending), recursive=True)]
    for path in sorted(paths):
        for name in types_of(path):
            places.setdefault(name, []).append(os.path.relpath(path, ROOT))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    print("1..2")
    print(f"{'' if len(places) > 200 else 'not '}ok 1 - {len(places)} types are found")
    print(f"{'not ' if twice else ''}ok 2 - no type is defined twice")
    for name, where in twice.items():
        print(f"#   {name}: {', '.join(where)}")


main()

#!/usr/bin/env python3
"""Links in the documents lead to something: a file, a heading, and in the installed documents an installed file."""
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import re
import sys
from pathlib import Path

ROOT = Path(os.environ["top_srcdir"])
INSTALLED = {"README.md", "NEWS.md", "CONTRIBUTING.md", "SECURITY.md", "COPYING"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

number, failed = 0, 0


def check(what, problems):
    global number, failed
    number += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {number} - {what}")
    for problem in problems:
        print(f"# {problem}")


def without_code(text):
    """The text without blocks and spans of code, whose brackets are no links."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    text = re.sub(r"^(    |\t).*$", "", text, flags=re.M)
    return re.sub(r"`[^`\n]*`", lambda m: "x" * len(m.group()), text)


def anchors(path):
    """The names that a browser gives to the headings."""
    names = set()
    for heading in re.findall(r"^#+ (.*)$", path.read_text(), flags=re.M):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        while name in names:
            name += "-1"
        names.add(name)
    return names


def is_installed(path):
    name = path.relative_to(ROOT.resolve()).as_posix()
    files, folders = r"doc(/schema|/performance|/labs)?/[^/]*\.(md|json|py|sh)", r"doc(/schema|/performance|/labs)?"
    if name == "packaging/prometheus" or name.startswith("packaging/prometheus/"):
        return True
    return name in INSTALLED or re.fullmatch(f"{files}|{folders}", name)


def problems_of(document):
    problems = []
    for target in LINK.findall(without_code(document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document.resolve()
        if not path.exists():
            problems.append(f"{target}: there is no such file")
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            problems.append(f"{target}: there is no such heading")
        elif is_installed(document.resolve()) and not is_installed(path):
            problems.append(f"{target}: it is not installed beside this document")
    return problems


def main():
    documents = [ROOT / name for name in ("README.md", "NEWS.md", "CONTRIBUTING.md", "SECURITY.md", "compat/README.md")]
    documents += sorted((ROOT / "doc").glob("**/*.md"))
    for document in documents:
        check(f"links of {document.relative_to(ROOT)}", problems_of(document))
    # Manuals name installed documents only.
    for page in sorted((ROOT / "doc").glob("*.[1-8]")):
        named = re.findall(r"\bdoc/[\w/.]*\w", page.read_text().replace("\\-", "-"))
        check(f"documents in {page.name}", [f"{name}: there is no such document" for name in named
                                            if not (ROOT / name).exists() or not is_installed((ROOT / name).resolve())])
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())

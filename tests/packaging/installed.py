#!/usr/bin/env python3
"""Nothing that is installed points to a file that is not: manuals, documents, completion scripts, links.

usage: installed.py                    installs the build three times, below temporary directories, and looks there
       installed.py ROOT PREFIX        looks at what is installed below ROOT (a system with the packages)
"""
# SPDX-License-Identifier: GPL-2.0-or-later

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import tap  # noqa: E402  (found only by the lines above)

# Manual pages of others that ours refer to.
OTHERS = {"auditd(8)", "getauxval(3)", "proc(5)", "ptrace(2)", "setcap(8)", "sock_diag(7)"}
# Installed documents may name files of the sources if they say so.
SOURCES = re.compile(r"(?<![\w./-])(?:\./)?(?:dev|src|tests|compat|\.ci)/[\w./*-]*\w")
OURS = re.compile(r"(?<![\w./-])(?:doc|packaging)/[\w./-]*\w")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

out = tap.Tap()
failed = []


def check(what, problems):
    out.ok(what, problems)
    failed.extend(problems)


def text_of(path):
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.decode()


class Installed:
    """Our files below a root."""

    def __init__(self, root, prefix):
        self.root = Path(root)
        self.share = self.root / prefix.lstrip("/") / "share"
        self.bin = self.root / prefix.lstrip("/") / "bin"
        self.documents = self.share / "doc/duostat"
        self.pages = sorted(p for p in self.share.glob("man/man*/*")
                            if p.name.startswith(("duostat", "netstat", "ss"))
                            and re.search(r"^\.TH .* duostat ", text_of(p), re.M))

    def page_names(self):
        """Installed pages, as "ss(8)"."""
        return {re.sub(r"^(.*)\.([1-8])(\.gz)?$", r"\1(\2)", path.name) for path in self.share.glob("man/man*/*")}

    def is_there(self, path):
        """Follows links within the root."""
        while path.is_symlink():
            target = os.readlink(path)
            path = self.root / target.lstrip("/") if target.startswith("/") else path.parent / target
        return path.exists()

    # ---- what points to what ----

    def manual(self, page):
        text = "\n".join(line for line in text_of(page).splitlines() if not line.startswith('.\\"'))
        text = text.replace("\\-", "-").replace("\\&", "")
        named = re.findall(r"^\.BR ([\w-]+) \(([1-8])\)", text, re.M)
        named += re.findall(r"\\fB([\w-]+)\\f[RP] ?\(([1-8])\)", text)
        for name, section in sorted(set(named)):
            reference = f"{name}({section})"
            if reference not in OTHERS and reference not in self.page_names():
                yield f"{reference} is not installed"
        yield from self.paths(text, may_name_sources=False)

    def paths(self, text, may_name_sources):
        for path in sorted(set(OURS.findall(text))):
            if not self.is_there(self.documents / path) and "KIND" not in path:
                yield f"{path} is not installed"
        named = sorted(set(SOURCES.findall(text)))
        if named and not may_name_sources:
            yield f"{named[0]} is in the sources, and the text does not say \"source tree\""

    def document(self, path):
        text = text_of(path)
        if path.suffix == ".md":
            for target in LINK.findall(re.sub(r"`[^`\n]*`", "", re.sub(r"^    .*$", "", text, flags=re.M))):
                target = target.partition("#")[0]
                if target and not re.match(r"[a-z]+:", target) and not self.is_there(path.parent / target):
                    yield f"{target} is not installed"
        if path.suffix == ".json":
            for reference in re.findall(r'"\$ref": *"([^"#]+)', text):
                if not self.is_there(path.parent / reference):
                    yield f"{reference} is not installed"
            json.loads(text)
        # A document about the sources names any of them. Paths in URLs are of the place where documents are published.
        if not re.search("(commands here are of|describes) the source tree", text):
            yield from self.paths(re.sub(r"https?://\S+", "", text), may_name_sources="source tree" in text)

    def completion(self, script):
        text = text_of(script)
        called = re.findall(r"^complete -F \S+ (.*)$", text, re.M) + re.findall(r"^#compdef (.*)$", text, re.M)
        called += re.findall(r"^complete((?: -c \S+)+)", text, re.M)
        names = {name for line in called for name in line.split() if name != "-c"}
        if not names:
            yield "completes nothing"
        for name in sorted(names):
            if not self.is_there(self.bin / name):
                yield f"{name} is not installed"
        for path in re.findall(r"^\. (/\S+)$", text, re.M):
            if not self.is_there(self.root / path.lstrip("/")):
                yield f"{path} is not installed"

    def check_all(self, about):
        links = [p for folder in (self.bin, *self.share.glob("man/man*")) for p in folder.iterdir() if p.is_symlink()]
        ours = [p for p in links if "duostat" in os.readlink(p)]
        check(f"{about}: links lead to files", [f"{p} leads nowhere" for p in ours if not self.is_there(p)])
        check(f"{about}: all six manual pages", [] if len(self.pages) >= 6 else [str(self.pages)])
        check(f"{about}: manuals", [f"{p.name}: {problem}" for p in self.pages for problem in self.manual(p)])
        files = [p for p in sorted(self.documents.rglob("*")) if p.is_file() and not p.is_symlink()]
        check(f"{about}: documents", [] if len(files) > 40 else [f"only {len(files)}"])
        for suffix in sorted({p.suffix for p in files} - {".gz"}):
            check(f"{about}: documents of the kind {suffix or 'without a suffix'}",
                  [f"{p.relative_to(self.documents)}: {problem}" for p in files if p.suffix == suffix
                   for problem in self.document(p)])
        scripts = [p for folder in ("bash-completion/completions", "fish/vendor_completions.d", "zsh/site-functions",
                                    "zsh/vendor-completions")
                   for p in sorted((self.share / folder).glob("*"))
                   if p.is_file() and "duostat" in text_of(p)]
        check(f"{about}: completion scripts", [] if len(scripts) >= 3 else [str(scripts)])
        check(f"{about}: what they complete",
              [f"{p.name}: {problem}" for p in scripts for problem in self.completion(p)])


def install(directory, *variables):
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    subprocess.run([os.environ.get("MAKE", "make"), "-s", "install", f"DESTDIR={directory}", *variables], check=True,
                   cwd=os.environ["top_builddir"], env=environment, stdout=subprocess.DEVNULL)
    makefile = Path(os.environ["top_builddir"], "Makefile").read_text()
    return Installed(directory, re.search(r"^prefix = (.*)$", makefile, re.M).group(1))


def find_faults():
    """Each kind of fault is found."""
    with tempfile.TemporaryDirectory() as directory:
        installed = install(directory)
        faults = {
            installed.share / "man/man7/duostat-json.7": (installed.manual, "\n.BR nothing (8)\n", "nothing(8)"),
            installed.share / "man/man8/ss.8": (installed.manual, "\ndoc/absent.md\n", "doc/absent.md"),
            installed.documents / "doc/capture.md": (installed.document, "\n[x](absent.md)\n", "absent.md"),
            installed.documents / "doc/json.md": (installed.document, "\n`tests/absent.sh`\n", "tests/absent.sh"),
            installed.share / "zsh/site-functions/_duostat": (installed.completion, "\n#compdef absent\n", "absent"),
        }
        missed = []
        for path, (problems, text, word) in faults.items():
            if not path.exists():  # configured without the links
                continue
            path.write_text(path.read_text() + text)
            if not any(word in problem for problem in problems(path)):
                missed.append(f"{path.name}: {text.strip()}")
        check("faults are found", missed)


def main():
    if len(sys.argv) == 3:
        Installed(sys.argv[1], sys.argv[2]).check_all("packages")
    else:
        for about, variables in (("as configured", []),
                                 ("with a suffix", ["program_transform_name=s,$$,-x,"]),
                                 ("without links", ["legacy=no"])):
            with tempfile.TemporaryDirectory() as directory:
                installed = install(directory, *variables)
                # The completion scripts name the programs as they were configured.
                if about == "with a suffix":
                    for name in ("duostat", "ss", "netstat"):
                        (installed.bin / name).symlink_to(f"{name}-x")
                if about == "without links":
                    for name in ("ss", "netstat"):
                        (installed.bin / name).symlink_to("duostat")
                installed.check_all(about)
        find_faults()
    out.plan()
    return 1 if failed else 0


sys.exit(main())

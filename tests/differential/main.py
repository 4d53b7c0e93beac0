# The differential test: ours against the installed original, over one zoo of live sockets. TAP on standard output.
#
# usage: main.py ss|netstat|random DUOSTAT HOLD [WORD]      WORD: only the cases whose name contains it
# random: command lines, filters and dumps at random (random_lines.py), of whichever of the two is installed
# DUOSTAT_REFERENCE_SS      another ss to compare with; nothing is normalised for its version
# DUOSTAT_TEST_EFFORT=quick every seventh case, and fewer at random
#                     =full  every pair of netstat's options, and many more at random
# DUOSTAT_TEST_SEED         other random cases
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import os
import re
import shutil
import sys
import tempfile
from dataclasses import replace

sys.dont_write_bytecode = True

import capture
import namespace
import netstat_cases
import random_lines
import rules
import run
import ss_cases
import ss_pairs
from steady import pauses
import tap
import zoo
from case import Programs
from sample import sample

ATTEMPTS = 4
NOBODY = 65534


def which(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")


def version_of(path):
    ran = run.run(path, ["ss", "-V"], run.How())
    found = re.search(rb"iproute2-(\d+)\.(\d+)\.?(\d*)", ran.out)
    return tuple(int(n or 0) for n in found.groups()) if found else (0, 0, 0)


def knows(path, options):
    return run.run(path, ["ss", *options, "-V"], run.How()).status == 0


def comparable(sides):
    first, *others = sides[rules.REFERENCE]
    return all(other == first for other in others)


def verdict(case, programs, sides):
    """(equal, names of the rules that were needed, the sides as last rewritten, was the reference steady)"""
    used, steady = (), True
    for used, sides in rules.rewritten(case, programs, sides):
        steady = comparable(sides)
        if sides[rules.OURS][0] in sides[rules.REFERENCE]:
            return True, used, sides, True
    return False, used, sides, steady


def try_case(case, programs):
    """Reference, ours and, if they differ, reference again: races show as a reference that differs from itself, and are
    tried again."""
    for _ in pauses(ATTEMPTS):
        def reference():
            return run.run(programs.reference[case.tool], case.line(programs), case.how(False))
        before = reference()
        ours = run.run(programs.ours[case.tool], case.line(programs), case.how(True))
        equal, used, sides, steady = verdict(case, programs, {rules.REFERENCE: [before], rules.OURS: [ours]})
        if equal:
            break
        equal, used, sides, steady = verdict(case, programs,
                                             {rules.REFERENCE: [before, reference()], rules.OURS: [ours]})
        if equal:
            break
    return equal, used, sides, steady


def explain(sides, limit=24):
    reference, ours = sides[rules.REFERENCE][0], sides[rules.OURS][0]
    if reference.status != ours.status:
        print(f"#   status: reference {reference.status}, ours {ours.status}")
    for name in ("out", "err"):
        expected, got = getattr(reference, name), getattr(ours, name)
        if expected == got:
            continue
        as_text = lambda raw: [repr(line)[2:-1] for line in raw.splitlines()]
        lines = list(difflib.unified_diff(as_text(expected), as_text(got), f"reference {name}", f"ours {name}", "",
                                          "", 0, ""))
        for line in lines[:limit]:
            print(f"#   {line[:400]}")
        if len(lines) > limit:
            print(f"#   ({len(lines) - limit} more lines)")


class Report:
    def __init__(self):
        self.number, self.identical, self.failed, self.rule_counts = 0, 0, 0, {}

    def case(self, case, programs):
        equal, used, sides, steady = try_case(case, programs)
        self.number += 1
        if equal:
            note = f" (after {', '.join(dict.fromkeys(used))})" if used else ""
            self.identical += not used
            for name in set(used):
                self.rule_counts[name, case.tool] = self.rule_counts.get((name, case.tool), 0) + 1
            print(f"ok {self.number} - {case}{note}")
        elif sides[rules.REFERENCE][0].status < 0 <= sides[rules.OURS][0].status:
            print(f"ok {self.number} - {case} # SKIP the reference is killed by signal "
                  f"{-sides[rules.REFERENCE][0].status}")
        elif not steady:
            print(f"ok {self.number} - {case} # SKIP the reference differs from itself in {ATTEMPTS} attempts")
        else:
            self.failed += 1
            print(f"not ok {self.number} - {case}")
            explain(sides)
        sys.stdout.flush()

    def close(self):
        print(f"1..{self.number}")
        print(f"# {self.number} cases: {self.identical} byte for byte identical, {self.failed} different")
        for kind in ("quirk", "version", "mask"):
            for name, tool, about in rules.named(kind):
                for used_by in ("ss", "netstat"):
                    if tool in ("*", used_by) and (name, used_by) in self.rule_counts:
                        print(f"# {kind} {name} ({used_by}): {about}: {self.rule_counts[name, used_by]} cases")


def place(directory, duostat):
    """Ours, called as a link, where every user may run it."""
    shutil.copy(duostat, f"{directory}/duostat")
    os.chmod(f"{directory}/duostat", 0o755)
    for name in ("ss", "netstat"):
        os.symlink("duostat", f"{directory}/{name}")
    return {name: f"{directory}/{name}" for name in ("ss", "netstat")}


def selected(tool, cases, word):
    # A terminal is read by a thread of this process, which -T would show.
    cases = [replace(c, columns=None) if c.columns and c.tool == "ss" and c.has("T") else c for c in cases]
    cases = [c for c in dict.fromkeys(cases) if word in str(c)]
    return cases if word or tool == "random" else sample(cases)


def main():
    tool, duostat, hold = sys.argv[1:4]
    word = sys.argv[4] if len(sys.argv) > 4 else ""
    other_ss = os.environ.get("DUOSTAT_REFERENCE_SS")
    reference = {"ss": other_ss or which("ss"), "netstat": which("netstat")}
    needed = reference.values() if tool == "random" else [reference[tool]]
    if not any(needed):
        tap.skip_all("the original is not installed")
    as_root = os.getuid() == 0
    namespace.enter_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        namespace.mount("tmpfs", directory, "tmpfs")
        os.chmod(directory, 0o755)
        namespace.local_names_only(directory)
        programs = Programs(reference, place(directory, duostat),
                            version_of(reference["ss"]) if reference["ss"] else (0, 0, 0))
        if other_ss:  # it may stand where only we may read
            programs.reference["ss"] = shutil.copy(other_ss, f"{directory}/other-ss")
            os.chmod(programs.reference["ss"], 0o755)
            programs.ss_version = (999, 0, 0)
        os.makedirs(f"{directory}/zoo")
        shutil.copy(hold, f"{directory}/hold")
        os.chmod(f"{directory}/hold", 0o755)
        animals = zoo.Zoo(f"{directory}/zoo", f"{directory}/hold", [NOBODY, 1] if as_root else [])
        programs.group = animals.group
        for note in animals.notes:
            print(f"# left out: {note}")
        if not as_root:
            print("# left out: other users (not root)")
        compare(tool, programs, animals, directory, as_root, word)
        namespace.libc.umount2(directory.encode(), 2)


def compare(tool, programs, animals, directory, as_root, word):
    frozen = capture.capture(f"{directory}/proc")
    dump = f"{directory}/tcp.dump"
    if tool != "netstat" and programs.reference["ss"]:
        run.run(programs.reference["ss"], ["ss", "-t", "-a", "-e", "-m", "-i", "-D", dump], run.How())
    if not os.path.exists(dump) or not os.path.getsize(dump):
        dump = None
    modern = programs.ss_version >= (7, 1)
    lacking = ss_pairs.LIBBPF if modern and not knows(programs.reference["ss"], ss_pairs.LIBBPF) else []
    if tool == "ss":
        cases = ss_cases.cases(as_root, dump, frozen, modern, lacking)
    elif tool == "netstat":
        cases = netstat_cases.cases(as_root, True)
    else:
        cases = random_lines.cases(directory, dump, frozen, as_root, modern, lacking, programs.reference["ss"],
                                   programs.reference["netstat"])
    report = Report()
    behind_frozen = []
    for case in selected(tool, cases, word):
        if case.frozen and case.tool == "netstat":
            behind_frozen.append(case)
            continue
        animals.refresh()
        report.case(case, programs)
    if behind_frozen:
        # netstat has no variable that says where /proc is, so the captured tree stands in its place.
        namespace.mount(frozen, "/proc", None, namespace.MS_BIND)
        for case in behind_frozen:
            report.case(case, programs)
        namespace.libc.umount2(b"/proc", 2)
    report.close()


if __name__ == "__main__":
    main()

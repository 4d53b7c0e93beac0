# Ours called ss2 against pyroute2's, over the zoo of live sockets. TAP on standard output.
#
# usage: ss2.py DUOSTAT HOLD
#
# Documents are compared value by value, in order, keys in order. A number may lie between what the original says before
# and what it says after: some of them are clocks. The bytes of ours must be what json.dumps() makes of its own values.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import namespace
import steady
import tap
import zoo

NOBODY = 65534
OPTIONS = ["-t", "-tl", "-tal", "-tp", "-tap", "-tlpr", "-x", "-xl", "-xa", "-xap", "-tx",
           "--unix --listen", "--al --pro --res --tc"]


def reference_program():
    path = shutil.which("ss2", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
    if not path:
        tap.skip_all("ss2 is not installed (python3-pyroute2)")
    with open(path, "rb") as file:
        if b"pyroute2" not in file.read(4096):
            tap.skip_all(f"{path} is not pyroute2's")
    return path


def run(program, options, uid=None):
    def become():
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
    ran = subprocess.run([program, *options.split()], capture_output=True, preexec_fn=become, cwd="/",
                         env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
    return ran.stdout.decode(), ran.stderr.decode(), ran.returncode


def documents(text):
    """All documents of a text, each with its bytes."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        found.append((value, text[at:end]))
        if text[end:end + 1] != "\n":
            raise ValueError(f"no newline after the document that ends at {end}")
        at = end + 1
    return found


def differences(ours, before, after, path=""):
    """Where ours is neither what was before nor what was after, nor between the two."""
    if isinstance(ours, dict) and isinstance(before, dict):
        if list(ours) != list(before):
            return [f"{path}: keys {list(ours)}, not {list(before)}"]
        other = after if isinstance(after, dict) and list(after) == list(before) else before
        return [d for key in ours for d in differences(ours[key], before[key], other[key], f"{path}/{key}")]
    if isinstance(ours, list) and isinstance(before, list):
        if path.endswith("/fds"):  # the original takes them from a set
            ours, before = sorted(ours), sorted(before)
            return [] if ours == before else [f"{path}: {ours}, not {before}"]
        if len(ours) != len(before):
            return [f"{path}: {len(ours)} elements, not {len(before)}"]
        other = after if isinstance(after, list) and len(after) == len(before) else before
        return [d for i in range(len(ours)) for d in differences(ours[i], before[i], other[i], f"{path}[{i}]")]
    if type(ours) is type(before) and ours in (before, after):
        return []
    if type(ours) is type(before) is type(after) and isinstance(ours, (int, float)) and before <= ours <= after:
        return []
    return [f"{path}: {ours!r}, not {before!r} or {after!r}"]


def compare(reference, ours, options, uid):
    problems = []
    for _ in steady.pauses():
        before, got = run(reference, options, uid), run(ours, options, uid)
        after = before if got == before else run(reference, options, uid)  # the original takes a second to start
        if before[2] != 0 or after[2] != 0:
            return [f"the original fails: {before[1].splitlines()[-1:]}"], 0
        if got[2] != 0:
            return [f"status {got[2]}: {got[1]}"], 0
        documents_of = [documents(text) for text, _, _ in (got, before, after)]
        problems = [f"not as json.dumps() writes it: {text[:200]!r}" for value, text in documents_of[0]
                    if json.dumps(value, indent=4) != text]
        values = [[value for value, _ in found] for found in documents_of]
        problems += differences(*values)
        flows = sum(len(table["flows"]) for value in values[0] for table in value.values())
        if not problems:
            return [], flows
    return problems, flows


def main():
    duostat, hold = (os.path.abspath(path) for path in sys.argv[1:3])
    reference = reference_program()
    as_root = os.getuid() == 0
    namespace.enter_or_skip()
    # The original cannot print a name that is not UTF-8.
    zoo.ABSTRACT_NAMES = [name for name in zoo.ABSTRACT_NAMES if name != b"\xff\xfe"]
    number = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        namespace.mount("tmpfs", directory, "tmpfs")
        os.chmod(directory, 0o755)
        namespace.local_names_only(directory)
        for program, name in ((duostat, "ss2"), (hold, "hold")):
            shutil.copy(program, f"{directory}/{name}")
            os.chmod(f"{directory}/{name}", 0o755)
        os.makedirs(f"{directory}/zoo")
        animals = zoo.Zoo(f"{directory}/zoo", f"{directory}/hold", [NOBODY, 1] if as_root else [])
        for note in animals.notes:
            print(f"# left out: {note}")
        cases = [(options, None) for options in OPTIONS]
        if as_root:
            cases += [("-tap", NOBODY), ("-xap", NOBODY)]
        for options, uid in cases:
            animals.refresh()
            problems, flows = compare(reference, f"{directory}/ss2", options, uid)
            if flows == 0 and not problems:
                problems = ["there are no sockets to compare"]
            number += 1
            failed += bool(problems)
            who = " | nobody" if uid else ""
            print(f"{'not ok' if problems else 'ok'} {number} - ss2 {options}{who}: {flows} sockets")
            for problem in problems[:12]:
                print(f"#   {problem}")
            sys.stdout.flush()
        animals.close()
        namespace.libc.umount2(directory.encode(), 2)
    print(f"1..{number}")


if __name__ == "__main__":
    main()

# Runs every case of the cases.tsv files beside it and compares bytes; speaks TAP. See run.sh.
#
#   run.py SS [ORDER]    compare: SS is the program under test, called as ss, on a machine of that byte order ("little", "big")
#   run.py --record SS   write what SS, an original, prints for the cases marked "recorded"
#
# A line of cases.tsv: file, "recorded" (from ss of iproute2 7.1.0) or "authored" (written by hand: why, in the suite's
# README), output (pipe, a terminal's width, or COLUMNS=N on a pipe), environment, words. A value in the environment or a
# word that names a file of the suite becomes its path. Expected standard output is in the file; standard error and a
# status other than 0 are in the file with ".err" behind its name, the status on the last line.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import difflib
import functools
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
import big_endian  # noqa: E402  (found only by the line above)
from terminal import Terminal  # noqa: E402


def run_on_terminal(program, words, env, width):
    """Standard output on a terminal of that width that passes bytes on as they are; standard error apart."""
    terminal = Terminal(width, rows=24)
    process = subprocess.Popen(
        words, executable=program, env=env, stdin=subprocess.DEVNULL, stdout=terminal.writer, stderr=subprocess.PIPE
    )
    terminal.start()
    err = process.stderr.read()
    status = process.wait()
    out = terminal.finish()
    return out, err, status


def run_case(program, suite, output, environment, words):
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}
    for assignment in shlex.split(environment):
        name, _, value = assignment.partition("=")
        env[name] = str(suite / value) if (suite / value).exists() else value
    command = ["ss"] + [str(suite / word) if (suite / word).is_file() else word for word in shlex.split(words)]
    if output.isdigit():
        return run_on_terminal(program, command, env, int(output))
    if output != "pipe":
        name, _, value = output.partition("=")
        env[name] = value
    done = subprocess.run(command, executable=program, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout, done.stderr, done.returncode


def complaint(err, status):
    """What goes into the .err file: the first line, so that our own usage text may differ; and the status."""
    first = err.split(b"\n", 1)[0]
    return b"" if not first and status == 0 else first + b"\n%d\n" % status


def cases(suite):
    for line in (suite / "cases.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@contextlib.contextmanager
def staged():
    """A copy of the suites with the links that are listed in them: what /proc/PID/fd is made of."""
    with tempfile.TemporaryDirectory() as directory:
        stage = pathlib.Path(directory) / "golden" / "ss"
        shutil.copytree(HERE, stage)
        (pathlib.Path(directory) / "data").symlink_to(HERE.parent.parent / "data")  # the cases' ../../../data
        for table in stage.glob("*/links"):
            for line in table.read_text().splitlines():
                if line.startswith("#"):
                    continue
                link, target = line.split(" ", 1)
                path = table.parent / link
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(target)
        yield stage


def record(program, stage):
    for table in sorted(HERE.glob("*/cases.tsv")):
        suite = table.parent
        for file, origin, output, environment, words in cases(suite):
            if origin != "recorded":
                continue
            out, err, status = run_case(program, stage / suite.name, output, environment, words)
            (suite / file).write_bytes(out)
            said = complaint(err, status)
            if said:
                (suite / (file + ".err")).write_bytes(said)
            else:
                (suite / (file + ".err")).unlink(missing_ok=True)


def impossible(output, environment, byte_order):
    """Why a case cannot be run here."""
    if byte_order == "big" and "TCPDIAG_FILE" in environment:
        return "the recorded answer is one of a little-endian machine"
    if output.isdigit() and not terminals():
        return "no pseudo-terminals here"
    return None


@functools.cache
def terminals():
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError:
        return False
    return True


def compare(program, stage, byte_order):
    if byte_order == "big":
        big_endian.turn(stage)
    todo = [(t.parent, case) for t in sorted(HERE.glob("*/cases.tsv")) for case in cases(t.parent)]
    print(f"1..{len(todo)}", flush=True)
    for number, (suite, (file, origin, output, environment, words)) in enumerate(todo, 1):
        name = f"{suite.name}/{file} ({origin}, {output}): ss {words}".replace("#", "\\#")
        if why := impossible(output, environment, byte_order):
            print(f"ok {number} - {name} # SKIP {why}")
            continue
        out, err, status = run_case(program, stage / suite.name, output, environment, words)
        expected = (suite / file).read_bytes()
        beside = suite / (file + ".err")
        expected_complaint = beside.read_bytes() if beside.exists() else b""
        same = out == expected and complaint(err, status) == expected_complaint
        print(f"{'ok' if same else 'not ok'} {number} - {name}")
        if same:
            continue
        if complaint(err, status) != expected_complaint:
            print(f"# said {complaint(err, status)!r} instead of {expected_complaint!r}")
        old, new = (text.decode("latin-1").splitlines() for text in (expected, out))
        for line in list(difflib.unified_diff(old, new, "expected", "printed", lineterm="", n=0))[:12]:
            print("# " + line)
    return 0


if __name__ == "__main__":
    with staged() as staged_suites:
        if sys.argv[1] == "--record":
            sys.exit(record(sys.argv[2], staged_suites))
        sys.exit(compare(sys.argv[1], staged_suites, (sys.argv[2:] or ["little"])[0]))

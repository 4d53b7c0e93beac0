# The golden tests: recorded input and words in, exact bytes out, on pipes and terminals. TAP on standard output.
#
#   run.py SUITE DUOSTAT [ORDER]      compares; ORDER: the byte order of the machine of the program, "little" or "big"
#   run.py SUITE --record PROGRAM     writes what the original PROGRAM prints for the cases marked "recorded". Suite
#                                     explain has no original: PROGRAM is duostat, and all cases are written
#   DUOSTAT_TEST_CASES="NAME..."      only these cases (NAME or SUITE/NAME)
#
# A suite is a folder. A line of its cases.tsv is a case, in five columns separated by tabs:
#   name          unique in the suite; says what the case shows
#   origin        "recorded" from the original, or "authored" by hand where the behaviour differs on purpose
#   output        "pipe", the width of a terminal, or COLUMNS=N on a pipe
#   environment   assignments. A value that names something in the suite's input/ or in tests/data becomes its path
#   words         of the command line, quoted as for a shell. A word that names a file in input/ becomes its path
#
# expected/NAME has standard output, the line "--- stderr", what the suite compares of standard error, and the line
# "--- status N".
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
import big_endian  # noqa: E402  (found only by the line above)
from terminal import Terminal  # noqa: E402


# ---- suites ----

def first_line(text):
    return text[:text.find(b"\n") + 1]


def before_usage(text):
    return re.split(rb"(?m)^(?:did you mean .*\n)?usage:", text, maxsplit=1)[0]


def portable_text(text):
    """What `duostat explain` says, without what depends on the machine."""
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


def portable(words, out):
    if not out:
        return out
    return (portable_json if words[0] == "--json" else portable_text)(out.decode()).encode()


def too_wide(words, out):
    wide = [line for line in out.decode().splitlines() if len(line) > 80 and words[0] != "--json"]
    return f"wider than 80 columns: {wide[0]}" if wide else None


@dataclass(frozen=True)
class Suite:
    program: list                          # the name it is called by, and words before those of the case
    stderr: callable                       # what is compared of standard error
    stdout: callable = lambda words, out: out
    complaint: callable = lambda words, out: None  # what is wrong whatever is expected
    original: bool = True                  # is there one to record from?
    little_endian: frozenset = frozenset()  # variables whose input is that of a little-endian machine
    bytes_of_order: bytes = None           # left out on the other byte order


SUITES = {
    "ss": Suite(["ss"], first_line, little_endian=frozenset({"TCPDIAG_FILE"})),
    "netstat": Suite(["netstat"], before_usage),
    "netstat_modes": Suite(["netstat"], before_usage),
    "explain": Suite(["duostat", "explain"], lambda text: text, portable, too_wide, original=False,
                     bytes_of_order=rb'(?<="bytes_hex": ")[0-9a-f]*'),
}


@dataclass(frozen=True)
class Case:
    suite: str
    name: str
    origin: str
    output: str
    environment: tuple
    words: tuple

    def expected_file(self):
        return HERE / self.suite / "expected" / self.name


def rows(file):
    """The lines of a table, without comments."""
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def cases(suite):
    for line in rows(HERE / suite / "cases.tsv"):
        name, origin, output, environment, words = line.split("\t")
        pairs = tuple(tuple(word.split("=", 1)) for word in shlex.split(environment))
        yield Case(suite, name, origin, output, pairs, tuple(shlex.split(words)))


# ---- input ----

class Inputs:
    """Copies of the directories that the cases name, with the links that a source package cannot carry."""

    def __init__(self, suite, directory, byte_order):
        self.own, self.directory, self.byte_order = HERE / suite / "input", pathlib.Path(directory), byte_order

    def path(self, name):
        """Of a value in the environment. None if it names no input."""
        if (self.own / name).exists():
            return self.staged(self.own, "input") / name
        if (DATA / name).is_dir():
            return self.staged(DATA / name, name)
        return DATA / name if (DATA / name).exists() else None

    def file(self, word):
        return str(self.staged(self.own, "input") / word) if (self.own / word).is_file() else word

    @functools.cache
    def staged(self, source, name):
        copy = self.directory / name
        shutil.copytree(source, copy)
        for kind, make in (("links", make_links), ("processes", make_processes)):
            if (copy / kind).exists():
                make(copy, rows(copy / kind))
        if self.byte_order == "big":
            big_endian.turn(copy)
        return copy


def make_link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def make_links(directory, lines):
    """LINK TARGET"""
    for line in lines:
        link, target = line.split(" ", 1)
        make_link(directory / link, target)


def make_processes(directory, lines):
    """PID CMDLINE INODE...: the processes of a proc tree. CMDLINE may have characters as \\0 and up to three octal
    digits. "-" stands for an empty one."""
    for line in lines:
        pid, command, *inodes = line.split()
        text = re.sub(rb"\\0([0-7]{0,3})", lambda m: bytes([int(m[1] or b"0", 8)]), command.encode())
        (directory / pid / "fd").mkdir(parents=True)
        (directory / pid / "cmdline").write_bytes(b"" if text == b"-" else text)
        for fd, inode in enumerate(inodes, 3):
            make_link(directory / pid / "fd" / str(fd), f"socket:[{inode}]")


# ---- running ----

def run(program, words, environment, width):
    """(standard output, standard error, status)"""
    # With these arguments Python starts the program by vfork(2): fork(2) would copy its page tables.
    terminal = None if width is None else Terminal(width, rows=24)
    stdout = subprocess.PIPE if terminal is None else terminal.writer
    process = subprocess.Popen(words, executable=program, env=environment, stdin=subprocess.DEVNULL, stdout=stdout,
                               stderr=subprocess.PIPE, close_fds=False, restore_signals=False)
    if terminal is None:
        out, err = process.communicate()
    else:
        terminal.start()
        err = process.stderr.read()
        process.stderr.close()
    status = process.wait()
    return (terminal.finish() if terminal else out), err, status


def answer(case, program, inputs):
    """(what expected/NAME has to be, what is wrong whatever that is)"""
    suite = SUITES[case.suite]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}
    for name, value in case.environment:
        path = inputs.path(value)
        environment[name] = value if path is None else str(path)
    width = int(case.output) if case.output.isdigit() else None
    if width is None and case.output != "pipe":
        name, value = case.output.split("=")
        environment[name] = value
    words = [*suite.program, *map(inputs.file, case.words)]
    out, err, status = run(program, words, environment, width)
    if "PROC_ROOT" in environment:
        err = err.replace(environment["PROC_ROOT"].encode(), b"/proc")
    out = suite.stdout(case.words, out)
    text = b"".join((out, b"--- stderr\n", suite.stderr(err), b"--- status %d\n" % status))
    return text, suite.complaint(case.words, out)


@functools.cache
def terminals():
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError:
        return False
    return True


def impossible(case, byte_order):
    """Why a case cannot be run here."""
    if byte_order == "big" and SUITES[case.suite].little_endian & {name for name, _ in case.environment}:
        return "the recorded answer is one of a little-endian machine"
    if case.output.isdigit() and not terminals():
        return "no pseudo-terminals here"
    return None


def record(suite, program, inputs):
    for case in cases(suite):
        if case.origin == "recorded" or not SUITES[suite].original:
            case.expected_file().write_bytes(answer(case, program, inputs)[0])


def chosen(suite):
    wanted = os.environ.get("DUOSTAT_TEST_CASES", "").split()
    return [case for case in cases(suite) if not wanted or case.name in wanted or f"{suite}/{case.name}" in wanted]


def compare(suite, program, inputs):
    todo = chosen(suite)
    print(f"1..{len(todo)}" if todo else "1..0 # SKIP none of the chosen cases is here", flush=True)
    for number, case in enumerate(todo, 1):
        command = " ".join([*SUITES[suite].program, *case.words])
        name = f"{case.name} ({case.origin}, {case.output}): {command}".replace("#", "\\#")
        if why := impossible(case, inputs.byte_order):
            print(f"ok {number} - {name} # SKIP {why}")
            continue
        got, complaint = answer(case, program, inputs)
        file = case.expected_file()
        expected = file.read_bytes() if file.exists() else b"no such file: expected/%s\n" % case.name.encode()
        if inputs.byte_order == "big" and SUITES[suite].bytes_of_order:
            got, expected = (re.sub(SUITES[suite].bytes_of_order, b"", text) for text in (got, expected))
        good = got == expected and complaint is None
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if complaint:
            print(f"# {complaint}")
        old, new = (text.decode("latin-1").splitlines() for text in (expected, got))
        for line in list(difflib.unified_diff(old, new, "expected", "printed", lineterm="", n=0))[:24]:
            print("# " + line)
        if not good and old == new:
            print("# the same lines, but not the same bytes")


def main():
    suite, program, *more = sys.argv[1:]
    recording = program == "--record"
    program = os.path.abspath(more[0] if recording else program)
    with tempfile.TemporaryDirectory() as directory:
        inputs = Inputs(suite, f"{directory}/inputs", "little" if recording else (more or ["little"])[0])
        link = f"{directory}/{SUITES[suite].program[0]}"
        os.symlink(program, link)
        if recording:
            record(suite, link, inputs)
        else:
            compare(suite, link, inputs)


if __name__ == "__main__":
    main()

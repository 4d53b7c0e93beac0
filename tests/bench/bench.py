# Reference, ours and the bare kernel over the same sockets, in turn. Started by dev/bench; prints Markdown.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "differential")]

import namespace  # noqa: E402
from load import Load  # noqa: E402
from measure import Runner, fit, median, spread  # noqa: E402
from works import WORKS  # noqa: E402

REFERENCE, OURS, KERNEL = "reference", "ours", "kernel"
GOALS_ARE_OF = 200000  # sockets, for works that have some


def log(text):
    print(text, file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(prog="dev/bench", description=__doc__)
    parser.add_argument("--sizes", default="2000,20000,200000", help="numbers of sockets (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=7,
                        help="how often each program has its turn (default %(default)s)")
    parser.add_argument("--works", default="", help="only works whose name this regular expression finds")
    parser.add_argument("--longest", type=float, default=60,
                        help="seconds after which a run is given up (default %(default)s)")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.sizes = sorted(int(word) for word in chosen.sizes.split(","))
    return chosen


def programs(build, directory):
    """{tool: (reference, ours)}; ours is called by the tool's name, and copied, as installing does: a file that the
    linker wrote piece by piece lies in the page cache in pieces, and starts more slowly."""
    shutil.copy(os.path.join(build, "duostat"), directory)
    found = {}
    for tool in ("ss", "netstat"):
        path = os.environ.get(f"DUOSTAT_REFERENCE_{tool.upper()}") or f"/usr/bin/{tool}"
        if not os.access(path, os.X_OK):
            log(f"no reference {tool} at {path}: its works are left out")
            continue
        ours = os.path.join(directory, tool)
        os.symlink("duostat", ours)
        found[tool] = (os.path.abspath(path), ours)
    return found


def first_line(*command):
    out = subprocess.run(command, capture_output=True, text=True)
    return (out.stdout or out.stderr).strip().split("\n")[0]


def machine(tools):
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s*(\d+)", open("/proc/meminfo").read())[1]) // 1024 ** 2
    lines = [f"{os.cpu_count()} processors ({model[1] if model else 'unknown'}), {memory} GiB, Linux "
             f"{os.uname().release}"]
    for reference, _ in tools.values():
        lines.append(f"{os.path.basename(reference)}: {first_line(reference, '-V')}")
    return "\n".join("- " + line for line in lines)


def commands(work, tools, kernel):
    reference, ours = tools[work.tool]
    words = work.words.split()
    turn = {REFERENCE: [reference, *words], OURS: [ours, *words, *work.extra.split()]}
    if work.kernel:
        turn[KERNEL] = [kernel, *work.kernel]
    return turn


def readable(value):
    """Three or four digits, without an exponent."""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    return f"{value:.{digits}f}"


def cell(runs, unit=1e3):
    if not runs:
        return "-"
    values = [run.wall for run in runs]
    return f"{readable(median(values) * unit)} ±{spread(values) * 100:.0f}%"


def ratio(results, member):
    """The median of the rounds' ratios: a disturbance of a whole round affects both sides."""
    pairs = list(zip(results[OURS], results[REFERENCE]))
    if not pairs:
        return None
    return median([getattr(ours, member) / max(getattr(reference, member), 1e-6) for ours, reference in pairs])


def judged(value, goal):
    if value is None:
        return "-"
    if not goal:
        return f"{value:.3f}"
    return f"{value:.3f} ({'meets' if value <= goal else 'misses'} {goal:g})"


def peak(runs):
    return f"{max(run.peak for run in runs):.1f}" if runs else "-"


def table(results, judge):
    """`judge`: the goals are of this number of sockets."""
    print("| work | reference, ms | ours, ms | kernel, ms | wall ratio (goal) | processor ratio (goal) | reference, "
          "ours peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for work, of in results.items():
        print(f"| `{work.name}` | {cell(of[REFERENCE])} | {cell(of[OURS])} | {cell(of.get(KERNEL))} "
              f"| {judged(ratio(of, 'wall'), judge and work.goal)} | "
              f"{judged(ratio(of, 'cpu'), judge and work.cpu_goal)} "
              f"| {peak(of[REFERENCE])}, {peak(of[OURS])} |")
    print(flush=True)


def growth(by_size):
    """Prints cost = fixed + sockets * each, for works that were measured with three sizes or more."""
    print("## How the cost grows\n")
    print("| work | program | fixed, ms | each socket, µs | largest error of the fit |")
    print("|---|---|---|---|---|")
    for work in WORKS:
        for name in (REFERENCE, OURS, KERNEL):
            points = [(size, median([run.wall for run in results[work][name]]))
                      for size, results in by_size.items() if size and results.get(work, {}).get(name)]
            if len(points) < 3:
                continue
            fixed, each = fit(points)
            error = max(abs(fixed + each * x - y) / y for x, y in points)
            print(f"| `{work.name}` | {name} | {readable(fixed * 1e3)} | {readable(each * 1e6)} | {error * 100:.0f}% |")
    print(flush=True)


def measure(load, size, chosen, tools, runner, kernel):
    results = {}
    orphans = None
    for work in sorted(WORKS, key=lambda work: work.orphaned):
        if work.tool in tools and work.idle == (size == 0) and re.search(chosen.works, work.name):
            if work.orphaned and orphans is None:
                orphans = load.orphan()
            if work.orphaned and not orphans:
                log(f"{work.name}: left out: no control group could be made")
                continue
            log(f"{size} sockets: {work.name}")
            results[work] = runner.in_turn(commands(work, tools, kernel), chosen.rounds, log)
    return results


def main():
    chosen = options()
    tools_directory = os.path.join(os.path.abspath(chosen.build), "tests/bench")
    namespace.enter()
    with tempfile.TemporaryDirectory() as directory:
        tools = programs(os.path.abspath(chosen.build), directory)
        runner = Runner(os.path.join(tools_directory, "runner"), chosen.longest)
        print(f"# Measured\n\n{machine(tools)}\n- {chosen.rounds} rounds, medians, ± half the distance of the "
              f"quartiles\n")
        by_size = {}
        for size in [0, *chosen.sizes]:
            with Load(size) as load:
                by_size[size] = measure(load, size, chosen, tools, runner, os.path.join(tools_directory, "kernel"))
            if by_size[size]:
                print(f"## {size:,} sockets\n" if size else "## No socket\n")
                table(by_size[size], size in (0, GOALS_ARE_OF))
        growth(by_size)


if __name__ == "__main__":
    try:
        main()
    except namespace.Unavailable as reason:
        sys.exit(f"dev/bench: {reason}")

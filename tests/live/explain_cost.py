#!/usr/bin/env python3
"""The estimate of `duostat explain` beside the processor time of the command itself, with few and with many sockets, in
a network namespace of its own. Speaks TAP.

The figures are printed; a case fails if an estimate is off by a factor of ten, whatever the load. DUOSTAT_TEST_EFFORT:
quick makes 2,000 sockets, full 96,000.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import resource
import socket
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "differential"))
import namespace  # noqa: E402
import situation  # noqa: E402
import tap  # noqa: E402

OF_A_PROCESS = 8000
SOCKETS = {"quick": 2000, "full": 12 * OF_A_PROCESS}.get(os.environ.get("DUOSTAT_TEST_EFFORT"), OF_A_PROCESS)
FACTOR = 10
COMMANDS = [("ss", "-tan"), ("ss", "-tan", "--via=procfs"), ("ss", "-tln"), ("ss", "-tln", "--via=procfs"),
            ("ss", "-uan"), ("ss", "-xan"), ("ss", "-tanp"), ("netstat", "-tan"), ("netstat", "-xan")]


def measured(command):
    """Processor time in microseconds: the median of five runs."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([situation.DUOSTAT, *command], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return statistics.median(times)


def estimated(command):
    done = subprocess.run([situation.DUOSTAT, "explain", "--json", *command], stdout=subprocess.PIPE, check=True)
    plan = json.loads(done.stdout)["explain"][0]
    cost, total = plan["cost"], plan["cost"]["start_us"] + plan["cost"].get("processes_us", 0)
    by_procfs = "--via=procfs" in command or (command[0] == "netstat" and "x" in command[1])
    for table in cost["tables"]:
        total += table["procfs_us" if by_procfs and "procfs_us" in table else "netlink_us"]
    return total


def compare(out, what):
    for command in COMMANDS:
        expected, real = estimated(command), measured(command)
        out.ok(f"{what}: {' '.join(command)}", [] if 1 / FACTOR < expected / real < FACTOR
               else [f"estimated {expected:.0f} us, measured {real:.0f} us"])
        print(f"# estimated {expected / 1000:.2f} ms, measured {real / 1000:.2f} ms: {expected / real:.2f}")


def connections():
    """A process with OF_A_PROCESS sockets or all, half of them accepted."""
    def act():
        wanted = OF_A_PROCESS + 100
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
        server = situation.listener(backlog=4096)
        for _ in range(min(OF_A_PROCESS, SOCKETS) // 2):
            situation.keep(socket.create_connection(server.getsockname()))
            situation.keep(server.accept()[0])
    return situation.process("connections", act)


def main():
    namespace.private_network()
    namespace.interface_up("lo")
    out = tap.Tap()
    compare(out, "no sockets")
    pids = [connections() for _ in range(0, SOCKETS, OF_A_PROCESS)]
    compare(out, f"{SOCKETS} sockets")
    situation.end(*pids)
    out.plan()


if __name__ == "__main__":
    main()

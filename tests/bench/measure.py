# Runs programs in turn and records the cost of each run; medians, spread, and the growth of a cost with the number of
# sockets.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import os
import signal
import statistics
import subprocess

Run = collections.namedtuple("Run", "wall cpu peak")  # seconds, seconds, MiB

ENOUGH = 0.05  # seconds: a shorter command runs several times per round
MOST_TO_A_ROUND = 40


class TooLong(Exception):
    """A run was ended because it took too long."""


class Failed(Exception):
    """A command did not end with 0."""


class Runner:
    def __init__(self, program, longest):
        self.program = program
        self.longest = longest

    def runs(self, command, count=1):
        process = subprocess.Popen([self.program, str(count), *command], stdout=subprocess.PIPE, text=True,
                                   start_new_session=True)
        try:
            text, _ = process.communicate(timeout=self.longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise TooLong(f"more than {self.longest:g} s") from None
        found = []
        for line in text.splitlines():
            wall, user, system, peak, status = map(int, line.split())
            if status != 0:
                raise Failed(f"{' '.join(command)}: exit status {status}")
            found.append(Run(wall / 1e6, (user + system) / 1e6, peak / 1024))
        return found

    def in_turn(self, commands, rounds, log):
        """{name: command} -> {name: [Run]}: one entry a round. Commands that take too long are left out."""
        counts, results, left = {}, {name: [] for name in commands}, dict(commands)
        for name, command in commands.items():  # also serves as warm-up
            try:
                (first,) = self.runs(command)
                counts[name] = max(1, min(MOST_TO_A_ROUND, int(ENOUGH / max(first.wall, 1e-4))))
            except (TooLong, Failed) as problem:
                log(f"{name}: left out: {problem}")
                del left[name]
        names = list(left)
        for round_ in range(rounds if names else 0):
            for name in names[round_ % len(names):] + names[:round_ % len(names)]:
                try:
                    runs = self.runs(left[name], counts[name])
                # Its other rounds may be valid, but no longer pair with the others'.
                except (TooLong, Failed) as problem:
                    log(f"{name}: round {round_ + 1} is left out: {problem}")
                    continue
                results[name].append(Run(*(statistics.median(column) for column in zip(*runs))))
        return results


def median(values):
    return statistics.median(values)


def spread(values):
    """Half the interquartile range, relative to the median."""
    if len(values) < 3:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle


def fit(points):
    """[(sockets, seconds)] -> (seconds whatever the number, seconds for each socket), least squares of relative
    errors."""
    weights = [1 / y ** 2 for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = (sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points)) /
             sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points)))
    return mean_y - slope * mean_x, slope

# Captures the zoo of the differential test and shows it elsewhere: live as root against the capture as nobody, byte for
# byte, whatever backend is asked. Then the same of input that stands still, where timers count too.
#
# usage: replay_live.py DUOSTAT HOLD [WORD]      WORD: only command lines with this in them
#
# SPDX-License-Identifier: GPL-2.0-or-later
import difflib
import itertools
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))

import capture
import main
import namespace
import run
import steady
import tap
import zoo
from sample import sample

NOBODY = main.NOBODY

ANY_BACKEND = """
ss
ss -a
ss -l
ss -tan
ss -ta
ss -uan
ss -wan
ss -xa
ss -x -a -e
ss -0 -a
ss -0 -a -e -m -p
ss -A all -a -n
ss -A u_dgr -a
ss -A inet,!udp -a
ss -4 -a -n
ss -6 -a -n
ss -tane
ss -tanm
ss -tani
ss -tanp
ss -tano
ss -tuanemiop
ss -tuanemiop -O
ss -H -O -tanie
ss -tanQ
ss -tanr
ss -B
ss -l -n -t
ss -t state time-wait
ss -t state established
ss -t state syn-recv
ss -t state close
ss -tu exclude listening
ss -x state listening
ss -M -a
ss -S -a
ss -d -a
ss --vsock -a
ss --tipc -a
ss --xdp -a
ss -tan dst 127.0.0.1
ss -tan dport > :1024
ss -tan sport = :8080 or dst [::1]
ss -tan dev lo
ss -uan src localhost
ss -ta --tos --cgroup --inet-sockopt
ss -xanp
ss -tunlpT
netstat
netstat -a
netstat -tan
netstat -tuanp
netstat -tuane
netstat -tuano
netstat -tuaneepo -W
netstat -l
netstat -xap
netstat -w -a -n
netstat -U -a
netstat -t -u
netstat -r
netstat -rn
netstat -rne
netstat -r -6 -n
netstat -i
netstat -i -a
netstat -i -e
netstat -g
netstat -gn
netstat -A inet6 -a
""".strip().splitlines()
ONE_BACKEND = ["ss -f netlink -a", "ss -f netlink -a -n -p -e", "netstat -M", "netstat -s -t", "ss -s",
               "netstat -A ax25",
               "netstat -A ipx", "ss -Z", "netstat -Z"]

MASKS = {
    "own sockets": rb"^.*(tcpdiag:|(^|\s)4:[1-9]|rtnl:(ss|netstat)/).*\n(\t.*\n)*",
    "timer": rb"timer:\(\w+,[^,()]*,\d+\)|(?<= )(on|keepalive|timewait|probe) \(\d+\.\d\d/\d+/\d+\)",
    "moments": rb" (lastsnd|lastrcv|lastack|busy|rwnd_limited|sndbuf_limited|"
               rb"last_data_sent|last_data_recv|last_ack_recv):[\w.()%]+",
    # Those of programs that ran before; netlink's are freed after a grace period of RCU.
    "sockets on their way out": rb"^Total: \d+",
    "host-wide counts": rb"^TCP:   \d+ |, closed \d+",  # of sockets in all network namespaces
    "widths": rb" +(?=\n| )",
}


class Programs:
    """One binary by two names. A capture is made by a process whose name is the same as that of a listing."""

    def __init__(self, directory, duostat):
        self.paths = main.place(directory, duostat)

    def show(self, line, file=None, uid=None, environment=(), via=None):
        tool, *words = line.split()
        words += [f"--via={via}"] if via else []
        words += [f"--from={file}"] if file else []
        return run.run(self.paths[tool], [tool, *words], run.How(uid=uid, environment=dict(environment)))

    def capture(self, file, environment=()):
        ran = run.run(self.paths["ss"], ["duostat", "capture", file], run.How(environment=dict(environment)))
        assert ran.status == 0, ran
        os.chmod(file, 0o644)


def masked(live, replayed):
    """(equal, the names of the masks that it took). Messages and the status are never masked."""
    if (live.status, live.err) != (replayed.status, replayed.err):
        return False, []
    names, one, two = [], live.out, replayed.out
    for name, pattern in MASKS.items():
        if one == two:
            break
        if name == "widths" and not names:
            break
        after = [re.sub(pattern, b"", text, flags=re.M) for text in (one, two)]
        if after != [one, two]:
            names.append(name)
        one, two = after
    return one == two, names


def first_difference(live, replayed):
    """One line, because a summary of failures shows no more."""
    facts = [f"status {live.status} and {replayed.status}"]
    for kind in ("err", "out"):
        sides = [getattr(ran, kind).splitlines() for ran in (live, replayed)]
        for number, (one, two) in enumerate(itertools.zip_longest(*sides)):
            if one != two:
                facts.append(f"{kind}, line {number + 1}: {one!r} and {two!r}")
                break
    return "; ".join(facts)


class Report:
    def __init__(self):
        self.number = self.failed = self.identical = 0
        self.masks = {}

    def result(self, name, live, replayed):
        equal, masks = masked(live, replayed)
        self.number += 1
        self.identical += equal and not masks
        for mask in masks:
            self.masks[mask] = self.masks.get(mask, 0) + 1
        print(f"{'ok' if equal else 'not ok'} {self.number} - {name}" +
              (f" (but for {', '.join(masks)})" if equal and masks else ""))
        if not equal:
            self.failed += 1
            print(f"#   status {live.status}, replayed {replayed.status}")
            for kind in ("out", "err"):
                sides = [[repr(l)[2:-1] for l in getattr(ran, kind).splitlines()] for ran in (live, replayed)]
                for text in list(difflib.unified_diff(*sides, f"live {kind}", f"replayed {kind}", "", "", 0, ""))[:16]:
                    print(f"#   {text[:300]}")
        sys.stdout.flush()

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}")

    def check(self, name, truth, reason=""):
        self.number += 1
        print(f"{'ok' if truth else 'not ok'} {self.number} - {name}")
        if not truth:
            print(f"#   {reason}")

    def close(self):
        print(f"1..{self.number}")
        print(f"# {self.identical} byte for byte identical, {self.failed} different; masks: {self.masks}")


def against_live(report, programs, animals, directory, word):
    """What changes between the capture and the live run is tried again with another capture."""
    file = f"{directory}/host.capture"
    programs.capture(file)
    lines = [(line, via) for line in ANY_BACKEND for via in (None, "procfs", "netlink")] + [(line, None)
        for line in ONE_BACKEND]
    for line, via in [(line, via) for line, via in lines if word in line] if word else sample(lines, 4):
        name = f"{line}{f' | via {via}' if via else ''}"
        earlier, steady_once = None, False
        for attempt in steady.pauses():
            if animals.refresh() or attempt:
                programs.capture(file)
            live = programs.show(line, via=via)
            replayed = programs.show(line, file, NOBODY, via=via)
            if masked(live, replayed)[0]:
                break
            # Live between two captures that show the same: what differs then is no change of the host.
            steady_once |= earlier is not None and masked(earlier, replayed)[0]
            earlier = replayed
        if masked(live, replayed)[0] or steady_once:
            report.result(name, live, replayed)
        else:
            report.skip(name, "no two captures show the same")


def against_still(report, programs, directory, word):
    """A copied proc tree and a recorded dump do not change: no mask is allowed."""
    tree, file, dump = capture.capture(f"{directory}/proc"), f"{directory}/tree.capture", f"{directory}/tcp.dump"
    programs.capture(file, [("PROC_ROOT", tree)])
    run.run("/bin/chmod", ["chmod", "-R", "a+rX", tree], run.How())
    for line in ("ss -a", "ss -tuanemiop", "ss -s", "ss -xap", "ss -f netlink -a -p", "netstat -tuanpo -ee",
                 "netstat -xap",
                 "netstat -rn", "netstat -gn", "netstat -s", "netstat -i"):
        if word in line:
            live = programs.show(line, environment=[("PROC_ROOT", tree)])
            replayed = programs.show(line, file, NOBODY)
            report.check(f"a captured tree: {line}", live == replayed, first_difference(live, replayed))
    programs.show(f"ss -taemi -D {dump}")
    os.chmod(dump, 0o644)
    for line in ("ss -tanmio", "ss -tamio -O", "ss -4 -t -a -n -m -e -i", "ss -t -a state time-wait -nemio"):
        if word in line:
            live = programs.show(line, environment=[("TCPDIAG_FILE", dump)])
            if "state" in line or "-4" in line:  # the variable shows all that is in the file, --from what was asked for
                wanted = (b"TIME-WAIT",) if "state" in line else (b"127.", b"192.", b"198.", b"0.0.0.0", b"10.",
                                                                  b"203.")
                replayed = programs.show(line, dump, NOBODY)
                rows = len([l for l in replayed.out.splitlines() if not l.startswith((b"\t", b"State", b"Recv-Q"))])
                report.check(f"a dump: {line}: fewer rows than there are", 0 < rows < len(live.out.splitlines()),
                             replayed)
                continue
            replayed = programs.show(line, dump, NOBODY)
            report.check(f"a dump: {line}", live.out == replayed.out and replayed.status == 0,
                         first_difference(live, replayed))
    replayed = programs.show("netstat -tan", dump, NOBODY)
    report.check("a dump: netstat -tan lists what ss lists", replayed.out.count(b"\ntcp") > 5
                 and replayed.status == 0, replayed)
    replayed = programs.show("netstat -uan", dump, NOBODY)
    report.check("a dump has no UDP, and says so", b"no support for `AF INET (udp)'" in replayed.err
                 and b"only TCP sockets, and nothing else of its host" in replayed.err, replayed)


def main_():
    duostat, hold = sys.argv[1:3]
    word = sys.argv[3] if len(sys.argv) > 3 else ""
    if os.getuid() != 0:
        tap.skip_all("not root: what root sees cannot be captured")
    namespace.enter_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        namespace.mount("tmpfs", directory, "tmpfs")
        os.chmod(directory, 0o755)
        namespace.local_names_only(directory)
        programs = Programs(directory, duostat)
        os.makedirs(f"{directory}/zoo")
        run.run("/bin/cp", ["cp", hold, f"{directory}/hold"], run.How())
        animals = zoo.Zoo(f"{directory}/zoo", f"{directory}/hold", [NOBODY, 1])
        report = Report()
        against_live(report, programs, animals, directory, word)
        against_still(report, programs, directory, word)
        report.close()
        namespace.libc.umount2(directory.encode(), 2)


if __name__ == "__main__":
    main_()

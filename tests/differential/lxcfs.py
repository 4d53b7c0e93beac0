# A tree of /proc as LXCFS shows it, against the same tree without it.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os

import capture_file as cf
import fuse
import namespace
import run

SS = ["-tane", "-uan", "-xane", "-wan", "-0an", "-tuwxanH"]
NETSTAT = ["-s", "-i", "-rn", "-gn", "-rn -6", "-tane", "-xan"]
# What LXCFS makes itself.
OWN = {"uptime": "1234.56 2345.67\n",
       "stat": "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nbtime 1700000000\n",
       "meminfo": "MemTotal:        1048576 kB\nMemFree:          524288 kB\nMemAvailable:     600000 kB\n"}


def check(test, host, directory):
    mounted = f"{directory}/lxcfs"
    os.mkdir(mounted)
    for name, text in OWN.items():
        with open(f"{host.tree}/{name}", "w") as file:
            file.write(text)
    try:
        with fuse.Mounted(host.tree, mounted):
            compare(test, host, mounted, directory)
    except namespace.Unavailable as error:
        test.tap.skip("lxcfs", error)


def compare(test, host, mounted, directory):
    size = os.stat(f"{mounted}/net/tcp").st_size
    with open(f"{mounted}/net/tcp", "rb", buffering=0) as file:
        first = len(file.read(4096))
    test.tap.same("lxcfs: files of size 0, read in parts", (0, fuse.SHORT), (size, first))
    for line in SS:
        wanted, got = (test.run("ss", line.split(), {"PROC_ROOT": tree}) for tree in (host.tree, mounted))
        test.tap.report(wanted == got and len(got.out.splitlines()) > 1, f"lxcfs: ss {line}", wanted, got)
    for line in NETSTAT:
        wanted, got = (over_proc(test, tree, line) for tree in (host.tree, mounted))
        test.tap.report(wanted == got and len(got.out.splitlines()) > 1, f"lxcfs: netstat {line}", wanted, got)
    captures = []
    for tree in (host.tree, mounted):
        path = f"{directory}/of-lxcfs.capture"
        ran = run.run(test.ours["ss"].replace("/ss", "/duostat"), ["duostat", "capture", "-q", path],
                      run.How(environment={"PROC_ROOT": tree}))
        with open(path, "rb") as file:
            captures.append((ran.status, {name: text for name, text in cf.files(cf.records(file.read())).items()
                                          if name.startswith("net/") or name in OWN}))
    test.tap.report(captures[0] == captures[1] and "uptime" in captures[0][1], "lxcfs: duostat capture", *captures)


def over_proc(test, tree, line):
    namespace.mount(tree, "/proc", None, namespace.MS_BIND)
    try:
        return test.run("netstat", ["--via=procfs", *line.split()])
    finally:
        namespace.libc.umount2(b"/proc", 2)

#!/usr/bin/env python3
"""ansible's listen_ports_facts (community.general) makes the same facts of our netstat and ss as of the originals.

The module itself runs, with its own options and parsers, in a process that stands for ansible: a private network
namespace with listening and connected sockets of several processes. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import importlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import namespace  # noqa: E402
import tap  # noqa: E402

MODULE = "ansible_collections.community.general.plugins.modules.listen_ports_facts"
HOW_TO_GET_IT = "the collection community.general is not installed (Debian: apt-get install ansible, 260 MB)"
SYSTEM_PYTHON = "/usr/bin/python3"
HOLDER = """
import socket, sys, time
keep = [socket.create_server(("127.0.0.1", 0)), socket.create_server(("::1", 0), family=socket.AF_INET6)]
keep += [socket.create_connection(keep[0].getsockname()), keep[0].accept()[0]]
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    bound, connected = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
    bound.bind((address, 0))
    connected.connect(bound.getsockname())
    keep += [bound, connected]
print("ready", flush=True)
sys.stdin.read()
"""


def import_module():
    """The module, in this interpreter or in the system's, where distributions install it."""
    try:
        return importlib.import_module(MODULE)
    except ImportError:
        pass
    others = os.environ.get("DUOSTAT_OTHER_PYTHON") is None and os.path.exists(SYSTEM_PYTHON)
    if not others:
        tap.skip_all(HOW_TO_GET_IT)
    os.environ["DUOSTAT_OTHER_PYTHON"] = "1"
    os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])


class Left(Exception):
    """The module has said its last word."""


def facts(module, command, program, everything):
    """What the module finds, with `program` in the place of `command`."""
    class Stand:
        def __init__(self, **_):
            self.params = {"command": command, "include_non_listening": everything}

        def get_bin_path(self, name, required=False):
            return program if name == command else shutil.which("true")  # ps is not what is compared here

        def run_command(self, words):
            words = [command if word == program else word for word in words]
            ran = subprocess.run(words, executable=program if words[0] == command else None,
                                 env=dict(os.environ, LC_ALL="C"),
                                 capture_output=True, text=True, timeout=60)
            return ran.returncode, ran.stdout, ran.stderr

        def exit_json(self, **result):
            raise Left(result["ansible_facts"])

        def fail_json(self, msg):
            raise Left(f"failed: {msg}")

    module.AnsibleModule = Stand
    try:
        module.main()
    except Left as left:
        return left.args[0]


def holders():
    """Processes that hold sockets, under names of their own."""
    for name in ("plain", "two words", "/usr/sbin/daemon"):
        child = subprocess.Popen([name, "-c", HOLDER], executable=sys.executable, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        child.stdout.readline()
        yield child


def main():
    module = import_module()
    ours = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "duostat"))
    namespace.private_network()
    namespace.interface_up("lo")
    children = list(holders())
    number = 0
    with tempfile.TemporaryDirectory() as directory:
        for command in ("netstat", "ss"):
            os.symlink(ours, f"{directory}/{command}")
            reference = shutil.which(command, path="/usr/bin:/bin:/usr/sbin:/sbin")
            for everything in (False, True):
                number += 1
                title = f"{number} - {command}, {'all' if everything else 'listening'} sockets"
                if reference is None:
                    print(f"ok {title} # SKIP {command} is not installed")
                    continue
                expected = facts(module, command, reference, everything)
                got = facts(module, command, f"{directory}/{command}", everything)
                found = isinstance(got, dict) and len(got["tcp_listen"]) >= 6 and len(got["udp_listen"]) >= 6
                print(f"{'ok' if expected == got and found else 'not ok'} {title}")
                if expected != got or not found:
                    print(f"# original: {expected}\n# ours: {got}")
    for child in children:
        child.communicate()
    print(f"1..{number}")


main()

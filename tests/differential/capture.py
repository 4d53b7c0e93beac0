# A copy of what the programs read of /proc, which then stands still.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil

NET = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6", "unix", "packet", "netlink",
       "sockstat", "sockstat6", "snmp", "dev", "igmp", "igmp6", "route"]
OTHER = ["sys/net/ipv4/ip_local_port_range"]


def copy_file(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as file, open(target, "wb") as copy:
        shutil.copyfileobj(file, copy)


def capture(directory):
    """Fills `directory` from /proc. Descriptors become symbolic links that lead nowhere, with the text of the real
    ones."""
    for name in [f"net/{n}" for n in NET] + OTHER:
        if os.path.exists(f"/proc/{name}"):
            copy_file(f"/proc/{name}", f"{directory}/{name}")
    # tmpfs lists the newest entry first and /proc the lowest number, so the highest is made first.
    for pid in sorted(filter(str.isdigit, os.listdir("/proc")), key=int, reverse=True):
        for name in ("stat", "cmdline", "comm"):
            copy_file(f"/proc/{pid}/{name}", f"{directory}/{pid}/{name}")
        os.makedirs(f"{directory}/{pid}/fd")
        for fd in sorted(os.listdir(f"/proc/{pid}/fd"), key=int, reverse=True):
            try:
                os.symlink(os.readlink(f"/proc/{pid}/fd/{fd}"), f"{directory}/{pid}/fd/{fd}")
            except FileNotFoundError:
                pass  # the descriptor of the listing itself
    return directory

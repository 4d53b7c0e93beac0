# Rewrites a captured proc tree of a little-endian machine, in place, to what a big-endian kernel would print: addresses
# are printed as 32-bit words of the host. Used if the program under test is for such a machine (tests/byte_order.sh).
#
# big_endian.py TREE
#
# SPDX-License-Identifier: GPL-2.0-or-later
import pathlib
import re
import sys

WORD = re.compile(r"[0-9A-Fa-f]{8}")
# An address before its port: 8 digits for IPv4, 32 for IPv6.
ENDPOINT = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8})(?=:[0-9A-Fa-f]{4}\b)")
SOCKETS = {"tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6"}
ROUTES = {"route", "rt_cache"}
ROUTE_ADDRESSES = {"Destination", "Gateway", "Mask", "Source", "SpecDst"}


def turned(match):
    """Every word of the match with its bytes in the other order."""
    return WORD.sub(lambda word: "".join(reversed(re.findall("..", word[0]))), match[0])


def turned_routes(name, text):
    """Columns that the heading names; without a heading, those of the usual one."""
    lines = text.split("\n")
    heading = [name.strip() for name in lines[0].split("\t")]
    if name == "rt_cache":  # two tabs after some names there, and one between the cells
        heading = [name for name in heading if name]
    columns = [i for i, name in enumerate(heading) if name in ROUTE_ADDRESSES] or [1, 2, 7]
    for number, line in enumerate(lines[1:], 1):
        cells = line.split("\t")
        # Damaged on purpose, or blanks instead of tabs: text that looks like the address of a small network.
        if len(cells) < 6:
            lines[number] = re.sub(r"(?<= )(?:00[0-9A-F]{6}|[0-9A-F]{6}00)(?= )", turned, line)
            continue
        for i in columns:
            if i < len(cells):
                cells[i] = re.sub(r"^[0-9A-Fa-f]{8}(?=\s*$)", turned, cells[i])
        lines[number] = "\t".join(cells)
    return "\n".join(lines)


def turned_text(name, text):
    if name in SOCKETS:
        return ENDPOINT.sub(turned, text)
    if name in ROUTES:
        return turned_routes(name, text)
    if name == "igmp":
        return re.sub(r"(?m)(?<=\t)[0-9A-F]{8}\b", turned, text)
    return text


def turn(tree):
    for path in pathlib.Path(tree).rglob("*"):
        # Files in folders of /proc/net belong to other families.
        if path.parent.name != "net" or path.is_symlink() or not path.is_file():
            continue
        if path.name in SOCKETS | ROUTES | {"igmp"}:
            text = path.read_bytes().decode("latin-1")
            path.write_bytes(turned_text(path.name, text).encode("latin-1"))


if __name__ == "__main__":
    turn(sys.argv[1])

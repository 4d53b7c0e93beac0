#!/usr/bin/env python3
"""netstat -ie of every kind of hardware and address, beside the original: a tap device takes any kind (TUNSETLINK).
Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import os
import re
import socket
import struct
import sys

sys.dont_write_bytecode = True
import namespace  # noqa: E402
import netstat_modes as modes  # noqa: E402

TUNSETIFF, TUNSETLINK, SIOCSIFHWADDR = 0x400454CA, 0x400454CD, 0x8924
IFF_TAP, IFF_NO_PI = 2, 0x1000
NAME = b"kinds"
# ARPHRD_*: those with a name of their own, and some of the many without.
KINDS = [0, 1, 3, 6, 7, 15, 19, 24, 27, 32, 256, 257, 258, 259, 260, 264, 270, 271, 280, 512, 513, 516, 768, 769, 770,
         772, 774, 776, 778,
         780, 781, 782, 783, 801, 804, 824, 65534, 65535]
ADDRESSES = [bytes(14), bytes([0x88, 0x98, 0x82, 0x40, 0x40, 0x40, 0x62]) + bytes(7), b"1234567890abcd"]
MASKS = {  # of both sides
    rb"(ash \[\w{32})\w{32}": rb"\1",  # quirk: ash-address
    rb"(unspec(?:[ -]\w\w){6})-\w\w-\w\w": rb"\1",  # quirk: short-hardware-address
    rb"[\x01-\x09\x0b-\x1f\x7f]": rb".",  # quirk: control-characters
}


def tap():
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", NAME, IFF_TAP | IFF_NO_PI))
    return device


def masked(answer):
    status, out, error = answer
    for pattern, replacement in MASKS.items():
        out = re.sub(pattern, replacement, out)
    return status, out, error


def main():
    namespace.private_network(modes.REFERENCE)
    try:
        device = tap()
    except OSError as error:
        print(f"1..0 # SKIP no tap device: {error}")
        return
    number, refused = 0, []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for kind in KINDS:
            try:
                fcntl.ioctl(device, TUNSETLINK, kind)
            except OSError:
                refused.append(kind)
                continue
            told, same = [], True
            for address in ADDRESSES:
                try:
                    fcntl.ioctl(s, SIOCSIFHWADDR, struct.pack("16sH14s8x", NAME, kind, address))
                except OSError:
                    told.append(address.hex())
                    continue
                expected = masked(modes.ran([modes.REFERENCE, "-iea"]))
                for via in ([], ["--via=netlink"])[:2 if address == ADDRESSES[1] else 1]:
                    got = masked(modes.ran([*modes.OURS, "-iea", *via]))
                    if got != expected and same:
                        same = False
                        print(f"# {address.hex()} {via}\n# original: {expected}\n# ours: {got}")
            number += 1
            print(f"{'ok' if same else 'not ok'} {number} - hardware of kind {kind}" +
                  (f" (the kernel refuses {len(told)} of {len(ADDRESSES)} addresses)" if told else ""))
    if refused:
        print(f"# kinds that this kernel refuses: {refused}")
    print(f"1..{number}")


main()

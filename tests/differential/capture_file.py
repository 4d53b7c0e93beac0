# The file format of `duostat capture` (doc/capture.md), read and written without the program.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import struct
import zlib

HEADING = b"duostat-capture\n" + struct.pack("=II", 1, 0x01020304)
HOST, FILE, FILE_DATA, TASK, REQUEST, REPLY, INTERFACE_NAMES, INTERFACE, NAME, END = range(1, 11)
DESCRIPTORS = 0x80000001
SOCK_DIAG = 4  # NETLINK_SOCK_DIAG


def text(value):
    return struct.pack("=I", len(value)) + value


def read_text(payload, at):
    length, = struct.unpack_from("=I", payload, at)
    return payload[at + 4:at + 4 + length], at + 4 + length


def records(capture):
    """(type, payload) of each record."""
    at = len(HEADING)
    while at < len(capture):
        kind, length, _ = struct.unpack_from("=III", capture, at)
        yield kind, capture[at + 12:at + 12 + length]
        at += 12 + (length + 3) // 4 * 4


def written(records):
    """A capture of these records. The end is added."""
    out = bytearray(HEADING)
    for kind, payload in [*records, (END, struct.pack("=Q", len(records)))]:
        head = struct.pack("=II", kind, len(payload))
        out += head + struct.pack("=I", zlib.crc32(head + payload)) + payload + b"\0" * (-len(payload) % 4)
    return bytes(out)


def file_name(payload):
    return read_text(payload, 8)[0].decode()


def files(records):
    """The contents of readable files, by their names below /proc. Links are not files."""
    found, name = {}, None
    for kind, payload in records:
        if kind == FILE:
            error, flags = struct.unpack_from("=II", payload)
            name, start = file_name(payload), read_text(payload, 8)[1]
            if error or flags & 2:
                name = None
            else:
                found[name] = payload[start:]
        elif kind == FILE_DATA and name:
            found[name] += payload
    return found


def write_tree(records, directory):
    """The files in a directory that can stand for /proc."""
    for name, contents in files(records).items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents)


def exchanges(records):
    """(netlink protocol, error, request, [datagram...]) of each request."""
    found = []
    for kind, payload in records:
        if kind == REQUEST:
            protocol, opened, sent = struct.unpack_from("=III", payload)
            found.append((protocol, opened or sent, payload[12:], []))
        elif kind == REPLY:
            found[-1][3].append(payload[8:])
    return found

"""Maps of BPF socket storage by bpf(2), for tests that show their values.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ctypes
import os
import struct

CALL = {"x86_64": 321, "aarch64": 280, "s390x": 351}.get(os.uname().machine)
MAP_CREATE, MAP_UPDATE, OBJECT_INFO, BTF_LOAD = 0, 2, 15, 18
SK_STORAGE, NO_PREALLOC = 24, 1
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, *attributes):
    if CALL is None:
        raise OSError("the number of bpf(2) is not known for this machine")
    attr = ctypes.create_string_buffer(b"".join(attributes), 128)
    result = libc.syscall(CALL, command, attr, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def load_types():
    """1 int, 2 char, 3 char[4], 4 struct pair { int a; char s[4]; }, 5 struct bits { int a : 3; int b : 13, at bit 19;
    }"""
    strings = b"\0int\0char\0pair\0a\0s\0bits\0b\0"
    name = lambda text: strings.index(b"\0" + text + b"\0") + 1
    words = [name(b"int"), 1 << 24, 4, 1 << 24 | 32, name(b"char"), 1 << 24, 1, 1 << 24 | 8, 0, 3 << 24, 0, 2, 1, 4,
             name(b"pair"), 4 << 24 | 2, 8, name(b"a"), 1, 0, name(b"s"), 3, 32,
             name(b"bits"), 1 << 31 | 4 << 24 | 2, 4, name(b"a"), 1, 3 << 24, name(b"b"), 1, 13 << 24 | 19]
    types = struct.pack(f"={len(words)}I", *words)
    raw = struct.pack("=HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings
    data = ctypes.create_string_buffer(raw, len(raw))
    return bpf(BTF_LOAD, struct.pack("=QQIII", ctypes.addressof(data), 0, len(raw), 0, 0))


def make_map(btf, value_type, size):
    return bpf(MAP_CREATE, struct.pack("=IIIIIII16sIIII", SK_STORAGE, 4, size, 0, NO_PREALLOC, 0, 0, b"test", 0, btf, 1,
                                       value_type))


def store(fd, sock, value):
    key, data = (ctypes.create_string_buffer(b, len(b)) for b in (struct.pack("=i", sock.fileno()), value))
    bpf(MAP_UPDATE, struct.pack("=IIQQQ", fd, 0, ctypes.addressof(key), ctypes.addressof(data), 0))


def id_of(fd):
    info = ctypes.create_string_buffer(80)
    bpf(OBJECT_INFO, struct.pack("=IIQ", fd, 80, ctypes.addressof(info)))
    return struct.unpack_from("=II", info.raw)[1]

# Dumps of TCP sockets that no kernel wrote: every attribute in any company, sizes of other kernels, numbers at the
# edges of their types, and now and then a damaged end. Input that makes the original read out of bounds is left out.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import struct

ERROR, DONE, SOCK_DIAG_BY_FAMILY, TCPDIAG_GETSOCK = 2, 3, 20, 18
MEMINFO, INFO, VEGASINFO, CONG, TOS, TCLASS, SKMEMINFO, SHUTDOWN, DCTCPINFO = 1, 2, 3, 4, 5, 6, 7, 8, 9
SKV6ONLY, MARK, BBRINFO, CLASS_ID, MD5SIG, CGROUP_ID, SOCKOPT = 11, 15, 16, 17, 18, 21, 22
SYN_RECV = 3  # a connection request, of which no kernel tells an owner
STATES = range(0, 12)
NEWER_STATES = range(0, 14)  # of 6.8 and later
CONGESTION = [b"cubic", b"reno", b"bbr", b"vegas", b"dctcp", b"a_long_name_15b"]
INFO_SIZE = 248


def number(chance, bits):
    """Often an edge."""
    top = (1 << bits) - 1
    return chance.choice([0, 1, top, top >> 1, (top >> 1) + 1, chance.randrange(top + 1),
                          chance.randrange(1000) & top, 1 << chance.randrange(bits)])


def words(chance, layout):
    """A value for each letter of a struct format."""
    return struct.pack("=" + layout, *(number(chance, 8 * struct.calcsize("=" + letter)) for letter in layout))


def info(chance):
    """struct tcp_info as long as some kernel's. Nearly all of it is numbers of 32 and 64 bits."""
    body = b"".join(struct.pack("=I", number(chance, chance.choice([8, 16, 24, 32]))) for _ in range(INFO_SIZE // 4))
    return body[:chance.choice([104, 160, 192, 224, 232, 240, INFO_SIZE])]


ATTRIBUTES = {
    MEMINFO: lambda c: words(c, "IIII"),
    INFO: info,
    VEGASINFO: lambda c: words(c, "IIII"),
    CONG: lambda c: c.choice(CONGESTION) + b"\0",
    TOS: lambda c: words(c, "B"),
    TCLASS: lambda c: words(c, "B"),
    SKMEMINFO: lambda c: words(c, "I" * c.choice([8, 9])),
    SHUTDOWN: lambda c: words(c, "B"),
    DCTCPINFO: lambda c: words(c, "HHIII"),
    SKV6ONLY: lambda c: struct.pack("B", c.randrange(2)),
    MARK: lambda c: words(c, "I"),
    BBRINFO: lambda c: words(c, "IIIII"),
    CLASS_ID: lambda c: words(c, "I"),
    CGROUP_ID: lambda c: struct.pack("=Q", 1 << 40 | c.randrange(1 << 32)),  # of no group
    SOCKOPT: lambda c: words(c, "H"),
}


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def message(kind, body, length=None):
    return struct.pack("=IHHII", length or 16 + len(body), kind, 2, 123456, 0) + body


def address(chance, family):
    if family == 2:
        return bytes(chance.choice([(127, 0, 0, 1), (0, 0, 0, 0), (10, 0, 0, chance.randrange(256)),
                                    (255, 255, 255, 255)])) + b"\0" * 12
    return chance.choice([b"\0" * 16, b"\0" * 15 + b"\1", b"\0" * 10 + b"\xff\xff\x0a\0\0\1",
                          b"\xfe\x80" + bytes(13) + b"\1",
                          bytes(chance.randrange(256) for _ in range(16))])


def sock(chance, states):
    family = chance.choice([2, 10])
    ports = struct.pack("!HH", number(chance, 16), number(chance, 16))
    identity = ports + address(chance, family) + address(chance, family)
    identity += struct.pack("=III", chance.choice([0, 0, 1]), number(chance, 32), number(chance, 32))
    state = chance.choice(states)
    fixed = struct.pack("=BBBB", family, state, chance.choice([0, 0, 1, 2, 3, 4, 5]), number(chance, 8))
    uid = chance.choice([0, 1, 65534]) if state != SYN_RECV else 0
    rest = struct.pack("=IIIII", number(chance, 32), number(chance, 31), number(chance, 31), uid, number(chance, 32))
    chosen = chance.sample(sorted(ATTRIBUTES), chance.randrange(len(ATTRIBUTES) + 1))
    chosen += chance.choices(sorted(ATTRIBUTES), k=chance.choice([0, 0, 0, 2]))  # twice
    attributes = b"".join(attribute(kind, ATTRIBUTES[kind](chance)) for kind in chosen)
    return message(chance.choice([SOCK_DIAG_BY_FAMILY] * 5 + [TCPDIAG_GETSOCK]), fixed + identity + rest + attributes)


def ending(chance, states):
    done = message(DONE, struct.pack("=i", 0))
    return chance.choice([done] * 6 + [b"", done[:7], done + sock(chance, states), message(ERROR, b""),
                                       message(ERROR, struct.pack("=i", -13)),
                                       message(ERROR, struct.pack("=i", -chance.choice([1, 2, 13, 22, 95])) +
                                               b"\0" * 16)])


def dump(chance, modern):
    states = NEWER_STATES if modern else STATES
    return b"".join(sock(chance, states) for _ in range(chance.choice([0, 1, 3, 12]))) + ending(chance, states)

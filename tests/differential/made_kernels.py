# Recorded hosts with the kernels that cannot be recorded: made from a recorded kernel and a row of a table, by the
# layouts in the kernel's sources (include/uapi/linux/{tcp,inet_diag,unix_diag,sock_diag}.h, net/ipv4/proc.c at the
# tags). What a version lacks is cut from the answers of netlink and from the files; a structure becomes as short as it
# was.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import struct
from dataclasses import dataclass

import capture_file as cf

SOCK_DIAG_BY_FAMILY = 20
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
RAW = 255  # IPPROTO_RAW
FIXED = {AF_INET: 72, AF_INET6: 72, AF_UNIX: 16}  # bytes of a message before its attributes

# INET_DIAG_
MEMINFO, INFO, CONG, TOS, TCLASS, SKMEMINFO, SHUTDOWN, PROTOCOL, SKV6ONLY = 1, 2, 4, 5, 6, 7, 8, 10, 11
MARK, BBRINFO, CLASS_ID, ULP_INFO, CGROUP_ID, SOCKOPT = 15, 16, 17, 19, 21, 22
UNIX_MEMINFO, UNIX_UID = 5, 7

SINCE = {  # the version that first sends an attribute, of those that 3.10 lacks
    PROTOCOL: (4, 10), SKV6ONLY: (4, 3), MARK: (4, 9), BBRINFO: (4, 9), CLASS_ID: (4, 13), ULP_INFO: (5, 4),
    CGROUP_ID: (5, 8), SOCKOPT: (5, 10),
}
UNIX_UID_SINCE, RAW_DIAG_SINCE, DROPS_SINCE = (5, 3), (4, 10), (4, 11)
WIDE_NETLINK_SINCE, CGROUP2_SINCE = (5, 0), (4, 5)
# bytes of struct tcp_info, from the version on
INFO_SIZES = [((3, 10), 104), ((3, 15), 120), ((4, 1), 136), ((4, 2), 144), ((4, 6), 160), ((4, 9), 168),
              ((4, 10), 192), ((4, 18), 200), ((4, 19), 224), ((5, 4), 232), ((6, 2), 240), ((6, 7), 248)]
# Members of struct tcp_info by the names of JSON, each with its offset and size. Bit fields, and members whose value
# may mean that there is none, are not here.
INFO_MEMBERS = {
    "retransmits": (2, 1), "probes": (3, 1), "backoff": (4, 1), "rto_us": (8, 4), "snd_mss": (16, 4),
    "rcv_mss": (20, 4), "unacked": (24, 4), "sacked": (28, 4), "lost": (32, 4), "retrans": (36, 4),
    "last_data_sent_ms": (44, 4), "last_data_recv_ms": (52, 4), "last_ack_recv_ms": (56, 4), "pmtu": (60, 4),
    "rcv_ssthresh": (64, 4),
    "snd_cwnd": (80, 4), "advmss": (84, 4), "reordering": (88, 4), "rcv_space": (96, 4), "total_retrans": (100, 4),
    "bytes_acked": (120, 8), "bytes_received": (128, 8), "segs_out": (136, 4), "segs_in": (140, 4),
    "notsent_bytes": (144, 4), "data_segs_in": (152, 4), "data_segs_out": (156, 4), "busy_time_us": (168, 8),
    "rwnd_limited_us": (176, 8), "sndbuf_limited_us": (184, 8), "delivered": (192, 4), "delivered_ce": (196, 4),
    "bytes_sent": (200, 8), "bytes_retrans": (208, 8), "dsack_dups": (216, 4), "reord_seen": (220, 4),
    "rcv_ooopack": (224, 4), "snd_wnd": (228, 4), "rcv_wnd": (232, 4), "rehash": (236, 4), "total_rto": (240, 2),
    "total_rto_recoveries": (242, 2), "total_rto_time_ms": (244, 4), "received_ce": (248, 4),
    "delivered_e1_bytes": (252, 4), "delivered_e0_bytes": (256, 4), "delivered_ce_bytes": (260, 4),
    "received_e1_bytes": (264, 4), "received_e0_bytes": (268, 4), "received_ce_bytes": (272, 4), "accecn": (276, 4),
}
# The same whose value may mean that there is none.
INFO_OPTIONAL = {
    "ca_state": (1, 1), "snd_wscale": (6, 1), "rcv_wscale": (6, 1), "ato_us": (12, 4), "rtt_us": (68, 4),
    "rttvar_us": (72, 4), "snd_ssthresh": (76, 4), "rcv_rtt_us": (92, 4), "pacing_rate_bps": (104, 8),
    "max_pacing_rate_bps": (112, 8), "min_rtt_us": (148, 4), "delivery_rate_bps": (160, 8), "fackets": (40, 4),
    "timestamps": (5, 1), "sack": (5, 1), "wscale": (5, 1), "ecn": (5, 1), "ecn_seen": (5, 1), "syn_data": (5, 1),
}
# Bits in bytes that were there before: the end of a member that came with them or later. A shorter structure has them
# only if they are not 0.
INFO_BITS = {"delivery_rate_app_limited": 168, "fastopen_client_fail": 236, "usec_ts": 242}
# struct mptcp_info: 48 bytes until 6.4, of which the last four were nothing; 88 until 6.10, with another such gap.
MPTCP_MEMBERS = {
    "subflows": (0, 1), "token": (12, 4), "write_seq": (16, 8), "snd_una": (24, 8), "rcv_nxt": (32, 8),
    "bytes_retrans": (48, 8), "bytes_sent": (56, 8), "bytes_received": (64, 8), "bytes_acked": (72, 8),
    "subflows_total": (80, 1), "last_data_recv_ms": (88, 4), "last_ack_recv_ms": (92, 4),
}
# Members in such gaps: offset, size, and the end of a member that came with them or later.
MPTCP_IN_GAPS = {"csum_enabled": (42, 1, 56), "retransmits": (44, 4, 56), "last_data_sent_ms": (84, 4, 92)}

# Counters of /proc/net/{netstat,snmp} by the version that first has them, and those that later ones lack.
NEWER_COUNTERS = {
    (3, 11): "BusyPollRxPackets", (3, 14): "TCPAutoCorking", (3, 15): "TCPFromZeroWindowAdv TCPToZeroWindowAdv "
    "TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent", (3, 17): "TCPHystartTrainDetect TCPHystartTrainCwnd "
    "TCPHystartDelayDetect TCPHystartDelayCwnd", (3, 19): "IgnoredMulti TCPFastOpenActiveFail",
    (4, 0): "TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2 TCPACKSkippedTimeWait "
    "TCPACKSkippedChallenge", (4, 1): "TCPWinProbe TCPKeepAlive", (4, 2): "TCPMTUPFail TCPMTUPSuccess",
    (4, 10): "PFMemallocDrop", (4, 11): "TCPMemoryPressuresChrono", (4, 14): "TCPFastOpenBlackhole",
    (4, 15): "TCPMD5Failure", (4, 18): "TCPDelivered TCPDeliveredCE TCPAckCompressed", (4, 20): "TCPZeroWindowDrop "
    "TCPRcvQDrop TCPWqueueTooBig ReasmOverlaps", (5, 3): "TCPFastOpenPassiveAltKey", (5, 6): "TcpTimeoutRehash",
    (5, 9): "TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious", (5, 0): "TCPBacklogCoalesce",
    (5, 11): "MemErrors", (5, 14): "TCPMigrateReqSuccess TCPMigrateReqFailure",
}
DROPPED_COUNTERS = {  # until 4.14, each after the counter that it followed
    "ListenDrops": "TCPPrequeued TCPDirectCopyFromBacklog TCPDirectCopyFromPrequeue TCPPrequeueDropped",
    "TCPHPHits": "TCPHPHitsToUser", "TCPSACKReneging": "TCPFACKReorder", "TCPFastRetrans": "TCPForwardRetrans",
    "TCPSackRecoveryFail": "TCPSchedulerFailed",
}


@dataclass(frozen=True)
class Kernel:
    version: tuple
    base: str  # the recorded kernel that it is made from

    def __str__(self):
        return f"{self.version[0]}.{self.version[1]}"

    def info_size(self):
        return [size for since, size in INFO_SIZES if since <= self.version][-1]


MADE = [Kernel((3, 10), "5.10"), Kernel((4, 18), "5.10"), Kernel((5, 4), "5.10"), Kernel((5, 14), "6.1")]


# ---- netlink ----

def messages(datagram):
    """(type, header after the length, payload) of each message."""
    at = 0
    while at + 16 <= len(datagram):
        length, kind = struct.unpack_from("=IH", datagram, at)
        yield kind, datagram[at + 4:at + 16], datagram[at + 16:at + length]
        at += (length + 3) & ~3


def message(header, payload):
    return struct.pack("=I", 16 + len(payload)) + header + payload + b"\0" * (-len(payload) % 4)


def attributes(payload, fixed):
    at = fixed
    while at + 4 <= len(payload):
        length, kind = struct.unpack_from("=HH", payload, at)
        if length < 4:
            break
        yield kind, payload[at + 4:at + length]
        at += (length + 3) & ~3


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def rewritten(datagram, rewrite):
    """The sockets of an answer with other attributes: rewrite(family, kind, value) is the new value, or None."""
    out = b""
    for kind, header, payload in messages(datagram):
        fixed = FIXED.get(payload[0]) if kind == SOCK_DIAG_BY_FAMILY and payload else None
        if fixed:
            values = [(number, rewrite(payload[0], number, value)) for number, value in attributes(payload, fixed)]
            payload = payload[:fixed] + b"".join(attribute(n, value) for n, value in values if value is not None)
        out += message(header, payload)
    return out


def of_kernel(kernel):
    """What remains of an attribute there."""
    def rewrite(family, kind, value):
        if kind == (UNIX_MEMINFO if family == AF_UNIX else SKMEMINFO):
            return value if kernel.version >= DROPS_SINCE else value[:32]
        if family == AF_UNIX:
            return value if kind != UNIX_UID or kernel.version >= UNIX_UID_SINCE else None
        if kernel.version < SINCE.get(kind, (0, 0)):
            return None
        return info(value, kernel) if kind == INFO and len(value) > 100 else value  # MPTCP's is shorter
    return rewrite


def info(value, kernel):
    """struct tcp_info without the bits that were not yet in its bytes 5 and 7."""
    options, flags = value[5] & (0x7f if kernel.version >= (6, 7) else 0x3f), value[7]
    if kernel.version < (5, 5):
        flags &= 1 if kernel.version >= (4, 9) else 0
    return (value[:5] + bytes((options, value[6], flags)) + value[8:])[:kernel.info_size()]


# ---- files ----

def without_counters(text, kernel):
    """A file of lines in pairs, names and numbers."""
    newer = {name for since, names in NEWER_COUNTERS.items() if since > kernel.version for name in names.split()}
    lines = [line.split() for line in text.decode().splitlines()]
    out = []
    for names, numbers in zip(lines[::2], lines[1::2]):
        if names[0] == "MPTcpExt:" and kernel.version < (5, 6):
            continue
        pairs = []
        for pair in zip(names, numbers):
            pairs += [pair] if pair[0] not in newer else []
            dropped = DROPPED_COUNTERS.get(pair[0], "") if kernel.version < (4, 15) else ""
            pairs += [(name, str(len(name))) for name in dropped.split()]
        out += [" ".join(row) for row in zip(*pairs)]
    return "".join(line + "\n" for line in out).encode()


def narrow_netlink(text, kernel):
    """/proc/net/netlink with the widths it had before 5.0."""
    if kernel.version >= WIDE_NETLINK_SINCE:
        return text
    out = ["sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks     Drops     Inode"]
    for line in text.decode().splitlines()[1:]:
        sk, protocol, pid, groups, *numbers = line.split()
        out.append(f"{sk} {protocol:<3} {pid:<6} {groups} " + " ".join(f"{n:<8}" for n in numbers))
    return "".join(line + "\n" for line in out).encode()


def without_cgroup2(text, kernel):
    return text if kernel.version >= CGROUP2_SINCE else \
        b"".join(line for line in text.splitlines(True) if b" cgroup2 " not in line)


FILES = {"net/netstat": without_counters, "net/snmp": without_counters, "net/netlink": narrow_netlink,
         "mounts": without_cgroup2, "self/mounts": without_cgroup2}


def host(payload, release):
    """The first record with another kernel."""
    name, at = cf.read_text(payload, 28)
    _, at = cf.read_text(payload, at)
    machine, _ = cf.read_text(payload, at)
    return payload[:28] + cf.text(name) + cf.text(release.encode()) + cf.text(machine)


def made(kernel, recorded):
    """The records of a host with that kernel."""
    out, dropping = [], False
    for kind, payload in recorded:
        if kind == cf.END:
            continue
        if kind == cf.REQUEST:
            raw = len(payload) > 30 and payload[28] in (AF_INET, AF_INET6) and payload[29] == RAW and \
                struct.unpack_from("=I", payload)[0] == cf.SOCK_DIAG
            dropping = raw and kernel.version < RAW_DIAG_SINCE
        if dropping and kind in (cf.REQUEST, cf.REPLY):
            continue
        if kind == cf.HOST:
            payload = host(payload, f"{kernel}.0-made")
        elif kind == cf.FILE and cf.file_name(payload) in FILES:
            at = cf.read_text(payload, 8)[1]
            payload = payload[:at] + FILES[cf.file_name(payload)](payload[at:], kernel)
        elif kind == cf.REPLY:
            payload = payload[:8] + rewritten(payload[8:], of_kernel(kernel))
        out.append((kind, payload))
    return out

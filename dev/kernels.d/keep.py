# Writes what a guest recorded to tests/data/kernels/VERSION: the capture, without the files that no test reads and
# without the kernel's own threads, and the originals' output in one file.
#
#   keep.py RECORDED COMMANDS DATA
#
# SPDX-License-Identifier: GPL-2.0-or-later
import gzip
import pathlib
import re
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "differential"
sys.dont_write_bytecode = True
sys.path.insert(0, str(TESTS))
import capture_file as cf  # noqa: E402

# Files that no listing reads, or one of whose kind is enough.
UNREAD = re.compile(r"net/(rt_acct|dev_snmp6/|protocols$|fib_|xfrm_stat|anycast|ptype|psched|arp$|dev_mcast|softnet|"
                    r"mcfilter|ip6_mr|ip_mr|wireless|rt_cache|rt6_stats|icmp|netfilter/|ip6_flowlabel|can|"
                    r"stat/|ip_tables|ip6_tables|route6|nf_|pnp|bonding|l2cap|rfcomm)|"
                    r"sys/net/(?!ipv4/(ip_local_port_range|ip_local_reserved_ports|tcp_max_tw_buckets|tcp_tw_reuse)$|"
                    r"core/somaxconn$)|"
                    r"\d+/.*(limits|attr/current)$|filesystems$|sys/fs/|stat$(?<!/stat)")


def kept(records):
    """The records without unread files, kernel threads and counts of descriptors."""
    threads = {name.split("/")[0] for name, text in cf.files(records).items()
               if re.fullmatch(r"\d+/stat", name) and text.rpartition(b")")[2].split()[1] in (b"0", b"2") and
               not name.startswith("1/")}
    dropping = False
    for kind, payload in records:
        if kind == cf.FILE:
            name = cf.file_name(payload)
            dropping = bool(UNREAD.match(name)) or name.split("/")[0] in threads
        dropped = kind in (cf.FILE, cf.FILE_DATA) and dropping
        dropped |= kind in (cf.TASK, cf.DESCRIPTORS) and str(struct.unpack_from("=I", payload)[0]) in threads
        if kind != cf.END and not dropped:
            yield kind, payload


def main():
    recorded, commands, data = map(pathlib.Path, sys.argv[1:])
    release = (recorded / "release").read_text().strip()
    out = data / re.match(r"\d+\.\d+", release)[0]
    out.mkdir(parents=True, exist_ok=True)
    capture = cf.written(list(kept(list(cf.records((recorded / "capture").read_bytes())))))
    (out / "capture.gz").write_bytes(gzip.compress(capture, mtime=0))
    sections = []
    for number, line in enumerate(commands.read_text().splitlines(), 1):
        part = {end: (recorded / "expected" / f"{number}.{end}").read_bytes() for end in ("out", "err", "status")}
        words = line.replace("/bin/", "").removeprefix("- ").encode()
        sections.append(b"=== " + words + b"\n" + part["out"] + b"--- stderr\n" + part["err"] + b"--- status " +
                        part["status"])
    (out / "originals").write_bytes(b"".join(sections))
    print(f"{release}: {len(capture)} bytes of capture, {len(sections)} commands")


main()

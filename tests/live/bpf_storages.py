# The part of tests/live/bpf_storages.sh that runs in its network namespace: bpf_storages.py SS. Makes maps of socket
# storage by bpf(2) and compares the output of ss with that of ss of iproute2 7.1.0 (with libbpf 1.1.2) for the same
# sockets.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from socket_storage import CALL, MAP_CREATE, bpf, id_of, load_types, make_map, store  # noqa: E402  (writes no bytecode)

SS = sys.argv[1]
NOBODY = 65534
ARRAY = 2  # BPF_MAP_TYPE_ARRAY
number = 0


def ss(*args, user=None, **environment):
    ran = subprocess.run([SS, *args], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment},
                         user=user, group=user, extra_groups=[] if user else None)
    return ran.stdout, ran.stderr, ran.returncode


def check(what, got, wanted):
    global number
    number += 1
    print(f"{'ok' if got == wanted else 'not ok'} {number} - {what}")
    if got != wanted:
        print(f"#   got    {got!r}\n#   wanted {wanted!r}")


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit()


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 8080))
    listener.listen(1)
    other = socket.socket(socket.AF_INET)  # no UDP socket: kernels report only the storages of TCP sockets
    other.bind(("127.0.0.2", 8081))
    other.listen(1)
    if CALL is None or sys.byteorder != "little":
        skip_all("the number of bpf(2) or the bytes of values are not known for this machine")
    try:
        btf = load_types()
        pairs, bits = make_map(btf, 4, 8), make_map(btf, 5, 4)
    except OSError as error:
        skip_all(f"no maps of socket storage: {error}")
    store(pairs, listener, struct.pack("=i4s", -5, b"hi"))
    store(pairs, other, struct.pack("=i4s", 7, b"wxyz"))
    store(bits, other, struct.pack("=i", 5))
    pair, bit = id_of(pairs), id_of(bits)
    tcp, tcp2 = (f"LISTEN 0      1      127.0.0.{n}:808{n - 1} 0.0.0.0:*" for n in (1, 2))
    tcp_value = f"\n\tmap_id:{pair} [\n\t\t(struct pair){{\n\t\t\t.a = (int)-5,\n\t\t\t.s = (char[4])[\n"
    tcp_value += f"\t\t\t\t'h',\n\t\t\t\t'i',\n\t\t\t\t\t\t\t],\n\t\t}}\n\t]"
    tcp_line = f" map_id:{pair}(struct pair){{.a = (int)-5,.s = (char[4])['h','i',],}}"
    tcp2_line = f" map_id:{pair}(struct pair){{.a = (int)7,.s = (char[4])['w','x','y','z',],}}"
    bit_value = f"\n\tmap_id:{bit} [\n\t\t(struct bits){{\n\t\t\t.a = (int)0x5,\n\t\tfailed to dump data: -7\n\t]"
    bit_line = f" map_id:{bit}(struct bits){{.a = (int)0x5,failed to dump data: -7"
    refused = "ss: cannot get fd for BPF map ID"

    check("all maps", ss("-tlnH", "--bpf-maps", "sport = 8080"), (f"{tcp}{tcp_value}\n", "", 0))
    check("all maps, one line", ss("-tlnHO", "--bpf-maps", "sport = 8080"), (f"{tcp}{tcp_line}\n", "", 0))
    check("several maps of a socket", ss("-tlnHO", "--bpf-maps", "sport = 8081"),
          (f"{tcp2}{bit_line}{tcp2_line}\n", "", 0))
    check("one map", ss("-tlnH", f"--bpf-map-id={bit}", "sport = 8081"), (f"{tcp2}{bit_value}\n", "", 0))
    check("two maps, in the order of the options", ss("-tlnHO", "src 127.0.0.2", f"--bpf-map-id={pair}",
                                                      f"--bpf-map-id={bit:#x}"),
          (f"{tcp2}{tcp2_line}{bit_line}\n", "", 0))
    check("a map that the socket is not in", ss("-tlnH", f"--bpf-map-id={bit}", "sport = 8080"), (f"{tcp}\n", "", 0))
    check("behind -m", ss("-tlnHOm", f"--bpf-map-id={pair}", "sport = 8080")[0].endswith(f"){tcp_line}\n"), True)
    for word in ("x", "0", "-1", "", "1x", "4294967295"):
        check(f"\"{word}\" is no map", ss("-tln", "--bpf-map-id", word), ("", f"ss: invalid BPF map ID {word}\n", 1))
    check("a map that is not there", ss("-tln", "--bpf-map-id=999999999"), ("", f"{refused} 999999999\n", 1))
    array = bpf(MAP_CREATE, struct.pack("=IIIII", ARRAY, 4, 4, 1, 0))
    check("a map of another kind", ss("--bpf-map-id", str(id_of(array))),
          ("", f"ss: BPF map with ID {id_of(array)} has type ID 2, expecting 24 ('sk_storage')\n", 1))
    both = "ss: --bpf-maps and --bpf-map-id cannot be used together\n"
    check("one map after all", ss("--bpf-maps", "--bpf-map-id=1"), ("", both, 1))
    check("all maps after one", ss(f"--bpf-map-id={pair}", "--bpf-maps"), ("", both, 255))
    check("nobody: a map", ss("-tlnH", f"--bpf-map-id={pair}", user=NOBODY),
          ("", f"{refused} {pair}: missing root permissions, CAP_BPF, or CAP_SYS_ADMIN\n", 1))
    check("nobody: all maps means none, with the old request", ss("-tlnHe", "--bpf-maps", user=NOBODY),
          ss("-tlnHe"))
    other.close()
    replays(pair, tcp, tcp_value)
    limit(btf, listener, tcp)
    print(f"1..{number}")


def replays(pair, tcp, tcp_value):
    """A recorded answer shows everything in it, requested or not; its maps are the current ones."""
    dump = os.path.join(os.path.dirname(SS), "dump")
    ss("-tln", "--bpf-maps", "-D", dump)
    with open(dump, "rb") as file:
        recorded = file.read()

    def replay(what, changed, wanted):
        with open(dump, "wb") as file:
            file.write(changed)
        check(what, ss("-tlnH", TCPDIAG_FILE=dump), wanted)

    map_id = b"\x08\0\2\0" + struct.pack("=I", pair)
    replay("recorded, not asked", recorded, (f"{tcp}{tcp_value}\n", "", 0))
    replay("recorded, and gone since", recorded.replace(map_id, map_id[:4] + b"\xff\xe0\xf5\x05"),
           (f"{tcp}\n\tmap_id: 99999999 failed to fetch info, skipping\n\n",
            "ss: cannot get fd for BPF map ID 99999999\n", 0))
    replay("recorded, of another size", recorded.replace(b"\x0c\0\3\0", b"\x0b\0\3\0"),
           (f"{tcp}\n", f"map_id: {pair}: invalid value size, expecting 8, got 7\n", 0))
    replay("recorded, without a value", recorded.replace(b"\x0c\0\3\0", b"\x0c\0\7\0"), (f"{tcp}\n", "", 0))


def limit(btf, listener, tcp):
    maps = [make_map(btf, 1, 4) for _ in range(34)]
    ids = [id_of(fd) for fd in maps]
    many = "ss: too many (> 32) BPF socket-local storage maps found, skipping map ID"
    check("33 maps by name", ss("-tlnHO", *(f"--bpf-map-id={one}" for one in ids[:33])),
          (f"{tcp}\n", f"{many} {ids[32]}\n", 0))
    try:
        for value, fd in enumerate(maps):
            store(fd, listener, struct.pack("=i", value))
    except OSError as error:
        print(f"# no more values than {value}: {error}")
        return
    out, err, status = ss("-tlnHO", "--bpf-maps")
    shown = [(ids[value], value) for value in range(33, 1, -1)]
    shown += [(ids[2], 1), (ids[2], 0)]
    check("34 maps of one socket", (out.startswith(f"{tcp}" + "".join(f" map_id:{i}(int){v}" for i, v in shown)),
                                    err.startswith(f"{many} {ids[1]}\n{many} {ids[0]}\n"), status), (True, True, 0))


main()

# Recorded inputs of any size, for counting instructions: raw sock_diag answers and proc trees, made up but likely.
#
# usage: inputs.py DIRECTORY SOCKETS       makes DIRECTORY/plain, DIRECTORY/rich (TCPDIAG_FILE) and DIRECTORY/proc
# (PROC_ROOT)
#
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import struct
import sys

SOCK_DIAG_BY_FAMILY, NLMSG_DONE, MULTI = 20, 3, 2
PROCESSES = 4  # too few for two threads: the count must not depend on the machine
FIRST_INODE = 100000


def endpoints(i):
    """(local address, local port, remote address, remote port) of socket i; every fifth is IPv6."""
    local, remote = (10 << 24) + i // 250, (192 << 24) + (168 << 16) + i % 65000
    pack = lambda v: struct.pack(">I", v)
    if i % 5 == 4:
        prefix = bytes.fromhex("20010db8000000000000000a")
        return prefix + pack(local), 443, prefix + pack(remote), 1024 + i % 60000
    return pack(local), (22, 80, 443, 7000)[i % 4], pack(remote), 1024 + i * 7 % 60000


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def tcp_info(i):
    bytes_ = struct.pack("=8B", 1, 0, 0, 0, 0, 7, 0x77, 0)
    words = [204000, 40000, 1448, 536 + i % 900, 0, 0, 0, 0, 0, i % 9000, 0, i % 8000, i % 7000, 1500, 64076,
             350 + i * 13 % 90000, 40 + i % 5000, 0xffff, 10 + i % 40, 1448, 3, 0, 14480, 0]
    longs = [10 ** 6 + i * 1001, 2 ** 64 - 1, i * 997, i * 499]
    tail = [100 + i % 900, 90 + i % 800, 0, 300 + i % 600, 50 + i % 300, 40 + i % 200]
    more = [10 ** 7 + i * 333, 120000 + i, 0, 0]
    last = struct.pack("=IIQQIII", 60 + i % 300, 0, i * 997, 0, 0, 0, 64256)
    return bytes_ + struct.pack("=24I", *words) + struct.pack("=4Q", *longs) + struct.pack("=6I", *tail) + \
        struct.pack("=4Q", *more) + last


def message(i, rich):
    local, sport, remote, dport = endpoints(i)
    family = 10 if len(local) == 16 else 2
    body = struct.pack("=BBBB", family, 1, 0, 0) + struct.pack(">HH", sport, dport)
    body += local.ljust(16, b"\0") + remote.ljust(16, b"\0") + struct.pack("=III", 0, i + 1, 0)
    body += struct.pack("=5I", 0, i % 3 * 128, i % 7 * 64, 1000 + i % 5, FIRST_INODE + i)
    body += attribute(8, b"\0") + attribute(15, struct.pack("=I", 0)) + attribute(21, struct.pack("=Q", 1))
    if rich:
        memory = (0, 131072, 0, 2626560, 0, 0, 0, 0, 0)
        body += attribute(7, struct.pack("=9I", *memory)) + attribute(4, b"cubic\0") + attribute(2, tcp_info(i))
    return struct.pack("=IHHII", 16 + len(body), SOCK_DIAG_BY_FAMILY, MULTI, 123456, 1) + body


def answer(sockets, rich):
    done = struct.pack("=IHHIIi", 20, NLMSG_DONE, MULTI, 123456, 1, 0)
    return b"".join(message(i, rich) for i in range(sockets)) + done


def text_address(address):
    return "".join(f"{struct.unpack('=I', address[at:at + 4])[0]:08X}" for at in range(0, len(address), 4))


def text_row(number, i, state, timeout):
    local, sport, remote, dport = endpoints(i)
    return (f"{number:4d}: {text_address(local)}:{sport:04X} {text_address(remote)}:{dport:04X} {state:02X} "
            f"{i % 7 * 64:08X}:{i % 3 * 128:08X} 00:00000000 00000000 {1000 + i % 5:5d} {0:8d} {FIRST_INODE + i} "
            f"{timeout}\n")


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def tables(root, sockets):
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    six = [i for i in range(sockets) if i % 5 == 4]
    four = [i for i in range(sockets) if i % 5 != 4]
    for name, rows, state, end in (("tcp", four, 1, "1 0000000000000000 20 4 30 10 -1"),
                                   ("tcp6", six, 1, "1 0000000000000000 20 4 30 10 -1"),
                                   ("udp", four, 7, "2 0000000000000000 0"), ("udp6", six, 7, "2 0000000000000000 0")):
        write(f"{root}/net/{name}", head + "".join(text_row(n, i, state, end) for n, i in enumerate(rows)))
    write(f"{root}/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n" + "".join(
        f"0000000000000000: 00000003 00000000 00000000 0001 03 {FIRST_INODE + i:5d}" +
        (f" /run/service/{i}.sock\n" if i % 3 else "\n") for i in range(sockets)))


def processes(root, sockets):
    for process in range(PROCESSES):
        pid = 1000 + process
        os.makedirs(f"{root}/{pid}/fd")
        write(f"{root}/{pid}/stat", f"{pid} (server{process}) S 1 {pid} {pid} 0 -1\n")
        write(f"{root}/{pid}/cmdline", f"/usr/sbin/server{process}\0--verbose\0")
        for fd, i in enumerate(range(process, sockets, PROCESSES)):
            os.symlink(f"socket:[{FIRST_INODE + i}]", f"{root}/{pid}/fd/{fd + 3}")


def main():
    directory, sockets = sys.argv[1], int(sys.argv[2])
    write(f"{directory}/plain", answer(sockets, False))
    write(f"{directory}/rich", answer(sockets, True))
    tables(f"{directory}/proc", sockets)
    processes(f"{directory}/proc", sockets)


if __name__ == "__main__":
    main()

# A directory served through FUSE as LXCFS serves files of /proc: their size is 0, and a read returns less than was
# asked for. Speaks the kernel's protocol (include/uapi/linux/fuse.h) itself, so that no library is needed.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import errno
import os
import signal
import stat
import struct

import namespace

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT = 1, 2, 3, 14, 15, 17, 18, 25, 26
OPENDIR, READDIR, RELEASEDIR, BATCH_FORGET = 27, 28, 29, 42
DIRECT_IO = 1
SHORT = 97  # bytes of one read
ROOT = 1


class Server:
    """Serves a tree that does not change."""

    def __init__(self, device, source):
        self.device, self.paths, self.numbers = device, {ROOT: source}, {source: ROOT}

    def number(self, path):
        if path not in self.numbers:
            self.numbers[path] = len(self.numbers) + 1
            self.paths[self.numbers[path]] = path
        return self.numbers[path]

    def attributes(self, path):
        directory = os.path.isdir(path)
        mode = stat.S_IFDIR | 0o555 if directory else stat.S_IFREG | 0o444
        return struct.pack("=QQQQQQIIIIIIIIII", self.number(path), 0, 0, 0, 0, 0, 0, 0, 0, mode, 1 + directory, 0, 0, 0,
                           4096, 0)

    def answer(self, opcode, node, body):
        """The reply's body; None: there is none. Raises OSError."""
        path = self.paths.get(node)
        if opcode == INIT:
            return struct.pack("=IIIIHHIIHH32x", 7, 31, 0, 0, 0, 0, 4096, 1, 1, 0)
        if opcode in (FORGET, BATCH_FORGET):
            return None
        if opcode == LOOKUP:
            path = os.path.join(path, os.fsdecode(body.rstrip(b"\0")))
            if not os.path.exists(path):
                raise OSError(errno.ENOENT, "")
            return struct.pack("=QQQQII", self.number(path), 0, 0, 0, 0, 0) + self.attributes(path)
        if opcode == GETATTR:
            return struct.pack("=QII", 0, 0, 0) + self.attributes(path)
        if opcode in (OPEN, OPENDIR):
            return struct.pack("=QII", 0, DIRECT_IO if opcode == OPEN else 0, 0)
        if opcode in (RELEASE, RELEASEDIR, FLUSH):
            return b""
        offset, size = struct.unpack_from("=QI", body, 8) if opcode in (READ, READDIR) else (0, 0)
        if opcode == READ:
            with open(path, "rb") as file:
                file.seek(offset)
                return file.read(min(size, SHORT))
        if opcode == READDIR:
            return self.entries(path, offset, size)
        raise OSError(errno.ENOSYS, "")

    def entries(self, path, offset, size):
        out = b""
        for place, name in list(enumerate(sorted(os.listdir(path)), 1))[offset:]:
            raw, child = os.fsencode(name), os.path.join(path, name)
            kind = stat.S_IFDIR if os.path.isdir(child) else stat.S_IFREG
            entry = struct.pack("=QQII", self.number(child), place, len(raw), kind >> 12) + raw
            entry += b"\0" * (-len(entry) % 8)
            if len(out) + len(entry) > size:
                break
            out += entry
        return out

    def serve(self):
        while True:
            try:
                request = os.read(self.device, 1 << 17)
            except OSError as error:
                if error.errno == errno.ENODEV:  # unmounted
                    return
                continue
            _, opcode, unique, node = struct.unpack_from("=IIQQ", request)
            code = 0
            try:
                body = self.answer(opcode, node, request[40:])
            except OSError as error:
                code, body = -error.errno, b""
            if body is not None:
                os.write(self.device, struct.pack("=IiQ", 16 + len(body), code, unique) + body)


class Mounted:
    """Mounts `source` on `target` for a while. Raises namespace.Unavailable."""

    def __init__(self, source, target):
        self.source, self.target = source, target

    def __enter__(self):
        try:
            device = os.open("/dev/fuse", os.O_RDWR)
        except OSError as error:
            raise namespace.Unavailable(f"/dev/fuse: {error.strerror}") from error
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        done = namespace.libc.mount(b"lxcfs", os.fsencode(self.target), b"fuse", ctypes.c_ulong(6), options)
        if done != 0:
            os.close(device)
        namespace.checked("mount of FUSE", done)
        self.child = os.fork()
        if self.child == 0:
            try:
                Server(device, self.source).serve()
            finally:
                os._exit(0)
        os.close(device)
        return self

    def __exit__(self, *problem):
        namespace.libc.umount2(os.fsencode(self.target), 2)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)

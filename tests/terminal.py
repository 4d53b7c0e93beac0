# A pseudo-terminal of a chosen width that passes bytes through unchanged and returns everything written to it.
#
# When the last writer closes its end, its output may still be in transit inside the kernel, and a reader can get
# "closed" (EIO) too early, which loses the end of the output. Therefore the writing end stays open here until the
# program has ended; then a mark is written after its output, and reading continues up to the mark.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import fcntl
import os
import pty
import struct
import termios
import threading

MARK = b"\x00end of what the program wrote\x00"


class Terminal:
    """Give `writer` to the program, call start() once it runs, and finish() once it has ended."""

    def __init__(self, columns, rows=40):
        self.master, self.writer = pty.openpty()
        fcntl.ioctl(self.writer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        attributes = termios.tcgetattr(self.writer)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(self.writer, termios.TCSANOW, attributes)
        self.text = bytearray()
        self.reader = threading.Thread(target=self._read)

    def start(self):
        self.reader.start()

    def _read(self):
        while not self.text.endswith(MARK):
            self.text += os.read(self.master, 1 << 16)

    def finish(self):
        os.write(self.writer, MARK)
        self.reader.join()
        os.close(self.writer)
        os.close(self.master)
        return bytes(self.text[: -len(MARK)])

# A pseudo-terminal of a chosen width that passes bytes on as they are, and gives back all that was written to it.
#
# When the last writer closes its end, what it wrote may still be on its way inside the kernel, and a reader can be told
# "closed" (EIO) too early, so that the end of the output is lost. So the writing end stays open here until the
# program has ended; then a mark is written behind its output, and reading goes on until the mark is there.
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

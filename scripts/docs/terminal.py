"""A terminal that writes down what is printed on it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading
import tty

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    def __init__(self, columns=100, rows=40):
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.path = os.ttyname(self._slave)
        self._bytes = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while data := os.read(self._master, 65536):
                self._bytes += data
        except OSError:
            pass

    def text(self):
        """What stands on the terminal: a line that was overwritten shows its last form."""
        text = CONTROL.sub("", self._bytes.decode(errors="replace"))
        return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))

    def close(self):
        os.close(self._slave)
        os.close(self._master)

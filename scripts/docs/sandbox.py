"""A home of its own for commands, and the end of all that was started in it."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


class Sandbox:
    def __init__(self, programs):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="psparty-docs-"))
        self.home = self.path / "home"
        self.work = self.path / "work"
        for folder in (self.home, self.work, self.path / "tmp"):
            folder.mkdir()
        self.variables = {
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.path / "tmp"),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "NO_COLOR": "1",
            "TZ": "UTC",
        }
        self.programs = programs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(
            [self.programs / "psparty-sim", "stop"], env=self.variables, stdin=subprocess.DEVNULL, capture_output=True, timeout=30
        )
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + 3
            while self._signal(number) and time.monotonic() < deadline:
                time.sleep(0.05)
        shutil.rmtree(self.path, ignore_errors=True)

    def _signal(self, number):
        """Signals each process whose home is this one; a daemon's as well. Says whether there was one."""
        mark = f"HOME={self.home}".encode()
        found = False
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), number)
                    found = True
            except OSError:
                continue
        return found

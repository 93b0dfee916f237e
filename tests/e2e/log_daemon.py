"""asyncd with its log elsewhere than on a standard error of its own, and what its lines look
like."""

import glob
import os
import re
import socket
import tempfile
import time

from daemon import PATIENCE, Daemon

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (trace|debug|info |warn |error) .+"
LOST = r"log lines were dropped count=(\d+)"
LEFT_OUT = r"lines were left out handler=print count=(\d+)"


class LogDaemon(Daemon):
    """asyncd whose log is a file in a folder of its own; files whose names begin like its own
    belong to it."""

    def __init__(self, *arguments, **more):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "log")
        super().__init__("-o", f"log.file={self.path}", *arguments, **more)

    def __exit__(self, *what):
        super().__exit__(*what)
        self.folder.cleanup()

    def text(self):
        text = ""
        for path in glob.glob(self.path + "*"):
            with open(path, encoding="utf-8") as file:
                text += file.read()
        return text

    def errors(self):
        """What it says on standard error."""
        return super().text()


def numbered(numbers):
    return b"".join(b"n%d\n" % number for number in numbers)


def numbers_in(text):
    return sorted(map(int, re.findall(r" info  n(\d+) handler=print ", text)))


def total(pattern, text):
    return sum(map(int, re.findall(pattern, text)))


class PipedDaemon(Daemon):
    """asyncd with a pipe as standard error, and where that leads to."""

    def __init__(self, copy, *arguments, errors):
        super().__init__(*arguments, errors=errors)
        self.copy = copy

    def text(self):
        return os.pread(self.copy.fileno(), os.fstat(self.copy.fileno()).st_size, 0).decode()


def connect_to(path, process):
    """To a daemon whose log tells nothing."""
    for _ in range(PATIENCE * 100):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise AssertionError(f"no server on {path}")

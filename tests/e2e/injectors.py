"""What the fault tests share: their sizes, a configuration that changes, a process seen from
outside, and injectors.

ASYNCD_TEST_FULL=1 runs them at full size, which takes minutes.
"""

import functools
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from daemon import ASYNCD, PATIENCE, SANITIZED, Daemon

HANDLERS = os.environ["TEST_HANDLERS"]
EMULATED = len(ASYNCD) > 1

# Of a second of the processor: below it no thread spins. A sanitizer makes all that is done dearer.
QUIET = 0.2 if SANITIZED else 0.05


def size(few, full):
    """How many, in this run."""
    return full if os.environ.get("ASYNCD_TEST_FULL") else few


class Configured(Daemon):
    """asyncd with a configuration file of its own, which may be replaced while it serves."""

    def __init__(self, text, *arguments, **more):
        self.folder = tempfile.TemporaryDirectory(prefix="asyncd-e2e-")
        self.path = os.path.join(self.folder.name, "asyncd.toml")
        self.configure(text)
        self.reloads = 0
        super().__init__("-c", self.path, f"--handler-path={HANDLERS}", *arguments, listen=(),
                         **more)

    def __exit__(self, *outcome):
        super().__exit__(*outcome)
        self.folder.cleanup()

    def configure(self, text):
        """Writes the file anew, as an editor does: it is never there by half."""
        with open(self.path + ".new", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.replace(self.path + ".new", self.path)

    def reload(self, text=None):
        """Has it serve this configuration; returns once it says that it does."""
        if text is not None:
            self.configure(text)
        self.reloads += 1
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(" info  reloaded ", self.reloads)


def listener(handler, backend, name="main", address="127.0.0.1:0", **settings):
    """A [[listener]] as text."""
    keys = {"name": name, "address": address, "backend": backend, "handler": handler} | settings
    lines = (f"{key} = {value if isinstance(value, int) else toml(value)}"
             for key, value in keys.items())
    return "\n".join(["[[listener]]", *lines, ""])


def toml(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def until(condition, what):
    """Waits until the condition holds. `what`: its words, or what makes them once it does not
    come to pass."""
    for _ in range(PATIENCE * 100):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"this does not come to pass: {what() if callable(what) else what}")


def cpu_seconds(process):
    """What the process has used of the processors."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of_processor(process, seconds=1.0):
    """How much of one processor it uses."""
    before, start = cpu_seconds(process), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(process) - before) / (time.monotonic() - start)


def becomes_quiet(process):
    """Waits until it has done what it was asked for, and only waits. A process that spins never
    does."""
    until(lambda: share_of_processor(process) < QUIET, "it waits without spinning")


def resident(process):
    """Bytes of memory that it holds for itself, without the files that it runs."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"RssAnon:\s+(\d+) kB", file.read())[1]) << 10


def descriptors(process):
    return {int(name) for name in os.listdir(f"/proc/{process.pid}/fd")}


class Strace:
    """strace on a running asyncd, for as long as the `with` lasts: what it injects, and the
    calls that it saw."""

    def __init__(self, daemon, *options):
        need_strace()
        self.output = tempfile.NamedTemporaryFile("r", prefix="asyncd-strace-")
        self.said = tempfile.TemporaryFile("w+")
        command = ["strace", "-f", "-o", self.output.name, *options, "-p", str(daemon.process.pid)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=self.said)

    def __enter__(self):
        try:
            until(lambda: "attached" in self.words() or self.process.poll() is not None,
                  "strace attaches")
            if self.process.poll() is not None:
                raise AssertionError(f"strace has ended: {self.words()}")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # it lets go of asyncd then
        self.process.wait()
        self.lines()
        self.output.close()
        self.said.close()

    def words(self):
        return os.pread(self.said.fileno(), 10000, 0).decode()

    def lines(self):
        """What it has written, one line for each call that it saw or, where calls overlap, two."""
        if not self.output.closed:
            self.output.seek(0)
            self.seen = self.output.read().splitlines()
        return self.seen

    def injected(self):
        """How often it has injected something."""
        return sum("(INJECTED)" in line or "(DELAYED)" in line for line in self.lines())


@functools.cache
def why_no_strace():
    if EMULATED:
        return "an emulator's system calls are its own"
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        # That it attaches is enough; it ends when told to.
        trace = subprocess.run(["timeout", "-s", "INT", "0.3", "strace", "-o", os.devnull,
                                "-p", str(sleeper.pid)],
                               capture_output=True, text=True, timeout=PATIENCE)
        if "attached" in trace.stderr:
            return None
        return f"strace cannot trace here: {trace.stderr.strip()}"
    except FileNotFoundError:
        return "there is no strace here"
    finally:
        sleeper.kill()
        sleeper.wait()


def need_strace():
    why = why_no_strace()
    if why:
        raise unittest.SkipTest(why)

"""The real asyncd as a child process: started on a free port, stopped at the end, its log kept
for failures."""

import json
import os
import re
import resource
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

ASYNCD = shlex.split(os.environ["ASYNCD"])  # under an emulator: more than one word
PROGRAM = ASYNCD[-1]
with open(PROGRAM, "rb") as program:
    SANITIZERS = set(re.findall(rb"__([at]san)_init", program.read()))
SANITIZED = bool(SANITIZERS)
# Seconds; they pass only where something fails. On a loaded machine everything takes longer.
PATIENCE = 120
# asyncd's own deadlines suit users on the network. A test that is about a deadline sets that one
# itself.
PATIENT_LIMITS = [f"-olimits.{name}_timeout=10m" for name in ("first_byte", "idle", "message",
                                                              "call", "write")]


SETTINGS = {"ASYNCD_SECURITY_TRUST": "any"}  # whose the tests' files are does not matter
if SANITIZED:  # starting a process takes long then, and test_trial.py tries libraries all the same
    SETTINGS["ASYNCD_SECURITY_TRY_LIBRARIES"] = "false"


def environment(more=None):
    """This process's environment without what asyncd would take from it, but with the tests'
    settings."""
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith(("ASYNCD_", "XDG_"))}
    return clean | SETTINGS | (more or {})


def run(*arguments, variables=None, **more):
    return subprocess.run([*ASYNCD, *arguments], capture_output=True, text=True, timeout=PATIENCE,
                          env=environment(variables), **more)


BACKENDS = [row["name"] for row in json.loads(run("backends", "--json").stdout) if row["available"]]
CONCURRENT = [name for name in BACKENDS if name != "blocking"]
EVENT_LOOPS = [name for name in CONCURRENT if name not in ("thread-per-connection", "thread-pool")]


def sets_deadlines(arguments):
    """Whether a configuration file among the arguments has deadlines of its own, which a flag
    would overrule."""
    for flag, path in zip(arguments, arguments[1:]):
        if flag == "-c" and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                return "_timeout" in file.read()
    return False


class Watched(subprocess.Popen):
    """asyncd with ThreadSanitizer, which loses some of the signals that come while the main
    thread computes."""

    def send_signal(self, how):
        for _ in range(200):
            if self.waits():
                break
            time.sleep(0.01)
        super().send_signal(how)

    def waits(self):
        """Whether its main thread waits for a signal, is stopped, or has ended."""
        try:
            with open(f"/proc/{self.pid}/wchan", encoding="ascii") as file:
                return re.search("poll|stop", file.read()) is not None
        except OSError:
            return True


class Daemon:
    """asyncd with the given arguments; `with Daemon(...) as daemon:` ends it.

    Unless they or the configuration file set deadlines, connections have more time than any test
    takes.
    """

    def __init__(self, *arguments, program=ASYNCD, listen=("127.0.0.1:0",), variables=None,
                 errors=None, **more):
        self.log = tempfile.TemporaryFile()
        self.ports = {}  # of its listeners, as far as a test has asked: the log becomes long
        listeners = [f"--listen={address}" for address in listen]
        # Of two values of a setting, the last one counts.
        patient = [] if sets_deadlines(arguments) else PATIENT_LIMITS
        start = Watched if program is ASYNCD and b"tsan" in SANITIZERS else subprocess.Popen
        self.process = start([*program, *patient, *arguments, *listeners],
                             stdout=subprocess.DEVNULL,
                             stderr=errors or self.log, env=environment(variables), **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def text(self):
        # The position of the file is asyncd's, too, so it must not move.
        return os.pread(self.log.fileno(), os.fstat(self.log.fileno()).st_size, 0).decode()

    def wait_for(self, pattern, count=1):
        """What its log has for the pattern, once there is so much of it."""
        for _ in range(PATIENCE * 100):
            found = re.findall(pattern, self.text())
            if len(found) >= count:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"asyncd does not say {pattern!r} {count} times:\n{self.text()}")

    def addresses(self, count=1):
        """The addresses that it says it listens on, once there are so many."""
        return self.wait_for(r"listening address=(\S+)", count)

    def port(self, listener=0):
        if listener not in self.ports:
            self.ports[listener] = int(self.addresses(listener + 1)[listener].rsplit(":", 1)[1])
        return self.ports[listener]

    def serves_one(self):
        """Whether it serves one client at a time, and the others wait."""
        return self.wait_for(r"listening .*backend=(\S+)")[0] == "blocking"

    def connect(self, listener=0):
        return socket.create_connection(("127.0.0.1", self.port(listener)), PATIENCE)

    def stop(self, how=signal.SIGTERM):
        """The exit code after a signal."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def end(self):
        """Drains it. Its books, which have to balance: accepted, closed, rejected."""
        code = self.stop()
        books = re.findall(r"stopped accepted=(\d+) closed=(\d+) rejected=(\d+) active=0 ",
                           self.text())
        if code == 0 and len(books) == 1:
            accepted, closed, rejected = map(int, books[0])
            if accepted == closed + rejected:
                return accepted, closed, rejected
        raise AssertionError(f"asyncd ended with code {code}:\n{self.text()}")


def on_each_backend(*arguments, backends=tuple(BACKENDS), make=Daemon, **more):
    """Runs test(self, daemon) with a daemon of each backend, and ends what still runs after it."""

    def decorate(test):
        def run_all(self):
            for backend in backends:
                command = ("--no-config", f"--backend={backend}", *arguments)
                with self.subTest(backend=backend), make(*command, **more) as daemon:
                    test(self, daemon)
                    if daemon.process.poll() is None:
                        daemon.end()

        return run_all

    return decorate


def need_descriptors(count):
    """Lets this process have so many open, or skips the test that needs them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise unittest.SkipTest(f"at most {hard} descriptors may be open here, {count} are needed")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def exchange(connection, data):
    """Sends, half-closes, and reads until the server's end."""
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    return read_to_end(connection)


def ask(connection, line):
    """Sends a line and reads one."""
    connection.sendall(line)
    return read_line(connection)


def read_to_end(connection):
    received = b""
    while chunk := connection.recv(1 << 20):
        received += chunk
    return received


def read_line(connection):
    """Or what comes of it before the end."""
    received = b""
    while not received.endswith(b"\n") and (chunk := connection.recv(65536)):
        received += chunk
    return received


def reset(connection):
    """Closes it so that the other side hears of a reset, not of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

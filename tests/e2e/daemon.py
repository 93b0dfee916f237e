"""The real asyncd as a child process: started on a free port, stopped at the end, its log kept for failures."""

import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

ASYNCD = shlex.split(os.environ["ASYNCD"])  # under an emulator: more than one word
PATIENCE = 30


class Daemon:
    """asyncd with the given arguments; `with Daemon(...) as daemon:` ends it."""

    def __init__(self, *arguments, listen=("127.0.0.1:0",), environment=None):
        self.log = tempfile.TemporaryFile(mode="w+")
        listeners = [f"--listen={address}" for address in listen]
        settings = {key: value for key, value in os.environ.items() if not key.startswith("ASYNCD_")}
        settings.update(environment or {})
        self.process = subprocess.Popen([*ASYNCD, *arguments, *listeners], stdout=subprocess.DEVNULL,
                                        stderr=self.log, env=settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def text(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def addresses(self, count=1):
        """The addresses that it says it listens on, once there are so many."""
        for _ in range(PATIENCE * 100):
            found = re.findall(r"listening address=(\S+)", self.text())
            if len(found) >= count:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError("asyncd does not listen:\n" + self.text())

    def port(self):
        return int(self.addresses()[0].rsplit(":", 1)[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port()), PATIENCE)

    def stop(self, how=signal.SIGTERM):
        """The exit code after a signal."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def exchange(connection, data):
    """Sends, half-closes, and reads until the server's end."""
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def run(*arguments, **more):
    return subprocess.run([*ASYNCD, *arguments], capture_output=True, text=True, timeout=PATIENCE, **more)

"""Short reads and writes, slow calls and a jumping clock, by a library that is preloaded: not a
byte is different."""

import os
import random
import socket
import struct
import tempfile
import threading
import time
import unittest

from daemon import BACKENDS, PATIENCE, Daemon, ask
from injectors import EMULATED, size

SHIM = os.environ["SHIM"]
KINDS = ("reads", "writes", "delays", "jumps")
BYTES = size(100_000, 4_000_000)

# The most that one call moves, how long some of them take, and what has to have come to pass.
CONDITIONS = {
    "tiny": ({"SHIM_READ": 7, "SHIM_WRITE": 5}, ("reads", "writes")),
    "small": ({"SHIM_READ": 300, "SHIM_WRITE": 1000}, ("reads", "writes")),
    "short writes": ({"SHIM_WRITE": 3000}, ("writes",)),
    "slow": ({"SHIM_READ": 5000, "SHIM_WRITE": 5000, "SHIM_DELAY_US": 500},
             ("reads", "writes", "delays")),
}


class Shimmed(Daemon):
    """asyncd over the shim; `counts` is what that has done."""

    def __init__(self, *arguments, conditions, **more):
        self.counted = tempfile.NamedTemporaryFile(prefix="asyncd-shim-")
        self.counted.write(bytes(8 * len(KINDS)))
        self.counted.flush()
        variables = {"LD_PRELOAD": SHIM, "SHIM_COUNTS": self.counted.name}
        variables |= {name: str(value) for name, value in conditions.items()}
        # AddressSanitizer wants to come first, and can do without.
        variables["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        super().__init__("--no-config", *arguments, variables=variables, **more)

    def __exit__(self, *outcome):
        super().__exit__(*outcome)
        self.counted.close()

    def counts(self):
        numbers = os.pread(self.counted.fileno(), 8 * len(KINDS), 0)
        return dict(zip(KINDS, struct.unpack(f"={len(KINDS)}Q", numbers)))


def some_lines(count):
    """So many bytes of lines of all lengths, the same each time."""
    chance = random.Random(count)
    lines = []
    while count > 0:
        line = chance.randbytes(chance.choice((0, 1, 10, 223, 224, 1000, 30000)))[:count - 1]
        lines.append(line.replace(b"\n", b"n").replace(b"\r", b"r") + b"\n")
        count -= len(lines[-1])
    return b"".join(lines)


class OnUnixSocket(Shimmed):
    """epoll takes what a short read on TCP has left for nothing, as epoll(7) says it may. On
    these it reads on."""

    def __init__(self, *arguments, **more):
        self.folder = tempfile.TemporaryDirectory(prefix="asyncd-shim-")
        self.path = os.path.join(self.folder.name, "socket")
        super().__init__(*arguments, listen=(f"unix:{self.path}",), **more)

    def __exit__(self, *outcome):
        super().__exit__(*outcome)
        self.folder.cleanup()

    def connect(self, listener=0):
        self.addresses()
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        client.connect(self.path)
        return client


def shimmed(backend, conditions):
    kind = OnUnixSocket if backend == "epoll" and "SHIM_READ" in conditions else Shimmed
    return kind(f"--backend={backend}", "--handler=echo", conditions=conditions)


@unittest.skipIf(EMULATED, "an emulator loads libraries of its own system")
class Shim(unittest.TestCase):
    def echoes(self, daemon, data):
        """All of it is sent while the answers are read."""
        with daemon.connect() as client:
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            received = bytearray()
            while len(received) < len(data) and (chunk := client.recv(1 << 16)):
                received += chunk
            sender.join()
            self.assertEqual(len(received), len(data))
            self.assertEqual(bytes(received), data)

    def test_pipelined_data_come_back_as_they_were(self):
        data = some_lines(BYTES)
        for backend in BACKENDS:
            for name, (conditions, kinds) in CONDITIONS.items():
                with self.subTest(backend=backend, conditions=name), \
                        shimmed(backend, conditions) as daemon:
                    for _ in range(2):
                        self.echoes(daemon, data)
                    self.assertEqual(daemon.end(), (2, 2, 0))
                    for kind in kinds:
                        self.assertLess(2, daemon.counts()[kind], kind)

    def test_without_conditions_it_does_nothing(self):
        with Shimmed("--handler=echo", conditions={}) as daemon:
            self.echoes(daemon, some_lines(BYTES))
            self.assertEqual(daemon.end(), (1, 1, 0))
            self.assertEqual(set(daemon.counts().values()), {0})

    def test_a_wall_clock_that_jumps_moves_no_deadline(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), \
                    Shimmed(f"--backend={backend}", "--handler=echo", "-v",
                            "-o", "limits.first_byte_timeout=2s",
                            conditions={"SHIM_CLOCK": 3600}) as daemon:
                with daemon.connect() as client, daemon.connect() as silent:
                    for _ in range(5):
                        self.assertEqual(ask(client, b"still here\n"), b"still here\n")
                        time.sleep(0.05)
                    client.close()
                    self.assertEqual(silent.recv(100), b"")
                self.assertEqual(daemon.end(), (2, 2, 0))
                self.assertEqual(daemon.text().count("reason=first_byte_timeout"), 1)
                self.assertLess(2, daemon.counts()["jumps"])


if __name__ == "__main__":
    unittest.main()

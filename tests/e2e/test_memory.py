"""What all connections hold together has a bound, and goes back to the system once they have
gone."""

import re
import selectors
import socket
import time
import unittest

from daemon import CONCURRENT, PATIENCE, Daemon, ask, need_descriptors, on_each_backend, run
from injectors import SANITIZED, resident, size, until

CLIENTS = size(160, 400)
SIZE = 900_000
LIMIT = 64 << 20
CLOSED = size(20, 100)  # so many are waited for
SLACK = 48 << 20  # stacks, sockets, what the allocator has not joined
KEPT = 16 << 20  # when all have gone
TOLD = b"error: memory limit reached (this connection held "


def setUpModule():
    need_descriptors(CLIENTS + 100)


class Senders:
    """Connections that send a long line, as far as they are read, and never end it."""

    def __init__(self, port):
        self.selector = selectors.DefaultSelector()
        self.left = {}
        self.received = {}
        for _ in range(CLIENTS):
            connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
            connection.setblocking(False)
            self.left[connection] = SIZE
            self.received[connection] = b""
            self.selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def go_on(self):
        for key, events in self.selector.select(0.05):
            connection = key.fileobj
            if events & selectors.EVENT_READ:
                self.read(connection)
            elif self.left[connection] > 0:
                self.left[connection] -= connection.send(b"x" * min(65536, self.left[connection]))
            else:
                self.selector.modify(connection, selectors.EVENT_READ)

    def read(self, connection):
        chunk = connection.recv(65536)
        self.received[connection] += chunk
        if not chunk:
            self.selector.unregister(connection)
            connection.close()

    def told(self):
        return [answer for answer in self.received.values() if answer.endswith(b"\n")]

    def close(self):
        for connection in self.received:
            connection.close()
        self.selector.close()


class Bound(unittest.TestCase):
    @on_each_backend("--handler=hello", "-v", "-o", f"limits.memory={LIMIT}",
                     "-o", "limits.linger_timeout=10m",
                     "-o", "limits.linger_idle_timeout=10m", "-o", "limits.message_timeout=10m",
                     "-o", f"backend.thread-pool.threads={CLIENTS + 10}", backends=CONCURRENT)
    def test_those_that_hold_most_are_closed_and_others_served(self, daemon):
        with daemon.connect() as small:
            self.assertEqual(ask(small, b"x\n"), b"Hello World\n")
            before = most = resident(daemon.process)
            senders = Senders(daemon.port())
            end = time.monotonic() + 4 * PATIENCE
            while len(senders.told()) < CLOSED and time.monotonic() < end:
                senders.go_on()
                self.assertEqual(ask(small, b"x\n"), b"Hello World\n")
                most = max(most, resident(daemon.process))
            self.assertGreaterEqual(len(senders.told()), CLOSED)
            for answer in senders.told():
                self.assertTrue(answer.startswith(TOLD), answer)
            senders.close()
            if not SANITIZED:  # which keep what has been freed
                # A busy machine lets the governor come late. Without a limit it would be five times
                # as much.
                self.assertLess(most - before, 3 * LIMIT + SLACK)
                self.wait_until_it_holds(daemon, before + KEPT)
            self.assertEqual(ask(small, b"x\n"), b"Hello World\n")
        self.assertEqual(daemon.end(), (CLIENTS + 1, CLIENTS + 1, 0))
        self.assertGreaterEqual(daemon.text().count("reason=memory_limit"), CLOSED)

    @unittest.skipIf(SANITIZED, "a sanitizer keeps what has been freed")
    @on_each_backend("--handler=echo", "-o", "limits.memory=1GiB",
                     "-o", f"backend.thread-pool.threads={CLIENTS + 10}", backends=CONCURRENT)
    def test_what_a_peak_has_taken_is_given_back(self, daemon):
        with daemon.connect() as small:
            self.assertEqual(ask(small, b"x\n"), b"x\n")
            before = resident(daemon.process)
            senders = Senders(daemon.port())
            while any(senders.left.values()):
                senders.go_on()
            held = CLIENTS * SIZE // 2
            until(lambda: resident(daemon.process) > before + held, "it holds what they have sent")
            senders.close()
            self.wait_until_it_holds(daemon, before + KEPT)
            self.assertEqual(ask(small, b"x\n"), b"x\n")

    def wait_until_it_holds(self, daemon, most):
        end = time.monotonic() + 4 * PATIENCE
        while resident(daemon.process) > most and time.monotonic() < end:
            time.sleep(0.1)
        self.assertLessEqual(resident(daemon.process), most)


class Told(unittest.TestCase):
    def test_the_start_compares_the_limit_with_the_machine(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            daemon.wait_for(
                r"memory=[0-9.]+[GM]iB of=[0-9.]+[GM]iB connections_may_want=[0-9.]+[GM]iB")
            self.assertNotIn("limits.memory is more", daemon.text())
            daemon.end()
        with Daemon("--no-config", "--handler=echo", "-o", "limits.memory=1000000GiB") as daemon:
            daemon.wait_for(r"limits.memory is more than asyncd may have")
            daemon.end()

    def test_what_is_in_effect_is_shown(self):
        shown = run("config", "--no-config", "--handler=echo", "--origin").stdout
        self.assertRegex(shown, r'memory = "[0-9]+[GM]iB"  # default')
        shown = run("config", "--no-config", "--handler=echo", "-o", "limits.memory=1GiB",
                    "--origin").stdout
        self.assertIn('memory = "1GiB"  # -o limits.memory', shown)

    def test_a_message_that_could_not_be_held_is_warned_of(self):
        checked = run("check", "--no-config", "--handler=echo", "-o", "limits.memory=16MiB", "-o",
                      "limits.max_message=9MiB")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertRegex(checked.stderr,
                         re.escape("max_message (9MiB) is more than half of limits.memory (16MiB)"))


if __name__ == "__main__":
    unittest.main()

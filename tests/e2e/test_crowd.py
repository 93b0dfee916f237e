"""A thousand clients at a time, on every backend that serves more than one."""

import selectors
import socket
import unittest

from daemon import CONCURRENT, PATIENCE, need_descriptors, on_each_backend

CLIENTS = 1000

# A pool's thread stays with its connection, so those that are held open need one each.
SHORT = "backend.thread-pool.threads=50"
HELD = f"backend.thread-pool.threads={CLIENTS}"


def setUpModule():
    need_descriptors(CLIENTS + 100)


class Crowd:
    """Connections, all open at once, that are talked to as they become ready."""

    def __init__(self, port):
        self.selector = selectors.DefaultSelector()
        self.received = {}
        for _ in range(CLIENTS):
            connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
            self.received[connection] = b""
            self.selector.register(connection, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.received:
            connection.close()
        self.selector.close()

    def ask(self, questions, end):
        """Sends each its question, then reads until end(received) or EOF: the answers, in order."""
        for connection, question in zip(self.received, questions):
            connection.sendall(question)
            self.received[connection] = b""
        waiting = set(self.received)
        while waiting:
            ready = self.selector.select(PATIENCE)
            if not ready:
                raise AssertionError(
                    f"{len(waiting)} of {CLIENTS} clients still wait for an answer")
            for key, _ in ready:
                connection = key.fileobj
                chunk = connection.recv(65536)
                self.received[connection] += chunk
                if not chunk:
                    self.selector.unregister(connection)
                    connection.close()  # a pool's thread lingers with it until then
                if not chunk or end(self.received[connection]):
                    waiting.discard(connection)
        return list(self.received.values())


class Thousand(unittest.TestCase):
    @on_each_backend("--handler=uppercase-echo", "--framing=raw",
                     "-o", "limits.messages_per_connection=1", "-o", SHORT, backends=CONCURRENT)
    def test_one_shot_without_a_newline(self, daemon):
        with Crowd(daemon.port()) as crowd:
            answers = crowd.ask([b"the quick brown fox"] * CLIENTS, end=lambda _: False)
            self.assertEqual(answers, [b"THE QUICK BROWN FOX"] * CLIENTS)
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))

    @on_each_backend("--handler=square", "-o", HELD, backends=CONCURRENT)
    def test_held_open_and_asked_twice(self, daemon):
        with Crowd(daemon.port()) as crowd:
            for first in (0, 10**30):
                numbers = range(first, first + CLIENTS)
                answers = crowd.ask([b"%d\n" % n for n in numbers],
                                    end=lambda received: received.endswith(b"\n"))
                self.assertEqual(answers, [b"%d\n" % (n * n) for n in numbers])
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))


if __name__ == "__main__":
    unittest.main()

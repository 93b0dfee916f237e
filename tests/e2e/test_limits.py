"""What happens at the bounds of the backends and of the system, and when there is room again."""

import contextlib
import os
import re
import resource
import socket
import unittest

from daemon import BACKENDS, CONCURRENT, Daemon, ask, exchange, need_descriptors, on_each_backend
from injectors import SANITIZED

CLIENTS = 10
REFUSED = b"error: too many connections\n"

# How a backend is told to take so few connections, and how many that is.
FULL = {
    "blocking": ([], 1),
    "thread-per-connection": (["-o", "backend.thread-per-connection.max_threads=2"], 2),
    "thread-pool": (["-o", "backend.thread-pool.threads=1", "-o", "backend.thread-pool.queue=1"],
                    2),
}
AT_MOST_TWO = (["-o", "limits.max_connections=2"], 2)


def most_open(log):
    """How many connections were open at a time, as the log tells."""
    now = most = 0
    for event in re.findall(r" debug (opened|closed|rejected) ", log):
        now += 1 if event == "opened" else -1
        most = max(most, now)
    return most


def without_room(process, room):
    """Leaves a process so much more address space; gives back what it may have had."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.prlimit(process.pid, resource.RLIMIT_AS)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (used + room, before[1]))
    return before


class Limits(unittest.TestCase):
    def serve_in_turn(self, daemon, most):
        """All clients come at once, no more than `most` have room, and each is served once it is
        its turn."""
        clients = [daemon.connect() for _ in range(CLIENTS)]
        for number, client in enumerate(clients):
            client.sendall(b"%d\n" % number)
        daemon.wait_for(" opened ", most)
        for number, client in enumerate(clients):
            self.assertEqual(exchange(client, b"1\n" * 100), b"%d\n" % number**2 + b"1\n" * 100)
            client.close()
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))

    def test_a_full_backend_lets_the_others_wait_and_serves_them_in_the_end(self):
        for backend in BACKENDS:
            options, most = FULL.get(backend, AT_MOST_TWO)
            arguments = ["--no-config", "--handler=square", f"--backend={backend}", "-v", *options]
            with self.subTest(backend=backend), Daemon(*arguments) as daemon:
                self.serve_in_turn(daemon, most)
                self.assertEqual(most_open(daemon.text()), most)

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors of its own")
    @on_each_backend("--handler=square", "-v", backends=CONCURRENT)
    def test_without_descriptors_clients_wait_and_are_served_in_the_end(self, daemon):
        daemon.addresses()
        used = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
        self.serve_in_turn(daemon, 3)
        self.assertIn("cannot accept", daemon.text())

    def test_select_refuses_what_it_cannot_watch_and_recovers(self):
        need_descriptors(1300)
        with Daemon("--no-config", "--handler=square", "--backend=select") as daemon:
            clients = [daemon.connect() for _ in range(1100)]
            answers = [ask(client, b"7\n") for client in clients]
            refused = answers.count(REFUSED)
            self.assertEqual(answers.count(b"49\n"), 1100 - refused)
            self.assertLess(1000, 1100 - refused)
            self.assertLess(1100 - refused, 1024)
            self.assertIn("select cannot watch descriptors beyond its ceiling; another backend can",
                          daemon.text())
            served = [client for client, answer in zip(clients, answers) if answer != REFUSED]
            for client in served:
                self.assertEqual(ask(client, b"8\n"), b"64\n")
            for client in served[:50]:
                self.assertEqual(exchange(client, b"9\n"), b"81\n")
                client.close()
            for client in [daemon.connect() for _ in range(50)]:
                self.assertEqual(exchange(client, b"10\n"), b"100\n")
                client.close()
            for client in clients:
                client.close()
            self.assertEqual(daemon.end(), (1150, 1150 - refused, refused))

    def test_a_thread_that_cannot_be_started_costs_one_connection(self):
        with Daemon("--no-config", "--handler=square", "--backend=thread-per-connection",
                    "-o", "backend.thread-per-connection.stack_size=256MiB") as daemon:
            first = daemon.connect()
            self.assertEqual(ask(first, b"1\n"), b"1\n")
            before = without_room(daemon.process, 200 << 20)
            for _ in range(3):
                with daemon.connect() as connection:
                    self.assertEqual(exchange(connection, b""), REFUSED)
            daemon.wait_for("connection refused .*reason=no_thread")
            self.assertEqual(ask(first, b"2\n"), b"4\n")
            resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, before)
            with daemon.connect() as connection:
                self.assertEqual(exchange(connection, b"3\n"), b"9\n")
            first.close()
            self.assertEqual(daemon.end(), (5, 2, 3))

    @unittest.skipIf(SANITIZED, "a sanitizer ends the program when memory is short")
    @on_each_backend("--handler=echo", backends=CONCURRENT)
    def test_memory_that_runs_out_costs_connections_and_not_the_process(self, daemon):
        need_descriptors(400)
        first = daemon.connect()
        self.assertEqual(ask(first, b"1\n"), b"1\n")
        before = without_room(daemon.process, 8 << 20)
        clients = [daemon.connect() for _ in range(300)]
        for client in clients:
            with contextlib.suppress(ConnectionError):
                client.send(b"x" * 60000 + b"\n" + b"y" * 100000, socket.MSG_DONTWAIT)
        for client in clients:
            client.close()
        self.assertEqual(ask(first, b"2\n"), b"2\n")
        resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, before)
        with daemon.connect() as connection:
            self.assertEqual(exchange(connection, b"3\n"), b"3\n")
        first.close()
        self.assertEqual(daemon.end()[0], 302)


if __name__ == "__main__":
    unittest.main()

"""Descriptors: no thread spins where they run out, and all clients are served in the end; none gets
where it should not."""

import os
import re
import resource
import select
import socket
import tempfile
import time
import unittest

from daemon import PATIENCE, Daemon, exchange, on_each_backend, run
from injectors import SANITIZED, Strace, becomes_quiet, descriptors, size, until, why_no_strace

CLIENTS = size(200, 1000)
ROOM = 8
MOST_ACCEPTS = 100  # a second

# Threads and loops have descriptors, too.
FEW_THREADS = ("-o", "backend.proactor.threads=2", "-o", "backend.epoll.threads=2",
               "-o", "backend.thread-pool.threads=40")


def allow_64():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def crowd(daemon):
    """Clients that all ask at once."""
    clients = {}
    for number in range(CLIENTS):
        connection = daemon.connect()
        connection.sendall(b"%d\n" % number)
        clients[connection] = number
    return clients


def answered(clients, wait=PATIENCE):
    """Those that have something to read."""
    poll = select.poll()
    by_number = {client.fileno(): client for client in clients}
    for descriptor in by_number:
        poll.register(descriptor, select.POLLIN)
    return [by_number[descriptor] for descriptor, _ in poll.poll(wait * 1000)]


class Descriptors(unittest.TestCase):
    def serve_all(self, clients):
        """Each answer is right, and each client that goes makes room for another."""
        while clients:
            ready = answered(clients)
            self.assertTrue(ready, f"{len(clients)} clients wait for ever")
            for client in ready:
                number = clients.pop(client)
                self.assertEqual(exchange(client, b"and %d\n" % number),
                                 b"%d\nand %d\n" % (number, number))
                client.close()

    def observe(self, daemon, clients):
        """While the others wait, no thread spins, and connected clients are still served."""
        served = answered(clients)
        self.assertLess(len(served), CLIENTS)
        becomes_quiet(daemon.process)
        for client in served:
            self.assertEqual(client.recv(100), b"%d\n" % clients[client])
            client.sendall(b"again\n")
            self.assertEqual(client.recv(100), b"again\n")
            client.sendall(b"%d\n" % clients[client])

    @on_each_backend("--handler=echo", *FEW_THREADS, preexec_fn=allow_64)
    def test_a_process_that_may_open_few_files_from_its_start(self, daemon):
        clients = crowd(daemon)
        self.observe(daemon, clients)
        self.serve_all(clients)
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))
        self.assertIn("max_connections is lowered", daemon.text())

    def test_more_connections_than_can_be_are_refused_at_the_start(self):
        for words, told in (
            (["--backend=proactor", "-o", "backend.proactor.threads=8",
              "-o", "limits.max_connections=20"],
             r"need \d+ open files, and the system allows 64"),
            (["--backend=proactor", "-o", "backend.proactor.threads=100"],
             "use fewer threads, or raise the limit"),
            (["--backend=select", "-o", "limits.max_connections=100000"],
             "the backend select, which can have 1024 connections at most; choose another backend, "
             "or ask for less"),
        ):
            with self.subTest(words):
                answer = run("--no-config", "--handler=echo", "--listen=127.0.0.1:0", *words,
                             preexec_fn=allow_64)
                self.assertEqual(answer.returncode, 71, answer.stderr)
                self.assertRegex(answer.stderr, told)

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors of its own")
    @on_each_backend("--handler=echo", *FEW_THREADS)
    def test_no_descriptor_left_for_accepting(self, daemon):
        daemon.addresses()
        before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
        room = 0 if daemon.serves_one() else ROOM
        least = max(descriptors(daemon.process)) + 1
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (least + room, before[1]))
        clients = crowd(daemon)
        daemon.wait_for("cannot accept .*Too many open files")
        start = time.monotonic()
        if room:
            self.observe(daemon, clients)
        else:
            becomes_quiet(daemon.process)
        if not why_no_strace():
            with Strace(daemon, "-e", "trace=accept4") as trace:
                began = time.monotonic()
                time.sleep(1)
            failures = sum("EMFILE" in line for line in trace.lines())
            self.assertLess(failures, MOST_ACCEPTS * (time.monotonic() - began))
            self.assertLess(0, failures, "strace has seen none of them")
        if not room:
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (least + ROOM, before[1]))
        self.serve_all(clients)
        self.assertLess(daemon.text().count("cannot accept"), time.monotonic() - start + 2)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))

    @on_each_backend("--handler=echo", *FEW_THREADS)
    def test_a_program_that_a_handler_starts_inherits_none(self, daemon):
        with daemon.connect() as client:
            client.sendall(b"1\n")
            self.assertEqual(client.recv(100), b"1\n")
            open_now = descriptors(daemon.process) - {0, 1, 2}
            self.assertLess(2, len(open_now))
            for descriptor in open_now:
                try:
                    with open(f"/proc/{daemon.process.pid}/fdinfo/{descriptor}",
                              encoding="ascii") as file:
                        flags = int(re.search(r"flags:\s+(\d+)", file.read())[1], 8)
                    what = os.readlink(f"/proc/{daemon.process.pid}/fd/{descriptor}")
                except FileNotFoundError:
                    continue  # it was read from when they were listed, and is closed again
                self.assertTrue(flags & os.O_CLOEXEC, f"{descriptor}, {what}")

    def test_no_socket_takes_the_place_of_a_closed_standard_stream(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            with Daemon("--no-config", "--handler=echo", listen=[f"unix:{path}"],
                        preexec_fn=lambda: os.closerange(0, 3)) as daemon, \
                 socket.socket(socket.AF_UNIX) as client:
                until(lambda: os.path.exists(path) and client.connect_ex(path) == 0, "it listens")
                self.assertEqual(exchange(client, b"1\n"), b"1\n")
                for descriptor in range(3):
                    self.assertEqual(os.readlink(f"/proc/{daemon.process.pid}/fd/{descriptor}"),
                                     "/dev/null")
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()

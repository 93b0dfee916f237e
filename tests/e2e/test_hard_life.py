"""A process that is stopped and continued, killed and started again; and rude clients: resets,
urgent bytes."""

import os
import random
import signal
import socket
import tempfile
import threading
import time
import unittest

from daemon import (PATIENCE, SANITIZED, Daemon, ask, exchange, need_descriptors, on_each_backend,
                    read_to_end, reset)
from injectors import becomes_quiet, descriptors, size, until

SLEEPERS = size(60 if SANITIZED else 300, 900)
CRASHES = size(20, 200)
STORM = size(500, 4000)  # fewer than may wait to be accepted
CHURN = size(300, 3000)

DEADLINE = 10  # in seconds, long enough for all to connect and speak on a busy machine
POOL = ("-o", f"backend.thread-pool.threads={SLEEPERS}")


def setUpModule():
    need_descriptors(SLEEPERS + 200)


def free_port():
    """A port that no client gets by chance while no program listens there."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        lowest = int(file.read().split()[0])
    for _ in range(1000):
        port = random.randrange(10000, max(lowest, 10001))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no port is free")


class Stopped(unittest.TestCase):
    @on_each_backend("--handler=echo", "-v", *POOL, "-o", f"limits.idle_timeout={DEADLINE}s", "-o",
                     f"limits.message_timeout={DEADLINE}s",
                     "-o", f"limits.first_byte_timeout={DEADLINE}s")
    def test_what_has_arrived_in_the_meantime_is_read_before_a_deadline_is_thought_of(self, daemon):
        """Of those that speak, one third has said nothing before, one a message, one half a
        message."""
        clients = [daemon.connect() for _ in range(1 if daemon.serves_one() else SLEEPERS)]
        silent = [] if daemon.serves_one() else [daemon.connect() for _ in range(5)]
        daemon.wait_for(" opened ", len(clients) + len(silent))
        for number, client in enumerate(clients):
            client.sendall((b"", b"hello\n", b"hel")[number % 3])
        for client in clients[1::3]:
            self.assertEqual(client.recv(100), b"hello\n")
        daemon.process.send_signal(signal.SIGSTOP)
        for number, client in enumerate(clients):
            client.sendall(b"lo\n" if number % 3 == 2 else b"hello\n")
        time.sleep(DEADLINE + 0.2)
        daemon.process.send_signal(signal.SIGCONT)
        for client in clients:
            self.assertEqual(client.recv(100), b"hello\n")
        for client in silent:  # for whom the time has passed
            self.assertEqual(client.recv(100), b"")
        for client in clients + silent:
            client.close()
        count = len(clients) + len(silent)
        self.assertEqual(daemon.end(), (count, count, 0))
        self.assertEqual(daemon.text().count("reason=first_byte_timeout"), len(silent))


class Killed(unittest.TestCase):
    def begin_again(self, address, connect):
        for _ in range(CRASHES):
            with Daemon("--no-config", "--handler=echo", listen=[address]) as daemon:
                daemon.addresses()
                with connect() as client, connect() as other:
                    self.assertEqual(ask(client, b"hello\n"), b"hello\n")
                    other.sendall(b"unfin")
                    self.assertEqual(daemon.stop(signal.SIGKILL), -signal.SIGKILL)

    def test_its_port_can_be_had_at_once(self):
        port = free_port()
        self.begin_again(f"127.0.0.1:{port}",
                         lambda: socket.create_connection(("127.0.0.1", port), PATIENCE))

    def test_its_socket_file_can_be_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")

            def connect():
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(PATIENCE)
                connection.connect(path)
                return connection

            self.begin_again(f"unix:{path}", connect)

    def test_a_port_whose_connections_the_server_has_closed_first(self):
        port = free_port()
        for _ in range(5):
            with Daemon("--no-config", "--handler=echo", "-o", "limits.messages_per_connection=1",
                        listen=[f"127.0.0.1:{port}"]) as daemon:
                for _ in range(5):
                    with daemon.connect() as client:
                        self.assertEqual(ask(client, b"hello\n"), b"hello\n")
                        self.assertEqual(client.recv(100), b"")
                self.assertEqual(daemon.end(), (5, 5, 0))


class Rude(unittest.TestCase):
    @on_each_backend("--handler=echo")
    def test_clients_that_are_gone_before_they_are_accepted(self, daemon):
        before = None
        for saying in (b"", b"hello\n"):
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"1\n"), b"1\n")
            until(lambda: before is None or descriptors(daemon.process) == before, "all have gone")
            before = descriptors(daemon.process)
            daemon.process.send_signal(signal.SIGSTOP)
            for _ in range(STORM):
                client = daemon.connect()
                client.sendall(saying)
                reset(client)
            daemon.process.send_signal(signal.SIGCONT)
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"2\n"), b"2\n")
        until(lambda: descriptors(daemon.process) == before, "all have gone")
        self.assertEqual(daemon.end(), (2 * STORM + 4, 2 * STORM + 4, 0))
        self.assertIn(f"client_reset:{2 * STORM}", daemon.text())

    @on_each_backend("--handler=echo", "-o", f"backend.thread-pool.threads={SLEEPERS}")
    def test_nobody_gets_what_is_anothers(self, daemon):
        """Connections come and go in every way, so that descriptors are used again while others
        are served."""
        failures, visits = [], [0] * 4

        def visit(place):
            chance = random.Random(place)
            for number in range(CHURN):
                client = daemon.connect()
                line = b"%d of %d" % (number, place) * chance.randrange(1, 300) + b"\n"
                client.sendall(line * 3)
                way = chance.randrange(4)
                received = b""
                while way != 0 and len(received) < len(line) * way:
                    if not (chunk := client.recv(65536)):
                        break
                    received += chunk
                if not (line * 3).startswith(received) or len(received) < len(line) * way:
                    failures.append((line[:20], received[:20]))
                reset(client) if chance.random() < 0.5 else client.close()
                visits[place] += 1

        threads = [threading.Thread(target=visit, args=(place,)) for place in range(len(visits))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(visits, [CHURN] * len(visits))
        self.assertEqual(daemon.end(), (CHURN * len(visits), CHURN * len(visits), 0))

    @on_each_backend("--handler=echo")
    def test_urgent_bytes_are_nobodys_hurry(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(ask(client, b"1\n"), b"1\n")
            client.send(b"!", socket.MSG_OOB)
            becomes_quiet(daemon.process)
            self.assertEqual(ask(client, b"2\n"), b"2\n")
            # Stopped, so that the mark stands in the middle of what is there to be read.
            daemon.process.send_signal(signal.SIGSTOP)
            client.send(b"be")
            client.send(b"!", socket.MSG_OOB)
            client.send(b"fore\n")
            daemon.process.send_signal(signal.SIGCONT)
            self.assertEqual(client.recv(100), b"before\n")
        self.assertEqual(daemon.end(), (1, 1, 0))

    @on_each_backend("--handler=echo", "-o", "limits.output_high_water=16KiB",
                     "-o", "limits.output_low_water=4KiB")
    def test_who_has_sent_all_and_reads_nothing_makes_nobody_spin(self, daemon):
        line = b"x" * 999 + b"\n"
        with daemon.connect() as client:
            client.setblocking(False)
            sent = 0
            try:
                while True:
                    sent += client.send(line * 100)
            except BlockingIOError:
                client.settimeout(PATIENCE)
            client.shutdown(socket.SHUT_WR)
            becomes_quiet(daemon.process)
            self.assertEqual(sent // 1000 * 1000, len(read_to_end(client)) // 1000 * 1000)
        self.assertEqual(daemon.end(), (1, 1, 0))


if __name__ == "__main__":
    unittest.main()

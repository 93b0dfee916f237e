"""Handlers that wait, through the front door: sleeps, other servers, offloaded work, and
memcached's own tools."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from daemon import (BACKENDS, CONCURRENT, EVENT_LOOPS, PATIENCE, PROGRAM, SANITIZED, Daemon, ask,
                    exchange, need_descriptors, on_each_backend, read_line, read_to_end, reset)

CLIENTS = 1000


def delayed(delay):
    return ("--handler=uppercase-echo", "-o", f"handler.uppercase-echo.delay={delay}")


def setUpModule():
    need_descriptors(CLIENTS + 100)


def connect_all(daemon, count):
    return [daemon.connect() for _ in range(count)]


def close_all(connections):
    for connection in connections:
        connection.close()


class Server:
    """Another server: does with each connection what it is told, on threads of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.serve = serve
        self.open = []
        self.thread = threading.Thread(target=self.accept_all)
        self.thread.start()

    def accept_all(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.open.append(connection)
            try:
                self.serve(connection)
            except OSError:
                pass  # the other side has gone, as it may

    def __enter__(self):
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(PATIENCE)
        close_all(self.open)


def hang(connection):
    connection.recv(1000)


def crash(connection):
    connection.recv(1000)
    reset(connection)


def dribble(connection):
    for byte in read_line(connection):
        connection.sendall(bytes([byte]))


class Sleeping(unittest.TestCase):
    @on_each_backend(*delayed("50ms"))
    def test_each_reply_comes_after_its_delay(self, daemon):
        with daemon.connect() as connection:
            begin = time.monotonic()
            self.assertEqual(exchange(connection, b"one\ntwo\n"), b"ONE\nTWO\n")
            self.assertGreaterEqual(time.monotonic() - begin, 0.1, "one message after the other")

    @on_each_backend(*delayed("1s"), "-o", f"backend.thread-pool.threads={CLIENTS}",
                     backends=CONCURRENT)
    def test_a_thousand_wait_at_the_same_time(self, daemon):
        connections = connect_all(daemon, CLIENTS)
        begin = time.monotonic()
        for connection in connections:
            connection.sendall(b"quick brown fox\n")
        for connection in connections:
            self.assertEqual(connection.recv(100), b"QUICK BROWN FOX\n")
        self.assertLess(time.monotonic() - begin, CLIENTS / 10,
                        "one after the other it would be 1,000 s")
        close_all(connections)
        self.assertEqual(daemon.end(), (CLIENTS, CLIENTS, 0))

    def test_the_same_file_serves_every_backend(self):
        build = os.path.dirname(os.path.dirname(os.path.realpath(PROGRAM)))
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(build)
                 for name in names if re.fullmatch(r"uppercase-echo\.(so|dylib)", name)]
        if not paths:
            self.skipTest("the handler's library is not beside the program")
        digests = set()
        for backend in BACKENDS:
            with Daemon("--no-config", f"--backend={backend}", f"--handler={paths[0]}") as daemon:
                with daemon.connect() as connection:
                    self.assertEqual(exchange(connection, b"x\n"), b"X\n")
                with open(paths[0], "rb") as file:
                    digests.add(hashlib.sha256(file.read()).hexdigest())
                daemon.end()
        self.assertEqual(len(digests), 1)

    @on_each_backend(*delayed("1h"), backends=CONCURRENT)
    def test_clients_that_leave_end_their_calls(self, daemon):
        daemon.addresses()
        for _ in range(20):
            connection = daemon.connect()
            connection.sendall(b"never mind\n")
            reset(connection)
        self.assertEqual(daemon.stop(), 0, daemon.text())
        self.assertIn("active=0", daemon.text())

    @on_each_backend(*delayed("2s"), "-o", f"backend.thread-pool.threads={CLIENTS}",
                     backends=CONCURRENT)
    def test_a_drain_waits_for_the_calls_that_sleep(self, daemon):
        connections = connect_all(daemon, CLIENTS)
        for connection in connections:
            connection.sendall(b"x\n")
        time.sleep(0.5)
        daemon.process.send_signal(signal.SIGTERM)
        for connection in connections:
            self.assertEqual(read_to_end(connection), b"X\n")
        close_all(connections)
        self.assertEqual(daemon.process.wait(PATIENCE), 0, daemon.text())
        self.assertIn(f"accepted={CLIENTS} closed={CLIENTS} rejected=0 active=0", daemon.text())


class OtherServers(unittest.TestCase):
    """fanout, whose upstreams are asyncd's, or those that misbehave."""

    def fanout(self, upstreams, backend, *more):
        return Daemon("--no-config", f"--backend={backend}", "--handler=fanout", "-o",
                      f"handler.fanout.upstreams={' '.join(upstreams)}",
                      "-o", "handler.fanout.separator=|", *more)

    def test_three_slow_servers_are_asked(self):
        slow = ("--no-config", "--backend=thread-per-connection", *delayed("200ms"))
        with Daemon(*slow) as one, Daemon(*slow) as two, Daemon(*slow) as three:
            upstreams = [f"127.0.0.1:{server.port()}" for server in (one, two, three)]
            for backend in BACKENDS:
                with self.subTest(backend=backend), self.fanout(upstreams, backend) as daemon:
                    with daemon.connect() as connection:
                        begin = time.monotonic()
                        self.assertEqual(ask(connection, b"hello\n"), b"HELLO|HELLO|HELLO\n")
                        took = time.monotonic() - begin
                    if backend not in EVENT_LOOPS:
                        self.assertGreaterEqual(took, 0.6, "one is asked after the other")
                    self.assertGreaterEqual(took, 0.2)
                    daemon.end()
            for server in (one, two, three):
                self.assertEqual(server.end()[0], len(BACKENDS))

    def test_servers_that_misbehave(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            no_server = f"127.0.0.1:{closed.getsockname()[1]}"
        for backend in BACKENDS:
            for serve, timeout, answer in ((hang, "300ms", rb"error: upstream \S+: timed out\n"),
                                           (crash, "1h", rb"error: upstream \S+: .*[Rr]eset.*\n"),
                                           (dribble, "1h", rb"slow and steady\n"),
                                           (None, "1h", rb"error: upstream \S+: .*refused.*\n")):
                with self.subTest(backend=backend, server=serve), Server(serve or hang) as address:
                    upstream = address if serve else no_server
                    with self.fanout([upstream], backend,
                                     "-o", f"handler.fanout.timeout={timeout}") as daemon:
                        for _ in range(2):
                            with daemon.connect() as connection:
                                self.assertRegex(exchange(connection, b"slow and steady\n"),
                                                 rb"^" + answer + rb"$")
                        self.assertEqual(daemon.end(), (2, 2, 0))

    def test_a_drain_cuts_what_hangs(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), Server(hang) as address:
                more = ("-o", "handler.fanout.timeout=1h", "-o", "shutdown.timeout=1s")
                with self.fanout([address], backend, *more) as daemon, \
                     daemon.connect() as connection:
                    connection.sendall(b"x\n")
                    time.sleep(0.2)
                    self.assertEqual(daemon.stop(), 75, daemon.text())
                    self.assertIn("active=0", daemon.text())


class Offloading(unittest.TestCase):
    @on_each_backend("--handler=slow-count")
    def test_primes_are_counted(self, daemon):
        with daemon.connect() as connection:
            self.assertEqual(exchange(connection, b"100\n1000000\nx\n"),
                             b"25\n78498\nerror: not an integer\n")

    @on_each_backend("--handler=slow-count", backends=EVENT_LOOPS)
    def test_the_loop_serves_others_meanwhile(self, daemon):
        # A second or so of work.
        limit, primes = (b"100000000\n", b"5761455\n")
        if SANITIZED:
            limit, primes = (b"20000000\n", b"1270607\n")
        with daemon.connect() as slow, daemon.connect() as quick:
            slow.sendall(limit)
            for _ in range(10):
                self.assertEqual(ask(quick, b"10\n"), b"4\n")
            slow.setblocking(False)
            with self.assertRaises(BlockingIOError):
                slow.recv(100)
            slow.settimeout(PATIENCE)
            self.assertEqual(slow.recv(100), primes)


class Memcached(unittest.TestCase):
    """memcached's own client tools, of libmemcached-tools."""

    def tool(self, daemon, name, *arguments):
        done = subprocess.run([name, f"--servers=127.0.0.1:{daemon.port()}", *arguments],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, f"{name}: {done.stdout}{done.stderr}")
        return done.stdout

    def need(self, *names):
        for name in names:
            if not shutil.which(name):
                self.skipTest(f"{name} is not installed (libmemcached-tools)")

    @on_each_backend("--handler=kv", "--framing=handler")
    def test_a_conversation(self, daemon):
        with daemon.connect() as connection:
            said = b"set a 0 0 3\r\nabc\r\nget a\r\nincr a 1\r\nquit\r\n"
            self.assertEqual(exchange(connection, said), b"STORED\r\nVALUE a 0 3\r\nabc\r\nEND\r\n"
                             b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n")
        with daemon.connect() as connection:
            value = b"x" * 1024000
            answer = exchange(connection,
                              b"set large 0 0 1024000\r\n" + value + b"\r\nget large\r\n")
            self.assertEqual(answer,
                             b"STORED\r\nVALUE large 0 1024000\r\n" + value + b"\r\nEND\r\n")
        with daemon.connect() as connection:
            answer = exchange(connection,
                              b"set large 0 0 1024001\r\n" + value + b"x\r\nget large\r\n")
            self.assertEqual(answer, b"SERVER_ERROR object too large for cache\r\n")

    @on_each_backend("--handler=kv", "--framing=handler")
    def test_memcapable(self, daemon):
        self.need("memccapable")
        done = subprocess.run(["memccapable", "-h", "127.0.0.1", "-p", str(daemon.port()), "-a"],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, "All tests passed")

    @on_each_backend("--handler=kv", "--framing=handler")
    def test_copy_and_read_and_remove(self, daemon):
        self.need("memccp", "memccat", "memcrm", "memcstat")
        self.tool(daemon, "memccp", os.path.realpath(__file__))
        with open(__file__, encoding="utf-8") as file:
            self.assertEqual(self.tool(daemon, "memccat", os.path.basename(__file__)).strip(),
                             file.read().strip())
        self.assertRegex(self.tool(daemon, "memcstat"), r"curr_items: 1\b")
        self.tool(daemon, "memcrm", os.path.basename(__file__))
        self.assertRegex(self.tool(daemon, "memcstat"), r"curr_items: 0\b")

    @on_each_backend("--handler=kv", "--framing=handler", "-o", "backend.thread-pool.threads=50",
                     backends=CONCURRENT)
    def test_load(self, daemon):
        self.need("memcslap")
        self.tool(daemon, "memcslap", "--concurrency=10", "--execute-number=200",
                  "--initial-load=100")


if __name__ == "__main__":
    unittest.main()

"""Clients that take their replies slowly, or send slowly: one that makes progress lives, on every
backend at once."""

import concurrent.futures
import os
import socket
import tempfile
import time
import unittest

from daemon import BACKENDS, PATIENCE, Daemon, ask, read_to_end
from injectors import HANDLERS

TIMEOUT = 2  # of writing, in seconds
LASTS = 4 * TIMEOUT
# A slow client takes a piece, then pauses. In all its time it takes less than some systems move at
# once.
PIECE = 1000
PAUSE = 0.02
COMMON = ("-v", f"--handler-path={HANDLERS}", "-o", "limits.max_reply=64MiB",
          "-o", f"limits.write_timeout={TIMEOUT}s")
BULK = ("--handler=bulk", *COMMON)
HUGE = (*BULK, "-o", "handler.bulk.size=64MiB")
PARTS = ("--handler=waiting", *COMMON)
LONG_PART = b"part:40000000 say:end\n"  # more than the systems keep for a connection
# It fits into what the systems keep for a connection, so that asyncd itself has nothing left to
# send.
TAIL = 200_000
SHORT = (*BULK, "-o", f"handler.bulk.size={TAIL}", "-o", "limits.linger_idle_timeout=300ms", "-o",
         "limits.linger_timeout=900ms")


def connect(daemon, buffer=4096):
    """With a small buffer its system tells the server's soon of what is taken from it, and
    cannot hold much."""
    if (address := daemon.addresses()[0]).startswith("unix:"):
        client = socket.socket(socket.AF_UNIX)
        client.connect(address.removeprefix("unix:"))
    else:
        client = socket.socket()
        if buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect(("127.0.0.1", daemon.port()))
    client.settimeout(PATIENCE)
    return client


class Held(Exception):
    """The client itself was held up by the machine, so that what came of it says nothing."""


class Pace:
    """Takes piece after piece; the longest time that it took none."""

    def __init__(self, client):
        self.client = client
        self.last = time.monotonic()
        self.longest = 0
        self.received = 0

    def take(self):
        try:
            got = len(self.client.recv(PIECE))
        except ConnectionResetError:
            self.longest = max(self.longest, time.monotonic() - self.last)
            if self.longest > TIMEOUT / 2:
                raise Held from None
            raise
        now = time.monotonic()
        self.longest = max(self.longest, now - self.last)
        self.last = now
        self.received += got
        time.sleep(PAUSE)
        return got


class SlowReaders(unittest.TestCase):
    def on_all(self, test, *arguments, folder=None):
        """The test on all backends at the same time, since most of it is waiting; again, where a
        client was held up."""

        def run(backend):
            for _ in range(5):
                listen = (f"unix:{os.path.join(folder, backend)}",) if folder else ("127.0.0.1:0",)
                with Daemon("--no-config", f"--backend={backend}", *arguments,
                            listen=listen) as daemon:
                    try:
                        return test(daemon)
                    except Held:
                        continue
                    except Exception as error:
                        raise AssertionError(f"{backend}: {error!r}\n{daemon.text()}") from error
            return None

        with concurrent.futures.ThreadPoolExecutor(len(BACKENDS)) as threads:
            list(threads.map(run, BACKENDS))

    def takes_all_the_time(self, daemon, message=b"go\n"):
        with connect(daemon, buffer=None) as client:
            client.sendall(message)
            pace, end = Pace(client), time.monotonic() + LASTS
            while time.monotonic() < end:
                self.assertNotEqual(pace.take(), 0)
        self.assertEqual(daemon.wait_for(r"closed .*reason=(\w+)"), ["client_reset"])

    def test_one_that_takes_a_little_all_the_time_lives(self):
        self.on_all(self.takes_all_the_time, *HUGE)

    def test_and_so_it_does_over_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            self.on_all(self.takes_all_the_time, *HUGE, folder=folder)

    def test_and_where_the_reply_comes_in_parts(self):
        self.on_all(lambda daemon: self.takes_all_the_time(daemon, LONG_PART), *PARTS)

    def stops(self, daemon, message=b"go\n"):
        with connect(daemon) as client:
            client.sendall(message)
            pace, end = Pace(client), time.monotonic() + TIMEOUT
            while time.monotonic() < end:
                pace.take()
            stopped = time.monotonic()
            daemon.wait_for("closed .*reason=write_timeout")
            self.assertGreater(time.monotonic() - stopped, TIMEOUT / 2)

    def test_one_that_stops_is_cut(self):
        self.on_all(self.stops, *HUGE)

    def test_so_it_is_where_the_reply_comes_in_parts(self):
        self.on_all(lambda daemon: self.stops(daemon, LONG_PART), *PARTS)

    def test_one_that_is_slower_than_it_may_be_is_cut(self):
        def crawls(daemon):
            with connect(daemon) as client, self.assertRaises(ConnectionResetError):
                client.sendall(b"go\n")
                pace = Pace(client)
                for _ in range(int(PATIENCE / PAUSE)):
                    if pace.take() == 0:
                        break
            daemon.wait_for("closed .*reason=send_rate")

        self.on_all(crawls, *HUGE, "-o", "limits.min_send_rate=200KiB")

    def test_and_one_that_sends_more_slowly_than_it_may_is_ended(self):
        def crawls(daemon):
            with connect(daemon) as client:
                client.settimeout(0.5)
                for _ in range(PATIENCE):
                    client.sendall(b"x")
                    try:
                        self.assertEqual(client.recv(100), b"")
                        break
                    except TimeoutError:
                        pass
            daemon.wait_for("closed .*reason=receive_rate")

        self.on_all(crawls, "-v", "--handler=echo", "-o", "limits.min_receive_rate=1KiB")

    def test_what_the_system_has_of_a_reply_is_waited_for(self):
        """Longer than the server lingers, though the client says more than it will listen to."""

        def takes_the_tail(daemon):
            with connect(daemon) as client:
                client.sendall(b"go\n")
                pace = Pace(client)
                while pace.take() != 0:
                    if pace.received < TAIL - 20 * PIECE:
                        client.sendall(b"and another thing\n")
                self.assertEqual(pace.received, TAIL + 1)
            daemon.wait_for("closed .*reason=handler_closed")

        self.on_all(takes_the_tail, *SHORT)

    def test_nobody_is_idle_because_a_handler_takes_its_time(self):
        def asks_twice(daemon):
            with connect(daemon) as client:
                self.assertEqual(ask(client, b"a\n"), b"a\n")
                time.sleep(0.5)
                self.assertEqual(ask(client, b"b\n"), b"b\n")

        self.on_all(asks_twice, "--handler=slow", f"--handler-path={HANDLERS}",
                    "-o", "handler.slow.delay=2s", "-o", "limits.idle_timeout=1500ms")

    def test_nobody_is_idle_who_still_takes(self):
        def takes_then_asks(daemon):
            with connect(daemon) as client:
                client.sendall(b"x" * TAIL + b"\n")
                pace = Pace(client)
                while pace.received <= TAIL:
                    if pace.take() == 0:
                        raise Held if pace.longest > TIMEOUT / 2 else AssertionError("it was idle")
                client.sendall(b"more\n")
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(read_to_end(client), b"more\n")

        self.on_all(takes_then_asks, "-v", "--handler=echo",
                    "-o", f"limits.write_timeout={TIMEOUT}s", "-o",
                    f"limits.idle_timeout={TIMEOUT // 2}s")


if __name__ == "__main__":
    unittest.main()

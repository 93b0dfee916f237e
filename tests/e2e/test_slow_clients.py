"""Clients that take their time, or take nothing: each is ended by its deadline, and no other
client waits for it."""

import contextlib
import signal
import socket
import threading
import time
import unittest

from daemon import PATIENCE, ask, exchange, need_descriptors, on_each_backend, read_to_end
from injectors import HANDLERS, SANITIZED, resident, size

SLOW = size(60, 600)
FLOOD = size(64, 1024) << 20
FLOODERS = 8
REPLIES = size(40, 1000)
PATTERN = bytes(ord("a") + i % 23 for i in range(200000)) + b"\n"
UNREAD = b"more\n" * 20000

POOL = ("-o", f"backend.thread-pool.threads={SLOW + 1}")
SECONDS = 4 if SANITIZED else 2  # long enough for all to connect and speak
DEADLINES = ("-o", f"limits.first_byte_timeout={SECONDS}s",
             "-o", f"limits.message_timeout={SECONDS}s", "-o", f"limits.idle_timeout={SECONDS}s")
SMALL = ("-o", "limits.output_high_water=64KiB", "-o", "limits.output_low_water=16KiB",
         "-o", "limits.max_reply=64KiB",
         "-o", "limits.max_message=16KiB", "-o", "limits.input_buffer=16KiB",
         "-o", "limits.write_timeout=1s")
# What each connection may hold then, and what the process may take for itself beside that.
MOST_EACH = (64 + 64 + 16 + 16) << 10
MOST_ELSE = 2 << 20
HUGE = ("--handler=bulk", f"--handler-path={HANDLERS}", "-o", "handler.bulk.size=16MiB",
        "-o", "limits.max_reply=16MiB")

# How a client can be slow, and which deadline ends it.
KINDS = ("first_byte_timeout", "idle_timeout", "message_timeout")


def setUpModule():
    need_descriptors(SLOW + 100)


class SlowClient:
    def __init__(self, daemon, kind):
        self.connection = daemon.connect()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kind = kind
        self.sent = 0
        if kind == "idle_timeout":
            self.connection.sendall(b"hello\n")
        self.connection.setblocking(False)

    def trickle(self):
        """One byte more of a message that has no end; False once the server has ended the
        connection."""
        with contextlib.suppress(BlockingIOError):
            if self.connection.recv(100) == b"":
                self.connection.close()
                return False
        if self.kind == "message_timeout":
            self.connection.sendall(b"x")
            self.sent += 1
        return True


class Deadlines(unittest.TestCase):
    @on_each_backend("--handler=echo", "-v", *POOL, *DEADLINES)
    def test_each_slow_client_is_ended_and_a_normal_one_is_answered_throughout(self, daemon):
        alone = daemon.serves_one()
        count = len(KINDS) if alone else SLOW
        clients = waiting = [SlowClient(daemon, KINDS[i % len(KINDS)]) for i in range(count)]
        with daemon.connect() as normal:
            if alone:
                normal.sendall(b"1\n")
            # Far longer than the deadlines, if each byte began them anew.
            for turn in range(PATIENCE * 20):
                waiting = [client for client in waiting if client.trickle()]
                if not waiting:
                    break
                if not alone:
                    self.assertEqual(ask(normal, b"%d\n" % turn), b"%d\n" % turn)
                time.sleep(0.05)
            self.assertFalse(waiting, daemon.text())
            self.assertTrue(exchange(normal, b"last\n").endswith(b"last\n"))
        for client in clients:
            self.assertTrue(client.kind != "message_timeout" or client.sent > 2)
        self.assertEqual(daemon.end(), (count + 1, count + 1, 0))
        for kind in KINDS:
            self.assertEqual(daemon.text().count(f"reason={kind}"), count // len(KINDS))

    @on_each_backend("--handler=echo", "-v", "-o", "limits.messages_per_connection=1",
                     "-o", "limits.linger_idle_timeout=300ms", "-o", "limits.linger_timeout=800ms")
    def test_a_client_that_does_not_end_is_not_waited_for(self, daemon):
        with daemon.connect() as silent:
            self.assertEqual(ask(silent, b"1\n"), b"1\n")
            self.assertEqual(silent.recv(10), b"")
            daemon.wait_for(" closed ")
        with daemon.connect() as talking:
            self.assertEqual(ask(talking, b"2\n"), b"2\n")
            with self.assertRaises(ConnectionError):
                for _ in range(PATIENCE * 20):
                    talking.sendall(b"and another thing\n")
                    time.sleep(0.05)
        daemon.wait_for(" closed .*reason=message_limit", 2)


class Flooder(threading.Thread):
    """Sends requests for as long as they are taken, and reads none of the replies."""

    def __init__(self, daemon):
        super().__init__()
        self.connection = daemon.connect()
        self.sent = 0
        self.cut = False

    def run(self):
        requests = (b"q" * 999 + b"\n") * 100
        try:
            while self.sent < FLOOD:
                self.sent += self.connection.send(requests)
        except ConnectionError:
            self.cut = True
        except TimeoutError:
            pass


class Unread(unittest.TestCase):
    @on_each_backend("--handler=echo", "-v", *SMALL, "-o", f"limits.max_connections={FLOODERS}",
                     "-o", f"backend.thread-pool.threads={FLOODERS}")
    def test_who_pipelines_and_never_reads_costs_little_and_is_cut(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
        before = most = resident(daemon.process)
        flooders = [Flooder(daemon) for _ in range(2 if daemon.serves_one() else FLOODERS)]
        for flooder in flooders:
            flooder.start()
        while any(flooder.is_alive() for flooder in flooders):
            most = max(most, resident(daemon.process))
            time.sleep(0.01)
        for flooder in flooders:
            flooder.join()
            self.assertTrue(flooder.cut)
            self.assertLess(flooder.sent, FLOOD)
            flooder.connection.close()
        self.assertEqual(daemon.end(), (len(flooders) + 1, len(flooders) + 1, 0))
        self.assertEqual(daemon.text().count("reason=write_timeout"), len(flooders))
        if not SANITIZED:  # which keep what has been freed
            self.assertLess(most - before, len(flooders) * MOST_EACH + MOST_ELSE)
            self.assertLess(most, int(daemon.wait_for(r"connections_may_want=(\d+)MiB")[0]) << 20)

    @on_each_backend("--handler=bulk", f"--handler-path={HANDLERS}")
    def test_the_last_reply_arrives_whole_though_the_rest_of_the_input_is_never_read(self, daemon):
        for i in range(REPLIES):
            with daemon.connect() as client:
                received = b""
                if i % 2 == 0:
                    client.sendall(b"go\n" + UNREAD)
                else:
                    client.sendall(b"go\n")
                    received = client.recv(65536)
                    client.sendall(UNREAD)
                received += read_to_end(client)
                self.assertEqual(len(received), len(PATTERN))
                self.assertEqual(received, PATTERN)
        self.assertEqual(daemon.end(), (REPLIES, REPLIES, 0))

    def seen_to_be_cut(self, daemon, client):
        """The client reads what there is: less than all of it, and no end that looks like one."""
        received = 0
        with self.assertRaises(ConnectionResetError, msg=daemon.text()):
            while chunk := client.recv(1 << 20):
                received += len(chunk)
        self.assertLess(received, 16 << 20)

    @on_each_backend(*HUGE, "-v", "-o", "limits.write_timeout=500ms")
    def test_a_reply_that_is_cut_off_does_not_look_whole(self, daemon):
        with daemon.connect() as client:
            client.sendall(b"go\n")
            daemon.wait_for("closed .*reason=write_timeout")
            self.seen_to_be_cut(daemon, client)

    @on_each_backend(*HUGE, "-v")
    def test_nor_where_asyncd_is_stopped(self, daemon):
        with daemon.connect() as client:
            client.sendall(b"go\n")
            self.assertEqual(len(client.recv(1)), 1)
            self.assertEqual(daemon.stop(signal.SIGQUIT), 0)
            self.seen_to_be_cut(daemon, client)


if __name__ == "__main__":
    unittest.main()

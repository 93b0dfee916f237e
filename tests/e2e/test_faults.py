"""System calls that fail or dawdle, by strace: each has its one outcome, the books balance, and
asyncd lives."""

import re
import time
import unittest

from daemon import BACKENDS, ask, exchange, on_each_backend
from injectors import Strace, need_strace, until

# Those whose threads wait in recv.
THREADS = ("blocking", "thread-per-connection", "thread-pool")

# One thread for each kind of work, because strace counts the calls of each thread apart.
ONE_OF_EACH = ("-v", "-o", "backend.proactor.threads=1", "-o", "backend.epoll.threads=1",
               "-o", "backend.thread-pool.threads=1")
EDGES = ("epoll", "proactor")  # told of once

LONG = b"".join(b"%d " % number for number in range(20000)) + b"\n"

# Of one client each, or of the moment: the next accept is tried, at once or after a pause.
ACCEPT_ERRORS = ("EINTR", "ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "EMFILE", "ENFILE",
                 "ENOBUFS", "ENOMEM")

# The client has gone, or something else is wrong with its connection alone.
FATAL = [
    ("recvfrom", "ECONNRESET", "client_reset"),
    ("recvfrom", "ETIMEDOUT", "client_reset"),
    ("recvfrom", "EHOSTUNREACH", "client_reset"),
    ("recvfrom", "EIO", "io_error"),
    ("sendto", "EPIPE", "client_reset"),
    ("sendto", "ECONNRESET", "client_reset"),
    ("sendto", "ENOBUFS", "io_error"),
]

# No client notices.
TRANSIENT = [
    ("recvfrom", "error=EINTR:when=1..3"),
    ("sendto", "error=EINTR:when=1..3"),
    ("sendto", "error=EAGAIN:when=1..2"),
    ("sendto", "delay_enter=1000:when=1+3"),
    ("recvfrom", "delay_exit=1000:when=1+3"),
    ("accept4", "delay_enter=1000"),
    ("poll,ppoll,select,pselect6,epoll_wait,epoll_pwait,epoll_pwait2", "delay_exit=1000:when=1+3"),
    ("shutdown,close,fcntl,setsockopt", "delay_enter=1000"),
]


def injecting(daemon, calls, what):
    return Strace(daemon, "-e", f"trace={calls}", "-e", f"inject={calls}:{what}")


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need_strace()

    @on_each_backend("--handler=echo", *ONE_OF_EACH)
    def test_an_error_of_accept_costs_nobody_anything(self, daemon):
        daemon.addresses()
        for error in ACCEPT_ERRORS:
            with self.subTest(error=error):
                with injecting(daemon, "accept4", f"error={error}:when=1..3") as trace, \
                     daemon.connect() as client:
                    self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
                self.assertEqual(trace.injected(), 3)
        self.assertEqual(daemon.end(), (len(ACCEPT_ERRORS), len(ACCEPT_ERRORS), 0))
        # Of such lines there is at most one in a second, so the others may be missing.
        lines = re.findall(r"cannot accept .*", daemon.text())
        self.assertEqual(lines[0],
                         'cannot accept listener=main err="Software caused connection abort"')
        self.assertNotIn("Interrupted", "".join(lines))

    @on_each_backend("--handler=echo", *ONE_OF_EACH)
    def test_an_error_of_a_connection_ends_it_and_no_other(self, daemon):
        daemon.addresses()
        for number, (call, error, reason) in enumerate(FATAL, 1):
            with self.subTest(call=call, error=error):
                with injecting(daemon, call, f"error={error}:when=1") as trace, \
                     daemon.connect() as client:
                    client.sendall(b"hello\n")
                    try:
                        self.assertEqual(client.recv(100), b"")
                    except ConnectionResetError:
                        pass
                    last = daemon.wait_for(r" closed .*reason=(\S+)", 2 * number - 1)[-1]
                self.assertEqual((trace.injected(), last), (1, reason))
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
                daemon.wait_for(" closed ", 2 * number)
        self.assertEqual(daemon.end(), (2 * len(FATAL), 2 * len(FATAL), 0))

    @on_each_backend("--handler=echo", *ONE_OF_EACH)
    def test_what_is_interrupted_or_late_is_done_all_the_same(self, daemon):
        daemon.addresses()
        for call, what in TRANSIENT:
            with self.subTest(call=call, what=what):
                with injecting(daemon, call, what) as trace:
                    until(lambda: self.serve(daemon) and trace.injected(), "the fault")
        daemon.end()

    def serve(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(ask(client, b"hello\n"), b"hello\n")
            self.assertEqual(exchange(client, LONG), LONG)
        return True

    @on_each_backend("--handler=echo", *ONE_OF_EACH,
                     backends=[name for name in BACKENDS if name not in EDGES])
    def test_nothing_to_read_where_there_was_something(self, daemon):
        """A system that tells of an edge does not take it back."""
        daemon.addresses()
        with injecting(daemon, "recvfrom", "error=EAGAIN:when=1..2") as trace:
            until(lambda: self.serve(daemon) and trace.injected(), "the fault")
        daemon.end()

    @on_each_backend("--handler=echo", *ONE_OF_EACH, "-o", "limits.idle_timeout=3s",
                     backends=THREADS)
    def test_a_thread_that_is_held_up_looks_before_it_ends_a_connection(self, daemon):
        """It finds nothing, is held up, and in the meantime a message arrives and after it the
        deadline passes."""
        with daemon.connect() as client:
            self.assertEqual(ask(client, b"1\n"), b"1\n")
            with injecting(daemon, "recvfrom", "delay_exit=3200000") as trace:
                self.assertEqual(ask(client, b"2\n"), b"2\n")
                time.sleep(0.4)
                self.assertEqual(ask(client, b"3\n"), b"3\n")
            self.assertLess(0, trace.injected())
        self.assertEqual(daemon.end(), (1, 1, 0))

    @on_each_backend("--handler=echo", *ONE_OF_EACH, backends=EDGES)
    def test_a_socket_that_cannot_be_watched_is_turned_away(self, daemon):
        daemon.addresses()
        for error in ("ENOMEM", "ENOSPC"):
            with self.subTest(error=error):
                with injecting(daemon, "epoll_ctl", f"error={error}:when=1") as trace, \
                     daemon.connect() as client:
                    self.assertEqual(client.recv(100), b"")
                self.assertEqual(trace.injected(), 1)
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
        self.assertEqual(daemon.end(), (4, 2, 2))

    @on_each_backend("--handler=echo", *ONE_OF_EACH, backends=("thread-per-connection",))
    def test_a_thread_that_cannot_be_had_costs_one_connection(self, daemon):
        daemon.addresses()
        with injecting(daemon, "clone,clone3", "error=EAGAIN:when=1") as trace, \
             daemon.connect() as client:
            self.assertEqual(exchange(client, b""), b"error: too many connections\n")
        self.assertEqual(trace.injected(), 1)
        with daemon.connect() as client:
            self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
        self.assertEqual(daemon.end(), (2, 1, 1))


if __name__ == "__main__":
    unittest.main()

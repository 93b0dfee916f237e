"""Listeners of every kind, several in one process, and answers that do not depend on how they were asked for."""

import contextlib
import re
import socket
import tempfile
import unittest

from daemon import BACKENDS, PATIENCE, Daemon, exchange, on_each_backend

DIGITS = 300

# A listener's keys, what a client sends, and what it gets until the end.
KINDS = [
    ('handler = "square"\nframing = "line"\nmessages_per_connection = 2', b"3\n4\n5\n", b"9\n16\n"),
    ('handler = "echo"\nframing = "length"\nprefix_size = 2\nmax_message = 40',
     b"\0\3abc\0\51" + b"m" * 41, b"\0\3abc\0\50error: message too long (limit 40 bytes)"),
    ('handler = "uppercase-echo"\nframing = "raw"', b"brown fox", b"BROWN FOX"),
    ('handler = "double"\nframing = "fixed"\nmessage_size = 3', b"1  -20", b"2-40"),
    ('handler = "hello"\nframing = "line"\nmax_message = 8', b"12345678\r\n123456789\nx\n",
     b"Hello World\nerror: message too long (limit 8 bytes)\n"),
]


def has_ipv6():
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


class Listeners(unittest.TestCase):
    def test_each_has_its_own_backend_handler_framing_and_limits(self):
        # Every kind is on another backend each time, so that all meet all.
        for turn in range(len(BACKENDS)):
            listeners = [(BACKENDS[(turn + i) % len(BACKENDS)], *kind) for i, kind in enumerate(KINDS)]
            with self.subTest(turn=turn), tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                for i, (backend, keys, _, _) in enumerate(listeners):
                    file.write(f'[[listener]]\nname = "l{i}"\naddress = "127.0.0.1:0"\nbackend = "{backend}"\n{keys}\n')
                file.flush()
                with Daemon("-c", file.name, listen=[]) as daemon:
                    connections = [daemon.connect(i) for i in range(len(listeners))]
                    for connection, (backend, keys, question, answer) in zip(connections, listeners):
                        with self.subTest(backend=backend, keys=keys), connection:
                            self.assertEqual(exchange(connection, question), answer)
                    self.assertEqual(daemon.end(), (len(listeners), len(listeners), 0))

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    @on_each_backend("--handler=square", "-v", listen=["[::]:0"])
    def test_both_internet_protocols_on_one_socket(self, daemon):
        for host, peer in (("127.0.0.1", "127.0.0.1:"), ("::1", "[::1]:")):
            with socket.create_connection((host, daemon.port()), PATIENCE) as connection:
                self.assertEqual(exchange(connection, b"5\n"), b"25\n")
                daemon.wait_for(f" opened .*peer={re.escape(peer)}{connection.getsockname()[1]} ")

    @on_each_backend("--handler=square")
    def test_however_it_is_cut_the_answer_is_the_same(self, daemon):
        numbers = [0, -3, 10**DIGITS - 7, -(10**DIGITS) // 3, *range(200)]
        question = b"".join(b"%d\n" % n for n in numbers)
        answer = b"".join(b"%d\n" % (n * n) for n in numbers)
        with daemon.connect() as connection:
            self.assertEqual(exchange(connection, question), answer)
        with daemon.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(question)):
                connection.sendall(question[i:i + 1])
            self.assertEqual(exchange(connection, b""), answer)


if __name__ == "__main__":
    unittest.main()

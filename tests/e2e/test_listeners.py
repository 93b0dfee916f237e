"""Listeners of every kind, several in one process, and answers that do not depend on how they
were asked for."""

import contextlib
import os
import re
import socket
import sys
import tempfile
import unittest

from daemon import BACKENDS, PATIENCE, Daemon, ask, exchange, on_each_backend, run

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


@unittest.skipUnless(sys.platform == "linux", "abstract sockets are Linux's")
class AbstractSockets(unittest.TestCase):
    """Names of this process's own, because they are the whole machine's."""

    @on_each_backend("--handler=uppercase-echo", "-v", listen=[f"unix:@asyncd-test-{os.getpid()}"])
    def test_clients_of_all_kinds_reach_one(self, daemon):
        name = f"asyncd-test-{os.getpid()}"
        address = f"unix:@{name}"
        self.assertEqual(daemon.addresses(), [address])
        self.assertFalse(os.path.exists(f"@{name}"))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"\0{name}")
            self.assertEqual(ask(client, b"hi\n"), b"HI\n")
        said = run("send", address, "--data=hello")
        self.assertEqual((said.returncode, said.stdout), (0, "HELLO\n"))
        asked = run("--no-config", "call", "fanout", "-o", f"handler.fanout.upstreams={address}",
                    "hey")
        self.assertEqual(asked.stdout, "HEY\n", asked.stderr)
        measured = run("bench", address, "--handler=uppercase-echo", "--duration=100ms",
                       "--warmup=10ms", "--connections=1", "--json=-")
        self.assertIn('"verdict"', measured.stdout, measured.stderr)
        second = run("--no-config", "--handler=echo", f"--listen={address}")
        self.assertEqual(second.returncode, 73)
        self.assertIn(
            f"{address}: Address already in use; another process listens there: stop it, or choose "
            f"another "
                      "name", second.stderr)
        self.assertIn(" opened conn=1 peer=unix: ", daemon.text())

    def test_its_name_is_free_again_at_the_end_and_no_file_is_made(self):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                with Daemon("--no-config", "--handler=echo",
                            listen=[f"unix:@asyncd-again-{os.getpid()}"], cwd=folder) as daemon:
                    daemon.addresses()
                    daemon.end()
            self.assertEqual(os.listdir(folder), [])
            with Daemon("--no-config", "--handler=echo", listen=["unix:./@file"],
                        cwd=folder) as daemon:
                daemon.addresses()
                self.assertEqual(os.listdir(folder), ["@file"])
                daemon.end()

    def test_names_that_cannot_be_are_refused(self):
        longest = "n" * 107
        with Daemon("--no-config", "--handler=echo", listen=[f"unix:@{longest}"]) as daemon:
            self.assertEqual(daemon.addresses(), [f"unix:@{longest}"])
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"\0{longest}")
                self.assertEqual(ask(client, b"hi\n"), b"hi\n")
        for name, code, words in ((f"@{longest}n", 73, "longer than 108 bytes"),
                                  ("@", 2, "the name after '@' is missing")):
            refused = run("--no-config", "--handler=echo", f"--listen=unix:{name}")
            self.assertEqual(refused.returncode, code, refused.stderr)
            self.assertIn(words, refused.stderr)
            self.assertNotEqual(run("send", f"unix:{name}", "--data=x").returncode, 0)


class Listeners(unittest.TestCase):
    def test_each_has_its_own_backend_handler_framing_and_limits(self):
        # Every kind is on another backend each time, so that all meet all.
        for turn in range(len(BACKENDS)):
            listeners = [(BACKENDS[(turn + i) % len(BACKENDS)],
                          *kind) for i, kind in enumerate(KINDS)]
            with self.subTest(turn=turn), tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                for i, (backend, keys, _, _) in enumerate(listeners):
                    file.write(
                        f'[[listener]]\nname = "l{i}"\naddress = "127.0.0.1:0"\nbackend = '
                        f'"{backend}"\n{keys}\n')
                file.flush()
                with Daemon("-c", file.name, listen=[]) as daemon:
                    connections = [daemon.connect(i) for i in range(len(listeners))]
                    for connection, listener in zip(connections, listeners):
                        backend, keys, question, answer = listener
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

"""The log in trouble: opened again under load, full disks, readers that do not read, streams
that are closed."""

import fcntl
import glob
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from daemon import ASYNCD, PATIENCE, ask, environment, exchange, on_each_backend
from log_daemon import LINE, LOST, LogDaemon, PipedDaemon, connect_to, numbered, numbers_in, total


# One that tells nothing of its own while it serves. An event loop warns of long turns, also where
# the machine is slow.
QUIET = "--backend=thread-per-connection"


def check_lines(test, text):
    for line in text.splitlines():
        test.assertRegex(line, f"^{LINE}$")


class Reopening(unittest.TestCase):
    @on_each_backend("--handler=print", make=LogDaemon)
    def test_nothing_is_lost_or_written_twice(self, daemon):
        count, moves = 1200, 12
        with daemon.connect() as client:

            def send():
                for first in range(0, count, 10):
                    client.sendall(numbered(range(first, first + 10)))
                    time.sleep(0.015)  # a handler may log a thousand lines a second

            sending = threading.Thread(target=send)
            sending.start()
            for move in range(1, moves + 1):
                os.rename(daemon.path, f"{daemon.path}.{move}")
                daemon.process.send_signal(signal.SIGUSR1)
                daemon.wait_for("the log was opened again", move)
            sending.join()
            exchange(client, b"")
        daemon.end()
        self.assertEqual(len(glob.glob(daemon.path + ".*")), moves)
        check_lines(self, daemon.text())
        self.assertEqual(numbers_in(daemon.text()), list(range(count)))

    def test_it_is_opened_again_while_asyncd_drains(self):
        for how in (signal.SIGUSR1, signal.SIGHUP):
            with self.subTest(how=how), LogDaemon("--no-config", "--handler=echo") as daemon:
                with daemon.connect() as client:
                    client.sendall(b"1\nhalf a mess")
                    self.assertEqual(client.recv(100), b"1\n")
                    daemon.process.send_signal(signal.SIGTERM)
                    daemon.wait_for(" draining ")
                    os.rename(daemon.path, daemon.path + ".old")
                    daemon.process.send_signal(how)
                    daemon.wait_for("the log was opened again")
                    client.sendall(b"age\n")
                    self.assertEqual(client.recv(100), b"half a message\n")
                self.assertEqual(daemon.process.wait(PATIENCE), 0)
                with open(daemon.path, encoding="utf-8") as file:
                    self.assertIn(" stopped ", file.read())

    def test_the_old_file_stays_where_it_cannot_be_opened_again(self):
        with LogDaemon("--no-config", "--handler=print") as daemon, daemon.connect() as client:
            before, moved = daemon.folder.name, daemon.folder.name + ".moved"
            os.rename(before, moved)
            daemon.path = os.path.join(moved, "log")
            try:
                daemon.process.send_signal(signal.SIGUSR1)
                daemon.wait_for(
                    "error the log stays where it is err=\"cannot write the log to '.*/log': there "
                    "is no ")
                exchange(client, numbered([1]))
                daemon.end()
                self.assertEqual(numbers_in(daemon.text()), [1])
            finally:
                os.rename(moved, before)


class Trouble(unittest.TestCase):
    def test_a_full_disk_costs_lines_which_are_told_once_there_is_room(self):
        with LogDaemon("--no-config", "--handler=print", QUIET) as daemon:
            daemon.addresses()
            room = os.path.getsize(daemon.path) + 500
            everything = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE,
                                          (room, resource.RLIM_INFINITY))
            for first in (0, 300):
                with daemon.connect() as client:
                    exchange(client, numbered(range(first, first + 300)))
            for _ in range(PATIENCE * 100):
                if os.path.getsize(daemon.path) == room:
                    break
                time.sleep(0.01)
            self.assertFalse(daemon.text().endswith("\n"), "a line was cut off")
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, everything)
            daemon.wait_for(LOST + ' err="File too large"')
            daemon.end()
            check_lines(self, daemon.text())
            self.assertGreater(total(LOST, daemon.text()), 0)
            self.assertEqual(len(numbers_in(daemon.text())) + total(LOST, daemon.text()), 600)
            self.assertEqual(daemon.errors(), "")

    def test_a_reader_that_does_not_read_stops_nobody(self):
        connections = 4600  # each has two lines, and the queue 8,192
        with tempfile.TemporaryFile() as copy:
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=copy)
            fcntl.fcntl(reader.stdin, fcntl.F_SETPIPE_SZ, 4096)
            daemon = PipedDaemon(copy, "--no-config", "--handler=echo", "-v", QUIET,
                                 errors=reader.stdin)
            reader.stdin.close()
            with daemon:
                port = daemon.port()
                reader.send_signal(signal.SIGSTOP)
                try:
                    for _ in range(connections):
                        with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                            self.assertEqual(exchange(client, b"hello\n"), b"hello\n")
                finally:
                    reader.send_signal(signal.SIGCONT)
                daemon.wait_for(LOST)
                daemon.end()
            self.assertEqual(reader.wait(PATIENCE), 0)
            text = daemon.text()
            kept = len(re.findall(r"debug (opened|closed) ", text))
            self.assertGreater(total(LOST, text), 0)
            self.assertEqual(kept + total(LOST, text), 2 * connections)

    def test_a_log_that_takes_nothing_does_not_matter(self):
        """Full disks, readers that have gone, standard streams that are closed."""
        gone, pipe = os.pipe()
        os.close(gone)
        with open("/dev/full", "wb") as full, open(pipe, "wb") as unread:
            for name, more in {"file": {"arguments": ["-o", "log.file=/dev/full"]},
                               "standard error": {"errors": full},
                               "pipe": {"errors": unread}, "closed": {"closed": (0, 1, 2)}}.items():
                with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                    self.serve_blindly(os.path.join(folder, "socket"), **more)

    def test_a_standard_error_that_is_full_does_not_change_the_exit_code(self):
        if self.code_with_no_room("--version") != 0:
            self.skipTest("this asyncd is built to write files of its own")  # ThreadSanitizer does
        self.assertEqual(self.code_with_no_room("--bogus"), 2)

    def code_with_no_room(self, argument):
        with tempfile.TemporaryFile() as full:
            process = subprocess.Popen(
                [*ASYNCD, argument], stdout=subprocess.DEVNULL, stderr=full, env=environment(),
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
            return process.wait(PATIENCE)

    def serve_blindly(self, path, arguments=(), errors=None, closed=()):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [*ASYNCD, "--no-config", "--handler=print", "-v", f"--listen=unix:{path}",
                 *arguments],
                stderr=errors or said, env=environment(),
                preexec_fn=lambda: [os.close(fd) for fd in closed])
            try:
                for _ in range(100):
                    with connect_to(path, process) as client:
                        exchange(client, b"a line\n" * 20)
                for stream in closed:
                    self.assertEqual(os.readlink(f"/proc/{process.pid}/fd/{stream}"), "/dev/null")
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(PATIENCE), 0)
                self.assertEqual(os.fstat(said.fileno()).st_size, 0, "it says nothing elsewhere")
            finally:
                process.kill()
                process.wait()

    @on_each_backend("--handler=echo", make=LogDaemon)
    def test_children_inherit_no_descriptor(self, daemon):
        with daemon.connect() as client:
            ask(client, b"hello\n")
            folder = f"/proc/{daemon.process.pid}/fdinfo"
            for descriptor in os.listdir(folder):
                with open(os.path.join(folder, descriptor), encoding="utf-8") as file:
                    flags = int(re.search(r"flags:\s+(\d+)", file.read())[1], 8)
                if int(descriptor) > 2:
                    link = os.readlink(f"/proc/{daemon.process.pid}/fd/{descriptor}")
                    self.assertTrue(flags & os.O_CLOEXEC, link)


if __name__ == "__main__":
    unittest.main()

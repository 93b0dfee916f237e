"""asyncd.exe from the outside, under wine: clients of the system beside it, Ctrl-C, and the service manager."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from daemon import Daemon, exchange, run

BACKENDS = ["blocking", "thread-per-connection", "thread-pool", "select", "proactor"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serving(unittest.TestCase):
    def test_every_backend_serves_and_stops_by_ctrl_c(self):
        for backend in BACKENDS:
            with self.subTest(backend), Daemon("--no-config", f"--backend={backend}", "--handler=square") as daemon:
                self.assertEqual(exchange(daemon.connect(), b"7\n-12\n"), b"49\n144\n")
                self.assertEqual(daemon.stop(signal.SIGINT), 0, daemon.text())
                self.assertIn("accepted=1 closed=1", daemon.text())

    def test_socat_and_nc_are_served(self):
        with Daemon("--no-config", "--handler=double") as daemon:
            for client in (["nc", "-N", "127.0.0.1", str(daemon.port())],
                           ["socat", "-t5", "-", f"TCP:127.0.0.1:{daemon.port()}"]):
                answer = subprocess.run(client, input=b"21\n", capture_output=True, timeout=30, check=True)
                self.assertEqual(answer.stdout, b"42\n", client)

    def test_answers_have_plain_line_ends(self):
        self.assertEqual(run("call", "square", "7").stdout, "49\n")

    def test_exit_codes(self):
        for arguments, code in ((["--frob"], 2), (["--handler=nothing"], 66), (["--backend=io"], 2)):
            with self.subTest(arguments):
                self.assertEqual(run("--no-config", *arguments).returncode, code)


class Service(unittest.TestCase):
    def test_its_whole_life(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "asyncd.log")
            installed = run("service", "install", "--no-config", "--handler=square", f"--listen=127.0.0.1:{port}",
                            "-o", f"log.file={log}")
            self.assertEqual(installed.returncode, 0, installed.stderr)
            try:
                started = run("service", "start")
                self.assertEqual(started.returncode, 0, started.stderr)
                self.assertEqual(exchange(socket.create_connection(("127.0.0.1", port), 30), b"7\n"), b"49\n")
                self.assertEqual(run("service", "stop").returncode, 0)
            finally:
                removed = run("service", "uninstall")
            self.assertEqual(removed.returncode, 0, removed.stderr)
            with open(log, encoding="utf-8") as lines:
                self.assertIn("accepted=1 closed=1", lines.read())
        self.assertEqual(run("service", "start").returncode, 66)

    def test_mistakes_are_shown_to_the_one_who_installs(self):
        refused = run("service", "install", "--no-config", "--handler=square", "--listen=nowhere")
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("the port is missing", refused.stderr)


if __name__ == "__main__":
    unittest.main()

"""The real program, real sockets, clients of others: nc, socat and Python's own."""

import os
import signal
import subprocess
import tempfile
import unittest

from daemon import PATIENCE, Daemon, exchange, on_each_backend, run

EXAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "conf", "examples")


class Serving(unittest.TestCase):
    @on_each_backend("--handler=square")
    def test_python_nc_and_socat_get_their_squares(self, daemon):
        with daemon.connect() as connection:
            self.assertEqual(exchange(connection, b"7\n-12\nabc\n"),
                             b'49\n144\nerror: not an integer: "abc"\n')
        port = str(daemon.port())
        for client in (["nc", "-N", "127.0.0.1", port],
                       ["socat", "-t5", "-", f"TCP:127.0.0.1:{port}"]):
            answer = subprocess.run(client, input=b"11\n", capture_output=True, timeout=PATIENCE)
            self.assertEqual(answer.stdout, b"121\n", client)

    def end_by(self, daemon, how):
        with daemon.connect() as connection:
            connection.sendall(b"3\n")
            self.assertEqual(connection.recv(10), b"9\n")
        self.assertEqual(daemon.stop(how), 0, daemon.text())
        self.assertIn("accepted=1 closed=1 rejected=0 active=0", daemon.text())

    @on_each_backend("--handler=square")
    def test_term_ends_it_cleanly(self, daemon):
        self.end_by(daemon, signal.SIGTERM)

    @on_each_backend("--handler=square")
    def test_interrupt_ends_it_cleanly(self, daemon):
        self.end_by(daemon, signal.SIGINT)

    @on_each_backend("--handler=square")
    def test_quit_ends_it_cleanly(self, daemon):
        self.end_by(daemon, signal.SIGQUIT)

    def test_a_unix_socket_and_its_stale_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "asyncd.sock")
            for how in (signal.SIGKILL, signal.SIGTERM):
                with Daemon("--no-config", "--handler=echo", listen=[f"unix:{path}"]) as daemon:
                    daemon.addresses()
                    refused = run("--no-config", "--handler=echo", f"--listen=unix:{path}")
                    self.assertEqual(refused.returncode, 73)
                    self.assertIn("another process listens there", refused.stderr)
                    answer = subprocess.run(["socat", "-t5", "-", f"UNIX-CONNECT:{path}"],
                                            input=b"hi\n", capture_output=True, timeout=PATIENCE)
                    self.assertEqual(answer.stdout, b"hi\n")
                    daemon.stop(how)
                self.assertEqual(os.path.exists(path), how == signal.SIGKILL)
            for kind, make in (("not a socket", lambda: os.mknod(path)),
                               ("symbolic link", lambda: os.symlink("/nowhere", path))):
                make()
                before = os.lstat(path).st_ctime_ns
                refused = run("--no-config", "--handler=echo", f"--listen=unix:{path}")
                self.assertEqual(refused.returncode, 73)
                self.assertIn(kind, refused.stderr)
                self.assertEqual(os.lstat(path).st_ctime_ns, before, "it is left alone")
                os.unlink(path)

    def test_a_port_in_use(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            refused = run("--no-config", "--handler=echo", f"--listen=127.0.0.1:{daemon.port()}")
            self.assertEqual(refused.returncode, 73)
            self.assertIn("another process listens there", refused.stderr)

    def test_a_proactor_has_a_thread_for_each_core_that_it_may_run_on(self):
        core = {min(os.sched_getaffinity(0))}
        told = run("config", "--no-config", "--backend=proactor",
                   preexec_fn=lambda: os.sched_setaffinity(0, core))
        self.assertIn("[backend.proactor]\nthreads = 1\n", told.stdout)

    def test_every_example_serves(self):
        for name in sorted(os.listdir(EXAMPLES)):
            path = os.path.join(EXAMPLES, name)
            with open(path, encoding="utf-8") as file:
                listeners = file.read().count("[[listener]]")
            # Its own ports may be in use here, so each listener gets a free one.
            anywhere = {"ASYNCD_LISTENER_ADDRESS": "127.0.0.1:0"}
            with self.subTest(example=name), \
                 Daemon("-c", path, listen=[], variables=anywhere) as daemon:
                self.assertEqual(len(daemon.addresses(listeners)), listeners)
                with daemon.connect() as connection:
                    exchange(connection, b"12")
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()

"""Signals that mean nothing to asyncd: a line in the log, and no client notices."""

import os
import pty
import select
import signal
import subprocess
import tempfile
import termios
import time
import unittest

from daemon import ASYNCD, PATIENCE, ask, environment, on_each_backend
from injectors import Configured, listener, toml, until

# Those for which the system would end a program, or stop it.
UNUSED = {name: getattr(signal, f"SIG{name}") for name in ("USR2", "TTIN", "TTOU", "ALRM", "VTALRM",
                                                           "PROF", "IO")}
UNUSED |= {"STKFLT": 16} if os.uname().machine in ("x86_64", "aarch64") else {}
UNUSED |= {f"RTMIN+{number}": signal.SIGRTMIN +
           number for number in (0, 1, signal.SIGRTMAX - signal.SIGRTMIN)}
WORDS = "a signal that asyncd has no use for; nothing has changed signal="


class Signals(unittest.TestCase):
    @on_each_backend("--handler=echo")
    def test_each_is_told_and_changes_nothing(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(ask(client, b"before\n"), b"before\n")
            for number, (name, one) in enumerate(UNUSED.items(), 1):
                daemon.process.send_signal(one)
                self.assertEqual(daemon.wait_for(WORDS.replace("+", r"\+") + r"(\S+)", number)[-1],
                                 name)
                self.assertEqual(ask(client, b"%d\n" % number), b"%d\n" % number)
        self.assertEqual(daemon.text().count(WORDS), len(UNUSED))

    @on_each_backend("--handler=echo")
    def test_a_container_that_is_shut_down_drains(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(ask(client, b"before\n"), b"before\n")
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for(WORDS)
            self.assertEqual(daemon.stop(signal.SIGPWR), 0, daemon.text())
        self.assertIn("accepted=1 closed=1 rejected=0", daemon.text())

    def test_they_come_before_anything_is_served_and_while_it_drains(self):
        with tempfile.TemporaryDirectory() as folder:
            gate = os.path.join(folder, "shut")
            with open(gate, "w", encoding="ascii"):
                pass
            with Configured(listener("gate", "select") +
                            f"[handler.gate]\nuntil_gone = {toml(gate)}\n") as daemon:
                until(lambda: self.catches(daemon, signal.SIGUSR2), "it has begun")
                daemon.process.send_signal(signal.SIGUSR2)
                daemon.process.send_signal(signal.SIGALRM)
                os.unlink(gate)
                daemon.wait_for(WORDS, 2)
                with daemon.connect() as client:
                    client.sendall(b"begun")
                    daemon.process.send_signal(signal.SIGTERM)
                    daemon.wait_for(" draining ")
                    daemon.process.send_signal(signal.SIGUSR2)
                    daemon.wait_for(WORDS, 3)
                self.assertEqual(daemon.process.wait(PATIENCE), 0, daemon.text())

    def catches(self, daemon, number):
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
            caught = next(line for line in status if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> number - 1 & 1 == 1

    def test_its_log_goes_to_a_terminal_that_stops_who_writes_from_the_background(self):
        session = '''
import fcntl, os, signal, sys, termios, time
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
asyncd = os.fork()
if asyncd == 0:
    os.setpgid(0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
while os.getpgid(asyncd) == os.getpgid(0):
    time.sleep(0.01)
signal.signal(signal.SIGTERM, lambda *_: os.kill(asyncd, signal.SIGTERM))
signal.signal(signal.SIGUSR1, lambda *_: os.kill(asyncd, signal.SIGKILL))
while True:
    pid, status = os.waitpid(asyncd, os.WUNTRACED)
    sys.exit(99 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))
'''
        ours, terminal = pty.openpty()
        attributes = termios.tcgetattr(terminal)
        attributes[3] |= termios.TOSTOP
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        command = ["python3", "-c", session, *ASYNCD, "--no-config", "--handler=echo",
                   "--listen=127.0.0.1:0"]
        with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal,
                              env=environment(), start_new_session=True) as leader:
            os.close(terminal)
            try:
                self.read_until(ours, "listening")
                leader.send_signal(signal.SIGTERM)
                self.assertIn("accepted=0", self.read_until(ours, "stopped"))
                self.assertEqual(leader.wait(PATIENCE), 0)
            finally:
                leader.send_signal(signal.SIGUSR1)
        os.close(ours)

    def read_until(self, terminal, words):
        said = ""
        deadline = time.monotonic() + PATIENCE
        while words not in said and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 1 << 16).decode()
        self.assertIn(words, said)
        return said


if __name__ == "__main__":
    unittest.main()

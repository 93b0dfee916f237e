"""What asyncd tells of itself while it serves: the books at any time, and what it should not run
as."""

import os
import re
import signal
import subprocess
import tempfile
import unittest

from daemon import BACKENDS, PROGRAM, Daemon, ask, environment, on_each_backend, run
from injectors import until

LISTENER = ('[[listener]]\nname = "main"\naddress = "127.0.0.1:0"\nbackend = "{}"\n'
            'handler = "square"\n')
# A user whom every system has, and who may do nothing.
NOBODY = 65534


def books(daemon):
    """The figures of the listener's newest line, after a USR1."""
    pattern = r"books listener=main (.*)"
    before = len(re.findall(pattern, daemon.text()))
    daemon.process.send_signal(signal.SIGUSR1)
    return dict(re.findall(r"(\w+)=(\S+)", daemon.wait_for(pattern, before + 1)[-1]))


class Books(unittest.TestCase):
    def check(self, daemon, **wanted):
        """A client may have a reply a moment before the bytes that were sent are counted."""
        wanted = {key: str(value) for key, value in wanted.items()}
        until(lambda: wanted.items() <= books(daemon).items(), f"the books say {wanted}")

    @on_each_backend("--handler=square")
    def test_they_are_true_while_a_connection_is_open(self, daemon):
        with daemon.connect() as client:
            for count in range(1, 4):
                self.assertEqual(ask(client, b"12\n"), b"144\n")
                self.assertEqual(books(daemon)["replies"], str(count))
                self.check(daemon, accepted=1, active=1, closed="none", messages=count,
                           replies=count, errors=0, bytes_in=3 * count, bytes_out=4 * count)

    def test_a_reload_to_another_backend_goes_on_with_them(self):
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "asyncd.toml")
            for count, backend in enumerate(BACKENDS, 1):
                with open(config, "w", encoding="utf-8") as file:
                    file.write(LISTENER.format(backend))
                if count == 1:
                    daemon = self.enterContext(Daemon("-c", config, listen=()))
                    daemon.addresses()
                else:
                    daemon.process.send_signal(signal.SIGHUP)
                    daemon.wait_for(" reloaded ", count - 1)
                with daemon.connect() as client:
                    self.assertEqual(ask(client, b"12\n"), b"144\n")
                self.check(daemon, accepted=count, active=0, messages=count, replies=count)
            self.assertEqual(daemon.end(), (len(BACKENDS), len(BACKENDS), 0))
            last = re.findall(r"books listener=main accepted=(\d+) active=0 ", daemon.text())[-1]
            self.assertEqual(last, str(len(BACKENDS)))


class Privileges(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0, "only root is warned")
    def test_root_is_warned_once_and_told_what_to_do(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            daemon.addresses()
            self.assertEqual(len(re.findall(" warn  running as root: run it as another user ",
                                            daemon.text())), 1)

    def test_a_user_without_rights_is_not(self):
        user = {}
        if os.geteuid() == 0:
            user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            try:
                subprocess.run([PROGRAM, "--version"], capture_output=True, check=True,
                               env=environment(), **user)
            except (OSError, subprocess.CalledProcessError):
                self.skipTest("other users cannot run asyncd from where it was built")
        with Daemon("--no-config", "--handler=echo", **user) as daemon:
            daemon.addresses()
            self.assertNotIn(" warn ", daemon.text())

    def test_commands_that_do_not_serve_say_nothing(self):
        self.assertEqual(run("call", "--no-config", "square", "7").stderr, "")
        self.assertEqual(run("check", "--no-config", "--handler=square").stderr, "")


if __name__ == "__main__":
    unittest.main()

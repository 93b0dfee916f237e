"""What asyncd tells of itself while it serves: the books, at any time."""

import os
import re
import signal
import tempfile
import unittest

from daemon import BACKENDS, Daemon, ask, on_each_backend
from injectors import until

LISTENER = '[[listener]]\nname = "main"\naddress = "127.0.0.1:0"\nbackend = "{}"\nhandler = "square"\n'


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
                self.check(daemon, accepted=1, active=1, closed="none", messages=count, replies=count, errors=0,
                           bytes_in=3 * count, bytes_out=4 * count)

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


if __name__ == "__main__":
    unittest.main()

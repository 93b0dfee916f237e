"""What the log says of a reload is true: of each listener what has become of it, and nothing of
the others."""

import re
import resource
import unittest

from daemon import BACKENDS, ask, on_each_backend
from injectors import Configured, listener

OTHER = {"proactor": "select"}  # another backend than this one
STAYS = "stays"


def allow_300():
    """So that max_connections, of which nothing is said, is what is left of the open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))


def two(backend, **changing):
    """One that stays as it is, and one that has these keys."""
    keys = {"handler": "echo", "backend": backend, "name": "changing"} | changing
    return listener("hello", backend, name=STAYS) + listener(**keys)


class ReloadLog(unittest.TestCase):
    def reload(self, daemon, text):
        """What the log tells of this reload: (what, of which listener or key)."""
        before = len(daemon.text())
        daemon.reload(text)
        news = daemon.text()[before:]
        told = re.findall(
            r" info  (listening|new connections get the new settings|no longer listening) .*?"
                          r"listener=(\w+)", news)
        changed = re.findall(r" info  changed key=(\S+) from=(\S+) to=(\S+) effect=\"?([^\"\n]+)",
                             news)
        return set(told), set(changed), news

    def test_each_line_is_true(self):
        settings = "new connections get the new settings"
        listening, ended = "listening", "no longer listening"
        for backend in BACKENDS:
            other = OTHER.get(backend, "proactor")
            plain = two(backend)
            key = "listener.changing."
            anew = "the listener begins anew"
            # What is served next, what became of which listener, what changed from what to what,
            # and with what effect.
            steps = [
                (two(backend, max_connections_per_ip=5), {(settings, "changing")},
                 {(key + "max_connections_per_ip", "unlimited", "5", "live")}),
                (two(backend, max_connections_per_ip=5) + "# nothing\n", set(), set()),
                (two(backend, max_connections=5), {(settings, "changing")},
                 {(key + "max_connections_per_ip", "5", "unlimited", "live"),
                  (key + "max_connections", "10000", "5", "live")}),
                (two(backend, max_connections=200), {(settings, "changing")},
                 {(key + "max_connections", "5", "200", "live")}),
                (plain, {(settings, "changing")},
                 {(key + "max_connections", "200", "10000", "live")}),
                (two(backend, handler="double"), {(settings, "changing")},
                 {(key + "handler", "echo", "double", "live")}),
                (plain, {(settings, "changing")}, {(key + "handler", "double", "echo", "live")}),
                (two(other).replace(f'"{other}"', f'"{backend}"', 1), {(listening, "changing")},
                 {(key + "backend", backend, other, anew)}),
                (plain, {(listening, "changing")}, {(key + "backend", other, backend, anew)}),
                (plain + listener("echo", backend, name="third"), {(listening, "third")}, set()),
                (plain, {(ended, "third")}, set()),
                (plain + '[handler.hello]\ntext = "Hi"\n', {(settings, STAYS)}, set()),
                (plain, {(settings, STAYS)}, set()),
            ]
            with self.subTest(backend=backend), Configured(plain, preexec_fn=allow_300) as daemon:
                daemon.addresses(2)
                for number, (text, of_listeners, of_keys) in enumerate(steps):
                    told, changed, news = self.reload(daemon, text)
                    self.assertEqual((number, told, changed), (number, of_listeners, of_keys), news)

    def test_the_share_of_the_open_files_is_told_and_ends_no_connection(self):
        with Configured(two("select"), preexec_fn=allow_300) as daemon:
            told = r"max_connections is lowered .*listener=stays max_connections=(\d+)"
            share = int(daemon.wait_for(told)[0])
            daemon.addresses(2)
            with daemon.connect() as client:
                self.assertEqual(ask(client, b"hi\n"), b"Hello World\n")
                for number in range(6):  # more than the services that a connection may outlive
                    _, _, news = self.reload(daemon, two("select", max_connections=10 + number % 2))
                    more = int(re.search(told, news)[1])
                    self.assertGreater(more, share)
                    self.assertEqual(ask(client, b"hi\n"), b"Hello World\n")
            _, _, news = self.reload(daemon, two("select", max_connections=10))
            self.assertNotIn("listener=changing max_connections", news)

    @on_each_backend("--handler=echo")
    def test_nothing_has_changed(self, daemon):
        daemon.addresses()
        before = len(daemon.text())
        daemon.process.send_signal(1)
        daemon.wait_for(" reloaded")
        self.assertEqual(len(re.findall(" (?:info|warn|error) ", daemon.text()[before:])), 1,
                         daemon.text())

    def test_clients_that_wait_are_taken_in_once_there_is_room_for_more(self):
        for backend in set(BACKENDS) - {"blocking"}:
            with self.subTest(backend=backend), \
                 Configured(two(backend, max_connections=1)) as daemon:
                with daemon.connect(1) as first, daemon.connect(1) as second:
                    self.assertEqual(ask(first, b"1\n"), b"1\n")
                    second.sendall(b"2\n")
                    daemon.wait_for("max_connections are open")
                    daemon.reload(two(backend, max_connections=2))
                    self.assertEqual(second.recv(10), b"2\n")


if __name__ == "__main__":
    unittest.main()

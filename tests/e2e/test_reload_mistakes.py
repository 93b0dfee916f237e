"""Reloads that cannot be: each is explained in the log, everything stays as it was, and a good
one works after it."""

import os
import platform
import signal
import socket
import tempfile
import unittest

from daemon import BACKENDS, ask, exchange
from injectors import HANDLERS, Configured, Strace, listener, toml, until

GOOD = listener("echo", "proactor")
FOREIGN = 62 if platform.machine() == "aarch64" else 183
FAILED = "reload failed; everything stays as it was err="


class Scene:
    """A good configuration that serves, and what the mistakes need around it."""

    def __init__(self, daemon, good):
        self.daemon = daemon
        self.good = good
        self.folder = daemon.folder.name
        self.taken = socket.create_server(("127.0.0.1", 0))
        self.taken_address = "127.0.0.1:%d" % self.taken.getsockname()[1]

    def library(self, name, change):
        """A handler's library whose bytes have been changed."""
        with open(os.path.join(HANDLERS, "version-1.so"), "rb") as file:
            data = change(file.read())
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return self.good + listener(path, "select", name="other")

    def gate(self, option):
        return self.good + listener("gate", "select", name="other") + f"[handler.gate]\n{option}\n"


def more(**keys):
    """The good one and a listener more."""
    other = {"handler": "echo", "backend": "select", "name": "other"} | keys
    return lambda scene: scene.good + listener(**other)


# What the file is then, and what the log says of it.
MISTAKES = {
    "not TOML": (lambda scene: scene.good + "[[listener]\n", "asyncd.toml:.*: not valid TOML"),
    "cut off": (lambda scene: scene.good[:-10], "asyncd.toml:.*: not valid TOML"),
    "empty": (lambda scene: "", "has become empty"),
    "without a listener": (lambda scene: "# nothing\n",
                           r"there is no handler: add \[\[listener\]\] handler = .* or start with"),
    "not UTF-8": (lambda scene: scene.good + '[log]\nfile = "\udcff"\n', "asyncd.toml:"),
    "unknown key": (lambda scene: scene.good + "idle_timeot = 1\n",
                    "unknown key 'idle_timeot'.*did you mean"),
    "wrong type": (lambda scene: scene.good + "idle_timeout = true\n",
                   "idle_timeout: expected a duration"),
    "out of bounds": (lambda scene: scene.good + "max_message = 0\n",
                      "max_message: 0 is not allowed"),
    "unknown handler": (more(handler="ecko"),
                        "no handler 'ecko'; did you mean 'echo'. looked for ecko.so in: /"),
    "unknown backend": (more(backend="procator"), "unknown backend 'procator'"),
    "no such library": (more(handler="./gone.so"), "gone.so: no such file"),
    "not a library": (lambda scene: scene.library("text.so", lambda _: b"text"),
                      "not a shared library"),
    "half a library": (lambda scene: scene.library("half.so", lambda data: data[:len(data) // 2]),
                       "cut off"),
    "another machine's": (lambda scene: scene.library(
        "foreign.so", lambda data: data[:18] + FOREIGN.to_bytes(2, "little") + data[20:]),
                          "built for another machine"),
    "another file than is wanted": (
        lambda scene: scene.good.replace("echo", "hello") +
        f'[handler.hello]\nsha256 = "{64 * "0"}"\n',
        "it has not the SHA-256 that is wanted wanted: 0{64} found: +[0-9a-f]{64}"),
    "handler refuses": (lambda scene: scene.gate("refuse = true"), "the gate is shut"),
    "unknown option": (lambda scene: scene.gate("refuze = true"), "unknown key 'refuze'"),
    "bad option": (lambda scene: scene.gate('refuse = "perhaps"'),
                   "refuse: expected true or false"),
    "port busy": (lambda scene: more(address=scene.taken_address)(scene),
                  "another process listens there"),
    "foreign address": (more(address="192.0.2.1:0"), "this machine has no such address"),
    "no folder for a socket": (more(address="unix:/nowhere/socket"),
                               "cannot listen on unix:/nowhere/socket: .*; its folder is not "
                               "there: make it"),
    "same name": (more(name="main"), "another listener has the name 'main'"),
    "more than may be open": (lambda scene: scene.good + "max_connections = 9000000\n",
                              "open files|can have \\d+ connections at most"),
}


class Mistakes(unittest.TestCase):
    def fails(self, daemon, words):
        """Sends HUP; it has to say that it cannot, and why."""
        before = daemon.text().count(FAILED)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(FAILED, before + 1)
        reasons = daemon.text().split(FAILED)[before + 1:]
        self.assertRegex(" ".join(reason.split("\n", 1)[0] for reason in reasons), words)

    def serves(self, daemon, old):
        """The connection from before goes on, and new ones are answered."""
        if old is not None:
            self.assertEqual(ask(old, b"still here\n"), b"still here\n")
        with daemon.connect() as client:
            self.assertEqual(exchange(client, b"new here\n"), b"new here\n")

    def test_each_is_explained_and_changes_nothing(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), Configured(listener("echo", backend)) as daemon:
                self.try_all(daemon, listener("echo", backend))

    def try_all(self, daemon, good):
        scene = Scene(daemon, good)
        old = None if daemon.serves_one() else daemon.connect()
        for mistake, (make, words) in MISTAKES.items():
            with self.subTest(mistake=mistake):
                daemon.configure(make(scene))
                self.fails(daemon, words)
                self.serves(daemon, old)
        os.unlink(daemon.path)
        self.fails(daemon, "no configuration file")
        self.serves(daemon, old)
        os.mkdir(daemon.path)
        self.fails(daemon, "asyncd.toml")
        self.serves(daemon, old)
        os.rmdir(daemon.path)
        daemon.reload(good + "idle_timeout = \"50s\"\n")
        self.serves(daemon, old)
        if old is not None:
            old.close()
        scene.taken.close()
        count = len(MISTAKES) + 3 + (old is not None)
        self.assertEqual(daemon.end(), (count, count, 0))

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_file_that_may_not_be_read(self):
        with Configured(GOOD) as daemon:
            daemon.addresses()
            os.chmod(daemon.path, 0)
            self.fails(daemon, "permission")
            self.serves(daemon, None)

    def test_a_file_that_is_not_read_in_time_is_left_behind(self):
        with Configured(GOOD) as daemon:
            daemon.addresses()
            with Strace(daemon, "-P", daemon.path, "-e", "trace=openat", "-e",
                        "inject=openat:delay_enter=60000000"):
                for _ in range(2):
                    self.fails(daemon, "the configuration file has not been read within 10s")
                    self.serves(daemon, None)
            daemon.reload(GOOD + 'idle_timeout = "50s"\n')
            self.serves(daemon, None)
            self.assertEqual(daemon.end(), (3, 3, 0))

    def test_a_handler_that_hangs_in_create_holds_nobody(self):
        with Configured(GOOD) as daemon:
            daemon.addresses()
            gate = os.path.join(daemon.folder.name, "gate")
            with open(gate, "w", encoding="ascii"):
                pass
            hanging = GOOD + listener("gate", "select",
                                      name="other") + f"[handler.gate]\nuntil_gone = {toml(gate)}\n"
            daemon.configure(hanging)
            self.fails(daemon, "takes too long; perhaps a handler does not return from its create")
            self.serves(daemon, None)
            self.fails(daemon, "has not come to its end yet")
            self.serves(daemon, None)
            os.unlink(gate)
            daemon.configure(GOOD + 'idle_timeout = "50s"\n')

            def reloaded():
                daemon.process.send_signal(signal.SIGHUP)
                return " info  reloaded " in daemon.text()

            until(reloaded, "it reloads again")
            self.assertEqual(daemon.end(), (2, 2, 0))

    def test_a_reload_that_is_asked_for_during_the_start_comes_after_it(self):
        with tempfile.NamedTemporaryFile(prefix="asyncd-gate-", delete=False) as gate:
            text = listener("gate",
                            "proactor") + f"[handler.gate]\nuntil_gone = {toml(gate.name)}\n"
        with Configured(text) as daemon:
            with open(f"/proc/{daemon.process.pid}/maps", encoding="utf-8") as maps:
                until(lambda: maps.seek(0) == 0 and "gate.so" in maps.read(),
                      "the handler is loaded")
            daemon.process.send_signal(signal.SIGHUP)
            os.unlink(gate.name)
            daemon.wait_for(" info  reloaded ")
            self.serves(daemon, None)
            self.assertEqual(daemon.end(), (1, 1, 0))

    def test_the_end_need_not_wait_for_a_handler_that_hangs_in_create(self):
        with Configured(GOOD) as daemon:
            daemon.addresses()
            daemon.configure(GOOD + listener("gate", "select", name="other") +
                             f"[handler.gate]\nuntil_gone = {toml(daemon.path)}\n")
            daemon.process.send_signal(signal.SIGHUP)
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"1\n"), b"1\n")
            self.assertEqual(daemon.end(), (1, 1, 0))


if __name__ == "__main__":
    unittest.main()

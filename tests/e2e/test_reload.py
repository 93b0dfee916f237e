"""HUP under load: a new configuration takes over, and no client can tell when."""

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import unittest

from daemon import BACKENDS, CONCURRENT, PATIENCE, ask, exchange
from injectors import HANDLERS, Configured, listener, size, toml, until

MISBEHAVING = os.environ["MISBEHAVING"]
RELOADS = size(30, 200)
VISITORS = 4
MESSAGES = 5  # of one visit
QUEUED = size(60, 500)

LIMITS = '[limits]\nidle_timeout = "%ds"\nmax_connections = %d\n'


class Visitor(threading.Thread):
    """Comes, asks a few times, goes, and comes again. Digits are the same in upper case."""

    def __init__(self, connect, prefixes):
        super().__init__()
        self.connect = connect
        self.prefixes = prefixes  # one of them stands before all answers of a visit
        self.last = None
        self.visits = 0
        self.going = True
        self.failure = None

    def run(self):
        while self.going and self.failure is None:
            try:
                self.visit()
                self.visits += 1
                time.sleep(0.005)  # others want the processors, too
            except (OSError, AssertionError) as failure:
                self.failure = failure

    def visit(self):
        with self.connect() as connection:
            allowed = self.prefixes
            for number in range(MESSAGES):
                line = b"%d %d\n" % (self.visits, number)
                answer = ask(connection, line)
                allowed = [prefix for prefix in allowed if answer == prefix + line]
                if not allowed:
                    raise AssertionError(f"{line!r} was answered by {answer!r}")
            self.last = allowed[0]
            if (rest := exchange(connection, b"")) != b"":
                raise AssertionError(f"after the last answer came {rest!r}")


class Visitors:
    """Several of them, until the `with` ends; each has to be lucky always."""

    def __init__(self, connect, prefixes=(b"",), most=VISITORS):
        self.all = [Visitor(connect, prefixes) for _ in range(most)]

    def __enter__(self):
        for visitor in self.all:
            visitor.start()
        return self

    def __exit__(self, *_):
        for visitor in self.all:
            visitor.going = False
        for visitor in self.all:
            visitor.join()

    def come_again(self):
        """Waits until each has made a whole visit from now on."""
        goals = [visitor.visits + 2 for visitor in self.all]
        until(lambda: all(v.visits >= goal for v, goal in zip(self.all, goals)) or self.failures(),
              "visits")

    def failures(self):
        return [visitor.failure for visitor in self.all if visitor.failure is not None]

    def visits(self):
        return sum(visitor.visits for visitor in self.all)


class Reload(unittest.TestCase):
    def reload_under_load(self, texts, connect=None, first=None):
        """Serves the configurations in turn; no client may notice."""
        with Configured(first or texts[-1]) as daemon:
            daemon.addresses()
            with Visitors(connect or daemon.connect) as visitors:
                for number in range(RELOADS):
                    daemon.reload(texts[number % len(texts)])
                    visitors.come_again()
                    self.assertEqual(visitors.failures(), [], daemon.text())
            self.assertEqual(visitors.failures(), [], daemon.text())
            self.assertEqual(daemon.end(), (visitors.visits(), visitors.visits(), 0))
            self.assertNotIn("reload failed", daemon.text())

    def test_limits_and_handler_change(self):
        for backend in BACKENDS:
            texts = [LIMITS % (50 + i, 100 + i) + listener(handler, backend)
                     for i, handler in enumerate(("echo", "uppercase-echo", "echo"))]
            with self.subTest(backend=backend):
                self.reload_under_load(texts)

    def test_the_backend_changes(self):
        self.reload_under_load([listener("echo", backend) for backend in BACKENDS])

    def test_the_backend_of_a_unix_socket_changes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")

            def connect():
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(PATIENCE)
                connection.connect(path)
                return connection

            self.reload_under_load(
                [listener("echo", backend, address=f"unix:{path}") for backend in BACKENDS],
                connect)
            self.assertFalse(os.path.exists(path))

    def test_the_backend_of_an_abstract_socket_changes(self):
        name = f"asyncd-reload-{os.getpid()}"

        def connect():
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(PATIENCE)
            connection.connect(f"\0{name}")
            return connection

        self.reload_under_load(
            [listener("echo", backend, address=f"unix:@{name}") for backend in BACKENDS], connect)

    def test_listeners_come_and_go_beside_one_that_stays(self):
        for backend in BACKENDS:
            stays = listener("echo", backend)
            with self.subTest(backend=backend):
                self.reload_under_load([stays + listener("echo", "select", name="other"), stays])

    def replace_under_load(self, backend, replace):
        """Another version of the handler lies at the same path each time; the right one answers
        from then on."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "version.so")
            replace(os.path.join(HANDLERS, "version-1.so"), path)
            with Configured(listener(path, backend)) as daemon:
                daemon.addresses()
                with Visitors(daemon.connect, prefixes=(b"1:", b"2:")) as visitors:
                    for number in range(RELOADS):
                        version = 2 - number % 2
                        replace(os.path.join(HANDLERS, f"version-{version}.so"), path)
                        daemon.reload()
                        visitors.come_again()
                        self.assertEqual(visitors.failures(), [], daemon.text())
                        self.assertEqual({visitor.last for visitor in visitors.all},
                                         {b"%d:" % version})
                self.assertEqual(visitors.failures(), [], daemon.text())
                self.assertEqual(daemon.end(), (visitors.visits(), visitors.visits(), 0))

    def test_the_handlers_file_is_replaced(self):
        def replace(source, path):
            shutil.copy(source, path + ".new")
            os.replace(path + ".new", path)

        for backend in BACKENDS:
            with self.subTest(backend=backend):
                self.replace_under_load(backend, replace)

    def test_the_handlers_file_is_overwritten_while_it_is_served(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                self.replace_under_load(backend, shutil.copyfile)

    def test_reloads_that_come_faster_than_they_can_be_done_are_one(self):
        with Configured(listener("echo", "proactor")) as daemon:
            daemon.addresses()
            with Visitors(daemon.connect) as visitors:
                for _ in range(size(500, 5000)):
                    daemon.process.send_signal(signal.SIGHUP)
                visitors.come_again()
                daemon.configure(listener("uppercase-echo", "proactor"))
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for("handler=uppercase-echo")
            self.assertEqual(visitors.failures(), [])
            self.assertEqual(daemon.end(), (visitors.visits(), visitors.visits(), 0))

    def test_who_waits_at_a_listener_that_is_removed_is_served(self):
        for backend in BACKENDS:
            going, stays = listener("echo", backend,
                                    name="going"), listener("echo", "select", name="stays")
            with self.subTest(backend=backend), Configured(going + stays) as daemon:
                daemon.addresses(2)
                daemon.process.send_signal(signal.SIGSTOP)
                clients = [daemon.connect(0) for _ in range(QUEUED)]
                for number, client in enumerate(clients):
                    client.sendall(b"%d\n" % number)
                daemon.configure(stays)
                daemon.process.send_signal(signal.SIGHUP)
                daemon.process.send_signal(signal.SIGCONT)
                for number, client in enumerate(clients):
                    self.assertEqual(exchange(client, b""), b"%d\n" % number)
                    client.close()
                with daemon.connect(1) as client:
                    self.assertEqual(exchange(client, b"7\n"), b"7\n")
                self.assertEqual(daemon.end(), (QUEUED + 1, QUEUED + 1, 0))

    def test_a_connection_keeps_what_it_has_until_too_many_do(self):
        texts = [LIMITS % (50 + i, 100) +
                 listener(("echo", "uppercase-echo")[i % 2], "BACKEND") for i in range(5)]
        for backend in CONCURRENT:
            each = [text.replace("BACKEND", backend) for text in texts]
            with self.subTest(backend=backend), Configured(each[0]) as daemon:
                clients = []
                for number, text in enumerate(each):
                    if number != 0:
                        daemon.reload(text)
                    clients.append(daemon.connect())
                    # Three configurations may have connections left beside the present one.
                    if number == 4:
                        self.assertEqual(clients[0].recv(100), b"")
                    for age, client in enumerate(clients[number // 4:], number // 4):
                        self.assertEqual(ask(client, b"a\n"), (b"a\n", b"A\n")[age % 2])
                for client in clients:
                    client.close()
                self.assertEqual(daemon.end(), (len(clients), len(clients), 0))

    def test_a_listener_more_has_its_own_port_and_handler(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), Configured(listener("echo", backend)) as daemon:
                daemon.addresses()
                daemon.reload(listener("echo", backend) + listener("hello", backend, name="other"))
                self.assertEqual(len(set(daemon.addresses(2))), 2)
                for number, answer in enumerate((b"hi\n", b"Hello World\n") * 2):
                    with daemon.connect(number % 2) as client:
                        self.assertEqual(exchange(client, b"hi\n"), answer)
                self.assertEqual(daemon.end(), (4, 4, 0))

    def test_the_end_may_come_during_a_reload(self):
        for backend in BACKENDS:
            for how, code in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGQUIT, 0)):
                with self.subTest(backend=backend, how=how), \
                     Configured(listener("echo", backend)) as daemon:
                    with daemon.connect() as client:
                        self.assertEqual(ask(client, b"1\n"), b"1\n")
                        daemon.configure(listener("uppercase-echo", backend))
                        daemon.process.send_signal(signal.SIGHUP)
                        self.assertEqual(daemon.stop(how), code)
                    self.assertIn("accepted=1 closed=1 rejected=0", daemon.text())

    def test_what_is_created_is_destroyed_though_the_end_comes_during_a_reload(self):
        for backend in BACKENDS:
            for changed in (False, True):
                with self.subTest(backend=backend, changed=changed), \
                     tempfile.TemporaryDirectory() as folder:
                    lives = os.path.join(folder, "lives")
                    text = listener("gate", backend) + f"[handler.gate]\nlives = {toml(lives)}\n"
                    with Configured(text) as daemon:
                        daemon.addresses()
                        if changed:
                            daemon.configure(text + "until_gone = \"/nowhere\"\n")
                        # Stopped, so that both are there at the same time.
                        daemon.process.send_signal(signal.SIGSTOP)
                        daemon.process.send_signal(signal.SIGHUP)
                        daemon.process.send_signal(signal.SIGTERM)
                        daemon.process.send_signal(signal.SIGCONT)
                        self.assertEqual(daemon.process.wait(PATIENCE), 0)
                        # It may be done just before the end is looked at, be left while it reads
                        # its file, or come too late, where the two signals went to two threads.
                        reloaded = "reloaded file=" in daemon.text()
                    with open(lives, encoding="ascii") as file:
                        signs = file.read()
                    self.assertIn(signs.count("+"),
                                  (1 + changed,) if reloaded else (1, 1 + changed))
                    self.assertEqual(signs.count("-"), signs.count("+"))

    def test_a_reload_that_is_ready_during_the_drain_opens_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            hangs, opened = os.path.join(folder, "hangs"), os.path.join(folder, "socket")
            with open(hangs, "wb"), Configured(listener("echo", "select")) as daemon, \
                 daemon.connect() as client:
                self.assertEqual(ask(client, b"1\n"), b"1\n")
                daemon.configure(listener("echo", "select") +
                                 listener("gate", "select", name="other",
                                                                       address="unix:" + opened) +
                                 f"[handler.gate]\nuntil_gone = {toml(hangs)}\nlives = "
                                 f"{toml(folder + '/lives')}\n")
                daemon.process.send_signal(signal.SIGHUP)
                time.sleep(1)  # until the handler is being created, on most machines
                client.sendall(b"unfin")  # so that draining takes its time
                daemon.process.send_signal(signal.SIGTERM)
                daemon.wait_for(" draining ")
                os.unlink(hangs)
                time.sleep(1)
                self.assertFalse(os.path.exists(opened))
                client.close()
                self.assertEqual(daemon.process.wait(PATIENCE), 0)
                self.assertIn("not reloaded: asyncd is ending", daemon.text())

    def test_a_listener_that_comes_back_while_it_ends_is_told_why_it_cannot(self):
        with Configured(listener("echo", "blocking") +
                        listener("echo", "select", name="other")) as daemon:
            address = daemon.addresses(2)[0]
            back = listener("echo", "blocking", address=address)
            with daemon.connect() as client:
                self.assertEqual(ask(client, b"1\n"), b"1\n")
                client.sendall(b"unfin")
                daemon.reload(listener("echo", "select", name="other"))
                with socket.create_connection(("127.0.0.1", daemon.port()), PATIENCE):  # waits
                    daemon.configure(back + listener("echo", "select", name="other"))
                    daemon.process.send_signal(signal.SIGHUP)
                    daemon.wait_for(
                        "asyncd's own listener 'main', which is no longer configured, has clients "
                        "waiting")
                self.assertEqual(exchange(client, b"\n"), b"unfin\n")
            until(lambda: "books listener=main " in daemon.text(), "it has ended")
            daemon.reload(back + listener("echo", "select", name="other"))
            daemon.end()

    def test_a_destroy_that_hangs_keeps_no_other_handler_from_its_own(self):
        for reloaded in (False, True):
            with self.subTest(reloaded=reloaded), tempfile.TemporaryDirectory() as folder:
                lives = os.path.join(folder, "lives")
                gate = listener("gate", "proactor") + f"[handler.gate]\nlives = {toml(lives)}\n"
                hanging = '[handler.misbehaving]\nhook = "destroy"\nhow = "hang"\n'
                with Configured(gate + listener(MISBEHAVING, "proactor", name="other") +
                                hanging) as daemon:
                    daemon.addresses(2)
                    if reloaded:
                        daemon.reload(gate)
                        until(lambda: daemon.text().count("books listener=other") == 1,
                              "the other has ended")
                    self.assertEqual(daemon.stop(), 75, daemon.text())
                with open(lives, encoding="ascii") as file:
                    self.assertEqual(file.read(), "+-")


if __name__ == "__main__":
    unittest.main()

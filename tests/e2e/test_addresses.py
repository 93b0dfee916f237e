"""Names with several addresses, and listeners that move from one address to another of the same
port."""

import contextlib
import os
import re
import signal
import socket
import tempfile
import unittest

from daemon import BACKENDS, CONCURRENT, PATIENCE, Daemon, ask, exchange, run
from injectors import EMULATED, Configured, becomes_quiet, listener, size, until
from test_reload import Visitors

NAMES = os.environ["NAMES"]
QUEUED = size(40, 400)


def has_ipv6():
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


def many(*addresses, **more):
    """The environment in which many.test has these addresses."""
    return {"LD_PRELOAD": NAMES, "NAMES_MANY": ",".join(addresses),
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"} | more


def connect(address):
    """To "127.0.0.1:80" or "[::1]:80"."""
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), PATIENCE)


def is_refused(address):
    try:
        connect(address).close()
    except ConnectionRefusedError:
        return True
    return False


@unittest.skipIf(EMULATED, "an emulator loads libraries of its own system")
class Names(unittest.TestCase):
    ALL = ("127.0.0.1", "127.0.0.2", *(("::1",) if has_ipv6() else ()))

    def test_all_addresses_of_a_name_are_listened_on(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), \
                    Daemon("--no-config", "--handler=echo", f"--backend={backend}",
                           listen=["many.test:0"],
                           variables=many(*self.ALL, "127.0.0.1")) as daemon:
                addresses = daemon.addresses()[0].split(",")
                port = daemon.port()
                self.assertEqual(addresses,
                                 [f"[{one}]:{port}" if ":" in one
                                  else f"{one}:{port}" for one in self.ALL])
                becomes_quiet(daemon.process)
                for address in addresses * 3:
                    with connect(address) as client:
                        self.assertEqual(exchange(client, b"hi\n"), b"hi\n")
                self.assertEqual(daemon.end(), (3 * len(addresses), 3 * len(addresses), 0))
                self.assertTrue(all(map(is_refused, addresses)))

    def test_max_connections_is_of_all_together(self):
        for backend in CONCURRENT:
            with self.subTest(backend=backend), \
                    Daemon("--no-config", "--handler=echo", f"--backend={backend}",
                           "-o", "limits.max_connections=1", listen=["many.test:0"],
                           variables=many(*self.ALL)) as daemon:
                first, second, *_ = daemon.addresses()[0].split(",")
                with connect(first) as one, connect(second) as other:
                    self.assertEqual(ask(one, b"1\n"), b"1\n")
                    other.sendall(b"2\n")
                    daemon.wait_for("max_connections are open")
                    one.close()
                    self.assertEqual(other.recv(10), b"2\n")

    def test_all_or_none(self):
        with socket.create_server(("127.0.0.2", 0)) as taken:
            port = taken.getsockname()[1]
            for command in ([], ["check", "--bind"]):
                refused = run("--no-config", *command, "--handler=echo",
                              f"--listen=many.test:{port}", variables=many(*self.ALL))
                self.assertEqual(refused.returncode, 73, refused.stderr)
                self.assertIn(
                    f"cannot listen on 127.0.0.2:{port}: Address already in use; another process "
                              "listens there", refused.stderr)
                self.assertTrue(is_refused(f"127.0.0.1:{port}"))

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_all_addresses_of_both_protocols_do_not_collide(self):
        for both in (("::", "0.0.0.0"), ("0.0.0.0", "::")):
            with Daemon("--no-config", "--handler=echo", listen=["many.test:0"],
                        variables=many(*both)) as daemon:
                self.assertEqual(len(daemon.addresses()[0].split(",")), 2)
                for host in ("127.0.0.1", "[::1]"):
                    with connect(f"{host}:{daemon.port()}") as client:
                        self.assertEqual(exchange(client, b"hi\n"), b"hi\n")

    def test_a_protocol_that_the_system_lacks_is_left_out(self):
        for lacks in ("socket", "address"):
            variables = many("::1", "127.0.0.1", NAMES_NO_IPV6=lacks)
            with self.subTest(lacks=lacks), \
                    Daemon("--no-config", "--handler=echo", listen=["many.test:0"],
                           variables=variables) as daemon:
                self.assertEqual(daemon.addresses(), [f"127.0.0.1:{daemon.port()}"])
                daemon.wait_for(r"this system has none of its kind address=\[::1\]:0 listener=main")
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"hi\n"), b"hi\n")
            with self.subTest(lacks=lacks), \
                    Daemon("--no-config", "--handler=echo", listen=[":0"],
                           variables=variables) as daemon:
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"hi\n"), b"hi\n")
            alone = run("--no-config", "--handler=echo", "--listen=many.test:0",
                        variables=many("::1", NAMES_NO_IPV6=lacks))
            self.assertEqual(alone.returncode, 73, alone.stderr)
            self.assertIn("cannot listen on [::1]:0: ", alone.stderr)
            # Another address that is not there is a mistake.
            foreign = run("--no-config", "--handler=echo", "--listen=many.test:0",
                          variables=many("192.0.2.1", "127.0.0.1"))
            self.assertIn("192.0.2.1:0: ", foreign.stderr)

    def test_a_reload_takes_all_of_them_over(self):
        with Configured(listener("echo", "proactor", address="many.test:0"),
                        variables=many(*self.ALL)) as daemon:
            addresses = daemon.addresses()[0].split(",")
            with contextlib.ExitStack() as stack:
                visitors = [
                    stack.enter_context(Visitors(lambda address=address: connect(address), most=1))
                            for address in addresses]
                for number, backend in enumerate(BACKENDS):
                    daemon.reload(listener("echo", backend, address="many.test:0"))
                    for each in visitors:
                        each.come_again()
                        self.assertEqual((number, each.failures()), (number, []))
            self.assertEqual(set(daemon.addresses()), {",".join(addresses)})


@unittest.skipIf(EMULATED, "an emulator loads libraries of its own system")
class Moves(unittest.TestCase):
    """Clients come to 127.0.0.1 all the time, and are served though the listener moves."""

    def move(self, backend, hosts, name="main"):
        variables = many(*Names.ALL)
        with Configured(listener("echo", backend, name=name), variables=variables) as daemon:
            port = daemon.port()
            with Visitors(daemon.connect) as visitors:
                visitors.come_again()
                for number, host in enumerate(hosts, 1):
                    daemon.reload(listener("echo", backend, name=name, address=f"{host}:{port}"))
                    visitors.come_again()
                    self.assertEqual((host, visitors.failures()), (host, []), daemon.text())
                    told = daemon.addresses()[-1]
                    self.assertEqual(told.split(",")[0].rsplit(":", 1)[0],
                                     {"many.test": "127.0.0.1"}.get(host, host))
                    self.check_others(host, port)
            self.assertEqual(visitors.failures(), [], daemon.text())
            accepted, closed, rejected = daemon.end()
            self.assertEqual((accepted, rejected), (closed, 0))
            self.assertGreaterEqual(accepted, visitors.visits())
            self.assertNotIn("reload failed", daemon.text())

    def check_others(self, host, port):
        """127.0.0.2 is served as long as it is the listener's, and not much longer."""
        other = f"127.0.0.2:{port}"
        if host == "127.0.0.1":
            return until(lambda: is_refused(other), "the address that it has left is closed")
        with connect(other) as client:
            self.assertEqual(exchange(client, b"hi\n"), b"hi\n")

    def test_to_more_addresses_and_back(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                self.move(backend, ("0.0.0.0", "127.0.0.1", "many.test", "0.0.0.0", "many.test",
                                    "127.0.0.1"))

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_to_both_protocols_and_back(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                self.move(backend, ("[::]", "127.0.0.1", "[::]", "0.0.0.0", "[::]"))

    def test_there_and_back_at_once(self):
        with Configured(listener("echo", "proactor")) as daemon:
            port = daemon.port()
            with Visitors(daemon.connect) as visitors:
                for number in range(size(20, 200)):
                    host = ("0.0.0.0", "127.0.0.1")[number % 2]
                    daemon.reload(listener("echo", "proactor", address=f"{host}:{port}"))
                visitors.come_again()
            self.assertEqual(visitors.failures(), [], daemon.text())
            self.assertNotIn("reload failed", daemon.text())

    def test_who_waits_is_served(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend), \
                 Configured(listener("echo", backend, address="0.0.0.0:0")) as daemon:
                port = daemon.port()
                daemon.process.send_signal(signal.SIGSTOP)
                clients = [connect(f"127.0.0.{1 + i % 2}:{port}") for i in range(QUEUED)]
                for number, client in enumerate(clients):
                    client.sendall(b"%d\n" % number)
                daemon.configure(listener("echo", backend, address=f"127.0.0.1:{port}"))
                daemon.process.send_signal(signal.SIGHUP)
                daemon.process.send_signal(signal.SIGCONT)
                daemon.wait_for(" reloaded ")
                for number, client in enumerate(clients):
                    self.assertEqual(exchange(client, b""), b"%d\n" % number)
                    client.close()
                self.assertEqual(daemon.end(), (QUEUED, QUEUED, 0))

    def test_two_listeners_change_places(self):
        here, there = listener("echo", "select",
                               name="here"), listener("hello", "select", name="there")
        with Configured(here + there) as daemon:
            one, two = (address.rsplit(":", 1)[1] for address in daemon.addresses(2))
            with Visitors(lambda: connect(f"127.0.0.1:{one}"), prefixes=(b"",)) as visitors:
                visitors.come_again()
                swapped = (listener("uppercase-echo", "proactor", name="here",
                                    address=f"127.0.0.1:{two}") +
                           listener("echo", "proactor", name="there", address=f"0.0.0.0:{one}"))
                daemon.reload(swapped)
                visitors.come_again()
            self.assertEqual(visitors.failures(), [], daemon.text())
            with connect(f"127.0.0.1:{two}") as client:
                self.assertEqual(exchange(client, b"hi\n"), b"HI\n")

    def test_a_port_that_the_system_has_chosen_stays(self):
        with Configured(listener("echo", "proactor")) as daemon:
            port = daemon.port()
            for host in ("0.0.0.0", "127.0.0.1"):
                daemon.reload(listener("echo", "proactor", address=f"{host}:0"))
                self.assertEqual(daemon.addresses()[-1], f"{host}:{port}")

    def test_one_file_has_several_paths(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            with Configured(listener("echo", "select", address=f"unix:{path}")) as daemon:
                daemon.addresses()
                spelled = f"{folder}/../{os.path.basename(folder)}/socket"
                daemon.reload(listener("hello", "proactor", address=f"unix:{spelled}"))
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
                    self.assertEqual(exchange(client, b"hi\n"), b"Hello World\n")
                daemon.end()
            self.assertFalse(os.path.exists(path))

    def test_what_fails_leaves_it_where_it_was(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, \
                Configured(listener("echo", "proactor", address="0.0.0.0:0")) as daemon:
            port = daemon.port()
            busy = listener("echo", "select", name="other",
                            address="127.0.0.1:%d" % taken.getsockname()[1])
            moved = listener("echo", "proactor", address=f"127.0.0.1:{port}")
            with Visitors(daemon.connect) as visitors:
                for number in range(1, 6):
                    daemon.configure(moved + busy)
                    daemon.process.send_signal(signal.SIGHUP)
                    daemon.wait_for("reload failed", number)
                    visitors.come_again()
            self.assertEqual(visitors.failures(), [], daemon.text())
            with connect(f"127.0.0.2:{port}") as client:
                self.assertEqual(exchange(client, b"hi\n"), b"hi\n")

    def refuse(self, daemon, text, words):
        daemon.configure(text)
        daemon.process.send_signal(signal.SIGHUP)
        said = daemon.wait_for("reload failed; everything stays as it was err=(.*)")[-1]
        self.assertRegex(said, words)

    def test_the_refusal_names_who_has_the_address(self):
        with Configured(listener("echo", "proactor")) as daemon:
            port = daemon.port()
            stays = listener("echo", "proactor")
            self.refuse(daemon,
                        stays + listener("echo", "select", name="b", address=f"0.0.0.0:{port}"),
                        f"listener 'b': cannot listen on 0.0.0.0:{port}: asyncd's own listener "
                        f"'main' has "
                        f"127.0.0.1:{port}; give one of them another address")
        with Configured(listener("echo", "proactor")) as daemon:
            port = daemon.port()
            with socket.create_server(("127.0.0.2", port)):
                self.refuse(daemon, listener("echo", "proactor", address=f"0.0.0.0:{port}"),
                            f"cannot listen on 0.0.0.0:{port}: Address already in use; another "
                            f"process listens there")
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"hi\n"), b"hi\n")

    def test_two_of_one_start_cannot_overlap(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        for first, second in (("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1"),
                              ("127.0.0.1", "many.test")):
            refused = run("--no-config", "--handler=echo", f"--listen={first}:{port}",
                          f"--listen={second}:{port}", variables=many(*Names.ALL))
            self.assertEqual(refused.returncode, 73, refused.stderr)
            self.assertRegex(refused.stderr,
                             "listener 'listener2': .*: asyncd's own listener 'main' has ")


if __name__ == "__main__":
    unittest.main()

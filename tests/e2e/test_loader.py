"""Libraries that cannot be served, each told apart from the others, and those of strangers that
can."""

import os
import platform
import shutil
import subprocess
import unittest

from daemon import PATIENCE, PROGRAM, ask, environment, exchange, on_each_backend, run
from strangers import CC, CXX, FOLDER, REVERSE, THROWING, build, path_of, write

GOOD = build(CC, REVERSE, "reverse.so")
with open(GOOD, "rb") as good:
    BYTES = good.read()
FOREIGN, ITS_NAME = (62, "x86-64") if platform.machine() == "aarch64" else (183, "AArch64")


def without_permission(name):
    os.chmod(write(name, BYTES), 0)


# What lies at the path, the exit code, what the message says: what it is, and what to do.
FAULTS = {
    "text": (lambda name: write(name, b"all:\n\techo no library\n"), 65, "not a shared library",
             "asyncd.h"),
    "empty": (lambda name: write(name, b""), 65, "not a shared library", "asyncd.h"),
    "foreign": (lambda name: write(name, BYTES[:18] + FOREIGN.to_bytes(2, "little") + BYTES[20:]),
                65,
                f"built for another machine: it is an ELF file for {ITS_NAME}",
                "build it for this one"),
    "stump": (lambda name: write(name, BYTES[:20]), 65, "not a shared library", "asyncd.h"),
    "head": (lambda name: write(name, BYTES[:500]), 65, "cut off", "copy it again"),
    "half": (lambda name: write(name, BYTES[:len(BYTES) // 2]), 65, "cut off", "copy it again"),
    "program": (lambda name: shutil.copy(shutil.which("true"), path_of(name)), 65,
                "cannot dynamically load", "as a shared library"),
    "pipe": (lambda name: os.mkfifo(path_of(name)), 66, "it is a FIFO, not a file", ""),
    "folder": (lambda name: os.mkdir(path_of(name)), 66, "it is a folder", "name a library"),
    "missing": (lambda name: None, 66, "no such file", "asyncd handlers"),
    "dangling": (lambda name: os.symlink("/nowhere", path_of(name)), 66, "no such file",
                 "asyncd handlers"),
    "unreadable": (without_permission, 77, "no permission to read it", "needs it"),
    "library": (lambda name: build(CC, "int nothing;", name), 65,
                "does not export asyncd_plugin_v1", "asyncd.h"),
    "later": (lambda name: build(CC, REVERSE, name, "-DEXPORT=asyncd_plugin_v2"), 65,
              "built for version 2 of the handler interface, this asyncd has version 1",
              "build it against"),
    "refusing": (lambda name: build(CC, REVERSE, name, "-DREFUSES"), 65,
                 "refuses to be served: the moon is full", ""),
    "flags": (lambda name: build(CC, REVERSE, name, "-DFLAGS=128"), 65,
              "flags that this asyncd does not know (128)", "build it against"),
    "lacking": (lambda name: build(CC, REVERSE, name, "-DLACKS"), 65,
                "undefined symbol: what_nobody_has", "build it with all that it needs"),
    "throwing": (lambda name: build(CXX, THROWING, name, "-std=c++20", '-DWHERE="create"'), 65,
                 "refuses to be served: it has thrown: a stranger's mistake", ""),
}


FAILED = b"error: handler failed"


class Loader(unittest.TestCase):
    def test_each_fault_has_its_code_and_its_words_and_nothing_listens(self):
        socket_file = path_of("socket")
        for fault, (make, code, what, cure) in FAULTS.items():
            with self.subTest(fault=fault):
                if fault == "unreadable" and os.getuid() == 0:
                    self.skipTest("root may read everything")
                make(fault + ".so")
                ways = [[f"--handler={path_of(fault)}.so"]]
                if code != 66:
                    ways.append([f"--handler={fault}", f"--handler-path={FOLDER}"])
                for way in ways:
                    refused = run("--no-config", f"--listen=unix:{socket_file}", *way)
                    self.assertEqual(refused.returncode, code, refused.stderr)
                    self.assertIn(what, refused.stderr)
                    self.assertIn(cure, refused.stderr)
                    if "refuses" not in what:
                        self.assertIn(path_of(fault) + ".so: ", refused.stderr)
                    self.assertNotIn("listening", refused.stderr)
                    self.assertFalse(os.path.exists(socket_file))

    def test_a_library_that_needs_one_that_is_missing(self):
        other = build(CC, "int other(void) { return 1; }", "libother.so")
        build(CC, REVERSE, "needy.so", "-Wl,--no-as-needed", f"-L{FOLDER}", "-lother")
        os.unlink(other)
        refused = run("--no-config", f"--handler={path_of('needy.so')}")
        self.assertEqual(refused.returncode, 65)
        self.assertIn("needs a library that cannot be loaded: libother.so", refused.stderr)

    def test_handlers_beside_the_program_are_found_but_what_lies_in_a_bin_is_left_alone(self):
        for folder, found in (("own", True), ("bin", False)):
            with self.subTest(folder):
                os.mkdir(path_of(folder))
                copy = shutil.copy(PROGRAM, path_of(os.path.join(folder, "asyncd")))
                shutil.copy(GOOD, path_of(os.path.join(folder, "beside.so")))
                listed = subprocess.run([copy, "handlers", "--no-config"], capture_output=True,
                                        text=True, timeout=PATIENCE, env=environment(), check=True)
                self.assertEqual("beside.so" in listed.stdout, found, listed.stdout)
                self.assertEqual(listed.stderr, "")

    def test_one_broken_handler_of_two_stops_both(self):
        both = write("both.toml", f"""
[[listener]]
address = "unix:{path_of('first')}"
handler = "{GOOD}"
[[listener]]
address = "unix:{path_of('second')}"
handler = "./absent.so"
""".encode())
        refused = run("-c", both)
        self.assertEqual(refused.returncode, 66)
        self.assertIn("absent.so: no such file", refused.stderr)
        self.assertFalse(os.path.exists(path_of("first")))

    @on_each_backend("--handler=" + GOOD)
    def test_a_handler_in_c_is_served_from_where_it_lies(self, daemon):
        long = bytes(range(97, 123)) * 1000
        with daemon.connect() as connection:
            self.assertEqual(exchange(connection, b"hello\n\n" + long + b"\n"),
                             b"olleh\nerror: nothing to reverse\n" + long[::-1] + b"\n")

    @on_each_backend("--handler=" +
                     build(CXX, THROWING, "thrower.so", "-std=c++20", '-DWHERE="message"'))
    def test_an_exception_costs_one_connection_and_nobody_else_anything(self, daemon):
        with daemon.connect() as thrower, daemon.connect() as bystander:
            self.assertEqual(ask(thrower, b"one\n"), b"one\n")
            bystander.sendall(b"three\n")
            self.assertEqual(exchange(thrower, b"throw\ntwo\n"), b"error: handler failed\n")
            thrower.close()
            self.assertEqual(exchange(bystander, b"four\n"), b"three\nfour\n")
        self.assertEqual(daemon.end(), (2, 2, 0))

    def test_an_exception_of_another_hook_costs_one_connection(self):
        hooks = (("worker_create", b"", b"error: the handler cannot be used"),
                 ("connection_open", b"", FAILED),
                 ("frame", b"any", FAILED), ("connection_close", b"any", b"any"),
                 ("worker_destroy", b"any", b"any"), ("destroy", b"any", b"any"))
        for hook, sent, answer in hooks:
            handler = build(CXX, THROWING, f"{hook}.so", "-std=c++20", f'-DWHERE="{hook}"')

            @on_each_backend(f"--handler={handler}", "--framing=handler")
            def throw(self, daemon, sent=sent, answer=answer):
                for _ in range(2):
                    with daemon.connect() as connection:
                        self.assertEqual(exchange(connection, sent), answer)
                self.assertEqual(daemon.end()[0], 2)

            with self.subTest(hook=hook):
                throw(self)


if __name__ == "__main__":
    unittest.main()

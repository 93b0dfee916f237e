"""Libraries that were built against earlier versions of asyncd.h: each is loaded and served as
on its first day."""

import hashlib
import os
import platform
import re
import unittest

from daemon import BACKENDS, Daemon, exchange, run

FIXTURES = os.environ["FIXTURES"]
VERSIONS = ("1.0", "1.1")
HERE = f"{os.environ['TARGET']} with {platform.libc_ver()[0] or 'another C library'}"
LIMIT = 3000
LONG = b"x" * (LIMIT - 1)  # more than a window has at first


def library(version, name):
    return os.path.join(FIXTURES, version, name + "-x86_64-linux.so")


@unittest.skipUnless(HERE == "Linux x86_64 with glibc",
                     f"they are for Linux on x86-64 with glibc, this is {HERE}")
class Fixtures(unittest.TestCase):
    def check(self, version, name, *arguments, asked, answered):
        for backend in BACKENDS:
            with self.subTest(version=version, backend=backend):
                with Daemon("--no-config", f"--backend={backend}",
                            f"--handler={library(version, name)}", *arguments) as daemon:
                    for _ in range(2):
                        with daemon.connect() as connection:
                            self.assertEqual(exchange(connection, asked), answered)
                    daemon.end()

    def test_nobody_has_built_them_again(self):
        with open(os.path.join(FIXTURES, "SHA256SUMS"), encoding="ascii") as sums:
            wanted = dict(reversed(line.split()) for line in sums)
        for name, digest in wanted.items():
            with open(os.path.join(FIXTURES, name), "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), digest, name)
        there = [os.path.relpath(os.path.join(folder, name), FIXTURES)
                 for folder, _, names in os.walk(FIXTURES) for name in names
                 if name.endswith(".so")]
        self.assertEqual(sorted(wanted), sorted(there))

    def test_their_headers_are_of_their_versions(self):
        for version in VERSIONS:
            with open(os.path.join(FIXTURES, version, "asyncd.h"), encoding="utf-8") as header:
                found = re.findall(r"#define ASYNCD_ABI_(?:MAJOR|MINOR) (\d+)", header.read())
            self.assertEqual(".".join(found), version)

    def test_a_synchronous_one_with_all_that_it_has(self):
        for version in VERSIONS:
            options = (
                "-o", f"handler.{os.path.basename(library(version, 'sync'))[:-3]}.limit={LIMIT}B")
            self.check(version, "sync", *options,
                       asked=b"one\nsilent\n" + LONG + b"\n" + LONG + b"xx\nbye\n",
                       answered=b"1: one\n3: " + LONG + b"\nerror: over the limit\n5: bye\n")

    def test_its_own_framing(self):
        for version in VERSIONS:
            self.check(version, "sync", "--framing=handler", asked=b"one;two;bye;",
                       answered=b"1: one2: two3: bye")

    def test_one_that_waits(self):
        self.check("1.1", "sleep", asked=b"one\n\ntwo\n", answered=b"one\nerror: nothing\ntwo\n")

    def test_what_they_say_of_themselves(self):
        for version in VERSIONS:
            told = run("handlers", "--no-config",
                       f"--handler-path={os.path.join(FIXTURES, version)}")
            self.assertIn("Counts the messages of a connection", told.stdout)
            examined = run("handler", "check", "--no-config", library(version, "sync"))
            self.assertEqual(examined.returncode, 0, examined.stdout)
            self.assertIn(f"version {version} of asyncd.h", examined.stdout)
        examined = run("handler", "check", "--no-config", library("1.1", "sleep"))
        self.assertEqual(examined.returncode, 0, examined.stdout)


if __name__ == "__main__":
    unittest.main()

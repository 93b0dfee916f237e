"""`asyncd handler check` and `asyncd new handler` on Windows, under wine: what they say of a
process that has died."""

import os
import re
import tempfile
import unittest

from daemon import PROGRAM, run
from strangers import CC, CXX, build
from test_handler_check import WAITING, WRONG

HANDLERS = os.path.join(os.path.dirname(PROGRAM), "..", "lib", "asyncd", "handlers")

# What it does, where, which point fails, what is said of it.
CRIMES = {
    "crashes": ("*(volatile int*)0 = 1", "IN_MESSAGE", "messages",
                r"the process died of the exception 0xC0000005, in message \d+ of 1000"),
    "aborts in create": ("abort()", "IN_CREATE", "options",
                         r"the process ended with exit code 3, in create"),
    "exits": ("_exit(0)", "IN_MESSAGE", "messages",
              r"the process ended by itself, in message \d+ of 1000"),
    "exits with a code": ("_exit(7)", "IN_MESSAGE", "messages",
                          r"the process ended with exit code 7, in message \d+ of 1000"),
    "hangs": ("for (;;) _sleep(1000)", "IN_MESSAGE", "messages",
              r"nothing has happened for 10s, so it was ended, in message \d+ of 1000"),
}


def check(library, *arguments):
    return run("handler", "check", "--no-config", "Z:" + library, *arguments)


class HandlerCheck(unittest.TestCase):
    def test_what_is_shipped_is_well(self):
        for name in sorted(os.listdir(HANDLERS)):
            needs = []
            if name == "fanout.dll":
                needs = ["-o", 'handler.fanout.upstreams=["127.0.0.1:1"]']
            with self.subTest(name):
                told = check(os.path.join(HANDLERS, name), *needs)
                self.assertEqual((told.returncode, told.stderr), (0, ""), told.stdout)

    def test_a_handler_that_waits_is_examined_in_both_modes(self):
        told = check(build(CC, WAITING, "waiting.dll", "-DCONCURRENCY=ASYNCD_SERIAL"))
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertRegex(told.stdout, r"messages, inline +ok.*\n *messages, deferred +ok")

    def test_each_end_of_its_process_is_told_with_its_point(self):
        for crime, (what, where, point, words) in CRIMES.items():
            with self.subTest(crime):
                told = check(build(CC, WRONG, "crime.dll", "-includeio.h", "-D" + where,
                                   "-DCRIME=" + what))
                self.assertEqual(told.returncode, 65, told.stdout + told.stderr)
                failed = re.findall(r"^ *(\S.*?) +FAILED: (.*)$", told.stdout, re.MULTILINE)
                self.assertEqual([row[0] for row in failed], [point], told.stdout)
                self.assertRegex(failed[0][1], words)

    def test_what_the_handler_prints_does_not_get_into_the_answer(self):
        told = check(build(CC, WRONG, "chatty.dll", "-includestdio.h", "-DIN_MESSAGE",
                           '-DCRIME=puts("p\\t\\nf\\tlies"), fflush(stdout)'))
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertNotIn("lies", told.stdout)
        self.assertIn("lies", told.stderr)


class NewHandler(unittest.TestCase):
    def test_what_it_begins_is_built_and_is_well(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, compiler, source in (("in-c", CC, "in-c.c"), ("in-cpp", CXX, "in-cpp.cpp")):
                with self.subTest(name):
                    began = run("new", "handler", name, "--lang=" + name.removeprefix("in-"),
                                cwd=folder)
                    self.assertEqual(began.returncode, 0, began.stderr)
                    with open(os.path.join(folder, name, source), encoding="utf-8") as text:
                        library = build(compiler, text.read(), name + ".dll", "-static",
                                        *(["-std=c++20"] if compiler == CXX else []))
                    told = check(library)
                    self.assertEqual(told.returncode, 0, told.stdout)
                    again = run("new", "handler", name, cwd=folder)
                    self.assertEqual(again.returncode, 73)
                    self.assertIn(f"cannot create '{name}': it is there already", again.stderr)


if __name__ == "__main__":
    unittest.main()

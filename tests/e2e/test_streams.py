"""Standard streams as real parents leave them: non-blocking and full, closed, on a full disk,
without a reader."""

import json
import os
import subprocess
import tempfile
import time
import unittest

from bench_code import exit_code
from daemon import ASYNCD, PATIENCE, Daemon, environment, run

LONG = "x" * 100_000
NEW = "another name each time"


class Streams(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def commands(self, address):
        """All that print, by their words. Each writes the same whenever it runs, or `None`
        stands before it."""
        result = self.path("result.json")
        if not os.path.exists(result):
            done = run("bench", "--no-config", "-q", "--handler=echo", "--requests=10",
                       f"--json={result}")
            self.assertEqual(exit_code(done, 0), 0, done.stderr)
        found = json.loads(run("handlers", "--json").stdout)
        echo = next(handler["library"] for handler in found if handler["name"] == "echo")
        measured = ("--no-config", "-q", "--handler=echo", "--requests=10")
        return [
            ("--help",), ("--version",), ("version",), ("version", "--json"), ("backends",),
            ("backends", "--json"),
            ("handlers",), ("handlers", "--json"), ("config", "--no-config", "-Hecho"),
            ("config", "--default"),
            ("check", "--no-config", "-Hecho"), ("check", "--no-config", "-Hecho", "--json"),
            ("call", "echo", LONG, "--no-config"), ("send", address, "--data=" + LONG),
            ("send", "--help"),
            (None, "handler", "check", echo), (None, "new", "handler", NEW),
            ("bench", "--help"), (None, "bench", *measured), (None, "bench", *measured, "--json=-"),
            (None, "bench", *measured, "--csv=-"), ("bench", "compare", result, result),
            ("bench", "report", result, "-o-"),
            (None, "bench", "matrix", *measured, "--repeats=1", "--json=-"),
        ]

    def start(self, arguments, **streams):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        words = [f"handler-{time.monotonic_ns()}" if word is NEW else word for word in arguments
                 if word is not None]
        return subprocess.Popen([*ASYNCD, *words], env=environment(), cwd=self.folder,
                                stdin=streams.pop("stdin", subprocess.DEVNULL), **streams)

    def end(self, process):
        out, errors = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, (out or b"").decode(),
                                           (errors or b"").decode())

    def full_pipe(self):
        """A pipe that takes nothing more, whose writer does not wait, and what is in it."""
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        os.set_blocking(write_end, False)
        size = 0
        try:
            while True:
                size += os.write(write_end, b"-" * 4096)
        except BlockingIOError:
            return read_end, write_end, size

    def through_full_pipe(self, arguments, stream):
        """What comes out of it, and the process."""
        read_end, write_end, filler = self.full_pipe()
        process = self.start(arguments, **{stream: write_end})
        self.addCleanup(lambda: process.poll() is None and process.kill())
        time.sleep(0.05)  # it may come to write meanwhile; if not, there is nothing to see
        self.assertFalse(os.get_blocking(write_end))
        os.close(write_end)
        text = b""
        while bytes_ := os.read(read_end, 1 << 16):
            text += bytes_
        return text[filler:].decode(), self.end(process)

    def test_an_output_that_does_not_wait_gets_everything(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            for arguments in self.commands(daemon.addresses()[0]):
                with self.subTest(arguments=[str(word)[:40] for word in arguments]):
                    text, done = self.through_full_pipe(arguments, "stdout")
                    # Where others have the cores, what is measured is not valid.
                    self.assertIn(done.returncode, (0, 98) if "bench" in arguments else (0,),
                                  done.stderr)
                    self.assertTrue(text.endswith("\n"), text[-100:])
                    if arguments[0] is not None:
                        self.assertEqual(text, self.end(self.start(arguments)).stdout)

    def test_an_output_that_cannot_be_written_is_told(self):
        with Daemon("--no-config", "--handler=echo") as daemon, open("/dev/full", "wb") as full:
            for arguments in self.commands(daemon.addresses()[0]):
                for why, streams in (("it is closed", {"preexec_fn": lambda: os.close(1)}),
                                     ("No space left on device", {"stdout": full})):
                    with self.subTest(arguments=[str(word)[:40] for word in arguments], why=why):
                        done = self.end(self.start(arguments, **streams))
                        self.assertEqual(done.returncode, 1, done.stderr)
                        self.assertIn(f"cannot write to standard output: {why}\n", done.stderr)

    def test_a_reader_that_is_gone_is_told_of(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            for arguments in self.commands(daemon.addresses()[0]):
                with self.subTest(arguments=[str(word)[:40] for word in arguments]):
                    read_end, write_end = os.pipe()
                    process = self.start(arguments, stdout=write_end)
                    os.close(write_end)
                    os.close(read_end)
                    done = self.end(process)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn("cannot write to standard output: Broken pipe\n", done.stderr)

    def test_complaints_are_whole_though_standard_error_does_not_wait(self):
        text, done = self.through_full_pipe(("--bogus",), "stderr")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--bogus", text)
        self.assertTrue(text.endswith("\n"))
        text, done = self.through_full_pipe(
            ("bench", "--no-config", "--handler=echo", "--requests=10", "--progress=json"),
            "stderr")
        self.assertTrue(text == "" or text.endswith("}\n"), text)

    def test_an_input_that_does_not_wait_is_waited_for(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            for arguments in (("call", "echo", "--no-config"), ("send", daemon.addresses()[0])):
                with self.subTest(arguments=arguments):
                    read_end, write_end = os.pipe()
                    os.set_blocking(read_end, False)
                    process = self.start(arguments, stdin=read_end)
                    time.sleep(0.05)  # it reads meanwhile, and finds nothing
                    os.write(write_end, b"one\n")
                    time.sleep(0.05)
                    os.write(write_end, b"two\n")
                    os.close(write_end)
                    done = self.end(process)
                    self.assertFalse(os.get_blocking(read_end))
                    os.close(read_end)
                    self.assertEqual((done.returncode, done.stdout), (0, "one\ntwo\n"), done.stderr)

    def test_replies_come_before_the_input_ends(self):
        read_end, write_end = os.pipe()
        process = self.start(("call", "echo", "--no-config"), stdin=read_end)
        os.close(read_end)
        os.write(write_end, b"one\n")
        self.assertEqual(process.stdout.read(4), b"one\n")
        os.close(write_end)
        self.assertEqual(self.end(process).returncode, 0)

    def test_an_input_that_is_closed_is_told(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            for arguments in (("call", "echo", "--no-config"), ("send", daemon.addresses()[0])):
                with self.subTest(arguments=arguments):
                    done = self.end(self.start(arguments, preexec_fn=lambda: os.close(0)))
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("cannot read standard input: it is closed", done.stderr)

    def test_no_socket_becomes_a_stream(self):
        with Daemon("--no-config", "--handler=echo", "-v") as daemon:
            done = self.end(self.start(("send", daemon.addresses()[0], "--data=x"),
                                       preexec_fn=lambda: [os.close(stream) for stream in (0, 1)]))
            self.assertEqual(done.returncode, 1)
            self.assertIn("it is closed", done.stderr)
        log = self.path("log")
        process = self.start(("--no-config", "--handler=echo", "--listen=127.0.0.1:0",
                              "-o", f"log.file={log}"),
                             stdout=None, stderr=None,
                             preexec_fn=lambda: [os.close(stream) for stream in range(3)])
        try:
            for _ in range(PATIENCE * 10):
                if os.path.exists(log):
                    with open(log, encoding="utf-8") as file:
                        if "listening" in file.read():
                            break
                time.sleep(0.1)
            self.assertEqual(
                [os.readlink(f"/proc/{process.pid}/fd/{stream}") for stream in range(3)],
                             ["/dev/null"] * 3)
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()

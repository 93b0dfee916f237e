"""A handler that breaks every rule, in the real asyncd: its author is told what it did where
handlers are checked, its connection alone pays for it, and what no process can survive ends
asyncd in the way that is documented."""

import json
import os
import re
import signal
import socket
import subprocess
import unittest

from daemon import (ASYNCD, BACKENDS, CONCURRENT, PATIENCE, Daemon, ask, environment, exchange,
                    on_each_backend, run)
from injectors import Configured, listener
from strangers import CC, CXX, REVERSE, build

MISBEHAVING = os.environ["MISBEHAVING"]
VERSION = json.loads(run("version", "--json").stdout)
CHECKED = VERSION["checks_handlers"]
FAILED = b"error: handler failed\n"
ENDS_ALL = "a handler has called exit, so asyncd ends at once"

# What a build that checks says of each misdeed of the message hook.
TOLD = {
    "throw": "it has thrown: a stranger's mistake",
    "throw a number": "it has thrown what is no std::exception",
    "garbage": "it returned 99, which is none of ASYNCD_REPLY, ASYNCD_NO_REPLY, ASYNCD_ERROR",
    "pending": "it returned ASYNCD_PENDING, but it is not asynchronous",
    "more than the window": "its reply_size is 257, but its window has 256 bytes",
    "over the limit": "its reply_size is 1099511627776, but its window has 256 bytes",
    "unknown flags": "it has set the unknown flags 4294967040",
    "another window": "it has changed call->window, which is not its own",
    "another worker": "it has changed call->worker, which is not its own",
    "behind the window": "it has written behind its window of 256 bytes",
    "before the window": "it has written before its window of 256 bytes",
    "the window before": "it has written to the window that it had before host_reply_reserve",
    "the message": "it has changed the message, which is only lent",
    "a nul behind the message": "it has written behind the message of 24 bytes",
    "no call": "it called host_reply_reserve with no call",
    "a text below zero": "it gave host_log a text of 18446744073709551615 bytes",
    "another thread": "it called host_log with the call of a hook that runs elsewhere, on a thread "
                      "where no hook runs",
    "use what was kept": "it called host_reply_reserve with a call whose hook has returned",
    "write to the kept window": "it has written to a call whose hook had returned, or to its "
                                "message or window",
}


def misbehaving(*, hook="", how="", backend="select", **more):
    return Daemon("--no-config", f"--handler={MISBEHAVING}", f"--backend={backend}",
                  f"-ohandler.misbehaving.hook={hook}", f"-ohandler.misbehaving.how={how}", **more)


def violations(daemon):
    """What the log tells of: handler, hook, what, peer."""
    return re.findall(
        r'a handler breaks the rules of asyncd.h handler=(\S+) hook=(\S+) what="?(.*?)"? '
        r'peer=(\S+)',
                      daemon.text())


def resident(pid):
    """The process's memory, in KiB: now, and at most so far."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        text = status.read()
    return tuple(
        int(re.search(rf"{name}:\s+(\d+) kB", text).group(1)) for name in ("VmRSS", "VmHWM"))


class Misbehaving(unittest.TestCase):
    @unittest.skipUnless(CHECKED, "this build does not check handlers")
    @on_each_backend("--handler=" + MISBEHAVING)
    def test_its_author_is_told(self, daemon):
        for deed, words in TOLD.items():
            with self.subTest(deed=deed), daemon.connect() as connection:
                kept = b"keep\n" if "kept" in deed else b""
                served = b"served\n" if kept else b""
                self.assertEqual(exchange(connection, kept + deed.encode() + b"\nand\n"),
                                 served + FAILED)
                daemon.wait_for(re.escape(words))
                handler, hook, what, peer = violations(daemon)[-1]
                self.assertIn(words, [what for _, _, what, _ in violations(daemon)])
                self.assertEqual(handler, "misbehaving")
                self.assertIn(hook, ("message", "none"))
                self.assertEqual(peer, "127.0.0.1:%d" % connection.getsockname()[1])

    @unittest.skipUnless(CHECKED, "this build does not check handlers")
    def test_programs_are_told_by_an_event(self):
        with misbehaving(hook="connection_open", how="throw") as daemon:
            daemon.connect().close()
            daemon.wait_for("breaks the rules")
        with Daemon("--no-config", f"--handler={MISBEHAVING}", "-olog.format=json") as daemon:
            address = daemon.wait_for(r'"address":"127.0.0.1:(\d+)"')[0]
            with socket.create_connection(("127.0.0.1", int(address))) as connection:
                self.assertEqual(exchange(connection, b"pending\n"), FAILED)
            line = json.loads(daemon.wait_for('.*"handler_violation".*')[0])
            self.assertEqual((line["level"], line["handler"], line["hook"]),
                             ("error", "misbehaving", "message"))
            self.assertEqual((line["what"], line["conn"]), (TOLD["pending"], 1))

    @unittest.skipIf(CHECKED, "this build checks handlers")
    @on_each_backend("--handler=" + MISBEHAVING)
    def test_without_checks_clients_are_told_all_the_same(self, daemon):
        for deed in ("throw", "throw a number", "garbage", "more than the window"):
            with daemon.connect() as connection:
                self.assertEqual(exchange(connection, deed.encode() + b"\nand\n"), FAILED)
        self.assertNotIn("handler_violation", daemon.text())

    @unittest.skipUnless(CHECKED, "this build does not check handlers")
    @on_each_backend("--handler=" + MISBEHAVING)
    def test_spoilt_memory_ends_the_process(self, daemon):
        with daemon.connect() as connection:
            connection.sendall(b"far behind the window\n")
            self.assertEqual(daemon.process.wait(PATIENCE), -signal.SIGABRT, daemon.text())
        self.assertIn("the process cannot go on", daemon.text())
        self.assertIn("it has written far beyond its window of 256 bytes", daemon.text())

    @on_each_backend("--handler=" + MISBEHAVING)
    def test_exit_in_a_hook_is_told_and_is_a_failure(self, daemon):
        with daemon.connect() as connection:
            connection.sendall(b"exit\n")
            self.assertEqual(daemon.process.wait(PATIENCE), 1, daemon.text())
        self.assertIn(ENDS_ALL, daemon.text())
        self.assertEqual("it ends the process, or its thread" in daemon.text(), CHECKED,
                         daemon.text())

    def test_exit_in_any_other_hook_too(self):
        for hook in ("create", "worker_create", "connection_open", "connection_close",
                     "worker_destroy", "destroy"):
            for backend in BACKENDS:
                with self.subTest(hook=hook, backend=backend), \
                        misbehaving(hook=hook, how="exit", backend=backend) as daemon:
                    if hook in ("connection_open", "connection_close"):
                        with daemon.connect() as connection:
                            connection.sendall(b"any\n")
                    if hook in ("worker_destroy", "destroy"):
                        daemon.port()
                        daemon.connect().close()
                        daemon.process.send_signal(signal.SIGTERM)
                    if hook == "worker_create" and backend == "thread-per-connection":
                        daemon.connect().close()
                    self.assertEqual(daemon.process.wait(PATIENCE), 1, daemon.text())
                    self.assertIn(ENDS_ALL, daemon.text())

    def test_a_command_that_calls_a_handler_ends_with_a_word_too(self):
        at_create = [f"--handler={MISBEHAVING}", "-ohandler.misbehaving.hook=create",
                     "-ohandler.misbehaving.how=exit"]
        for words in (["call", MISBEHAVING, "exit"], ["check", *at_create],
                      ["bench", "--duration=100ms", *at_create]):
            with self.subTest(words):
                ended = run(*words, "--no-config")
                self.assertEqual(ended.returncode, 1, ended.stderr)
                self.assertIn("a handler has called exit", ended.stderr)

    @on_each_backend("--handler=" + MISBEHAVING)
    def test_abort_is_what_it_is(self, daemon):
        with daemon.connect() as connection:
            connection.sendall(b"abort\n")
            self.assertEqual(daemon.process.wait(PATIENCE), -signal.SIGABRT, daemon.text())

    def test_what_a_library_does_while_it_is_loaded(self):
        untried = "-osecurity.try_libraries=false"  # else test_trial.py has what comes of it
        deeds = (("exit(0);", 1, ENDS_ALL), ("abort();", -signal.SIGABRT, ""))
        for deed, code, words in deeds:
            with self.subTest(deed):
                source = "#include <stdlib.h>\n" \
                    f"__attribute__((constructor)) static void begin(void) {{ {deed} }}\n"
                refused = run("--no-config", untried,
                              f"--handler={build(CC, source + REVERSE, 'reverse.so')}")
                self.assertEqual(refused.returncode, code, refused.stderr)
                self.assertIn(words, refused.stderr)
                self.assertNotIn("listening", refused.stderr)
        source = "#include <stdexcept>\n" \
            "static struct Begin { Begin() { throw std::runtime_error(\"oh\"); } } begin;\n"
        refused = run("--no-config", untried, f"--handler={build(CXX, source, 'thrower.so')}")
        # Whether an exception comes through the system's loader depends on the compiler that built
        # asyncd.
        self.assertIn(refused.returncode, (-signal.SIGABRT, 1), refused.stderr)
        self.assertIn("oh\n", refused.stderr)

    def test_a_start_that_hangs_is_ended_by_a_signal(self):
        hanging = "#include <unistd.h>\n" \
            "__attribute__((constructor)) static void begin(void) { for (;;) sleep(1); }\n"
        library = build(CC, hanging + REVERSE, "hanging.so")
        create = [f"--handler={MISBEHAVING}", "-ohandler.misbehaving.hook=create",
                  "-ohandler.misbehaving.how=hang"]
        for way in (create, [f"--handler={library}"]):
            for how in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(way=way, how=how):
                    process = subprocess.Popen([*ASYNCD, "--no-config", *way], env=environment())
                    try:
                        # Once it sleeps there, or a little earlier: a signal has to end it at any
                        # time.
                        with self.assertRaises(subprocess.TimeoutExpired):
                            process.wait(1)
                        process.send_signal(how)
                        self.assertEqual(process.wait(PATIENCE), -how)
                    finally:
                        process.kill()
                        process.wait()

    def test_a_refused_worker_is_told_before_anybody_comes(self):
        for backend in BACKENDS:
            if backend == "thread-per-connection":
                continue  # it has no worker before
            with self.subTest(backend), \
                 misbehaving(hook="worker_create", how="refuse", backend=backend) as daemon:
                daemon.wait_for("error a thread cannot serve any client: .* handler=misbehaving")
                self.assertEqual(daemon.end(), (0, 0, 0))

    def test_a_destroy_that_hangs_cannot_hold_the_process(self):
        for backend in BACKENDS:
            with self.subTest(backend), \
                 misbehaving(hook="destroy", how="hang", backend=backend) as daemon:
                with daemon.connect() as connection:
                    self.assertEqual(exchange(connection, b"any\n"), b"any\n")
                self.assertEqual(daemon.stop(), 75, daemon.text())
                self.assertRegex(daemon.text(), "stopped accepted=1 closed=1 rejected=0 active=0")
                self.assertIn("a handler does not return", daemon.text())

    def test_nor_can_it_after_a_reload(self):
        for backend in BACKENDS:
            text = listener(MISBEHAVING,
                            backend) + '[handler.misbehaving]\nhook = "destroy"\nhow = '
            with self.subTest(backend), Configured(text + '"hang"\n') as daemon:
                daemon.port()
                for how in ("go on", "go on as ever"):
                    daemon.reload(text + f'"{how}"\n')
                with daemon.connect() as connection:
                    self.assertEqual(exchange(connection, b"any\n"), b"any\n")
                self.assertEqual(daemon.stop(), 75, daemon.text())
                self.assertIn("a handler does not return", daemon.text())

    def test_what_it_leaves_behind_does_not_disturb_the_end(self):
        for backend in BACKENDS:
            for _ in range(5):
                with self.subTest(backend), misbehaving(backend=backend) as daemon:
                    with daemon.connect() as connection:
                        self.assertEqual(exchange(connection, b"leave something behind\n" * 3),
                                         b"served\n" * 3)
                    self.assertEqual(daemon.end(), (1, 1, 0))

    def test_megabytes_of_lines_neither_fill_the_memory_nor_stop_anybody(self):
        for backend in CONCURRENT:
            with self.subTest(backend), misbehaving(backend=backend) as daemon:
                with daemon.connect() as bystander, daemon.connect() as connection:
                    self.assertEqual(ask(bystander, b"one\n"), b"one\n")
                    before, _ = resident(daemon.process.pid)
                    for deed in (b"many lines\n", b"a long line\n"):
                        self.assertEqual(ask(connection, deed), b"served\n")
                        self.assertEqual(ask(bystander, b"two\n"), b"two\n")
                    _, most = resident(daemon.process.pid)
                    if VERSION["build_type"] == "Release":  # sanitizers take their share
                        self.assertLess(most - before, 64 << 10)
                self.assertEqual(daemon.end(), (2, 2, 0))

    def test_call_tells_it_too(self):
        answer = run("call", MISBEHAVING, "throw", "--no-config")
        self.assertEqual((answer.returncode, answer.stdout), (1, FAILED.decode()), answer.stderr)
        self.assertIn("the handler has failed", answer.stderr)
        self.assertEqual(TOLD["throw"] in answer.stderr, CHECKED, answer.stderr)


if __name__ == "__main__":
    unittest.main()

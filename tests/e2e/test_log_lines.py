"""What the log says: floods that are cut, bytes of any kind, files that `asyncd check` tries."""

import datetime
import json
import os
import random
import socket
import stat
import tempfile
import unittest

from daemon import BACKENDS, PATIENCE, exchange, run
from log_daemon import LEFT_OUT, LOST, LogDaemon, numbered, numbers_in, total


class Lines(unittest.TestCase):
    def test_a_handler_cannot_flood_it(self):
        count = 20000
        with LogDaemon("--no-config", "--handler=print") as daemon:
            with daemon.connect() as client:
                exchange(client, numbered(range(count)))
            daemon.wait_for(LEFT_OUT)
            daemon.end()
            text = daemon.text()
            kept = numbers_in(text)
            self.assertEqual(kept[:1000], list(range(1000)))
            self.assertEqual(len(kept) + total(LEFT_OUT, text), count)
            self.assertEqual(total(LOST, text), 0)
            self.assertLess(len(kept), count)

    def test_no_figure_is_a_heap_of_nanoseconds(self):
        for backend in BACKENDS:
            more = ["-o", "backend.thread-pool.threads=1"] if backend == "thread-pool" else []
            with self.subTest(backend), \
                 LogDaemon("--no-config", "--handler=echo", f"--backend={backend}", "-v",
                                                  *more) as daemon:
                # On some backends the second one waits.
                first, second = daemon.connect(), daemon.connect()
                for client in (first, second):
                    with client:
                        exchange(client, b"x\n")
                self.assertEqual(daemon.stop(), 0)
                self.assertNotRegex(daemon.text(), r"=-?\d+ns\b")
                if backend == "thread-pool":
                    self.assertRegex(daemon.text(), r"longest_wait=[\d.]{1,4}(us|ms|s|m)\b")

    def test_times_are_those_of_utc_wherever_it_runs(self):
        for zone in ("AAA-9", "BBB+7"):
            with self.subTest(zone), \
                 LogDaemon("--no-config", "--handler=echo", variables={"TZ": zone}) as daemon:
                written = datetime.datetime.fromisoformat(
                    daemon.wait_for(r"(\S+)Z .* listening ")[0] + "+00:00")
                off = datetime.datetime.now(datetime.timezone.utc) - written
                self.assertLess(abs(off), datetime.timedelta(hours=1))

    def test_json_is_valid_whatever_a_client_sends(self):
        chance = random.Random(4)
        messages = [bytes([byte]) for byte in range(256) if byte not in b"\r\n"]
        messages += [
            chance.randbytes(chance.randrange(400)).replace(b"\n", b"") for _ in range(300)]
        messages += ['"}\\', "{}", "caf\u00e9 \U0001f600 \u2028", "x" * 1024, "y" * 5000,
                     "\u20ac" * 5000]
        messages = [message if isinstance(message, bytes)
                    else message.encode() for message in messages]
        messages = [message[:-1] if message.endswith(b"\r") else message for message in messages]
        with LogDaemon("--no-config", "--handler=print", "-o", "log.format=json", "-v") as daemon:
            address = self.address(daemon)
            with socket.create_connection(address, PATIENCE) as client:
                exchange(client, b"".join(message + b"\n" for message in messages))
            self.assertEqual(daemon.stop(), 0)
            lines = [json.loads(line) for line in daemon.text().splitlines()]
        events = {line["event"] for line in lines}
        self.assertLessEqual({"listening", "opened", "closed", "draining", "stopped"}, events)
        for line in lines:
            self.assertEqual(list(line)[:4], ["ts", "level", "msg", "event"])
        logged = [line["msg"] for line in lines if line["event"] == "handler"]
        self.assertEqual(len(logged), len(messages))
        for message, log in zip(messages, logged):
            try:
                text = message.decode()
            except UnicodeDecodeError:
                self.assertIn("\ufffd", log)
                continue
            kept = message[:1024].decode(errors="ignore")
            self.assertEqual(log, text if len(message) <= 1024 else kept + "...")

    def address(self, daemon):
        host, port = daemon.wait_for(r'"address":"([^"]+):(\d+)"')[0]
        return host, int(port)

    def test_no_byte_acts_on_a_terminal(self):
        for style in ("text", "json"):
            arguments = ["--no-config", "--handler=print", "-o", f"log.format={style}"]
            with self.subTest(style), LogDaemon(*arguments) as daemon:
                found = daemon.wait_for(r"127\.0\.0\.1:(\d+)")[0]
                with socket.create_connection(("127.0.0.1", int(found)), PATIENCE) as client:
                    exchange(client, bytes(range(32)) + b"\x7f" + "\x9b31m\u202e".encode() + b"\n")
                self.assertEqual(daemon.stop(), 0)
                with open(daemon.path, encoding="utf-8", newline="") as file:
                    text = file.read()
                self.assertEqual([c for c in text if c != "\n" and not c.isprintable()], [])


class Checking(unittest.TestCase):
    def test_check_tries_the_file_and_leaves_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log")
            arguments = ["check", "--no-config", "--handler=echo", "-o", f"log.file={path}"]
            self.assertEqual(run(*arguments).returncode, 0)
            self.assertEqual(os.listdir(folder), [])
            with open(path, "w", encoding="utf-8") as file:
                file.write("old\n")
            before = os.stat(path)
            self.assertEqual(run(*arguments).returncode, 0)
            after = os.stat(path)
            self.assertEqual((after.st_size, after.st_mtime_ns),
                             (before.st_size, before.st_mtime_ns))

    def test_what_may_not_be_written_is_told_as_by_a_start(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            closed = os.path.join(folder, "closed")
            os.mkdir(closed, 0o555)
            with open(os.path.join(folder, "log"), "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), stat.S_IRUSR)
            os.symlink(os.path.join(closed, "log"), os.path.join(folder, "link"))
            for name in ("log", "closed/log", "link", "log/log"):
                with self.subTest(name):
                    self.check_as_nobody(os.path.join(folder, name),
                                         73 if name == "log/log" else 77)

    def check_as_nobody(self, path, code):
        powerless = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        answers = []
        for command in ("check", "run"):
            try:
                answer = run(command, "--no-config", "--handler=echo", "--listen=127.0.0.1:0",
                             "-o", f"log.file={path}", cwd="/", **powerless)
            except PermissionError:
                self.skipTest("the user 65534 may not run this asyncd")
            answers.append((answer.returncode, answer.stderr))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][0], code, answers[0][1])
        self.assertIn(f"cannot write the log to '{path}'", answers[0][1])


if __name__ == "__main__":
    unittest.main()

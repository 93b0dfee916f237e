"""Files that are none, that can be read only once, or that are elsewhere by now: at a start and
at a reload."""

import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from daemon import ASYNCD, PATIENCE, Daemon, ask, environment, exchange, run
from injectors import HANDLERS, Configured, listener, until

GOOD = listener("echo", "select")
FAILED = "reload failed; everything stays as it was err="
# How a thing is made that is no file, and what messages call it.
KINDS = {"FIFO": os.mkfifo, "folder": os.mkdir,
         "device": lambda path: os.symlink("/dev/zero", path)}


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path)


KINDS["socket"] = make_socket


class FilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="asyncd-files-")
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)

    def at(self, *parts):
        return os.path.join(self.folder, *parts)

    def text_of(self, name):
        with open(self.at(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text, **more):
        with open(self.at(name), "w", encoding="utf-8", **more) as file:
            file.write(text)
        return self.at(name)


class OtherThings(FilesTest):
    def test_a_start_refuses_them_at_once(self):
        server = ["--no-config", "--handler=echo", "--listen=127.0.0.1:0"]
        for kind, make in KINDS.items():
            path = self.at(kind)
            make(path)
            commands = [["check", "-c", path], ["run", "-c", path], ["config", "-c", path],
                        ["check", "--no-config", f"--handler={path}"], ["handler", "check", path],
                        ["call", path, "x"], ["bench", "compare", path, path],
                        ["bench", "--no-config", "--handler=echo", "--requests=1",
                         f"--data=file:{path}"],
                        ["send", "127.0.0.1:1", f"--file={path}"]]
            if kind != "device":
                commands.append(["run", *server, "-o", f"log.file={path}"])
                commands.append(["bench", "--no-config", "--handler=echo", "--requests=1",
                                 f"--json={path}"])
            for command in commands:
                with self.subTest(kind=kind, command=command):
                    answer = run(*command, cwd=self.folder)
                    self.assertEqual(answer.returncode, 66, answer.stdout + answer.stderr)
                    self.assertIn(f"is a {kind}", answer.stdout + answer.stderr)

    def test_a_reload_refuses_them_at_once_and_the_next_one_works(self):
        for kind, make in KINDS.items():
            with self.subTest(kind=kind), Configured(GOOD) as daemon:
                daemon.addresses()
                other = os.path.join(daemon.folder.name, "other")
                make(other)
                texts = [GOOD.replace('"echo"', f'"{other}"')]
                if kind != "device":
                    texts.append(GOOD + f'[log]\nfile = "{other}"\n')
                for text in texts:
                    daemon.configure(text)
                    self.fails(daemon, f"is a {kind}")
                os.unlink(daemon.path)
                make(daemon.path)
                self.fails(daemon, f"is a {kind}, not a configuration file")
                (os.rmdir if kind == "folder" else os.unlink)(daemon.path)
                daemon.reload(GOOD + 'idle_timeout = "50s"\n')
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"x\n"), b"x\n")
                self.assertEqual(daemon.end(), (1, 1, 0))

    def fails(self, daemon, words):
        before = daemon.text().count(FAILED)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(FAILED, before + 1)
        self.assertIn(words, daemon.text().rsplit(FAILED, 1)[1])

    def logs_to(self, name, output):
        """asyncd with this as its log, which ends with the test."""
        process = subprocess.Popen([*ASYNCD, "--no-config", "--handler=echo",
                                    "--listen=127.0.0.1:0", "-o",
                                    f"log.file={name}"], stdout=output, env=environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_the_log_may_go_to_what_the_process_has_open(self):
        for name in ("/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"):
            with self.subTest(name=name):
                process = self.logs_to(name, subprocess.PIPE)
                self.addCleanup(process.stdout.close)
                self.assertTrue(any(b"listening address=" in line for line in process.stdout))
                process.send_signal(signal.SIGUSR1)
                process.send_signal(signal.SIGTERM)
                self.assertIn(b" stopped ", process.stdout.read())
                self.assertEqual(process.wait(PATIENCE), 0)

    def test_the_log_may_go_to_a_socket_that_is_standard_output(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = self.logs_to("/dev/stdout", theirs)
            ours.settimeout(PATIENCE)
            said = b""
            while b"listening address=" not in said:
                said += ours.recv(4096)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)


class Piped(Daemon):
    """asyncd whose configuration comes from a pipe."""

    def __init__(self, text, name, *arguments, closed=True):
        reading, self.writing = os.pipe()
        os.write(self.writing, text.encode())
        if closed:
            os.close(self.writing)
        descriptor = 0 if name == "/dev/stdin" else reading
        more = {"stdin": reading} if descriptor == 0 else {"pass_fds": [reading]}
        super().__init__("-c", name.format(reading), *arguments, listen=(), **more)
        os.close(reading)


class Once(FilesTest):
    def test_a_pipe_is_read_at_the_start_and_remembered(self):
        text = GOOD + "max_message = 8\n"
        for name in ("/dev/stdin", "/dev/fd/{}", "/proc/self/fd/{}"):
            with self.subTest(name=name), \
                 Piped(text + f'[log]\nfile = "{self.at("log")}"\n', name) as daemon:
                log = self.at("log")
                until(lambda: os.path.exists(log) and "listening address=" in self.text_of("log"),
                      "it listens")
                port = int(re.search(r"listening address=\S+:(\d+)", self.text_of("log"))[1])
                os.rename(log, log + ".old")
                daemon.process.send_signal(signal.SIGHUP)
                until(lambda: os.path.exists(log) and FAILED in self.text_of("log"),
                      "it refuses, in the new log")
                self.assertIn("could be read once more", self.text_of("log"))
                with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                    self.assertEqual(exchange(client, b"123456789\n"),
                                     b"error: message too long (limit 8 bytes)\n")
                self.assertEqual(daemon.stop(), 0)
                os.unlink(log)

    def test_a_pipe_without_an_end_is_not_waited_for_without_a_bound(self):
        with Piped(GOOD, "/dev/stdin", closed=False) as daemon:
            self.assertEqual(daemon.process.wait(PATIENCE), 66)
            self.assertIn("has not come to its end within 10s", daemon.text())
            os.close(daemon.writing)

    def test_bench_needs_a_file_for_its_server(self):
        answer = run("bench", "--config=/dev/stdin", "--requests=1", input=GOOD)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("can be read only once", answer.stderr)


class Meanwhile(FilesTest):
    """What becomes of the file of a server that runs."""

    def fails(self, daemon, words):
        before = daemon.text().count(FAILED)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(FAILED, before + 1)
        self.assertIn(words, daemon.text().rsplit(FAILED, 1)[1])

    def test_a_found_file_that_is_gone_or_empty_is_no_other_configuration(self):
        text = listener("hello", "select") + "max_message = 8\n"
        self.write("asyncd.toml", text)
        with Daemon("--handler=echo", listen=(), cwd=self.folder,
                    variables={"HOME": self.folder}) as daemon:
            daemon.addresses()
            self.write("asyncd.toml", "")
            self.fails(daemon, "'asyncd.toml' has become empty")
            os.unlink(self.at("asyncd.toml"))
            self.fails(daemon, "no configuration file 'asyncd.toml'")
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"123456789\n"),
                                 b"error: message too long (limit 8 bytes)\n")
            self.write("asyncd.toml", "# all defaults\n" + GOOD)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(" info  reloaded ")
            self.assertEqual(daemon.stop(), 0)

    def test_a_file_that_was_empty_may_be_empty_again(self):
        self.write("asyncd.toml", "\n")
        with Daemon("-c", self.at("asyncd.toml"), "--handler=echo") as daemon:
            daemon.addresses()
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(" info  reloaded ")
            self.assertEqual(daemon.stop(), 0)

    def test_links_that_are_swapped_as_kubernetes_does(self):
        for number in (1, 2):
            os.mkdir(self.at(f"..2026_{number}"))
            self.write(f"..2026_{number}/asyncd.toml", GOOD + f"max_message = {number}\n")
        os.symlink("..2026_1", self.at("..data"))
        os.symlink("..data/asyncd.toml", self.at("asyncd.toml"))
        with Daemon("-c", self.at("asyncd.toml"), listen=()) as daemon:
            daemon.addresses()
            os.symlink("..2026_2", self.at("..data_tmp"))
            os.rename(self.at("..data_tmp"), self.at("..data"))
            shutil.rmtree(self.at("..2026_1"))
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(" info  reloaded ")
            with daemon.connect() as client:
                self.assertEqual(exchange(client, b"123\n"),
                                 b"error: message too long (limit 2 bytes)\n")
            self.assertEqual(daemon.stop(), 0)


class Moved(FilesTest):
    """A handler has moved the process to another folder: relative paths mean what they meant."""

    def test_every_relative_path_stays(self):
        shutil.copy(os.path.join(HANDLERS, "mover.so"), self.at("mover.so"))
        shutil.copy(os.path.join(HANDLERS, "version-1.so"), self.at("later.so"))
        text = (listener("mover", "select", address="unix:socket") + '[log]\nfile = "log"\n'
                '[handler.mover]\nlibrary = "mover.so"\n')
        self.write("asyncd.toml", 'handler_path = ["."]\n' + text)
        with Daemon("-c", "asyncd.toml", listen=(), cwd=self.folder) as daemon:
            until(lambda: os.path.exists(self.at("log")), "the log is here")
            until(lambda: os.path.exists(self.at("socket")), "the socket is here")
            until(lambda: os.readlink(f"/proc/{daemon.process.pid}/cwd") == "/",
                  "the handler moves it")
            os.rename(self.at("log"), self.at("log.old"))
            self.write("asyncd.toml", 'handler_path = ["."]\n' + text +
                       listener("later", "select", name="two", address="unix:two"))
            daemon.process.send_signal(signal.SIGHUP)
            until(lambda: os.path.exists(self.at("log")) and " reloaded " in self.text_of("log"),
                  "it reloads")
            for name in ("socket", "two"):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(self.at(name))
                    client.settimeout(PATIENCE)
                    self.assertTrue(exchange(client, b"x\n"))
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["asyncd.toml", "later.so", "log", "log.old", "mover.so"])

    def test_bench_starts_its_server_where_it_was_started(self):
        shutil.copy(os.path.join(HANDLERS, "mover.so"), self.at("mover.so"))
        answer = run("bench", "--no-config", "--handler=./mover.so", "--requests=10", "-q",
                     "--json=result", cwd=self.folder)
        self.assertIn(answer.returncode, (0, 98), answer.stderr)
        self.assertTrue(os.path.exists(self.at("result")))

    def test_a_folder_that_is_too_deep_for_a_socket_still_has_one_by_a_short_name(self):
        deep = self.at(*["d" * 50] * 3)
        os.makedirs(deep)
        with Daemon("--no-config", "--handler=echo", listen=("unix:s",), cwd=deep) as daemon:
            daemon.addresses()
            self.assertTrue(os.path.exists(os.path.join(deep, "s")))
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(os.listdir(deep), [])


class Encodings(FilesTest):
    def test_what_powershell_writes_is_named_with_its_cure(self):
        text = run("config", "--default").stdout
        for codec, name in (("utf-16", "UTF-16 (little-endian)"),
                            ("utf-16-le", "UTF-16 (little-endian)"),
                            ("utf-16-be", "UTF-16 (big-endian)"),
                            ("utf-32", "UTF-32 (little-endian)"),
                            ("utf-32-be", "UTF-32 (big-endian)")):
            with self.subTest(codec=codec):
                with open(self.at("asyncd.toml"), "wb") as file:
                    file.write(text.encode(codec))
                answer = run("check", "--handler=echo", "-c", "asyncd.toml", cwd=self.folder)
                self.assertEqual(answer.returncode, 78)
                self.assertIn(f"asyncd.toml:1:1: the file is {name}", answer.stderr)
                self.assertIn("| Out-File -Encoding utf8 asyncd.toml", answer.stderr)
                self.assertEqual(len(answer.stderr.splitlines()), 1)
        with open(self.at("asyncd.toml"), "wb") as file:
            file.write(text.encode("utf-8-sig"))
        self.assertEqual(run("check", "-c", self.at("asyncd.toml")).returncode, 0)


class ControlBytes(FilesTest):
    def assert_clean(self, text):
        self.assertNotRegex(text, r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_messages_have_none_wherever_they_come_from(self):
        for odd in ("a\tb", "a\x1b[31mb", "a\x7fb", "a\x85b", "a\u202eb", "a\rb", "a\nb"):
            for command in (["check", "-c", odd], ["check", "--no-config", f"--handler=./{odd}"],
                            ["check", "--no-config", "--handler=echo", "-o", f"log.file={odd}"],
                            ["check", "--no-config", "--handler=echo", "-o", f"{odd}=1"],
                            ["check", "--no-config", "--handler=echo", f"--handler-path={odd}/x"],
                            ["check", "--no-config", "--handler=echo", f"--listen={odd}"],
                            ["call", odd], ["handler", "check", f"./{odd}"],
                            ["new", "handler", odd],
                            ["send", odd, f"--file={odd}"],
                            ["bench", f"--data=file:{odd}", "--handler=echo"],
                            ["bench", "compare", odd, odd],
                            ["bench", "--handler=echo", f"--json={odd}/no"],
                            ["config", "-o", f"handler.{odd}.key=1"], [odd], [f"--{odd}"],
                            ["check", f"--color={odd}"]):
                with self.subTest(odd=odd, command=command):
                    answer = run(*command, cwd=self.folder, variables={"HOME": self.folder})
                    self.assert_clean(answer.stderr)
                    if command[0] != "config" and odd != "a\u202eb":  # which is no control byte
                        self.assertNotEqual(answer.returncode, 0, answer.stdout)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_path_with_one_is_refused_with_the_cure(self):
        for key, text in (("file", r'[log]' "\n" r'file = "D:\temp\new.log"'),
                          ("library", '[handler.echo]\n' r'library = "D:\temp\new.log"'),
                          ("handler_path", r'handler_path = ["C:\\x", "D:\temp\new.log"]'),
                          ("address",
                           '[[listener]]\nhandler = "echo"\n' r'address = "D:\temp\new.log"'),
                          ("name", '[[listener]]\nhandler = "echo"\n' r'name = "D:\temp\new.log"'),
                          ("handler", '[[listener]]\n' r'handler = "D:\temp\new.log"')):
            with self.subTest(key=key):
                self.write("asyncd.toml", text + "\n")
                answer = run("check", "--listen=127.0.0.1:0",
                             *([] if key == "handler" else ["--handler=echo"]), cwd=self.folder)
                self.assertEqual(answer.returncode, 78, answer.stderr)
                self.assertIn(f"{key}: a control byte (\\t) in \"D:\\temp\\new.log\"",
                              answer.stderr)
                self.assertIn("write single quotes: 'D:\\temp\\new.log'\n", answer.stderr)
                self.assert_clean(answer.stderr)

    def test_keys_and_sections_with_one_are_refused(self):
        for text in ('[handler."a\\tb"]\n', '[backend."a\\tb"]\nthreads = 1\n',
                     '[handler.echo]\n"a\\tb" = 1\n', '"a\\tb" = 1\n', '[log]\n"a\\tb" = 1\n'):
            with self.subTest(text=text):
                self.write("asyncd.toml", text + GOOD)
                answer = run("check", cwd=self.folder)
                self.assertEqual(answer.returncode, 78, answer.stderr)
                self.assertIn("a\\tb", answer.stderr)
                self.assert_clean(answer.stderr)

    def test_escape_sequences_that_are_none_have_the_cure(self):
        for path in (r"D:\Users\x", r"C:\data", r"C:\Program Files", r"D:\x41", "D:\\", r"D:\uh"):
            with self.subTest(path=path):
                self.write("asyncd.toml", f'[log]\nfile = "{path}"\n' + GOOD)
                answer = run("check", cwd=self.folder)
                self.assertEqual(answer.returncode, 78, answer.stderr)
                self.assertIn(f"write single quotes: '{path}'", answer.stderr)
        self.write("asyncd.toml", f'handler_path = ["C:\\\\a", "D:\\Users"]\n' + GOOD)
        self.assertIn("write single quotes: 'D:\\Users'", run("check", cwd=self.folder).stderr)


if __name__ == "__main__":
    unittest.main()

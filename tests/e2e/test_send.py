"""asyncd send: to one server and to several, whole and hurt ones, from arguments, a file and
standard input."""

import os
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from daemon import ASYNCD, PATIENCE, SANITIZED, Daemon, environment, on_each_backend, run

MEGABYTE = 1 << 20


def send(*arguments, text=None, **more):
    """What `asyncd send` prints, as bytes, and its exit code."""
    return subprocess.run([*ASYNCD, "send", *arguments], input=text, capture_output=True,
                          timeout=PATIENCE, env=environment(), **more)


class Server:
    """One connection, served by `what(socket)` on a thread."""

    def __init__(self, what):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, args=(what,))

    def serve(self, what):
        connection, _ = self.listening.accept()
        with connection:
            what(connection)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(PATIENCE)
        self.listening.close()


def take_all(connection):
    while connection.recv(1 << 16):
        pass


class Send(unittest.TestCase):
    @on_each_backend("--handler=uppercase-echo")
    def test_what_is_said_is_answered(self, daemon):
        said = send(daemon.addresses()[0], "--data=one", "--data=two words")
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, b"ONE\nTWO WORDS\n", b""))
        piped = send(daemon.addresses()[0], text=b"a\nb\nthe last line has no end")
        self.assertEqual((piped.returncode, piped.stdout), (0, b"A\nB\nTHE LAST LINE HAS NO END\n"))
        nothing = send(daemon.addresses()[0], text=b"")
        self.assertEqual((nothing.returncode, nothing.stdout), (0, b""))

    def test_replies_of_several_servers_are_told_apart(self):
        with Daemon("--no-config", "--handler=square") as squares, \
             Daemon("--no-config", "--handler=double") as doubles:
            names = squares.addresses()[0], doubles.addresses()[0]
            said = send(*names, text=b"3\n7\n")
            lines = said.stdout.decode().splitlines()
            self.assertEqual([line for line in lines if line.startswith(names[0])],
                             [f"{names[0]}: 9", f"{names[0]}: 49"])
            self.assertEqual([line for line in lines if line.startswith(names[1])],
                             [f"{names[1]}: 6", f"{names[1]}: 14"])
            self.assertEqual((said.returncode, len(lines)), (0, 4))

    def test_messages_are_framed_as_the_server_expects(self):
        with Daemon("--no-config", "--handler=echo", "--framing=length",
                    "-o", "listener.main.prefix_size=2") as daemon:
            arguments = (daemon.addresses()[0], "--framing=length",
                         "-o", "listener.main.prefix_size=2")
            self.assertEqual(send(*arguments, text=b"one\n\nthree").stdout, b"one\n\nthree\n")
            self.assertEqual(send(*arguments, "--data=four").stdout, b"four\n")
            too_long = send(*arguments, text=b"x" * 70_000)
            self.assertEqual(too_long.returncode, 1)
            self.assertIn(b"does not fit into a prefix of 2 bytes", too_long.stderr)
        with Daemon("--no-config", "--handler=echo", "--framing=raw") as daemon:
            self.assertEqual(send(daemon.addresses()[0], "--framing=raw", text=b"no line").stdout,
                             b"no line")

    def test_a_reply_in_another_framing_is_noticed(self):
        def answer(connection):
            connection.sendall(b"\xff\xff\xff\xfftext")
            take_all(connection)

        with Server(answer) as server:
            said = send(server.address, "--framing=length", "--data=x")
            self.assertEqual(said.returncode, 1)
            self.assertIn(b"is this its framing?", said.stderr)

    def test_each_failure_is_named_and_the_others_go_on(self):
        with Daemon("--no-config", "--handler=echo") as daemon, socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            closed = "127.0.0.1:%d" % unused.getsockname()[1]
            said = send(closed, daemon.addresses()[0], "unix:/none/such", "no.such.name.invalid:1",
                        "--data=x")
            self.assertEqual((said.returncode, said.stdout),
                             (1, f"{daemon.addresses()[0]}: x\n".encode()))
            errors = said.stderr.decode().splitlines()
            self.assertEqual(len(errors), 3, errors)
            for name, line in zip((closed, "unix:/none/such", "no.such.name.invalid:1"), errors):
                self.assertTrue(line.startswith(f"asyncd: {name}: "), line)

    def test_a_server_that_ends_early_has_failed(self):
        with Server(lambda connection: connection.recv(1)) as server:
            said = send(server.address, text=b"x" * (32 * MEGABYTE))
            self.assertEqual(said.returncode, 1)
            self.assertRegex(said.stderr.decode(), "before everything was sent|reset")

    def test_a_server_that_takes_nothing_is_given_up(self):
        ended = threading.Event()
        with Server(lambda connection: ended.wait(PATIENCE)) as stuck, \
             Daemon("--no-config", "--handler=echo") as daemon, \
             tempfile.NamedTemporaryFile() as file:
            file.write(b"some text of a line\n" * (MEGABYTE // 2))
            file.flush()
            try:
                said = send(stuck.address, daemon.addresses()[0], "--file", file.name,
                            "--timeout=4s")
            finally:
                ended.set()
            self.assertEqual(said.returncode, 1)
            self.assertIn(b"it has taken no byte for 4s", said.stderr)
            self.assertEqual(said.stdout.count(b"\n"), MEGABYTE // 2)

    def test_a_server_that_does_not_answer_is_given_up(self):
        ended = threading.Event()
        with Server(lambda connection: ended.wait(PATIENCE)) as silent:
            try:
                said = send(silent.address, "--data=x", "--timeout=500ms")
            finally:
                ended.set()
            self.assertEqual(said.returncode, 1)
            self.assertIn(b"neither answered nor ended the connection for 500ms", said.stderr)

    def test_much_is_sent_to_slow_servers_with_little_memory(self):
        with Daemon("--no-config", "--handler=uppercase-echo") as one, \
             Daemon("--no-config", "--handler=uppercase-echo", "--backend=select") as other, \
             tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile() as replies:
            line = b"abcdefghijklmnopqrstuvwxyz\n"
            count = (4 if SANITIZED else 20) * MEGABYTE // len(line)
            file.write(line * count)
            file.flush()
            for more, source in (["--file", file.name], None), ([], file.name):
                replies.truncate(0)
                with open(source or os.devnull, "rb") as standard_input:
                    command = [*ASYNCD, "send", one.addresses()[0], other.addresses()[0],
                               "--progress=plain", *more]
                    if not SANITIZED:
                        command = ["bash", "-c", "ulimit -v 400000; exec \"$@\"", "-", *command]
                    said = subprocess.run(command, stdin=standard_input, stdout=replies,
                                          stderr=subprocess.PIPE,
                                          timeout=4 * PATIENCE, env=environment())
                self.assertEqual(said.returncode, 0, said.stderr)
                with open(replies.name, "rb") as file_of_replies:
                    self.assertEqual(sum(1 for reply in file_of_replies
                                         if reply.endswith(b": " + line.upper())),
                                     2 * count)

    def test_progress_is_told_line_by_line(self):
        def take_slowly(connection):
            for _ in range(3):
                connection.recv(1 << 20)
                threading.Event().wait(0.7)
            take_all(connection)

        with Server(take_slowly) as server, tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * (20 * MEGABYTE))
            file.flush()
            said = send(server.address, "--file", file.name, "--framing=raw", "--progress=plain")
            lines = said.stderr.decode().splitlines()
            self.assertEqual(said.returncode, 0)
            self.assertGreaterEqual(len(lines), 2)
            self.assertRegex(lines[0],
                             rf"^{server.address}  \[#* *\] +\d+ %  .* sent, .* received$")
            self.assertRegex(lines[-1], r"100 %  20.0 MiB sent, 0 B received; done$")

    def test_who_reads_replies_slowly_is_no_server_that_is_silent(self):
        with Daemon("--no-config", "--handler=echo") as daemon, \
             tempfile.NamedTemporaryFile() as file:
            file.write(b"some text of a line\n" * (MEGABYTE // 2))
            file.flush()
            command = [*ASYNCD, "send", daemon.addresses()[0], f"--file={file.name}",
                       "--timeout=4s"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=environment()) as sender:
                time.sleep(5)
                replies, errors = sender.communicate(timeout=PATIENCE)
            self.assertEqual((sender.returncode, errors), (0, b""))
            self.assertEqual(len(replies), 20 * (MEGABYTE // 2))

    def test_mistakes_of_the_command_line(self):
        for arguments, code, words in (
                ((), 2, "send needs a server"),
                (("nonsense",), 2, "bad address 'nonsense'"),
                (("127.0.0.1:0",), 2, "port 0 is no server's"),
                (("127.0.0.1:1", "--timeout=soon"), 2, "--timeout is a time such as 10s"),
                (("127.0.0.1:1", "--progress=loud"), 2, "--progress is auto, plain or none"),
                (("127.0.0.1:1", "--data=x", "--file=y"), 2,
                 "--file and --data exclude each other"),
                (("127.0.0.1:1", "--fraiming=raw"), 2, "did you mean --framing?"),
                (("127.0.0.1:1", "--framing=rough"), 2, "rough"),
                (("127.0.0.1:1", "--file=/none/such"), 66, "cannot read '/none/such'")):
            said = run("send", *arguments)
            self.assertEqual(said.returncode, code, said.stderr)
            self.assertIn(words, said.stderr)
        self.assertIn("Usage: asyncd send", run("send", "--help").stdout)
        self.assertIn("comes first", run("--json", "send").stderr)

    def test_output_that_cannot_be_written_is_told(self):
        with Daemon("--no-config", "--handler=echo") as daemon, open("/dev/full", "wb") as full:
            said = subprocess.run([*ASYNCD, "send", daemon.addresses()[0], "--data=x"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=PATIENCE, env=environment())
            self.assertEqual(said.returncode, 1)
            self.assertIn(b"cannot write to standard output", said.stderr)


if __name__ == "__main__":
    unittest.main()

"""The end of asyncd under load: what was sent before the signal is answered, no idle client is
waited for."""

import re
import signal
import socket
import threading
import unittest

from daemon import PATIENCE, ask, exchange, on_each_backend, read_to_end
from injectors import HANDLERS, size, until

TALKERS = size(6, 40)
AHEAD = 8  # messages that each sends before it reads
QUEUED = size(50, 500)
SLOW = ("--handler=slow", f"--handler-path={HANDLERS}")
NO_HURRY = ("-o", "shutdown.timeout=10m", "-o", "limits.message_timeout=10m")


class Talker(threading.Thread):
    """Sends numbered messages, some of them ahead of the answers, until the server ends."""

    def __init__(self, daemon):
        super().__init__()
        self.connection = daemon.connect()
        self.sent = 0
        self.received = b""

    def run(self):
        try:
            while chunk := self.turn():
                self.received += chunk
        except ConnectionError:
            pass  # it came too late
        self.connection.close()

    def turn(self):
        while self.sent < self.received.count(b"\n") + AHEAD:
            self.connection.sendall(b"%d\n" % self.sent)
            self.sent += 1
        return self.connection.recv(65536)

    def answers(self):
        """How many it got, if they are what it asked for."""
        lines = self.received.split(b"\n")
        if lines != [b"%d" % number for number in range(len(lines) - 1)] + [b""]:
            raise AssertionError(f"not the answers to 0, 1, 2, ...: {self.received[-200:]}")
        return len(lines) - 1


def count_in_last_line(daemon, word):
    return int(re.findall(rf" stopped .* {word}=(\d+)", daemon.text())[0])


def send_all(clients):
    for number, client in enumerate(clients):
        client.sendall(b"%d\n" % number)


def is_refused(daemon):
    """Whether no program listens there any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", daemon.port())) != 0


class Drain(unittest.TestCase):
    def answered_to_the_last(self, daemon):
        talkers = [Talker(daemon) for _ in range(TALKERS)]
        for talker in talkers:
            talker.start()
        until(lambda: max(talker.sent for talker in talkers) > 100, "a client is answered")
        sent = [talker.sent for talker in talkers]
        self.assertEqual(daemon.end()[0], TALKERS)
        for talker, before in zip(talkers, sent):
            talker.join()
            self.assertLessEqual(before, talker.answers(), "an answer is missing")
        answers = sum(talker.answers() for talker in talkers)
        self.assertEqual(count_in_last_line(daemon, "messages"), answers)
        self.assertEqual(count_in_last_line(daemon, "replies"), answers)

    @on_each_backend("--handler=echo")
    def test_under_load_what_was_sent_before_is_answered(self, daemon):
        self.answered_to_the_last(daemon)

    @on_each_backend(*SLOW, "-o", "handler.slow.delay=3ms")
    def test_likewise_where_each_answer_takes_its_time(self, daemon):
        self.answered_to_the_last(daemon)

    @on_each_backend(*SLOW, "-o", "handler.slow.delay=100us")
    def test_however_long_the_answers_take_that_were_asked_for_before(self, daemon):
        """What one read brings ends with a line, so that between two reads nothing is under way."""
        lines = b"".join(b"%063d\n" % number for number in range(4096))
        with daemon.connect() as client:
            client.sendall(lines)
            received = client.recv(64)
            daemon.process.send_signal(signal.SIGTERM)
            received += read_to_end(client)
        self.assertEqual(len(received), len(lines))
        self.assertEqual(received, lines)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)

    def served_from_the_queue(self, daemon, how):
        daemon.addresses()
        daemon.process.send_signal(signal.SIGSTOP)
        clients = [daemon.connect() for _ in range(QUEUED)]
        send_all(clients)
        daemon.process.send_signal(how)
        daemon.process.send_signal(signal.SIGCONT)
        for number, client in enumerate(clients):
            self.assertEqual(exchange(client, b""), b"%d\n" % number)
            client.close()
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        self.assertIn(f"accepted={QUEUED} closed={QUEUED} rejected=0", daemon.text())

    @on_each_backend("--handler=echo")
    def test_who_waits_to_be_accepted_is_served(self, daemon):
        self.served_from_the_queue(daemon, signal.SIGTERM)

    @on_each_backend("--handler=echo", "-o", "limits.max_connections=2",
                     "-o", "backend.thread-pool.threads=1", "-o", "backend.thread-pool.queue=1")
    def test_also_where_there_is_room_for_few_at_a_time(self, daemon):
        self.served_from_the_queue(daemon, signal.SIGINT)

    @on_each_backend("--handler=echo", "-v", *NO_HURRY)
    def test_the_idle_end_at_once_and_the_port_refuses_while_a_busy_one_is_waited_for(self, daemon):
        if daemon.serves_one():
            idle = []
        else:
            idle = [daemon.connect() for _ in range(5)]
            for client in idle[1:]:
                self.assertEqual(ask(client, b"hello\n"), b"hello\n")
        busy = daemon.connect()
        busy.sendall(b"first\nsec")
        self.assertEqual(busy.recv(100), b"first\n")
        daemon.process.send_signal(signal.SIGTERM)
        for client in idle:
            self.assertEqual(client.recv(100), b"")
        # The blocking backend looks at its port again when the busy one has gone.
        if not daemon.serves_one():
            until(lambda: is_refused(daemon), "the port refuses")
        self.assertIsNone(daemon.process.poll())
        self.assertEqual(ask(busy, b"ond\n"), b"second\n")
        self.assertEqual(busy.recv(100), b"")
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        self.assertTrue(is_refused(daemon))
        count = len(idle) + 1
        self.assertIn(f"accepted={count} closed={count} rejected=0", daemon.text())
        self.assertEqual(daemon.text().count("reason=drained"), count)

    @on_each_backend("--handler=bulk", f"--handler-path={HANDLERS}", "-o", "handler.bulk.size=4MiB",
                     "-o", "limits.max_reply=4MiB", *NO_HURRY)
    def test_a_reply_that_the_client_is_still_reading_is_sent_to_its_end(self, daemon):
        with daemon.connect() as client:
            client.sendall(b"go\n")
            received = len(client.recv(1000))
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_for(" draining ")
            received += len(read_to_end(client))
        self.assertEqual(received, (4 << 20) + 1)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)

    def busy_daemon(self, daemon):
        """A client that draining has to wait for, in the middle of a message."""
        client = daemon.connect()
        client.sendall(b"ready\nhalf a mess")
        self.assertEqual(client.recv(100), b"ready\n")
        return client

    @on_each_backend("--handler=echo", *NO_HURRY)
    def test_a_second_signal_stops_now(self, daemon):
        with self.busy_daemon(daemon) as client:
            daemon.process.send_signal(signal.SIGINT)
            daemon.wait_for(" draining ")
            self.assertEqual(daemon.stop(signal.SIGTERM), 75)
            # Half a message was there, which asyncd will not answer.
            with self.assertRaises(ConnectionResetError):
                client.recv(100)
        self.assertIn("accepted=1 closed=1 rejected=0", daemon.text())

    @on_each_backend("--handler=echo", *NO_HURRY)
    def test_quit_stops_now(self, daemon):
        with self.busy_daemon(daemon):
            self.assertEqual(daemon.stop(signal.SIGQUIT), 0)
        self.assertNotIn("draining", daemon.text())
        self.assertIn("accepted=1 closed=1 rejected=0", daemon.text())

    @on_each_backend("--handler=echo", "-o", "shutdown.timeout=300ms",
                     "-o", "limits.message_timeout=10m")
    def test_patience_has_an_end(self, daemon):
        with self.busy_daemon(daemon):
            self.assertEqual(daemon.stop(), 75)
        self.assertIn("the time for draining is over", daemon.text())

    @on_each_backend("--handler=echo", *NO_HURRY)
    def test_a_reload_during_the_end_is_logged_and_does_nothing(self, daemon):
        with self.busy_daemon(daemon) as client:
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_for(" draining ")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for("not reloaded: ")
            self.assertEqual(ask(client, b"age\n"), b"half a message\n")
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        self.assertNotIn("reload failed", daemon.text())


if __name__ == "__main__":
    unittest.main()

"""What the log tells of each step of a connection at its lowest level, on every backend alike."""

import json
import socket
import unittest

from daemon import PATIENCE, ask, on_each_backend, read_to_end

TRACE = ("-vv", "-o", "log.format=json")
STEPS = {"received", "message", "answered", "sent", "send_waits", "paused", "resumed", "call_waits",
         "client_ended", "drain", "ending", "shut", "waits", "expired"}


def connect(daemon):
    host, port = daemon.wait_for(r'"address":"([^"]+):(\d+)"')[0]
    return socket.create_connection((host, int(port)), PATIENCE)


def told(line):
    """A step as words: its event, and what else is the same each time."""
    keys = ("wait", "bytes", "outcome", "operation", "reason")
    return " ".join([line["event"], *(str(line[key]) for key in keys if key in line)])


class Steps(unittest.TestCase):
    def lines(self, daemon):
        """All that it has logged, once a connection is closed and it has ended."""
        daemon.wait_for('"event":"closed"')
        daemon.process.terminate()
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        lines = [json.loads(line) for line in daemon.text().splitlines()]
        self.assertIn("opened", [line["event"] for line in lines])
        return lines

    def steps(self, daemon):
        """Those of its first connection."""
        return [told(line) for line in self.lines(daemon) if line.get("conn") == 1
                and line["event"] in STEPS]

    @on_each_backend("--handler=uppercase-echo", *TRACE)
    def test_a_dialogue(self, daemon):
        with connect(daemon) as client:
            self.assertEqual(ask(client, b"secret\n"), b"SECRET\n")
            client.sendall(b"a\nb\n")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(client), b"A\nB\n")
        self.assertEqual(self.steps(daemon), [
            "waits first_byte",
            "received 7", "message 6", "answered 7 reply", "sent 7", "waits idle",
            "received 4", "message 1", "answered 2 reply", "message 1", "answered 2 reply",
            "sent 4", "client_ended", "ending client_closed"])
        self.assertNotIn("secret", daemon.text().lower())

    @on_each_backend("--handler=uppercase-echo", "-o", "handler.uppercase-echo.delay=5ms", *TRACE)
    def test_a_handler_that_waits(self, daemon):
        with connect(daemon) as client:
            self.assertEqual(ask(client, b"a\n"), b"A\n")
        steps = self.steps(daemon)
        # Where its thread waits with it, the connection has no time of its own meanwhile.
        self.assertEqual([step for step in steps if step != "waits call"][:6],
                         ["waits first_byte", "received 2", "message 1", "call_waits sleep",
                          "answered 2 reply", "sent 2"])

    @on_each_backend("--handler=square", "-o", "limits.idle_timeout=100ms", *TRACE)
    def test_a_time_that_is_over(self, daemon):
        with connect(daemon) as client:
            client.sendall(b"a\n")
            read_to_end(client)
        error = len(b'error: not an integer: "a"\n')
        self.assertEqual(self.steps(daemon), [
            "waits first_byte",
            "received 2", "message 1", f"answered {error} error", f"sent {error}", "waits idle",
            "expired idle", "ending idle_timeout", "shut", "waits linger",
            "client_ended"])

    @on_each_backend("--handler=echo", "-o", "limits.output_high_water=64KiB",
                     "-o", "limits.output_low_water=1KiB", *TRACE)
    def test_a_client_that_does_not_read(self, daemon):
        with connect(daemon) as client:
            size = 0
            client.settimeout(0.5)
            try:
                while True:
                    size += client.send(b"a" * 4095 + b"\n")
            except TimeoutError:
                pass
            client.settimeout(PATIENCE)
            daemon.wait_for('"event":"paused"')
            client.shutdown(socket.SHUT_WR)
            read_to_end(client)
        words = {step.split()[0] for step in self.steps(daemon)}
        self.assertLessEqual({"send_waits", "paused", "resumed", "sent", "ending"}, words)

    @on_each_backend("--handler=echo", *TRACE)
    def test_a_drain(self, daemon):
        with connect(daemon) as client:
            self.assertEqual(ask(client, b"a\n"), b"a\n")
            daemon.process.terminate()
            read_to_end(client)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)  # a second signal would end it at once
        steps = self.steps(daemon)
        self.assertIn("drain", steps)
        self.assertIn("ending drained", steps)

    @on_each_backend("--handler=echo", "-v", "-o", "log.format=json")
    def test_one_level_above_there_is_none_of_it(self, daemon):
        with connect(daemon) as client:
            self.assertEqual(ask(client, b"a\n"), b"a\n")
        self.assertEqual({line["event"] for line in self.lines(daemon)} & STEPS, set())


if __name__ == "__main__":
    unittest.main()

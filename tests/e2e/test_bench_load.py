"""How the load of `asyncd bench` runs and ends, where a server, a handler or the client itself does not go along."""

import signal
import socket
import time
import unittest

from daemon import PATIENCE, Daemon, run
from test_bench import Bench


class Ends(Bench):
    def test_an_open_loop_that_never_measured(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            result = self.bench(f"127.0.0.1:{held.getsockname()[1]}", "--check=none", "-R100", "--duration=1s", code=98)
        self.assertEqual(result["counts"]["answered"], 0)
        self.assertIn("no connection to the server could be had", self.reasons(result))

    def test_an_open_loop_that_is_interrupted_before_it_measures(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            process = self.launch(f"127.0.0.1:{server.getsockname()[1]}", "--check=none", "-R100", "--warmup=10m")
            client, _ = server.accept()
            client.settimeout(PATIENCE)
            with client:
                self.assertTrue(client.recv(1))
                process.send_signal(signal.SIGINT)
                result = self.end(process, code=98)
        self.assertTrue(result["partial"])
        self.assertEqual(result["counts"]["answered"], 0)

    def test_a_number_of_messages_after_a_warm_up(self):
        for load in ([], ["--think=1ms"], ["-R1000"], ["--one-shot"]):
            with self.subTest(load=load):
                result = self.bench("--handler=echo", "-c4", "--requests=100", "--warmup=200ms", *load)
                self.assertEqual(result["counts"]["answered"], 100)

    def test_replies_too_long_for_a_regular_expression(self):
        for load in ([], ["--one-shot"]):
            with self.subTest(load=load):
                self.bench("--handler=echo", "--check=regex:(.|x)*", "--data=text:1KiB", "--requests=10", *load)
                done = run("bench", "--no-config", "-q", "--handler=echo", "--check=regex:(.|x)*", "--data=text:16KiB",
                           "--requests=1", *load)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("a reply has more than 1024 bytes, which --check=regex cannot match", done.stderr)

    def test_an_open_loop_with_a_number_of_messages_is_over_when_they_are_through(self):
        result = self.bench("--handler=uppercase-echo", "-o", "handler.uppercase-echo.delay=50ms", "--data=text:8B",
                            "-R1000", "--requests=100", "-c100")
        self.assertEqual(result["counts"]["answered"], 100)
        self.assertEqual(result["counts"]["due"], 100)
        self.assertNotIn("were due and had no reply", self.reasons(result))

    def test_one_shot_clients_of_a_server_that_dies_give_up(self):
        for load in (["-c10"], ["-c10", "-R200"]):
            with self.subTest(load=load), Daemon("--no-config", "--handler=echo") as daemon:
                process = self.begin(f"127.0.0.1:{daemon.port()}", "--handler=echo", "--one-shot", "--duration=10m",
                                     *load)
                daemon.process.kill()
                result = self.end(process, code=98)
                self.assertIn("no connection to the server could be had for two seconds", self.reasons(result))

    def test_one_shot_clients_far_between_do_not_give_up(self):
        # With this seed, three and a half seconds.
        result = self.bench("--handler=echo", "--one-shot", "-R1", "--arrivals=poisson", "--requests=2", "--seed=45")
        self.assertGreater(result["elapsed_ns"], 3 * 10**9)
        self.assertEqual(result["counts"]["answered"], 2)


class Paces(Bench):
    def test_messages_without_a_reply_go_on_whatever_the_systems_buffers_hold(self):
        for load in ([], ["--think=1us"], ["-R1000000"], ["-R1000000", "-d4"]):
            with self.subTest(load=load):
                # More than the buffers take at once, so that some of it has to wait for room.
                result = self.bench("--handler=print", "--data=text:64KiB", "--requests=500", *load,
                                    "-o", "log.level=error")
                self.assertEqual(result["counts"]["answered"], 500)

    def test_a_thought_longer_than_all_time(self):
        result = self.bench("--handler=echo", "--think=2562047h", "--duration=300ms", code=98)
        self.assertEqual(result["counts"]["sent"], 0)

    def test_a_pause_of_the_client_is_no_fault_of_the_server(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            process = self.begin(f"127.0.0.1:{daemon.port()}", "--handler=echo", "-c4", "-R500", "--duration=8s")
            process.send_signal(signal.SIGSTOP)
            time.sleep(1)
            process.send_signal(signal.SIGCONT)
            result = self.end(process)
        # An eighth of all messages were due meanwhile.
        self.assertGreater(result["lag"]["p99_ns"], 500_000_000)
        self.assertRegex(self.reasons(result), r"the client was \S+ ms behind its schedule")


class Prices(Bench):
    def test_silent_connections_in_the_systems_queue_are_not_held(self):
        for setting in ("--backend=blocking", "--backend=thread-pool", "-olimits.max_connections=50"):
            with self.subTest(setting=setting):
                result = self.bench("--handler=echo", setting, "--idle=200", "--duration=300ms", code=98)
                self.assertRegex(self.reasons(result), "the server has (1|64|50) of the 200 connections at a time")

    def test_the_price_is_that_of_the_server_at_this_very_address(self):
        with Daemon("--no-config", "--handler=echo", "--backend=thread-pool") as pool, \
                Daemon("--no-config", "--handler=echo", "--backend=select", listen=[f"127.0.0.2:{pool.port()}"]) as one:
            for daemon, many in ((pool, True), (one, False)):
                result = self.bench(daemon.addresses()[0], "--handler=echo", "--requests=100")
                self.assertEqual(result["server"]["threads"] > 64, many)


if __name__ == "__main__":
    unittest.main()

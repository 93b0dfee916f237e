"""How the load of `asyncd bench` runs and ends, where a server, a handler or the client itself
does not go along."""

import signal
import socket
import struct
import threading
import time
import unittest

from daemon import BACKENDS, PATIENCE, Daemon, run
from test_bench import Bench


class Ends(Bench):
    def test_an_open_loop_that_never_measured(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            result = self.bench(f"127.0.0.1:{held.getsockname()[1]}", "--check=none", "-R100",
                                "--duration=1s", code=98)
        self.assertEqual(result["counts"]["answered"], 0)
        self.assertIn("no connection to the server could be had", self.reasons(result))

    def test_an_open_loop_that_is_interrupted_before_it_measures(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            process = self.launch(f"127.0.0.1:{server.getsockname()[1]}", "--check=none", "-R100",
                                  "--warmup=10m")
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
                result = self.bench("--handler=echo", "-c4", "--requests=100", "--warmup=200ms",
                                    *load)
                self.assertEqual(result["counts"]["answered"], 100)

    def test_replies_too_long_for_a_regular_expression(self):
        for load in ([], ["--one-shot"]):
            with self.subTest(load=load):
                self.bench("--handler=echo", "--check=regex:(.|x)*", "--data=text:1KiB",
                           "--requests=10", *load)
                done = run("bench", "--no-config", "-q", "--handler=echo", "--check=regex:(.|x)*",
                           "--data=text:16KiB", "--requests=1", *load)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("a reply has more than 1024 bytes, which --check=regex cannot match",
                              done.stderr)

    def test_an_open_loop_with_a_number_of_messages_is_over_when_they_are_through(self):
        result = self.bench("--handler=uppercase-echo", "-o", "handler.uppercase-echo.delay=50ms",
                            "--data=text:8B", "-R1000", "--requests=100", "-c100")
        self.assertEqual(result["counts"]["answered"], 100)
        self.assertEqual(result["counts"]["due"], 100)
        self.assertNotIn("were due and had no reply", self.reasons(result))

    def test_one_shot_clients_of_a_server_that_dies_give_up(self):
        for load in (["-c10"], ["-c10", "-R200"]):
            with self.subTest(load=load), Daemon("--no-config", "--handler=echo") as daemon:
                process = self.begin(f"127.0.0.1:{daemon.port()}", "--handler=echo", "--one-shot",
                                     "--duration=10m", *load)
                daemon.process.kill()
                result = self.end(process, code=98)
                self.assertIn("no connection to the server could be had for two seconds",
                              self.reasons(result))

    def test_one_shot_clients_far_between_do_not_give_up(self):
        # With this seed, three and a half seconds.
        result = self.bench("--handler=echo", "--one-shot", "-R1", "--arrivals=poisson",
                            "--requests=2", "--seed=45")
        self.assertGreater(result["elapsed_ns"], 3 * 10**9)
        self.assertEqual(result["counts"]["answered"], 2)


class Closing:
    """A server of squares that closes each connection after so many answers."""

    def __init__(self, answers, resets=False):
        self.answers, self.resets, self.accepted = answers, resets, 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.accept)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as messages:
            try:
                for _ in range(self.answers):
                    client.sendall(b"%d\n" % int(messages.readline()) ** 2)
            except (OSError, ValueError):
                return
            if self.resets:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Connections(Bench):
    def test_an_end_between_messages_is_no_failure(self):
        for answers, resets in ((1, False), (7, False), (7, True)):
            for load in (["-c1"], ["-c3"], ["-c3", "-d8"], ["-c3", "--think=1us..1ms"],
                         ["-c3", "-R300"],
                         ["-c3", "-R300", "-d8"], ["-c3", "--one-shot"],
                         ["-c3", "--one-shot", "-R300"]):
                with self.subTest(answers=answers, resets=resets, load=load), \
                     Closing(answers, resets) as server:
                    if "--one-shot" in load and (answers > 1 or resets):
                        continue
                    result = self.bench(server.address, "--handler=square", "--requests=100", *load)
                    counts = result["counts"]
                    self.assertEqual((counts["answered"], counts["failed"], counts["lost"]),
                                     (100, 0, 0), counts)
                    if "--one-shot" not in load:
                        self.assertGreaterEqual(counts["reopened"], 100 // answers - 3)
                        self.assertGreaterEqual(server.accepted, 100 // answers)

    def test_the_next_connection_is_made_at_once(self):
        with Closing(1) as server:
            result = self.bench(server.address, "--handler=square", "--requests=1000")
        self.assertEqual((result["counts"]["answered"], result["counts"]["failed"]), (1000, 0))
        self.assertLess(result["elapsed_ns"], 40 * 10**9)  # with 50 ms before each it would be 50 s

    def test_messages_on_the_way_at_the_end_are_sent_again(self):
        with Closing(3) as server:
            result = self.bench(server.address, "--handler=square", "--requests=100", "-d8")
        self.assertEqual((result["counts"]["answered"], result["counts"]["failed"]), (100, 0))
        self.assertGreater(result["counts"]["resent"], 0)

    def test_it_is_told(self):
        with Closing(1) as server:
            done = run("bench", server.address, "--no-config", "-q", "--handler=square",
                       "--requests=10")
        self.assertRegex(done.stdout,
                         r"(?m)^ended +\d+ connections ended by the server between messages, \d+ ")
        self.assertRegex(done.stdout, r"(?m)^errors +none$")

    def test_a_server_that_closes_without_an_answer_fails_and_is_not_stormed(self):
        for load in (["-c2"], ["-c2", "-d8"], ["-c2", "--think=1us..2us"], ["-c2", "-R500"],
                     ["-c2", "--one-shot"]):
            with self.subTest(load=load), Closing(0) as server:
                result = self.bench(server.address, "--handler=square", "--duration=1s", *load,
                                    code=98)
                self.assertEqual(result["counts"]["answered"], 0)
                self.assertGreater(result["counts"]["failed"], 0)
                # Each of the two tries once in a tenth of a second, at most.
                self.assertLess(server.accepted, 2 * (result["elapsed_ns"] / 10**8 + 30))

    def test_a_limit_of_messages_in_every_load_of_every_backend(self):
        limit = "limits.messages_per_connection=7"
        for backend in BACKENDS:
            for load in ([], ["-d4"], ["-R200"]):
                with self.subTest(backend=backend, load=load):
                    result = self.bench("--handler=square", f"--backend={backend}", "-o", limit,
                                        "--requests=70", *load)
                    self.assertEqual((result["counts"]["answered"], result["counts"]["failed"]),
                                     (70, 0))
                    self.assertGreater(result["counts"]["reopened"], 0)


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
            process = self.begin(f"127.0.0.1:{daemon.port()}", "--handler=echo", "-c4", "-R500",
                                 "--duration=8s")
            process.send_signal(signal.SIGSTOP)
            time.sleep(1)
            process.send_signal(signal.SIGCONT)
            result = self.end(process)
        # An eighth of all messages were due meanwhile.
        self.assertGreater(result["lag"]["p99_ns"], 500_000_000)
        self.assertRegex(self.reasons(result), r"the client was \S+ ms behind its schedule")


class Prices(Bench):
    def test_silent_connections_in_the_systems_queue_are_not_held(self):
        for setting in ("--backend=blocking", "--backend=thread-pool",
                        "-olimits.max_connections=50"):
            with self.subTest(setting=setting):
                result = self.bench("--handler=echo", setting, "--idle=200", "--duration=300ms",
                                    code=98)
                self.assertRegex(self.reasons(result),
                                 "the server has (1|64|50) of the 200 connections at a time")

    def test_the_price_is_that_of_the_server_at_this_very_address(self):
        with Daemon("--no-config", "--handler=echo", "--backend=thread-pool") as pool, \
                Daemon("--no-config", "--handler=echo", "--backend=select",
                       listen=[f"127.0.0.2:{pool.port()}"]) as one:
            for daemon, many in ((pool, True), (one, False)):
                result = self.bench(daemon.addresses()[0], "--handler=echo", "--requests=100")
                self.assertEqual(result["server"]["threads"] > 64, many)


if __name__ == "__main__":
    unittest.main()

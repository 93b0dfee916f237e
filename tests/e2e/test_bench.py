"""`asyncd bench`: what it measures, which of its figures it calls unsafe, and how it ends."""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from bench_code import TAKEN, exit_code
from daemon import ASYNCD, BACKENDS, PATIENCE, SANITIZED, Daemon, environment, run
from schema import complaints

HANDLERS = os.environ["TEST_HANDLERS"]


def schema_of(kind):
    name = {"run": "bench-schema.json", "matrix": "bench-matrix-schema.json"}[kind]
    with open(os.path.join(os.environ["DOCS"], name), encoding="utf-8") as file:
        return json.load(file)


SCHEMA = schema_of("run")
ECHO = ("bench", "--no-config", "--handler=echo")


class Bench(unittest.TestCase):
    def read(self, text):
        """The result, which is what its schema says."""
        result = json.loads(text)
        self.assertEqual(complaints(result, SCHEMA), [])
        counts = result["counts"]
        self.assertEqual(counts["failed"], sum(counts["failures"].values()))
        return result

    def bench(self, *arguments, code=0, **more):
        done = run("bench", "--no-config", "-q", "--json=-", *arguments, **more)
        self.assertEqual(exit_code(done, code), code, done.stdout + done.stderr)
        return self.read(done.stdout)

    def reasons(self, result):
        return "\n".join(reason["text"] for reason in result["verdict"]["reasons"])

    def launch(self, *arguments):
        process = subprocess.Popen(
            [*ASYNCD, "bench", "--no-config", "--progress=json", "--json=-", *arguments], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def begin(self, *arguments):
        """A run whose progress is read, to know that it measures."""
        process = self.launch(*arguments)
        while json.loads(process.stderr.readline())["answered"] == 0:
            pass
        return process

    def end(self, process, code=0):
        out, errors = process.communicate(timeout=PATIENCE)
        done = subprocess.CompletedProcess(process.args, process.returncode, out, errors)
        self.assertEqual(exit_code(done, code), code, errors)
        return self.read(out)


class Servers(Bench):
    def test_each_backend_is_measured_as_a_server_of_its_own(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                result = self.bench(f"--backend={backend}", "--handler=square", "--requests=2000")
                self.assertEqual(result["plan"]["backend"], backend)
                self.assertEqual(result["counts"]["answered"], 2000)
                self.assertEqual(result["latency"]["count"], 2000)
                self.assertEqual(sum(count for _, count in result["latency"]["cells"]), 2000)
                self.assertGreater(result["server"]["cpu_ns"], 0)

    def test_many_messages_on_many_connections_for_a_while(self):
        for load in (["-c8", "-d16"], ["-c8", "--think=0s..2ms"], ["-c8", "--one-shot"],
                     ["-c8", "-R500"], ["-c8", "-R500", "--arrivals=poisson"],
                     ["-c4", "-R200", "--one-shot"], ["--ramp=1..8/300ms"],
                     ["-c8", "--chaos=slow-reader:20%,one-byte:20%,reset:20%,half-close:20%,"
                      "never-send:20%"]):
            with self.subTest(load=load):
                result = self.bench("--handler=uppercase-echo", "--data=text:64B",
                                    "--duration=400ms", *load)
                self.assertGreater(result["counts"]["answered"], 0)
                self.assertEqual(result["counts"]["failed"], 0)
                self.assertEqual("service" in result, "-R500" in load or "-R200" in load)
                self.assertEqual(result["counts"]["chaos_turns"] > 0, "chaos" in result["plan"])

    def test_each_framing_keeps_messages_apart(self):
        for framing in (["line"], ["length"], ["fixed", "-o", "listener.message_size=4"], ["raw"]):
            with self.subTest(framing=framing):
                result = self.bench("--handler=echo", f"--framing={framing[0]}", *framing[1:],
                                    "--data=text:4B", "--requests=200")
                self.assertEqual(result["counts"]["answered"], 200)

    def test_a_handler_that_waits_is_checked_too(self):
        for backend in ("blocking", "proactor"):
            with self.subTest(backend=backend):
                result = self.bench(f"--backend={backend}", "--handler=uppercase-echo",
                                    "--data=text:9B", "-c8", "-o",
                                    "handler.uppercase-echo.delay=20ms", "--one-shot",
                                    "--requests=20")
                self.assertEqual(result["counts"]["answered"], 20)

    def test_silent_connections_are_held_and_their_price_is_told(self):
        result = self.bench("--handler=echo", "--idle=200", "--duration=300ms")
        self.assertEqual(result["counts"]["idle_held"], 200)
        self.assertIn("bytes_per_connection", result["server"])

    def test_a_blocking_server_serves_one_and_the_others_are_told_of(self):
        result = self.bench("--backend=blocking", "--handler=echo", "-c4", "--duration=1s")
        self.assertEqual(result["counts"]["waiting"], 3)
        self.assertIn("3 clients waited for a reply at the end", self.reasons(result))

    def test_messages_of_a_file_and_a_regular_expression(self):
        with tempfile.NamedTemporaryFile("w") as file, \
             Daemon("--no-config", "--handler=echo") as daemon:
            file.write("one\ntwo\n")
            file.flush()
            arguments = (f"127.0.0.1:{daemon.port()}", f"--data=file:{file.name}", "--requests=100")
            self.assertEqual(self.bench(*arguments, "--check=regex:one|two")["counts"]["answered"],
                             100)
            wrong = self.bench(*arguments, "--check=regex:one", code=98)
            self.assertEqual(wrong["counts"]["failures"]["wrong_reply"], 50)
            self.assertIn("not checked", self.reasons(self.bench(*arguments, "--check=none")))

    def test_the_highest_rate_is_found_and_confirmed(self):
        # The handler waits, so that its rate is far from what a busy machine can do.
        result = self.bench("--handler=uppercase-echo", "--data=text:9B",
                            "-o", "handler.uppercase-echo.delay=10ms",
                            "-c8", "--find-rate=p50<1s", "--duration=1s")
        self.assertGreater(result["found_rate"], 0)
        self.assertLess(result["found_rate"], 1.05 * 8 / 0.010)
        self.assertEqual(result["found_rate"], result["plan"]["rate"])

    def test_a_rate_that_does_not_exist_is_not_found(self):
        # At most 50 messages a second, so some of the tried rates have no message in a short run.
        slow = ("--handler=uppercase-echo", "-o", "handler.uppercase-echo.delay=20ms", "-c1",
                "--check=none")
        for load in (("--handler=echo", "-c8", "--duration=1s"), (*slow, "--duration=200ms")):
            with self.subTest(load=load):
                result = self.bench(*load, "--find-rate=p50<1ns", code=98)
                self.assertNotIn("found_rate", result)
                self.assertIn("no rate was found at which p50<1ns holds", self.reasons(result))

    def test_an_interrupted_search_has_found_nothing(self):
        for sign, duration in (("as fast as it goes", "1h"), ("p50<1s holds", "3s")):
            with self.subTest(sign=sign):
                process = self.launch("--handler=echo", "-c8", "--find-rate=p50<1s",
                                      f"--duration={duration}")
                while sign not in process.stderr.readline():
                    self.assertIsNone(process.poll())
                process.send_signal(signal.SIGINT)
                out, more = process.communicate(timeout=PATIENCE)
                result = self.read(out)
                self.assertTrue(result["partial"])
                self.assertIn("it was ended early", self.reasons(result))
                self.assertNotIn("found_rate", result)
                self.assertNotIn("to confirm", more)


class Verdicts(Bench):
    def test_each_wrong_reply_is_counted(self):
        arguments = ("--handler=" + os.path.join(HANDLERS, "wrong.so"),
                     "-o", "handler.wrong.every=1000")
        for load in (["-c4"], ["-c4", "-d16"], ["-c4", "--one-shot"]):
            with self.subTest(load=load), Daemon("--no-config", *arguments) as daemon:
                result = self.bench(f"127.0.0.1:{daemon.port()}", "--handler=echo",
                                    "--requests=5000", *load, code=98)
                self.assertEqual(result["counts"]["failures"]["wrong_reply"], 5)
                self.assertEqual(result["counts"]["answered"], 4995)
                self.assertEqual(result["verdict"]["level"], "INVALID")
                self.assertIn("wrong replies: 5", self.reasons(result))

    def test_a_pause_of_the_server_is_in_the_corrected_times_only(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            process = self.begin(f"127.0.0.1:{daemon.port()}", "--handler=echo", "-c20", "-R500",
                                 "--duration=8s")
            daemon.process.send_signal(signal.SIGSTOP)
            time.sleep(1)
            daemon.process.send_signal(signal.SIGCONT)
            result = self.end(process)
        # An eighth of all messages were due meanwhile.
        self.assertGreater(result["latency"]["p99_ns"], 500_000_000)
        self.assertGreater(result["latency"]["p99_9_ns"], 500_000_000)
        self.assertLess(result["service"]["p50_ns"], 500_000_000)
        # Those on the way when it stopped, and no others, have waited for their reply itself.
        slow = sum(count for end, count in result["service"]["cells"] if end > 500_000_000)
        self.assertLessEqual(slow, 20)

    def test_client_and_server_on_one_core(self):
        core = {min(os.sched_getaffinity(0))}
        result = self.bench("--handler=echo", "--requests=500",
                            preexec_fn=lambda: os.sched_setaffinity(0, core))
        self.assertNotEqual(result["verdict"]["level"], "VALID")
        self.assertIn(f"client and server share core {min(core)}", self.reasons(result))

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "there is one core")
    def test_client_and_server_have_cores_of_their_own(self):
        where = self.bench("--handler=echo", "--requests=500")["environment"]
        self.assertTrue(where["client_cores"] and where["server_cores"])
        self.assertFalse(set(where["client_cores"]) & set(where["server_cores"]))

    def test_a_server_that_is_not_there(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            result = self.bench(f"127.0.0.1:{held.getsockname()[1]}", "--check=none",
                                "--duration=1s", code=98)
        self.assertGreater(result["counts"]["failures"]["connect_refused"], 0)
        self.assertEqual(result["counts"]["answered"], 0)
        self.assertIn("no connection to the server could be had", self.reasons(result))

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors of its own")
    def test_no_descriptors_for_all_connections_is_the_clients_own_failure(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            limited = ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *ASYNCD]
            done = subprocess.run([*limited, *ECHO, f"127.0.0.1:{daemon.port()}",
                                   "-c60", "--duration=300ms", "-q", "--json=-"],
                                  capture_output=True, text=True, timeout=PATIENCE,
                                  env=environment())
        self.assertEqual(done.returncode, 98, done.stderr)
        self.assertIn("the client itself failed: no descriptor or memory left",
                      self.reasons(self.read(done.stdout)))

    def test_failures_are_an_exit_code_though_the_others_times_stand(self):
        with Daemon("--no-config", "--handler=" + os.path.join(HANDLERS, "slow.so"), "-o",
                    "handler.slow.delay=200ms", "--backend=thread-per-connection") as daemon:
            result = self.bench(f"127.0.0.1:{daemon.port()}", "--handler=echo", "--timeout=1ms",
                                "--requests=2", code=98)
            self.assertEqual(result["counts"]["failures"]["timeout"], 2)
            self.assertEqual(result["counts"]["lost"], 2)

    def test_a_threshold(self):
        self.bench("--handler=echo", "--requests=100", "--fail-if=p50>1h")
        self.bench("--handler=echo", "--requests=100", "--fail-if=p50<1h", code=99)
        done = run(*ECHO, "-q", "--requests=100", "--fail-if=rate>1")
        self.assertEqual(exit_code(done, 99), 99)
        self.assertIn("verdict", done.stdout)
        if done.returncode == 99:
            self.assertIn("--fail-if='rate>1' holds", done.stderr)


    def test_few_samples_are_a_star_and_no_reason_unless_a_condition_rests_on_them(self):
        few = self.bench("--handler=echo", "--requests=100")
        self.assertEqual(few["latency"]["starred"],
                         ["p50_ns", "p90_ns", "p99_ns", "p99_9_ns", "p99_99_ns"])
        self.assertNotIn("rests on", self.reasons(few))
        relied_on = self.bench("--handler=echo", "--requests=100", "--fail-if=p99>1h")
        self.assertIn("p99 is relied on and rests on 1 samples beyond it", self.reasons(relied_on))
        self.assertNotEqual(relied_on["verdict"]["level"], "VALID")
        many = self.bench("--handler=echo", "--requests=2100", "-c8", "-d4")
        self.assertNotIn("p50_ns", many["latency"]["starred"])


class Crowds(Bench):
    """Others who take the cores."""

    def test_what_this_system_does_not_tell_is_null_and_said_once(self):
        done = run(*ECHO, "-q", "--requests=100", "--json=-")
        result = self.read(done.stdout)
        figures = [result["stolen"], *result["throttled"].values(), *result["waiting"].values()]
        table = run(*ECHO, "-q", "--requests=100").stdout
        self.assertEqual(table.count("this system does not tell"), 1 if None in figures else 0,
                         table)
        for figure in figures:
            self.assertTrue(figure is None or 0 <= figure <= 1, figures)

    def test_programs_beside_it(self):
        loops = []
        for _ in range(2 * len(os.sched_getaffinity(0))):
            loops.append(subprocess.Popen(["sh", "-c", "while :; do :; done"]))
            self.addCleanup(loops[-1].wait)
            self.addCleanup(loops[-1].kill)
        done = run(*ECHO, "-q", "--json=-", "-c8", "--duration=2s")
        result = self.read(done.stdout)
        waiting = [figure for figure in result["waiting"].values() if figure is not None]
        if not waiting:
            self.skipTest("this kernel does not tell how long threads wait for a core")
        self.assertGreater(max(waiting), 0.02)
        self.assertNotEqual(result["verdict"]["level"], "VALID")
        self.assertIn("waited for a core that other programs had", self.reasons(result))

    def test_a_quota(self):
        group = self.quota(0.05)  # so little that also a busy machine gives more
        command = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", *ASYNCD]
        done = subprocess.run([*command, *ECHO, "-q", "--json=-", "-c8", "--duration=2s"],
                              capture_output=True, text=True, timeout=PATIENCE, env=environment())
        self.assertEqual(done.returncode, 98, done.stderr)
        result = self.read(done.stdout)
        self.assertGreater(result["throttled"]["client"], 0.1)
        self.assertEqual(result["verdict"]["level"], "INVALID")
        self.assertIn(TAKEN[1], self.reasons(result))

    def quota(self, cores):
        """A new control group with it."""
        for top, name, value in (("/sys/fs/cgroup", "cpu.max", f"{int(cores * 100000)} 100000"),
                                 ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us",
                                  str(int(cores * 100000)))):
            group = os.path.join(top, f"asyncd-test-{os.getpid()}")
            if not os.access(os.path.join(top, "cgroup.procs"), os.W_OK):
                continue
            os.mkdir(group)
            self.addCleanup(self.remove, group)
            if os.path.exists(os.path.join(group, name)):
                with open(os.path.join(group, name), "w", encoding="utf-8") as file:
                    file.write(value)
                return group
        return self.skipTest("no control group with a CPU quota can be made here")

    def remove(self, group):
        for _ in range(PATIENCE * 10):
            try:
                return os.rmdir(group)
            except OSError:  # what was in it is not gone yet
                time.sleep(0.1)


class Help(unittest.TestCase):
    def test_every_option_is_in_the_document(self):
        options = re.findall(r"(--[a-z-]+)", run("bench", "--help").stdout)
        with open(os.path.join(os.environ["DOCS"], "bench.md"), encoding="utf-8") as file:
            document = file.read()
        self.assertGreater(len(options), 25)
        self.assertEqual([option for option in options if option not in document
                          and option not in ("--quiet", "--help")], [])


class Ends(Bench):
    def children(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
            return [int(word) for word in file.read().split()]

    def gone(self, processes):
        for _ in range(PATIENCE * 100):
            if not any(os.path.exists(f"/proc/{process}") for process in processes):
                return True
            time.sleep(0.01)
        return False

    def test_an_interrupt_leaves_what_was_measured(self):
        process = self.begin("--handler=echo", "--duration=10m")
        servers = self.children(process)
        self.assertEqual(len(servers), 1)
        process.send_signal(signal.SIGINT)
        result = self.end(process)
        self.assertTrue(result["partial"])
        self.assertIn("ended early", self.reasons(result))
        self.assertGreater(result["counts"]["answered"], 0)
        self.assertLess(result["elapsed_ns"], 600 * 10**9)
        self.assertTrue(self.gone(servers))

    def test_its_server_ends_with_it_however_it_ends(self):
        process = self.begin("--handler=echo", "--duration=10m")
        servers = self.children(process)
        process.kill()
        process.communicate()
        self.assertTrue(self.gone(servers))

    def test_a_server_that_ends_meanwhile(self):
        process = self.begin("--handler=echo", "--duration=10m")
        os.kill(self.children(process)[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("the server has ended while it was measured", errors)

    def test_a_setting_that_nobody_knows(self):
        done = run(*ECHO, "-o", "handler.echo.nothing=1", "--requests=1")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("handler.echo.nothing", done.stderr)

    def test_files_and_standard_output(self):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("result.json", "result.csv")]
            done = run(*ECHO, "--duration=1500ms", "--progress=plain", f"--json={names[0]}",
                       f"--csv={names[1]}")
            self.assertEqual(exit_code(done, 0), 0, done.stderr)
            self.assertIn("latency", done.stdout)
            self.assertRegex(done.stderr,
                             r"echo on \S+\n +\d[^\n]*/s  p50 [^\n]*  0 failed  1 connection\n")
            with open(names[0], encoding="utf-8") as file:
                result = self.read(file.read())
            with open(names[1], encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([int(row["answered"]) for row in rows],
                             [second["answered"] for second in result["seconds"]])
            refused = run(*ECHO, "--requests=1", "-q", f"--json={folder}/no/file")
            self.assertEqual(refused.returncode, 73)
            self.assertIn("cannot write the result", refused.stderr)
        out = run(*ECHO, "--requests=10", "-q", "--csv=-").stdout
        self.assertEqual(len(list(csv.reader(io.StringIO(out)))), 2)


if __name__ == "__main__":
    unittest.main()

"""asyncd.exe from the outside, under wine: clients of the system beside it, Ctrl-C, and the
service manager."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from daemon import ASYNCD, PATIENCE, PROGRAM, Daemon, environment, exchange, run
from strangers import CC, FOLDER, REVERSE, build, path_of, write
from test_handler_check import WRONG

HANDLERS = os.path.join(os.path.dirname(PROGRAM), "..", "lib", "asyncd", "handlers")
BACKENDS = ["blocking", "thread-per-connection", "thread-pool", "select", "poll", "proactor"]


def processor_time(process):
    with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def state_of_service():
    """As the system's own program tells it."""
    return subprocess.run([*ASYNCD[:-1], "sc", "query", "asyncd"], capture_output=True, text=True,
                          timeout=PATIENCE, env=environment(), check=False).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serving(unittest.TestCase):
    def test_every_backend_serves_and_stops_by_ctrl_c(self):
        for backend in BACKENDS:
            with self.subTest(backend), Daemon("--no-config", f"--backend={backend}",
                                               "--handler=square") as daemon:
                with daemon.connect() as client:
                    self.assertEqual(exchange(client, b"7\n-12\n"), b"49\n144\n")
                self.assertEqual(daemon.stop(signal.SIGINT), 0, daemon.text())
                self.assertIn("accepted=1 closed=1", daemon.text())

    def test_a_reply_that_is_cut_off_ends_with_a_reset(self):
        """Seen by a client of this system, because those of wine are not told."""
        for backend in BACKENDS:
            with self.subTest(backend), tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
                config.write(f"""
[[listener]]
address = "127.0.0.1:0"
backend = "{backend}"
handler = "hello"
write_timeout = "300ms"
[handler.hello]
text = "{"r" * 200_000}"
""")
                config.flush()
                with (Daemon("-c", "Z:" + config.name, "-olog.level=debug", listen=()) as daemon,
                      daemon.connect() as client):
                    client.sendall(b"m\n" * 100)
                    daemon.wait_for("closed .*reason=write_timeout")
                    with self.assertRaises(ConnectionResetError):
                        while client.recv(65536):
                            pass

    def test_an_urgent_byte_keeps_nobody_busy(self):
        for backend in BACKENDS:
            arguments = ("--no-config", f"--backend={backend}", "--handler=hello",
                         f"-ohandler.hello.text={'r' * 20_000}")
            with self.subTest(backend), Daemon(*arguments) as daemon, daemon.connect() as client:
                client.sendall(b"m\n" * 2000)
                client.send(b"!", socket.MSG_OOB)
                time.sleep(0.5)
                before = processor_time(daemon.process.pid)
                time.sleep(1)
                self.assertLess(processor_time(daemon.process.pid) - before, 0.2)

    def test_names_of_variables_have_no_case(self):
        told = run("check", "--no-config", "--handler=square",
                   variables={"Asyncd_Log_Levle": "warn"})
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("ASYNCD_LOG_LEVLE", told.stderr)

    def test_windows_is_told_what_the_program_can_stand(self):
        with open(PROGRAM, "rb") as program:
            self.assertIn(b"<longPathAware", program.read())

    def test_exit_in_a_hook_is_told_and_is_a_failure(self):
        with Daemon("--no-config", "--handler=Z:" + os.environ["MISBEHAVING"]) as daemon, \
                daemon.connect() as client:
            client.sendall(b"exit\n")
            self.assertEqual(daemon.process.wait(PATIENCE), 1, daemon.text())
            self.assertIn("a handler has called exit, so asyncd ends at once", daemon.text())

    def test_a_file_is_named_as_windows_does(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write("[log]\nlevle = 1\n")
            config.flush()
            name = "Z:" + config.name.replace("/", "\\")
            self.assertIn(name + ":2:1: unknown key 'levle'", run("check", "-c", name).stderr)

    def test_socat_and_nc_are_served(self):
        with Daemon("--no-config", "--handler=double") as daemon:
            for client in (["nc", "-N", "127.0.0.1", str(daemon.port())],
                           ["socat", "-t5", "-", f"TCP:127.0.0.1:{daemon.port()}"]):
                answer = subprocess.run(client, input=b"21\n", capture_output=True,
                                        timeout=PATIENCE, check=True)
                self.assertEqual(answer.stdout, b"42\n", client)

    def test_answers_have_plain_line_ends(self):
        self.assertEqual(run("call", "square", "7").stdout, "49\n")

    def test_bytes_of_standard_input_are_taken_as_they_are(self):
        data = b"one\r\ntwo\x1athree\xff\n"
        command = [*ASYNCD, "call", "echo", "--no-config", "-o", "listener.main.framing=raw"]
        answer = subprocess.run(command, input=data, capture_output=True,
                                timeout=PATIENCE, env=environment(), check=True)
        self.assertEqual(answer.stdout, data)

    def test_exit_codes(self):
        for arguments, code in ((["--frob"], 2), (["--handler=nothing"], 66),
                                (["--backend=io"], 2)):
            with self.subTest(arguments):
                self.assertEqual(run("--no-config", *arguments).returncode, code)

    def test_the_systems_errors_have_words_or_at_least_their_number(self):
        with Daemon("--no-config", "--handler=echo") as daemon:
            refused = run("--no-config", "--handler=echo", f"--listen=127.0.0.1:{daemon.port()}")
            self.assertEqual(refused.returncode, 73, refused.stderr)
            self.assertRegex(refused.stderr,
                             r": ([^:]{10,} \()?error 10048\)?; another process listens there")


class Loader(unittest.TestCase):
    """DLLs that strangers have built. Only the system's loader knows what is wrong with them."""

    def refusal(self, name):
        refused = run("--no-config", "--handler=Z:" + path_of(name))
        self.assertEqual(refused.returncode, 65, refused.stderr)
        return refused.stderr

    def test_a_handler_in_c_is_served_from_where_it_lies(self):
        with Daemon("--no-config", "--handler=Z:" + build(CC, REVERSE, "reverse.dll")) as daemon:
            self.assertEqual(exchange(daemon.connect(), b"hello\n"), b"olleh\n")

    def test_a_file_that_is_cut_off(self):
        with open(os.path.join(HANDLERS, "echo.dll"), "rb") as whole:
            write("half.dll", whole.read()[:5000])
        self.assertIn("is damaged or no shared library", self.refusal("half.dll"))

    def test_a_library_that_needs_another(self):
        other = build(CC, "int what_nobody_has(void) { return 1; }", "other.dll")
        build(CC, REVERSE, "needy.dll", "-DLACKS", f"-L{FOLDER}", "-Wl,--no-as-needed",
              "-l:other.dll")
        # "beside it" is one of the places where the other is looked for.
        checked = run("check", "--no-config", "--handler=Z:" + path_of("needy.dll"))
        self.assertEqual(checked.returncode, 0)
        os.unlink(other)
        self.assertIn("it needs a library that is not found", self.refusal("needy.dll"))


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("service", "uninstall")  # what a run that was cut off may have left in wine's folder

    def test_its_whole_life(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "asyncd.log")
            installed = run("service", "install", "--no-config", "--handler=square",
                            f"--listen=127.0.0.1:{port}", "-o", f"log.file={log}")
            self.assertEqual(installed.returncode, 0, installed.stderr)
            try:
                started = run("service", "start")
                self.assertEqual(started.returncode, 0, started.stderr)
                client = socket.create_connection(("127.0.0.1", port), 30)
                self.assertEqual(exchange(client, b"7\n"), b"49\n")
                self.assertEqual(run("service", "stop").returncode, 0)
            finally:
                removed = run("service", "uninstall")
            self.assertEqual(removed.returncode, 0, removed.stderr)
            with open(log, encoding="utf-8") as lines:
                self.assertIn("accepted=1 closed=1", lines.read())
        self.assertEqual(run("service", "start").returncode, 66)

    def test_paths_mean_what_they_meant_where_it_was_installed(self):
        port = free_port()
        with tempfile.TemporaryDirectory(prefix="asyncd \u00fc ") as folder:
            with open(os.path.join(folder, "asyncd.toml"), "w", encoding="utf-8") as config:
                config.write(f"""
[log]
file = "asyncd.log"
[[listener]]
address = "127.0.0.1:{port}"
handler = "square"
""")
            utf8 = {"LC_ALL": "C.UTF-8"}  # else wine cannot name the folder
            installed = run("service", "install", "-v", cwd=folder, variables=utf8)
            self.assertEqual(installed.returncode, 0, installed.stderr)
            try:
                started = run("service", "start")
                self.assertEqual(started.returncode, 0, started.stderr)
                self.assertEqual(run("service", "stop").returncode, 0)
            finally:
                self.assertEqual(run("service", "uninstall").returncode, 0)
            with open(os.path.join(folder, "asyncd.log"), encoding="utf-8") as lines:
                self.assertIn("stopped accepted=0", lines.read())

    def test_mistakes_are_shown_to_the_one_who_installs(self):
        refused = run("service", "install", "--no-config", "--handler=square", "--listen=nowhere")
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("the port is missing", refused.stderr)
        refused = run("service", "install", "--no-config", "--handler=nothing")
        self.assertEqual(refused.returncode, 66)
        self.assertEqual(run("service", "start", "--handler=square").returncode, 2)

    def test_why_it_did_not_start_is_said(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"--listen=127.0.0.1:{taken.getsockname()[1]}"
            installed = run("service", "install", "--no-config", "--handler=square", address)
            self.assertEqual(installed.returncode, 0, installed.stderr)
            self.assertIn("its log is lost", installed.stderr)
            try:
                started = run("service", "start")
                self.assertEqual(started.returncode, 73, started.stderr)
                self.assertIn("did not start (exit code 73)", started.stderr)
                self.assertIn("Event Viewer", started.stderr)
            finally:
                self.assertEqual(run("service", "uninstall").returncode, 0)

    def test_the_environment_of_the_installer_is_not_the_services(self):
        installed = run("service", "install", "--no-config", "--handler=square",
                        variables={"ASYNCD_LOG_LEVEL": "warn"})
        self.assertEqual(run("service", "uninstall").returncode, 0)
        self.assertIn("has ASYNCD_LOG_LEVEL in its environment only if", installed.stderr)

    def test_a_handler_in_the_installers_own_folder_is_none_of_the_services(self):
        looked_for = run("check", "--no-config", "--handler=nothing",
                         variables={"LC_ALL": "C.UTF-8"}).stderr
        own = re.search(r"  C:\\(.*\\asyncd\\handlers)\s", looked_for).group(1)
        folder = os.path.join(os.environ["WINEPREFIX"], "drive_c", *own.split("\\"))
        os.makedirs(folder, exist_ok=True)
        mine = os.path.join(folder, "mine.dll")
        shutil.copy(os.path.join(HANDLERS, "square.dll"), mine)
        try:
            self.assertEqual(run("check", "--no-config", "--handler=mine").returncode, 0)
            refused = run("service", "install", "--no-config", "--handler=mine")
            self.assertEqual(refused.returncode, 66, refused.stderr)
            self.assertIn("does not search your own folder", refused.stderr)
            self.assertEqual(run("service", "start").returncode, 66)
        finally:
            os.unlink(mine)

    def test_a_handler_that_does_not_return_does_not_hide_the_exit_code(self):
        port = free_port()
        installed = run("service", "install", "--no-config",
                        "--handler=Z:" + os.environ["MISBEHAVING"],
                        f"--listen=127.0.0.1:{port}", "-oshutdown.timeout=200ms",
                        "-ohandler.misbehaving.hook=connection_open",
                        "-ohandler.misbehaving.how=hang")
        self.assertEqual(installed.returncode, 0, installed.stderr)
        try:
            self.assertEqual(run("service", "start").returncode, 0)
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                client.sendall(b"x\n")
                time.sleep(1)
                self.assertEqual(run("service", "stop").returncode, 0)
            self.assertRegex(state_of_service(), r"SERVICE_EXIT_CODE +: 75 ")
        finally:
            self.assertEqual(run("service", "uninstall").returncode, 0)

    def comes_to(self, state):
        for _ in range(PATIENCE * 10):
            if state in (now := state_of_service()):
                return True
            if "RUNNING" in now:
                break
            time.sleep(0.1)
        return False

    def test_a_stop_waits_until_the_service_has_started(self):
        slow = build(CC, WRONG, "slow.dll", "-DIN_CREATE", "-DCRIME=sleep(10)")
        installed = run("service", "install", "--no-config", "--handler=Z:" + slow,
                        f"--listen=127.0.0.1:{free_port()}")
        self.assertEqual(installed.returncode, 0, installed.stderr)
        try:
            with subprocess.Popen([*ASYNCD, "service", "start"], stderr=subprocess.DEVNULL,
                                  env=environment()):
                self.assertTrue(self.comes_to("START_PENDING"))
                stopped = run("service", "stop")
            self.assertEqual(stopped.returncode, 0, stopped.stderr)
            self.assertIn("STOPPED", state_of_service())
        finally:
            self.assertEqual(run("service", "uninstall").returncode, 0)


class Clients(unittest.TestCase):
    def test_each_backend_is_measured_and_every_reply_checked(self):
        for backend in BACKENDS:
            connections = 1 if backend == "blocking" else 8
            with self.subTest(backend):
                done = run("bench", "--no-config", "-q", "--json=-", f"--backend={backend}",
                           "--handler=square", f"--connections={connections}", "--requests=400")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                result = json.loads(done.stdout)
                self.assertEqual(result["counts"]["answered"], 400)
                self.assertEqual(result["counts"]["failed"], 0)

    def test_backends_are_measured_side_by_side(self):
        done = run("bench", "matrix", "--no-config", "-q", "--handler=square",
                   "--backends=select,proactor", "--connections=2", "--requests=100", "--repeats=2")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for backend in ("select", "proactor"):
            self.assertRegex(done.stdout, rf"(?m)^  {backend} +[\d,]+ ")

    def test_send_takes_words_files_and_standard_input(self):
        with Daemon("--no-config", "--handler=uppercase-echo") as daemon, \
             tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write(b"from a file\n")
            file.flush()
            address = daemon.addresses()[0]
            self.assertEqual(run("send", address, "--data=a word").stdout, "A WORD\n")
            self.assertEqual(run("send", address, "--file=Z:" + file.name).stdout, "FROM A FILE\n")
            piped = subprocess.run([*ASYNCD, "send", address, address], input=b"one\ntwo",
                                   capture_output=True,
                                   timeout=PATIENCE, env=environment(), check=True)
            self.assertEqual(sorted(piped.stdout.splitlines()),
                             sorted(2 * [f"{address}: ONE".encode(), f"{address}: TWO".encode()]))

    def test_a_server_that_is_not_there_is_named(self):
        address = f"127.0.0.1:{free_port()}"
        said = run("send", address, "--data=x")
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"asyncd: {address}: cannot connect", said.stderr)


if __name__ == "__main__":
    unittest.main()

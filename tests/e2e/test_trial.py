"""Libraries that do not survive being loaded: tried in a process of their own, so that they end
nothing else."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from daemon import BACKENDS, PROGRAM, SANITIZED, SETTINGS, Daemon, ask, run
from injectors import EMULATED, Configured, listener
from strangers import CC, FOLDER, REVERSE, build, path_of

SETTINGS.pop("ASYNCD_SECURITY_TRY_LIBRARIES", None)
TRIED = "loading it was tried in a process of its own: "
UNTRIED = "-osecurity.try_libraries=false"
# What a library does while it is loaded, and what is said of it.
DEEDS = {
    "crash": ("raise(SIGSEGV);", "the process died of signal 11 (Segmentation fault)"),
    "abort": ("abort();", "the process died of signal 6 (Aborted)"),
    "killed": ("raise(SIGKILL);", "the process died of signal 9 (Killed)"),
    "exit": ("exit(0);", "the process ended with exit code 0"),
    "exit-3": ("exit(3);", "the process ended with exit code 3"),
    "underscore-exit": ("_exit(7);", "the process ended with exit code 7"),
    "words": (r'fprintf(stderr, "first\nall is \033[31mlost\n\n"); _exit(1);',
              r'ended with exit code 1; its last words: "all is \x1b[31mlost"'),
    "output": ('for (int i = 0; i < 99999; ++i) puts("many words"); fflush(stdout); abort();',
               'died of signal 6 (Aborted); its last words: "many words"'),
    "hang": ("for (;;) pause();", "it did not return within 8s"),
}


def library(name, deed):
    head = ("#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
            f"__attribute__((constructor)) static void begin(void) {{ {deed} }}\n")
    return build(CC, head + REVERSE, name + ".so")


GOOD = library("good", "")
BAD = {name: library(name, deed) for name, (deed, _) in DEEDS.items()}


class Trial(unittest.TestCase):
    def assert_told(self, text, name):
        self.assertIn(f"cannot load the handler {BAD[name]}: {TRIED}", text)
        if not SANITIZED and not EMULATED:  # these have their own ways to end
            self.assertIn(DEEDS[name][1], text)
        self.assertNotIn("\033", text)

    def test_a_start_a_check_and_a_call_are_refused(self):
        for name, path in BAD.items():
            for command in (["--listen=127.0.0.1:0"], ["check"]):
                if name == "hang" and command != ["check"]:
                    continue
                with self.subTest(name=name, command=command):
                    refused = run(*command, "--no-config", f"--handler={path}")
                    self.assertEqual(refused.returncode, 65, refused.stderr)
                    self.assert_told(refused.stderr, name)
        refused = run("call", BAD["crash"], "x")
        self.assertEqual((refused.returncode, refused.stdout), (65, ""), refused.stderr)
        self.assert_told(refused.stderr, "crash")
        refused = run("bench", "--no-config", f"--handler={BAD['crash']}")
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assert_told(refused.stderr, "crash")

    def test_the_list_has_them_all(self):
        told = run("handlers", "--no-config", f"--handler-path={FOLDER}")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f"\n{'':24}{GOOD}\n", told.stdout)
        for name in BAD:
            self.assert_told(told.stdout, name)
            self.assertRegex(told.stdout, rf"(?m)^{name} +cannot load ")
        rows = {row["library"]: row for row in json.loads(
            run("handlers", "--json", "--no-config", f"--handler-path={FOLDER}").stdout)}
        self.assertEqual((rows[GOOD]["name"], rows[GOOD]["error"]), ("reverse", None))
        self.assertEqual(rows[BAD["crash"]]["name"], "crash")
        self.assert_told(rows[BAD["crash"]]["error"], "crash")

    def test_a_name_that_is_nowhere_is_still_looked_for(self):
        refused = run("--no-config", "--handler=revers", f"--handler-path={FOLDER}")
        self.assertEqual(refused.returncode, 66, refused.stderr)
        self.assertIn("did you mean 'reverse'?", refused.stderr)

    def test_a_reload_is_refused_and_clients_notice_nothing(self):
        names = ["crash", "exit", "words", "hang"]
        for backend in BACKENDS:
            with self.subTest(backend), Configured(listener(GOOD, backend)) as daemon, \
                 daemon.connect() as client:
                self.assertEqual(ask(client, b"abc\n"), b"cba\n")
                for count, name in enumerate(names if backend == BACKENDS[0] else names[:2], 1):
                    daemon.configure(listener(BAD[name], backend))
                    daemon.process.send_signal(signal.SIGHUP)
                    daemon.wait_for("error reload failed; everything stays as it was", count)
                    self.assertIn(BAD[name], daemon.text())
                    self.assertEqual(ask(client, b"abc\n"), b"cba\n")
                self.assertIn("was tried in a process of its own", daemon.text())
                other = library("other-" + backend, f'if (getenv("{backend}") != NULL) exit(1);')
                daemon.reload(listener(other, backend))
                self.assertEqual(ask(client, b"abc\n"), b"cba\n")
                client.close()
                self.assertEqual(daemon.end()[0], 1)

    def test_the_folder_of_the_start_may_have_gone(self):
        with tempfile.TemporaryDirectory() as folder:
            started_in = os.path.join(folder, "started-in")
            os.mkdir(started_in)
            with Configured(listener(GOOD, "select"), cwd=started_in) as daemon:
                daemon.addresses()
                os.rmdir(started_in)
                daemon.reload(listener(library("after-that", ""), "select"))
                with daemon.connect() as client:
                    self.assertEqual(ask(client, b"abc\n"), b"cba\n")

    def test_it_may_be_switched_off(self):
        died = run("check", "--no-config", f"--handler={BAD['crash']}", UNTRIED)
        self.assertNotEqual(died.returncode, 65, died.stderr)
        self.assertNotIn(TRIED, died.stderr)
        self.assertEqual(run("check", "--no-config", f"--handler={GOOD}", UNTRIED).returncode, 0)

    @unittest.skipIf(SANITIZED or EMULATED,
                     "this asyncd has a sanitizer itself, or runs where none can")
    def test_one_that_was_built_with_a_sanitizer(self):
        try:
            path = build(CC, REVERSE, "sanitized.so", "-fsanitize=address")
        except subprocess.CalledProcessError:
            self.skipTest(f"{CC} has no AddressSanitizer")
        refused = run("check", "--no-config", f"--handler={path}")
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn(f"{path}: {TRIED}", refused.stderr)
        self.assertIn("ASan runtime does not come first", refused.stderr)

    def test_each_content_is_tried_once(self):
        count = path_of("count")
        path = library("counted",
                       f'FILE* file = fopen("{count}", "a"); fputs("+", file); fclose(file);')
        with Configured(listener(path, BACKENDS[0])) as daemon:
            daemon.addresses()
            for limit in (2000, 3000):
                daemon.reload(listener(path, BACKENDS[0]) + f"[limits]\nmax_message = {limit}\n")
            daemon.end()
        with open(count, encoding="ascii") as file:
            self.assertEqual(file.read(), "++", "once in the trial, once in asyncd")

    @unittest.skipIf(EMULATED, "it is the emulator's program that runs")
    def test_a_program_that_has_been_replaced_tries_by_itself(self):
        with tempfile.TemporaryDirectory(prefix="asyncd-replaced-") as folder:
            program = shutil.copy(PROGRAM, os.path.join(folder, "asyncd"))
            configuration = os.path.join(folder, "asyncd.toml")

            def configure(handler):
                with open(configuration, "w", encoding="utf-8") as file:
                    file.write(listener(handler, BACKENDS[0]))

            configure(GOOD)
            with Daemon("-c", configuration, program=[program], listen=()) as daemon:
                daemon.addresses()
                with open(program + ".new", "w", encoding="ascii") as file:
                    file.write("#!/bin/sh\nexit 1\n")
                os.chmod(program + ".new", 0o755)
                os.replace(program + ".new", program)
                configure(library("after-an-upgrade", 'if (getenv("upgrade") != NULL) exit(1);'))
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for(" info  reloaded ")
                daemon.end()


if __name__ == "__main__":
    unittest.main()

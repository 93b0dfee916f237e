"""Mistakes as users make them: each is told with its place, its cause and a cure, and with its
exit code."""

import json
import os
import socket
import tempfile
import unittest

from daemon import run

LISTENER = '[[listener]]\naddress = "127.0.0.1:0"\nhandler = "echo"\n'


class File(str):
    """A configuration file that asyncd is to read, as asyncd.toml in the current folder."""


class Variables(dict):
    """What is in asyncd's environment."""


# What asyncd is given (arguments, a file, variables), the exit code, what it says, in this order.
MISTAKES = {
    "flag": (["--backnd=select"], 2, "unknown flag --backnd; did you mean --backend?",
             "Try 'asyncd --help'"),
    "flag without value": (["--handler"], 2, "--handler needs a value: --handler=NAME"),
    "backend flag": (["--handler=echo", "--backend=selct"], 2,
                     "flag --backend: unknown backend 'selct': one of ", "did you mean 'select'?"),
    "framing flag": (["--handler=echo", "--framing=fixd"], 2,
                     "flag --framing: unknown framing 'fixd': one of ", "did you mean 'fixed'?"),
    "handler flag": (["--handler=squre"], 66,
                     "flag --handler: no handler 'squre'; did you mean 'square'?",
                     "looked for squre.so in:", "/handlers\n"),
    "address": (["--handler=echo", "--listen=127.0.0.1"], 2,
                "flag --listen: bad address '127.0.0.1': the port is "
                "missing; expected host:port"),
    "port": (["--handler=echo", "--listen=[::1]:66000"], 2, "'66000' is not a port (0 to 65535)"),
    "foreign address": (["--handler=echo", "--listen=192.0.2.1:0"], 73,
                        "listener 'main': cannot listen on "
                        "192.0.2.1:0", "this machine has no such address"),
    "missing file": (["--config=gone.toml"], 66,
                     "no configuration file 'gone.toml' (named by --config); "
                     "'asyncd config --default' prints one"),
    "setting": (["--handler=echo", "-o", "limits.idle_timeot=5s"], 2,
                "-o limits.idle_timeot: unknown setting", "did you mean 'limits.idle_timeout'?"),
    "no value of a setting": (["--handler=echo", "-o", "limits.idle_timeout"], 2,
                              "write -o limits.idle_timeout=VALUE"),
    "nothing": ([], 2, "there is no handler, and no configuration file", "asyncd --handler=echo\n"),
    "same address twice": (["--handler=echo", "--listen=:4", "--listen=:4"], 2,
                           "has the address of listener 'main'"),
    "option flag": (["--handler=hello", "-o", "handler.hello.txt=x"], 2,
                    "-o handler.hello.txt: unknown key 'txt' in "
                    "handler 'hello'; did you mean 'text'?"),
    "log file": (["--handler=echo", "-o", "log.file=/proc/self/log"], 73,
                 "cannot write the log to '/proc/self/log'"),
    "log folder": (["--handler=echo", "-o", "log.file=gone/log"], 73,
                   "cannot write the log to 'gone/log': there is no "
                   "folder 'gone'"),
    "log that is a folder": (["--handler=echo", "-o", "log.file=."], 66,
                             "cannot write the log to '.': it is a folder, "
                             "not a file"),
    "variable": (["--handler=echo", Variables(ASYNCD_LIMITS_IDLE_TIMEOUT="soon")], 2,
                 "environment ASYNCD_LIMITS_IDLE_TIMEOUT: expected a duration such as",
                 "not 'soon'"),
    "file of a variable": ([Variables(ASYNCD_CONFIG="gone.toml")], 66,
                           "'gone.toml' (named by environment "
                           "ASYNCD_CONFIG)"),
    "key": ([File(LISTENER + "adress = 1\n")], 78,
            "asyncd.toml:4:1: unknown key 'adress' in [[listener]]; did you "
            "mean 'address'?\n    4 | adress = 1\n      | ^~~~~~\n"),
    "type": ([File(LISTENER + "idle_timeout = true\n")], 78,
             "asyncd.toml:4:16: idle_timeout: expected a duration such "
             'as "500ms"',
             "not true or false\n    4 | idle_timeout = true\n      |                ^~~~\n"),
    "duration": ([File(LISTENER + "idle_timeout = 5\n")], 78,
                 "asyncd.toml:4:16: idle_timeout: a duration needs a "
                 'unit: write "5s" for seconds', "\n      |                ^\n"),
    "size": ([File(LISTENER + 'max_message = "1MB"\n')], 78,
             "asyncd.toml:4:15: max_message: expected a size such as",
             "not '1MB'; did you mean \"1MiB\"?", "\n      |               ^~~~~\n"),
    "bound": ([File(LISTENER + "[backend.thread-pool]\nthreads = 100001\n")], 78,
              "asyncd.toml:5:11: threads: 100001 "
              "is too much: at most 100000\n", "^~~~~~\n"),
    "backend": ([File(LISTENER + 'backend = "procator"\n')], 78,
                "asyncd.toml:4:11: unknown backend 'procator': one of",
                "did you mean 'proactor'?", "^~~~~~~~~~\n"),
    "handler": ([File(LISTENER.replace("echo", "ecko"))], 66,
                "asyncd.toml:3:11: no handler 'ecko'; did you mean "
                "'echo'?\n    3 | handler = \"ecko\"\n      |           ^~~~~~\n",
                "looked for ecko.so in:"),
    "option": ([File(LISTENER.replace("echo", "hello") + "[handler.hello]\ntxt = 1\n")], 78,
               "asyncd.toml:5:1: unknown "
               "key 'txt' in handler 'hello'; did you mean 'text'?\n    5 | txt = 1\n      | "
               "^~~\n"),
    "handler section": ([File(LISTENER + "[handler.helo]\ntext = 1\n")], 78,
                        "asyncd.toml:5:8: [handler.helo]: no "
                        "handler 'helo'; did you mean 'hello'?\n"),
    "option of a handler that is not served": ([File(LISTENER + "[handler.hello]\ntxt = 1\n")], 78,
                                   "asyncd.toml:5:1: unknown "
                                   "key 'txt' in handler 'hello'; did you mean 'text'?\n"),
    "framing of a handler": ([File(LISTENER + 'framing = "handler"\n')], 65,
                             "asyncd.toml:3:11: handler 'echo' has no "
                             "framing of its own; choose framing line, raw, fixed or length\n",
                             "^~~~~~\n"),
    "duplicate listener": ([File((LISTENER + 'name = "one"\n') * 2)], 78,
                           "asyncd.toml:8:8: another listener has the "
                           "name 'one' already\n", "^~~~~\n"),
    "syntax": ([File("[[listener]\n")], 78, "asyncd.toml:1:12: not valid TOML",
               "\n    1 | [[listener]\n      |            ^\n"),
    "four at once": (
        [File('colour = 1\n' + LISTENER + 'framing = "lime"\n[limits]\nmax_message = 0\n'),
         "-o", "a.b=1"],
                     2, "-o a.b: unknown setting 'a.b'", "asyncd.toml:1:1: unknown key 'colour'",
                     "asyncd.toml:5:11: "
                     "unknown framing 'lime'", "did you mean 'line'?",
                     "asyncd.toml:7:15: max_message: 0 is not "
                     "allowed: at least 1B\n"),
    "two handlers": (
        [File(LISTENER.replace("echo", "ecko") + LISTENER.replace("echo", "./gone.so"))], 66,
                     "asyncd.toml:3:11: no handler 'ecko'",
                     "asyncd.toml:6:11: cannot load the handler ",
                     "gone.so: no such file", "^~~~~~~~~~~\n"),
}

# These are seen only by who serves, or tries the addresses.
NEEDS_ADDRESS = {"foreign address"}
NEEDS_LOG = {"log file"}  # where only making one tells that it cannot be made


class Mistakes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def give(self, command, given):
        """What asyncd answers to a command with these arguments, file and variables."""
        path = os.path.join(self.folder, "asyncd.toml")
        if os.path.exists(path):
            os.unlink(path)
        variables = {"HOME": self.folder}
        arguments = []
        for part in given:
            if isinstance(part, File):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(part)
            elif isinstance(part, Variables):
                variables |= part
            else:
                arguments.append(part)
        return run(*command, *arguments, variables=variables, cwd=self.folder)

    def test_each_is_told_with_place_cause_cure_and_code(self):
        for name, (given, code, *words) in MISTAKES.items():
            commands = [["run"], ["check", "--bind"]]
            if name in NEEDS_LOG:
                commands.pop()
            elif name not in NEEDS_ADDRESS:
                commands.append(["check"])
            for command in commands:
                with self.subTest(mistake=name, command=command):
                    answer = self.give(command, given)
                    self.assertEqual((answer.returncode, answer.stdout), (code, ""), answer.stderr)
                    self.assertTrue(answer.stderr.startswith("asyncd: "), answer.stderr)
                    position = 0
                    for word in words:
                        self.assertIn(word, answer.stderr[position:])
                        position = answer.stderr.index(word, position) + len(word)

    def test_a_variable_that_no_setting_has_is_a_warning_with_the_nearest(self):
        answer = self.give(["check"], ["--handler=echo", Variables(ASYNCD_LIMITS_IDLE_TIMEOT="5s")])
        self.assertEqual(answer.returncode, 0)
        self.assertIn("warning: environment ASYNCD_LIMITS_IDLE_TIMEOT", answer.stderr)
        self.assertIn("did you mean 'ASYNCD_LIMITS_IDLE_TIMEOUT'?", answer.stderr)

    def test_check_answers_in_json(self):
        refused = self.give(["check", "--json"], [File("colour = 1\n" + LISTENER)])
        answer = json.loads(refused.stdout)
        self.assertEqual((refused.returncode, answer["ok"], answer["exit_code"]), (78, False, 78))
        self.assertIn("asyncd.toml:1:1: unknown key 'colour'", answer["message"])
        accepted = self.give(["check", "--json"], [File(LISTENER)])
        self.assertEqual(json.loads(accepted.stdout),
                         {"ok": True, "file": "asyncd.toml", "listeners": 1})
        self.assertEqual(accepted.returncode, 0)

    def test_an_address_in_use_names_its_listener_and_leaves_nothing_of_the_others(self):
        first = os.path.join(self.folder, "first")
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = f"127.0.0.1:{other.getsockname()[1]}"
            for command in (["run"], ["check", "--bind"]):
                answer = self.give(command, ["--handler=echo", f"--listen=unix:{first}",
                                             f"--listen={address}"])
                self.assertEqual(answer.returncode, 73)
                self.assertIn(
                    f"listener 'listener2': cannot listen on {address}: Address already in use; "
                    f"another "
                              "process listens there: stop it, or choose another port",
                              answer.stderr)
                self.assertFalse(os.path.exists(first))

    def test_all_addresses_that_cannot_be_bound_are_told(self):
        for command in (["run"], ["check", "--bind"]):
            answer = self.give(command, ["--handler=echo", "--listen=192.0.2.1:0",
                                         "--listen=unix:/nowhere/socket"])
            self.assertEqual(answer.returncode, 73)
            self.assertIn("listener 'main': cannot listen on 192.0.2.1:0: ", answer.stderr)
            self.assertIn("\n\nlistener 'listener2': cannot listen on unix:/nowhere/socket: ",
                          answer.stderr)


if __name__ == "__main__":
    unittest.main()

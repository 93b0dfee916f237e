"""Programs that a handler starts, in each of its hooks and in every way: they inherit nothing of
asyncd's."""

import os
import re
import signal
import unittest

from daemon import SANITIZED, ask, on_each_backend
from injectors import EMULATED, until

STARTER = f"{os.environ['TEST_HANDLERS']}/start.so"
WAYS = ("fork", "vfork", "spawn", "popen")  # fork-alone does not become another program
# posix_spawn of glibc ignores signals 32 and 33, which nothing else uses.
OF_THE_C_LIBRARY = 3 << 31
HOOKS = ("create", "worker", "connection")


def odd_parent():
    """Leaves all blocked, and ignored what a parent may ignore."""
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGCHLD,
                    signal.SIGALRM, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def status(process, what):
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        return re.search(rf"^{what}:\s+(\S+)", file.read(), re.M)[1]


def program(process):
    return os.readlink(f"/proc/{process}/exe")


def others(process):
    """What it has open beside the standard streams."""
    folder = f"/proc/{process}/fd"
    return {name: os.readlink(f"{folder}/{name}") for name in os.listdir(folder) if int(name) > 2}


def has_ended(process):
    return status(process, "State") == "Z"  # the handler does not wait for it


class Children(unittest.TestCase):
    def setUp(self):
        self.started = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for process in self.started:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def ends(self, daemon, client, word, how=signal.SIGTERM):
        """What is started so has nothing of asyncd's, and the signal ends it."""
        process = int(ask(client, word.encode() + b"\n"))
        self.assertLess(0, process)
        self.started.append(process)
        if word != "fork-alone" and not EMULATED:
            until(lambda: program(process) != program(daemon.process.pid),
                  "it becomes another program")
            if not SANITIZED:  # a sanitizer has pipes of its own now and then, which are inherited
                # While it starts it has its libraries and its locale open.
                until(lambda: not others(process),
                      lambda: f"it has standard streams only, not {others(process)}")
        if not EMULATED:  # an emulator has signals of its own
            self.assertEqual(int(status(process, "SigBlk"), 16), 0)
            self.assertEqual(int(status(process, "SigIgn"), 16) & ~OF_THE_C_LIBRARY, 0)
        os.kill(process, how)
        until(lambda: has_ended(process), f"{how.name} ends {word}")
        self.started.remove(process)

    def end_each(self, daemon):
        with daemon.connect() as client:
            for word in (*HOOKS, *WAYS):
                with self.subTest(word):
                    self.ends(daemon, client, word)
            for how in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE,
                        signal.SIGUSR1):
                with self.subTest(how):
                    self.ends(daemon, client, "fork-alone", how)

    @on_each_backend(f"--handler={STARTER}")
    def test_of_every_hook(self, daemon):
        self.end_each(daemon)

    @on_each_backend(f"--handler={STARTER}", preexec_fn=odd_parent)
    def test_where_the_parent_blocks_and_ignores_signals(self, daemon):
        self.end_each(daemon)

    @on_each_backend("--handler=start-later", "-o", f"handler.start-later.library={STARTER}")
    def test_of_work_that_is_offloaded(self, daemon):
        with daemon.connect() as client:
            for word in (*WAYS, "fork-alone"):
                with self.subTest(word):
                    self.ends(daemon, client, word)


if __name__ == "__main__":
    unittest.main()

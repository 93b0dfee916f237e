"""What trying a package takes, whatever its kind: checks that are counted, commands, a folder, a
daemon to ask."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from style import links

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUTPUT = os.path.join(TOP, "build", "packages")
HANDLERS = ["double", "echo", "fanout", "hello", "kv", "print", "slow-count", "square",
            "uppercase-echo"]
PATIENCE = 60


class Failure(Exception):
    """A check that did not hold; what it says is shown to the user."""


def cache_folder():
    """Where ccache keeps what it has compiled; nothing where there is no ccache."""
    if not shutil.which("ccache"):
        return ""
    return subprocess.run(["ccache", "--get-config", "cache_dir"], check=True, capture_output=True,
                          encoding="utf-8").stdout.strip()


class Trial:
    """`with Trial(name) as trial:` has a fresh folder of its own, which goes away with it."""

    def __init__(self, name):
        self.name = name
        self.checks = 0
        self.build = os.path.join(OUTPUT, "build", name)
        # What is run shall find nothing of this user's or this checkout's.
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("ASYNCD_", "XDG_"))}
        # But what a compiler has kept for him saves time.
        self.env["CCACHE_DIR"] = cache_folder()

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="asyncd-package-")
        self.folder = self._temporary.name
        self.env["HOME"] = os.path.join(self.folder, "home")
        os.mkdir(self.env["HOME"])
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def check(self, what, holds, detail=""):
        self.checks += 1
        if not holds:
            raise Failure(f"{what} does not hold" + (f": {detail}" if detail else ""))
        print(f"package: {self.name}: {what}", flush=True)

    def same(self, what, found, wanted):
        self.check(what, found == wanted, f"found {found}, wanted {wanted}")

    def run(self, *command, **more):
        """The output of a command that has to exit with 0."""
        done = self.try_run(*command, **more)
        if done.returncode != 0:
            raise Failure(
                f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def try_run(self, *command, env=None, cwd=TOP):
        return subprocess.run(command, cwd=cwd, env=self.env | (env or {}),
                              stdin=subprocess.DEVNULL,
                              capture_output=True, encoding="utf-8", errors="replace", timeout=1800,
                              check=False)

    def build_here(self, folder, *settings):
        """A build without tests."""
        print(f"package: {self.name}: building", flush=True)
        self.run("cmake", "-S", TOP, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                 "-DASYNCD_TESTS=OFF", "-DASYNCD_WERROR=ON", *settings)
        self.run("cmake", "--build", folder)

    def pack(self, folder, generator):
        """The packages that CPack makes of a build: their paths."""
        config = os.path.join(folder, "CPackConfig.cmake")
        out = self.run("cpack", "-G", generator, "-B", OUTPUT, "--config", config)
        made = sorted(re.findall(r"package: (.*) generated", out))
        if not made:
            raise Failure(f"cpack made nothing:\n{out}")
        return made

    def check_documents(self, folder):
        """All documents have been installed, and their links lead to installed files."""
        wanted = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"]
        wanted += [f"docs/{name}" for name in os.listdir(os.path.join(TOP, "docs"))
                   if name.endswith(".md")]
        found = links.documents(folder)
        self.same("all documents are there", found, sorted(wanted))
        broken = [f"{path}:{line}: {what}" for path in found
                  for line, what, _ in links.broken_links(folder, path)]
        self.same("their links lead somewhere", broken, [])

    def check_served(self, command, env=None, cwd="/"):
        """Starts the daemon on a free port, asks it for squares, ends it as Ctrl-C does."""
        log_path = os.path.join(self.folder, "served.log")
        with open(log_path, "wb") as log:
            daemon = subprocess.Popen([*command, "--listen=127.0.0.1:0"], cwd=cwd,
                                      env=self.env | (env or {}),
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            with socket.create_connection(("127.0.0.1", wait_for_port(daemon, log_path)),
                                          PATIENCE) as client:
                client.sendall(b"7\n-12\nabc\n")
                client.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            self.same("squares are served", answer, b'49\n144\nerror: not an integer: "abc"\n')
            daemon.send_signal(signal.SIGINT)
            self.same("an interrupt ends the daemon well", daemon.wait(PATIENCE), 0)
        finally:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait()
        text = read(log_path)
        self.check("the books balance at the end",
                   "accepted=1 closed=1 rejected=0 active=0" in text, text)


def wait_for_port(daemon, log_path):
    end = time.monotonic() + PATIENCE
    while daemon.poll() is None and time.monotonic() < end:
        found = re.search(r"listening address=127\.0\.0\.1:(\d+)", read(log_path))
        if found:
            return int(found.group(1))
        time.sleep(0.05)
    raise Failure(f"the daemon does not listen:\n{read(log_path)}")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def files_below(folder):
    """The paths of everything but folders, from `folder` on."""
    found = []
    for path, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(path, name))]
        found += [os.path.relpath(os.path.join(path, name), folder) for name in names + links]
    return sorted(found)

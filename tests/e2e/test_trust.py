"""Whom asyncd trusts: files that others may write, a digest that is wanted, files that are
swapped or overwritten."""

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

from daemon import ASYNCD, PATIENCE, PROGRAM, Daemon, ask, environment
from strangers import CC, CXX, REVERSE, build

NOBODY = 65534
ME = os.geteuid()
AS_OWNER = {"ASYNCD_SECURITY_TRUST": "owner"}
# Two versions that differ in what they answer, and one that has a variable of which there is one in
# a process.
FORWARD = build(CC, REVERSE.replace("call->message_size - 1 - i", "i"), "forward.so")
BACKWARD = build(CC, REVERSE, "backward.so")
UNIQUE = r"""
#include "asyncd.hpp"
template <class T> struct Shared { static inline int count = 0; };
struct Counting {
  void on_message(std::string_view, asyncd::reply& reply) {
    reply.append(++Shared<int>::count % 2 == 0 ? "0" : "1");
  }
};
ASYNCD_EXPORT_HANDLERS(Counting);
"""


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def digest_of(path):
    return hashlib.sha256(bytes_of(path)).hexdigest()


def unsafe_place(path):
    """What on the way to the temporary folder asyncd would refuse, or None."""
    while True:
        found = os.stat(path)
        if found.st_uid not in (0,
                                ME) or (found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX):
            return path
        if path == "/":
            return None
        path = os.path.dirname(path)


class TrustTest(unittest.TestCase):
    def setUp(self):
        unsafe = unsafe_place(os.path.realpath(tempfile.gettempdir()))
        if unsafe:
            self.skipTest(
                f"the folder for temporary files is itself not to be trusted here: {unsafe}")
        folder = tempfile.TemporaryDirectory(prefix="asyncd-trust-")
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        os.chmod(self.folder, 0o755)
        self.library = self.place(BACKWARD, "handlers", "reverse.so")
        self.config = self.at("asyncd.toml")
        self.write_config("")

    def at(self, *parts):
        return os.path.join(self.folder, *parts)

    def place(self, library, folder, name):
        os.makedirs(self.at(folder), mode=0o755, exist_ok=True)
        os.chmod(self.at(folder), 0o755)
        path = shutil.copyfile(library, self.at(folder, name))
        os.chmod(path, 0o644)
        return path

    def write_config(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'[[listener]]\naddress = "127.0.0.1:0"\nhandler = "{self.library}"\n{text}')
        os.chmod(self.config, 0o644)

    def run_asyncd(self, *arguments, variables=None, user=None):
        """Through subprocess itself: as `user`, in a folder that every user may be in."""
        who = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        return subprocess.run([*ASYNCD, *arguments], capture_output=True, text=True,
                              timeout=PATIENCE, cwd="/",
                              env=environment({"HOME": self.folder} | AS_OWNER | (variables or {})),
                              **who)

    def call(self, *more, user=None, variables=None):
        return self.run_asyncd("call", "--no-config", *more, self.library, "abc", user=user,
                               variables=variables)

    def assert_refused(self, answer, *words):
        self.assertEqual((answer.returncode, answer.stdout), (77, ""), answer.stderr)
        for word in ("not to be trusted: ", "-o security.trust=any", *words):
            self.assertIn(word, answer.stderr)

    def assert_served(self, answer, warning=""):
        self.assertEqual((answer.returncode, answer.stdout), (0, "cba\n"), answer.stderr)
        self.assertIn(warning, answer.stderr)
        if not warning:
            self.assertEqual(answer.stderr, "")


class Modes(TrustTest):
    def test_what_everybody_may_write_is_refused_wherever_on_the_way(self):
        for path, kind, mode in ((self.library, "file", 0o646),
                                 (self.at("handlers"), "folder", 0o757),
                                 (self.folder, "folder", 0o777)):
            with self.subTest(path=path):
                before = stat.S_IMODE(os.stat(path).st_mode)
                os.chmod(path, mode)
                letters = "go" if mode & 0o020 else "o"
                self.assert_refused(self.call(),
                                    f"cannot load the handler {self.library}: not to be trusted: "
                                    f"the {kind} {path} may be written by everybody",
                                    f"mode 0{mode:o}", f": chmod {letters}-w {path}")
                self.assert_served(self.call("-o", "security.trust=any"))
                self.assert_served(self.call(variables={"ASYNCD_SECURITY_TRUST": "any"}))
                os.chmod(path, before)
                self.assert_served(self.call())

    def test_a_sticky_folder_is_fine(self):
        os.chmod(self.at("handlers"), 0o1777)
        self.assert_served(self.call())

    def test_what_a_group_may_write_is_refused_to_root_and_warned_of_otherwise(self):
        os.chmod(self.at("handlers"), 0o775)
        words = f"the folder {self.at('handlers')} may be written by the group"
        if ME == 0:
            self.assert_refused(self.call(), words)
        else:
            self.assert_served(self.call(), f"asyncd: warning: the handler {self.library}: {words}")

    def test_a_link_is_judged_by_all_that_it_leads_by(self):
        real, self.library = self.library, self.at("link.so")
        os.symlink(real, self.library)
        self.assert_served(self.call())
        os.chmod(self.at("handlers"), 0o757)
        self.assert_refused(self.call(), f"the folder {self.at('handlers')} may be")

    def test_every_command_follows_the_same_rule(self):
        os.chmod(self.library, 0o666)
        words = f"asyncd.toml:3:11: cannot load the handler {self.library}"
        for command in (["run"], ["check"], ["check", "--bind"]):
            with self.subTest(command=command):
                self.assert_refused(self.run_asyncd(*command, "-c", self.config), words)
        listed = self.run_asyncd("handlers", "--no-config", f"--handler-path={self.at('handlers')}")
        self.assertEqual(listed.returncode, 0)
        self.assertRegex(listed.stdout,
                         rf"reverse +cannot load the handler {self.library}: not to be trusted: ")

    def test_a_configuration_file_cannot_vouch_for_itself(self):
        self.write_config('[security]\ntrust = "any"\n')
        silent = {"ASYNCD_SECURITY_TRUST": ""}
        os.chmod(self.library, 0o666)
        self.assertEqual(self.run_asyncd("check", "-c", self.config, variables=silent).returncode,
                         0)
        os.chmod(self.config, 0o666)
        words = (
            f"the configuration file '{self.config}' (named by --config) is not to be trusted: "
                 "the file ")
        for command in ("run", "check", "config"):
            with self.subTest(command=command):
                self.assert_refused(self.run_asyncd(command, "-c", self.config, variables=silent),
                                    words)
        self.assertEqual(self.run_asyncd("check", "-c", self.config,
                                         "-o", "security.trust=any").returncode, 0)


@unittest.skipIf(ME != 0, "only root can give files away and act as another user")
class ReadOnly(TrustTest):
    """A mount that no user can write to, as Kubernetes has it for ConfigMaps: folders and links
    of mode 0777 in it."""

    def setUp(self):
        super().setUp()
        if not sys.platform.startswith("linux") or not shutil.which("unshare"):
            self.skipTest("there is no unshare here")
        os.mkdir(self.at("source"))
        os.mkdir(self.at("source", "..2026"))
        shutil.copyfile(self.library, self.at("source", "..2026", "reverse.so"))
        os.symlink("..2026", self.at("source", "..data"))
        os.symlink("..data/reverse.so", self.at("source", "reverse.so"))
        for path in (self.at("source"), self.at("source", "..2026"),
                     self.at("source", "..2026", "reverse.so")):
            os.chmod(path, 0o777)
        os.mkdir(self.at("mounted"))
        os.chmod(self.at("mounted"), 0o755)

    def call_mounted(self, options):
        script = (
            'mount --bind "$1" "$2" && mount -o "$3" "$2" && shift 3 && "$@"; code=$?; exit $code')
        return subprocess.run(["unshare", *([] if ME == 0 else ["-r"]), "-m", "sh", "-c", script,
                               "sh",
                               self.at("source"), self.at("mounted"), options, *ASYNCD, "call",
                               "--no-config",
                               self.at("mounted", "reverse.so"), "abc"], capture_output=True,
                              text=True,
                              timeout=PATIENCE, cwd="/",
                              env=environment({"HOME": self.folder} | AS_OWNER))

    def test_modes_do_not_count_where_the_mount_is_read_only(self):
        writable = self.call_mounted("remount,bind,rw")
        if "not permitted" in writable.stderr or "denied" in writable.stderr:
            self.skipTest(f"nothing can be mounted here: {writable.stderr}")
        self.assert_refused(writable, "may be written by everybody")
        self.assert_served(self.call_mounted("remount,bind,ro"))


class Owners(TrustTest):
    def setUp(self):
        super().setUp()
        seen = subprocess.run([PROGRAM, "--version"], capture_output=True, user=NOBODY,
                              group=NOBODY, extra_groups=[],
                              check=False, env=environment()) if ME == 0 else None
        if seen is None or seen.returncode != 0:
            self.skipTest("other users cannot run asyncd from where it was built")

    def test_root_trusts_what_is_roots(self):
        for path in (self.library, self.at("handlers"), self.folder):
            with self.subTest(path=path):
                os.chown(path, NOBODY, NOBODY)
                self.assert_refused(self.call(), f"{path} belongs to the user ",
                                    "and asyncd runs as root: chown root "
                                    + path)
                os.chown(path, 0, 0)
                self.assert_served(self.call())
        os.chown(self.config, NOBODY, NOBODY)
        self.assert_refused(self.run_asyncd("check", "-c", self.config),
                            "the file " + self.config + " belongs to")

    def test_another_user_trusts_what_is_roots_or_its_own(self):
        for owner, refused in ((0, False), (NOBODY, False), (1234, True)):
            for path in (self.library, self.at("handlers")):
                with self.subTest(owner=owner, path=path):
                    os.chown(path, owner, owner)
                    answer = self.call(user=NOBODY)
                    if refused:
                        self.assert_refused(answer, f"{path} belongs to the user 1234")
                    else:
                        self.assert_served(answer)
                    os.chown(path, 0, 0)

    def test_another_user_is_warned_of_a_group(self):
        os.chmod(self.library, 0o664)
        self.assert_served(self.call(user=NOBODY),
                           f"asyncd: warning: the handler {self.library}: the file "
                           f"{self.library} may be written by the group root (owner root, mode "
                           f"0664): chmod g-w")
        os.chmod(self.library, 0o666)
        self.assert_refused(self.call(user=NOBODY), "by everybody", "chmod go-w")


class Digests(TrustTest):
    def checked(self, digest):
        self.write_config(f'[handler.reverse]\nsha256 = "{digest}"\n')
        return self.run_asyncd("check", "-c", self.config)

    def test_the_file_that_is_meant_and_another(self):
        meant, other = digest_of(BACKWARD), digest_of(FORWARD)
        for spelled in (meant, meant.upper()):
            self.assertEqual(self.checked(spelled).returncode, 0)
        refused = self.checked(other)
        self.assertEqual(refused.returncode, 65)
        self.assertIn(
            f"{self.config}:5:10: cannot load the handler {self.library}: it has not the SHA-256 "
            f"that is "
                      f'wanted\n    5 | sha256 = "{other}"\n      |          ^~~', refused.stderr)
        self.assertIn(f"\nwanted: {other}\nfound:  {meant}\n", refused.stderr)

    def test_one_that_is_none_is_a_mistake_of_the_file(self):
        refused = self.checked("abc")
        self.assertEqual(refused.returncode, 78)
        self.assertIn(
            '5:10: sha256: expected 64 hexadecimal digits, as sha256sum prints them, not \'abc\'\n'
                      '    5 | sha256 = "abc"\n      |          ^~~~~\n', refused.stderr)

    def test_the_list_tells_it(self):
        listed = self.run_asyncd("handlers", "--json", "--no-config",
                                 f"--handler-path={self.at('handlers')}")
        rows = {row["library"]: row["sha256"] for row in json.loads(listed.stdout)}
        self.assertEqual(rows[self.library], digest_of(BACKWARD))

    def test_of_two_files_that_are_swapped_all_the_time_only_the_meant_one_ever_answers(self):
        done = threading.Event()

        def swap():
            for round_ in range(100_000):
                if done.is_set():
                    break
                shutil.copyfile((FORWARD, BACKWARD)[round_ % 2], self.library + ".next")
                os.rename(self.library + ".next", self.library)

        swapper = threading.Thread(target=swap)
        swapper.start()
        codes = set()
        try:
            for _ in range(60):
                answer = self.call("-o", f"handler.reverse.sha256={digest_of(BACKWARD)}")
                codes.add(answer.returncode)
                self.assertIn((answer.returncode, answer.stdout),
                              ((0, "cba\n"), (65, ""), (77, "")), answer.stderr)
                if answer.returncode == 77:
                    self.assertIn("it is being replaced; try again", answer.stderr)
        finally:
            done.set()
            swapper.join()
        self.assertIn(0, codes)
        self.assertTrue(codes - {0}, "it was never swapped in time")


class Copies(TrustTest):
    def test_a_handler_is_overwritten_while_it_is_served(self):
        for content in (bytes_of(FORWARD), b"", b"no library" * 10_000):
            with self.subTest(size=len(content)), Daemon("-c", self.config, listen=()) as daemon:
                with daemon.connect() as connection:
                    self.assertEqual(ask(connection, b"abc\n"), b"cba\n")
                    with open(self.library, "wb") as file:  # in place, as cp does
                        file.write(content)
                    self.assertEqual(ask(connection, b"abc\n"), b"cba\n")
                    self.assertEqual(ask(connection, b"x" * 100_000 + b"\n"),
                                     b"x" * 100_000 + b"\n")
                self.assertEqual(daemon.stop(signal.SIGTERM), 0, daemon.text())
                self.place(BACKWARD, "handlers", "reverse.so")

    def test_each_reload_serves_the_file_as_it_is_then_and_keeps_no_descriptor(self):
        def replace(content, mode=0o644):
            with open(self.library + ".next", "wb") as file:
                file.write(content)
            os.chmod(self.library + ".next", mode)
            os.rename(self.library + ".next", self.library)

        with Daemon("-c", self.config, listen=(), variables=AS_OWNER) as daemon, \
             daemon.connect() as old:
            self.assertEqual(ask(old, b"abc\n"), b"cba\n")
            opened = None
            for count in range(1, 41):
                made, answer = ((BACKWARD, b"cba\n"), (FORWARD, b"abc\n"))[count % 2]
                # What is behind the end makes it another file.
                replace(bytes_of(made) + b"x" * count)
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for(r"info  reloaded ", count)
                with daemon.connect() as new:
                    self.assertEqual(ask(new, b"abc\n"), answer)
                    now = 0
                    if sys.platform == "linux":
                        now = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
                    opened = opened or now
                    self.assertLess(now, opened + 10)
            self.assertEqual(ask(old, b"abc\n"), b"cba\n")
            replace(bytes_of(FORWARD), 0o666)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(r"reload failed.* not to be trusted: the file " + self.library)
            with daemon.connect() as new:
                self.assertEqual(ask(new, b"abc\n"), b"cba\n")

    def test_a_handler_with_a_unique_symbol_is_noted(self):
        library = build(CXX, UNIQUE, "counting.so", "-std=c++20")
        if b"clang" in subprocess.run([CXX, "--version"], capture_output=True, check=True).stdout:
            self.skipTest("this compiler makes no unique symbols")
        self.place(library, "handlers", "counting.so")
        listed = self.run_asyncd("handlers", "--no-config", f"--handler-path={self.at('handlers')}")
        self.assertRegex(listed.stdout,
                         r"counting\.so\n +note: two versions of it in one process would share "
                         r"'[^\n]*'"
                         r"( and \d+ more)?; build it with -fno-gnu-unique\n")
        plain = build(CXX, UNIQUE, "counting-plain.so", "-std=c++20", "-fno-gnu-unique")
        self.place(plain, "handlers", "counting.so")
        listed = self.run_asyncd("handlers", "--no-config", f"--handler-path={self.at('handlers')}")
        self.assertIn("counting.so", listed.stdout)
        self.assertNotIn("note:", listed.stdout)


if __name__ == "__main__":
    unittest.main()

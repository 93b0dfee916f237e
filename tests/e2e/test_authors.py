"""What authors of handlers have: installed headers, for CMake and for a compiler alone, and
`asyncd new handler`."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from daemon import ASYNCD, Daemon, environment, exchange, run
from strangers import CC, CXX, REVERSE

FOLDER = tempfile.mkdtemp(prefix="asyncd-authors-")
unittest.addModuleCleanup(shutil.rmtree, FOLDER)
PREFIX = os.path.join(FOLDER, "moved", "asyncd")
LONG = 600  # seconds for a compiler on a busy machine

SHOUT = r"""
#include <algorithm>
#include "asyncd.hpp"
struct Shout {
  void on_message(std::string_view message, asyncd::reply& reply) const {
    std::for_each(message.begin(), message.end(), [&](char c) { reply.append(c); });
    reply.append('!');
  }
};
ASYNCD_EXPORT_HANDLERS(Shout);
"""
PROJECT = """
cmake_minimum_required(VERSION 3.18)
project(out-of-tree LANGUAGES C CXX)
find_package(asyncd {version} REQUIRED)
asyncd_add_handler(reverse reverse.c)
asyncd_add_handler(shout shout.cpp)
"""
ANSWERS = {"reverse": (b"hello\n", b"olleh\n"), "shout": (b"hello\n", b"hello!\n")}


def setUpModule():
    """An installation that was moved afterwards."""
    first = os.path.join(FOLDER, "first")
    command(os.environ["CMAKE"], "--install", os.environ["BUILD"], "--prefix", first)
    os.mkdir(os.path.dirname(PREFIX))
    os.rename(first, PREFIX)


def attempt(*words, **more):
    variables = environment({"CC": CC, "CXX": CXX, "CMAKE_GENERATOR": "Ninja",
                             "PKG_CONFIG_PATH": os.path.join(PREFIX, "share", "pkgconfig")})
    return subprocess.run(words, capture_output=True, text=True, timeout=LONG, env=variables,
                          **more)


def command(*words, **more):
    done = attempt(*words, **more)
    if done.returncode != 0:
        raise AssertionError(
            f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def write(folder, **files):
    os.makedirs(folder, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name.replace("_", ".")), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def configure(folder, *more):
    return attempt(os.environ["CMAKE"], "-S", folder, "-B", folder + "/build",
                   "-Dasyncd_ROOT=" + PREFIX, *more)


class Installed(unittest.TestCase):
    def check_served(self, library):
        question, answer = ANSWERS[os.path.basename(library).split(".")[0]]
        with Daemon("--no-config", "--handler=" + library) as daemon:
            with daemon.connect() as connection:
                self.assertEqual(exchange(connection, question), answer)
            daemon.end()

    def test_find_package_builds_handlers_in_c_and_cpp(self):
        folder = write(FOLDER + "/package", CMakeLists_txt=PROJECT.format(version="0.1"),
                       reverse_c=REVERSE, shout_cpp=SHOUT)
        configured = configure(folder)
        self.assertEqual(configured.returncode, 0, configured.stderr)
        command(os.environ["CMAKE"], "--build", folder + "/build")
        for name in ANSWERS:
            library = f"{folder}/build/{name}.so"
            self.check_served(library)
            exported = re.findall(r" [A-TV-Z] (\w+)$",
                                  command("nm", "-D", "--defined-only", library), re.MULTILINE)
            self.assertEqual(exported, ["asyncd_plugin_v1"])

    def test_a_project_without_cpp_needs_no_such_compiler(self):
        project = PROJECT.format(version="").replace(" C CXX", " C")
        project = project.replace("asyncd_add_handler(shout shout.cpp)", "")
        folder = write(FOLDER + "/only-c", CMakeLists_txt=project, reverse_c=REVERSE)
        configured = configure(folder, "-DCMAKE_CXX_COMPILER=/nowhere/c++")
        self.assertEqual(configured.returncode, 0, configured.stderr)
        command(os.environ["CMAKE"], "--build", folder + "/build")
        self.check_served(folder + "/build/reverse.so")

    def test_a_newer_version_than_is_installed_is_not_found(self):
        folder = write(FOLDER + "/newer", CMakeLists_txt=PROJECT.format(version="99"), reverse_c="",
                       shout_cpp="")
        configured = configure(folder)
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn('requested version "99"', configured.stderr)

    def test_an_undefined_symbol_fails_when_it_is_built(self):
        folder = write(FOLDER + "/undefined", CMakeLists_txt=PROJECT.format(version=""),
                       reverse_c="#define LACKS\n" + REVERSE, shout_cpp=SHOUT)
        self.assertEqual(configure(folder).returncode, 0)
        built = attempt(os.environ["CMAKE"], "--build", folder + "/build", "--target", "reverse")
        self.assertNotEqual(built.returncode, 0)
        self.assertIn("what_nobody_has", built.stdout)

    @unittest.skipUnless(shutil.which("pkg-config"), "there is no pkg-config here")
    def test_pkg_config_and_one_line_of_a_compiler(self):
        flags = command("pkg-config", "--cflags", "--libs", "asyncd").split()
        version = command("pkg-config", "--modversion", "asyncd").strip()
        self.assertEqual(run("--version").stdout, f"asyncd {version}\n")
        folder = write(FOLDER + "/plain", reverse_c=REVERSE, shout_cpp=SHOUT)
        for compiler, source, *more in ((CC, "reverse.c"), (CXX, "shout.cpp", "-std=c++20")):
            library = f"{folder}/{source.split('.')[0]}.so"
            command(compiler, "-shared", *more, *flags, f"{folder}/{source}", "-o", library)
            self.check_served(library)


class Compilers(unittest.TestCase):
    """What a compiler is told that has not been told enough: one thing, and not what follows
    from it."""

    HEADERS = ("asyncd.hpp", "asyncd_async.hpp", "fake_host.hpp")
    COMPILERS = sorted({CXX} | {name for name in ("g++", "clang++") if shutil.which(name)})

    def compile(self, header, *flags, compiler=CXX):
        source = f'#include "{header}"\nint main() {{ return 0; }}\n'
        return subprocess.run([compiler, *flags, "-x", "c++", "-fsyntax-only",
                               "-I", os.environ["SDK"], "-"],
                              input=source, capture_output=True, text=True, timeout=LONG)

    def test_headers_say_what_to_add(self):
        for compiler in self.COMPILERS:
            for flags, told in ((["-std=c++98"], "add -std=c++20"),
                                (["-std=c++11"], "add -std=c++20"),
                                (["-std=c++17"], "add -std=c++20"),
                                (["-std=gnu++17"], "add -std=c++20"),
                                (["-std=c++20", "-fno-exceptions"], "leave out -fno-exceptions")):
                for header in self.HEADERS:
                    with self.subTest(compiler=compiler, flags=flags, header=header):
                        done = self.compile(header, *flags, compiler=compiler)
                        self.assertNotEqual(done.returncode, 0)
                        self.assertIn(told, done.stderr)
                        errors = [line for line in done.stderr.splitlines()
                                  if re.search(r":\d+:\d+: .*error: ", line)]
                        # The second one ends the compiler.
                        self.assertEqual(len(errors), 2, done.stderr)
                        self.assertIn("see the #error above", errors[1])

    def test_headers_are_clean_in_what_they_understand(self):
        strict = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
        for compiler in self.COMPILERS:
            for header in self.HEADERS[1:]:  # the first is a part of the second
                with self.subTest(compiler=compiler, header=header):
                    done = self.compile(header, "-std=c++2b", "-fno-rtti", *strict,
                                        compiler=compiler)
                    self.assertEqual(done.returncode, 0, done.stderr)
            for standard in ("c++98", "c++11", "c++17"):
                with self.subTest(compiler=compiler, standard=standard):
                    done = self.compile("asyncd.h", f"-std={standard}", *strict, compiler=compiler)
                    self.assertEqual(done.returncode, 0, done.stderr)


class New(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=FOLDER)

    def new(self, *arguments):
        return run("new", "handler", *arguments, cwd=self.folder)

    def check_what_is_printed(self, *arguments):
        """Does exactly what it says: builds, tests, serves."""
        written = subprocess.run([PREFIX + "/bin/asyncd", "new", "handler", *arguments],
                                 capture_output=True, text=True, env=environment(), cwd=self.folder)
        self.assertEqual((written.returncode, written.stderr), (0, ""))
        build, test, serve = re.findall(r"^  (\S.*)$", written.stdout, re.MULTILINE)
        command("sh", "-c", build, cwd=self.folder)
        tested = command("sh", "-c", test, cwd=self.folder)
        self.assertIn("100% tests passed", tested)
        self.assertNotIn("No tests were found", tested)
        variables = {"ASYNCD_LISTENER_ADDRESS": "127.0.0.1:0"}
        with Daemon(program=shlex.split(serve), listen=(), variables=variables,
                    cwd=self.folder) as daemon:
            with daemon.connect() as connection:
                self.assertEqual(exchange(connection, b"world\n\n"),
                                 b"Hello, world!\nerror: say who you are\n")
            daemon.end()

    def test_a_handler_in_c(self):
        self.check_what_is_printed("my-handler", "--lang=c")

    def test_a_handler_in_cpp(self):
        self.check_what_is_printed("my-handler", "--lang=cpp")

    def test_one_that_waits_in_c(self):
        self.check_what_is_printed("my-handler", "--lang=c", "--async")

    def test_one_that_waits_in_cpp(self):
        self.check_what_is_printed("my-handler", "--async")

    def test_a_test_that_fails_is_seen(self):
        self.assertEqual(self.new("wrong").returncode, 0)
        folder = os.path.join(self.folder, "wrong")
        with open(folder + "/wrong.cpp", "r+", encoding="utf-8") as file:
            text = file.read().replace("'!'", "'?'")
            file.seek(0)
            file.write(text)
        self.assertEqual(configure(folder).returncode, 0)
        command(os.environ["CMAKE"], "--build", folder + "/build")
        tested = attempt(os.environ["CTEST"], "--test-dir", folder + "/build",
                         "--output-on-failure")
        self.assertNotEqual(tested.returncode, 0)
        self.assertIn("wanted reply: Hello, world!\nfound  reply: Hello, world?\n", tested.stdout)

    def test_what_it_refuses(self):
        os.mkdir(self.folder + "/there")
        os.symlink("nowhere", self.folder + "/link")
        for arguments, code, words in (
            (["there"], 73, "cannot create 'there': it is there already; choose another name"),
            (["link"], 73, "cannot create 'link': it is there already"),
            (["Loud"], 2,
             "'Loud' is no name for a handler: write lower-case letters, digits and '-'"),
            (["../out"], 2, "'../out' is no name for a handler"),
            (["a" * 65], 2, "is too long for a handler's name: at most 64"),
            (["9to5"], 2, "beginning with a letter"),
            (["test"], 2,
             "'test' is a word that CMake, Windows or asyncd keeps for itself; choose another "
             "name"),
            (["x", "--lang=rust"], 2, "--lang is c or cpp, not 'rust'"),
            (["x", "--handler=echo"], 2, "--handler means nothing to 'asyncd new'"),
            ([], 2, "a new handler needs a name: write asyncd new handler NAME"),
        ):
            with self.subTest(arguments):
                refused = self.new(*arguments)
                self.assertEqual((refused.returncode, refused.stdout), (code, ""), refused.stderr)
                self.assertIn(words, refused.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["link", "there"])
        self.assertEqual(os.listdir(self.folder + "/there"), [])

    def test_nothing_is_left_of_what_cannot_be_written(self):
        # A file may be no larger than one block of 512 bytes, so one of them does not come about.
        limited = 'trap "" XFSZ; ulimit -f 1; exec "$@"'
        done = attempt("sh", "-c", limited, "sh", *ASYNCD, "new", "handler", "half",
                       cwd=self.folder)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("it cannot be written", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()

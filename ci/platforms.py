"""The stages for systems other than the one that ci/test runs on: cross-built here, and run
where something can."""

import os

from step import Step
from wine import Wine

STRICT = "-DASYNCD_WERROR=ON"
NO_END_TO_END = ("-LE", "e2e")

# By ci/setup's names: zig is the compiler of both the last.
PACKAGES = {"windows": "windows", "arm64": "arm64", "libcxx": "macos", "macos": "macos"}


def built(runner, name):
    """What builds a preset for another system, where its packages are there."""
    return lambda: PACKAGES[name] in runner.ready and runner.build(name, STRICT)


def windows(runner, top):
    def try_it():
        runner.check("windows threads of Asio",
                     ["python3", "-B", "ci/asio_threads.py", "build/windows"])
        with Wine(os.path.join(top, "build", "windows", "wine")) as wine:
            runner.env |= wine.env
            runner.ctest("windows")
        runner.check("windows package", ["ci/package", "--windows"])

    return Step(built(runner, "windows"), try_it)


def arm64(runner, _top):
    return Step(built(runner, "arm64"), lambda: runner.ctest("arm64", *NO_END_TO_END))


def macos(runner, _top):
    """Nothing here runs what it builds; the files are looked into. The tests are the same for
    both architectures."""
    settings = {"aarch64": (STRICT,), "x86_64": (STRICT, "-DASYNCD_TESTS=OFF")}
    names = []

    def build():
        if PACKAGES["macos"] in runner.ready:
            names.extend(name for name, words in settings.items()
                         if runner.build("macos-" + name, *words))
        return bool(names)

    def look():
        runner.check("macos files", ["python3", "-B", "ci/macho.py",
                                     *(f"{name}=build/macos-{name}" for name in names)])

    return Step(build, look)


def libcxx(runner, _top):
    """This Linux with the standard library that macOS has, so what is built for that has run
    somewhere."""
    return Step(built(runner, "libcxx"), lambda: runner.ctest("libcxx", *NO_END_TO_END))


# The last has no tests to wait for at the end.
PLATFORMS = {"windows": windows, "arm64": arm64, "libcxx": libcxx, "macos": macos}

"""The stages of ci/test. A stage is a check (passed or failed) or a run of ctest (a count).

One build follows the other, and the tests of what is built run beside the next one: they mostly
wait. A failing stage does not stop the others, so that one run shows everything that is wrong; only
when the release build fails nothing is left to learn. What each stage printed is kept in
build/ci-logs/, but for what was installed before the first.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import fuzzing
from platforms import PACKAGES, PLATFORMS, STRICT
from report import read_report
from step import Step
from style.files import project_files
from table import CHECKS, OTHERS, Table, suite_of

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(TOP, "build", "ci-logs")
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
TEST_JOBS = str(3 * CORES)  # tests at a time: those of a daemon mostly wait for it
SHOWN_LINES = 100
UNITY = "-DCMAKE_UNITY_BUILD=ON"
UNITY_TESTS = "-DASYNCD_UNITY_TESTS="
FUZZ_RUNS = 50_000  # of each target, as far as 10 seconds go
BUILDS = ("release", "asan", "tsan", *PLATFORMS)  # the table's columns

# ctest tells how a test ended ("Timeout", "Subprocess aborted") in its output only, not in its
# report.
ENDED = re.compile(r" Test +#\d+: (\S+) \.*(.*)\*\*\*([^\d\n:]+)")

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


OUTPUT = threading.RLock()  # held for what belongs together, and for the totals


class Interrupted(Exception):
    """Of the thread that builds: the other one has been asked to end."""


class Totals:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.table = Table()

    def add(self, suite, column, passed=0, failures=(), skipped=0):
        with OUTPUT:
            self.table.add(suite, column, passed, len(failures), skipped)
            self.passed += passed
            self.failed += len(failures)
            self.failures += failures
            self.skipped += skipped

    def add_check(self, name, **count):
        """A stage that is no run of tests, in the column of the build that its name begins with."""
        build = re.split(r"[ -]", name)[0]
        self.add(CHECKS, build if build in BUILDS else BUILDS[0], **count)

    def line(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


class Runner:
    def __init__(self):
        self.totals = Totals()
        self.processes = set()
        self.interrupted = False
        self.ready = set()  # packages that are installed
        self.env = dict(os.environ, **SANITIZERS)
        suppressions = os.path.join(TOP, "ci", "tsan.supp")
        if os.path.exists(suppressions):
            self.env["TSAN_OPTIONS"] += ":suppressions=" + suppressions
        if shutil.which("ccache"):
            self.env |= {"CMAKE_C_COMPILER_LAUNCHER": "ccache",
                         "CMAKE_CXX_COMPILER_LAUNCHER": "ccache"}
        # Sanitizers need their shadow memory where a kernel that spreads addresses widely may have
        # put something else.
        fixed = ["setarch", "-R"]
        works = shutil.which("setarch") and self._quiet(fixed + ["true"])
        self.fixed_addresses = fixed if works else []

    def _quiet(self, command):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def setup(self, packages):
        """Installs what is missing of them, while sudo can still ask for a password."""
        name, start = f"{packages} setup", time.monotonic()
        if subprocess.run(["ci/setup", packages], cwd=TOP, check=False).returncode != 0:
            say(f"{name}: failed{took(start)}; see above")
            self.totals.add_check(name, failures=[name])
            return
        say(f"{name}: passed{took(start)}")
        self.totals.add_check(name, passed=1)
        self.ready.add(packages)

    def run(self, name, command):
        """Runs a command of a stage, its output kept in a file: (exit code, path of the log)."""
        log = os.path.join(LOGS, name.replace(" ", "-") + ".log")
        with open(log, "ab") as out:
            with OUTPUT:
                if self.interrupted:
                    raise Interrupted
                process = subprocess.Popen(
                    command,
                    cwd=TOP,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,  # so that all that it starts can be ended with it
                )
                self.processes.add(process)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            self.interrupt()
            raise
        self.processes.discard(process)
        if self.interrupted:
            raise Interrupted
        return code, log

    def interrupt(self):
        """Ends all that runs, and lets nothing more begin."""
        with OUTPUT:
            self.interrupted = True
        for process in list(self.processes):
            end_group(process)

    def check(self, name, *commands, cure=""):
        """A stage that passes or fails as a whole: each command has to exit with 0."""
        say(f"{name}: running", transient=True)
        start = time.monotonic()
        for command in commands:
            code, log = self.run(name, command)
            if code != 0:
                with OUTPUT:
                    show_end(log)
                    say(f"{name}: failed{took(start)}; "
                        f"{cure or 'the command was: ' + ' '.join(command)}")
                self.totals.add_check(name, failures=[name])
                return False
        say(f"{name}: passed{took(start)}")
        self.totals.add_check(name, passed=1)
        return True

    def skip(self, name, reason):
        say(f"{name}: skipped, {reason}")
        self.totals.add_check(name, skipped=1)

    def build(self, preset, *settings):
        """Configures and builds a preset; building a test program also runs it, to list its
        tests."""
        configure = ["cmake", "--preset", preset, *settings]
        build = self.placed(preset, ["cmake", "--build", "--preset", preset])
        return self.check(f"{preset} build", configure, behind_tests(build))

    def placed(self, preset, command):
        return self.fixed_addresses + command if preset in ("asan", "tsan") else command

    def ctest(self, preset, *options):
        """A run of the tests of a preset, counted one by one."""
        name = f"{preset} tests"
        say(f"{name}: running", transient=True)
        start = time.monotonic()
        report = os.path.join(LOGS, name.replace(" ", "-") + ".xml")
        command = ["ctest", "--preset", preset, "-j", TEST_JOBS, "--no-tests=error",
                   "--output-junit", report, "--test-output-size-passed", str(1 << 20)]
        code, log = self.run(name, self.placed(preset, [*command, *options]))
        passed, failures, skips = read_report(report)
        ended = {test: (how or word).strip() for test, how, word in ENDED.findall(text_of(log))}
        with OUTPUT:
            for test, output in failures:
                print(
                    f"--- {name}: {test} failed ({ended.get(test, 'not run')}):\n{end_of(output)}")
            for test, reason in skips:
                print(f"--- {name}: {test} skipped: {reason}")
            if code != 0 and not failures:
                show_end(log)
                failures = [(f"ctest itself failed with exit code {code}", "")]
        suites = self.suites(preset)
        for test in passed:
            self.totals.add(suites.get(test, OTHERS), preset, passed=1)
        for test, _ in failures:
            self.totals.add(suites.get(test, OTHERS), preset, failures=[f"{name}: {test}"])
        for test, _ in skips:
            self.totals.add(suites.get(test.partition(": ")[0], OTHERS), preset, skipped=1)
        say(f"{name}: {len(passed)} passed, {len(failures)} failed, {len(skips)} "
            f"skipped{took(start)}")

    def suites(self, preset):
        """Which suite each test of a preset belongs to."""
        told = subprocess.run(["ctest", "--preset", preset, "--show-only=json-v1"], cwd=TOP,
                              env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                              check=False).stdout
        tests = json.loads(told)["tests"] if told.startswith("{") else []
        properties = {
            test["name"]: {
                each["name"]: each["value"] for each in test["properties"]} for test in tests}
        return {test: suite_of(known.get("LABELS", ())) for test, known in properties.items()}


def end_of(text):
    lines = text.rstrip().split("\n")
    left_out = []
    if len(lines) > SHOWN_LINES:
        left_out = [f"... ({len(lines) - SHOWN_LINES} lines before)"]
    return "\n".join(left_out + lines[-SHOWN_LINES:])


def text_of(log):
    with open(log, encoding="utf-8", errors="replace") as file:
        return file.read()


def show_end(log):
    print(f"--- the end of {os.path.relpath(log, TOP)}:\n{end_of(text_of(log))}")


def took(start):
    return f" ({time.monotonic() - start:.1f} s)"


def behind_tests(command):
    """A build's command: tests that run meanwhile come first, as some of them have little
    patience."""
    return ["nice", "-n", "10", *command]


def say(text, transient=False):
    """A line; a transient one only where a person watches, overwritten by the next."""
    watched = sys.stdout.isatty()
    if transient and not watched:
        return
    with OUTPUT:
        print(f"\r\x1b[K{text}" if watched else text, end="" if transient else "\n", flush=True)


def end_group(process):
    """Ends a command and what it started: first asked, then forced."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def format_command():
    endings = (".h", ".hpp", ".cpp", ".c")
    files = [path for path in project_files(TOP) if path.endswith(endings)]
    return ["clang-format", "--dry-run", "--Werror", *files]


def fuzz(runner):
    """Each target for a while. The logs say what they did, and how to see again what they found."""
    for target in fuzzing.targets():
        command = runner.placed("asan",
                                ["python3", "-B", "ci/fuzzing.py", f"--runs={FUZZ_RUNS}", target])
        runner.check("asan fuzz " + target, command, cure="its last lines say how to see it again")


def try_asan(runner):
    runner.ctest("asan")
    fuzz(runner)


def style(runner):
    runner.check("format", format_command(),
                 cure="mend it with clang-format -i, version 14 (others differ a little)")
    runner.check("tidy self test", ["ci/tidy", "--self-test"])
    runner.check("tidy", ["ci/tidy"])


def package(runner):
    if not shutil.which("dpkg"):
        runner.skip("package", "there is no dpkg here")
    elif "debian" in runner.ready:
        runner.check("package", ["ci/package"])


def steps(runner, quick, hurried):
    """Those of this system; hurried: release compiles several files of the tests at a time, too."""
    tests = UNITY_TESTS + ("ON" if hurried else "OFF")
    yield Step(lambda: runner.build("release", STRICT, tests), lambda: runner.ctest("release"),
               needed=True)
    # That has compiled each file of asyncd by itself, so these may take several at a time.
    if quick:
        return
    if shutil.which("clang++"):
        yield Step(lambda: runner.build("asan", STRICT, UNITY), lambda: try_asan(runner))
    else:
        runner.skip("asan", "there is no clang++ here")
    yield Step(lambda: runner.build("tsan", STRICT, UNITY),
               lambda: runner.ctest("tsan", "-L", "^threads$"))
    yield Step(lambda: True, lambda: package(runner))


USAGE = f"""use: ci/test [--quick] [{'] ['.join('--' + name for name in PLATFORMS)}] [--all]
without a flag: everything for this system; --quick: format, tidy and release only
a system's name: its build and tests, and nothing else; --all: this system and all of those"""


def choose(arguments):
    """(run this system's stages, quickly, the names of other systems); None where the arguments
    make no sense."""
    known = {"--quick", "--all", *("--" + name for name in PLATFORMS)}
    if not known.issuperset(arguments):
        return None
    others = [name for name in PLATFORMS if "--all" in arguments or "--" + name in arguments]
    own = "--all" in arguments or "--quick" in arguments or not others
    return own, "--quick" in arguments, others


def run_steps(runner, todo):
    with ThreadPoolExecutor(max_workers=1) as builder:
        begun = [(step, builder.submit(step.build)) for step in todo]
        try:
            for step, built in begun:
                if built.result():
                    step.then()
                elif step.needed:
                    return runner.interrupt()
        except KeyboardInterrupt:
            runner.interrupt()
            raise
        finally:
            builder.shutdown(wait=False, cancel_futures=True)


def packages_for(own, quick, others):
    """What ci/setup is to install, beside what ci/test has had installed already."""
    names = ["debian"] if own and not quick else []
    return names + [name for name in ("windows", "arm64", "macos")
                    if any(PACKAGES[other] == name for other in others)]


def run_stages(runner, own, quick, others):
    for packages in packages_for(own, quick, others):
        runner.setup(packages)
    todo = []
    if own:
        style(runner)
        todo += steps(runner, quick, hurried=bool(others))
    todo += [PLATFORMS[name](runner, TOP) for name in others]
    run_steps(runner, todo)


def main(arguments):
    chosen = choose(arguments)
    if chosen is None:
        known = set(arguments) & {"-h", "--help"}
        print(USAGE, file=sys.stdout if known else sys.stderr)
        return 0 if known else 2
    shutil.rmtree(LOGS, ignore_errors=True)
    os.makedirs(LOGS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runner, start = Runner(), time.monotonic()
    try:
        run_stages(runner, *chosen)
    except KeyboardInterrupt:
        say("interrupted: what was not run yet is not counted")
        return 130
    if runner.totals.failures:
        print("failed:\n  " + "\n  ".join(runner.totals.failures))
        print("The logs of all stages are in build/ci-logs/.")
    print(runner.totals.table.text())
    print(f"all stages took {time.monotonic() - start:.0f} s")
    print(runner.totals.line())
    return 1 if runner.totals.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

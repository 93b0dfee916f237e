"""ci/package: makes the packages and tries each as its user would. What needs a tool that is not
there fails."""

import os
import shutil
import signal
import subprocess
import sys
import time

from debian_package import debian
from trial import OUTPUT, TOP, Failure, Trial
from windows_package import windows

USAGE = "use: ci/package [--windows | --all]; without a flag: the Debian package"
CHOICES = {(): [debian], ("--windows",): [windows], ("--all",): [debian, windows]}


def main(arguments):
    chosen = CHOICES.get(tuple(arguments))
    if chosen is None:
        known = set(arguments) & {"-h", "--help"}
        print(USAGE, file=sys.stdout if known else sys.stderr)
        return 0 if known else 2
    # SIGTERM ends what was begun, and removes the folders.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.chdir(TOP)
    os.makedirs(OUTPUT, exist_ok=True)
    if shutil.which("ccache"):
        os.environ |= {"CMAKE_C_COMPILER_LAUNCHER": "ccache",
                       "CMAKE_CXX_COMPILER_LAUNCHER": "ccache"}
    start, checks, made = time.monotonic(), 0, []
    for make in chosen:
        with Trial(make.__name__) as trial:
            try:
                subprocess.run(["ci/setup", make.__name__], check=True)
                made.append(make(trial))
            except (Failure, subprocess.SubprocessError, OSError) as failure:
                summary, _, details = str(failure).strip().partition("\n")
                print(f"{details}\npackage: {make.__name__}: FAILED: {summary}".lstrip())
                return 1
            checks += trial.checks
    print(
        f"package: all is well with {' and '.join(made)}: {checks} checks in "
        f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

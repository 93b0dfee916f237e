"""Runs the fuzz targets that are built in build/asan, on their corpora and on inputs of libFuzzer's
own making.

Each run begins with the same seed and the corpus of tests/fuzz/corpus/, so that two runs do the
same as far as their time allows. An input that fails is kept in build/asan/found/.
"""

import argparse
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join("build", "asan")
FOUND = os.path.join(BUILD, "found")
CORPORA = os.path.join("tests", "fuzz", "corpus")
MORE_SEEDS = {"config": ["conf"]}

# No input makes a target take more: a wrong length must not become a large allocation, nor a long
# loop.
BOUNDS = ("-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=64", "-max_len=4096")


def targets():
    return sorted(os.listdir(os.path.join(TOP, CORPORA)))


def program(target):
    return os.path.join(BUILD, "tests", "bin", "fuzz_" + target)


def command(target, options):
    made = os.path.join(BUILD, "made", target)
    shutil.rmtree(os.path.join(TOP, made), ignore_errors=True)
    for folder in (made, FOUND):
        os.makedirs(os.path.join(TOP, folder), exist_ok=True)
    seeds = [os.path.join(CORPORA, target), *MORE_SEEDS.get(target, [])]
    how_long = [f"-seed={options.seed}", f"-max_total_time={options.seconds}"]
    if options.runs:
        how_long.append(f"-runs={options.runs}")
    kept = f"-artifact_prefix={FOUND}/{target}-"
    return [program(target), *BOUNDS, *how_long, "-print_final_stats=1", kept, made, *seeds]


def inputs_found(target):
    folder = os.path.join(TOP, FOUND)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {name for name in names if name.startswith(target + "-")}


def run(target, options):
    """Whether nothing was found; else says how to see it again."""
    before = inputs_found(target)
    code = subprocess.run(command(target, options), cwd=TOP, check=False).returncode
    if code == 0:
        return True
    print(f"fuzz: {target} failed with exit code {code}")
    for name in sorted(inputs_found(target) - before):
        path = os.path.join(FOUND, name)
        print(f"to see it again:    {program(target)} {path}")
        print(f"to make it smaller: {program(target)} -minimize_crash=1 -runs=100000 {path}")
        print(f"to keep it:         cp {path} {os.path.join(CORPORA, target)}/what-was-wrong")
    return False


def main(arguments):
    parser = argparse.ArgumentParser(prog="ci/fuzz", description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", nargs="*",
                        help="one of " + ", ".join(targets()) + "; without: all")
    parser.add_argument("--seconds", type=int, default=10, help="for each target, at most; 10")
    parser.add_argument("--runs", type=int, default=0,
                        help="for each target, at most; without: as time allows")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's chance; 1")
    options = parser.parse_args(arguments)
    unknown = set(options.target) - set(targets())
    if unknown:
        parser.error(
            f"unknown target: {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    failed = [target for target in options.target or targets() if not run(target, options)]
    if failed:
        print("fuzz: failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

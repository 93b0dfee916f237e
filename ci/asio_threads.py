"""Checks that all files of a Windows build have Asio's threads of one kind.

mingw has POSIX threads and Windows ones, and Asio takes those that it knows of where it looks.
Files that know of different ones share a class that is not the same: one destroys what another has
made, and memory is damaged at some other time. The objects are looked into, because a linked
program may have any of it inlined.
"""

import os
import re
import subprocess
import sys

NM = "x86_64-w64-mingw32-nm"
THREADS = re.compile(r"asio6detail\d+(posix|win|std)_thread")


def objects_in(build):
    for folder, _, names in os.walk(build):
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".obj"))


def kinds_in(path):
    symbols = subprocess.run([NM, path], check=True, capture_output=True, encoding="utf-8").stdout
    return set(THREADS.findall(symbols))


def main(arguments):
    if len(arguments) != 1:
        print("use: ci/asio_threads.py BUILD_FOLDER", file=sys.stderr)
        return 2
    users = {}  # kind: the objects that have it
    for path in objects_in(arguments[0]):
        for kind in kinds_in(path):
            users.setdefault(kind, []).append(path)
    for kind, paths in sorted(users.items()):
        print(f"{kind}: {' '.join(paths)}")
    if len(users) == 1:
        return 0
    if users:
        print("Asio's threads are of more than one kind; core/cmake/AsyncdFlags.cmake says how "
              "that comes")
    else:
        print(f"{arguments[0]} has no object with Asio's threads in it: the build is not complete")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

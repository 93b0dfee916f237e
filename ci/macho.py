"""Checks what was built for macOS, because nothing here can run it.

Each program and handler must be Mach-O of its build's architecture, signed as macOS on Arm demands
it, and must need no library but the system's own; asyncd must wait by kqueue; a handler must export
its one entry.
"""

import os
import struct
import sys
from textwrap import fill

CPU_TYPES = {"aarch64": 0x0100000C, "x86_64": 0x01000007}
FILE_TYPES = {2: "program", 6: "library"}
SYSTEM_LIBRARY = "/usr/lib/libSystem.B.dylib"

MAGIC = 0xFEEDFACF
SYMTAB, CODE_SIGNATURE = 0x2, 0x1D
# Load, lazy, weak, re-export, upward.
LIBRARY_COMMANDS = {0xC, 0x20, 0x80000018, 0x8000001F, 0x80000023}
EXTERNAL, TYPE, UNDEFINED = 0x01, 0x0E, 0x00


class Image:
    """A 64-bit little-endian Mach-O file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.libraries, self.imported, self.exported, self.signed = [], set(), set(), False
        magic, self.cpu_type, _, self.file_type, commands = self._unpack("<IIIII", 0)
        if magic != MAGIC:
            raise ValueError("no 64-bit Mach-O file")
        offset = 32
        for _ in range(commands):
            command, size = self._unpack("<II", offset)
            self._take(command, offset)
            offset += size

    def _unpack(self, layout, offset):
        return struct.unpack_from(layout, self.data, offset)

    def _text(self, offset):
        return self.data[offset : self.data.index(b"\0", offset)].decode()

    def _take(self, command, offset):
        if command in LIBRARY_COMMANDS:
            self.libraries.append(self._text(offset + self._unpack("<I", offset + 8)[0]))
        elif command == SYMTAB:
            self._take_symbols(*self._unpack("<IIII", offset + 8))
        elif command == CODE_SIGNATURE:
            self.signed = True

    def _take_symbols(self, symbols, count, strings, _):
        for number in range(count):
            name, kind, _, _, _ = self._unpack("<IBBHQ", symbols + 16 * number)
            if kind & EXTERNAL:
                group = self.imported if kind & TYPE == UNDEFINED else self.exported
                group.add(self._text(strings + name))


def faults(image, name, architecture, wanted):
    """What is wrong with a file that should be a `wanted`, "program" or "library"."""
    if image.cpu_type != CPU_TYPES[architecture]:
        yield f"is for CPU type {image.cpu_type:#x}, not for {architecture}"
    if FILE_TYPES.get(image.file_type) != wanted:
        yield f"is no {wanted}, but of type {image.file_type}"
    if image.libraries != [SYSTEM_LIBRARY]:
        yield f"needs {', '.join(image.libraries) or 'no library'}, not {SYSTEM_LIBRARY} alone"
    if architecture == "aarch64" and not image.signed:
        yield "has no signature, without which macOS on Arm starts nothing"
    if name == "asyncd" and not {"_kqueue", "_kevent"} <= image.imported:
        yield "does not import kqueue and kevent"
    if wanted == "library" and "_asyncd_plugin_v1" not in image.exported:
        yield "does not export asyncd_plugin_v1"


def files_in(build):
    """(path, "program" or "library") of all that the build made to be run or loaded."""
    kinds = {"bin": "program", "tests/bin": "program", "lib/asyncd/handlers": "library",
             "tests/handlers": "library"}
    for folder, kind in kinds.items():
        place = os.path.join(build, folder)
        # A build without tests has no folder of them.
        for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
            path = os.path.join(place, name)
            if os.path.isfile(path) and (kind == "library" or os.access(path, os.X_OK)):
                yield path, kind


def check(build, architecture):
    """How many programs, libraries and faults. Says of each file what it needs."""
    counts = {"program": 0, "library": 0}
    wrong = 0
    for path, kind in files_in(build):
        counts[kind] += 1
        name = os.path.basename(path)
        try:
            image = Image(path)
            print(f"{path}: {kind}, {architecture}, {'' if image.signed else 'not '}signed, "
                  f"{len(image.imported)} symbols from {', '.join(image.libraries)}")
            if name == "asyncd":
                print(fill(" ".join(sorted(image.imported)), 118, initial_indent="  ",
                           subsequent_indent="  "))
            found = list(faults(image, name, architecture, kind))
        except (ValueError, struct.error) as error:
            found = [str(error)]
        for fault in found:
            print(f"{path}: {fault}")
        wrong += len(found)
    for kind, least in (("program", 1), ("library", 2)):
        count = counts[kind]
        if count < least:
            print(f"{build}: only {count} of kind {kind}: the build is not complete")
            wrong += 1
    return counts["program"], counts["library"], wrong


def main(arguments):
    if not arguments or any("=" not in argument for argument in arguments):
        print("use: ci/macho.py ARCHITECTURE=BUILD_FOLDER...", file=sys.stderr)
        return 2
    pairs = [argument.split("=", 1) for argument in arguments]
    checked = [check(build, architecture) for architecture, build in pairs]
    programs, libraries, wrong = map(sum, zip(*checked))
    for_what = " and ".join(architecture for architecture, _ in pairs)
    print(
        f"macos: {for_what}: {programs} programs and {libraries} handlers checked, {wrong} to mend")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

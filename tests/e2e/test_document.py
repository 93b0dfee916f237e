"""docs/handlers.md: its files are written, and its commands run, in its order; each has to say
what stands there."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from daemon import environment

DOCUMENT = os.path.join(os.environ["DOCS"], "handlers.md")
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LONG = 600  # seconds for a compiler on a busy machine


def blocks():
    """(line, kind, file name or None, text) of each block of code."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    for found in BLOCK.finditer(text):
        yield (text.count("\n", 0, found.start()) + 1, *found.groups())


def commands(text):
    """(command, what it says) of each line that begins with a dollar sign."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


@unittest.skipUnless(shutil.which("pkg-config"), "there is no pkg-config here")
class Document(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="asyncd-document-")
        self.addCleanup(temporary.cleanup)
        prefix = os.path.join(temporary.name, "prefix")
        subprocess.run([os.environ["CMAKE"], "--install", os.environ["BUILD"], "--prefix", prefix],
                       check=True, stdout=subprocess.DEVNULL)
        self.folder = os.path.join(temporary.name, "author")
        os.mkdir(self.folder)
        # The compilers of this build, under the names that the document has for them.
        tools = os.path.join(temporary.name, "tools")
        os.mkdir(tools)
        for name in ("CC", "CXX"):
            os.symlink(os.environ[name], os.path.join(tools, {"CC": "cc", "CXX": "c++"}[name]))
        self.variables = environment({
            "PATH": os.pathsep.join([os.path.join(prefix, "bin"), tools, os.environ["PATH"]]),
            "PKG_CONFIG_PATH": os.path.join(prefix, "share", "pkgconfig"),
            "CMAKE_GENERATOR": "Ninja",
            "HOME": temporary.name,
        })

    def run_command(self, line, command, wanted):
        done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              timeout=LONG, cwd=self.folder, env=self.variables)
        self.assertEqual(done.stdout, wanted, f"handlers.md, the block at line {line}: {command}")

    def test_its_code_compiles_and_does_what_it_says(self):
        written, used = set(), ""
        for line, kind, name, text in blocks():
            if kind == "console":
                for command, wanted in commands(text):
                    self.run_command(line, command, wanted)
                    used += command + "\n"
                continue
            self.assertIsNotNone(name,
                                 f"handlers.md, line {line}: this block has no file's name: no "
                                 "test compiles it")
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
            written.add(name)
        self.assertGreater(len(written), 10)
        forgotten = [name for name in sorted(written) if name not in used
                     and name != "CMakeLists.txt"]
        self.assertEqual(forgotten, [], "these are compiled by no command")


if __name__ == "__main__":
    unittest.main()

"""Which files the style law is about, and of what kind each is."""

import os
import re
import subprocess

NOT_OURS = {".git", "build", ".cache", "__pycache__"}

# What tests feed to the program byte by byte: wrong on purpose, so no rule of layout applies.
TEST_DATA = re.compile(r"^tests/(.*/)?(corpus|data|golden|fixtures)/")

BY_ENDING = {
    ".h": "c++", ".hpp": "c++", ".cpp": "c++", ".c": "c++",
    ".py": "python", ".sh": "shell", ".cmake": "cmake",
    ".md": "text", ".toml": "text", ".json": "text", ".yml": "text", ".yaml": "text",
    ".supp": "text",
}
SOURCES = {"c++", "python", "shell", "cmake"}


def project_files(top):
    """The paths that git tracks or does not ignore, below `top`; without git everything that is
    not built."""
    command = ["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
        paths = set(os.fsdecode(listed).split("\0")) - {""}
    except (OSError, subprocess.CalledProcessError):
        paths = set(walk(top))
    return sorted(path for path in paths if os.path.isfile(os.path.join(top, path)))


def walk(top):
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")


def kind_of(path, text):
    """'c++' (C too), 'python', 'shell', 'cmake', 'make', 'text', or None for what no rule is
    about."""
    if TEST_DATA.match(path):
        return None
    name = os.path.basename(path)
    if name == "CMakeLists.txt":
        return "cmake"
    if name in ("Makefile", "GNUmakefile") or name.endswith(".mk"):
        return "make"
    ending = os.path.splitext(name)[1]
    if ending in BY_ENDING:
        return BY_ENDING[ending]
    first = text.split("\n", 1)[0]
    if first.startswith("#!"):
        if re.search(r"\bpython3?\b", first):
            return "python"
        if re.search(r"\b(bash|sh|dash)\b", first):
            return "shell"
    return None

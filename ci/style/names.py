"""Names in the pages that explain the code: each is still a name in the sources, and each path
leads to a file or folder."""

import os
import re

from style.files import kind_of
from style.links import prose, read

PAGES = ("ARCHITECTURE.md", "docs/glossary.md")
NAME = re.compile(r"`(?:[a-z]+->)?([A-Za-z_]\w*(?:::~?\w+)*)(?:\(\))?`")
PATH = re.compile(
    r"(?<![\w/.-])((?:core|backends|cmd|plugins|tests|ci|docs|conf|packaging)/[\w./-]*\w/?)")


def check(top, paths):
    """(path, line, what is wrong, what to do) for each name or path that is gone."""
    pages = [page for page in PAGES if page in paths]
    words = words_of(top, paths) if pages else set()
    for page in pages:
        for number, line in prose(read(os.path.join(top, page)).split("\n")):
            for name in NAME.findall(line):
                if not words.issuperset(name.split("::")):
                    yield page, number, f"no source has the name {name}", "name what is there"
            for path in PATH.findall(line):
                if not os.path.exists(os.path.join(top, path)):
                    yield page, number, f"there is no {path}", "name a file that is there"


def words_of(top, paths):
    """All words of the sources and of the shipped configuration."""
    words = set()
    for path in paths:
        if path in PAGES or path.startswith("tests/") or path.endswith(".md"):
            continue
        if kind_of(path, "") in ("c++", "python", "text"):
            words.update(re.findall(r"\w+", read(os.path.join(top, path))))
    return words

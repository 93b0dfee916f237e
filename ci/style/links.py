"""Links of documents in Markdown: each leads to a file that is there and, where it names one, to a
heading of it.

For the sources (ci/tidy) and for what has been installed of them (ci/package).
"""

import os
import re
from urllib.parse import unquote

CODE_BLOCK = re.compile(r"^(?:    |\t)|^ {0,3}(```|~~~)")
CODE = re.compile(r"(`+).+?\1")
LINK = re.compile(
    r"\]\(\s*<?([^)>\s]+)>?[^)]*\)|^ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)|\b(?:href|src)=\"([^\"]*)\"")
WHOLE_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
# Said in words, as from the folder that README.md is in.
MENTION = re.compile(r"(?<![\w/.-])(docs/[\w-]+\.(?:md|html|json))(?![\w/])")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")


def broken_links(top, path):
    """(line, what is wrong, what to do) for each link of the document `path`, from `top` on,
    that leads nowhere."""
    lines = read(os.path.join(top, path)).split("\n")
    for number, line in prose(lines):
        shown = CODE.sub("", line)
        for found in LINK.finditer(shown):
            wrong = follow(top, path, next(filter(None, found.groups()), ""))
            if wrong:
                yield number, *wrong
        for target in MENTION.findall(WHOLE_LINK.sub("", shown)):
            if not is_there(top, target):
                what = f"it names {target}, and there is no such file"
                yield number, what, "name one that is there"


def follow(top, path, link):
    """What is wrong with a link in the document `path`, and what to do; None where it is right."""
    if ELSEWHERE.match(link):
        return None
    name, _, anchor = link.partition("#")
    if name.startswith("/"):
        return f"the link {link} is absolute", "write it as from this file's folder"
    target = os.path.normpath(os.path.join(os.path.dirname(path), unquote(name))) if name else path
    if not is_there(top, target):
        return f"the link {link} leads nowhere", "name a file that is there"
    if anchor and target.endswith(".md"):
        if unquote(anchor) not in anchors(os.path.join(top, target)):
            what = f"the link {link} names no heading of {target}"
            return what, "name one, in small letters and with hyphens"
    return None


def is_there(top, target):
    return not target.startswith("..") and os.path.exists(os.path.join(top, target))


def anchors(path):
    """What a link may have behind '#': headings as GitHub writes them. The second of a kind has
    a number."""
    lines, headings = read(path).split("\n"), []
    for number, line in prose(lines):
        if found := HEADING.match(line):
            headings.append(found.group(1))
        elif UNDERLINE.match(line) and number > 1 and lines[number - 2].strip():
            headings.append(lines[number - 2].strip())
    names, counts = set(), {}
    for heading in headings:
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        count = counts[name] = counts.get(name, -1) + 1
        names.add(f"{name}-{count}" if count else name)
    return names


def prose(lines):
    """The lines with their numbers, without code."""
    fence = None
    for number, line in enumerate(lines, 1):
        found = CODE_BLOCK.match(line)
        if fence:
            fence = None if found and found.group(1) == fence else fence
        elif found and found.group(1):
            fence = found.group(1)
        elif not found:
            yield number, line


def documents(folder):
    """The paths of all documents below a folder, from there on."""
    found = []
    for path, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(path, name), folder) for name in names
                  if name.endswith(".md")]
    return sorted(found)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()

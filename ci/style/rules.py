"""The rules of the style law that look at one file at a time. The layers have a module of their
own."""

import io
import os
import re
import tokenize

from style import layers, links, statements
from style.files import SOURCES, kind_of
from style.source import Source, Unbalanced

MOST_LINES = 400
MOST_LINES_OF = {"ARCHITECTURE.md": 200, "plugins/sdk/asyncd.h": 330}
MOST_COLUMNS = 100
MOST_FUNCTION_LINES = 60

# Put together here, so that this file does not hold what it forbids.
PUT_OFF = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")

# Words that hide who is meant, put together likewise.
NAMELESS = re.compile(r"\b(?-i:(?!NO" + r"BODY\b))((no|some|any)" + r"body|who" + r"ever)\b",
                      re.IGNORECASE)

# A row for each setting, with its comment; schemas.
WIDE = ("conf/asyncd.toml", ".json", ".manifest")
# Lines of a document that cannot be broken: a table's row, a link.
TABLE_ROW = re.compile(r"^ *\|")
UNBREAKABLE = re.compile(r"^\W*\S+$")
# The text of an #error in C++, which the preprocessor takes from one line.
RAW = re.compile(r'(?:u8|[uUL])?R"')
ONE_STRING = re.compile(r'^ +"[^"]*"$')

SYSTEM = re.compile(
    r"\b(_WIN(32|64)|WIN32|_MSC_VER|__MINGW(32|64)__|__CYGWIN__|__linux(__)?|__ANDROID__"
    r"|__APPLE__|__MACH__|__unix(__)?|__(Free|Net|Open)BSD__|__DragonFly__|__sun)\b"
)
SYSTEM_FILE = re.compile(r"_(posix|windows|linux|macos)\.\w+$")

# What mingw, which builds for Windows here, takes, and Microsoft's compiler does not.
FOREIGN_WORD = re.compile(
    r"\b(__attribute__|__builtin_\w+|__u?int128(_t)?|__extension__|__typeof(__)?|ssize_t)\b")
FOREIGN_HEADER = re.compile(
    r"(unistd|strings|pthread|dirent|dlfcn|getopt|poll|netdb|(sys|netinet|arpa)/\w+)\.h$")
UNIX_FILE = re.compile(r"_(posix|linux|macos)(_test)?\.\w+$|/posix/|^tests/e2e/")

# "select" and "blocking" are words of English and of POSIX too: they name a backend alone or behind
# "backend".
BACKEND_NAME = re.compile(r"\b(thread-per-connection|thread-pool|proactor)\b")
BACKEND_WORD = re.compile(r"^(blocking|select)$|backend[.=: '\"\\]+(blocking|select)\b")


def check_file(top, path):
    """(path, line, what is wrong, what to do) for each breach in the file."""
    with open(os.path.join(top, path), "rb") as file:
        data = file.read()
    text = data.decode("utf-8", "replace")
    kind = kind_of(path, text)
    if kind is None:
        return []
    breaches = list(whole_text(path, kind, data, text))
    if kind in ("make", "shell", "python", "cmake", "text"):
        breaches += put_off(enumerate(text.split("\n"), 1))
        breaches += nameless(enumerate(text.split("\n"), 1))
    if path.endswith(".md"):
        breaches += links.broken_links(top, path)
    if kind == "shell":
        breaches += shell(text)
    if kind == "python":
        breaches += python(text)
    if kind == "c++":
        breaches += cpp(path, text)
    return [(path, *breach) for breach in sorted(breaches)]


def whole_text(path, kind, data, text):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield data.count(b"\n", 0, error.start) + 1, "is not UTF-8", "save it as UTF-8"
    lines = text.split("\n")
    if text and (lines[-1] or text.endswith("\n\n")):
        last = text.count("\n") + 1
        yield last, "the file does not end with exactly one newline", "end it with one"
    most = MOST_LINES_OF.get(path, MOST_LINES if kind in SOURCES else None)
    if most and len(lines) - 1 > most:
        what = f"the file has {len(lines) - 1} lines, at most {most} are allowed"
        yield most + 1, what, "split it or shorten it"
    breakable = breakable_lines(path, kind, text, lines)
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line", "remove it"
        if "\t" in line and kind != "make":
            yield number, "a tab", "use spaces"
        if len(line) > MOST_COLUMNS and not may_be_long(path, number, line, breakable):
            what = f"the line has {len(line)} columns, at most {MOST_COLUMNS} are allowed"
            yield number, what, "break it"


def breakable_lines(path, kind, text, lines):
    """The numbers of all lines but those of code in a document, and of raw strings in C++."""
    if path.endswith(".md"):
        return dict(links.prose(lines))
    breakable = set(range(1, len(lines) + 1))
    if kind == "c++":
        for first, literal in Source(text).literals:
            if RAW.match(literal):
                breakable -= set(range(first, first + literal.count("\n") + 1))
    return breakable


def may_be_long(path, number, line, breakable):
    if number not in breakable:
        return True
    if path.endswith(".md"):
        return TABLE_ROW.match(line) or UNBREAKABLE.match(line)
    return path.endswith(WIDE) or ONE_STRING.match(line)


def words(numbered_lines, pattern, what, cure):
    for first, text in numbered_lines:
        for found in pattern.finditer(text):
            yield first + text.count("\n", 0, found.start()), f"'{found.group()}' {what}", cure


def nameless(numbered_lines):
    cure = "name the client, thread, caller or user"
    return words(numbered_lines, NAMELESS, "does not say who", cure)


def put_off(numbered_lines):
    cure = "do it now, or open an issue and remove the mark"
    return words(numbered_lines, PUT_OFF, "puts work off", cure)


def shell(text):
    options = " ".join(re.findall(r"^set (-.*)$", text, re.MULTILINE))
    letters = "".join(re.findall(r"-(\w+)", options))
    wanted = ["errexit" if "e" not in letters else "", "nounset" if "u" not in letters else ""]
    if "bash" in text.split("\n", 1)[0] and "pipefail" not in options:
        wanted.append("pipefail")
    missing = [name for name in wanted if name]
    if missing:
        what = f"the script goes on after errors ({', '.join(missing)} not set)"
        yield 1, what, "begin it with: set -euo pipefail"


def python(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.OP and token.string == ";":
            yield token.start[0], "a second statement on the line", "give it a line of its own"


def cpp(path, text):
    source = Source(text)
    yield from put_off(source.comments)
    yield from nameless(source.comments + source.literals)
    yield from statements.check(source)
    if path.endswith((".h", ".hpp")):
        yield from header(path, source)
    yield from systems(path, source)
    yield from compilers(path, source)
    yield from backend_names(path, source)
    yield from layers.check(path, source)
    try:
        for first, last, name in source.functions():
            if last - first + 1 > MOST_FUNCTION_LINES:
                length = f"{last - first + 1} lines, at most {MOST_FUNCTION_LINES} are allowed"
                yield first, f"the function '{name}' has {length}", "split it"
    except Unbalanced as error:
        cure = "keep braces in pairs in each branch of an #if"
        yield error.line, "this brace has no partner", cure


def header(path, source):
    if not re.match(r"//|/\*", source.lines[0]):
        cure = "say its role, its thread and its owner there"
        yield 1, "the header does not open with a comment", cure
    # The SDK's headers leave this tree, and of two copies of a header only a guard keeps the second
    # one out.
    guarded = path.startswith("plugins/sdk/") and re.search(r"^#ifndef (\w+)\n#define \1$",
                                                            source.code, re.MULTILINE)
    directives = [(word, rest.strip()) for _, word, rest in source.directives()]
    if not guarded and ("pragma", "once") not in directives:
        yield 1, "the header may be included twice", "write #pragma once below the opening comment"


def systems(path, source):
    if SYSTEM_FILE.search(path) or path == "plugins/sdk/asyncd.h":
        return
    for line, word, rest in source.directives():
        found = SYSTEM.search(rest) if re.match(r"if|elif", word) else None
        if found:
            cure = ("move what differs to files that end in _posix, _windows, _linux or _macos, "
                    "behind one header")
            yield line, f"#{word} on {found.group()}: code for one system among code for all", cure


def compilers(path, source):
    if UNIX_FILE.search(path) or path == "plugins/sdk/asyncd.h":
        return
    for found in FOREIGN_WORD.finditer(source.code):
        what = f"{found.group()}: Microsoft's compiler has no such thing"
        yield source.line_of(found.start()), what, "say it in standard C++"
    for line, header_name, quoted in source.includes():
        if not quoted and FOREIGN_HEADER.match(header_name):
            cure = "move what needs it to files that end in _posix, _linux or _macos"
            yield line, f"<{header_name}>: Microsoft's libraries have no such header", cure


def backend_names(path, source):
    if not path.startswith("core/"):
        return
    for line, literal in source.literals:
        text = literal[literal.index('"') + 1 : -1]
        found = BACKEND_NAME.search(text) or BACKEND_WORD.search(text)
        if found:
            what = f"core names the backend in \"{found.group()}\""
            yield line, what, "let the caller or the registry pass the name"

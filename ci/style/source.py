"""A C or C++ file, read just deeply enough for the style law: comments, literals, directives,
includes, functions."""

import re

TOKEN = re.compile(
    r"""
      (?P<raw> (?:u8|[uUL])? R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
    | (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
    | (?P<number> \b\d(?:'?[\w.])* )
    | (?P<word> [A-Za-z_]\w* )
    | (?P<string> "(?:\\.|[^"\\\n])*" )
    | (?P<char> '(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ ]*\#[ ]*(\w+)((?:\\\n|[^\n])*)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# What begins or ends a block or a declaration. The text since the last one is the head of a block.
# In a head, "\0" stands for a pair of parentheses and what is in them.
BOUNDARY = re.compile(r"[{};]|\b(?:public|private|protected)\s*:(?!:)")
GROUP = re.compile(r"\([^()]*\)")
NOISE = re.compile(r"\[\[[^\]]*\]\]|\b(?:alignas|__attribute__|__declspec)\s*\0")
AFTER_PARAMETERS = re.compile(
    r"""\0\s* (?: (?:const|volatile|noexcept|override|final|mutable|try|constexpr|static
                     |[A-Z][A-Z0-9_]*)\b\s*\0?\s*
              | &&?\s* | ->.* | requires\b.* | :(?!:).* )* $""",
    re.VERBOSE | re.DOTALL,
)
MEMBER_INITIALISERS = re.compile(r"\0\s*(?:noexcept\b\s*\0?\s*|try\b\s*)*:(?!:)")
LAMBDA = re.compile(r"(?:^|[=(,]|\breturn)\s*\[[^\[\]]*\]\s*(?:\0.*|mutable\s*|->.*)?$", re.DOTALL)
COMPOUND_LITERAL = re.compile(r"(?:^|[=,(?]|\breturn)\s*\0\s*$")


class Unbalanced(Exception):
    """A brace without its partner; `line` is where it stands."""

    def __init__(self, line):
        super().__init__(line)
        self.line = line


class Source:
    def __init__(self, text):
        self.comments = []  # (line, text)
        self.literals = []  # (line, text between the quotes), without those of #include
        self.lines = text.split("\n")
        self.code = self._without_comments_and_literals(text)  # the same length, the same lines

    def _without_comments_and_literals(self, text):
        pieces, end, line = [], 0, 1
        for token in TOKEN.finditer(text):
            kind = token.lastgroup
            if kind in ("number", "word"):
                continue
            line += text.count("\n", end, token.start())
            pieces.append(text[end : token.start()])
            blank = re.sub(r"[^\n]", " ", token.group())
            if kind == "comment":
                self.comments.append((line, token.group()))
            else:
                if kind != "char" and not INCLUDE.match(self.lines[line - 1]):
                    self.literals.append((line, token.group()))
                blank = '"' + blank[1:-1] + '"'
            pieces.append(blank)
            line += token.group().count("\n")
            end = token.end()
        return "".join(pieces) + text[end:]

    def line_of(self, position):
        return self.code.count("\n", 0, position) + 1

    def directives(self):
        """(line, word, rest) of each preprocessor line."""
        for found in DIRECTIVE.finditer(self.code):
            yield self.line_of(found.start(1)), found.group(1), found.group(2)

    def includes(self):
        """(line, path as written, quoted?) of each #include that is not commented out."""
        for line, word, _ in self.directives():
            found = INCLUDE.match(self.lines[line - 1]) if word == "include" else None
            if found:
                yield line, found.group(2), found.group(1) == '"'

    def functions(self):
        """(first line, last line, name) of each function that is not inside another one."""
        code = self.first_branches()
        partner = self._braces(code)
        head, start, position = "", None, 0
        while found := BOUNDARY.search(code, position):
            piece = code[position : found.start()]
            if start is None and piece.strip():
                start = position + len(piece) - len(piece.lstrip())
            head += piece
            position = found.end()
            what = kind_of_block(head) if found.group() == "{" else None
            if what is not None:
                position = partner[found.start()] + 1
            if what in ("function", "lambda"):
                first = found.start() if what == "lambda" else start
                yield self.line_of(first), self.line_of(position), name_of(head)
            if what == "value" or unfinished(head):
                head += "()"
            else:
                head, start = "", None

    def first_branches(self):
        """The code without its directives and without all branches of an #if but the first: so
        braces come in pairs."""
        lines, kept, continued = self.code.split("\n"), [True], False
        for number, line in enumerate(lines):
            found = None if continued else DIRECTIVE.match(line)
            word = found.group(1) if found else ""
            if word in ("if", "ifdef", "ifndef"):
                kept.append(kept[-1])
            elif word in ("else", "elif", "elifdef", "elifndef"):
                kept[-1] = False
            elif word == "endif" and len(kept) > 1:
                kept.pop()
            if found or continued or not kept[-1]:
                lines[number] = " " * len(line)
            continued = (found is not None or continued) and line.endswith("\\")
        return "\n".join(lines)

    def _braces(self, code):
        partner, opened = {}, []
        for found in re.finditer(r"[{}]", code):
            if found.group() == "{":
                opened.append(found.start())
            elif not opened:
                raise Unbalanced(self.line_of(found.start()))
            else:
                partner[opened.pop()] = found.start()
        if opened:
            raise Unbalanced(self.line_of(opened[-1]))
        return partner


def collapse(head):
    before = None
    while before != head:
        before, head = head, GROUP.sub("\0", head)
    return NOISE.sub(" ", head)


def unfinished(head):
    """Whether the head goes on after the block, because the block stands between parentheses."""
    return "(" in collapse(head)


def kind_of_block(head):
    """What a brace after `head` opens: 'function', 'lambda', a 'value' amid a head, or None for
    all else."""
    head = collapse(head)
    if LAMBDA.search(head[head.rfind("(") + 1 :]):
        return "lambda"
    if "(" in head:
        return "value"
    if re.match(r"\s*enum\b", head) or re.search(r"\bconcept\b", head):
        return None
    if not AFTER_PARAMETERS.search(head) or (COMPOUND_LITERAL.search(head)
                                             and "operator" not in head):
        return None
    if MEMBER_INITIALISERS.search(head) and re.search(r"[\w>]\s*$", head):
        return "value"
    return "function"


def name_of(head):
    found = re.search(r"(operator\s*[^\w\s]+|[\w:~]+)\s*\0", collapse(head))
    return found.group(1) if found else "lambda"

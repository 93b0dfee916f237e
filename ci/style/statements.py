"""How C and C++ statements are written: one a line, no comma operators, no nested conditional
operators. It reads brackets, not the language, and relies on clang-format's layout: a template's
arguments begin right behind its name, a comparison has spaces around it."""

import re

from style.source import kind_of_block

OPENED = {"(": ")", "[": "]", "{": "}"}
# What stands in the text of a statement for a pair of brackets and what is in them.
ROUND, SQUARE, CURLY = "\0", "\1", "\2"

TEMPLATE = re.compile(r"(?:\w|\btemplate )<[^<>;]*>")
LABEL = re.compile(r"\s*(?:case\b[^?]*|default|public|private|protected|(?!return)[A-Za-z_]\w*)\s*")
CONTROL = re.compile(
    r"\b(?:if|for|while|switch|catch)\s*(?:constexpr\s*)?\0\s*$|\b(?:else|do|try)\s*$")
SCOPE = re.compile(
    r"^\s*(?:\x02\s*)?(?:template\b.*)?(?:typedef\s+)?(?:inline\s+)?"
    r"(?:class|struct|union|namespace|extern)\b[^=\0]*(?:alignas\s*\0[^=\0]*)?$", re.DOTALL)
LAMBDA = re.compile(r"\x01\s*(?:\0)?\s*(?:mutable|noexcept|constexpr)?\s*(?:->[^=]*)?$")
CONDITION = re.compile(
    r"(?:\b(?:if|while|switch|return)\s*(?:constexpr\s*)?|[=+\-*/|&!?:(]\s*| [<>]+ )$")
UNDER = re.compile(r"\s*(?:(?:else|do)\b|(?:if|for|while|switch)\s*(?:constexpr)?\s*\0)")
FOR = re.compile(r"\bfor\s*$")
# Two words beside each other begin a declaration: a type and a name, with a mark of a pointer
# between them, perhaps.
DECLARATION = re.compile(
    r"^\s*(?:(?:static|const|constexpr|extern|inline|mutable|volatile|thread_local|typedef|using"
    r"|struct|friend|template|unsigned|signed|enum|class|union|typename)\b|\x01\s*\x01"
    r"|(?:::)?[A-Za-z_][\w:]*(?:\s*[*&]+\s*|\s+)(?:const\s+)?(?:[A-Za-z_]\w*|\x01))"
)
NO_TYPE = re.compile(
    r"^\s*(?:return|throw|delete|co_return|co_yield|co_await|new|goto|else|case)\b")


class Statements:
    """Breaches in a text without comments, literals and directives, as (position, what)."""

    def __init__(self, code):
        self.code = code
        self.found = []
        self.at = 0
        self._block()

    def _block(self):
        """Reads statements up to the brace that ends the block, or to the end of the text."""
        head, start, conditional = "", self.at, False
        while self.at < len(self.code):
            letter = self.code[self.at]
            if letter == "}":
                break
            if letter == "{" and not self._is_value(head):
                self.at += 1
                self._block()
                self.at += 1
                ends = not LAMBDA.search(head)
                if ends and SCOPE.search(head):
                    head = "struct " + CURLY  # names may follow
                elif ends:
                    head, start, conditional = "", self.at, False
                else:
                    head += CURLY
                continue
            if letter in OPENED:
                shown, inner = self._group(head)
                head += shown
                conditional |= inner
                continue
            self.at += 1
            if letter == ";":
                self._statement(head, start, conditional)
                self._one_a_line()
                head, start, conditional = "", self.at, False
            elif letter == ":" and ":" not in self.code[self.at - 2 : self.at + 1 : 2] \
                    and LABEL.fullmatch(head):
                head, start = "", self.at
            else:
                head += letter

    def _is_value(self, head):
        """Whether a brace behind `head` begins values, rather than statements or declarations."""
        if CONTROL.search(head) or SCOPE.search(head) or LAMBDA.search(head) or not head.strip():
            return False
        named = head.replace(ROUND, "()").replace(SQUARE, "[]").replace(CURLY, "{}")
        return kind_of_block(named) not in ("function", "lambda")

    def _group(self, head):
        """Reads a pair of brackets: (what stands for it, whether it has a conditional operator)."""
        opened = self.code[self.at]
        first = self.at
        self.at += 1
        text, conditional, inner = "", False, False
        while self.at < len(self.code) and self.code[self.at] != OPENED[opened]:
            letter = self.code[self.at]
            if letter == "{" and LAMBDA.search(text):
                self.at += 1
                self._block()
                self.at += 1
                text += CURLY
            elif letter in OPENED:
                shown, found = self._group(text)
                text += shown
                inner |= found
            else:
                self.at += 1
                if letter in ",;":
                    conditional |= self._conditional(text, first, inner) or inner
                    inner = False
                    text = self._comma(text, head, opened, first) if letter == "," else ""
                else:
                    text += letter
        self.at += 1
        conditional |= self._conditional(text, first, inner) or inner
        return {"(": ROUND, "[": SQUARE, "{": CURLY}[opened], conditional

    def _comma(self, text, head, opened, first):
        """What is kept of a group's text behind a comma, which must not be an operator."""
        is_condition = opened == "(" and CONDITION.search(head) and not FOR.search(head)
        folds = re.match(r"\s*\.\.\.", self.code[self.at :])
        text += ","
        if is_condition and not folds and not open_template(text) and not DECLARATION.search(text):
            if not re.search(r"\boperator\s*\S+$", head):
                self.found.append((first, "a comma operator"))
        return text if open_template(text) else ""

    def _conditional(self, text, position, inner):
        """Whether the text has a conditional operator; one within another is a breach."""
        count = text.count("?")
        if count > 1 or (count and inner):
            self.found.append((position, "a conditional operator within another"))
        return count > 0

    def _statement(self, head, start, inner):
        text = self.code[start : self.at]
        position = start + len(text) - len(text.lstrip())
        text = without_templates(head)
        for part in text.split(","):
            if part.count("?") > 1 or ("?" in part and inner):
                self.found.append((position, "a conditional operator within another"))
                break
        if "," not in text or "operator," in text or CURLY in text.split(",")[0].strip()[:1]:
            return
        while found := UNDER.match(text):
            text = text[found.end() :]
        if "," not in text or (DECLARATION.search(text) and not NO_TYPE.search(text)):
            return
        self.found.append((position, "a comma operator"))

    def _one_a_line(self):
        rest = self.code[self.at :].split("\n", 1)[0].strip()
        if rest and rest[0] not in "})\\":
            self.found.append((self.at, "a second statement on the line"))


def without_templates(text):
    before = None
    while before != text:
        before, text = text, TEMPLATE.sub("T", text)
    return text


def open_template(text):
    """Whether the text ends within a template's arguments."""
    return re.search(r"\w<[^<>;?]*$", without_templates(text)) is not None


CURES = {
    "a comma operator": "write a statement for each",
    "a conditional operator within another": "name a part of it, or write if",
    "a second statement on the line": "give it a line of its own",
}


def check(source):
    """(line, what is wrong, what to do) of each breach."""
    for position, what in Statements(source.first_branches()).found:
        yield source.line_of(position), what, CURES[what]

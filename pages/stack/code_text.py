"""Parse a text with code into a syntax tree; a remark names lines that are not Python."""

import ast
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, NoReturn

from pages.language.catalogue import say
from pages.stack.stack import refuse

TEXT_MOST: Final = 50_000
NESTED_MOST: Final = 40  # the deepest that brackets may be nested
_DEEPER: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
"""By how much text behind a bracket is nested deeper than text in front of it."""
_DEFINITION: Final = re.compile(r"\s*(@|(async )?def |class )")
_FURTHER_LEFT: Final = ")]}#"
"""A line that begins so may stand further left than the block to which it belongs."""
UNREAD_MOST: Final = 60  # the most repairs of lines that Python cannot parse
TRIED_MOST: Final = 1_500_000  # the most characters that are parsed again after such repairs
QUOTED_MOST: Final = 40  # the most characters of the code that a remark quotes


NOWHERE: Final = ast.Module([], [])
"""A place without a line, for a module that is applied to x although no call in the text does."""
_TYPED: Final = str.maketrans(
    "“”„‘’（）［］｛｝，：；＝．＋－＊\u00a0\u3000",
    '"""\'\'()[]{},:;=.+-*  ',
    "\u200b\ufeff",
)
"""Characters from word processors and other keyboards, and what Python has in their place."""
_MARGINS: Final = (r"\s*(\d+)[:.|]*(?= |$)", r"\s*[|>+](?!>)")
"""What forums and books write in front of every line: the line's number, or a mark."""
_PRINTED: Final = re.compile(r"(\s*)\((\w+|\d+-\d+)\): (?=[A-Z]|\d+ x [A-Z])")
_TIMES: Final = re.compile(r"^( *\d+) x (?=[A-Z])")
"""The number of equal layers in a ModuleList that was printed: 4 x Linear(…)."""
_PASTED: Final = "<pasted>"  # the name of a pasted text as a file
_EMPTY: Final = re.compile(r"expected an indented block after .* on line (\d+)")
_COMMAND: Final = re.compile(r"\s*(!|%%?[a-zA-Z])")
"""A notebook's command; a line that continues an expression has a space behind its %."""
_PROMPT: Final = re.compile(r"\s*(In ?\[[\d ]*\]:|>>>|\.{3,}:?) ?")


@dataclass
class Remarks:
    """The sentences about what was not understood in a code."""

    moved: dict[int, int] = field(default_factory=dict)
    """By how many columns lines were moved to the left, by line number."""
    said: list[str] = field(default_factory=list)  # the remarks
    again: list[str] = field(default_factory=list)
    """Remarks that were not repeated, since they had been made already."""

    def add(self, key: str, count: int = 1, **gaps: Any) -> None:
        """Add a remark about the whole code."""
        self.said.append(say(key, count, **gaps))

    def at(self, place: ast.AST, key: str, **gaps: Any) -> None:
        """Add a remark about a place, once, with its line and column unless it is NOWHERE."""
        said = say(key, **gaps)
        if line := getattr(place, "lineno", 0):
            column = getattr(place, "col_offset", 0) + 1 + self.moved.get(line, 0)
            said = say("paste.place", line=line, column=column, problem=said)
        self.once([said])

    def once(self, said: Iterable[str]) -> None:
        """Add remarks, each of them once."""
        for each in said:
            (self.again if each in self.said else self.said).append(each)

    def taken_back(self, since: int) -> list[str]:
        """Remove all remarks but the first ones, and return them."""
        said = self.said[since:]
        del self.said[since:]
        return said


@dataclass(frozen=True)
class Code:
    """A syntax tree with the line numbers of its text."""

    tree: ast.Module
    unread: dict[int, str]  # why a line is not Python, by its number
    remarks: Remarks
    printed: bool = False  # whether the text is the output of print(model)


def parsed(text: str) -> Code:
    """Parse the lines that are Python. Raises StackError if too many are not."""
    if len(text) > TEXT_MOST:
        refuse("paste.length", length=f"{len(text):,}", most=f"{TEXT_MOST:,}")
    lines = _lines(text)
    remarks = Remarks()
    if _nested("\n".join(lines)) > NESTED_MOST:
        refuse_depth()
    most = min(UNREAD_MOST, TRIED_MOST // max(1, len(text)))
    unread: dict[int, str] = {}
    commas: list[int] = []
    outer: list[int] = []
    filled = 0
    typed = True
    while True:
        try:
            tree = _tree("\n".join(lines))
            break
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            what = getattr(error, "msg", str(error)).rstrip("?")
            tried = len(unread) + len(commas) + len(outer) + filled
            if typed and what.startswith("invalid") and "character" in what:
                lines = [each.translate(_TYPED) for each in lines]
                typed = False
                continue
            empty = _EMPTY.search(what)
            if empty and tried < most and (end := _fill(lines, first := int(empty[1]))):
                filled += 1
                code = [bool(it.partition("#")[0].strip()) for it in lines]
                if not any(each > end and not any(code[end : each - 1]) for each in unread):
                    unread[first] = what  # otherwise its lines are in unread
                continue
            if not 0 < line <= len(lines) or line in unread or tried >= most:
                refuse("paste.python", line=line or 1, error=what)
            deep = what == "unexpected indent" or _DEFINITION.match(lines[line - 1])
            block = _outermost(lines, line - 1) if isinstance(error, IndentationError) else ()
            if block and deep and line not in outer:
                outer.append(line)
                indent = _indent(lines[line - 1])
                for at in block:
                    by = min(indent, _indent(lines[at]))
                    remarks.moved[at + 1] = remarks.moved.get(at + 1, 0) + by
                    lines[at] = lines[at][by:]
            elif "forgot a comma" in what and line not in commas and line < len(lines):
                commas.append(line)  # on the next line, since this one may end in a comment
                lines[line] = f",{lines[line]}"
                remarks.moved[line + 1] = remarks.moved.get(line + 1, 0) - 1
            else:
                unread[line] = what
                lines[line - 1] = ""
                if line in commas:
                    lines[line] = lines[line].removeprefix(",")
                    remarks.moved[line + 1] += 1
    for key, found in (("comma", {*commas} - {*unread}), ("unread", {*unread})):
        if found:
            remarks.add(f"paste.{key}", len(found), lines=", ".join(map(str, sorted(found))))
    return Code(tree, unread, remarks, any(map(_PRINTED.match, text.splitlines())))


def _tree(text: str) -> ast.Module:
    """Parse a text. Python's warnings about it are nobody's here: 3if 1."""
    # catch_warnings would have other threads see, and keep, the filters of this one.
    warnings.filterwarnings("ignore", module=re.escape(_PASTED))
    return ast.parse(text, _PASTED)


def _fill(lines: list[str], first: int) -> int:
    """Add `pass` to the empty block whose head begins on this line, counted from 1.

    Return the line on which the head ends; 0 if its colon is not found.
    """
    opened = 0
    for at in range(first - 1, len(lines)):
        head = lines[at].partition("#")[0].rstrip()
        opened += sum(_DEEPER.get(sign, 0) for sign in head)
        if head.endswith(":"):
            lines[at] = f"{head} pass"
            return at + 1
        if opened <= 0:
            break
    return 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _outermost(lines: Sequence[str], first: int) -> range:
    """Return the lines of the indented block at line `first`, if no other block surrounds it.

    Such a block is left when text is cut out of a class, or from the middle of a line. The range
    is empty otherwise.
    """
    depths = [
        _indent(line) if line.strip() and line.lstrip()[0] not in _FURTHER_LEFT else None
        for line in lines
    ]
    own = depths[first] or 0
    left = [at for at, depth in enumerate(depths) if depth is not None and depth < own]
    around = [depths[at] for at in left if at < first][-1:]
    end = next((at for at in left if at > first), len(lines))
    return range(first, end) if own and not any(around) else range(0)


def refuse_depth() -> NoReturn:
    """Raise StackError, since the code is nested too deep to be read."""
    refuse("paste.deep", most=NESTED_MOST)


def _lines(text: str) -> list[str]:
    """Return the lines of code in a text, without line numbers or prompts; other lines are empty.

    If there are Markdown fences, code is what they enclose. A printed model becomes calls.
    """
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    fences = [at for at, line in enumerate(lines) if line.lstrip().startswith("```")]
    if fences:
        inside = [sum(fence < at for fence in fences) % 2 == 1 for at in range(len(lines))]
        lines = [
            line if within and at not in fences else ""
            for at, (line, within) in enumerate(zip(lines, inside, strict=True))
        ]
    for margin in map(re.compile, _MARGINS):
        found = [it for line in lines if line.strip() and (it := margin.match(line))]
        numbers = [int(it[1]) for it in found if it.groups()]
        rising = numbers == sorted({*numbers})
        if rising and len(found) > 1 and len(found) == sum(bool(line.strip()) for line in lines):
            most = max(it.end() for it in found)
            level = not any(line[most : most + 1].strip() for line in lines)
            lines = [
                " " * most + (line[most:] if level else margin.sub("", line, count=1))
                for line in lines
            ]
    prompts = [it[1] for line in lines if (it := _PROMPT.match(line)) and it[1][0] != "."]
    typed = any(map(re.compile(r"(class|def|import|from) ").match, lines))  # has no prompt
    if prompts and not typed and (">>>" in prompts or "...:" in text):
        lines = [line[it.end() :] if (it := _PROMPT.match(line)) else "" for line in lines]
    elif prompts:  # a notebook's cells, and their output
        lines = [_PROMPT.sub("", line) if line.startswith("In") else line for line in lines]
    lines = ["" if re.match(r"Out ?\[\d+\]:\s*$", line) else line for line in lines]
    printed = False
    for at, line in enumerate(lines):
        printed = bool(_PRINTED.match(line)) or (printed and line.strip() == ")")
        if printed and line[:1] == " ":
            line = _PRINTED.sub(lambda found: " " * len(found[0]), line)
            line = _TIMES.sub(r"\1 * ", line)
            lines[at] = f"{line}," if line.rstrip()[-1:] == ")" else line
    return ["" if _COMMAND.match(line) else line for line in lines]


def _nested(text: str) -> int:
    """Return how deep brackets are nested at most."""
    return max(accumulate(_DEEPER.get(sign, 0) for sign in text), default=0)


def last_name(of: ast.expr) -> str:
    """Return the last part of a name: relu of torch.nn.functional.relu."""
    return str(getattr(of, "attr", getattr(of, "id", "")))


def quoted(node: ast.AST) -> str:
    """Return the code of a syntax node, shortened so that it fits into a sentence."""
    code = " ".join(ast.unparse(node).split())
    return code if len(code) <= QUOTED_MOST else f"{code[:QUOTED_MOST]}…"

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
_MARGINS: Final = (r"\s*(\d{1,9})[:.|]*(?= |$)", r"\s*[|>+](?!>)")
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
    if _nested("\n".join(lines)) > NESTED_MOST:
        refuse_depth()
    repairs = _Repairs(lines, min(UNREAD_MOST, TRIED_MOST // max(1, len(text))))
    while True:
        try:
            tree = _tree("\n".join(repairs.lines))
            break
        except (SyntaxError, ValueError) as error:
            repairs.repair(error)
    repairs.tell()
    printed = any(map(_PRINTED.match, text.splitlines()))
    return Code(tree, repairs.unread, repairs.remarks, printed)


@dataclass
class _Repairs:
    """Changes lines that Python cannot parse, one after another, until it can."""

    lines: list[str]
    most: int  # the most lines that are changed
    remarks: Remarks = field(default_factory=Remarks)
    translated: bool = False  # whether the characters of word processors were replaced
    filled: int = 0  # how many empty blocks were given a `pass`
    unread: dict[int, str] = field(default_factory=dict)
    """Why a line was emptied, by its number."""
    commas: list[int] = field(default_factory=list)  # the lines that lacked a comma at their end
    outer: list[int] = field(default_factory=list)  # the first lines of blocks moved to the left

    def repair(self, error: SyntaxError | ValueError) -> None:
        """Change what Python cannot parse. Raises StackError if that cannot be, or is too much."""
        line = getattr(error, "lineno", None) or 0
        what = getattr(error, "msg", str(error)).rstrip("?")
        if not self.translated and what.startswith("invalid") and "character" in what:
            self.lines = [each.translate(_TYPED) for each in self.lines]
            self.translated = True
            return
        exhausted = self.filled + sum(map(len, (self.unread, self.commas, self.outer))) >= self.most
        empty = _EMPTY.search(what)
        if empty and not exhausted and self.fill(int(empty[1]), what):
            return
        if not 0 < line <= len(self.lines) or line in self.unread or exhausted:
            refuse("paste.python", line=line or 1, error=what)
        deep = what == "unexpected indent" or _DEFINITION.match(self.lines[line - 1])
        block = _outermost(self.lines, line - 1) if isinstance(error, IndentationError) else ()
        if block and deep and line not in self.outer:
            self.move_left(line, block)
        elif "forgot a comma" in what and line not in self.commas and line < len(self.lines):
            self.add_comma(line)
        else:
            self.empty(line, what)

    def fill(self, first: int, what: str) -> bool:
        """Give the block whose head begins on a line a body; return whether that was possible."""
        end = _fill(self.lines, first)
        if not end:
            return False
        self.filled += 1
        code = [bool(it.partition("#")[0].strip()) for it in self.lines]
        if not any(each > end and not any(code[end : each - 1]) for each in self.unread):
            self.unread[first] = what  # otherwise its lines are in unread
        return True

    def move_left(self, line: int, block: Iterable[int]) -> None:
        """Move a block to the left, by as much as its first line is indented."""
        self.outer.append(line)
        indent = _indent(self.lines[line - 1])
        for at in block:
            by = min(indent, _indent(self.lines[at]))
            self.remarks.moved[at + 1] = self.remarks.moved.get(at + 1, 0) + by
            self.lines[at] = self.lines[at][by:]

    def add_comma(self, line: int) -> None:
        """Put a comma behind a line: on the next one, since this one may end in a comment."""
        self.commas.append(line)
        self.lines[line] = f",{self.lines[line]}"
        self.remarks.moved[line + 1] = self.remarks.moved.get(line + 1, 0) - 1

    def empty(self, line: int, what: str) -> None:
        """Leave a line out."""
        self.unread[line] = what
        self.lines[line - 1] = ""
        if line in self.commas:
            self.lines[line] = self.lines[line].removeprefix(",")
            self.remarks.moved[line + 1] += 1

    def tell(self) -> None:
        """Add the remarks about commas and about lines that were left out."""
        for key, found in (
            ("comma", {*self.commas} - {*self.unread}),
            ("unread", {*self.unread}),
        ):
            if found:
                lines = ", ".join(map(str, sorted(found)))
                self.remarks.add(f"paste.{key}", len(found), lines=lines)


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
    lines = _within_fences(lines)
    for margin in map(re.compile, _MARGINS):
        lines = _without_margin(lines, margin)
    lines = _without_prompts(lines)
    return ["" if _COMMAND.match(line) else line for line in _as_calls(lines)]


def _within_fences(lines: list[str]) -> list[str]:
    """Empty the lines that Markdown's fences do not enclose; without any fence all lines stay."""
    fences = [at for at, line in enumerate(lines) if line.lstrip().startswith("```")]
    if not fences:
        return lines
    inside = [sum(fence < at for fence in fences) % 2 == 1 for at in range(len(lines))]
    return [
        line if within and at not in fences else ""
        for at, (line, within) in enumerate(zip(lines, inside, strict=True))
    ]


def _without_margin(lines: list[str], margin: re.Pattern[str]) -> list[str]:
    """Blank a margin that stands in front of every line, if its numbers rise."""
    written = [line for line in lines if line.strip()]
    found = [it for line in written if (it := margin.match(line))]
    numbers = [int(it[1]) for it in found if it.groups()]
    rising = numbers == sorted({*numbers})
    if not rising or len(found) <= 1 or len(found) != len(written):
        return lines
    most = max(it.end() for it in found)
    level = not any(line[most : most + 1].strip() for line in lines)
    return [
        " " * most + (line[most:] if level else margin.sub("", line, count=1)) for line in lines
    ]


def _without_prompts(lines: list[str]) -> list[str]:
    """Remove Python's and notebooks' prompts, and the lines of output if each input has one."""
    prompts = [it[1] for line in lines if (it := _PROMPT.match(line)) and it[1][0] != "."]
    typed = any(map(re.compile(r"(class|def|import|from) ").match, lines))  # has no prompt
    each_has_one = ">>>" in prompts or any("...:" in line for line in lines)
    if prompts and not typed and each_has_one:
        lines = [line[it.end() :] if (it := _PROMPT.match(line)) else "" for line in lines]
    elif prompts:  # a notebook's cells, and their output
        lines = [_PROMPT.sub("", line) if line.startswith("In") else line for line in lines]
    return ["" if re.match(r"Out ?\[\d+\]:\s*$", line) else line for line in lines]


def _as_calls(lines: list[str]) -> list[str]:
    """Turn the lines of a printed model, (0): Linear(…), into the arguments of a call."""
    calls = [*lines]
    printed = False
    for at, line in enumerate(lines):
        printed = bool(_PRINTED.match(line)) or (printed and line.strip() == ")")
        if printed and line[:1] == " ":
            line = _PRINTED.sub(lambda found: " " * len(found[0]), line)
            line = _TIMES.sub(r"\1 * ", line)
            calls[at] = f"{line}," if line.rstrip()[-1:] == ")" else line
    return calls


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

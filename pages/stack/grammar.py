"""Parse the text of an address into a stack. Errors name the position and what would be right."""

import re
from typing import Any, Final, NoReturn

from pages.language.catalogue import say
from pages.stack.stack import (
    DEPTH_MOST,
    LAYERS,
    LENGTH_MOST,
    Item,
    Stack,
    StackError,
    fields_of,
    item,
    joins,
    refuse,
)

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,40}", re.ASCII | re.IGNORECASE)
_KEY: Final = re.compile(rf"({_NAME.pattern}) *=", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d{1,20}(\.\d{0,20})?(e-?\d{1,3})?", re.ASCII | re.IGNORECASE)
_WORDS: Final = {"true": True, "false": False, "none": None}
_TUPLES_MOST: Final = 3  # the deepest that a value's parentheses may be nested
_SHORTHANDS: Final = {"convblock": "conv1d-relu-maxpool"}  # names that stand for several layers


def read_stack(text: str) -> Stack:
    """Return the stack of an address, as str(stack) writes it, with arguments in any order.

    Spaces may be added. Raises StackError with a sentence that names the layer and the position.
    Nothing is computed.
    """
    return _Reader(text).whole()


def read_value(text: str) -> Any:
    """Read a number, a word, or several in parentheses, as in a stack. Raises StackError."""
    reader = _Reader(text)
    found = reader.value(0)
    if reader.ahead():
        reader.wrong("stack.value", reader.at)
    return found


class _Reader:
    """A recursive-descent parser: a text, and the position up to which it has been read."""

    def __init__(self, text: str) -> None:
        if len(text) > LENGTH_MOST:
            refuse("stack.length", length=f"{len(text):,}", most=f"{LENGTH_MOST:,}")
        self.text = text
        self.at = 0

    def whole(self) -> Stack:
        """Read the whole text."""
        found = self.stack(0)
        if self.at < len(self.text):
            self.wrong("stack.expected", self.at, wanted="-")
        return found.checked()

    def stack(self, depth: int) -> Stack:
        """Read layers in a row, or nothing."""
        if depth > DEPTH_MOST:
            self.wrong("stack.depth", self.at, most=DEPTH_MOST)
        items: list[Item] = []
        if self.ahead() in "|),":
            return Stack()
        while True:
            items += self.item(depth)
            if self.ahead() != "-":
                return Stack(tuple(items))
            self.at += 1

    def item(self, depth: int) -> tuple[Item, ...]:
        """Read a layer with its parentheses; return several for a name in _SHORTHANDS."""
        self.ahead()
        start = self.at
        found = _NAME.match(self.text, start)
        if found is None:
            self.wrong("stack.layer", start)
        self.at, name = found.end(), found.group().lower()
        if name in _SHORTHANDS:
            return read_stack(_SHORTHANDS[name]).items
        branches: list[Stack] = []
        data: list[Any] = []
        given: dict[str, Any] = {}
        try:
            if self.ahead() == "(" and name in LAYERS:
                self.at += 1
                if joins(name):
                    branches = self.branches(depth)
                self.arguments(name, data, given, first=not branches)
            return (item(name, given, data, branches),)
        except StackError as error:
            if error.position is not None:
                raise
            problem = say("stack.place", position=start + 1, problem=error)
            raise StackError(problem, start) from error

    def branches(self, depth: int) -> list[Stack]:
        """Read the branches A|B, and a comma behind them."""
        found = [self.stack(depth + 1)]
        while self.ahead() == "|":
            self.at += 1
            found.append(self.stack(depth + 1))
        self.comma()
        return found

    def arguments(self, name: str, data: list[Any], given: dict[str, Any], *, first: bool) -> None:
        """Read arguments up to the closing parenthesis, as in 3,filters=2), into data and given.

        first: whether the first one may be written without its name.
        """
        fields, number = fields_of(name), 0
        while self.ahead() != ")":
            key, value, number = self.key(), self.value(0), number + 1
            if key is None and LAYERS[name].data:
                data.append(value)
            elif key is None and first and number == 1 and fields:
                given[fields[0].name] = value
            elif key is None and not fields:
                refuse("stack.no_arguments", layer=name)
            elif key is None:
                known = ", ".join(f"{each.name}=…" for each in fields)
                refuse("stack.unnamed", layer=name, known=known)
            elif key in given:
                refuse("stack.twice", layer=name, argument=key)
            else:
                given[key] = value
            self.comma()
        self.at += 1

    def comma(self) -> None:
        """Skip a comma; without one, the parentheses have to end here."""
        if self.ahead() == ",":
            self.at += 1
        elif self.ahead() != ")":
            self.wrong("stack.expected", self.at, wanted=")")

    def key(self) -> str | None:
        """Read a name and the "=" behind it, no spaces before; return None if there is none."""
        found = _KEY.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[1].lower()

    def value(self, depth: int) -> Any:
        """Read a number, a word, or several in parentheses."""
        if self.ahead() == "(" and depth < _TUPLES_MOST:
            self.at += 1
            found = []
            while self.ahead() != ")":
                found.append(self.value(depth + 1))
                self.comma()
            self.at += 1
            return tuple(found)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return (float if number[1] or number[2] else int)(number[0])
        if word := _NAME.match(self.text, self.at):
            self.at = word.end()
            return _WORDS.get(word.group().lower(), word.group())
        return self.wrong("stack.value", self.at)

    def ahead(self) -> str:
        """Skip spaces and return the next character; "" at the end."""
        while self.text[self.at : self.at + 1] == " ":
            self.at += 1
        return self.text[self.at : self.at + 1]

    def wrong(self, key: str, at: int, **gaps: Any) -> NoReturn:
        """Raise StackError about a position."""
        found = self.text[at : at + 12] or say("stack.end")
        problem = say("stack.place", position=at + 1, problem=say(key, found=found, **gaps))
        raise StackError(problem, at)

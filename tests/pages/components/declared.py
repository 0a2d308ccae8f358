"""Checks a message against its type in browser/server.d.ts, by the TypeScript used there."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pages.components

DECLARED = Path(pages.components.__file__).with_name("browser") / "server.d.ts"
PLAIN: dict[str, Any] = {"string": str, "number": (int, float), "boolean": bool, "null": type(None)}
MORE = "[key: string]: unknown"
PAIRS = {"{": "}", "[": "]", "(": ")", "<": ">"}


def misfits(value: Any, kind: str, place: str = "") -> list[str]:
    """The parts of a JSON value that do not fit a type; place: where the value stands."""
    return [*_misfits(value, kind.strip(), place)]


def names(kind: str) -> list[str]:
    """The names of which a declared type is one."""
    return [choice[1:-1] for choice in _parts(_declared()[kind], "|")]


@cache
def _declared() -> dict[str, str]:
    """Type name -> its text; an interface is written like a type without a name."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", DECLARED.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = dict(re.findall(r"^type (\w+) =\s(.*?); *$", text, re.MULTILINE | re.DOTALL))
    blocks = re.findall(r"^interface (\w+) ?(.*?)\{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    for name, more, within in blocks:
        found[name] = f"{{{' '.join(within.split())}}}"
        found |= {f"{name}.{field}": kind for field, kind in _fields(within).items()}
        if picked := re.search(r"Pick<(\w+), (.*)>", more):  # by their names
            theirs = _fields(found[picked[1]][1:-1]).items()
            mine = "".join(f"{each}: {kind}; " for each, kind in theirs if each in picked[2])
            found[name] = f"{{{mine}{found[name][1:]}"
        elif more.startswith("extends "):  # "extends A, B"; one that is not declared is a browser's
            bases = re.findall(r"\w+", more)[1:]
            all_theirs = "".join(f"{found[base][1:-1]} " for base in bases if base in found)
            found[name] = f"{{{all_theirs}{found[name][1:]}"
    return found


def _parts(text: str, mark: str) -> list[str]:
    """Split a text at a mark, but not within brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in PAIRS) - (letter in PAIRS.values())
        if letter == mark and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _fields(within: str) -> dict[str, str]:
    """Field name -> its type; the name of an optional field ends with a question mark."""
    parts = (part.partition(": ") for part in _parts(within, ";") if part != MORE)
    return {name: kind for name, _, kind in parts}


def _misfits(value: Any, kind: str, place: str) -> Iterator[str]:
    if len(choices := _parts(kind, "|")) > 1:
        found = [misfits(value, each, place) for each in choices]
        if all(found):
            yield from min(found, key=len)
    elif len(merged := _parts(kind, "&")) > 1:
        within = "; ".join(_declared().get(each, each)[1:-1] for each in merged)
        yield from _of_object(value, within, place)
    elif kind.endswith("[]"):
        yield from _each(value, kind.removesuffix("[]"), place)
    elif kind.startswith("("):
        yield from _misfits(value, kind[1:-1], place)
    elif kind.startswith("["):
        parts = [part.partition(": ")[2] for part in _parts(kind[1:-1], ",")]
        if isinstance(value, list) and len(value) == len(parts):
            for at, (each, part) in enumerate(zip(value, parts, strict=True)):
                yield from _misfits(each, part, f"{place}[{at}]")
        else:
            yield f"{place} needs {kind}; got {value!r:.60}"
    elif kind.startswith("{"):
        yield from _of_object(value, kind[1:-1], place)
    elif kind.startswith("Record<"):
        keys, kept = _parts(kind.removeprefix("Record<")[:-1], ",")
        yield from _of_record(value, keys, kept, place)
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (kind == "number" and isinstance(value, bool)):
            yield f"{place} needs a {kind}; got {value!r:.60}"
    elif kind.startswith('"') or kind.isdigit():
        if value != (int(kind) if kind.isdigit() else kind[1:-1]):
            yield f"{place} needs {kind}; got {value!r:.60}"
    elif kind not in ("any", "unknown"):
        yield from _misfits(value, _declared()[kind], place or kind)


def _each(value: Any, kind: str, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place} needs a list; got {value!r:.60}"
        return
    for at, each in enumerate(value):
        yield from _misfits(each, kind, f"{place}[{at}]")


def _of_object(value: Any, within: str, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} needs an object; got {value!r:.60}"
        return
    kinds = _fields(within)
    for name, kind in kinds.items():
        bare = name.removesuffix("?")
        if bare in value:
            yield from _misfits(value[bare], kind, f"{place}.{bare}")
        elif bare == name:
            yield f"{place} has no {name}"
    if MORE not in within:
        known = {name.removesuffix("?") for name in kinds}
        yield from (f"{place} has also {name}" for name in value if name not in known)


def _of_record(value: Any, keys: str, kind: str, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} needs an object; got {value!r:.60}"
        return
    keys = _declared().get(keys, keys)
    if keys != "string" and {*value} != {key[1:-1] for key in _parts(keys, "|")}:
        yield f"{place} needs {keys}; got {[*value]}"
    for name, each in value.items():
        yield from _misfits(each, kind, f"{place}.{name}")

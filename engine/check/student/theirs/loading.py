"""A student's file as a module, and which of the lab's classes it has. Runs their code."""

import codecs
import linecache
import sys
from collections.abc import Iterator, Mapping, Sequence
from inspect import getfile, unwrap
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from engine.check.student.theirs.blame import Home
from engine.check.student.theirs.construct import accesses, counts, signature_of
from engine.check.student.wire import Message

SPARE_NAME: Final = "students_file"


class UnreadableError(Exception):
    """The file's bytes are no text; line: the first that is not."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def load(file: Path) -> ModuleType:
    """Runs the file as a module of its own name, its folder first among the places of imports.

    So `if __name__ == "__main__":` does not run, and files beside it can be imported. Raises
    whatever the file raises.
    """
    name = file.stem
    if name in sys.modules or name in sys.stdlib_module_names:
        name = SPARE_NAME
    sys.path.insert(0, str(file.parent))
    sys.argv[:] = [str(file)]
    source = file.read_bytes()
    code = compile(_checked(source), str(file), "exec", dont_inherit=True)
    module = ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    exec(code, module.__dict__)
    return module


def _checked(source: bytes) -> bytes:
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError("the file is UTF-16, which Python does not read; save it as UTF-8", 1)
    if b"\0" in source:
        raise UnreadableError("the file is no text: it contains zero bytes", 1)
    coding = any(b"coding" in line for line in source.split(b"\n", 2)[:2])
    if not coding:
        try:
            source.decode("utf-8")
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            byte = source[error.start]
            raise UnreadableError(
                f"the file is not UTF-8: byte 0x{byte:02x} in line {line}; save it as UTF-8",
                line,
            ) from None
    return source


def describe(
    module: ModuleType, wanted: Mapping[str, Sequence[str]], home: Home
) -> tuple[dict[str, Any], dict[str, Message]]:
    """The wanted classes that are theirs, and of each what its signatures say.

    wanted: for each name the settings of its constructor, in order. A problem is a sentence about
    why a class cannot be used at all.
    """
    found: dict[str, Any] = {}
    said: dict[str, Message] = {}
    for name, order in wanted.items():
        if not hasattr(module, name):
            if near := next(_alike(module, name), None):
                said[name] = {"missing": True, "alike": near}
            continue
        thing = getattr(module, name)
        said[name] = _described(name, thing, order, home)
        found[name] = thing
    return found, said


def _alike(module: ModuleType, name: str) -> Iterator[str]:
    for other, thing in vars(module).items():
        if other.lower().replace("_", "") == name.lower() and isinstance(thing, type):
            yield other


def _described(name: str, thing: Any, order: Sequence[str], home: Home) -> Message:
    if not isinstance(thing, type):
        return {"problem": f"{name} is no class (its type is {type(thing).__name__})"}
    if not _is_theirs(thing, home):
        return {"imported": thing.__module__}
    missing = [each for each in ("forward", "backward") if not callable(getattr(thing, each, None))]
    if missing:
        return {"problem": f"{name} has no method {' and no method '.join(missing)}"}
    constructor = signature_of(thing)
    forward, backward = (_method_counts(thing, method) for method in ("forward", "backward"))
    return {
        "settings": {
            setting: list(access) for setting, access in accesses(constructor, order).items()
        },
        "needs": list(_required(thing)),
        "layers": _takes_layers(thing),
        "forward": forward,
        "backward": backward,
        "lines": {method: _line(thing, method, home) for method in ("forward", "backward")},
    }


def _is_theirs(thing: type, home: Home) -> bool:
    try:
        return home.owns(getfile(thing))
    except (TypeError, OSError):
        return False


def _required(thing: type) -> Iterator[str]:
    signature = signature_of(thing)
    for each in signature.parameters.values() if signature else ():
        variable = each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        if each.default is each.empty and not variable:
            yield each.name


def _takes_layers(thing: type) -> str:
    """How a constructor would take layers: each by itself, as one list, or not ("")."""
    signature = signature_of(thing)
    kinds = [each.kind for each in signature.parameters.values()] if signature else []
    if any(kind.name == "VAR_POSITIONAL" for kind in kinds):
        return "each"
    required = len(list(_required(thing)))
    return "" if not required else "list" if required == 1 else "each"


def _method_counts(thing: type, method: str) -> tuple[int, int]:
    least, most = counts(signature_of(getattr(thing, method)))
    static = isinstance(_raw(thing, method), staticmethod | classmethod)
    return (least, most) if static else (max(0, least - 1), most - 1 if most < 99 else most)


def _raw(thing: type, method: str) -> Any:
    return next((vars(base)[method] for base in thing.__mro__ if method in vars(base)), None)


def _line(thing: type, method: str, home: Home) -> Message | None:
    """Where the method begins."""
    code = getattr(unwrap(getattr(thing, method)), "__code__", None)
    if code is None or not home.owns(code.co_filename):
        return None
    line = code.co_firstlineno
    while linecache.getline(code.co_filename, line).lstrip().startswith("@"):
        line += 1
    return home.place(code.co_filename, line, method)

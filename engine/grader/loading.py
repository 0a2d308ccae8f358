"""Loads a student's file as a module: runs its code, as far as it can be run here."""

import ast
import builtins
import codecs
import contextlib
import re
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Final, NamedTuple, NoReturn

import numpy as np

from engine.grader.blame import message_of
from engine.grader.wire import Raised

SPARE_NAME: Final = "students_file"
NOTEBOOKS: Final = re.compile(rb"^([ \t]*)([%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)


class UnreadableError(Exception):
    """The file's bytes are not text; line: the first line that is not."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Omitted(NamedTuple):
    """Something in a file that was not run."""

    sentence: str
    error: BaseException | None = None  # the reason, if an exception is the reason


def load(file: Path, *, definitions: bool = False) -> tuple[ModuleType, list[Omitted]]:
    """Run the file as a module of its own name, with its folder first on the import path.

    So `if __name__ == "__main__":` does not run, and files beside it can be imported, also as parts
    of the package that it is in. A module that cannot be found is left out, as long as nothing in
    it is called. A statement that raises ends the run, apart from the definitions that come after
    it.
    definitions: run only the definitions. Raises UnreadableError for a file that is no text,
    SyntaxError, and whatever the file raises if it defines nothing.
    """
    name = file.stem
    if name in sys.modules or name in sys.stdlib_module_names:
        name = SPARE_NAME
    sys.path.insert(0, str(file.parent))
    sys.argv[:] = [str(file)]
    source = _checked(file.read_bytes())
    left: list[Omitted] = []
    tree = _parsed(source, file, left)
    package = _package(file, tree)
    while True:
        module = ModuleType(name)
        module.__file__ = str(file)
        module.__package__ = package
        sys.modules[name] = module
        try:
            body = list(filter(_defines, tree.body)) if definitions else tree.body
            code = compile(ast.Module(body, []), str(file), "exec", dont_inherit=True)
            exec(code, module.__dict__)
        except BaseException as error:  # noqa: BLE001 - sys.exit() included
            if _can_go_on(error, file, left):
                continue
            _define_what_follows(error, tree, module, left)
        return module, left


def _parsed(source: bytes, file: Path, left: list[Omitted]) -> ast.Module:
    """Return the parsed file, without a notebook's lines that are no Python: %matplotlib, sum?."""
    with contextlib.suppress(SyntaxError):
        return ast.parse(source, str(file))
    tree = ast.parse(NOTEBOOKS.sub(rb"\1pass", source), str(file))
    said = "lines that only a notebook understands (%matplotlib, !pip) were left out"
    left.append(Omitted(said))
    return tree


def _can_go_on(error: BaseException, file: Path, left: list[Omitted]) -> bool:
    """Try to make a failed import possible, and return whether that worked."""
    if isinstance(error, ModuleNotFoundError):
        return error.name is not None and _provided(error, file, left)
    return isinstance(error, ImportError) and _initialised(error)


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement only defines something; a constant may call numpy or a type."""
    match statement:
        case ast.Assign() | ast.AnnAssign():
            calls = (each.func for each in ast.walk(statement) if isinstance(each, ast.Call))
            return all(map(_is_quick, calls))
        case ast.Try(body, handlers, other, final):
            inside = [*body, *other, *final, *(each for one in handlers for each in one.body)]
            return all(map(_defines, inside))
        case ast.If(_, body, other):
            return all(map(_defines, [*body, *other]))
        case _:
            kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)
            return isinstance(statement, kinds)


def _is_quick(called: ast.expr) -> bool:
    """Whether it is numpy's or a type: such a call is quick, and waits for no input."""
    while isinstance(called, ast.Attribute):
        called = called.value
    name = called.id if isinstance(called, ast.Name) else ""
    return name in ("np", "numpy") or isinstance(getattr(builtins, name, None), type)


def _define_what_follows(
    error: BaseException, tree: ast.Module, module: ModuleType, left: list[Omitted]
) -> None:
    """Run the definitions after the statement that raised; raise again if the file has none."""
    frames = traceback.walk_tb(error.__traceback__)  # the file's own outermost one is the module's
    line = next((at for frame, at in frames if frame.f_globals is vars(module)), 0)
    if not any(isinstance(each, ast.ClassDef | ast.FunctionDef) for each in tree.body) or not line:
        raise error
    words = Raised(type(error).__name__, message_of(error)).words
    said = f"line {line} {words}: of what follows only definitions were run"
    left.append(Omitted(said, error))
    futures = list(filter(_is_of_the_future, tree.body))  # they hold for each statement
    for statement in tree.body:
        if statement.lineno > line and _defines(statement):
            with contextlib.suppress(Exception):
                code = compile(ast.Module([*futures, statement], []), str(module.__file__), "exec")
                exec(code, module.__dict__)


def _is_of_the_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _package(file: Path, tree: ast.Module) -> str:
    """Return the package that relative imports start from; its folders need no __init__.py."""
    levels = [each.level for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    depth = max(levels) + 1 if any(levels) else 0
    folders = [file.parent, *file.parent.parents][:depth][::-1]
    name = ""
    for folder in folders:
        name = f"{name}.{folder.name}".lstrip(".")
        package = _Folder(name)
        package.__path__ = [str(folder)]
        sys.modules.setdefault(name, package)
    return name


class _Folder(ModuleType):
    """A package of which no code has been run."""


def _initialised(error: ImportError) -> bool:
    """Import the student's package properly if a name is needed from its __init__.py.

    Returns whether that was the reason and worked.
    """
    name = str(error.name)
    if not isinstance(sys.modules.get(name), _Folder):
        return False
    folders = {each: thing for each, thing in sys.modules.items() if isinstance(thing, _Folder)}
    outermost = next(each for each in folders.values() if "." not in each.__name__)
    sys.path.insert(1, str(Path(outermost.__path__[0]).parent))
    for each in folders:
        del sys.modules[each]
    try:
        import_module(name)
    except BaseException:  # noqa: BLE001 - the package may raise anything
        sys.modules.update(folders)
        return False
    return True


def _provided(error: ModuleNotFoundError, file: Path, left: list[Omitted]) -> bool:
    """Make a missing module importable: from a folder further up, or as a placeholder."""
    name = str(error.name)
    top = name.partition(".")[0]
    if name in sys.modules:
        return False
    for folder in file.parent.parents[:4]:
        inside = (folder / top).is_dir() or (folder / f"{top}.py").is_file()
        if inside and str(folder) not in sys.path:
            sys.path.insert(1, str(folder))
            for loaded in [each for each in sys.modules if each.partition(".")[0] == top]:
                del sys.modules[loaded]
            return True
    if (file.parent / top).exists() or (file.parent / f"{top}.py").exists():
        return False
    if not isinstance(sys.modules.get(top), _Absent):  # else the whole package was reported
        said = f"the module {name} is not installed here: what needs it was left out"
        left.append(Omitted(said, error))
    sys.modules[name] = np if top == "cupy" else _Absent(name)  # cupy's names are numpy's
    return True


class _Absent(ModuleType):
    """A module that is not installed: its names can be imported, and raise once they are used."""

    prange = range  # that of numba, whose decorators here leave a function in Python

    def __getattr__(self, name: str) -> "_AbsentName":
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentName(f"{self.__name__}.{name}")


class _AbsentName:
    """A name from an `_Absent` module."""

    needed: ClassVar[bool] = False  # whether calling it raises, as it does after loading

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> "_AbsentName":
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentName(f"{self._name}.{name}")

    def __getitem__(self, _: object) -> "_AbsentName":
        return self

    def __setitem__(self, _: object, value: object) -> None:
        pass

    def __enter__(self) -> "_AbsentName":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, *given: object, **_: object) -> object:
        """Return what is decorated, or itself, while the file is loaded; raise after that."""
        if _AbsentName.needed:
            self._refuse()
        return given[0] if given and callable(given[0]) else self

    def _refuse(self, *_: object) -> NoReturn:
        raise ModuleNotFoundError(f"{self._name} is not installed")

    def __instancecheck__(self, _: object) -> bool:
        """Return False: nothing is an instance of a missing class."""
        return False

    __iter__ = __mro_entries__ = __array__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = _refuse


def absent_from(thing: object) -> str:
    """Return the missing module that something was imported from; "" for anything else."""
    return thing._name.rpartition(".")[0] if type(thing) is _AbsentName else ""


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
                f"the file is not UTF-8: byte 0x{byte:02x} in line {line}; save it as UTF-8", line
            ) from None
    return source


def refuse_what_is_missing() -> None:
    """From now on, let every call of something from a missing module raise."""
    _AbsentName.needed = True

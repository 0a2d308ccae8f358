"""A student's file as a module, which of the lab's classes it has, and whose line raised.

Runs their code. Of an exception their line is shown, never our trace.
"""

import ast
import builtins
import codecs
import contextlib
import linecache
import opcode
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib import import_module
from inspect import Signature, getfile, getsource, unwrap
from itertools import product
from pathlib import Path
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any, ClassVar, Final, Literal, NamedTuple, NoReturn

import numpy as np

from engine.grader.interfaces import (
    ANY_NUMBER,
    BACKWARD,
    DERIVATIVE,
    FORWARD,
    LOSS,
    VARIABLE,
    accesses,
    counts,
    is_static,
    kinds,
    parameters_of,
    roles,
    signature_of,
)
from engine.grader.settings import NotTakenError
from engine.grader.wire import Description, Json, Raised

ENGINE = Path(__file__).resolve().parents[1]
FOREIGN: Final = (
    ENGINE,
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib")),
)
"""Whose files are never the student's, wherever these lie."""
REFUSALS: Final = (
    *(TypeError, ValueError, IndexError, AttributeError, AssertionError),
    *(NotImplementedError, UnboundLocalError),
)
"""What code raises that was not written for such inputs; a NameError is a slip."""
FIRST_LINE_MOST = 300
RAISE = bytes([opcode.opmap["RAISE_VARARGS"]])


@dataclass(frozen=True)
class Home:
    """Where the student's code lives: the file, and whatever lies beside or beneath it."""

    file: Path

    def owns(self, filename: str) -> bool:
        """Whether this is a file of theirs, not of the engine, of Python or of a package."""
        path = Path(filename).resolve()
        if path == self.file:
            return True
        return path.is_relative_to(self.file.parent) and not _is_foreign(path)

    def place(self, filename: str, line: int, function: str = "") -> Json:
        """A line of theirs, with its text; the file's name as short as it is clear."""
        text = linecache.getline(filename, line).strip()
        return {
            "file": Path(filename).resolve().relative_to(self.file.parent).as_posix(),
            "line": line,
            "text": "".join(each if each.isprintable() else " " for each in text),
            "function": function,
        }


def _is_foreign(path: Path) -> bool:
    """Whether a file is the engine's, Python's or a package's, or no source at all."""
    installed = {"site-packages", "dist-packages"} & {*path.parts}
    known = any(path.is_relative_to(each) for each in FOREIGN)
    return path.suffix != ".py" or bool(installed) or known


def blame(error: BaseException, home: Home) -> Json:
    """What was raised, where in the student's code, and whether on purpose: a `Raised`, as sent."""
    if isinstance(error, NotTakenError):
        return asdict(Raised(message=str(error), refusal=True, deliberate=True))
    place, deliberate, entered = None, isinstance(error, ModuleNotFoundError), False
    if isinstance(error, SyntaxError) and error.filename and home.owns(error.filename):
        place = home.place(error.filename, error.lineno or 1)
        place["text"] = (error.text or place["text"]).strip()
    else:
        frames = [
            (frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in traceback.walk_tb(error.__traceback__)
        ]
        files = {filename for filename, _, _ in frames}  # few, though a recursion has 1000 frames
        owned = {filename for filename in files if home.owns(filename)}
        theirs = [frame for frame in frames if frame[0] in owned]
        if theirs:
            entered = True
            place = home.place(*theirs[-1])
            last = frames[-1][0]
            own = last in owned or not _is_foreign(Path(last).resolve())
            deliberate |= own and has_raised(error)
    refusal, binding = isinstance(error, REFUSALS), isinstance(error, TypeError) and not entered
    kind = type(error).__name__
    return asdict(Raised(kind, _message(error), place, refusal, deliberate, binding))


def has_raised(error: BaseException) -> bool:
    """Whether what came last is a raise or an assert, wherever in its line that stands."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    code = b"" if last is None else last.tb_frame.f_code.co_code[last.tb_lasti :]
    return isinstance(error, Exception) and code[:1] == RAISE


def _message(error: BaseException) -> str:
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error)) or ""
    except Exception:  # noqa: BLE001 - their exception's own __str__ may raise anything
        text = "(its message cannot be shown)"
    first = text.strip().partition("\n")[0]
    return first if len(first) <= FIRST_LINE_MOST else f"{first[:FIRST_LINE_MOST]}…"


SPARE_NAME: Final = "students_file"
NOTEBOOKS: Final = re.compile(rb"^([ \t]*)[%!].*$", re.MULTILINE)
FUNCTION: Final = re.compile(r"(?P<kind>\w*?)(forward|for|Forward)(?P<rest>(_\w+)?)")


class UnreadableError(Exception):
    """The file's bytes are no text; line: the first that is not."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Omitted(NamedTuple):
    """That something of a file was not run, in words, and the error that was the reason."""

    sentence: str
    error: BaseException | None = None


def load(file: Path, *, definitions: bool = False) -> tuple[ModuleType, list[Omitted]]:
    """Runs the file as a module of its own name, its folder first among the places of imports.

    So `if __name__ == "__main__":` does not run, and files beside it can be imported, also of the
    package that it is in. A module that is nowhere is left out, as long as nothing of it is
    called; a statement that raises ends the file, but for the definitions that come after it.
    definitions: nothing else is run. Raises whatever the file raises where it defines nothing.
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
    """The file as Python, without the lines of a notebook that are none: %matplotlib, !pip."""
    with contextlib.suppress(SyntaxError):
        return ast.parse(source, str(file))
    tree = ast.parse(NOTEBOOKS.sub(rb"\1pass", source), str(file))
    said = "lines that only a notebook understands (%matplotlib, !pip) were left out"
    left.append(Omitted(said))
    return tree


def _can_go_on(error: BaseException, file: Path, left: list[Omitted]) -> bool:
    """Whether what could not be imported now can be."""
    if isinstance(error, ModuleNotFoundError):
        return error.name is not None and _provided(error, file, left)
    return isinstance(error, ImportError) and _initialised(error)


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement only defines: a constant too, in which only numpy or a type is called."""
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
    """Whether it is numpy's or a type: to call that takes no long time, and waits for nobody."""
    while isinstance(called, ast.Attribute):
        called = called.value
    name = called.id if isinstance(called, ast.Name) else ""
    return name in ("np", "numpy") or isinstance(getattr(builtins, name, None), type)


def _define_what_follows(
    error: BaseException, tree: ast.Module, module: ModuleType, left: list[Omitted]
) -> None:
    """Runs the definitions after the statement that raised; raises again where there are none."""
    line = max(
        (
            at
            for frame, at in traceback.walk_tb(error.__traceback__)
            if frame.f_globals is vars(module) and frame.f_code.co_name == "<module>"
        ),
        default=0,
    )
    if not any(isinstance(each, ast.ClassDef | ast.FunctionDef) for each in tree.body) or not line:
        raise error
    words = Raised(type(error).__name__, _message(error)).words
    said = f"line {line} {words}: of what follows only definitions were run"
    left.append(Omitted(said, error))
    for statement in tree.body:
        if statement.lineno > line and _defines(statement):
            with contextlib.suppress(Exception):
                code = compile(ast.Module([statement], []), str(module.__file__), "exec")
                exec(code, module.__dict__)


def _package(file: Path, tree: ast.Module) -> str:
    """The package that relative imports start from; its folders need no __init__.py."""
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
    """A package of which nothing has been run."""


def _initialised(error: ImportError) -> bool:
    """Imports their package in earnest, where a name is wanted that only its __init__.py gives."""
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
    except BaseException:  # noqa: BLE001 - theirs may raise anything
        sys.modules.update(folders)
        return False
    return True


def _provided(error: ModuleNotFoundError, file: Path, left: list[Omitted]) -> bool:
    """Makes a missing module importable: from further up, or as one that cannot be used."""
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
    if not isinstance(sys.modules.get(top), _Absent):  # else it has been said of the whole
        said = f"the module {name} is not installed here: what needs it was left out"
        left.append(Omitted(said, error))
    sys.modules[name] = np if top == "cupy" else _Absent(name)  # cupy's names are numpy's
    return True


class _Absent(ModuleType):
    """A module that is not installed: its names can be imported, and raise once they are used.

    prange: numba's, whose decorators leave a function in Python.
    """

    prange = range

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> "_AbsentName":
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentName(f"{self.__name__}.{name}")


class _AbsentName:
    """Something of such a module; needed: once the file is loaded, nothing can be called."""

    needed: ClassVar[bool] = False

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
        """A decorator leaves what it decorates as it is; what else is called is needed later."""
        if _AbsentName.needed:
            self._refuse()
        return given[0] if given and callable(given[0]) else self

    def _refuse(self, *_: object) -> NoReturn:
        raise ModuleNotFoundError(f"{self._name} is not installed")

    def __instancecheck__(self, _: object) -> bool:
        """Nothing is one of what is not there."""
        return False

    __iter__ = __mro_entries__ = __array__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = _refuse


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


@dataclass(frozen=True)
class Candidate:
    """Something in a file that may be a layer.

    things: a class {"": it}, or a pair of functions by their names. topics: what it may be, of
    ours, the likeliest first. forward, backward: what is called. slope: whether backward is a
    derivative only. exact: whether it has our name.
    """

    things: Mapping[str, Any]
    topics: tuple[str, ...]
    forward: str
    backward: str
    slope: bool = False
    exact: bool = False

    @cached_property
    def constructor(self) -> Signature | None:
        """The signature of the class, looked up once: very many instances are made."""
        return signature_of(self.things[""])


def refuse_what_is_missing() -> None:
    """From now on, calling something of a module that is not installed raises."""
    _AbsentName.needed = True


def layers(
    module: ModuleType, wanted: Sequence[str], home: Home
) -> tuple[dict[str, Candidate], dict[str, Json]]:
    """The layers that are theirs, by their own names, and what else is to be said of names.

    That is one of: {"problem", "topic"}, {"imported": from where}, {"alike": to what}, {"other"}.
    A class by one of our names (`wanted`) may come from beside the file; one by a similar name,
    and functions, are looked for in the file itself.
    """
    found: dict[str, Candidate] = {}
    said: dict[str, Json] = {}
    for name in wanted:
        if hasattr(module, name):
            thing = getattr(module, name)
            if not isinstance(thing, type):
                said[name] = {"problem": f"{name} is no class (its type is {type(thing).__name__})"}
            elif source := _taken_from(thing, home):
                said[name] = {"imported": source}
            elif layer := _class(name, thing, (name, *(k for k in kinds(name) if k != name))):
                found[name] = layer
            else:
                said[name] = {"problem": f"{name} has no {' and no '.join(_lacks(thing))}"}
    for name, thing in list(vars(module).items()):
        if (
            name in wanted
            or name.startswith("_")
            or getattr(thing, "__module__", None) != module.__name__
        ):
            continue
        meant = kinds(name) if isinstance(thing, type) else ()
        if meant and (source := _taken_from(thing, home)):
            said[name] = {"imported": source}
        elif (meant and (layer := _class(name, thing, meant))) or (
            isinstance(thing, FunctionType) and (layer := _functions(module, name, thing))
        ):
            found[name] = layer
        elif half := _half(thing, name):
            said[name] = half
        elif isinstance(thing, type) and not (_lacks(thing) or thing.__subclasses__()):
            said[name] = {"other": name}
    taken = {topic for layer in found.values() for topic in layer.topics}
    for name in wanted:
        alike = (
            other
            for other, thing in vars(module).items()
            if other.lower().replace("_", "") == name.lower() and isinstance(thing, type)
        )
        if name not in taken and name not in said and (near := next(alike, None)):
            said[name] = {"alike": near}
    return found, said


def ways_forward(layer: Candidate) -> Iterator[Candidate]:
    """The layer, and called as a function, where it has both: that one may be who remembers."""
    yield layer
    if "" in layer.things and layer.forward != "__call__" and _has(layer.things[""], "__call__"):
        yield replace(layer, forward="__call__")


def _half(thing: Any, name: str) -> Json:
    """What is to be said of a layer that goes only one way, forward or back; {} of anything else.

    Of a class that others derive from, these are spoken of.
    """
    found = FUNCTION.fullmatch(name) if isinstance(thing, FunctionType) else None
    if found and (meant := kinds(found["kind"].strip("_"))):
        problem = f"there is no function {found['kind']}backward{found['rest']}"
    elif isinstance(thing, type) and (meant := kinds(name)) and not thing.__subclasses__():
        lacks = _lacks(thing)
        problem = f"{name} has no {lacks[0]}" if len(lacks) == 1 else ""
    else:
        return {}
    return {"problem": problem, "topic": meant[0]} if problem else {}


def _class(name: str, thing: type, topics: tuple[str, ...]) -> Candidate | None:
    forward, backward = _method(thing, FORWARD), _method(thing, BACKWARD)
    slope = "ReLU" in topics and (backward is None or not _method_counts(thing, backward)[1])
    if backward is None and (slope or LOSS in topics):
        backward = _method(thing, DERIVATIVE)
    if forward is None or backward is None:
        return None
    return Candidate({"": thing}, topics, forward, backward, slope, name in topics)


def _method(thing: type, names: Sequence[str]) -> str | None:
    """The first of some methods that it has, as it writes it: Forward, backPropagate."""
    own = {each.lower(): each for each in dir(thing) if not each.startswith("_")}
    written = ((name, own.get(name.replace("_", ""), name)) for name in names)
    return next((each for pair in written for each in pair if _has(thing, each)), None)


def _has(thing: type, method: str) -> bool:
    """Whether it is a method of its own or of a base; that of a class's class is none."""
    written = any(method in vars(base) for base in thing.__mro__)
    return written and callable(getattr(thing, method, None))


def _lacks(thing: type) -> list[str]:
    pair = (FORWARD, BACKWARD)
    return [f"method {names[0]}" for names in pair if _method(thing, names) is None]


def _functions(module: ModuleType, name: str, thing: Any) -> Candidate | None:
    """A function conv_forward, or conv, with conv_backward, or softmax_loss, which gives both."""
    found = FUNCTION.fullmatch(name)
    stems, rest = ([found["kind"]], found["rest"]) if found else ([f"{name}_", name], "")
    if not (meant := kinds(stems[0].strip("_"))):
        return None
    for stem, back in product(stems, ("backward", "back", "backprop", "Backward")):
        partner = f"{stem}{back}{rest}"
        if callable(getattr(module, partner, None)):
            return Candidate({name: thing, partner: getattr(module, partner)}, meant, name, partner)
    plain = name.lower().removesuffix("_naive").removesuffix("_vectorized")
    known = plain in ("softmax_loss", "softmaxloss", "softmax_cross_entropy_loss")
    loss = found is None and meant == (LOSS,)
    both = loss and (known or gives_several(thing))
    return Candidate({name: thing}, meant, name, name) if both else None


def gives_several(function: FunctionType, second: re.Pattern[str] | None = None) -> bool:
    """Whether some return of a function has more than one value: a loss has its gradient there.

    second: which name the second one has to have.
    """
    try:
        written = ast.parse(dedent(getsource(unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return False
    given = (each.value for each in ast.walk(written) if isinstance(each, ast.Return))
    several = [each.elts[1] for each in given if isinstance(each, ast.Tuple) and each.elts[1:]]
    if second is None:
        return bool(several)
    return any(isinstance(each, ast.Name) and second.fullmatch(each.id) for each in several)


def described(thing: Any, order: Sequence[str], home: Home) -> Json | None:
    """What a class's signatures say, read as the lab's, as it is sent; None without its methods."""
    if not all(callable(getattr(thing, each, None)) for each in ("forward", "backward")):
        return None
    about = Description(
        settings=accesses(signature_of(thing), order),
        needs=list(required(thing)),
        layers=_takes_layers(thing),
        forward=_method_counts(thing, "forward"),
        backward=_method_counts(thing, "backward"),
        turned=_turned(thing),
        lines=lines(thing, "forward", "backward", home),
    )
    return asdict(about)


def _turned(thing: Any) -> str:
    """That forward takes the weights first, by the names of its parameters; "" where not."""
    first = int(not is_static(thing, "forward"))
    names = [each.name for each in parameters_of(thing.forward)[first : first + 2]]
    if [bool(roles(name, ("w",))) for name in names] != [True, False]:
        return ""
    return f"forward takes ({', '.join(names)}), needs (x, w)"


def lines(thing: Any, forward: str, backward: str, home: Home) -> Json:
    """Where the methods begin."""
    return {
        "forward": _line(getattr(thing, forward), forward, home),
        "backward": _line(getattr(thing, backward), backward, home),
    }


def _taken_from(thing: type, home: Home) -> str:
    """The module that a class is of as it stands; "" where a method of it is theirs, or lacking.

    Where theirs only renames another's, or only makes it, it is that one's that would be judged.
    """
    if not home.owns(str(_file(thing))):
        return thing.__module__
    forward = _method(thing, FORWARD)
    if forward is None or _method(thing, BACKWARD) is None:
        return ""
    others = []
    for base in thing.__mro__:
        file = _file(base)
        if _is_foreign(file) and not home.owns(str(file)):
            others.append(base)
        elif _has_methods(base):
            return ""
    return next(each.__module__ for each in others if hasattr(each, forward))


def _has_methods(thing: type) -> bool:
    """Whether it writes some itself, other than __init__ and the like."""
    return any(
        (callable(each) or isinstance(each, classmethod))
        and (name == "__call__" or not name.startswith("__"))
        for name, each in vars(thing).items()
    )


def _file(thing: type) -> Path:
    """Where a class is written; of what Python has itself, no source."""
    try:
        return Path(getfile(thing)).resolve()
    except (TypeError, OSError):
        return Path()


def required(thing: type) -> Iterator[str]:
    """The parameters that its constructor must get."""
    for each in parameters_of(thing):
        if each.default is each.empty and each.kind not in VARIABLE:
            yield each.name


def _takes_layers(thing: type) -> Literal["", "each", "list"]:
    """How a constructor would take layers: each by itself, as one list, or not ("")."""
    parameters = parameters_of(thing)
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return "each"
    needed = len(list(required(thing)))
    if not needed:
        return "list" if parameters and parameters[0].name in ("layers", "modules") else ""
    return "list" if needed == 1 else "each"


def _method_counts(thing: type, method: str) -> tuple[int, int]:
    least, most = counts(signature_of(getattr(thing, method)))
    if is_static(thing, method):
        return least, most
    return max(0, least - 1), most - (most < ANY_NUMBER)


def _line(function: Any, name: str, home: Home) -> Json | None:
    """Where a method begins."""
    code = getattr(unwrap(function), "__code__", None)
    if code is None or not home.owns(code.co_filename):
        return None
    line = code.co_firstlineno
    while linecache.getline(code.co_filename, line).lstrip().startswith("@"):
        line += 1
    return home.place(code.co_filename, line, name)

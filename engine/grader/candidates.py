"""Finds the layers in a student's file, and reads their names and signatures."""

import ast
import linecache
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from inspect import Signature, getfile, getsource, unwrap
from itertools import product
from pathlib import Path
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any, Final, Literal

from engine.grader.blame import Home, is_foreign
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
from engine.grader.loading import absent_from
from engine.grader.wire import Description, Json

FUNCTION: Final = re.compile(r"(?P<kind>\w*?)(forward|for|Forward)(?P<rest>(_\w+)?)")


@dataclass(frozen=True)
class Candidate:
    """Something in a file that may be a layer."""

    things: Mapping[str, Any]  # {"": the class}, or a pair of functions by their names
    topics: tuple[str, ...]  # which of the engine's layers it may be, the likeliest first
    forward: str  # the name of the method or function that is called
    backward: str  # the same on the way back
    slope: bool = False  # whether backward is only a derivative
    exact: bool = False  # whether it has the name of such a layer

    @cached_property
    def constructor(self) -> Signature | None:
        """The signature of the class, looked up once since very many instances are made."""
        return signature_of(self.things[""])


def layers(
    module: ModuleType, wanted: Sequence[str], home: Home
) -> tuple[dict[str, Candidate], dict[str, Json]]:
    """Return the student's layers by their own names, and what else there is to say of names.

    The latter is one of: {"problem", "topic"}, without a topic if that is the name itself;
    {"imported": from where}; {"alike": to what}; {"other"}. A class with one of the engine's names
    (`wanted`) may come from beside the file; classes with a similar name, and functions, are only
    looked for in the file itself.
    """
    judged = {
        name: _of_engines_name(name, getattr(module, name), home)
        for name in wanted
        if hasattr(module, name)
    }
    for name, thing in list(vars(module).items()):
        own = getattr(thing, "__module__", None) == module.__name__
        if own and name not in wanted and not name.startswith("_"):
            judged[name] = _of_another_name(module, name, thing, home)
    found = {name: it for name, it in judged.items() if isinstance(it, Candidate)}
    said = {name: it for name, it in judged.items() if it and not isinstance(it, Candidate)}
    taken = {topic for layer in found.values() for topic in layer.topics}
    taken |= {topic for name in said for topic in kinds(name)}  # of these it is said already
    for name in wanted:
        alike = (
            other
            for other, thing in vars(module).items()
            if other.lower().replace("_", "") == name.lower() and isinstance(thing, type)
        )
        if name not in taken and name not in said and (near := next(alike, None)):
            said[name] = {"alike": near}
    return found, said


def _of_engines_name(name: str, thing: Any, home: Home) -> Candidate | Json:
    """Return what has the name of one of the engine's layers, or what to say of it."""
    if source := absent_from(thing):
        return {"imported": source}
    if not isinstance(thing, type):
        return {"problem": f"{name} is no class (its type is {type(thing).__name__})"}
    if source := _taken_from(thing, home):
        return {"imported": source}
    layer = _class(name, thing, (name, *(k for k in kinds(name) if k != name)))
    return layer or {"problem": f"{name} has no {' and no '.join(_lacks(thing))}"}


def _of_another_name(module: ModuleType, name: str, thing: Any, home: Home) -> Candidate | Json:
    """Return a class or function of the file that may be a layer, or what to say of it, or {}."""
    meant = kinds(name) if isinstance(thing, type) else ()
    if meant and (source := _taken_from(thing, home)):
        return {"imported": source}
    layer = _class(name, thing, meant) if meant else None
    if isinstance(thing, FunctionType):
        layer = _functions(module, name, thing)
    if said := layer or _half(thing, name):
        return said
    other = isinstance(thing, type) and not (_lacks(thing) or thing.__subclasses__())
    return {"other": name} if other else {}


def ways_forward(layer: Candidate) -> Iterator[Candidate]:
    """Yield the layer, then with __call__ as forward if it has one: only that may remember x."""
    yield layer
    if "" in layer.things and layer.forward != "__call__" and _has(layer.things[""], "__call__"):
        yield replace(layer, forward="__call__")


def _half(thing: Any, name: str) -> Json:
    """Return what to say of a layer that has only forward or only backward; {} for anything else.

    A class with subclasses is passed over, since they are looked at themselves.
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
    slope = "ReLU" in topics and (backward is None or not method_counts(thing, backward)[1])
    if backward is None and (slope or LOSS in topics):
        backward = _method(thing, DERIVATIVE)
    if forward is None or backward is None:
        return None
    return Candidate({"": thing}, topics, forward, backward, slope, name in topics)


def _method(thing: type, names: Sequence[str]) -> str | None:
    """Return the first of these methods that a class has, as it spells it: backPropagate."""
    own = {each.lower(): each for each in dir(thing)}
    written = ((name, own.get(name.replace("_", ""), name)) for name in names)
    return next((each for pair in written for each in pair if _has(thing, each)), None)


def _has(thing: type, method: str) -> bool:
    """Whether a class or one of its bases defines a method; one of its metaclass does not count."""
    written = any(method in vars(base) for base in thing.__mro__)
    return written and callable(getattr(thing, method, None))


def _lacks(thing: type) -> list[str]:
    pair = (FORWARD, BACKWARD)
    return [f"method {names[0]}" for names in pair if _method(thing, names) is None]


def _functions(module: ModuleType, name: str, thing: Any) -> Candidate | None:
    """Return conv_forward, or conv, with conv_backward; or softmax_loss, which gives both."""
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
    """Whether some return of a function has several values, as a loss with its gradient has.

    second: what the name of the second value has to match.
    """
    several = _beside(function)
    if second is None:
        return bool(several)
    return any(isinstance(each, ast.Name) and second.fullmatch(each.id) for each, *_ in several)


def names_beside(function: FunctionType) -> list[str]:
    """Return the names of what a function gives besides its output, "" for what has none.

    Of several returns the outermost counts, which comes first.
    """
    beside = next(iter(_beside(function)), [])
    return [getattr(each, "id", "") for each in beside]


def _beside(function: FunctionType) -> list[list[ast.expr]]:
    """Return what each return of a function gives after the first of several values."""
    try:
        written = ast.parse(dedent(getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    given = (each.value for each in ast.walk(written) if isinstance(each, ast.Return))
    return [each.elts[1:] for each in given if isinstance(each, ast.Tuple) and each.elts[1:]]


def described(thing: Any, order: Sequence[str], home: Home) -> Json | None:
    """Return what a class's signatures say if read as the lab's; None if it lacks the methods."""
    if not all(callable(getattr(thing, each, None)) for each in ("forward", "backward")):
        return None
    about = Description(
        settings=accesses(signature_of(thing), order),
        needs=list(required(thing)),
        layers=_takes_layers(thing),
        forward=method_counts(thing, "forward"),
        backward=method_counts(thing, "backward"),
        turned=_turned(thing),
        lines=lines(thing, "forward", "backward", home),
    )
    return asdict(about)


def _turned(thing: Any) -> str:
    """Return a sentence if forward takes the weights first, by its parameters' names; else ""."""
    first = int(not is_static(thing, "forward"))
    names = [each.name for each in parameters_of(thing.forward)[first : first + 2]]
    if [bool(roles(name, ("w",))) for name in names] != [True, False]:
        return ""
    return f"forward takes ({', '.join(names)}), needs (x, w)"


def lines(thing: Any, forward: str, backward: str, home: Home) -> Json:
    """Return where the methods begin."""
    return {
        "forward": _line(getattr(thing, forward), forward, home),
        "backward": _line(getattr(thing, backward), backward, home),
    }


def _taken_from(thing: type, home: Home) -> str:
    """Return the module from which a class is taken unchanged; "" if it is the student's work.

    It is taken unchanged if the student's class only renames another's, or only adds a constructor:
    then that other one would be judged. A class that lacks forward or backward gives "" too.
    """
    if not home.owns(str(_file(thing))):
        return thing.__module__
    forward = _method(thing, FORWARD)
    if forward is None or _method(thing, BACKWARD) is None:
        return ""
    others = []
    for base in thing.__mro__:
        file = _file(base)
        if is_foreign(file) and not home.owns(str(file)):
            others.append(base)
        elif _has_methods(base):
            return ""
    return next(each.__module__ for each in others if hasattr(each, forward))


def _has_methods(thing: type) -> bool:
    """Whether a class defines methods itself, other than __init__ and the like."""
    return any(
        (callable(each) or isinstance(each, classmethod))
        and (name == "__call__" or not name.startswith("__"))
        for name, each in vars(thing).items()
    )


def _file(thing: type) -> Path:
    """Return the file in which a class is written; an empty path if Python itself has it."""
    try:
        return Path(getfile(thing)).resolve()
    except (TypeError, OSError):
        return Path()


def required(thing: type) -> Iterator[str]:
    """Yield the parameters that a constructor must be given."""
    for each in parameters_of(thing):
        if each.default is each.empty and each.kind not in VARIABLE:
            yield each.name


def _takes_layers(thing: type) -> Literal["", "each", "list"]:
    """Return how a constructor would take layers: each as an argument, as one list, or not ("")."""
    parameters = parameters_of(thing)
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return "each"
    needed = len(list(required(thing)))
    if not needed:
        return "list" if parameters and parameters[0].name in ("layers", "modules") else ""
    return "list" if needed == 1 else "each"


def method_counts(thing: type, method: str) -> tuple[int, int]:
    """Return how many arguments a method needs at least, and takes at most, besides self."""
    least, most = counts(signature_of(getattr(thing, method)))
    if is_static(thing, method):
        return least, most
    return max(0, least - 1), most if most >= ANY_NUMBER else most - 1


def _line(function: Any, name: str, home: Home) -> Json | None:
    """Return the line where a method begins."""
    code = getattr(unwrap(function), "__code__", None)
    if code is None or not home.owns(code.co_filename):
        return None
    line = code.co_firstlineno
    written = [each.lstrip() for each in linecache.getlines(code.co_filename)[line - 1 :]]
    if written and written[0].startswith("@"):  # however many lines its decorators take
        line += next((at for at, each in enumerate(written) if each.startswith("def ")), 0)
    return home.place(code.co_filename, line, name)

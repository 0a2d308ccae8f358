"""The process in which a student's code runs: requests in, replies out, one line of JSON each.

It is started by `process`, never by hand. Whatever the student's code prints goes nowhere, and
whatever it reads is empty; whatever it does to this process, the engine's process survives. Whether
its results are right is judged there.
"""

import contextlib
import faulthandler
import json
import os
import random
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy import random as numpy_random  # early: it imports secrets, a name the student may use

import engine
from engine.check import CheckResult, gradient_check
from engine.errors import EngineError
from engine.grader.adapter import Adapter, begin_anew, forgets, leaves, passes_once
from engine.grader.blame import Home, blame
from engine.grader.candidates import Candidate, layers
from engine.grader.describing import as_lab, describe
from engine.grader.interfaces import arguments, counts, signature_of
from engine.grader.loading import UnreadableError, load, refuse_what_is_missing
from engine.grader.outcome import CHECKING
from engine.grader.plan import Plan
from engine.grader.wire import (
    COARSE,
    Json,
    Numbers,
    Raised,
    pack,
    pack_gradients,
    pack_value,
    unpack,
    unpack_value,
)

Progress = Callable[[str], None]


class Session:
    """A student's layers by their names, once the first request has loaded the file."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._found: Mapping[str, Candidate] = {}
        self._orders: Mapping[str, Sequence[str]] = {}

    def answer(self, request: Json, progress: Progress) -> Json:
        """Return the reply to a request; progress: is told which method of a layer is called."""
        if "wanted" in request:
            return self._load(request)
        if "describe" in request:
            name = request["describe"]
            return describe(self._found[name], name, self._orders, self._home)
        return self._run(request, progress)

    def _load(self, request: Json) -> Json:
        home = self._home
        try:
            module, left = load(home.file, definitions=request["definitions"])
        except UnreadableError as error:
            place = home.place(str(home.file), error.line)
            return {"error": asdict(Raised(message=str(error), place=place))}
        except BaseException as error:  # noqa: BLE001 - sys.exit() included
            return {"error": blame(error, home)}
        refuse_what_is_missing()
        self._orders = request["wanted"]
        self._found, said = layers(module, tuple(self._orders), home)
        errors = [each.error for each in left if each.error is not None]
        if errors and not self._found and not any("problem" in each for each in said.values()):
            return {"error": blame(errors[0], home)}
        topics = {
            name: [list(each.topics), as_lab(each, name, self._orders, home)]
            for name, each in self._found.items()
        }
        return {"classes": said, "layers": topics, "left": [each.sentence for each in left]}

    def _make(self, request: Json, made_of: list[str]) -> Any:
        """Return an instance with the settings of a request, and put its layers into made_of."""
        layer = self._found[request["class"]]
        settings = {name: _as_setting(value) for name, value in request["settings"].items()}
        if request.get("plan"):
            plan, names = Plan.of(request["plan"]), request["names"]
            return Adapter(layer.things, plan, settings, request["class"], names)
        cls = layer.things[""]
        if request.get("layers") and (how := request["takes_layers"]):
            layers = [self._layer(each, own=request["own"]) for each in request["layers"]]
            made_of[:] = map(_call, layers)
            if request.get("by_hand"):
                return Row(layers)
            return cls(layers) if how == "list" else cls(*layers)
        args, kwargs = arguments(layer.constructor, self._orders[request["topic"]], settings)
        return cls(*args, **kwargs)

    def _layer(self, name: str, *, own: bool) -> Any:
        """Return the student's layer if it is wanted and needs no arguments; else the engine's."""
        if own and name in self._found:
            with contextlib.suppress(Exception):
                return self._found[name].things[""]()
        return getattr(engine, name)()

    def _run(self, request: Json, progress: Progress) -> Json:
        """Do everything that a request asks for, as far as the student's code comes.

        by_hand: the layers are called in a row, without the student's Sequential. first: what the
        same instance is given in a pass before. other: what another instance is given between
        forward and backward. check: whether differences of the student's own forward are taken.
        -> layers (what it is made of), typed (the calls of an `Adapter`), anew (the method that
        cleared its first pass), output and gradients as far as they came, changed (which arrays the
        code wrote to), check, at (the method that came last), error (a `Raised`); moved: what was
        given last in a check that raised the error.
        """
        reply: Json = {"changed": []}
        made_of: list[str] = []
        make = partial(self._make, request, made_of)
        moved: dict[str, Numbers | None] = {}

        def enter(method: str) -> None:
            reply["at"] = method
            progress(method)

        random.seed(0)
        numpy_random.seed(0)  # noqa: NPY002 - a student may draw from the old global generator
        try:
            enter("__init__")
            layer = make()
            reply["layers"] = [*made_of]
            if "first" in request:
                before = Call.of(request["first"])
                enter("forward")
                before.forward(layer)
                enter("backward")
                before.backward(layer)
                reply["anew"] = forgets(layer.instance if isinstance(layer, Adapter) else layer)
                begin_anew(layer)
                layer = make() if passes_once(layer) else layer
            call = Call.of(request)
            enter("forward")
            try:
                output = call.forward(layer)
            finally:
                if isinstance(layer, Adapter) and layer.instance is not None:
                    reply["typed"] = layer.as_python()
            reply["output"] = pack_value(output)
            _note_changes(reply, "forward", call, request)
            if "other" in request:
                enter("__init__")
                another = make()
                enter("forward")
                Call.of(request["other"]).forward(another)
            enter("backward")
            given = call.backward(layer)
            reply["gradients"] = pack_gradients(given, call.inputs, call.left_out)
            _note_changes(reply, "backward", call, request)
            if request.get("check"):
                enter(CHECKING)
                reply["check"] = _gradient_check(make, Call.of(request), moved.update)
        except BaseException as error:  # noqa: BLE001 - sys.exit() included: it is the student's
            of_layers = "ours" if _of_ours(error, made_of) else ""
            reply["error"] = {**blame(error, self._home), "of_layers": of_layers}
            if moved:
                reply["moved"] = [None if each is None else pack(each) for each in moved.values()]
        return reply


@dataclass(frozen=True)
class Call:
    """What one pass is given."""

    inputs: tuple[Numbers, ...]
    labels: Numbers | None  # data that come after the inputs
    dout: Any
    left_out: int = 0  # how many inputs may have a gradient though they were not passed

    @classmethod
    def of(cls, message: Json) -> "Call":
        """Return a call with new arrays, so that whatever is done to them does no harm."""
        labels = message.get("labels")
        return cls(
            tuple(_number(unpack(each)) for each in message["inputs"]),
            None if labels is None else unpack(labels),
            None if message["dout"] is None else _number(unpack(message["dout"])),
            message.get("left_out", 0),
        )

    def forward(self, layer: Any) -> Any:
        """Return the student's output."""
        rest = () if self.labels is None else (self.labels,)
        return layer.forward(*self.inputs, *rest)

    def backward(self, layer: Any) -> Any:
        """Return the student's gradients; without dout if backward takes none."""
        return layer.backward() if self.dout is None else layer.backward(self.dout)


@dataclass(frozen=True)
class Row:
    """Layers that are called one after the other, and back, without a Sequential."""

    layers: Sequence[Any]

    def forward(self, x: Any, *weights: Any) -> Any:
        """Return the last layer's output; each layer is given as many weights as it requires."""
        left = iter(weights)
        for each in self.layers:
            least, _ = counts(signature_of(each.forward))
            x = each.forward(x, *islice(left, max(0, least - 1)))
        return x

    def backward(self, dout: Any) -> Any:
        """Return dx of the first layer, and the gradients of all weights, in the layers' order."""
        gradients: list[Any] = []
        for each in reversed(self.layers):
            dout, *of_weights = leaves(each.backward(dout))
            gradients = [*of_weights, *gradients]
        return (dout, *gradients) if gradients else dout


def _call(layer: Any) -> str:
    """Return how a layer inside another one is made: 'ReLU()' if it is the student's."""
    ours = type(layer).__module__.partition(".")[0] == engine.__name__
    return f"{f'{engine.__name__}.' if ours else ''}{type(layer).__name__}()"


def _of_ours(error: BaseException, layers: Sequence[str]) -> bool:
    """Whether the engine's layers lack something that the student's have, or take other inputs."""
    if not isinstance(error, AttributeError | TypeError) or not layers:
        return False
    *_, last = traceback.walk_tb(error.__traceback__)
    if last[0].f_globals.get("__name__", "").startswith(f"{engine.__name__}.layers"):
        return True
    ours = re.findall(rf"{engine.__name__}\.(\w+)", " ".join(layers))
    names = {base.__name__ for each in ours for base in getattr(engine, each).__mro__}
    start = re.match(r"'?(\w+)('|\.\w+\(\))", str(error))
    return start is not None and start[1] in names


def _gradient_check(make: Callable[[], Any], call: Call, note: Callable[..., None]) -> Json | None:
    """Check backward by differences of the student's own forward; None if that is impossible.

    It is if forward is no function of its inputs, or goes out of range, or a gradient is no array
    of the right shape.

    If it fails, it is done again with a coarse step, which rounding survives; each time with a new
    instance. note: is told what the methods are given: the inputs by their numbers, then dout.
    -> dout, as the check chose it, and results, for each input verdict, eps, difference, analytic
    and the differences, fine; with the coarse step coarse, the verdict, and numeric.
    """
    sent: list[Numbers] = []

    def checked(**steps: float) -> list[CheckResult]:
        layer = make()

        def forward(*inputs: Numbers) -> Any:
            note({**{str(i): np.array(each) for i, each in enumerate(inputs)}, "dout": None})
            return Call(tuple(map(_number, inputs)), call.labels, None).forward(layer)

        def backward(dout: Any) -> tuple[Any, ...]:
            sent.append(np.array(dout))  # the student's code may write into it
            given = None if call.dout is None else _number(np.asarray(dout))
            note(dout=None if given is None else np.array(given, dtype=np.float64))
            back = Call((), None, given).backward(layer)
            packed = pack_gradients(back, call.inputs, call.left_out)
            return tuple(unpack_value(each).array for each in packed.get("values", ()))

        return gradient_check(forward, backward, *call.inputs, **steps)

    try:
        fine = coarse = checked()
        if any(result.verdict == "FAILED" for result in fine):
            coarse = checked(eps=COARSE, tol=1e-3)
    except EngineError:  # any other ValueError is the student's
        return None
    found = [
        {
            "verdict": result.verdict,
            "coarse": loose.verdict,
            "eps": result.eps,
            "difference": pack_value(result.difference),
            "analytic": pack_value(result.analytic),
            "fine": pack_value(result.numeric),
            "numeric": pack_value(loose.numeric),
        }
        for result, loose in zip(fine, coarse, strict=True)
    ]
    return {"dout": pack(sent[0].astype(np.float64)), "results": found}


def _note_changes(reply: Json, method: str, call: Call, request: Json) -> None:
    """Note which arrays differ from what was passed, each one once."""
    given = zip((*call.inputs, call.dout), (*request["inputs"], request["dout"]), strict=True)
    seen = {each["argument"] for each in reply["changed"]}
    for argument, (now, message) in enumerate(given):
        alike = message is None or np.array_equal(now, unpack(message), equal_nan=True)
        if argument in seen or alike:
            continue
        is_dout, packed = argument == len(call.inputs), pack(np.asarray(now))
        reply["changed"].append(
            {"method": method, "argument": argument, "dout": is_dout, "now": packed}
        )


def _number(array: Numbers) -> Any:
    """Return a scalar as a np.float64, which is a float and has a shape; else the array."""
    return array[()] if array.ndim == 0 else array


def _as_setting(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return unpack(value) if isinstance(value, dict) else value


MEMORY_WHILE_LOADING: Final = 4 * 2**30
"""Bytes of address space, if the system can limit it: enough for any framework that is imported."""
MEMORY_AFTERWARDS: Final = 2**29  # bytes on top of what is in use once the file is loaded


def main(file: str) -> None:
    """Answer requests until there are no more."""
    requests, replies, alarm = _own_channels()
    _limit_memory(MEMORY_WHILE_LOADING)
    faulthandler.enable(alarm)
    sys.dont_write_bytecode = True  # nothing appears in the student's folder
    warnings.simplefilter("ignore")
    session, loaded = Session(Home(Path(file))), False

    def say(message: Json) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    for line in requests:
        request = json.loads(line)
        faulthandler.dump_traceback_later(request["seconds"], exit=True, file=alarm)
        reply = session.answer(request, lambda method: say({"at": method}))
        if not loaded:
            loaded = True
            _limit_memory(_used() + MEMORY_AFTERWARDS)
        faulthandler.cancel_dump_traceback_later()
        say({"reply": reply})
    os._exit(0)  # not sys.exit: the student's threads and atexit need not be waited for


def _own_channels() -> tuple[IO[str], IO[str], int]:
    """Take the pipes away from print(), input() and warnings."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    alarm = os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for channel in (0, 1, 2):
        os.dup2(nowhere, channel)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return requests, replies, alarm


def _limit_memory(most: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError, AttributeError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _used() -> int:
    """Return the bytes of address space in use; if unknown, as much as loading may take."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return MEMORY_WHILE_LOADING


if __name__ == "__main__":
    main(sys.argv[1])

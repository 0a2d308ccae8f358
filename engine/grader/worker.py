"""The process in which a student's code runs: requests in, replies out, one line of JSON each.

Started by `process`, never by hand. Whatever their code prints goes nowhere, and whatever it
reads is at its end; what it does to this process, the other one survives. Whether what it gives
is right, the other process judges.
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
from numpy import random as numpy_random  # before theirs: it imports secrets, which may be theirs

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
        """The reply to a request; progress: hears which of their methods is called."""
        if "wanted" in request:
            return self._load(request)
        if "describe" in request:
            progress("forward")
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
        """An instance with the settings of a request; made_of: then has the layers in it."""
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
        """Theirs where it is wanted and can be made without arguments; else ours."""
        if own and name in self._found:
            with contextlib.suppress(Exception):
                return self._found[name].things[""]()
        return getattr(engine, name)()

    def _run(self, request: Json, progress: Progress) -> Json:
        """Everything that a request asks for, as far as the student's code comes.

        by_hand: the layers in a row, in the place of their Sequential. first: what the same
        instance has seen before. other: what another instance sees between
        forward and backward. check: whether differences of the student's own forward are taken.
        -> layers (what it is made of), typed (the calls of an `Adapter`), anew (the method by which
        it forgot its first pass), output and gradients as far as they came, changed (which arrays
        their code wrote to), check, at (the method that came last), error (a `Raised`); moved: what
        was given last in a check that raised it.
        """
        reply: Json = {"changed": []}
        made_of: list[str] = []
        make = partial(self._make, request, made_of)
        moved: dict[str, Numbers | None] = {}

        def enter(method: str) -> None:
            reply["at"] = method
            progress(method)

        random.seed(0)
        numpy_random.seed(0)  # noqa: NPY002 - theirs may draw from the old global generator
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
        except BaseException as error:  # noqa: BLE001 - sys.exit() included: it is their code's
            of_layers = "ours" if _of_ours(error, made_of) else ""
            reply["error"] = {**blame(error, self._home), "of_layers": of_layers}
            if moved:
                reply["moved"] = [None if each is None else pack(each) for each in moved.values()]
        return reply


@dataclass(frozen=True)
class Call:
    """What one pass is given; labels are data that come after the inputs.

    left_out: how many inputs may have a gradient though they were not handed over.
    """

    inputs: tuple[Numbers, ...]
    labels: Numbers | None
    dout: Any
    left_out: int = 0

    @classmethod
    def of(cls, message: Json) -> "Call":
        """New arrays each time: what a student's code does to them harms nobody."""
        labels = message.get("labels")
        return cls(
            tuple(_number(unpack(each)) for each in message["inputs"]),
            None if labels is None else unpack(labels),
            None if message["dout"] is None else _number(unpack(message["dout"])),
            message.get("left_out", 0),
        )

    def forward(self, layer: Any) -> Any:
        """The student's output."""
        rest = () if self.labels is None else (self.labels,)
        return layer.forward(*self.inputs, *rest)

    def backward(self, layer: Any) -> Any:
        """The student's gradients; without dout where backward takes none."""
        return layer.backward() if self.dout is None else layer.backward(self.dout)


@dataclass(frozen=True)
class Row:
    """Layers that are gone through one after the other, and back, without a Sequential."""

    layers: Sequence[Any]

    def forward(self, x: Any, *weights: Any) -> Any:
        """The last one's output; each takes as many weights as it must have."""
        left = iter(weights)
        for each in self.layers:
            least, _ = counts(signature_of(each.forward))
            x = each.forward(x, *islice(left, max(0, least - 1)))
        return x

    def backward(self, dout: Any) -> Any:
        """dx of the first one, and the gradients of the weights, the first one's first."""
        gradients: list[Any] = []
        for each in reversed(self.layers):
            dout, *of_weights = leaves(each.backward(dout))
            gradients = [*of_weights, *gradients]
        return (dout, *gradients) if gradients else dout


def _call(layer: Any) -> str:
    """How a layer is made that others are built on: 'ReLU()' where it is theirs."""
    ours = type(layer).__module__.partition(".")[0] == engine.__name__
    return f"{f'{engine.__name__}.' if ours else ''}{type(layer).__name__}()"


def _of_ours(error: BaseException, layers: Sequence[str]) -> bool:
    """Whether layers of ours lack something that theirs must have, or take something else."""
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
    """Their backward against differences of their own forward; None where that is no function.

    Again with a coarse step where it fails, which rounding survives; on a new instance each time.
    note: gets what they are given, each time: the inputs by their numbers, then dout.
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
            sent.append(np.array(dout))  # theirs may write into what they are given
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
    except EngineError:  # another ValueError is theirs
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
    """Which arrays are others than were handed over, each told once."""
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
    """A scalar as a np.float64, which is a float and has a shape; other arrays as they are."""
    return array[()] if array.ndim == 0 else array


def _as_setting(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return unpack(value) if isinstance(value, dict) else value


MEMORY_WHILE_LOADING: Final = 4 * 2**30
"""Bytes of address space, where the system can limit it: enough for any framework they import."""
MEMORY_AFTERWARDS: Final = 2**29
"""Bytes on top of what is in use once the file is loaded."""


def main(file: str) -> None:
    """Answers requests until there are no more."""
    requests, replies, alarm = _own_channels()
    _limit_memory(MEMORY_WHILE_LOADING)
    faulthandler.enable(alarm)
    sys.dont_write_bytecode = True  # nothing appears in their folder
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
    os._exit(0)  # not sys.exit: their threads and their atexit need not be waited for


def _own_channels() -> tuple[IO[str], IO[str], int]:
    """Takes the pipes away from under print(), input() and warnings."""
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
    """Bytes of address space in use, where the system tells; else as much as loading may take."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return MEMORY_WHILE_LOADING


if __name__ == "__main__":
    main(sys.argv[1])

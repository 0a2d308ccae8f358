"""Decides how a layer is called: as the lab's, through a `Plan`, or not at all, and why."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from engine.grader.adapter import Adapter, between_passes
from engine.grader.blame import Home, blame
from engine.grader.candidates import (
    Candidate,
    described,
    lines,
    method_counts,
    required,
    ways_forward,
)
from engine.grader.held import kept_array
from engine.grader.interfaces import (
    EXACT,
    LAB_SHAPES,
    LOSS,
    POOLS,
    POSITIONAL,
    SHAPES,
    WEIGHTED,
    arguments,
    counts,
    is_static,
    parameters_of,
    roles,
    signature_of,
)
from engine.grader.plan import Axes, Plan, roles_in, sentences
from engine.grader.probe import INPUT_GRADIENTS, SETTINGS_TRIED, Probe, probe, same
from engine.grader.probing import Prober
from engine.grader.settings import NoSettingError, NotTakenError
from engine.grader.trials import Failed, Told
from engine.grader.wire import ABSENT, Description, Json, Raised, pack_gradients, shape
from engine.grader.words import listed

# What a class does when it is called as the lab's
ANSWERS: Final = "answers"
FALLS: Final = "falls"  # only its backward raises
DIFFERS: Final = "differs"  # its backward raises for some shapes, gives something else for others
RAISES: Final = "raises"  # its forward raises
UNMISTAKABLE: Final = (*WEIGHTED, "ReLU", "Flatten")
NATIVE: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "MaxPool": (SETTINGS_TRIED["MaxPool"], {}),
    "MaxPool2D": (
        SETTINGS_TRIED["MaxPool2D"],
        {},
        *({"size": size, "stride": stride} for size in (2, (2, 2)) for stride in (2, (2, 2))),
    ),
}
"""The settings with which a pool is tried as the lab's."""
SETTING: Final = re.compile(r"(size|stride|padding)(\[[01]\]|-word|-WORD)?")
"""The role of a setting, or of one part or spelling of it."""


def as_lab(
    layer: Candidate, name: str, orders: Mapping[str, Sequence[str]], home: Home
) -> Json | None:
    """Return how a layer is asked as the lab's; None if its name or signatures differ from it."""
    if not layer.exact or layer.slope:
        return None
    about = described(layer.things[""], orders[name], home)
    if about and name in WEIGHTED and _may_be(layer.things[""].forward, 2, "parameters"):
        return None  # a dict of weights
    return {**about, "topic": name} if about and _fits(about, name) else None


def describe(layer: Candidate, name: str, orders: Mapping[str, Sequence[str]], home: Home) -> Json:
    """Return how a layer is asked, as the lab's or through a plan: a `Description`, as sent."""
    found, fused = _described(layer, name, orders, home), _fused(layer)
    if fused and found["problem"]:
        found |= {"problem": fused, "of_theirs": ""}
    return {**found, "fused": fused}


def _fused(layer: Candidate) -> str:
    """Return a sentence if a weighted layer's backward takes labels, by its parameter's name.

    Or if a loss takes weights: CS231n's softmax_loss_naive(W, X, y, reg).
    """
    thing = layer.things.get("")
    if LOSS in layer.topics:
        parameters = parameters_of(layer.things.get(layer.forward))
        needed = [each.name for each in parameters if each.default is each.empty]
        of_w = next((name for name in needed if roles(name, ("w",))), "")
        takes = f"{layer.forward} takes {of_w}, which by its name are weights: a linear layer seems"
        return f"{takes} to be part of the loss" if of_w else ""
    method = getattr(thing, layer.backward) if thing else layer.things[layer.backward]
    place = int(thing is not None and not is_static(thing, layer.backward))
    if layer.topics[0] not in WEIGHTED or not _may_be(method, place, "labels"):
        return ""
    return (
        f"{layer.backward} takes {parameters_of(method)[place].name}, which by its name is no "
        "gradient that comes back but what the output should be: a loss seems to be part of the "
        "layer"
    )


def _described(
    layer: Candidate, name: str, orders: Mapping[str, Sequence[str]], home: Home
) -> Json:
    """Return how a layer is asked, first as the lab's, if forward then gives the right shape."""
    thing = layer.things.get("")
    lab, falls, otherwise = as_lab(layer, name, orders, home), False, False
    if name in EXACT:
        named = (layer.forward, layer.backward)
        other = named != ("forward", "backward")
        reasons = [f"its methods are called {listed(named)}"] if other else []
        return lab or _unknown(layer, [], reasons, home)
    maximum = "max" in name.lower()
    for topic in layer.topics if thing is not None and not layer.slope else ():
        order = orders[topic]
        about = described(thing, order, home)
        if about is None:
            break
        sure = layer.exact and topic == name
        # A loss, or a pool that is not called a maximum, may be another thing of that shape.
        vague = not sure and (topic == LOSS or not maximum)
        numbers = vague and topic not in UNMISTAKABLE
        answers = _answers_as_the_lab(thing, topic, about, order, numbers=numbers)
        falls |= sure and not about["needs"] and answers in (FALLS, RAISES)
        otherwise |= not answers
        if answers not in ("", RAISES):
            lab = {**about, "topic": topic, "taken": between_passes(thing)}
            if answers == ANSWERS:
                return lab
    told = Told()
    for each, topic in product(ways_forward(layer), layer.topics):
        telling = topic not in (*POOLS, "Flatten") or maximum
        alone, by_one = lab is None or otherwise, "stride1" in name.lower().replace("_", "")
        prober = Prober(each, topic, telling=telling, alone=alone, by_one=by_one)
        if plan := prober.plan():
            # If this is the lab's way, apart from a bias and settings that are always passed, the
            # class falls only with its own defaults. Not so if a flag tells it to remember.
            flagged = any(what == ["value", True] for _, what in plan.arguments)
            if lab and falls and not (plan.square or flagged or [*sentences(plan)]):
                return lab
            return _description(plan, layer, home)
        if each is layer and topic == layer.topics[0]:
            told = prober.trials.told
        elif topic == layer.topics[0]:
            told.failures += prober.trials.told.failures
        if prober.forward.kept or (prober.forward.otherwise and falls):
            lab = None  # it is made to give nothing, or to take other labels
    return lab or _unknown(layer, told.failures, told.reasons, home)


def _fits(about: Json, topic: str) -> bool:
    """Whether a class could be called as the lab's, by its signatures."""
    least, most = about["forward"]
    back_least, back_most = about["backward"]
    if topic == "Sequential" and not back_most:
        return False
    inputs = 2 if topic == LOSS else 1
    if topic in (*WEIGHTED, "ConvBlock"):
        inputs = 3
    bound = topic == LOSS and "labels" in about["settings"]
    known = {parameter for parameter, *_ in about["settings"].values()}
    enough = least <= inputs and most >= (2 if inputs > 1 and not bound else 1)
    free = topic in EXACT or known.issuperset(about["needs"])
    return bool(enough and free and back_least <= 1)


def _answers_as_the_lab(
    thing: Any, topic: str, about: Json, order: Sequence[str], *, numbers: bool
) -> str:
    """Return what a class does when called as the lab's: whether the right shapes come back.

    numbers: whether the output has to be right too. The shapes of the lab's own exercise are left
    out if the class has answered others in another way. -> ANSWERS; FALLS or DIFFERS if forward is
    right and backward raises; RAISES; else "".
    """
    if not _fits(about, topic):
        return ""
    if topic in WEIGHTED and _may_be(thing.forward, 2, "training", "rate", "mode", "N"):
        return ""  # not w
    if topic == LOSS and _may_be(thing.backward, 1, "labels"):
        return ""  # not an upstream gradient

    def answer(
        ours: Sequence[str], settings: Mapping[str, Any], *, numbers: bool = True
    ) -> str | None:
        chosen = {key: value for key, value in settings.items() if key in about["settings"]}
        args, kwargs = arguments(signature_of(thing), order, chosen)
        asked = probe(topic, ours, bias=about["forward"][0] == 3, settings=settings)
        return _answers(partial(thing, *args, **kwargs), topic, about, asked, numbers=numbers)

    found, otherwise = "", False
    for shapes, settings in product(
        (*SHAPES[topic], *LAB_SHAPES.get(topic, ())), NATIVE.get(topic, ({},))
    ):
        further = shapes not in SHAPES[topic]
        if (settings and "size" not in about["settings"]) or (further and otherwise):
            continue
        given = answer(shapes.ours, settings, numbers=numbers or further)
        if given and _is_by_chance(partial(answer, shapes.ours), about, settings):
            given = ""
        otherwise |= given == ""
        found = given or found
        if found == ANSWERS:
            return found
    if found:
        return DIFFERS if otherwise else found
    return "" if otherwise else RAISES


def _is_by_chance(
    answer: Callable[[Mapping[str, Any]], str | None], about: Json, settings: Mapping[str, Any]
) -> bool:
    """Whether a pool is right only since its default happens to be the size that is asked.

    That may be if its size has no name that tells so: then it is wrong for any other size.
    """
    if not settings or about["settings"]["size"][1] == "named":
        return False
    larger = {key: (3, 3) if isinstance(each, tuple) else 3 for key, each in settings.items()}
    return bool(answer(settings)) and answer(larger) == ""


def _may_be(method: Any, place: int, *meant: str) -> bool:
    """Whether the parameter at this place, counting self, has a name with one of these meanings."""
    return any(roles(each.name, meant) for each in parameters_of(method)[place : place + 1])


def _answers(
    make: Callable[[], Any], topic: str, about: Json, asked: Probe, *, numbers: bool
) -> str | None:
    """Return the same for one call; None if forward raises."""
    given = asked.inputs
    try:
        layer = make()
        raw = layer.forward(*given)
        if shape(raw) != asked.output.shape or (numbers and not same(raw, asked.output)):
            return ""
        if topic in WEIGHTED:
            moved = layer.forward(given[0], given[1] + 1, *given[2:])
            layer.forward(*given)
            if shape(moved) == shape(raw) and same(moved, np.asarray(raw)):
                return ""  # it has weights of its own
    except BaseException:  # noqa: BLE001 - the layer may raise anything
        return None
    dout = asked.dout.copy() if asked.dout.ndim else np.float64(asked.dout)
    try:
        back = layer.backward(dout) if about["backward"][1] else layer.backward()
    except TypeError as error:
        entered = error.__traceback__
        return FALLS if entered and entered.tb_next else ""
    except BaseException:  # noqa: BLE001 - wrong, if it is the lab's
        return FALLS
    if back is None and kept_array(layer, INPUT_GRADIENTS):
        return ""
    inputs = given[:1] if topic == LOSS else given
    if isinstance(back, dict) and len(inputs) > 1:
        return ""  # trying shows in which order
    left_out = int(topic in WEIGHTED and about["forward"][1] > 2 and len(inputs) == 2)
    return "" if "count" in pack_gradients(back, inputs, left_out) else ANSWERS


def _unknown(
    layer: Candidate, failures: Sequence[Failed], reasons: Sequence[str], home: Home
) -> Json:
    """Return why no way to call it was found: what came furthest.

    of_theirs: as in `not_checked`.
    """
    # A setting that has another name in the student's dict is no refusal of such a case.
    others = [
        each
        for each in failures
        if isinstance(each.error, NoSettingError) or not isinstance(each.error, NotTakenError)
    ]
    order = {layer.backward: 2, layer.forward: 1}
    # A layer that was not prepared, or was given None, may raise for that reason alone.
    last = max(
        others,
        key=lambda each: (
            order.get(each.at, 0),
            each.prepared,
            not each.guessed,
            home.lines(each.error),
        ),
        default=None,
    )
    why, of_theirs = reasons[-1] if reasons else "", ""
    thing = layer.things.get("")
    if lacking := [each for each in (layer.forward, layer.backward) if _lacks_self(thing, each)]:
        has = "have" if len(lacking) > 1 else "has"
        why = f"{listed(lacking)} {has} no self, the first parameter of a method"
    elif not (why or last) and _takes_nothing(layer):
        why = f"{layer.forward} takes no input"
    elif not why or (last is not None and last.at == layer.backward != layer.forward):
        needs = ", ".join(required(thing)) if thing is not None else ""
        why, of_theirs = _reason(needs, last and last.at, last and blame(last.error, home))
        if last and last.guessed:
            of_theirs = ""
            if last.unclear:
                why = f"nothing tells what {listed(last.unclear)} should be: with a guess {why}"
        elif last and last.behind and of_theirs != ABSENT:
            of_theirs += f" in {last.at}"
    return {"problem": why, "topic": layer.topics[0], "of_theirs": of_theirs}


def _lacks_self(thing: Any, method: str) -> bool:
    """Whether a method's only parameter is meant to be its input: forward(x)."""
    if not isinstance(thing, type) or is_static(thing, method):
        return False
    parameters = parameters_of(getattr(thing, method))
    names = [each.name for each in parameters if each.kind in POSITIONAL]
    return len(names) == len(parameters) == 1 and names != ["self"]


def _takes_nothing(layer: Candidate) -> bool:
    """Whether forward cannot be given anything."""
    if "" not in layer.things:
        return counts(signature_of(layer.things[layer.forward]))[1] == 0
    return method_counts(layer.things[""], layer.forward)[1] == 0


def _reason(needs: str, at: str | None, error: Json | None) -> tuple[str, str]:
    """Return what the student's code raised last, and its type; else what it seems to need."""
    if error is None or error["binding"]:
        needed = f"its constructor needs ({needs})" if needs else "its methods take something else"
        return needed, ""
    raised = Raised(**error)
    if at != "__init__":
        return f"{at} {raised.words}{raised.where}", raised.name
    # It may raise only because of what it was given, unless a module is missing here.
    of_machine = raised.type == ABSENT
    return f"its constructor {raised.words}{raised.where}", ABSENT if of_machine else ""


def _description(plan: Plan, layer: Candidate, home: Home) -> Json:
    """Return a plan together with what `described` says of the lab's classes."""
    given = (*plan.arguments, *plan.constructor)
    named = {role: name for name, (kind, role) in given if kind == "role"}
    settings = {setting: [setting, "named"] for setting in plan.fixed} | {
        found[1]: [named.get(role, role), "named"]
        for role in (*sorted(roles_in(plan.constructor, plan.arguments)), *plan.read)
        if (found := SETTING.fullmatch(role))
    }
    loss = plan.topic == LOSS
    weights = 2 if loss else 1
    if plan.topic in WEIGHTED:
        weights = 2 if plan.bias is None else 3
    thing = layer.things.get("") or SimpleNamespace(**layer.things)
    about = Description(
        topic=plan.topic,
        settings=settings,
        forward=(min(weights, 2), weights),
        backward=(0, 0) if loss and "dout" not in roles_in(plan.back) else (1, 1),
        lines=lines(thing, plan.forward, plan.backward, home),
        plan=asdict(plan),
        taken=[*sentences(plan), *between_passes(thing)],
        alone=_run_together(plan, layer),
        unlike=_unlike_the_bias(plan, layer),
    )
    return asdict(about)


def _run_together(plan: Plan, layer: Candidate) -> str:
    """Return a sentence if a Flatten of single examples makes one row of a minibatch; else ""."""
    axes = plan.forms[0]
    if plan.topic != "Flatten" or not axes.singly:
        return ""
    asked = probe(plan.topic, axes.ours, bias=False)
    whole = replace(plan, forms=[Axes(axes.ours, (axes.ours[0], "", ""))])
    adapter = Adapter(layer.things, whole, {})
    try:
        adapter.begin(np.copy(asked.x))
        made = shape(adapter.call(np.copy(asked.x)))
    except BaseException:  # noqa: BLE001 - the layer may raise anything
        return ""
    return (
        f"it is right for one example at a time alone: of a whole minibatch {asked.x.shape} it "
        f"makes the shape {made}, in which the examples are not kept apart"
    )


def _unlike_the_bias(plan: Plan, layer: Candidate) -> str:
    """Return a sentence if numpy's broadcasting makes b - db larger than b; else ""."""
    if not plan.bias or plan.untied:
        return ""
    asked = probe(plan.topic, plan.forms[0].ours, bias=True)
    adapter = Adapter(layer.things, plan, {})
    try:
        adapter.forward(*asked.inputs)
        adapter.backward(np.copy(asked.dout))
    except BaseException:  # noqa: BLE001 - the layer may raise anything
        return ""
    own, given = adapter.bias_shape, adapter.bias_gradient_shape
    both = np.broadcast_shapes(own, given)
    if np.prod(both) == np.prod(own):
        return ""
    return (
        f"db has the shape {given}, b the shape {own}: b - db would have the shape {both}; give db "
        "the shape of b"
    )

"""How a student's constructor takes a setting: by its name, by its position, or not at all."""

import inspect
from collections.abc import Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any, Final, NamedTuple

from engine.check.student.theirs.interfaces import roles

POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class Access(NamedTuple):
    """The way to a setting: the parameter, how it was found (named, position or any), its kind."""

    parameter: str
    how: str
    kind: str = Parameter.KEYWORD_ONLY.name


def signature_of(function: Any) -> Signature | None:
    """The signature, None where Python knows none."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def accesses(signature: Signature | None, order: Sequence[str]) -> dict[str, Access]:
    """The way to each setting, in our signature's order; those that are not there are left out.

    A setting that is named is claimed: wrong is wrong. One whose name means another is not taken.
    any: through *args or **kwargs, which also swallow what is not meant for them.
    """
    if signature is None:
        return {setting: Access(setting, "any") for setting in order}
    parameters = list(signature.parameters.values())
    plain = [each for each in parameters if each.kind in (*POSITIONAL, Parameter.KEYWORD_ONLY)]
    found = {
        setting: Access(each.name, "named", each.kind.name)
        for setting in order
        for each in reversed(plain)  # of several, the first
        if roles(each.name, (setting,))
    }
    taken = {access.parameter for access in found.values()}
    by_position = [each for each in parameters if each.kind in POSITIONAL]
    rest = {each.kind: each.name for each in parameters}
    for position, setting in enumerate(order):
        if setting in found:
            continue
        if position < len(by_position):
            each = by_position[position]
            if each.name not in taken and not roles(each.name, order):
                found[setting] = Access(each.name, "position", each.kind.name)
            continue
        for kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            if kind in rest and setting not in found:
                found[setting] = Access(rest[kind], "any", kind.name)
    return found


def arguments(
    signature: Signature | None, order: Sequence[str], settings: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The settings as the constructor's (*args, **kwargs)."""
    if signature is None:
        return (), dict(settings)
    if not settings:
        return (), {}
    found = accesses(signature, order)
    bound = signature.bind_partial()
    for setting, value in settings.items():
        parameter = found[setting].parameter
        match signature.parameters[parameter].kind:
            case Parameter.VAR_POSITIONAL:
                bound.arguments[parameter] = _in_order(order, settings, parameter, found)
            case Parameter.VAR_KEYWORD:
                bound.arguments.setdefault(parameter, {})[setting] = value
            case _:
                bound.arguments[parameter] = value
    bound.apply_defaults()
    return bound.args, bound.kwargs


def _in_order(
    order: Sequence[str], settings: Mapping[str, Any], parameter: str, found: dict[str, Access]
) -> tuple[Any, ...]:
    """All that goes into *args, down to the last that is given; our defaults fill the gaps."""
    fillers = defaults(order)
    last = max(order.index(setting) for setting in settings)
    return tuple(
        settings.get(setting, fillers.get(setting))
        for setting in order[: last + 1]
        if found[setting].parameter == parameter
    )


def defaults(order: Sequence[str]) -> Mapping[str, int | None]:
    """What a setting is where nobody says so."""
    return {"size": None, "stride": None if "size" in order else 1, "padding": 0}


def counts(signature: Signature | None) -> tuple[int, int]:
    """How many arguments a bound method needs at least, and takes at most.

    What may be left out and is named `_` is not taken: it is there so that anything may be given.
    """
    if signature is None:
        return 0, 99
    parameters = [
        each
        for each in signature.parameters.values()
        if each.kind in POSITIONAL
        and (each.default is Parameter.empty or not each.name.startswith("_"))
    ]
    least = sum(each.default is Parameter.empty for each in parameters)
    kinds = {each.kind for each in signature.parameters.values()}
    return least, 99 if Parameter.VAR_POSITIONAL in kinds else len(parameters)

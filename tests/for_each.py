"""Run many small cases of one fact as subtests of a single test.

-k does not find them. With FOR_EACH=divided in the environment, each `for_each` runs only its cases
with "divided" in their names; if it has none, all.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeAlias

import pytest

Test: TypeAlias = Callable[..., None]


def for_each(
    names: str | tuple[str, ...], cases: Iterable[Any], ids: Sequence[str] = ()
) -> Callable[[Test], Test]:
    """Parametrize like `pytest.mark.parametrize`, with the cases as subtests of one test.

    Meant for cases that take less time than pytest's own overhead for a test, which is four times
    its overhead for a subtest. All cases share the test's fixtures.
    """
    rows = [case if isinstance(names, tuple) else (case,) for case in cases]
    keys = names if isinstance(names, tuple) else (names,)
    given = [dict(zip(keys, row, strict=True)) for row in rows]
    known = ids or [", ".join(map(repr, row)) for row in rows]
    assert given, "there is no case"

    def of_all(test: Test) -> Test:
        signature = inspect.signature(test)
        left = {name: it for name, it in signature.parameters.items() if name not in keys}
        assert len(left) + len(keys) == len(signature.parameters)

        @wraps(test)
        def tested(*itself: Any, subtests: pytest.Subtests, **others: Any) -> None:
            if "subtests" in left:  # the test asks for it, or a for_each inside
                others["subtests"] = subtests
            named, part = [*zip(given, known, strict=True)], os.environ.get("FOR_EACH", "")
            for case, name in [each for each in named if part in each[1]] or named:
                with subtests.test(f"{' and '.join(keys)}: {name}"):
                    test(*itself, **case, **others)

        mine = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)
        parameters = [*(left | {"subtests": mine}).values()]
        tested.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return tested

    return of_all

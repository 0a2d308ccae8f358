"""Many small cases of one fact as one test."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeAlias

Test: TypeAlias = Callable[..., None]


def for_each(
    names: str | tuple[str, ...], cases: Iterable[Any], ids: Sequence[str] = ()
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but all cases are one test; every one that fails is named.

    For cases that take no longer than what pytest does around each. Fixtures are the same for all.
    """
    rows = [case if isinstance(names, tuple) else (case,) for case in cases]
    keys = names if isinstance(names, tuple) else (names,)
    given = [dict(zip(keys, row, strict=True)) for row in rows]
    known = ids or [", ".join(map(repr, row)) for row in rows]
    assert given, "there is no case"

    def of_all(test: Test) -> Test:
        @wraps(test)
        def tested(*itself: Any, **others: Any) -> None:
            failed = []
            for case, name in zip(given, known, strict=True):
                try:
                    test(*itself, **case, **others)
                except Exception as error:  # noqa: BLE001 - whatever a test may fail with
                    error.add_note(f"with {' and '.join(keys)}: {name}")
                    failed.append(error)
            if failed:
                raise failed[0] if len(failed) == 1 else ExceptionGroup("some cases", failed)

        signature = inspect.signature(test)
        left = [each for each in signature.parameters.values() if each.name not in keys]
        assert len(left) + len(keys) == len(signature.parameters)
        tested.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return tested

    return of_all

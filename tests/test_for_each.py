"""`for_each` runs every case, under its name, with the test's fixtures."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest

from tests.for_each import for_each


class Named(list[str]):
    """A stand-in for pytest's subtests that records their names."""

    def test(self, name: str) -> Any:
        self.append(name)
        return nullcontext()


def test_all_cases_are_met(tmp_path: Path) -> None:
    met, named = [], Named()

    @for_each(("x", "y"), [(1, 2), (3, 4)], ids=["low", "high"])
    @for_each("z", "ab")
    def each(x: int, y: int, z: str, tmp_path: Path) -> None:
        met.append((x, y, z, tmp_path))

    each(tmp_path=tmp_path, subtests=cast(pytest.Subtests, named))
    assert met == [(x, y, z, tmp_path) for x, y in ((1, 2), (3, 4)) for z in "ab"]
    inner = ["z: 'a'", "z: 'b'"]
    assert named == ["x and y: low", *inner, "x and y: high", *inner]


@pytest.mark.parametrize(("part", "expected"), [("lo", "1a 1b"), ("'b'", "1b 2b")])
def test_only_cases_with_a_part_of_a_name_are_met(
    part: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOR_EACH", part)
    met = []

    @for_each("x", [1, 2], ids=["low", "high"])
    @for_each("z", "ab")
    def each(x: int, z: str) -> None:
        met.append(f"{x}{z}")

    each(subtests=cast(pytest.Subtests, Named()))
    assert met == expected.split()

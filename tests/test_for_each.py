"""That every case is met, and that each one which fails is named."""

from pathlib import Path

import pytest

from tests.for_each import for_each


def test_all_cases_are_met_with_the_fixtures_of_the_test(tmp_path: Path) -> None:
    met = []

    @for_each(("x", "y"), [(1, 2), (3, 4)])
    @for_each("z", "ab")
    def each(x: int, y: int, z: str, tmp_path: Path) -> None:
        met.append((x, y, z, tmp_path))

    each(tmp_path=tmp_path)
    assert met == [(x, y, z, tmp_path) for x, y in ((1, 2), (3, 4)) for z in "ab"]


def test_every_case_that_fails_is_named() -> None:
    @for_each("x", [1, 2, 3], ids=["one", "two", "three"])
    def odd(x: int) -> None:
        assert x % 2

    @for_each("x", [1, 2, 3])
    def even(x: int) -> None:
        assert not x % 2

    with pytest.raises(AssertionError) as alone:
        odd()
    assert alone.value.__notes__ == ["with x: two"]
    with pytest.raises(ExceptionGroup) as some:
        even()
    assert [each.__notes__ for each in some.value.exceptions] == [["with x: 1"], ["with x: 3"]]

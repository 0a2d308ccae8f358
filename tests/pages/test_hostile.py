"""Addresses and messages that nobody means well with, on every page.

Whatever comes, the scene is one that the page's widgets can hold and that its own address gives
again, and what was sent stands nowhere in the picture.
"""

import json
import struct
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.registry import SUBJECTS
from pages.state.page_state import PRESET, PageState
from pages.state.scene import Scene
from tests.pages.components.test_live_figure import FIELDS, anything

CASES: Final = 5000
"""Addresses in all."""
PICTURES: Final = 15
"""Addresses of each page whose pictures are drawn as well."""

MARK: Final = "<script>mark()</script>"
NASTY: Final = (
    MARK,
    f'"><img src=x onerror=mark()>{MARK}',
    "javascript:mark()",
    "../../../../etc/passwd",
    "..%2f..%2fapp.py",
    "{{7*7}}",
    "__class__",
    "nan",
    "-inf",
    "1e999",
    "-0.0",
    "1_0",
    "٣",
    "²",
    "1e-400",
    "0x10",
    "true",
    "null",
    "[1,2]",
    "1" * 5000,
    "," * 5000,
    "1," * 5000,
    "a\x00b\r\nset-cookie: x",
    "\ud800",
    "‮gnissecorp",
    "🦆" * 300,
    "",
    " ",
    "99999999",
    "100000000000",
)

SIGNS: Final = (*range(128), *(2**n + 7 for n in range(7, 17)), 0xD800, 0x1F986, 0x10FFFF)
"""Of texts: ASCII, and one of each size beyond it."""

junk = st.sampled_from(NASTY) | st.text(max_size=40)
pages = pytest.mark.parametrize("page", SUBJECTS)


def texts(scene: Scene) -> st.SearchStrategy[dict[str, str]]:
    """Addresses of a page: known keys mostly; values that are right, nearly so, or not at all.

    Each is drawn at once, by its seed: entry by entry it would take longer than all that is tested.
    """
    return st.integers(0, 2**32 - 1).map(lambda seed: _address(Random(seed), scene.query()))


def _address(random: Random, values: Mapping[str, str]) -> dict[str, str]:
    known, unknown = [*values, PRESET], ["__init__", "embed", MARK, "X"]
    asked = [
        random.choice(random.choice([known, known, known, unknown])) for _ in range(len(values) + 2)
    ]
    return {key: _value(random, values) for key in asked[random.randrange(len(asked)) :]}


def _value(random: Random, values: Mapping[str, str]) -> str:
    match random.choice(["right", "number", "numbers", "nasty", "text"]):
        case "right":
            return random.choice([*values.values()])
        case "number":
            return _number(random)
        case "numbers":
            return ",".join(_number(random) for _ in range(random.randrange(13)))
        case "nasty":
            return random.choice(NASTY)
        case _:
            return "".join(chr(random.choice(SIGNS)) for _ in range(random.randrange(41)))


def _number(random: Random) -> str:
    """Small or huge, whole or of any bits: nan and inf among them."""
    match random.choice(["whole", "huge", "usual", "bits"]):
        case "whole":
            return str(random.randrange(-9, 10))
        case "huge":
            return str(random.getrandbits(128) - 2**127)
        case "usual":
            return str(round(random.gauss(0, 10), random.randrange(6)))
        case _:
            return repr(*struct.unpack("d", random.randbytes(8)))


def opened(page: str) -> PageState[Any]:
    subject = SUBJECTS[page]
    return PageState(subject.start, subject.presets, subject.start)


def held(page: str, scene: Scene) -> None:
    """The scene is possible, its sliders can show it, and its address gives it again."""
    subject = SUBJECTS[page]
    assert scene.possible() == (scene, [])
    assert subject.start.updated(scene.query()) == (scene, [])
    for slider in subject.sliders(scene):
        assert slider.low <= slider.value <= slider.high


@pages
def test_an_address_never_breaks_a_page(page: str) -> None:
    @settings(max_examples=CASES // len(SUBJECTS))
    @given(texts(SUBJECTS[page].start))
    def holds(address: dict[str, str]) -> None:
        state = opened(page)
        state.read_address(address)
        held(page, state.scene)
        assert all(len(sentence) < 1000 for sentence in state.problems)

    holds()


@pages
def test_what_was_sent_stands_nowhere_in_the_picture(page: str) -> None:
    subject = SUBJECTS[page]

    @settings(max_examples=PICTURES)
    @given(texts(subject.start))
    def holds(address: dict[str, str]) -> None:
        state = opened(page)
        state.read_address(address)
        picture = subject.picture(state.scene, theme="light")
        said = json.dumps([picture.figure, picture.explanation, state.scene.query()], default=str)
        assert "mark()" not in said
        assert "passwd" not in said

    holds()


@pages
def test_a_message_never_breaks_a_page(page: str) -> None:
    start = SUBJECTS[page].start
    moves = st.dictionaries(st.sampled_from([*start.entry_names(), "x99", MARK]), anything)
    message = st.fixed_dictionaries(
        {"serial": st.just("1"), "values": moves},
        optional={
            "address": texts(start) | anything,
            "step": st.integers() | anything,
            "entry": junk | st.sampled_from([*start.entry_names()]),
            **dict.fromkeys(FIELDS[5:], anything),
        },
    )

    @settings(max_examples=40)
    @given(message)
    def holds(raw: dict[str, Any]) -> None:
        state = opened(page)
        assert state.hear(raw)
        held(page, state.scene)

    holds()

"""Malicious addresses and messages, on every page.

After each of them the page's widgets can show the scene, the scene's own address gives it again,
and nothing of the input is in the picture.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import pytest

from pages.registry import SUBJECTS
from pages.state.scene import PRESET, Scene
from tests.pages.components.test_live_figure import FIELDS
from tests.pages.scenes import page_state

CASES: Final = 2500
"""The number of addresses, on all pages together."""
MESSAGES: Final = 75
"""The number of messages to each page."""
PICTURES: Final = 8
"""The number of addresses of each page whose pictures are drawn too."""

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
"""Code points for texts: ASCII, and one of each size beyond."""

pages = pytest.mark.parametrize("page", SUBJECTS)


def randoms(count: int) -> Iterator[Random]:
    """A generator for each case; hypothesis would take longer for a case than its whole test."""
    return map(Random, range(count))


@contextmanager
def told(case: object) -> Iterator[None]:
    """Add the case to an error that is raised."""
    try:
        yield
    except Exception as error:
        error.add_note(f"with {case!r}")
        raise


def address_of(random: Random, values: Mapping[str, str]) -> dict[str, str]:
    """A random address: mostly known keys, with values that are right, nearly right, or wrong."""
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
            return _text(random)


def _text(random: Random) -> str:
    return "".join(chr(random.choice(SIGNS)) for _ in range(random.randrange(41)))


def _number(random: Random) -> str:
    """A random number as text: small, huge, whole, or of any bits, including nan and inf."""
    match random.choice(["whole", "huge", "usual", "bits"]):
        case "whole":
            return str(random.randrange(-9, 10))
        case "huge":
            return str(random.getrandbits(128) - 2**127)
        case "usual":
            return str(round(random.gauss(0, 10), random.randrange(6)))
        case _:
            return repr(*struct.unpack("d", random.randbytes(8)))


def anything(random: Random, depth: int = 2) -> Any:
    """A random value that a message can contain."""
    kinds = ["nothing", "truth", "whole", "number", "nasty", "text", "list", "dictionary"]
    match random.choice(kinds if depth else kinds[:-2]):
        case "nothing":
            return None
        case "truth":
            return random.choice([True, False])
        case "whole":
            return random.choice([0, 1, -1, 2**63, -(2**200), random.randrange(-99, 100)])
        case "number":
            return float(_number(random))
        case "nasty":
            return random.choice(NASTY)
        case "text":
            return _text(random)
        case "list":
            return [anything(random, depth - 1) for _ in range(random.randrange(4))]
        case _:
            return {_text(random): anything(random, depth - 1) for _ in range(random.randrange(4))}


def message_to(random: Random, start: Scene) -> dict[str, Any]:
    """A random message with some of the known fields, half of them of the right form."""
    names = [*start.entry_names()]
    moved = random.choices([*names, "x99", MARK], k=random.randrange(4))
    right = {
        "values": {name: anything(random) for name in moved},
        "address": address_of(random, start.query()),
        "step": random.randrange(-9, 10),
        "entry": random.choice([*names, *NASTY, _text(random)]),
    }
    return {"serial": "1"} | {
        key: random.choice([right[key], anything(random)]) if key in right else anything(random)
        for key in FIELDS[1:]
        if random.choice([True, False])
    }


def held(page: str, scene: Scene) -> None:
    """Assert that a scene is possible, its sliders can show it, and its address gives it again."""
    subject = SUBJECTS[page]
    assert scene.possible() == (scene, [])
    assert subject.start.updated(scene.query()) == (scene, [])
    for slider in subject.sliders(scene):
        assert slider.low <= slider.value <= slider.high


@pages
def test_an_address_never_breaks_a_page(page: str) -> None:
    for random in randoms(CASES // len(SUBJECTS)):
        address, state = address_of(random, SUBJECTS[page].start.query()), page_state(page)
        with told(address):
            state.read_address(address)
            held(page, state.scene)
            assert all(len(sentence) < 1000 for sentence in state.problems)


@pages
def test_what_was_sent_stands_nowhere_in_the_picture(page: str) -> None:
    subject = SUBJECTS[page]
    for random in randoms(PICTURES):
        address, state = address_of(random, subject.start.query()), page_state(page)
        with told(address):
            state.read_address(address)
            picture = subject.picture(state.scene)
            said = json.dumps(
                [picture.figure, picture.explanation, state.scene.query()], default=str
            )
            assert "mark()" not in said
            assert "passwd" not in said


@pages
def test_a_message_never_breaks_a_page(page: str) -> None:
    for random in randoms(MESSAGES):
        message, state = message_to(random, SUBJECTS[page].start), page_state(page)
        with told(message):
            assert state.hear(message)
            held(page, state.scene)

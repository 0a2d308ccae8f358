"""The styles of an exported picture: which are possible, and which are refused."""

import pytest

from pages.export.style import KEYS, SIZES, Style
from tests.for_each import for_each


@for_each(
    ("key", "value", "read"),
    [
        ("size", "1920x1080", (1920, 1080)),
        ("size", "4:3", SIZES["4:3"]),
        ("size", "100x8192", (100, 8192)),
        ("scale", 2, 2.0),
        ("theme", "dark", "dark"),
        ("transparent", True, True),
        ("font-scale", 1.25, 1.25),
        ("title", False, False),
        ("caption", False, False),
        ("steps", True, True),
        ("pair", True, True),
        ("slider", "w1,2", "w1,2"),
        ("format", "svg", ("svg",)),
        ("format", ["png", "svg", "png"], ("png", "svg")),
    ],
)
def test_a_value_is_read(key: str, value: object, read: object) -> None:
    assert KEYS[key].read(value) == read
    assert getattr(Style().with_changes({KEYS[key].field: read}), KEYS[key].field) == read


REFUSED: dict[str, tuple[object, ...]] = {
    "size": ("", "x", "99x100", "8193x100", "1e3x500", "²x²", "1920x1080x3", 5, None),
    "scale": (0, -1, 9, "2", True, False, float("nan"), float("inf")),
    "font-scale": (0.1, 2.1),
    "theme": ("", "Light", 1),
    "title": ("no", 0, None),
    "caption": ("no", 1, None),
    "pair": ("yes", 1, None),
    "slider": (1,),
    "format": ("jpg", [], ["png", "jpg"], 3, None, {}),
}
NEEDS = {
    "size": "WIDTHxHEIGHT from 100 to 8192, or one of 16:9, 4:3, square",
    "scale": "a number from 0.25 to 8",
    "font-scale": "a number from 0.5 to 2",
    "theme": "one of light, dark",
    **dict.fromkeys(("title", "caption", "pair"), "true or false"),
    "slider": "text",
    "format": "some of png, svg, pdf, gif, html, py, torch, jax",
}


@for_each(("key", "value"), [(key, value) for key, values in REFUSED.items() for value in values])
def test_another_value_is_refused_with_what_is_needed_and_what_came(
    key: str, value: object
) -> None:
    with pytest.raises(ValueError, match="needs ") as refused:
        KEYS[key].read(value)
    assert str(refused.value) == f"needs {NEEDS[key]}; got {value!r}"


def test_every_field_has_a_key() -> None:
    assert {key.field for key in KEYS.values()} == set(Style.__dataclass_fields__)


def test_the_ratios_are_what_they_say() -> None:
    assert [width / height for width, height in SIZES.values()] == [16 / 9, 4 / 3, 1]


def test_a_question_has_no_steps() -> None:
    said = "^pair and steps do not go together: a question hides the gradients$"
    with pytest.raises(ValueError, match=said):
        Style().with_changes({"steps": True, "pair": True})


def test_a_side_of_a_scaled_picture_is_the_nearest_number_of_pixels() -> None:
    assert Style(size=(115, 101), scale=0.26).pixels == (30, 26)  # 29.9 and 26.26


def test_no_picture_is_larger_than_a_browser_draws() -> None:
    for size in ((8192, 8192), (8192, 100), (100, 8192)):
        got = f"got {8 * size[0]}x{8 * size[1]}"
        with pytest.raises(
            ValueError, match=f"size times scale needs 16384 pixels .* at most; {got}"
        ):
            Style().with_changes({"size": size, "scale": 8.0})
    assert Style().with_changes({"size": (2048, 1000), "scale": 8.0}).pixels == (16384, 8000)

"""The fingerprint of the figure that a PNG file contains."""

from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.export.fingerprint import (
    fingerprint,
    fingerprint_in,
    is_current,
    job_fingerprint,
    with_fingerprint,
)
from pages.export.render_jobs import job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.figures.heat_maps import data_uri


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (3, 2), (1, 2, 3)).save(file, "PNG")
    return file.getvalue()


def test_a_fingerprint_is_read_again_and_the_picture_is_as_it_was() -> None:
    marked = with_fingerprint(png(), "3x2 abc")
    assert fingerprint_in(marked) == "3x2 abc"
    assert fingerprint_in(png()) == ""
    picture = Image.open(BytesIO(marked))
    picture.load()
    assert picture.info["figure"] == "3x2 abc"
    assert picture.tobytes() == Image.open(BytesIO(png())).tobytes()


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    one, other = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}
    assert fingerprint(one) == fingerprint(other) != fingerprint({"a": 1, "b": {"c": 3, "d": 2}})


def test_a_fingerprint_does_not_depend_on_how_a_processor_rounds() -> None:
    # Recorded with numpy 2 on two processors: the height of an error of about 1e-12.
    one, other = ([{"meta": "rounded", "y": y}, {"y": [1.0]}] for y in ([152.6], [122.3, None]))
    assert fingerprint({"data": one}) == fingerprint({"data": other})
    assert fingerprint({"data": one}) != fingerprint({"data": one[1:]})
    figure = slide(job_of_preset("gradient-check/smooth", Style()))
    assert [trace.get("meta") for trace in figure["data"]].count("rounded") == 7


def test_what_is_no_png_is_refused() -> None:
    for content in (b"", b"GIF89a"):
        with pytest.raises(ValueError, match="a PNG is needed"):
            with_fingerprint(content, "")


def test_a_fingerprint_changes_with_what_is_seen() -> None:
    figures = [
        slide(job_of_preset(name, Style(theme=theme)))
        for name in ("max-tie", "three-way-tie")
        for theme in ("light", "dark")
    ]
    assert len({fingerprint(figure) for figure in figures}) == 4
    assert fingerprint(figures[0]) == fingerprint(slide(job_of_preset("max-tie", Style())))


def test_a_fingerprint_does_not_change_with_the_machine() -> None:
    assert fingerprint({"x": [0.1 + 0.2, -0.0, 1]}) == fingerprint({"x": (0.3, 0, 1.0)})
    assert fingerprint({"x": [0.301]}) != fingerprint({"x": [0.3]})
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    colours = ["#000000", "#111111", "#222222", "#333333", "#444444", "#555555"]
    uri = data_uri(pixels, colours)
    assert fingerprint({"source": uri}) == fingerprint({"source": packed_otherwise(uri)})
    assert fingerprint({"source": uri}) != fingerprint({"source": data_uri(pixels[::-1], colours)})
    assert fingerprint({"source": uri}) != fingerprint(
        {"source": data_uri(pixels.reshape(3, 2), colours)}
    )


def packed_otherwise(uri: str) -> str:
    """The same picture without a palette and with little compression."""
    head, _, body = uri.partition(",")
    file = BytesIO()
    Image.open(BytesIO(b64decode(body))).convert("RGB").save(file, "PNG", compress_level=1)
    assert len(file.getvalue()) != len(b64decode(body))
    return f"{head},{b64encode(file.getvalue()).decode()}"


def test_a_picture_is_current_where_it_is_there_and_shows_the_same(tmp_path: Path) -> None:
    job = job_of_preset("max-tie", Style(size=(300, 200)))
    path = tmp_path / "max-tie.png"
    assert not is_current(path, job)
    path.write_bytes(with_fingerprint(png(), job_fingerprint(job, fingerprint(slide(job)))))
    assert is_current(path, job)
    for style in (Style(size=(300, 200), theme="dark"), Style(size=(600, 400))):
        assert not is_current(path, job_of_preset("max-tie", style))
    path.write_bytes(png())
    assert not is_current(path, job)

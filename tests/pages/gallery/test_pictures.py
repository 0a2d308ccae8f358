"""The thumbnails in the repository show what the pages show now."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.export.batch import Output, Studio
from pages.export.fingerprint import fingerprint_in, with_fingerprint
from pages.gallery import renew
from pages.gallery.exhibits import FOLDER, THUMBNAIL, path_of, version_of
from pages.gallery.renew import COLOURS, COMMAND, README, kept_pictures, smaller, strays
from tests.pages.apart import apart

ROOT = Path(__file__).parents[3]
LARGEST = 6_000_000
"""The most bytes of all thumbnails together, which everyone who clones the program gets."""


def test_the_kept_pictures_are_current() -> None:
    outdated = [str(each.path.relative_to(ROOT)) for each in kept_pictures() if each.is_outdated]
    assert outdated == [], f"made again by: {COMMAND}"


def test_the_readme_shows_those_that_its_file_of_scenes_describes() -> None:
    described = {each.path.name for each in kept_pictures() if each.path.parent == README}
    assert {path.name for path in README.glob("*.png")} == described
    shown = re.findall(r"\.github/pictures/([\w.-]+)", (ROOT / "README.md").read_text("utf-8"))
    assert {*shown} == described


def test_the_kept_pictures_are_small_and_there_are_no_others() -> None:
    assert strays() == [], f"deleted by: {COMMAND}"
    sizes = {path: path.stat().st_size for path in FOLDER.glob("*/*")}
    missing = [each.path.name for each in kept_pictures() if each.small and each.path not in sizes]
    assert missing == [], f"made by: {COMMAND}"
    assert len(sizes) == len([each for each in kept_pictures() if each.small])
    assert sum(sizes.values()) < LARGEST


def test_a_thumbnail_has_few_colours_its_size_and_its_fingerprint() -> None:
    picture = Image.new("RGB", (400, 300))
    picture.putdata([(x % 256, y % 256, 0) for y in range(300) for x in range(400)])
    picture.paste((7, 8, 9), (100, 0, 400, 200))
    file = BytesIO()
    picture.save(file, "PNG")
    small = smaller(with_fingerprint(file.getvalue(), "400x300 abc"))
    assert fingerprint_in(small) == "400x300 abc"
    again = Image.open(BytesIO(small))
    assert again.size == (400, 300)
    assert 100 < len(again.convert("RGB").getcolors() or ()) <= COLOURS
    most = np.abs(np.asarray(again.convert("RGB"), int) - np.asarray(picture, int)).max()
    assert most < 40, "no colour is lost"
    assert again.convert("RGB").getpixel((399, 0)) == (7, 8, 9), "the paper is exactly the paper"
    with Image.open(path_of("max-tie", "dark")) as shown:
        assert shown.size == THUMBNAIL


def test_flat_colours_stay_as_they_are_among_the_edges_between_them() -> None:
    flat = np.array([(240, 242, 244), (219, 236, 232), (255, 255, 255)])
    draws = np.random.default_rng(0)
    share, one = draws.random((6000, 1)), draws.integers(0, 3, 6000)
    edges = flat[one] * share + flat[(one + 1) % 3] * (1 - share)
    edges[::9] = draws.integers(0, 256, (667, 3))
    pixels = np.concatenate([np.repeat(flat, 8000, axis=0), edges]).round().reshape(100, 300, 3)
    file = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    small = Image.open(BytesIO(smaller(with_fingerprint(file.getvalue(), "300x100 abc"))))
    shown = np.asarray(small.convert("RGB")).reshape(-1, 3)
    assert np.array_equal(shown[:24000], np.repeat(flat, 8000, axis=0))


def test_the_version_changes_with_the_file() -> None:
    versions = {version_of("max-tie", "light"), version_of("max-tie", "dark")}
    assert len(versions) == 2
    assert "" not in versions
    assert version_of("nothing", "light") == ""


def test_what_is_outdated_is_made_again_and_a_failure_is_the_commands_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = islice(kept_pictures(), 2)
    path, png = tmp_path / "relu" / "light.png", BytesIO()
    (current := tmp_path / "current.png").write_bytes(kept := first.path.read_bytes())
    Image.new("RGB", (4, 3)).save(png, "PNG")  # has no fingerprint, so it stays outdated

    async def content(studio: Studio, output: Output) -> bytes:
        if output.job is second.job:
            raise RuntimeError("It went wrong")
        return png.getvalue()

    monkeypatch.setattr(Studio, "content", content)
    (stray := tmp_path / "stray.png").touch()
    monkeypatch.setattr(renew, "strays", lambda: [stray] * stray.exists())
    made = [replace(first, path=each) for each in (current, path)]
    small = replace(first, path=tmp_path / "small.png", small=True)
    monkeypatch.setattr(renew, "kept_pictures", lambda: [*made, small])
    assert [apart(renew.main), apart(renew.main)] == [0, 0], (
        "the second time into a folder that is there"
    )
    assert path.read_bytes() == png.getvalue()
    assert current.read_bytes() == kept
    assert not stray.exists()
    assert small.path.read_bytes() == smaller(png.getvalue())
    monkeypatch.setattr(renew, "kept_pictures", lambda: [replace(second, path=path)])
    assert apart(renew.main) == 1
    assert f"{path}: It went wrong." in capsys.readouterr().err

"""The README's pictures show what the pages show now."""

import re
from pathlib import Path

from pages.exporting.lecture import read_lecture
from pages.exporting.shots import Shot
from pages.exporting.stamp import outdated

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / ".github" / "pictures"


def shots() -> list[Shot]:
    found = list(read_lecture(PICTURES / "pictures.toml", {}))
    assert all(isinstance(each, Shot) for each in found), found
    return [each for each in found if isinstance(each, Shot)]


def test_they_are_those_that_the_file_of_scenes_describes() -> None:
    names = {f"{shot.name}.png" for shot in shots()}
    assert {path.name for path in PICTURES.glob("*.png")} == names
    shown = re.findall(r"\.github/pictures/([\w.-]+)", (ROOT / "README.md").read_text("utf-8"))
    assert {*shown} == names


def test_they_are_current() -> None:
    assert outdated(shots(), PICTURES) == [], (
        "made again by: python -m pages.export .github/pictures/pictures.toml "
        "--out .github/pictures --force"
    )

"""Pictures for slides: what can be asked for, and one of them made for real."""

import os
import struct
from pathlib import Path

import pytest

from pages.export import UnreadableError, as_slide, jobs, main
from pages.scene import PRESETS
from pages.subjects.every import TITLES, names, subject_of


def png_size(path: Path) -> tuple[int, int]:
    """Width and height, as a PNG's first chunk has them."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return int(width), int(height)


def test_every_preset_of_every_page_can_be_asked_for() -> None:
    assert names()[: len(PRESETS)] == list(PRESETS)
    assert {name.partition("/")[0] for name in names()[len(PRESETS) :]} == {*TITLES} - {
        "conv-block"
    }
    assert len(list(jobs(names(), []))) == len(names())


def test_an_address_is_read_with_its_page() -> None:
    (job,) = jobs([], ["http://127.0.0.1:1/backprop/max_pool?h=1,2,3,0,-1&size=3&rule=mlx"])
    assert job.subject is subject_of("max_pool")[0]
    assert job.scene.query()["h"] == "1,2,3,0,-1"
    assert job.title == "Max pool · MLX"
    (block,) = jobs([], ["http://127.0.0.1/?w=-1.5"])
    assert block.scene.query()["w"] == "-1.5"


@pytest.mark.parametrize("name", ["nothing", "max-pool/nothing", "../max-tie", ""])
def test_an_unknown_name_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UnreadableError, match="there are: unique-max"):
        list(jobs([name], []))


@pytest.mark.parametrize("url", ["/?w=nan", "/nowhere?w=1"])
def test_an_unreadable_address_is_refused(url: str) -> None:
    with pytest.raises(UnreadableError):
        list(jobs([], [url]))


@pytest.mark.parametrize("size", [(1600, 900), (800, 600), (900, 900)])
def test_a_slide_has_its_ratio_and_the_picture_its_own(size: tuple[int, int]) -> None:
    (job,) = jobs(["max-tie"], [])
    layout = as_slide(job, "light", size, titled=True)["layout"]
    assert layout["width"] / layout["height"] == pytest.approx(size[0] / size[1])
    margin = layout["margin"]
    across = layout["width"] - margin["l"] - margin["r"]
    down = layout["height"] - margin["t"] - margin["b"]
    assert across == pytest.approx(layout["xaxis"]["range"][1] - layout["xaxis"]["range"][0])
    assert down == pytest.approx(layout["yaxis"]["range"][0] - layout["yaxis"]["range"][1])


def test_a_picture_is_written_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "CHROME_PATH" in os.environ:
        monkeypatch.setenv("BROWSER_PATH", os.environ["CHROME_PATH"])
    wanted = ["max-tie", "--size", "800x450", "--out", str(tmp_path)]
    assert main(wanted) == 0
    assert png_size(tmp_path / "max-tie.png") == (800, 450)
    assert main(wanted) == 1
    assert "is there already; --force overwrites it" in capsys.readouterr().err
    assert main(["nothing", "--out", str(tmp_path)]) == 1
    assert main([]) == 1


def test_without_a_browser_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "nowhere"))
    assert main(["max-tie", "--out", str(tmp_path)]) == 1
    assert "apt install chromium" in capsys.readouterr().err

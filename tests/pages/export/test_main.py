"""The command `python -m pages.export`, as a user types it."""

import contextlib
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from pages.export import __main__ as command
from pages.export.batch import BatchProgress, Output
from pages.export.render_jobs import EXAMPLE, RenderJob, job_of_preset
from pages.export.style import FORMATS, KEYS, Style
from pages.registry import names
from tests.pages.apart import apart
from tests.pages.export.drawing import BlockingStudio

ROOT = Path(__file__).parents[3]
SMALL = ("--size", "320x180")
PATIENCE = 60


@pytest.fixture(autouse=True)
def named_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    if "CHROME_PATH" in os.environ:
        monkeypatch.setenv("BROWSER_PATH", os.environ["CHROME_PATH"])


@pytest.fixture
def no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "nowhere"))


@pytest.fixture
def short_documents(no_browser: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make documents short: test_formats tests their 231 pictures for a slider at every step."""
    monkeypatch.setattr("pages.export.batch.html_file", lambda job: f"{job.name}: {job.title}")


def main(arguments: Sequence[str]) -> int:
    return apart(command.main, arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_a_pipe_of_another_encoding_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the encoding of a file or pipe may have the letters of some countries alone."""
    for argument, said in (
        ("--help", "[PRESET | FILE.toml \\u2026]"),
        ("--list", "\\u2202L/\\u2202"),
    ):
        printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", printed)
        with contextlib.suppress(SystemExit):
            main([argument])
        printed.seek(0)
        assert said in printed.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["--list"], ["max-tie", "--format", "py"]])
def test_an_output_that_takes_nothing_is_one_sentence(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["pages.export", *arguments, "--out", str(tmp_path)])
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        for printed, why in ((full, "No space left on device"), (None, "it is closed")):
            monkeypatch.setattr(sys, "stdout", printed)
            assert apart(command._until_nobody_reads) == 1
            assert capsys.readouterr().err == f"Standard output cannot be written to: {why}.\n"


def test_the_same_scene_gives_the_same_bytes_in_another_process(
    tmp_path: Path, studio: BlockingStudio
) -> None:
    # A heat map in every format but gif, which plays the pictures of a png.
    presets = {"conv-2d/patch": [it for it in FORMATS if it != "gif"], "relu/one-at-zero": FORMATS}
    # In another order, so that nothing depends on earlier drawings; and at the same time.
    lecture, out = tmp_path / "lecture.toml", tmp_path / "out"
    lecture.write_text(
        "\n".join(
            f'[scenes.{name.replace("/", "-")}]\npreset = "{name}"\nformat = {[*reversed(kinds)]}'
            for name, kinds in presets.items()
        ),
        encoding="utf-8",
    )
    command = (sys.executable, "-m", "pages.export", str(lecture), *SMALL, "--out", str(out))
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    style = Style(size=(320, 180))
    outputs = [
        Output(job_of_preset(name, style), kind)
        for name in reversed(presets)
        for kind in presets[name]
    ]
    one = {output.path(out).name: studio.content(output) for output in outputs}
    said, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert [line.split(":")[0] for line in errors.splitlines()] == [
        f"relu-one-at-zero-{framework}.py" for framework in ("jax", "torch")
    ]
    assert len(said.splitlines()) == 2 * len(FORMATS) - 1
    again = files(out)
    assert one.keys() == again.keys()
    assert again.keys() == {
        f"{name}-{kind}.py" if kind in ("torch", "jax") else f"{name}.{kind}"
        for name in ("relu-one-at-zero", "conv-2d-patch")
        for kind in FORMATS
    } - {"conv-2d-patch.gif"}
    assert [name for name in one if one[name] != again[name]] == []


def test_a_file_of_scenes_with_steps_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.export.batch.html_file", lambda job: job.name)
    lecture = tmp_path / "lecture.toml"
    lecture.write_text(
        EXAMPLE.replace("  #", "#") + '\n[scenes.bad]\npreset = "no"\n', encoding="utf-8"
    )
    out = tmp_path / "slides"
    assert main([str(lecture), "--out", str(out), "--size", "4:3", "--scale", "0.25"]) == 1
    steps = {f"the-pass-step-{i}.png" for i in range(7)}
    pair = ("how-many-question.png", "how-many-answer.png")
    assert files(out).keys() == {"tie.svg", "tie.html", *steps, *pair, "what-they-said.png"}
    told = re.findall(r"[\w-]+\.(?:png|svg|html)", " ".join(re.findall("# writes .*", EXAMPLE)))
    assert len(told) == 6
    assert {*told} < files(out).keys()
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        str(out / name)
        for name in ("tie.svg", "tie.html", *sorted(steps), *pair, "what-they-said.png")
    ]
    assert f"{lecture}: scene bad: preset: 'no' is no preset" in said.err
    assert "12 written, 1 not." in said.err


def test_a_file_of_scenes_may_begin_with_a_dash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-l.toml").write_text('[scenes.tie]\npreset = "max-tie"\n', encoding="utf-8")
    assert main(["--format", "py", "--out", "out", "--", "-l.toml"]) == 0
    assert files(tmp_path / "out").keys() == {"tie.py"}


@pytest.mark.usefixtures("short_documents")
def test_a_question_and_its_answer_are_two_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["unique-max", "at-a-kink/smooth", "--pair", "--format", "html"]
    assert main([*wanted, "--out", str(tmp_path)]) == 1
    assert files(tmp_path).keys() == {"unique-max-question.html", "unique-max-answer.html"}
    said = capsys.readouterr().err
    assert said.startswith("at-a-kink-smooth: this page hides nothing")
    assert said.count("at-a-kink-smooth") == 1
    assert main(["at-a-kink/smooth", "--pair", "--out", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "none").exists(), "a folder is for files"
    capsys.readouterr()
    assert usage_error(capsys, "max-tie", "--pair", "--steps").endswith("hides the gradients")


@pytest.mark.usefixtures("short_documents")
def test_without_a_browser_it_says_what_to_install_and_writes_what_needs_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["max-tie", "relu/one-at-zero", "--format", "png", "html", "--out", str(tmp_path)]
    assert main(wanted) == 1
    assert files(tmp_path).keys() == {"max-tie.html", "relu-one-at-zero.html"}
    said = capsys.readouterr().err
    assert said.count("apt install chromium") == 1
    assert "Slide button" in said
    assert "2 written, 2 not." in said


def test_a_slider_that_is_not_there_is_refused_in_every_format(
    no_browser: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "lectures" / "third")]
    assert main(["max-tie", "--slider", "nope", "--format", *FORMATS, *out]) == 1
    *told, last = capsys.readouterr().err.splitlines()
    assert last == f"0 written, {len(FORMATS)} not."
    said = "slider 'nope' is not there; there are: x1, x2, x3, x4, x5, w, dz."
    assert {each.partition(": ")[2] for each in told} == {said}
    assert main(["max-tie", "--slider", "x1", "--format", "py", *out]) == 0


def test_a_folder_is_no_browser(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path))
    assert main(["max-tie", "--out", str(tmp_path)]) == 1
    assert f"BROWSER_PATH names {tmp_path}, which is no program." in capsys.readouterr().err


def test_a_program_that_is_no_browser_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shutil.which("true")
    if program is None:
        pytest.skip("this system has no such program")
    monkeypatch.setenv("BROWSER_PATH", program)
    assert main(["max-tie", "--out", str(tmp_path)]) == 1
    assert "does not start as a browser" in capsys.readouterr().err


@pytest.mark.usefixtures("short_documents")
class TestWithoutDrawing:
    """Tests on files that are made without a browser."""

    html = ("--format", "html")

    def test_a_file_that_is_there_is_not_overwritten(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "max-tie.html").write_text("mine", encoding="utf-8")
        wanted = ["max-tie", "relu/one-at-zero", *self.html, "--out", str(tmp_path)]
        assert main(wanted) == 1
        assert "is there already; --force overwrites it." in capsys.readouterr().err
        assert (tmp_path / "max-tie.html").read_text(encoding="utf-8") == "mine"
        assert (tmp_path / "relu-one-at-zero.html").exists()
        assert main([*wanted, "--force"]) == 0
        assert (tmp_path / "max-tie.html").read_text(encoding="utf-8") != "mine"

    def test_scenes_formats_and_addresses_in_any_order(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        url = "http://host/max_pool?h=1,2,3,0,-1"
        wanted = [
            "--format",
            "html",
            "max-tie",
            "--url",
            url,
            url,
            "relu/all-at-zero",
            "--no-title",
            "--url",
            f"{url}.5",
        ]
        assert main(["zero-weight", *wanted, "max-tie", "--out", str(tmp_path)]) == 0
        names = ("zero-weight", "max-tie", "relu-all-at-zero", "picture-1", "picture-2")
        assert files(tmp_path).keys() == {f"{name}.html" for name in names}
        written = map(Path, capsys.readouterr().out.splitlines())
        assert [path.stem for path in written] == [*names], "what stands after a format comes next"

    def test_two_pictures_of_one_name_are_not_mistaken_for_each_other(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lecture = tmp_path / "LECTURE.TOML"
        lecture.write_text('[scenes.Max-tie]\npreset = "all-negative"\n', encoding="utf-8")
        out = tmp_path / "out"
        assert main(["max-tie", str(lecture), *self.html, "--force", "--out", str(out)]) == 1
        assert files(out).keys() == {"max-tie.html"}
        assert "another picture of this batch is called Max-tie.html" in capsys.readouterr().err
        lecture.write_text(
            "".join(f'[scenes.{name}]\npreset = "max-tie"\n' for name in ("Tie", "tie", "last")),
            encoding="utf-8",
        )
        assert main([str(lecture), *self.html, "--out", str(tmp_path / "other")]) == 1
        assert files(tmp_path / "other").keys() == {"Tie.html", "last.html"}

    def test_a_mistake_on_one_page_does_not_stop_the_others(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(job: RenderJob) -> str:
            if job.name == "max-tie":
                raise KeyError("x")
            return job.name

        monkeypatch.setattr("pages.export.batch.html_file", broken)
        assert main(["max-tie", "zero-weight", *self.html, "--out", str(tmp_path)]) == 1
        assert files(tmp_path).keys() == {"zero-weight.html"}
        assert "max-tie.html: KeyError: 'x'." in capsys.readouterr().err

    def test_a_folder_that_cannot_be_is_one_sentence(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        for folder in (tmp_path / "file", tmp_path / "file" / "below"):
            assert main(["max-tie", *self.html, "--out", str(folder)]) == 1
            first, count = capsys.readouterr().err.splitlines()
            assert first.startswith(f"{folder} cannot be a folder for files: ")
            assert count == "0 written, 1 not."

    def test_a_name_that_no_file_can_have_does_not_stop_the_others(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lecture, long, out = tmp_path / "lecture.toml", "a" * 300, tmp_path / "out"
        scenes = (f'[scenes.{name}]\npreset = "max-tie"\n' for name in (long, "good"))
        lecture.write_text("".join(scenes), encoding="utf-8")
        assert main([str(lecture), *self.html, "--out", str(out)]) == 1
        assert files(out).keys() == {"good.html"}
        first, count = capsys.readouterr().err.splitlines()
        assert first.startswith(f"{out / long}.html cannot be written: ")
        assert count == "1 written, 1 not."

    def test_a_full_disk_is_one_sentence_for_each_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(handle: int, *_: object) -> Iterator[None]:
            os.close(handle)
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("engine.files.os.fdopen", full)
        assert main(["max-tie", *self.html, "--out", str(tmp_path)]) == 1
        assert "max-tie.html cannot be written: No space left on device." in capsys.readouterr().err
        assert files(tmp_path) == {}


def test_on_a_terminal_a_bar_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    progress = BatchProgress(4)
    progress.written(Path("one.png"), "Of one.")
    progress.failed("two.png", "It went wrong")
    progress.written(Path("three.png"))
    progress.written(Path("four.png"))
    progress.close()
    said = capsys.readouterr()
    assert said.out.split() == ["one.png", "three.png", "four.png"]
    blanks = {len(each) for each in re.findall(r"\r( +)\r", said.err)}
    assert blanks == {39}, "a longer line would go on in the next"
    assert re.sub(r"\r +\r", "\n", said.err).splitlines() == [
        f"[{'.' * 24}] 0 of 4",
        "one.png: Of one.",
        f"[{'#' * 6}{'.' * 18}] 1 of 4",
        "two.png: It went wrong.",
        f"[{'#' * 12}{'.' * 12}] 2 of 4",
        f"[{'#' * 18}{'.' * 6}] 3 of 4",
        "3 written, 1 not.",
    ]


def test_a_reason_that_is_a_sentence_already_gets_no_full_stop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for end in ".!?":
        BatchProgress(1).failed("two.png", f"It went wrong{end}")
        assert capsys.readouterr().err == f"two.png: It went wrong{end}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one program there")
def test_an_interrupt_leaves_whole_files_alone(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pages.export", "--all", *SMALL, "--out", str(tmp_path))
    # Processes in the background of a shell ignore interrupts, and so do those that they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, ours)
    assert process.stdout
    first = Path(process.stdout.readline().strip())
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    written = [first, *map(Path, out.splitlines())]
    assert len(written) < len(names())
    assert said == f"Interrupted: {len(written)} written, each of them whole.\n"
    assert sorted(tmp_path.iterdir()) == sorted(written)
    assert all(path.read_bytes().endswith(b"IEND\xaeB`\x82") for path in written)


def test_after_an_interrupt_no_bar_is_left_and_what_failed_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "write_batch", interrupted)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    lecture = tmp_path / "lecture.toml"
    scenes = (f'[scenes.{name}]\npreset = "{name}"\n' for name in ("max-tie", "nope"))
    lecture.write_text("".join(scenes), encoding="utf-8")
    assert main([str(lecture), "--out", str(tmp_path)]) == 130
    said = re.sub(r"\r +\r", "\n", capsys.readouterr().err).splitlines()
    assert said[-2:] == ["0 written, 1 not.", "Interrupted: 0 written, each of them whole."]


def test_ctrl_c_while_the_scenes_are_read_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "job_of_preset", interrupted)
    assert main(["max-tie", "--format", "py"]) == 130
    assert capsys.readouterr().err == "Interrupted: 0 written, each of them whole.\n"


def test_what_there_is_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == names()
    across = max(map(len, names()))
    assert {line[across : across + 3].count(" ") for line in lines} == {2}, "titles stand in line"


def test_a_command_that_cannot_be_read_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing was asked for" in usage_error(capsys)
    assert "--format needs some of png, svg" in usage_error(capsys, "max-tie", "--format", "jpg")
    assert "needs WIDTHxHEIGHT" in usage_error(capsys, "max-tie", "--size", "big")
    assert "needs a number; got 'x'" in usage_error(capsys, "max-tie", "--scale", "x")
    assert "size times scale" in usage_error(
        capsys, "max-tie", "--size", "8192x8192", "--scale", "8"
    )


def test_help_tells_of_every_option_and_has_an_example_of_a_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert all(f"--{key}" in said for key in KEYS)
    assert EXAMPLE in said
    options = " ".join(said.partition("examples:")[0].split())
    told = {
        key: re.findall(rf"--(?:no-)?{key} (?:(?!--).)*?default: ([\w.]+)", options)
        for key in ("size", "scale", "theme", "font-scale", "title", "caption")
    }
    width, height = Style().size
    assert told == {
        "size": [f"{width}x{height}"],
        "scale": [f"{Style().scale:g}"],
        "theme": [Style().theme],
        "font-scale": [f"{Style().font_scale:g}"],
        "title": ["yes" if Style().title else "no"],
        "caption": ["yes" if Style().caption else "no"],
    }


HELP: dict[str, str] = {
    "what": "a preset, see --list; or a TOML file of scenes",
    "--all": "every preset",
    "--url": "an address copied from the app; its host does not matter",
    "--list": "print the presets, and nothing else",
    "--format": (
        "some of png, svg, pdf, gif, html, py, torch, jax (default: png); gif and html play the "
        "steps; py, torch and jax are scripts that print the numbers"
    ),
    "--out": "the folder (default: this one)",
    "--force": "overwrite what is there",
    "--steps": "a picture for each step of the step-through",
    "--pair": "two pictures: a question, which shows no gradient, and its answer with the reason",
    "--slider": (
        "the slider of an html file (default: that of the entry explained, unless it is one of "
        "very many); a gif plays it instead of the steps"
    ),
    "--size": (
        "pixels, or 16:9 for 1920x1080, 4:3 for 1440x1080, square for 1080x1080 "
        "(default: 1920x1080)"
    ),
    "--scale": "pixels of a png or gif for each of the size's (default: 1)",
    "--theme": "default: light",
    "--transparent": "no background",
    "--font-scale": "how much larger all text is, as far as there is room (default: 1)",
    "--title": "whether the title stands above (default: yes)",
    "--caption": "whether the reason stands beneath (default: yes)",
}
AT_ITS_END = """
  What is said of one scene goes before the command line, and this before what is said of all.

Drawing needs a Chrome or Chromium (html files and scripts need none); BROWSER_PATH may name it.
The same scene gives the same bytes on the same machine. The exit status is 0 when every file was
written, 1 when one was not, 2 when the command cannot be read, 130 after Ctrl-C.
"""


def test_help_is_true_of_each_option() -> None:
    parser = command._command_line()
    told = {(each.option_strings or [each.dest])[0]: each.help for each in parser._actions}
    del told["-h"]
    assert told == HELP
    assert parser.description == (
        "Writes pictures of scenes, as the pages show them, without the sliders; or scripts that "
        "print their numbers."
    )
    assert command.EPILOG.endswith(AT_ITS_END)


def test_the_examples_of_the_help_can_be_read() -> None:
    examples = re.findall(r"^  python -m pages\.export (.*)$", command.EPILOG, re.MULTILINE)
    assert len(examples) == 8
    for example in examples:
        options = command._command_line().parse_intermixed_args(shlex.split(example))
        assert all(each in names() or each.endswith(".toml") for each in options.what), example
        assert options.what or options.all or options.url
        assert options.out != Path()

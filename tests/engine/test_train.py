"""The command `python -m engine.train`."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from errno import ENOSPC
from inspect import signature
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

import numpy as np
import pytest

from engine import SGD, Network, Trainer, mnist, train
from engine.errors import DataError, OrderError
from engine.train import Lines, print_tables
from engine.training import Record, load, save
from engine.training.trainer import LayerRecord
from tests.engine.training.made import write
from tests.for_each import for_each

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a small MNIST."""
    return str(write(tmp_path_factory.mktemp("mnist"), train=200, test=50))


def test_training_as_a_command_saves_weights_and_prints_its_result_as_json(
    folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.npz"
    options = ["--data", folder, "--epochs", "2", "--seed", "3", "--save", str(path), "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "engine.train", *options], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    assert "epoch 1 of 2" in lines[0]  # no terminal: plain lines
    assert any(line.split()[:2] == ["epoch", "loss"] for line in lines)
    told = json.loads(lines[-1])
    assert set(told) == {
        "test_accuracy", "train_seconds", "images_per_second", "epochs", "parameters",
    }  # fmt: skip
    assert (told["epochs"], told["parameters"]) == (2, 5258)
    assert told["images_per_second"] == pytest.approx(400 / told["train_seconds"])
    about = load(path).about
    assert about["test_accuracy"] == told["test_accuracy"] <= 1
    assert (about["seed"], about["epochs"], about["steps"]) == (3, 2, 8)
    assert not {"save", "json"} & {*about}, "they change nothing about the weights"


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (8, 2)])
def test_two_processes_share_a_step_where_two_cores_are(
    monkeypatch: pytest.MonkeyPatch, cores: int, processes: int
) -> None:
    monkeypatch.setattr(train, "cores", lambda: cores)
    assert train.parser().parse_args([]).processes == processes


@pytest.mark.parametrize("made", [Trainer, SGD, Network.new])
def test_without_options_it_is_what_is_made_without_settings(made: Callable[..., Any]) -> None:
    chosen = vars(train.parser().parse_args([]))
    own = {name: each.default for name, each in signature(made).parameters.items()}
    shared = (own.keys() & chosen.keys()) - {"processes"}  # by default the cores decide
    assert shared
    assert {name: chosen[name] for name in shared} == {name: own[name] for name in shared}


def test_every_option_reaches_the_trainer(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.npz"
    options = {
        "epochs": 1, "batch-size": 20, "learning-rate": 0.01, "momentum": 0.5, "processes": 1,
        "weight-decay": 0.001, "seed": 2, "schedule": "constant", "architecture": "linear",
    }  # fmt: skip
    given = [f"--{name}={value}" for name, value in options.items()]
    assert train.main([*given, "--data", folder, "--save", str(path)]) == 0
    saved = load(path)
    assert saved.about["steps"] == 10
    same = Trainer(
        Network.new("linear", 2),
        SGD(0.01, 0.5, 0.001),
        mnist.load("train", folder),
        mnist.load("test", folder),
        epochs=1,
        batch_size=20,
        schedule="constant",
        seed=2,
    )
    (record,) = same.run()
    assert saved.about["test_accuracy"] == record.test_accuracy
    for mine, theirs in zip(saved.network.params, same.network.params, strict=True):
        assert np.array_equal(mine, theirs)
    assert "{" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--epochs", "0"], "epochs needs a whole number from 1 on; got 0"),
        (["--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["--batch-size", "-1"], "batch_size needs a whole number from 1 on; got -1"),
        (["--learning-rate", "nan"], "learning_rate needs a finite number above 0; got nan"),
        (["--momentum", "1"], "momentum needs a number from 0 to below 1; got 1.0"),
        (["--seed", "-1"], "seed needs a whole number from 0 on; got -1"),
        (["--processes", "0"], "processes needs a whole number from 1 on; got 0"),
        (["--data", "/nowhere"], "needs the file /nowhere"),
        (["--data", "a" * 300], "-ubyte.gz; got File name too long"),
        (["--save", "/nowhere/w.npz"], "w.npz cannot be written: No such file or directory"),
        (["--save", "/"], "/ cannot be written: Is a directory"),
        (["--architecture", "vgg"], "invalid choice: 'vgg'"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--learning-rate", "1e30"], "the loss needs to stay finite"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    options: list[str], said: str, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = options if "--data" in options else [*options, "--data", folder]
    try:
        status: object = train.main(given)
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.startswith("python -m engine.train: ")
    assert printed.count("\n") == 1


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C after two steps."""
    run = Trainer.run

    def stopping(self: Trainer, *, seconds: float) -> Iterator[Record]:
        assert seconds <= 1, "so often at least whoever waits sees something move"
        yield next(run(self, every=2))
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", stopping)


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path on a full disk; temporary files go elsewhere."""
    wanted = tmp_path / "full" / "w.npz"

    def saved(network: Network, path: Path, about: dict[str, object]) -> None:
        if path == wanted:
            raise DataError("weights: the disk is full")
        save(network, path, about)

    wanted.parent.mkdir()
    monkeypatch.setattr(train, "save", saved)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return wanted


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_keeps_what_was_learned(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.npz"
    assert train.main(["--data", folder, "--json", "--save", str(path)]) == 130
    said = f"stopped after 2 of 12 steps; the weights so far are in {path}.\n"
    assert capsys.readouterr().err == f"python -m engine.train: {said}"
    assert load(path).about["steps"] == 2


@pytest.mark.usefixtures("interrupted")
def test_a_second_ctrl_c_does_not_stop_the_saving(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressing(*given: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        save(*given)

    handler, path = signal.getsignal(signal.SIGINT), tmp_path / "w.npz"
    monkeypatch.setattr(train, "save", pressing)
    assert train.main(["--data", folder, "--save", str(path)]) == 130
    assert load(path).about["steps"] == 2
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_accuracy_is_not_kept_with_later_weights(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, path = Trainer.run, tmp_path / "w.npz"

    def stopping(self: Trainer, *, seconds: float) -> Iterator[Record]:
        records = run(self, every=2)
        yield next(records)
        next(records)  # two more steps, but Ctrl-C comes before their record
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", stopping)
    assert train.main(["--data", folder, "--save", str(path)]) == 130
    about = load(path).about
    assert (about["steps"], about["test_accuracy"]) == (4, None)


def test_ctrl_c_before_the_first_step_leaves_no_weights(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(self: Trainer, **_: float) -> Iterator[Record]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", stopped)
    path = tmp_path / "w.npz"
    assert train.main(["--data", folder, "--save", str(path)]) == 130
    assert capsys.readouterr().err == "python -m engine.train: stopped before the first step.\n"
    assert not path.exists()


def test_ctrl_c_while_the_data_is_loaded_is_said_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(mnist, "load", stopped)
    assert train.main([]) == 130
    assert capsys.readouterr().err == "python -m engine.train: stopped before the first step.\n"


@pytest.mark.parametrize("recorded", [True, False])
def test_where_a_process_is_lost_what_was_learned_is_not(
    folder: str,
    recorded: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, path = Trainer.run, tmp_path / "w.npz"

    def losing(self: Trainer, *, seconds: float) -> Iterator[Record]:
        record = next(run(self, every=2, seconds=seconds))
        if recorded:
            yield record
        raise OrderError("Trainer: a process that shared the work has ended unexpectedly")

    monkeypatch.setattr(Trainer, "run", losing)
    assert train.main(["--data", folder, "--save", str(path)]) == 130
    assert capsys.readouterr().err == (
        "python -m engine.train: stopped after 2 of 12 steps: Trainer: a process that shared the "
        f"work has ended unexpectedly; the weights so far are in {path}.\n"
    )
    assert load(path).about["steps"] == 2


def test_where_no_process_can_be_started_nothing_was_stopped(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = Mock(side_effect=OrderError("Trainer: a process could not be started"))
    monkeypatch.setattr(Trainer, "run", failing)
    assert train.main(["--data", folder]) == 2
    said = "python -m engine.train: Trainer: a process could not be started.\n"
    assert capsys.readouterr().err == said


def test_ctrl_c_while_the_tables_are_printed_takes_no_accuracy_back(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.npz"
    monkeypatch.setattr(train, "print_tables", Mock(side_effect=KeyboardInterrupt))
    given = ["--epochs=1", "--processes=1", "--architecture=linear", "--data", folder]
    assert train.main([*given, "--save", str(path)]) == 130
    assert isinstance(load(path).about["test_accuracy"], float)


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_says_nothing_of_weights_that_nobody_wanted(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--data", folder]) == 130
    assert capsys.readouterr().err == "python -m engine.train: stopped after 2 of 12 steps.\n"


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_does_not_say_that_they_are_where_they_could_not_be_saved(
    folder: str, full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--data", folder, "--save", str(full)]) == 130
    *_, last = capsys.readouterr().err.splitlines()
    assert last == "python -m engine.train: stopped after 2 of 12 steps."


def test_what_cannot_be_saved_there_is_saved_elsewhere_and_the_result_is_told(
    folder: str, full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--epochs", "1", "--json", "--data", folder, "--save", str(full)]
    assert train.main(options) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1])["epochs"] == 1
    (there,) = full.parents[1].glob("*/w.npz")
    assert printed.err == (
        f"python -m engine.train: weights: the disk is full; the weights are in {there}.\n"
    )
    assert load(there).about["steps"] == 4


@pytest.mark.parametrize("place", ["mkdtemp", "save"])
def test_no_place_is_told_when_weights_cannot_be_saved_elsewhere_either(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either no folder for temporary files can be made, or no file in it."""

    def fails(*_: object) -> NoReturn:
        raise OSError(ENOSPC) if place == "mkdtemp" else DataError("weights: the disk is full")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(train, place, fails)
    assert train.elsewhere(Network.new(), "w.npz", {}) == ""


def test_training_says_one_sentence_when_its_output_is_closed_after_the_first_line(
    folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.npz"
    options = ["--data", folder, "--epochs", "5000", "--save", str(path)]
    with subprocess.Popen(
        [sys.executable, "-m", "engine.train", *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as command:  # fmt: skip
        assert command.stdout
        assert command.stderr
        assert command.stdout.readline().startswith("step 4 of 20000")
        command.stdout.close()
        said = command.stderr.read()
    assert command.returncode == 130
    steps = load(path).about["steps"]
    assert said == (
        f"python -m engine.train: stopped after {steps} of 20000 steps; the weights so far are in "
        f"{path}.\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_what_was_learned_is_kept_where_a_full_disk_takes_no_line(
    folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.npz"
    options = ["--data", folder, "--epochs", "2", "--save", str(path)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        run = subprocess.run(
            [sys.executable, "-m", "engine.train", *options],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert run.returncode == 130
    assert run.stderr == (
        "python -m engine.train: stopped after 4 of 8 steps: No space left on device; the weights "
        f"so far are in {path}.\n"
    )
    assert load(path).about["steps"] == 4


@pytest.mark.parametrize(("options", "last"), [([], "dead maps"), (["--json"], "{")])
def test_a_disk_that_is_full_at_the_end_is_told(
    options: list[str], last: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(StringIO):
        def flush(self) -> None:
            if last in self.getvalue():
                raise OSError(ENOSPC, "the disk is full")

    monkeypatch.setattr(sys, "stdout", Full())
    monkeypatch.setattr(train, "silence", lambda error: error.strerror)
    given = ["--epochs=1", "--processes=1", "--architecture=linear", "--data", folder]
    assert train.main([*given, *options]) == 130


def test_training_works_without_a_standard_output(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    given = ["--epochs=1", "--processes=1", "--architecture=linear", "--data", folder]
    assert train.main(given) == 0


@for_each(
    ("fraction", "written"),
    [(0.0, "0.0%"), (1 / 5408, "<0.1%"), (0.0005, "0.1%"), (0.125, "12.5%"), (0.9994, "99.9%"),
     (0.9995, ">99.9%"),
     (5407 / 5408, ">99.9%"), (1.0, "100.0%")],
)  # fmt: skip
def test_a_layer_of_which_none_or_all_is_zero_has_exactly_that(
    fraction: float, written: str
) -> None:
    assert train.share(fraction) == written


def test_an_epoch_in_the_table_is_of_all_its_records(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has 100 images; the first takes 2 s, the second, in two records, 0.5 s, the third 1."""
    layers = (
        LayerRecord("Conv2D", 0.25, None, None),
        LayerRecord("ReLU", None, 0.125, 1.0),
        LayerRecord("Linear", 0.0, None, None),
    )
    print_tables(
        [
            Record(
                step=step,
                epoch=epoch,
                images=images,
                loss=loss,
                training_accuracy=training,
                test_accuracy=0.875,
                test_images=10,
                images_per_second=1.0,
                train_seconds=seconds,
                gradient_norms={},
                layers=layers if step == 4 else (),
                end_of_epoch=step != 2,
            )
            for step, epoch, images, loss, training, seconds in (
                (1, 1, 100, 0.5, 0.75, 2.0),
                (2, 2, 75, 0.5, 0.5, 2.25),
                (3, 2, 25, 0.25, 1.0, 2.5),
                (4, 3, 100, 0.125, 1.0, 3.5),
            )
        ]
    )
    printed = capsys.readouterr().out.splitlines()
    assert [line.split() for line in printed[2:5]] == [
        ["1", "0.5000", "75.00%", "87.50%", "50"],
        ["2", "0.4375", "62.50%", "87.50%", "200"],
        ["3", "0.1250", "100.00%", "87.50%", "100"],
    ]
    assert printed[5:] == [
        "",
        "layer        zero gradients  dead units  dead maps",
        "Conv2D                25.0%",
        "ReLU                              12.5%     100.0%",
        "Linear                 0.0%",
        "",
    ]


def test_the_bar_moves_by_the_steps_since_the_record_before(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bar(nullcontext[None]):
        pos = 0

        def update(self, steps: int, record: Record) -> None:
            self.pos += steps
            assert self.pos == record.step

    bar = Bar()
    monkeypatch.setattr(train, "progress_bar", lambda steps: bar)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    made = Trainer(
        Network.new("linear"), SGD(), mnist.load("train", folder), mnist.load("test", folder),
        epochs=1,
    )  # fmt: skip
    with train.shown(made) as show:
        for record in made.run(every=1):
            show(record)
    assert bar.pos == made.steps > 1


def test_the_bar_is_drawn_for_more_steps_than_a_float_can_count() -> None:
    with train.progress_bar(10**310) as bar:
        bar.update(1)
        assert 0 < bar.pct < 1e-9


def test_the_bar_says_how_many_test_images_are_right() -> None:
    record = Mock(test_accuracy=0.875, training_accuracy=0.25, loss=0.5)
    with train.progress_bar(10) as bar:
        assert bar.item_show_func(record) == "test 87.5%, loss 0.500"
        assert bar.item_show_func(None) == "", "there is no record yet"


def test_a_line_tells_the_loss_since_the_line_before(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Trainer(
        Network.new("linear"), SGD(), mnist.load("train", folder), mnist.load("test", folder),
        epochs=2,
    )  # fmt: skip
    records, show = [], Lines(made)
    for record in made.run(every=1):
        records.append(record)
        show(record)
    printed = capsys.readouterr().out
    for epoch, own in ((1, records[:4]), (2, records[4:])):
        mean = np.average([each.loss for each in own], weights=[each.images for each in own])
        assert f"step {4 * epoch} of 8, epoch {epoch} of 2: loss {mean:.4f}," in printed


def test_a_line_is_seen_when_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped(StringIO):
        seen = ""

        def flush(self) -> None:
            self.seen = self.getvalue()

    monkeypatch.setattr(sys, "stdout", piped := Piped())
    numbers = {"step": 4, "epoch": 1, "loss": 0.5, "test_accuracy": 0.875, "train_seconds": 1.0}
    Lines(Mock(steps=8, epochs=2))(Mock(images=9, test_images=5000, end_of_epoch=True, **numbers))
    said = "step 4 of 8, epoch 1 of 2: loss 0.5000, test accuracy 87.50% of 5,000\n"
    assert piped.seen == said


def test_a_long_epoch_prints_a_line_every_ten_seconds(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Trainer(
        Network.new("linear"), None, *(mnist.load(part, folder) for part in ("train", "test"))
    )
    *_, record = made.run()
    show = Lines(made)
    for step, seconds in enumerate((4.0, 9.9, 10.0, 12.0, 19.9, 20.5)):
        show(replace(record, step=step, train_seconds=seconds, end_of_epoch=False))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["2", "5"]

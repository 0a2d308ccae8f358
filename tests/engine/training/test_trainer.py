"""The trainer: it learns, it can be repeated bit by bit, and its records are true."""

import re
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from engine import SGD, Kinks, Network, Trainer, trace
from engine.errors import DataError, SettingError
from engine.mnist import Digits
from engine.training import Evaluation, Record, as_inputs
from engine.training.passes import Pass
from engine.training.trainer import PROBE
from engine.training.workers import Workers
from tests.engine.training.made import some
from tests.for_each import for_each

TRAIN, TEST = some("train", 330), some("test", 600)


def trainer(**settings: Any) -> Trainer:
    network = Network.new(settings.pop("architecture", "cnn"), seed=settings.get("seed", 0))
    optimizer = settings.pop("optimizer", SGD(0.05))
    return Trainer(network, optimizer, TRAIN, TEST, **{"epochs": 2, **settings})


def finished(made: Trainer, **asked: Any) -> tuple[list[Record], Network]:
    return list(made.run(**asked)), made.network


@pytest.fixture(scope="module")
def plain() -> tuple[list[Record], Network]:
    """The records and the network of a run without settings, shared and read-only."""
    return finished(trainer())


def assert_same(one: Network, other: Network) -> None:
    for mine, theirs in zip(one.params, other.params, strict=True):
        assert_array_equal(mine, theirs)


def test_an_epoch_on_all_of_mnist_reaches_97_5_percent() -> None:
    made = Trainer(Network.new(), epochs=1)
    *_, last = made.run()
    assert last.end_of_epoch
    assert last.test_images == 10_000
    assert last.test_accuracy >= 0.975
    assert last.test_accuracy == made.evaluate().accuracy
    right = made.network.logits(made.test.images).argmax(axis=1) == made.test.labels
    assert last.test_accuracy == np.mean(right)


@pytest.mark.parametrize("architecture", ["cnn", "one-conv", "linear", "deeper"])
def test_every_architecture_learns(architecture: str) -> None:
    made = trainer(architecture=architecture, epochs=5, batch_size=16)
    records = list(made.run())
    assert records[-1].loss < 0.5 * records[0].loss
    assert records[-1].training_accuracy > 0.8 > records[0].training_accuracy
    assert Evaluation.of(made.network, TEST).accuracy > 0.6


def test_a_run_can_be_repeated_bit_by_bit(plain: tuple[list[Record], Network]) -> None:
    _, network = plain
    for asked in ({"every": 1}, {"seconds": 0.001}):
        assert_same(finished(trainer(), **asked)[1], network)
    other = finished(trainer(seed=1))[1]
    assert (other.params[0] != network.params[0]).any()


def test_two_processes_come_to_the_same_and_can_be_repeated(
    plain: tuple[list[Record], Network],
) -> None:
    (*_, last), network = finished(trainer(processes=2))
    (*_, alone), single = plain
    assert_same(finished(trainer(processes=2))[1], network)
    for mine, theirs in zip(network.params, single.params, strict=True):
        assert_allclose(mine, theirs, rtol=1e-2, atol=1e-4)
    assert_allclose(last.loss, alone.loss, rtol=1e-3)


def test_a_trainer_goes_on_where_it_was_left(plain: tuple[list[Record], Network]) -> None:
    made, (_, whole) = trainer(), plain
    assert [record.step for record in islice(made.run(every=1), 2)] == [1, 2]
    assert next(made.run(every=3)).step == 3
    assert made.step == 3
    steps = [record.step for record in made.run(every=5)]
    assert steps == [5, 6, 10, 12]  # each epoch's end is recorded too
    assert not list(made.run())
    assert_same(made.network, whole)


def test_the_first_steps_by_hand() -> None:
    made, optimizer = trainer(batch_size=20), SGD(0.05)
    network, order = Network.new(), np.random.default_rng(0).permutation(len(TRAIN.labels))
    params, velocities = list(network.params), optimizer.start(network.params)
    for step, record in enumerate(islice(made.run(every=1), 3)):
        chosen = order[20 * step : 20 * step + 20]
        labels = TRAIN.labels[chosen].tolist()
        x = as_inputs(TRAIN.images[chosen])
        traced = trace(network.with_loss(labels), x, *params, kinks=Kinks(0.0, "first"))
        assert_allclose(record.loss, traced.output, rtol=1e-6)
        rate = (step + 1) / (made.steps / 5) * (1 - step / made.steps)
        params, velocities = optimizer.step(params, traced.grads[1:], velocities, rate)
        for mine, theirs in zip(made.network.params, params, strict=True):
            assert_array_equal(mine, theirs)
        for name, grad in zip(network.names, traced.grads[1:], strict=True):
            assert_allclose(record.gradient_norms[name], np.linalg.norm(grad), rtol=1e-5)
        for layer, of in zip(record.layers, traced.steps, strict=False):
            assert layer.name == of.name
            assert layer.zero_gradient == np.mean(of.dout == 0)


def test_every_epoch_has_all_images_in_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.uint8]] = []
    learn = Workers.learn

    def watched(workers: Workers, params: Any, images: Any, labels: Any, **how: bool) -> Pass:
        seen.append(images)
        return learn(workers, params, images, labels, **how)

    monkeypatch.setattr(Workers, "learn", watched)
    made, orders = trainer(architecture="linear", epochs=3, seed=4), np.random.default_rng(4)
    for _ in made.run():
        order = orders.permutation(len(TRAIN.images))
        assert_array_equal(np.concatenate(seen), TRAIN.images[order])
        seen.clear()


def test_a_record_tells_what_happened_since_the_one_before() -> None:
    made, single = trainer(batch_size=50), trainer(batch_size=50)
    three = next(made.run(every=3))
    ones = list(islice(single.run(every=1), 3))
    assert_allclose(three.loss, np.mean([one.loss for one in ones]))
    assert_allclose(three.training_accuracy, np.mean([one.training_accuracy for one in ones]))
    assert three.images == sum(one.images for one in ones) == 150
    assert three.gradient_norms == ones[-1].gradient_norms
    assert three.layers == ones[-1].layers
    assert_allclose(three.images / three.images_per_second, three.train_seconds)
    took = np.diff([0.0, *(one.train_seconds for one in ones)])
    assert_allclose([one.images / one.images_per_second for one in ones], took)
    assert three.test_images == PROBE
    answers = made.network.logits(TEST.images[:PROBE]).argmax(axis=1)
    assert three.test_accuracy == np.mean(answers == TEST.labels[:PROBE])
    *_, last = made.run()
    assert (last.epoch, last.step, last.test_images, last.end_of_epoch) == (2, 14, 600, True)


def test_a_record_counts_the_test_images_when_there_are_fewer_than_are_probed() -> None:
    made = Trainer(Network.new("linear"), SGD(), TRAIN, Digits(TEST.images[:7], TEST.labels[:7]))
    records = list(islice(made.run(every=5), 2))
    assert [record.test_images for record in records] == [7, 7]
    assert [(record.end_of_epoch, record.probed) for record in records] == [
        (False, True),
        (True, False),
    ]


def test_the_seconds_count_from_the_record_before(monkeypatch: pytest.MonkeyPatch) -> None:
    # A step reads the clock three times, once to see how long ago the last record was made.
    ticks = count()
    monkeypatch.setattr("engine.training.trainer.perf_counter", lambda: next(ticks))
    records = trainer(architecture="linear").run(seconds=5)
    assert [record.step for record in records] == [3, 6, 9, 12]


def test_the_seconds_in_which_a_record_is_looked_at_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = count(step=0.001)
    monkeypatch.setattr("engine.training.trainer.perf_counter", lambda: next(clock))
    records = []
    for record in trainer(architecture="linear").run(seconds=10):
        records.append(record)
        clock = count(next(clock) + 100, 0.001)
    assert [record.end_of_epoch for record in records] == [True, True]


def test_dead_units_and_maps() -> None:
    made = trainer()
    w1, b1 = np.array(made.network.params[0]), np.array(made.network.params[1])
    w1[:2], b1[:2] = 0, (-1, 1)  # a map that is never alive, and one that always is
    dead = Network(made.network.architecture, (w1, b1, *made.network.params[2:]))
    made = Trainer(dead, SGD(1e-3), TRAIN, TEST)
    record, after = next(made.run(every=1)), made.network
    relu = record.layers[1]
    alive = trace(after.layers, as_inputs(TEST.images[:PROBE]), *after.params).steps[1].output
    assert relu.dead_units == pytest.approx(1 - np.mean((alive > 0).any(axis=0)))
    assert relu.dead_maps == 1 / 8
    assert record.layers[0].dead_units is record.layers[2].dead_maps is None


def test_a_snapshot_stays_as_it_is() -> None:
    made = trainer()
    before = made.network
    kept = [param.copy() for param in before.params]
    next(made.run(every=2))
    for param, copy in zip(before.params, kept, strict=True):
        assert_array_equal(param, copy)


def test_all_test_images_are_asked_once_after_each_step() -> None:
    made = trainer(architecture="linear")
    untrained = made.evaluate()
    assert made.evaluate() is untrained
    next(made.run(every=1))
    stepped = made.evaluate()
    assert made.evaluate() is stepped
    assert_array_equal(stepped.confidence, Evaluation.of(made.network, TEST).confidence)
    assert (stepped.confidence != untrained.confidence).any()


@for_each(
    ("epochs", "step", "rate"),
    [
        (1, 0, 1 / 40),  # rises over the first fifth of 200 steps
        (1, 39, 1 - 39 / 200),
        (1, 40, 1 - 40 / 200),
        (1, 199, 1 / 200),
        (10, 0, 1 / 200),  # rises over the first 200 of 2000 steps
        (10, 99, (1 - 99 / 2000) / 2),
        (10, 199, 1 - 199 / 2000),
        (10, 1999, 1 / 2000),
        (10**310, 99, 1 / 2),  # more steps than a float can count
    ],
)
def test_the_rate_rises_and_falls(epochs: int, step: int, rate: float) -> None:
    few = Digits(TRAIN.images[:200], TRAIN.labels[:200])
    made = Trainer(Network.new("linear"), SGD(), few, TEST, epochs=epochs, batch_size=1)
    made.step = step
    assert made.rate == pytest.approx(rate, rel=1e-12)


def test_a_batch_may_be_larger_than_the_data_and_the_rate_constant() -> None:
    made = trainer(batch_size=1000, epochs=3, schedule="constant")
    assert [record.step for record in made.run(every=1)] == [1, 2, 3]
    assert made.rate == 1


@pytest.mark.parametrize(
    ("rate", "every", "found"),
    [
        (1e30, None, "nan after step 1"),
        (1e300, 1, "an infinite one for test images after step 1"),  # a rate beyond float32
    ],
)
def test_a_learning_rate_that_is_too_large_is_said(
    rate: float, every: int | None, found: str
) -> None:
    made = trainer(optimizer=SGD(rate), schedule="constant")
    said = re.escape(f"below {rate:g}")
    with pytest.raises(ValueError, match=rf"Trainer: the loss .*; got {found}, .* {said}"):
        list(made.run(every=every))


def test_an_evaluation_says_it_in_the_same_words() -> None:
    made = trainer(optimizer=SGD(1e30), schedule="constant")
    with pytest.raises(ValueError, match="the loss"):
        list(made.run())
    with pytest.raises(ValueError, match=r"Trainer: the loss .*; got an infinite one .* step 1, "):
        made.evaluate()


@for_each(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs needs a whole number from 1 on; got 0"),
        ({"epochs": 1.5}, "epochs needs .*; got 1.5"),
        ({"batch_size": 0}, "batch_size needs a whole number from 1 on; got 0"),
        ({"processes": True}, "processes needs a whole number from 1 on; got True"),
        ({"schedule": "cosine"}, "schedule needs one of constant, linear; got 'cosine'"),
        ({"seed": -1}, "seed needs a whole number from 0 on; got -1"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Trainer(Network.new(), train=TRAIN, test=TEST, **settings)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"network": "cnn"}, "network needs Network; got str"),
        ({"optimizer": 0.1}, "optimizer needs SGD; got float"),
        ({"optimizer": 0}, "optimizer needs SGD; got int"),
        ({"train": tuple(TRAIN)}, "train needs Digits; got tuple"),
        ({"test": TEST.images}, "test needs Digits; got ndarray"),
    ],
)
def test_arguments_of_another_kind(wrong: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"network": Network.new("linear"), "train": TRAIN, "test": TEST}
    with pytest.raises(SettingError, match=f"Trainer: {said}"):
        Trainer(**arguments | wrong)


@for_each(
    ("images", "labels", "said"),
    [
        (TRAIN.images[:10], TRAIN.labels[:9], "a label for each image; got 9 for 10"),
        (TRAIN.images[:1], TRAIN.labels[:2], "a label for each image; got 2 for 1"),
        (
            TRAIN.images[:2],
            TRAIN.labels[:2, None],
            r"each image; got labels of shape \(2, 1\) for 2",
        ),
        (TRAIN.images[:1], TRAIN.labels[0:1].reshape(()), r"got labels of shape \(\) for 1"),
        (TRAIN.images[:2] / 255, TRAIN.labels[:2], r"uint8; got shape \(2, 28, 28\) of float64"),
        (TRAIN.images[:2, 1:], TRAIN.labels[:2], r"images of 28 x 28; got shape \(2, 27, 28\)"),
        (TRAIN.images[:2], np.array([3, -1]), "labels from 0 to 9; got -1"),
        (TRAIN.images[:2], np.array([0.5, 3]), "labels from 0 to 9; got 0.5"),
        (TRAIN.images[:2], [3, 1], "an array of labels; got a list"),
    ],
)
def test_images_and_labels_that_cannot_be(images: Any, labels: Any, said: str) -> None:
    wrong = Digits(images, labels)
    for train, test in ((wrong, TEST), (TRAIN, wrong)):
        with pytest.raises(DataError, match=f"Trainer: needs .*{said}"):
            Trainer(Network.new("linear"), train=train, test=test)


def test_what_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="every needs a whole number from 1 on; got 0"):
        trainer().run(every=0)
    with pytest.raises(ValueError, match="seconds needs a number above 0; got 0"):
        trainer().run(seconds=0)
    nothing = Digits(TRAIN.images[:0], TRAIN.labels[:0])
    for train, test in ((nothing, TEST), (TRAIN, nothing)):
        with pytest.raises(ValueError, match="at least one training and one test image"):
            Trainer(Network.new(), train=train, test=test)

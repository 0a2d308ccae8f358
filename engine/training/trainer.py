"""The trainer: SGD over minibatches, as a generator of records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from engine.errors import DataError, NumberError, SettingError, one_of, real_number, whole_number
from engine.layers.graph import ForwardStep
from engine.mnist import Digits, check_digits, load
from engine.trace import step_names
from engine.training.network import Evaluation, Network, as_inputs
from engine.training.passes import RULE, Labels, Pass, warm_the_heap
from engine.training.sgd import SGD
from engine.training.workers import Workers

Schedule: TypeAlias = Literal["constant", "linear"]

PROBE: Final = 500  # a record in the middle of an epoch evaluates the first so many test images


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One layer at the moment of a record; its name is the one that it has in a trace."""

    name: str
    zero_gradient: float | None
    """The fraction of this layer's ∂loss/∂output that is exactly 0 for the last batch; None for a
    layer before the first that learns, for which it is not computed."""
    dead_units: float | None
    """The fraction of an activation's units (the entries of one image's output, (C, H, W)) that are
    inactive (let no gradient through) for every image of the probe, the first 500 test images; None
    for other layers. Units at the border of a map may be dead only because the border of the images
    is empty."""
    dead_maps: float | None  # the fraction of its maps (C) whose units are all dead


@dataclass(frozen=True, slots=True)
class Record:
    """The state of training after some step."""

    step: int  # steps done
    epoch: int  # epochs begun, from 1
    images: int  # seen in training since the last record
    loss: float  # over these images, each batch before its own step
    training_accuracy: float  # over the same
    test_accuracy: float
    """Over the first `test_images` test images, with the parameters after this step."""
    test_images: int  # the probe's 500, or all of them at an epoch's end
    images_per_second: float  # `images` divided by the time of their steps
    train_seconds: float
    """The time of all steps so far, without making records and what the caller does with them."""
    gradient_norms: dict[str, float]  # (Σ g²)^½ of the last batch's gradient, by parameter
    layers: tuple[LayerRecord, ...]  # in order
    end_of_epoch: bool

    @property
    def probed(self) -> bool:
        """Whether the test accuracy is that of the probe, not of all test images."""
        return self.test_images <= PROBE and not self.end_of_epoch


class Trainer:
    """Trains a network by SGD on minibatches, in a new random order each epoch, from one seed.

    network: where training starts. train and test: MNIST if None. epochs and batch_size: whole
    numbers from 1; an epoch's last batch may be smaller. schedule: how the learning rate changes,
    "linear" or "constant" (see `rate`). seed: for the order of the images. processes: how many
    share each batch. Raises SettingError for other values, DataError for images and labels unlike
    those of `Digits`.

    A run is repeatable bit by bit on the same machine with the same BLAS and number of processes;
    how often records are asked for does not change its numbers.
    """

    def __init__(
        self,
        network: Network,
        optimizer: SGD | None = None,
        train: Digits | None = None,
        test: Digits | None = None,
        *,
        epochs: int = 3,
        batch_size: int = 64,
        schedule: Schedule = "linear",
        seed: int = 0,
        processes: int = 1,
    ) -> None:
        """Check the settings; nothing is computed yet."""
        self.epochs = whole_number("Trainer", "epochs", epochs, 1)
        self.batch_size = whole_number("Trainer", "batch_size", batch_size, 1)
        self.schedule = one_of("Trainer", "schedule", schedule, get_args(Schedule))
        self.seed = whole_number("Trainer", "seed", seed, 0)
        self.processes = whole_number("Trainer", "processes", processes, 1)
        self.optimizer = SGD() if optimizer is None else optimizer
        self.train = load("train") if train is None else train
        self.test = load("test") if test is None else test
        for name, given, kind in (
            ("network", network, Network),
            ("optimizer", self.optimizer, SGD),
            ("train", self.train, Digits),
            ("test", self.test, Digits),
        ):
            if not isinstance(given, kind):
                raise SettingError(
                    f"Trainer: {name} needs {kind.__name__}; got {type(given).__name__}"
                )
        if not (np.size(self.train.labels) and np.size(self.test.labels)):
            raise DataError("Trainer: needs at least one training and one test image; got none")
        for part in (self.train, self.test):
            check_digits("Trainer", *part)
        self.steps_per_epoch = -(-len(self.train.labels) // self.batch_size)
        self.steps = self.epochs * self.steps_per_epoch
        self.step = 0
        self.train_seconds = 0.0
        self._evaluation: tuple[int, Evaluation] | None = None
        self._architecture, self._params = network.architecture, list(network.params)
        self._velocities = self.optimizer.start(self._params)
        self._order = np.random.default_rng(self.seed)
        self._labels: Labels = self.train.labels.astype(np.intp)
        self._permutation: Labels = np.empty(0, dtype=np.intp)
        self._since = _Tally()

    @property
    def network(self) -> Network:
        """The network now: a snapshot that later steps do not change. Any thread may ask for it."""
        return Network(self._architecture, tuple(self._params))

    @property
    def epoch(self) -> int:
        """Epochs begun, from 1; 0 before the first step."""
        return -(-self.step // self.steps_per_epoch)

    @property
    def rate(self) -> float:
        """What the learning rate is multiplied by in the next step: 1 if constant.

        Linear: it rises from 0 over the first 200 steps, or the first fifth of fewer than 1000,
        since at the full learning rate the first gradients may kill every ReLU. It also falls to 0
        over the whole run, which is worth half a percent of accuracy.
        """
        if self.schedule == "constant":
            return 1.0
        rising = min(1.0, (self.step + 1) / (min(1000, self.steps) / 5))
        return rising * (1 - self.step / self.steps)

    def evaluate(self) -> Evaluation:
        """Return the present network's answers to all test images; computed once after a step.

        Raises NumberError as `run` does.
        """
        if self._evaluation is None or self._evaluation[0] != self.step:
            with self._tested():
                self._evaluation = self.step, Evaluation.of(self.network, self.test)
        return self._evaluation[1]

    def run(self, every: int | None = None, seconds: float | None = None) -> Iterator[Record]:
        """Train on while the caller asks for the next record; a later call goes on from there.

        A record comes after every `every` steps, or once `seconds` have passed since the last one,
        and always at the end of an epoch. Raises SettingError for other values, NumberError if the
        loss leaves the range of its dtype, as with too large a learning rate, and OrderError if a
        process that shares the work cannot be started or has ended.
        """
        if every is not None:
            whole_number("Trainer", "every", every, 1)
        if seconds is not None:
            real_number("Trainer", "seconds", seconds, "a number above 0", above=0)
        return self._run(every, seconds)

    def _run(self, every: int | None, seconds: float | None) -> Iterator[Record]:
        warm_the_heap()
        with Workers(self._architecture, self.processes, self.batch_size) as workers:
            recorded = perf_counter()
            while self.step < self.steps:
                step = self.step + 1
                ended = step % self.steps_per_epoch == 0
                due = (every is not None and step % every == 0) or (
                    seconds is not None and perf_counter() - recorded >= seconds
                )
                done = self._advance(workers, watched=ended or due)
                if ended or due:
                    yield self._record(done, ended)
                    recorded = perf_counter()

    def _advance(self, workers: Workers, *, watched: bool) -> Pass:
        start = perf_counter()
        at = self.step % self.steps_per_epoch * self.batch_size
        if at == 0:
            self._permutation = self._order.permutation(len(self._labels))
        chosen = self._permutation[at : at + self.batch_size]
        images, labels = self.train.images[chosen], self._labels[chosen]
        done = workers.learn(self._params, images, labels, watched=watched)
        if not isfinite(done.loss):
            raise self._overflow(done.loss)
        self._params, self._velocities = self.optimizer.step(
            self._params, done.grads, self._velocities, self.rate
        )
        self.step += 1
        took = perf_counter() - start
        self.train_seconds += took
        self._since.add(done, took)
        return done

    def _overflow(self, found: object) -> NumberError:
        return NumberError(
            f"Trainer: the loss needs to stay finite; got {found} after step {self.step}, "
            f"which a learning rate below {self.optimizer.learning_rate:g} may prevent"
        )

    @contextmanager
    def _tested(self) -> Iterator[None]:
        """Raise the overflow error if test images are the first to meet an infinite number."""
        with np.errstate(all="ignore"):  # a result out of range is an error here, not a warning
            try:
                yield
            except NumberError as error:  # the last step was too large
                raise self._overflow("an infinite one for test images") from error

    def _record(self, done: Pass, ended: bool) -> Record:
        network, since = self.network, self._since
        self._since = _Tally()
        with self._tested():
            probe = network.layers.run(as_inputs(self.test.images[:PROBE]), *network.params)
        answers = probe[-1].output.argmax(axis=1)
        names = step_names(network.layers.plan(1 + len(network.params)))
        return Record(
            step=self.step,
            epoch=self.epoch,
            images=since.images,
            loss=since.loss / since.images,
            training_accuracy=since.correct / since.images,
            test_accuracy=(
                self.evaluate().accuracy
                if ended
                else float(np.mean(answers == self.test.labels[:PROBE]))
            ),
            test_images=len(self.test.labels) if ended else len(answers),
            images_per_second=since.images / since.seconds,
            train_seconds=self.train_seconds,
            gradient_norms={
                name: float(np.sqrt(np.vdot(grad, grad)))
                for name, grad in zip(network.names, done.grads, strict=True)
            },
            layers=tuple(
                LayerRecord(name, zeros.fraction if zeros else None, *_dead(run))
                for name, zeros, run in zip(names, done.zeros, probe, strict=True)
            ),
            end_of_epoch=ended,
        )


def _dead(run: ForwardStep) -> tuple[float | None, float | None]:
    inactive = run.layer.inactive(run.inputs[0], RULE)
    if inactive is None:
        return None, None
    alive = np.logical_not(np.all(inactive, axis=0))
    maps = alive.reshape(len(alive), -1).any(axis=1)
    return 1 - float(np.mean(alive)), 1 - float(np.mean(maps))


class _Tally:
    """The totals since the last record."""

    def __init__(self) -> None:
        self.images = self.correct = 0
        self.loss = 0.0  # summed over the images
        self.seconds = 0.0

    def add(self, done: Pass, seconds: float) -> None:
        self.images += done.images
        self.correct += done.correct
        self.loss += done.loss * done.images
        self.seconds += seconds

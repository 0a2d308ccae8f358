"""The trainer: SGD over minibatches, as a generator of records."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from time import perf_counter
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from engine.errors import DataError, NumberError
from engine.mnist import Digits, load
from engine.trace import step_names
from engine.training.crew import Crew
from engine.training.evaluation import Evaluation
from engine.training.heap import warm_the_heap
from engine.training.network import Network, as_inputs
from engine.training.passes import Labels, Pass
from engine.training.records import Record, Tally, layer_records
from engine.training.settings import one_of, real, whole
from engine.training.sgd import SGD

Schedule: TypeAlias = Literal["constant", "linear"]

PROBE: Final = 500
"""How many test images a record in the middle of an epoch is about."""


class Trainer:
    """Minibatches in a new random order each epoch, all of them from one seed.

    network: where it starts. train and test: MNIST where None. epochs and batch_size: whole
    numbers from 1; an epoch's last batch may be smaller. schedule: of the learning rate, "linear"
    or "constant" (`rate`). seed: of the order of the images. processes: how many share each batch.
    Raises SettingError for others.

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
        """Checks the settings; nothing is computed yet."""
        self.epochs = whole("Trainer", "epochs", epochs, 1)
        self.batch_size = whole("Trainer", "batch_size", batch_size, 1)
        self.schedule = one_of("Trainer", "schedule", schedule, get_args(Schedule))
        self.seed = whole("Trainer", "seed", seed, 0)
        self.processes = whole("Trainer", "processes", processes, 1)
        self.optimizer = optimizer or SGD()
        self.train = train or load("train")
        self.test = test or load("test")
        if not len(self.train.labels) or not len(self.test.labels):
            raise DataError("Trainer: needs at least one training and one test image; got none")
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
        self._since = Tally()

    @property
    def network(self) -> Network:
        """As it is now: a snapshot that later steps do not change. Any thread may ask for it."""
        return Network(self._architecture, tuple(self._params))

    @property
    def epoch(self) -> int:
        """Epochs begun, from 1; 0 before the first step."""
        return -(-self.step // self.steps_per_epoch)

    @property
    def rate(self) -> float:
        """What the learning rate is multiplied with in the next step: 1 if constant.

        Linear: it rises from 0 over the first 200 steps, or the first fifth of fewer than 1000,
        since at its full size the first gradients may kill every ReLU; and it falls to 0 over the
        whole run, which is worth half a percent of accuracy.
        """
        if self.schedule == "constant":
            return 1.0
        rising = min(1.0, (self.step + 1) / min(200, self.steps / 5))
        return rising * (1 - self.step / self.steps)

    def evaluate(self) -> Evaluation:
        """The answers to all test images as it is now; asked once after a step.

        Raises NumberError as `run` does.
        """
        if self._evaluation is None or self._evaluation[0] != self.step:
            with self._tested():
                self._evaluation = self.step, Evaluation.of(self.network, self.test)
        return self._evaluation[1]

    def run(self, every: int | None = None, seconds: float | None = None) -> Iterator[Record]:
        """Trains on while it is asked for the next record; goes on later where it was left.

        A record after every so many steps, or once so many seconds have passed since the one
        before; always one at the end of an epoch. Raises SettingError for others, NumberError
        where the loss leaves the range of its dtype, as too large a learning rate brings about.
        """
        if every is not None:
            whole("Trainer", "every", every, 1)
        if seconds is not None:
            real("Trainer", "seconds", seconds, "a number above 0", above=0)
        return self._run(every, seconds)

    def _run(self, every: int | None, seconds: float | None) -> Iterator[Record]:
        warm_the_heap()
        with Crew(self._architecture, self.processes, self.batch_size) as crew:
            recorded = perf_counter()
            while self.step < self.steps:
                step = self.step + 1
                ended = step % self.steps_per_epoch == 0
                due = (every is not None and step % every == 0) or (
                    seconds is not None and perf_counter() - recorded >= seconds
                )
                done = self._advance(crew, watched=ended or due)
                if ended or due:
                    yield self._record(done, ended)
                    recorded = perf_counter()

    def _advance(self, crew: Crew, *, watched: bool) -> Pass:
        start = perf_counter()
        at = self.step % self.steps_per_epoch * self.batch_size
        if at == 0:
            self._permutation = self._order.permutation(len(self._labels))
        chosen = self._permutation[at : at + self.batch_size]
        images, labels = self.train.images[chosen], self._labels[chosen]
        done = crew.learn(self._params, images, labels, watched=watched)
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
        """Where test images are asked for: they may be the first to meet an infinite number."""
        with np.errstate(all="ignore"):  # a result out of range is an error here, not a warning
            try:
                yield
            except NumberError as error:  # the last step was the one too far
                raise self._overflow("an infinite one for test images") from error

    def _record(self, done: Pass, ended: bool) -> Record:
        network, since = self.network, self._since
        self._since = Tally()
        with self._tested():
            probe = network.layers.run(as_inputs(self.test.images[:PROBE]), *network.params)
        answers = probe[-1].output.argmax(axis=1)
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
            layers=layer_records(
                step_names(network.layers.plan(1 + len(network.params))), done, probe
            ),
            end_of_epoch=ended,
        )

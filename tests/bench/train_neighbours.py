"""What others feel while networks are trained: `python -m tests.bench.train_neighbours`.

Times another user's picture, made again and again for some seconds, with pauses of 30 ms or, as on
a busy server, without: while nobody trains; while one or two networks train in threads of the same
process; and while they train in processes of their own, as the page does it. Also prints how many
images per second are trained.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TypeAlias

from engine.training import Network, Trainer
from pages.training.settings import TrainingScene
from pages.training.training_run import TrainingRun
from tests.bench.slider import spread
from tests.bench.table import load
from tests.pages.scenes import BLOCK

SECONDS = 4.0
EPOCHS = 20
IMAGES = 64
"""Images in a training step."""

Steps: TypeAlias = Callable[[], int]


def visit(pause: float) -> list[float]:
    """Return the milliseconds of each picture."""
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        time.sleep(pause)
        began = time.perf_counter()
        json.dumps(BLOCK.picture(BLOCK.start).figure)
        times.append(1000 * (time.perf_counter() - began))
    return times


@contextmanager
def nobody(_count: int) -> Iterator[Steps]:
    """Train nothing."""
    yield lambda: 0


@contextmanager
def in_threads(count: int) -> Iterator[Steps]:
    """Train in threads of this process."""
    trainers = [Trainer(Network.new("cnn"), epochs=EPOCHS) for _ in range(count)]
    over = False

    def train(trainer: Trainer) -> None:
        for _ in trainer.run(seconds=0.16):
            if over:
                return

    threads = [Thread(target=train, args=(trainer,)) for trainer in trainers]
    for thread in threads:
        thread.start()
    yield lambda: sum(trainer.step for trainer in trainers)
    over = True
    for thread in threads:
        thread.join()


@contextmanager
def in_processes(count: int) -> Iterator[Steps]:
    """Train as the page does, in processes of their own."""
    runs = [TrainingRun(TrainingScene(epochs=EPOCHS)) for _ in range(count)]
    for run in runs:
        run.begin()
    while not all(run.progress.step for run in runs):
        time.sleep(0.01)
    yield lambda: sum(run.progress.step for run in runs)
    for run in runs:
        run.end()


def main() -> None:
    """Measure, and print the figures."""
    print(f"load at the beginning: {load()}")
    print("ms for a picture, p50/p95; images a second of all that train")
    for pause in (0.03, 0.0):
        print(f"pictures with {1000 * pause:.0f} ms between them")
        for name, training, count in (
            ("nobody trains", nobody, 0),
            ("1 in a thread", in_threads, 1),
            ("1 in a process", in_processes, 1),
            ("2 in threads", in_threads, 2),
            ("2 in processes", in_processes, 2),
        ):
            with training(count) as steps:
                before = steps()
                times = visit(pause)
                images = IMAGES * (steps() - before) / SECONDS
            print(f"  {name:16} {spread(times):>12}  {images:8.0f} images/s")
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    main()

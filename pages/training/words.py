"""What the page says about a run, in one line."""

from typing import Final

from engine.training import ARCHITECTURES
from pages.figures.words import percent
from pages.training.progress import Progress

_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


def status(progress: Progress, line: int, places: int) -> str:
    """The line above the charts. line: which in line the run is; places: runs at a time."""
    scene, last = progress.scene, progress.last
    match progress.phase:
        case "none":
            parameters = ARCHITECTURES[scene.architecture].parameters
            images = f"60,000 images, {_times(scene.epochs)}"
            return f"Press Start: {parameters:,} numbers learn from {images}."
        case "waiting" if line:
            return (
                f"You are {ordinal(line)} in line: this server trains "
                f"{places} {'network' if places == 1 else 'networks'} at a time. "
                "Yours begins by itself."
            )
        case "waiting" | "starting":
            return "Reading the images…"
        case "failed" | "ended":
            return progress.sentence
    if last is None:
        return "The first steps…"
    if progress.phase == "finished":
        return (
            f"Finished: {percent(last.test_accuracy)} of {last.test_images:,} test images right, "
            f"after {last.train_seconds:.1f} s of training."
        )
    where = f"epoch {last.epoch} of {scene.epochs}, step {last.step:,} of {progress.steps:,}"
    if progress.phase == "paused":
        return f"Paused in {where}."
    pace = f"{left(progress.seconds_left)} left · {last.images_per_second:,.0f} images/s"
    return f"Training: {where} · {pace}"


def ordinal(number: int) -> str:
    """1 -> first, 12 -> 12th, 23 -> 23rd."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    teens = number // 10 % 10 == 1
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def left(seconds: float | None) -> str:
    """75.2 -> 1 min 15 s, and no line ends between a number and its unit."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    said = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def _times(epochs: int) -> str:
    return "once" if epochs == 1 else f"{epochs} times"

"""How fast the trainer is beside PyTorch: `python -m tests.bench.mnist [--torch PYTHON]`.

Run it from the repository's root. Each implementation runs in a process of its own, one after
another in every round, so that a busy machine slows all of them. Each ratio compares two speeds of
the same round; the medians are printed with the range of the middle half. PYTHON is an interpreter
with PyTorch, by default the present one.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[2]
# Otherwise glibc returns large arrays to the system, and every step pays for their pages again.
TUNED_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "2000000000",
    "MALLOC_TOP_PAD_": "268435456",
}


class Candidate(NamedTuple):
    """A run of tests.bench.mnist_steps: its two arguments, and additions to the environment."""

    implementation: str
    processors: int
    environment: dict[str, str]


OURS = {
    "ours, 1 process": Candidate("ours", 1, {}),
    "ours, 2 processes": Candidate("ours", 2, {}),
}
THEIRS = {
    "PyTorch, defaults, 1 thread": Candidate("pytorch", 1, {}),
    "PyTorch, tuned, 2 threads": Candidate("pytorch-channels-last", 2, TUNED_MALLOC),
}
WANTED = (
    ("ours, 1 process", "PyTorch, defaults, 1 thread", 1.5),
    ("ours, 2 processes", "PyTorch, tuned, 2 threads", 0.8),
)


def main() -> None:
    """Measure in rounds, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--torch", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    candidates = dict(OURS)
    if has_pytorch(options.torch):
        candidates |= THEIRS
    else:
        print(f"{options.torch} cannot import PyTorch: it is left out. --torch names another.")
    rounds = [measured(candidates, options.torch) for _ in range(options.rounds)]
    for name in candidates:
        speed, peak = (
            np.array([each[name][key] for each in rounds], dtype=float)
            for key in ("images_per_second", "peak")
        )
        print(f"{name:28} {summary(speed, '8,.0f')} images/s; peak {np.nanmax(peak):.0f} MB")
    for one, other, wanted in WANTED if THEIRS.keys() <= candidates.keys() else ():
        speeds = ((each[one], each[other]) for each in rounds)
        key = "images_per_second"
        ratios = np.array([mine[key] / theirs[key] for mine, theirs in speeds])
        print(f"{one} / {other}: {summary(ratios, '.2f')}; wanted: at least {wanted}")
    print("Of the peak, less than 1,000 MB is wanted.")


def has_pytorch(python: str) -> bool:
    """Whether this interpreter can import PyTorch."""
    try:
        tried = subprocess.run([python, "-c", "import torch"], capture_output=True)
    except OSError as error:
        raise SystemExit(f"{python} cannot be started: {error.strerror}") from None
    return tried.returncode == 0


def measured(candidates: dict[str, Candidate], pytorch: str) -> dict[str, dict[str, float]]:
    """Measure one round: each candidate in a process of its own."""
    results = {}
    for name, (implementation, processors, environment) in candidates.items():
        python = sys.executable if name in OURS else pytorch
        answer = subprocess.run(
            [python, "-m", "tests.bench.mnist_steps", implementation, str(processors)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        results[name] = json.loads(answer.stdout)
    return results


def summary(numbers: np.ndarray, form: str) -> str:
    """The median and the middle half: 1.62 (1.58 to 1.71)."""
    low, middle, high = np.percentile(numbers, [25, 50, 75])
    return f"{middle:{form}} ({low:{form}} to {high:{form}})".replace("( ", "(")


if __name__ == "__main__":
    main()

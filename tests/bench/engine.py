"""How fast the lab's block is: `python -m tests.bench.engine`, from the repository's root.

Prints medians, each with the range of the middle half of the rounds. Measured are forward +
backward of the block at five entries, with every check of the input; the same numbers written out
in bare numpy; if this interpreter has PyTorch, its layers and its shortest form; and a trace with
all its reasons. A busy machine disturbs little: processor time is counted, the candidates take
turns in many short rounds, and a ratio compares two measurements of the same round.
"""

from collections.abc import Callable
from importlib import import_module
from time import process_time

import numpy as np

from engine import ConvBlock, trace

ROUNDS, CALLS, WARMING = 300, 40, 500

X, W = np.array([1.5, -1.0, 1.5, 0.5, 0.0]), 2.0


def main() -> None:
    """Measure and print."""
    ours = {"bare numpy": bare, "engine": engine, "trace, all reasons": trace_with_reasons}
    pytorch = in_pytorch()
    if not pytorch:
        print("PyTorch cannot be imported here: it is left out.")
    times = measure(ours | pytorch)
    for name, each in times.items():
        print(f"{name}: {summary(each)} µs")
    block = times["engine"]
    print(f"engine / bare numpy: {summary(block / times['bare numpy'])}; wanted: at most 8")
    for name, least in zip(pytorch, (2, 1), strict=False):
        print(f"{name} / engine: {summary(times[name] / block)}; wanted: at least {least}")
    print(f"trace, all reasons: {summary(times['trace, all reasons'])} µs; wanted: at most 120")


def measure(candidates: dict[str, Callable[[], object]]) -> dict[str, np.ndarray]:
    """Return microseconds per call, one number per round, for each candidate."""
    for run in candidates.values():
        time_of(run, WARMING)
    rounds = [[time_of(run, CALLS) for run in candidates.values()] for _ in range(ROUNDS)]
    return dict(zip(candidates, np.transpose(rounds), strict=True))


def time_of(run: Callable[[], object], calls: int) -> float:
    """Return microseconds per call."""
    start = process_time()
    for _ in range(calls):
        run()
    return (process_time() - start) / calls * 1e6


def summary(numbers: np.ndarray) -> str:
    """The median and the middle half: 7.92 (7.71 to 8.24), 112 (110 to 118)."""
    form = ".0f" if np.median(numbers) >= 100 else ".1f" if np.median(numbers) >= 10 else ".2f"
    low, middle, high = np.percentile(numbers, [25, 50, 75])
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def bare() -> tuple[np.ndarray, np.floating]:
    """Compute the block in flat code: no checks, no classes, nothing kept."""
    a = W * X
    h = np.maximum(a, 0)
    z = h.max()
    dh = (h == z).astype(a.dtype)
    da = dh * (a >= 0)
    return W * da, (X * da).sum()


block = ConvBlock()


def engine() -> object:
    """Call the lab's own two methods."""
    block.forward(X, W)
    return block.backward(1.0)


def trace_with_reasons() -> list[object]:
    """Read everything in a trace: every step's arrays, why and kinked."""
    steps = trace(block, X, W).steps
    return [(step.inputs, step.output, step.grads, step.why, step.kinked) for step in steps]


def in_pytorch() -> dict[str, Callable[[], object]]:
    """Return the same in PyTorch if it can be imported; its tensors are created beforehand."""
    try:
        torch = import_module("torch")
    except ModuleNotFoundError:
        return {}
    x, w = (torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in (X, W))

    def shortest() -> object:
        return torch.autograd.grad(torch.amax(torch.relu(w * x)), (x, w))

    signal = torch.tensor(X[None, None], requires_grad=True)
    layers = torch.nn.Sequential(
        torch.nn.Conv1d(1, 1, 1, bias=False, dtype=torch.float64),
        torch.nn.ReLU(),
        torch.nn.MaxPool1d(len(X)),
    )
    with torch.no_grad():
        layers[0].weight.fill_(W)

    def in_layers() -> object:
        return torch.autograd.grad(layers(signal), (signal, layers[0].weight))

    return {"PyTorch, Conv1d + ReLU + MaxPool1d": in_layers, "PyTorch, amax(relu(w * x))": shortest}


if __name__ == "__main__":
    main()

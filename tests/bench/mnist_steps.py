"""Training steps on MNIST by one implementation, in a process that tests.bench.mnist starts.

`python -m tests.bench.mnist_steps ours|pytorch|pytorch-channels-last COUNT` prints one JSON object:
images per second, and the peak memory in MB. COUNT is the number of processes (ours) or threads
(PyTorch). All do the same with the same uint8 images: batches of 64 in random order, the network
"cnn", SGD with momentum. The interpreter with PyTorch needs only numpy besides.
"""

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from time import perf_counter
from typing import Any

from engine import SGD, Network, Trainer, mnist
from engine.training import Evaluation

BATCH, STEPS = 64, 450


def main(implementation: str, count: int) -> None:
    """Take steps to warm up, then as many that are timed, and print the result."""
    seconds = (ours if implementation == "ours" else pytorch)(implementation, count)
    print(json.dumps({"images_per_second": BATCH * STEPS / seconds, "peak": peak()}))


def ours(_: str, processes: int) -> float:
    """Return the seconds of the timed steps."""
    trainer = Trainer(Network.new(), SGD(), epochs=1, batch_size=BATCH, processes=processes)
    records = trainer.run(every=STEPS)
    next(records)
    before = trainer.train_seconds
    next(records)
    del records  # ends the other processes, so that their memory is known
    Evaluation.of(trainer.network, trainer.test)  # for the peak of memory
    return trainer.train_seconds - before


def pytorch(layout: str, threads: int) -> float:
    """Return the seconds of the same steps in PyTorch."""
    torch = import_module("torch")
    torch.set_num_threads(threads)
    nn = torch.nn
    network = nn.Sequential(
        *(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 10)),
    )
    memory = torch.contiguous_format
    if layout == "pytorch-channels-last":
        memory = torch.channels_last
    network = network.to(memory_format=memory)
    digits = mnist.load("train")
    images = torch.tensor(digits.images)[:, None]
    labels = torch.tensor(digits.labels).long()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    mean_loss = nn.CrossEntropyLoss()
    order = torch.randperm(len(labels)).split(BATCH)

    def steps(chosen_by_step: Iterable[Any]) -> None:
        for chosen in chosen_by_step:
            x = (images[chosen].float() / 255).to(memory_format=memory)
            optimizer.zero_grad()
            mean_loss(network(x), labels[chosen]).backward()
            optimizer.step()

    steps(order[:STEPS])
    began = perf_counter()
    steps(order[STEPS : 2 * STEPS])
    return perf_counter() - began


def peak() -> float | None:
    """The peak memory in MB, plus that of the largest child process that has ended.

    None if the system does not report it.
    """
    try:
        import resource
    except ModuleNotFoundError:
        return None
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    most = sum(resource.getrusage(who).ru_maxrss for who in whose)
    return most / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

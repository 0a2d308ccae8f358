"""A worker process, started by `Workers`: `python -m engine.training.worker ARCHITECTURE`.

It does tasks until there are no more, and so ends when the process that sends them has ended. It is
a module of its own, since one that the package imports would be loaded twice when it is run.
"""

import signal
import sys

from engine.files import silence
from engine.training.network import ARCHITECTURES
from engine.training.passes import learn, warm_the_heap
from engine.training.workers import READY, read_task, write_result


def main(slug: str) -> None:
    """Read tasks from standard input, and write results to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    architecture = ARCHITECTURES[slug]
    tasks, results = sys.stdin.buffer, sys.stdout.buffer
    warm_the_heap()
    try:
        results.write(READY)
        results.flush()
        while task := read_task(tasks):
            write_result(results, learn(architecture.layers, *task))
    except BrokenPipeError as error:
        silence(error)


if __name__ == "__main__":
    main(sys.argv[1])

"""A partner's process, started by a crew: `python -m engine.training.partner ARCHITECTURE`.

Answers questions (exchange.py) until there are no more: when whoever asks has ended, so does it.
"""

import signal
import sys

from engine.training.architectures import ARCHITECTURES
from engine.training.exchange import READY, read_question, write_answer
from engine.training.heap import warm_the_heap
from engine.training.passes import learn


def main(slug: str) -> None:
    """Reads from standard input, writes to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    architecture = ARCHITECTURES[slug]
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    warm_the_heap()
    answers.write(READY)
    answers.flush()
    while question := read_question(questions, architecture):
        params, images, labels, share, watched = question
        done = learn(architecture.layers, params, images, labels, share=share, watched=watched)
        write_answer(answers, done)


if __name__ == "__main__":
    main(sys.argv[1])

"""What the processes of a crew say to each other: numbers in an order that both know.

A question: `_QUESTION`, the parameters, the images, the labels. An answer: `_ANSWER`, a pair of
counts for each layer, the gradients.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import prod
from struct import Struct
from typing import IO, Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.mnist import SIDE, Bytes
from engine.training.architectures import Architecture
from engine.training.passes import Labels, Pass, Zeros

READY: Final = b"ready"
"""What a partner says first."""

_QUESTION: Final = Struct("<qd?")
"""How many images, their share of the batch, whether zeros are counted."""
_ANSWER: Final = Struct("<qdq")
"""How many images, the loss, how many were right."""
_NONE: Final = (-1, -1)

Described: TypeAlias = tuple[type, tuple[int, ...]]


class Question(NamedTuple):
    """The arguments of `learn`."""

    params: Sequence[Array]
    images: Bytes
    labels: Labels
    share: float
    watched: bool


def write_question(stream: IO[bytes], question: Question) -> None:
    """Raises OSError where nobody listens any more."""
    params, images, labels, share, watched = question
    head = _QUESTION.pack(len(labels), share, watched)
    _write(stream, head, (*params, images, labels.astype(np.int64)))


def read_question(stream: IO[bytes], architecture: Architecture) -> Question | None:
    """None where there are no more."""
    head = stream.read(_QUESTION.size)
    if len(head) < _QUESTION.size:
        return None
    count, share, watched = _QUESTION.unpack(head)
    described = (*_params(architecture), (np.uint8, (count, SIDE, SIDE)), (np.int64, (count,)))
    arrays = _read(stream, described)
    if arrays is None:
        return None
    *params, images, labels = arrays
    return Question(params, images, labels.astype(np.intp), share, watched)


def write_answer(stream: IO[bytes], done: Pass) -> None:
    """Raises OSError where nobody listens any more."""
    pairs = [(each.zero, each.entries) if each else _NONE for each in done.zeros]
    head = _ANSWER.pack(done.images, done.loss, done.correct)
    _write(stream, head, (np.array(pairs, dtype=np.int64), *done.grads))


def read_answer(stream: IO[bytes], architecture: Architecture) -> Pass | None:
    """None where the other process has ended."""
    head = stream.read(_ANSWER.size)
    if len(head) < _ANSWER.size:
        return None
    images, loss, correct = _ANSWER.unpack(head)
    layers = len(architecture.layers.operations)
    arrays = _read(stream, ((np.int64, (layers, 2)), *_params(architecture)))
    if arrays is None:
        return None
    pairs, *grads = arrays
    zeros = tuple(Zeros(*pair) if pair[1] >= 0 else None for pair in pairs.tolist())
    return Pass(images, loss, correct, tuple(grads), zeros)


def _params(architecture: Architecture) -> Iterator[Described]:
    return ((np.float32, shape) for shape in architecture.shapes)


def _write(stream: IO[bytes], head: bytes, arrays: Sequence[NDArray[Any]]) -> None:
    # At once: what is written in pieces is read in pieces.
    stream.write(b"".join((head, *(array.tobytes() for array in arrays))))
    stream.flush()


def _read(stream: IO[bytes], described: Sequence[Described]) -> list[NDArray[Any]] | None:
    """Arrays of these dtypes and shapes, read-only."""
    sizes = [np.dtype(kind).itemsize * prod(shape) for kind, shape in described]
    content = stream.read(sum(sizes))
    if len(content) < sum(sizes):
        return None
    starts = accumulate(sizes, initial=0)
    return [
        np.frombuffer(content, kind, prod(shape), start).reshape(shape)
        for (kind, shape), start in zip(described, starts, strict=False)
    ]

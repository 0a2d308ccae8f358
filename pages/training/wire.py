"""What a run's process and the server say to each other: a line of JSON, then arrays' bytes.

Neither pickles: whatever arrives is numbers and text.
"""

import json
from collections.abc import Mapping
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_ARRAYS: Final = "arrays"


class Message(NamedTuple):
    """kind: what it is about; said: what JSON can express; arrays: the numbers, read-only."""

    kind: str
    said: dict[str, Any]
    arrays: tuple[NDArray[Any], ...] = ()


def write(stream: IO[bytes], message: Message) -> None:
    """Sends a message. Raises OSError where nobody listens any more."""
    described = [[array.dtype.str, array.shape] for array in message.arrays]
    head = {"kind": message.kind, "said": message.said, _ARRAYS: described}
    stream.write(json.dumps(head).encode() + b"\n")
    # Row by row, whatever an array's order in memory.
    stream.writelines(array.tobytes() for array in message.arrays)
    stream.flush()


def read(stream: IO[bytes]) -> Message | None:
    """The next message; None where the other side has ended, be it in the middle of one."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    head: Mapping[str, Any] = json.loads(line)
    arrays = []
    for kind, shape in head[_ARRAYS]:
        dtype = np.dtype(kind)
        wanted = dtype.itemsize * int(np.prod(shape))
        content = stream.read(wanted)
        if len(content) < wanted:
            return None
        arrays.append(np.frombuffer(content, dtype).reshape(shape))
    return Message(head["kind"], head["said"], tuple(arrays))

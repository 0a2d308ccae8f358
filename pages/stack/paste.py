"""From PyTorch code to a stack: its syntax tree is read, and nothing of it is ever run."""

import re
from collections.abc import Mapping
from typing import Final

from pages.stack.code_reader import WORK_MOST, CodeReader, Pasted
from pages.stack.code_text import parsed, refuse_depth
from pages.stack.stack import StackError, refuse

_OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "JAX": (r"\b(jax|jnp|nnx|hk|eqx)\.\w|\bnn\.(compact|Dense)\b", r"\b(torch|keras|mxnet)\b"),
    "Keras": (
        r"\bkeras\b|\bDense\(|\bMaxPooling[12]D\(|\bConv[12]D\(.*\bactivation=",
        r"\btorch\b|\bnn\.|\bclass Dense\b",
    ),
    "TensorFlow": (r"\btf\.\w", r"\btorch\b"),
}
"""What code for others has, and what it has not; some of them have an nn as well."""
_COMMENT: Final = re.compile(r"#.*")


def read_pytorch(text: str) -> Pasted:
    """The network in a text with PyTorch code. Raises StackError where there is none."""
    for framework, (its, other) in _OTHERS.items():
        if re.search(its, _COMMENT.sub("", text)) and not re.search(other, text):
            refuse("paste.other", framework=framework)
    try:
        code = parsed(text)
        reader = CodeReader(code)
        try:
            reader.run(code.tree.body, reader.names)
        except StackError as error:
            if reader.work <= WORK_MOST or not reader.found:
                raise
            reader.remarks.said.append(str(error))
            reader.work = reader.within = reader.plain = 0
        return reader.pasted()
    except (RecursionError, MemoryError):
        refuse_depth()

"""Judge layers with interfaces of their own, which tests write or change.

A wrong layer is a right one of students/interfaces.py in which a line is replaced.
"""

import ast
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.grader.adapter import leaves
from engine.grader.held import arrays
from engine.grader.judge import Judgement
from engine.grader.report import calls
from engine.grader.student_file import check_in
from tests.engine.grader.conftest import STUDENTS, Here, written

SOURCE = (STUDENTS / "interfaces.py").read_text(encoding="utf-8")


def changed(source: str, old: str, new: str) -> str:
    """Return a source in which a text, which must be there, is another one."""
    assert source.count(old) >= 1, old
    return source.replace(old, new)


def typed_in(file: Path, judgement: Judgement) -> list[Any]:
    """Type in the calls of the first failing case; return all arrays that are then there."""
    shell = runpy.run_path(str(file))
    *before, last = ast.parse("\n".join(calls(judgement.failures[0], ""))).body
    exec(compile(ast.Module(before, []), "shown", "exec"), shell)
    if isinstance(last, ast.Expr):
        shell["given"] = eval(compile(ast.Expression(last.value), "shown", "eval"), shell)
    else:
        exec(compile(ast.Module([last], []), "shown", "exec"), shell)
    there = {name: shell.get(name) for name in ("given", "layer", "out", "loss", "dx")}
    return [array for _, array in arrays(there)] + leaves(there["loss"])


def alone(folder: Path, name: str, source: str) -> Judgement:
    """Return the judgement on one layer of a source, which is cut down to what it needs."""
    needed = {"Layer", name, name.replace("forward", "backward"), f"{name}_backward"}
    if name.startswith("conv_"):
        needed.add("Conv2d")
    body = [each for each in ast.parse(source).body if getattr(each, "name", name) in needed]
    source = ast.unparse(ast.Module(body, []))
    judged = judgements(folder, source)
    (found,) = (each for each in judged if each.name == name)
    return found


def judgements(folder: Path, source: str) -> Sequence[Judgement]:
    """Check every layer of a source, in this process.

    The engine's numbers suffice: differences of the layers' own forward, which cost the most, would
    find nothing more. They are computed for right layers of such interfaces (`right`, `ways`).
    """
    file = written(folder, source)
    return check_in(Here(file, differences=False), file, 60).judgements


BATCH = "minibatches h (N, C, H, W)"


class Written:
    """Has a parameter of each kind that a layer may have."""

    def __init__(
        self, depth: int, gewichte: Any, channels: int = 3, alpha: float = 0.1, l2: float = 0.0,
        regularization: Any = None,
    ) -> None:  # fmt: skip
        pass

    def forward(
        self, x: Any, training: bool = False, is_train: bool = True, mode: str = "avg",
        batch_size: int = 1, lr: float = 0.1, stride: int = 1, other: int = 0,
    ) -> Any:  # fmt: skip
        """Take further parameters."""

    def backward(self, dout: Any, train: Any, n_images: int, unknown: Any) -> Any:
        """Take an upstream gradient and further parameters."""

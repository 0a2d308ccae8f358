"""Files that need modules or data that are not here: what can be run of them is checked."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from engine.grader.loading import _provided
from engine.grader.student_file import check_in
from tests.engine.grader.conftest import RELU, Here, written
from tests.engine.grader.judging import changed, judgements

FILES = {
    "a package's own, by its __init__.py": (
        {
            "net/layers/__init__.py": "from .base import Layer\nfrom .relu import ReLU\n",
            "net/layers/base.py": "class Layer:\n    pass\n",
        },
        "net/layers/relu.py",
        "from . import Layer\n",
        "PASSED",
    ),
    "a package's own, relatively": (
        {"net/layer.py": "class Layer:\n    pass\n"},
        "net/relu.py",
        "from .layer import Layer\n",
        "PASSED",
    ),
    "a package's own, by an __init__.py that looks further up": (
        {
            "net/base.py": "class Layer:\n    pass\n",
            "net/layers/__init__.py": "from ..base import Layer\n",
        },
        "net/layers/relu.py",
        "from . import Layer\n",
        "PASSED",
    ),
    "a package's own, by the __init__.py of each of its folders": (
        {
            "net/__init__.py": "class Layer:\n    pass\n",
            "net/layers/__init__.py": "from .. import Layer\n",
        },
        "net/layers/relu.py",
        "from . import Layer\n",
        "PASSED",
    ),
    "a package's own, where another is not there and its __init__.py raises": (
        {"net/__init__.py": "raise OSError", "net/layer.py": "class Layer:\n    pass\n"},
        "net/relu.py",
        "from . import other\nfrom .layer import Layer\n",
        "PASSED",
    ),
    "a package's own, from its root": (
        {"net/layers/layer.py": "class Layer:\n    pass\n"},
        "net/layers/relu.py",
        "from net.layers.layer import Layer\n",
        "PASSED",
    ),
    "a module that is not there and not needed": (
        {},
        "relu.py",
        """import no_such_plots as plt
from no_such_data import load
plt.rcParams["figure"]["dpi"] = 100
with plt.style.context("dark"):
    class Layer:
        pass
""",
        "PASSED",
    ),
    "of a module that is not there more than is known": (
        {},
        "relu.py",
        "import no_such_plots as plt\nfigure, axes = plt.subplots()\nclass Layer:\n    pass\n",
        "PASSED",
    ),
    "data that are not there": (
        {},
        "relu.py",
        "class Layer:\n    pass\nopen('no_such_file')\n",
        "PASSED",
    ),
    "data that are not there, and then what it needs": (
        {},
        "relu.py",
        """open("no_such_file")
try:
    import no_such_net
except ImportError:
    Layer = type("Layer", (), {})
if True:
    pixels = open("no_such_file").read()
    Layer = None
""",
        "PASSED",
    ),
    "a module that is not there and needed": (
        {},
        "relu.py",
        "from no_such_net import Layer\n",
        "",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_files_of_packages_and_with_modules_that_are_missing(tmp_path: Path, case: str) -> None:
    beside, name, head, verdict = FILES[case]
    for each, source in {**beside, name: head + DERIVED}.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(source, encoding="utf-8")
    result = check_in(Here(tmp_path / name), tmp_path / name, 60)
    assert [each.verdict for each in result.judgements] == ([verdict] if verdict else [])
    assert (result.error is None) == bool(verdict)
    assert bool(result.left) == ("not there" in case and bool(verdict))
    assert "Absent" not in str(result.left)


@pytest.mark.parametrize("beside", ["parts/__init__.py", "parts/other.py", "parts.py"])
def test_what_a_module_beside_the_file_lacks_is_an_error_of_theirs(
    tmp_path: Path, beside: str
) -> None:
    """Such a module does not count as one that is not installed here."""
    (tmp_path / beside).parent.mkdir(exist_ok=True)
    (tmp_path / beside).touch()
    file = written(tmp_path, f"import parts.missing{RELU}")
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    (left,) = result.left
    assert left.startswith("line 1 raises ModuleNotFoundError: No module named 'parts.missing'")


ABSENT = """
from no_such_bars import bar
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        for _ in bar(range(3)):
            pass
        return np.maximum(a, 0)
    def backward(self, dh):
        return dh * (self.a > 0)
class Dense:
    def __init__(self, inputs, outputs):
        self.W = np.ones((inputs, outputs))
    def forward(self, x):
        import no_such_products
        return x @ self.W
    def backward(self, dy):
        return dy @ self.W.T
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        bar.update(len(x))
        return x.reshape(len(x), -1)
    def backward(self, dy):
        return dy.reshape(self.shape)
"""


def test_a_package_found_further_up_takes_the_place_of_its_namesake_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "net" / "layers"
    folder.mkdir(parents=True)
    others = {*sys.modules, "network"}
    there = dict.fromkeys((*others, "net", "net.layers"), ModuleType("any"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    with monkeypatch.context() as patch:
        patch.setattr(sys, "modules", there)
        found = _provided(ModuleNotFoundError(name="net.base"), folder / "relu.py", [])
    assert found
    assert there.keys() == others
    assert str(tmp_path) in sys.path


def test_what_is_named_like_ours_of_a_missing_module_is_imported(tmp_path: Path) -> None:
    file = written(tmp_path, f"from nowhere.layers import Linear{RELU}")
    result = check_in(Here(file, differences=False), file, 60)
    assert result.imported == {"Linear": "nowhere.layers"}
    assert [each.name for each in result.judgements] == ["ReLU"]


def test_a_layer_that_calls_a_module_not_installed_here_is_not_checked(tmp_path: Path) -> None:
    found = judgements(tmp_path, ABSENT)
    assert {each.name: (each.verdict, each.why) for each in found} == {
        name: ("NOT CHECKED", f"forward raises ModuleNotFoundError: {says}, do without that module")
        for name, says in (
            ("ReLU", "no_such_bars.bar is not installed (line 7). To have it checked"),
            ("Dense", "No module named 'no_such_products' (line 16). To have it checked"),
            ("Flatten", "no_such_bars.bar.update is not installed (line 23). To have it checked"),
        )
    }


BESIDE_ABSENT = """import no_such.tensors
import no_such.tensors.linear as F
from no_such_jit import *; from no_such_jit import njit, prange
import numpy as np
@njit(parallel=True)
def cut(a, out):
    for i in prange(a.size):
        out.flat[i] = max(0, a.flat[i])
    return out
class ReLU:
    def forward(self, a):
        self.a = a.numpy() if isinstance(a, no_such.tensors.Tensor) else a
        return cut(self.a, np.zeros_like(self.a))
    def backward(self, dh):
        return dh * (self.a > 0)
assert abs(ReLU().forward(np.ones(1)) - F.relu(1)) < 1
"""


def test_what_is_not_installed_here_and_not_needed_is_told_once_each(tmp_path: Path) -> None:
    file = written(tmp_path, BESIDE_ABSENT)
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    *absent, raising = result.left
    assert absent == [
        f"the module {each} is not installed here: what needs it was left out"
        for each in ("no_such", "no_such_jit")
    ]
    assert raising.startswith("line 16 raises ModuleNotFoundError: no_such.tensors.linear.relu is")


def test_the_statement_that_raises_is_named_after_which_only_definitions_are_run(
    tmp_path: Path,
) -> None:
    """Not the line of the function that it calls; nor is what came before defined again."""
    tried = "def tried():\n    raise ValueError('no')\n"
    after = (
        "print(1 / 0)\nfor kept in [2]: pass\nclass Unfounded(Nobody): pass\ncount = int('none')"
    )
    source = f"{tried}kept = 0\nfor kept in [1]: pass\ntried()\n{after}{RELU}"
    file = written(tmp_path, changed(source, "(self.a > 0)", "(self.a > 0) * kept"))
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    said = "line 5 raises ValueError: no: of what follows only definitions were run"
    assert result.left == (said,)
    # So may the end of the program be raised.
    file = written(tmp_path, f"import sys\nsys.exit('done')\n{RELU}")
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    said = "line 2 ends the program (sys.exit, exit or quit)"
    assert result.left == (f"{said}: of what follows only definitions were run",)
    # A definition after it is compiled as the whole file is, its annotations too.
    annotated = changed(RELU, "forward(self, a)", "forward(self, a: Later) -> Later")
    file = written(tmp_path, f"from __future__ import annotations\nprint(1 / 0)\n{annotated}")
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    # What can be said of a class that cannot be tried is said nevertheless.
    file = written(tmp_path, "class Dense:\n    def forward(self, x): return x\nprint(1 / 0)\n")
    result = check_in(Here(file), file, 60)
    assert result.error is None
    assert [each.name for each in result.judgements] == ["Dense"]


def test_arrays_of_cupy_are_those_of_numpy_where_it_is_not_installed(tmp_path: Path) -> None:
    file = written(tmp_path, changed(RELU, "import numpy as np", "import cupy as np"))
    result = check_in(Here(file, differences=False), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]


@pytest.mark.parametrize("module", ["numpy", "os.path"])
def test_a_name_that_a_module_lacks_is_the_files_own_error(tmp_path: Path, module: str) -> None:
    file = written(tmp_path, f"from {module} import no_such{RELU}")
    result = check_in(Here(file, differences=False), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    (left,) = result.left
    assert left.startswith("line 1 raises ImportError: cannot import name 'no_such'")


def test_the_first_module_that_is_not_there_is_why_nothing_is(tmp_path: Path) -> None:
    file = written(tmp_path, "import no_such_one\nimport no_such_other\ndef helper(): pass\n")
    result = check_in(Here(file), file, 60)
    assert result.error is not None
    assert "No module named 'no_such_one'" in result.error["sentence"]


DERIVED = RELU.replace("class ReLU:", "class ReLU(Layer):")


def test_a_file_named_like_a_module_of_pythons_own_does_not_take_its_place(tmp_path: Path) -> None:
    file = tmp_path / "wave.py"
    file.write_text(f'assert __name__ != "wave"\n{RELU}', encoding="utf-8")
    assert Here(file).load()["left"] == []


def test_an_encoding_may_be_stated_in_the_second_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(f"#!/usr/bin/python3\n# coding: latin-1\n# \xfc\n{RELU}".encode("latin-1"))
    assert [*Here(file).load()["layers"]] == ["ReLU"]

"""What the program never does: unpickle, run foreign code, show foreign text as markup."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES: Final = [ROOT / "app.py", *sorted(ROOT.glob("engine/**/*.py")), *ROOT.glob("pages/**/*.py")]
MODULES: Final = {"pickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
CALLS: Final = {"eval", "exec", "compile", "__import__"}
KEYWORDS: Final = {"unsafe_allow_html", "unsafe_allow_javascript", "allow_pickle", "shell"}
STUDENTS: Final = ROOT / "engine" / "grader" / "loading.py"
"""The one module that runs foreign code: a student's own file, in a process of its own."""


def unsafe(source: str) -> Iterator[str]:
    """Yield each unsafe import, call and keyword argument in a source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in CALLS:
                yield node.func.id
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                if keyword.arg in KEYWORDS and not off:
                    yield keyword.arg or ""


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "st.markdown(text, unsafe_allow_html=True)",
        "st.markdown(text, unsafe_allow_html=on)",
        "np.load(file, allow_pickle=True)",
        "eval(text)",
        "run(text, shell=True)",
    ],
)
def test_an_unsafe_call_is_found(source: str) -> None:
    assert [*unsafe(source)]


def test_no_file_of_the_program_makes_an_unsafe_call() -> None:
    assert len(FILES) > 100
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in FILES
        if path != STUDENTS
        if (wrong := [*unsafe(path.read_text(encoding="utf-8"))])
    }
    assert found == {}

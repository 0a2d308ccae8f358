"""What the program never does: unpickle, run foreign code, show foreign text as markup.

Nor are two words of a text run together where it is broken over two lines.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from tests.for_each import for_each

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


def run_together(source: str) -> Iterator[str]:
    """Yield each end of a line at which a text goes on without a space: "two" "words"."""
    for line, following in pairwise(source.splitlines()):
        breaks = re.search(r"(?<!\\)\w[\"']$", line) and re.match(r"\s*[rf]?[\"']\w", following)
        # What has no space in it is an address.
        if breaks and " " in line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


@for_each("source", ['("these two"\n    "words")', "f'a {b}c'\nf'd'"])
def test_words_that_are_run_together_are_seen(source: str) -> None:
    assert [*run_together(source)]


@for_each(
    "source",
    ['("of two "\n    "words")', '"a line\\n"\n"another"', '"AbC"\n"dEf"', '# as in "a"\n"b"'],
)
def test_texts_that_are_not_run_together_are_let_through(source: str) -> None:
    assert not [*run_together(source)]


def test_no_words_are_run_together() -> None:
    found = {path: [*run_together(path.read_text(encoding="utf-8"))] for path in FILES}
    assert {path.name: each for path, each in found.items() if each} == {}

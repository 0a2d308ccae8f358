"""Imports go one way: engine <- pages/figures <- pages <- app.py; no folders form a cycle."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from itertools import chain
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"app", "engine", "pages", "tests"}
TOP_LEVEL = {
    "LICENSE",
    "README.md",
    "app.py",
    "deploy",
    "engine",
    "pages",
    "pyproject.toml",
    "requirements.txt",
    "tests",
}


@dataclass(frozen=True)
class Area:
    """What a part of the program may import, besides the standard library."""

    ours: tuple[str, ...] = ()
    """Modules, packages with everything in them, or single names, all dotted."""
    installed: frozenset[str] | None = frozenset()
    """Top-level names of installed packages; None: any."""

    def allows(self, name: str) -> bool:
        """Return whether this part may import `name`, a dotted name."""
        top = name.partition(".")[0]
        if top in OURS:
            return any(within(name, allowed) for allowed in self.ours)
        return self.installed is None or top in sys.stdlib_module_names | self.installed


# Figures draw results. They may import what describes or reads a result, but nothing that computes.
# (A Trace could be asked for the same pass under another rule, which is computed; figures do not.)
RESULTS = (
    "engine.Gate",
    "engine.Stop",
    "engine.Trace",
    "engine.Why",
    "engine.arrays.Array",
    "engine.arrays.Index",
    "engine.arrays.Mask",
    "engine.arrays.indices",
    "engine.arrays.once",
    "engine.check.examination.Status",
    "engine.check.gradient.Verdict",
    "engine.mnist.Bytes",
    "engine.trace.Pattern",
    "engine.trace.Step",
    "engine.trace.back_along",
    "engine.trace.common_reason",
    "engine.training.Evaluation",
    "engine.training.LayerRecord",
    "engine.training.Network",
    "engine.training.Record",
    "engine.why.WHYS",
)

# The innermost area that contains a file decides. No area may import app.
AREAS = {
    "engine": Area(("engine",), frozenset({"numpy"})),
    "engine.train": Area(("engine",), frozenset({"click", "numpy"})),  # the command's progress bar
    "pages.state.codecs": Area(),
    "pages.state.scene": Area(("engine", "pages.state.codecs", "pages.state.scene")),
    "pages.figures": Area(("pages.figures", *RESULTS), frozenset({"PIL", "numpy"})),
    "pages": Area(
        ("engine", "pages"),
        frozenset(
            {
                "PIL",
                "choreographer",
                "numpy",
                "pypdf",
                "redis",
                "segno",
                "starlette",
                "streamlit",
            }
        ),
    ),
    "app": Area(("engine", "pages"), frozenset({"starlette", "streamlit"})),
    "tests": Area(("engine", "pages", "tests"), installed=None),
    "tests.run": Area(),  # runs before anything is installed
}


def within(name: str, package: str) -> bool:
    """Return whether `name` is `package` or lies in it."""
    return name == package or name.startswith(f"{package}.")


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield each statement at any depth, without looking into expressions."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt | ast.excepthandler | ast.match_case):
            yield inner
            yield from statements(inner)


@cache
def imported_names(path: PurePosixPath, source: str) -> list[tuple[int, str]]:
    """Return the line and the absolute dotted name of each import, at any depth of the source."""
    found: list[tuple[int, str]] = []
    package = ".".join(path.parent.parts)
    for node in statements(ast.parse(source, str(path))):
        match node:
            case ast.Import(names=names):
                found += ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                origin = resolve_name("." * level + (module or ""), package)
                found += ((node.lineno, f"{origin}.{alias.name}") for alias in names)
    return found


def forbidden_imports(path: str, source: str) -> list[str]:
    """Return a sentence for each import of the file that its area does not allow."""
    file = PurePosixPath(path)
    module = ".".join(file.with_suffix("").parts)
    areas = [area for area in AREAS if within(module, area)]
    if not areas:
        return [f"{path} lies in no area"]
    area = max(areas, key=len)
    return [
        f"{path}:{line} imports {name}, which {area} may not"
        for line, name in imported_names(file, source)
        if not AREAS[area].allows(name)
    ]


def source_files() -> Iterator[str]:
    """Yield the path of each of our Python files; these folders contain no environments."""
    folders = (ROOT / name for name in OURS)
    for file in chain(ROOT.glob("*.py"), *(folder.rglob("*.py") for folder in folders)):
        yield file.relative_to(ROOT).as_posix()


def strangers(paths: Iterable[str]) -> set[str]:
    """Return the entries of the top level that do not belong there; dot-entries do."""
    tops = {path.partition("/")[0] for path in paths}
    return {top for top in tops if not top.startswith(".")} - TOP_LEVEL


def test_imports_go_in_one_direction() -> None:
    paths = sorted(source_files())
    assert "tests/test_imports.py" in paths
    sentences = [
        sentence
        for path in paths
        for sentence in forbidden_imports(path, (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not sentences, "\n".join(sentences)


def room(path: str) -> str:
    """Return a file's folder; the file itself if it lies beside folders or is a command."""
    file = PurePosixPath(path)
    alone = len(file.parts) < 3 or file.name == "__main__.py"
    return str(file if alone else file.parent)


def imported_rooms(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which rooms each room imports; sources: each file's text, by its path."""
    files = {".".join(PurePosixPath(path).with_suffix("").parts): path for path in sources}
    files |= {name.removesuffix(".__init__"): path for name, path in files.items()}
    found: dict[str, set[str]] = {}
    for path, source in sources.items():
        here = found.setdefault(room(path), set())
        for _, name in imported_names(PurePosixPath(path), source):
            there = name if name in files else name.rpartition(".")[0]
            if there in files:
                here.add(room(files[there]))
    return {here: theirs - {here} for here, theirs in found.items()}


@cache
def rooms_of_the_program() -> dict[str, set[str]]:
    """Return which rooms each room of the program itself imports."""
    ours = (path for path in source_files() if not path.startswith("tests/"))
    return imported_rooms({path: (ROOT / path).read_text(encoding="utf-8") for path in ours})


def test_no_folder_imports_one_that_imports_it() -> None:
    rooms = rooms_of_the_program()
    assert "pages/figures" in rooms["pages/explain"]
    TopologicalSorter(rooms).prepare()  # raises CycleError with their names


def test_a_way_back_is_reported() -> None:
    rooms = imported_rooms(
        {
            "pages/vote/poll.py": "from pages.state.scene import Scene",
            "pages/state/scene.py": "import json",
            "pages/state/page_state.py": "def late():\n    from ..vote import poll",
        }
    )
    assert rooms == {"pages/vote": {"pages/state"}, "pages/state": {"pages/vote"}}
    with pytest.raises(CycleError):
        TopologicalSorter(rooms).prepare()


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("engine/why.py", "import streamlit as st", "streamlit"),
        ("engine/why.py", "from pages.state.scene import Scene", "pages.state.scene.Scene"),
        ("engine/layers/relu.py", "def late():\n    import plotly", "plotly"),
        ("pages/state/scene.py", "import streamlit", "streamlit"),
        (
            "pages/state/scene.py",
            "from pages.figures.layout import View",
            "pages.figures.layout.View",
        ),
        ("pages/state/scene.py", "from ..explore import conv_block", "pages.explore.conv_block"),
        ("pages/figures/layout.py", "import numpy, streamlit", "streamlit"),
        (
            "pages/figures/layout.py",
            "from streamlit import session_state",
            "streamlit.session_state",
        ),
        ("pages/figures/layout.py", "import engine", "engine"),
        ("pages/figures/layout.py", "from engine import Trace, trace", "engine.trace"),
        ("pages/figures/layout.py", "from pages import site", "pages.site"),
        ("pages/figures/layout.py", "from ..state import scene", "pages.state.scene"),
        (
            "pages/figures/__init__.py",
            "from ..explain import sentences",
            "pages.explain.sentences",
        ),
        ("pages/site.py", "import app", "app"),
        ("pages/site.py", "from tests.fixtures import case", "tests.fixtures.case"),
        ("app.py", "import tests", "tests"),
        ("app.py", "import pandas", "pandas"),
        ("tests/test_app.py", "import app", "app"),
        ("tests/run.py", "import pytest", "pytest"),
    ],
)
def test_a_forbidden_import_is_reported(path: str, source: str, name: str) -> None:
    (sentence,) = forbidden_imports(path, source)
    assert f" imports {name}, which " in sentence


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("engine/layers/relu.py", "from ..why import Why\nimport numpy.typing as npt"),
        ("pages/state/scene.py", "import math\nfrom engine import RULES"),
        ("pages/figures/layout.py", "from engine import Trace\nfrom . import theme"),
        ("pages/figures/__init__.py", "from .theme import Theme"),
        ("pages/explore/relu.py", "import streamlit\nfrom pages.figures import layout"),
        ("app.py", "import pages.site\nimport streamlit"),
        ("tests/fixtures/record.py", "import torch\nfrom . import case"),
    ],
)
def test_an_allowed_import_is_not_reported(path: str, source: str) -> None:
    assert forbidden_imports(path, source) == []


def test_a_file_outside_every_area_is_reported() -> None:
    assert forbidden_imports("helpers.py", "") == ["helpers.py lies in no area"]


def test_the_top_level_stays_small() -> None:
    git = shutil.which("git") or pytest.skip("there is no git on this machine")
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    assert strangers(listing.stdout.rstrip("\0").split("\0")) == set()


def test_what_stands_in_a_row_of_the_readme_imports_nothing_of_a_later_one() -> None:
    _, _, said = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Where things are")
    firsts = [line.split("|")[1] for line in said.splitlines() if line.startswith("| `pages/")]
    rows = {name: at for at, names in enumerate(firsts) for name in re.findall(r"(\w+)\W", names)}
    pages = {
        here: [there for there in theirs if there.startswith("pages/")]
        for here, theirs in rooms_of_the_program().items()
        if here.startswith("pages/")
    }

    def row(room: str) -> int:
        return rows[PurePosixPath(room).with_suffix("").parts[1]]

    later = [(here, there) for here in pages for there in pages[here] if row(there) > row(here)]
    assert later == []


def test_within_pages_imports_go_down_nine_floors_as_the_readme_says() -> None:
    _, _, said = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Where things are")
    rows = [line.split("|") for line in said.splitlines() if line.startswith("| `pages/")]
    named = {name: int(row[3]) for row in rows for name in re.findall(r"(\w+)(?:/|\.py)`", row[1])}
    rooms = rooms_of_the_program()
    floors: dict[str, int] = {}
    for here in TopologicalSorter(rooms).static_order():
        if here.startswith("pages/"):
            floors[here] = 1 + max((floors.get(there, 0) for there in rooms[here]), default=0)

    found = {PurePosixPath(here).stem: floor for here, floor in floors.items()}
    found = {name: floor for name, floor in found.items() if not name.startswith("__")}
    assert {name: named[name] for name in found} == found
    assert max(found.values()) == 9


def test_the_readme_says_where_everything_is() -> None:
    _, _, said = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Where things are")
    tops = ("engine/", "pages/")
    folders = {PurePosixPath(path).parent for path in source_files() if path.startswith(tops)}
    inner = {folder.name for folder in folders if len(folder.parts) > 1}
    assert {name for name in inner if f"{name}/`" not in said} == set()


def test_a_stranger_at_the_top_level_is_reported() -> None:
    paths = ["app.py", ".ci/run", "engine/why.py", "helpers.py", "notes/today.md"]
    assert strangers(paths) == {"helpers.py", "notes"}

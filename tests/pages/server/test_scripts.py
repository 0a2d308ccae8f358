"""The browser modules as one script, and plotly.js; tests/browser runs the script."""

import gzip
import re
from graphlib import CycleError
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

import pages.components
from pages.server.scripts import MODULES, PLOTLY, as_one_script, components_source

HERE = Path(pages.components.__file__).parent
VERSION = re.compile(r"\* plotly\.js (?:\(([\w, ]+) - minified\) )?v(\d+\.\d+\.\d+)\n")


def script(folder: Path, **modules: str) -> str:
    """The first of these modules (name -> source) and its imports, as one script."""
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source, encoding="utf-8")
    return as_one_script(folder / f"{next(iter(modules))}.js")


@pytest.mark.parametrize(
    "line",
    [
        'import "./other.js";',
        'import other from "./other.js";',
        'import * as other from "./other.js";',
        'import { other } from "elsewhere";',
        'import { other } from "./other.js"; // why',
        'const other = await import("./other.js");',
        "const here = import.meta.url;",
        "export let other = 1;",
        "export { other };",
        'export * from "./other.js";',
        "export default 1;",
        "  export const other = 1;",
    ],
)
def test_another_form_of_an_import_or_export_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"^main\.js needs imports as .*; got: ") as refused:
        script(tmp_path, main=f"const first = 1;\n{line}\n", other="export const other = 2;\n")
    assert str(refused.value).endswith(line.strip())


def test_words_in_comments_are_no_imports(tmp_path: Path) -> None:
    source = '/** @type {import("./other.js").Other} */\n// import this\nexport const one = 1;\n'
    assert script(tmp_path, main=source).endswith("return { one };\n})();")


def test_modules_that_need_one_another_are_refused(tmp_path: Path) -> None:
    main = 'import { b } from "./other.js";\nexport const a = () => b;\n'
    other = 'import { a } from "./main.js";\nexport const b = () => a;\n'
    with pytest.raises(CycleError):
        script(tmp_path, main=main, other=other)


def test_each_component_that_is_registered_is_in_the_one_module() -> None:
    registered = set()
    for file in HERE.glob("*.py"):
        registered |= set(re.findall(r'= component\("(\w+)"', file.read_text(encoding="utf-8")))
    source = components_source("/plotly.js")
    assert set(re.findall(r"^export const (\w+) = ", source, re.MULTILINE)) == registered
    for module in MODULES.glob("*.js"):
        assert (
            source.count(f"\nconst ${module.stem} = ")
            + source.startswith(f"const ${module.stem} = ")
            == 1
        ), "each module once"


def test_plotly_js_is_of_the_version_that_the_plotly_package_carries() -> None:
    whole = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    ours = gzip.decompress(PLOTLY.read_bytes()).decode()
    (version,), ((_, of_ours),) = VERSION.findall(whole[:200]), VERSION.findall(ours[:200])
    assert version == ("", of_ours)


def test_plotly_js_has_the_traces_that_are_drawn_and_no_others() -> None:
    ((bundled, _),) = VERSION.findall(gzip.decompress(PLOTLY.read_bytes())[:200].decode())
    drawn: set[str] = set()
    for file in HERE.parent.rglob("*.py"):
        drawn |= set(re.findall(r'"type": "(\w+)"', file.read_text(encoding="utf-8")))
    assert bundled.split(", ") == sorted(drawn)


def test_plotly_js_is_what_its_readme_says() -> None:
    packed = PLOTLY.read_bytes()
    told = (PLOTLY.parent / "README.md").read_text(encoding="utf-8")
    for content in (gzip.decompress(packed), packed):
        assert f"| {len(content):,} | `{sha256(content).hexdigest()}` |" in told
    licence = (PLOTLY.parent / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License\n")

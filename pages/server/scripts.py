"""The sources of the scripts that are sent: our own modules as one script, and plotly.js."""

import gzip
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

MODULES: Final = Path(__file__).parents[1] / "components" / "browser"  # the components' modules
PLOTLY: Final = MODULES.parent / "plotly" / "plotly-bar-image-scatter.min.js.gz"
"""plotly.js with only the types of trace that are drawn: see README.md beside it."""

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*)";$', re.MULTILINE)
_EXPORT: Final = re.compile(
    r"^export (default )?((?:async )?(?:class|const|function) (\w+))", re.MULTILINE
)
_COMMENT: Final = re.compile(r"/\*.*?\*/|^ *//.*?$", re.MULTILINE | re.DOTALL)
_OTHER: Final = re.compile(r"^.*\bimport\b.*|^ *export\b.*", re.MULTILINE)


def plotly_source() -> str:
    """The source of plotly.js."""
    return gzip.decompress(PLOTLY.read_bytes()).decode()


@cache
def as_one_script(*modules: Path) -> str:
    """These modules and all that they import, as one script that has to load nothing else.

    Each module becomes a function that is called once, after the modules that it imports, so that
    the names inside it stay its own. Its exports become a constant, "$elements" for elements.js.
    Raises ValueError for an import or an export that is written in another way than ours are, and
    CycleError for modules that import one another.
    """
    sources: dict[Path, str] = {}
    needed: dict[Path, list[Path]] = {}
    wanted = [module.resolve() for module in modules]
    for module in wanted:  # which grows during the loop
        if module not in sources:
            sources[module] = module.read_text(encoding="utf-8")
            imports = _IMPORT.findall(sources[module])
            needed[module] = [module.parent.joinpath(path).resolve() for _, path in imports]
            wanted += needed[module]
    ordered = TopologicalSorter(needed).static_order()
    return "\n".join(_as_function(module, sources[module]) for module in ordered)


def exports_of(module: Path) -> str:
    """The name of the constant that holds a module's exports in `as_one_script`."""
    return f"${module.stem}"


def _as_function(module: Path, source: str) -> str:
    """A module as the definition of a constant: `const $mail = (() => { …; return {…}; })();`."""
    exports = ", ".join(
        f"default: {name}" if default else name for default, _, name in _EXPORT.findall(source)
    )

    def taken(found: re.Match[str]) -> str:
        names, path = found.groups()
        return f"const {{{names.replace(' as ', ': ')}}} = {exports_of(Path(path))};"

    body = _EXPORT.sub(r"\2", _IMPORT.sub(taken, source))
    if other := _OTHER.search(_COMMENT.sub("", body)):
        raise ValueError(
            f'{module.name} needs imports as `import {{ a }} from "./b.js";` and exports as '
            f"`export const`, `class` or `function`; got: {other[0].strip()}"
        )
    return f"const {exports_of(module)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"


def components_source(plotly: str) -> str:
    """The module that contains all components, each exported by its name, which is its file's.

    As soon as it runs it begins to load plotly.js, from `plotly` below its own folder, and then
    draws the picture that is inside the page. The live figure reports a failure to load. In the
    gallery plotly.js is not loaded yet, since nothing is drawn there before a download.
    """
    files = sorted(MODULES.glob("*.js"))
    components = [each for each in files if "\nexport default " in each.read_text(encoding="utf-8")]
    exports = [f"export const {each.stem} = {exports_of(each)}.default;" for each in components]
    load = f"{exports_of(Path('plot.js'))}.loadPlotly"
    show = f"{exports_of(Path('live_figure.js'))}.showFirstPicture"
    begin = (
        f'const plotly = new URL(".{plotly}", import.meta.url).href;',
        f'if (!location.pathname.endsWith("/gallery")) {load}(plotly).catch(() => {{}});',
        f"{show}(plotly);",
    )
    return "\n".join((as_one_script(*components), *exports, *begin, ""))

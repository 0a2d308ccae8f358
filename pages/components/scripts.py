"""The texts of scripts: our own modules, and plotly.js of the installed package."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

MODULES: Final = Path(__file__).parent / "browser"
"""Where the live figure's modules are."""

_LINKS: Final = re.compile(r"^(import .*;\n|export )", re.MULTILINE)


def plotly_source() -> str:
    """The source of plotly.js."""
    source = files("plotly").joinpath("package_data", "plotly.min.js")
    return source.read_text(encoding="utf-8")


@cache
def as_one_script(*modules: Path) -> str:
    """These modules as one script, which runs where there is nobody to ask for a module.

    Each stands behind those that it imports, and takes from them what it imports by its own name.
    """
    return "\n".join(_LINKS.sub("", module.read_text(encoding="utf-8")) for module in modules)

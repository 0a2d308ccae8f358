"""The files of the browser's half: what they may know of the page that is Streamlit's."""

import re
from pathlib import Path
from typing import get_args

import pages
from pages.figures.legend import Look

PAGES = Path(pages.__file__).parent
STREAMLITS = re.compile(r"""\.st[A-Z-]|["'=]st[A-Z]|st-key-""")
"""Class names and test ids of Streamlit's own markup."""


def test_streamlits_own_markup_is_known_to_one_script_and_one_style_alone() -> None:
    scripts, styles = (
        {path.name for path in PAGES.rglob(kind) if STREAMLITS.search(path.read_text("utf-8"))}
        for kind in ("*.js", "*.css")
    )
    assert scripts == {"page.js"}
    assert styles == {"site.css"}


CLASS = re.compile(r"\.([a-z][\w-]*)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"[^"\n]*"|`[^`\n]*`')
OURS = ("live-figure", "live-charts", "gallery", "button-row", "is-", "sign-")


def test_every_class_in_the_components_styles_is_one_that_a_script_gives() -> None:
    folder = PAGES / "components"
    styles = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.css")))
    scripts = "".join(path.read_text("utf-8") for path in sorted(folder.glob("browser/*.js")))
    styled = set(CLASS.findall(COMMENT.sub("", styles))) - {"main-svg"}  # which is Plotly's
    signs = {f"sign-{look}" for look in get_args(Look)}
    assert len(styled) > 100
    assert signs <= styled, "each sign of the legend is drawn"
    given = set(re.findall(r"[a-z][\w-]*", "".join(STRING.findall(scripts))))
    assert styled - signs - given == set()
    assert {name for name in styled if not name.startswith(OURS)} == set()

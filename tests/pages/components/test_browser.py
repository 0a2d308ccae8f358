"""The files of the browser's half: what they may know of the page that is Streamlit's."""

import re
from pathlib import Path

import pages

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

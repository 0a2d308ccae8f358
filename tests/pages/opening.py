"""The site without a browser, at one of its pages."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages import registry
from pages.registry import PAGES

SITE = Path(registry.__file__).parent / "site.py"


def site() -> AppTest:
    """As it opens: not run yet."""
    return AppTest.from_file(str(SITE), default_timeout=60)


def turned_to(app: AppTest, key: str) -> AppTest:
    """The same session at the page with this key: not run yet.

    AppTest.switch_page knows pages by their files alone; Streamlit itself by a hash of the path.
    """
    app._page_hash = calc_hash(PAGES[key].path)
    return app

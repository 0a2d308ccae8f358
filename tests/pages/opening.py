"""The site without a browser, opened at one of its pages by AppTest."""

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages import registry
from pages.registry import PAGES

SITE = Path(registry.__file__).parent / "site.py"


def site() -> AppTest:
    """The site as it opens, not run yet."""
    return AppTest.from_file(str(SITE), default_timeout=60)


def turned_to(app: AppTest, key: str) -> AppTest:
    """Turn the session to the page with this key, without running it.

    AppTest.switch_page knows pages only by their files, Streamlit by a hash of the path.
    """
    app._page_hash = calc_hash(PAGES[key].path)
    return app


def unfolded(app: AppTest, popover: str) -> AppTest:
    """Open the popover with this key, from the next run on.

    AppTest knows no popovers, and the contents of a shut one are not made.
    """
    app.session_state[popover] = True
    return app


def widget(found: Any, name: str) -> Any:
    """The widget of this name, whichever of its keys it has now; found: all widgets of its kind."""
    own = re.compile(rf"{re.escape(name)}(:[0-9]+)*")
    return next(each for each in found if own.fullmatch(each.key or ""))

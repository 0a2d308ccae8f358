"""The site without a browser, at one of its pages."""

import re
from pathlib import Path
from typing import Any

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


def unfolded(app: AppTest, popover: str) -> AppTest:
    """The same with the popover of this key open from the next run on.

    AppTest knows no popovers; what is in one that is shut is not made.
    """
    app.session_state[popover] = True
    return app


def widget(found: Any, name: str) -> Any:
    """The widget of this name, whichever of its keys it has by now; found: all of its kind."""
    own = re.compile(rf"{re.escape(name)}(:[0-9]+)*")
    return next(each for each in found if own.fullmatch(each.key or ""))

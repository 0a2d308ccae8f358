"""The picture that an address asks for, as data inside the page itself.

Streamlit takes a second until its first run, and half a second more until its result is shown. The
picture waits for neither: the browser draws it from the data in the page (browser/live_figure.js),
and the live figure takes the drawing over when it comes.
"""

import logging
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Final, get_args

from pages.components.component import packed
from pages.derive.picture import Screen
from pages.figures.theme import Theme
from pages.registry import HOME, PICTURE_PAGES
from pages.session.page_state import asked_for, is_phone
from pages.state.scene import PRESET
from pages.views.workbench import on_screen

LIMIT: Final = 200_000
"""Bytes of JSON, of which gzip leaves a third. A longer text would hold up Streamlit's scripts."""
KEPT: Final = 64
"""The number of texts that are kept: all of a class open the link they are shown. They take 26 MB
at most: in memory each character takes two bytes."""
PATIENCE: Final = 0.5
"""Seconds that a page waits while the pictures of others are made. They are made one at a time, so
that each is made once; if very many are asked for, a page comes without one."""
_making: Final = Lock()


def first_picture(path: str, address: Mapping[str, str], user_agent: str) -> str:
    """What the browser draws first, as JSON; "" if it has to wait for the session's first run.

    path: the page's, below the base path. The browser has to wait if the address says more than a
    scene (a question may hide gradients, and a presented picture has another place), if something
    in it cannot be read, on a page that may hide gradients as it opens, and if it would take long.
    """
    if not _making.acquire(timeout=PATIENCE):
        return ""
    try:
        return _first_picture(path, tuple(address.items()), narrow=is_phone(user_agent))
    except Exception:
        # The page has to come all the same: its own run says what is wrong.
        logging.getLogger(__name__).exception("no first picture of %r", path)
        return ""
    finally:
        _making.release()


@lru_cache(maxsize=KEPT)
def _first_picture(path: str, address: tuple[tuple[str, str], ...], *, narrow: bool) -> str:
    page = PICTURE_PAGES.get(path.replace("_", "-") or HOME)
    if page is None or page.may_open_hidden:
        return ""
    subject, asked = page.subject, dict(address)
    if asked.keys() - {*subject.start.keys(), PRESET}:
        return ""
    scene, problems = asked_for(subject.start, subject.presets, asked)
    if problems:
        return ""
    said = [f'"title":{packed(page.title)}', f'"purpose":{packed(page.purpose)}']
    for theme in get_args(Theme):
        there = on_screen(subject, scene, Screen(theme, narrow=narrow))
        said.append(f'"{theme}":{there.packed}')
    text = f"{{{','.join(said)}}}"
    return text if len(text.encode()) <= LIMIT else ""

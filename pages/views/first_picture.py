"""The picture that an address asks for, inside the page itself.

Streamlit needs a second until its first run, and what it shows then another half. The picture waits
for neither: the browser draws it from what is in the page (browser/live_figure.js), and the live
figure takes the drawing over when it comes.
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
"""Bytes of JSON, of which a third is sent. A longer one would hold up Streamlit's own scripts."""
KEPT: Final = 12_800_000 // LIMIT
"""So many are kept, 13 MB at the most: a class opens the link that it is shown."""
PATIENCE: Final = 0.5
"""Seconds that a page waits for those of others. One at a time is made: so each is made once, and
where very many are asked for a page comes without."""
_making: Final = Lock()


def first_picture(path: str, address: Mapping[str, str], user_agent: str) -> str:
    """What the browser draws first, as JSON; "" where it has to wait for the session's first run.

    path: the page's, below the base path. That is where an address says more than a scene: in what
    is asked there it may hide gradients, and presented the picture lies elsewhere; where something
    in it cannot be read; on a page that asks before it shows; and where it would take long.
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

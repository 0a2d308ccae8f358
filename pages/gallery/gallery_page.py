"""Gallery: all presets as pictures, in the order of a lecture, to open or to download.

In the first thirty seconds a lecturer finds the picture for a question, opens its page in that
state, comes back, marks a group, and downloads its slides as one .zip or presents what is marked,
one case after the other. A lecture file can be opened here too; its cases are presented in the
file's order, each with its question if it has one.

This module also serves what the gallery's browser code requests: thumbnails, and the figures from
which it draws slides. Slides are drawn in the visitor's browser, which has plotly.js in any case.
So a download needs no Chrome and no drawing on the server, and no files of full size in the
repository. The slides are the pictures that `python -m pages.export` makes.
"""

import gzip
import json
from functools import cache
from typing import Any, Final

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from pages.components.controls import article, heading
from pages.components.gallery import gallery
from pages.derive.page import Page
from pages.export.fingerprint import fingerprint, own_name
from pages.export.question import hides
from pages.export.render_jobs import RenderJob, SceneProblem, read_scenes
from pages.export.slide import picture_of, slide
from pages.export.style import Style
from pages.figures.theme import PALETTES, Theme
from pages.gallery.exhibits import (
    LESSONS,
    exhibits_by_name,
    groups,
    is_question,
    thumbnails,
    version_of,
)
from pages.language.catalogue import say
from pages.navigation import present
from pages.registry import PAGES, page_path
from pages.server.assets import FOREVER, unpacked_for, url_below
from pages.state.quiz import QUESTION
from pages.state.scene import escaped

LECTURE_MOST: Final = 200_000  # the most characters of a lecture file, enough for a thousand scenes


def show(page: Page) -> None:
    """Show the page."""
    heading(page)
    gallery(
        [
            {
                "title": group.title,
                "about": group.about,
                "slides": [
                    {
                        "name": exhibit.name,
                        "title": exhibit.caption,
                        "address": exhibit.address,
                        "page": exhibit.page,
                        "slug": exhibit.case,
                        "scene": exhibit.scene(),
                        "versions": {theme: version_of(exhibit.name, theme) for theme in PALETTES},
                    }
                    for exhibit in group.exhibits
                ],
            }
            for group in groups()
        ],
        files_url(st.get_option("server.baseUrlPath")),
        present,
        lecture,
    )
    article(page)


def lecture(file: str, text: str) -> dict[str, Any]:
    """Return the stops of a lecture file for a presenter, and a sentence for each problem in it.

    A stop is {"page", "slug", "group", "title", "address"}: the page's key, the case that it opens,
    the titles of the page and of the case, and the address relative to the app's own. A title that
    is a question is asked before its answer is shown.
    """
    if len(text) > LECTURE_MOST:
        return {"stops": [], "problems": [say("gallery.long", file=file, most=f"{LECTURE_MOST:,}")]}
    found = list(read_scenes(file, text, {}))
    jobs = [each for each in found if isinstance(each, RenderJob)]
    lost = [f"{file}: scene {job.name}: {said}" for job in jobs for said in job.scene.address()[1]]
    return {
        "stops": [_stop(job) for job in jobs],
        "problems": [*(each.reason for each in found if isinstance(each, SceneProblem)), *lost],
    }


def _stop(job: RenderJob) -> dict[str, str]:
    page = PAGES[job.subject.key]
    there = job.scene.address()[0]
    whole = f"?{escaped(there)}"
    asks = is_question(job.title) and page.key != LESSONS and hides(job.subject, job.scene)
    return {
        "page": page.key,
        "slug": f"?{escaped({**there, QUESTION: job.title})}" if asks else whole,
        "group": page.title,
        "title": job.title.strip() or page.title,  # a slide may have no title, a stop may not
        "address": page_path(page.key) + whole,
    }


def routes(base: str) -> list[BaseRoute]:
    """Return the routes of the gallery's files, below the server's base path."""
    return [
        Route(f"{files_url(base)}/{{theme}}/{{name}}.png", _thumbnail),
        Route(f"{files_url(base)}/{{theme}}/{{name}}.json", _slide),
    ]


def files_url(base: str) -> str:
    """Return the address before "/theme/name.png" and "/theme/name.json" of the gallery's files."""
    return url_below(base, "gallery-files")


@cache
def slide_of(name: str, theme: Theme) -> bytes:
    """Return a slide as gzipped JSON: its figure, size, unique id and explanation.

    Raises KeyError for a name that no exhibit has.
    """
    job = exhibits_by_name()[name].job(Style(theme=theme))
    figure = slide(job)
    said = {
        "figure": figure,
        "size": job.style.size,
        "id": own_name(fingerprint(figure)),
        "explanation": picture_of(job, job.scene).explanation,
    }
    return gzip.compress(json.dumps(said, separators=(",", ":")).encode(), mtime=0)


async def _slide(request: Request) -> Response:
    theme, name = _asked(request)
    if theme is None or name not in exhibits_by_name():
        return _missing()
    body = await run_in_threadpool(slide_of, name, theme)
    return unpacked_for(request, body, "application/json", "no-cache")


async def _thumbnail(request: Request) -> Response:
    """Serve a thumbnail, for ever unless its address contains another version."""
    theme, name = _asked(request)
    path = thumbnails().get((name, theme)) if theme else None
    if theme is None or path is None:
        return _missing()
    # While a new version of the app is installed, one server's page may ask another for its file.
    cache = FOREVER if request.url.query in ("", version_of(name, theme)) else "no-store"
    return FileResponse(path, headers={"cache-control": cache})


def _asked(request: Request) -> tuple[Theme | None, str]:
    wanted = request.path_params["theme"]
    theme = next((theme for theme in PALETTES if theme == wanted), None)
    return theme, request.path_params["name"]


def _missing() -> Response:
    return Response(say("gallery.missing"), status_code=404, media_type="text/plain")

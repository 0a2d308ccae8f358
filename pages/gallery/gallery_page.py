"""Gallery: all presets as pictures, in the order of a lecture, to open or to download.

In the first thirty seconds somebody who prepares a lecture finds the picture of the question at
hand, opens its page in that state, comes back, marks a group, and has its slides in one .zip, or
presents what is marked, one case after the other. Whoever has a lecture file opens it here, and
presents its cases in its order, a class's question each.

And what its browser asks for: thumbnails, and the figures of which it draws slides. A slide is
drawn in the visitor's browser, which has plotly.js in any case: so a download needs no Chrome on
the server, a class that downloads costs it no drawing, and the files of full size need not lie in
the repository. It is the picture that `python -m pages.export` makes.
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

LECTURE_MOST: Final = 200_000
"""Characters of a lecture file: a thousand scenes."""


def show(page: Page) -> None:
    """The page."""
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
    """A lecture file as a presenter walks through it, and a sentence for each scene that is none.

    A stop is {"page", "slug", "group", "title", "address"}: its page, what that is asked for, what
    the page and the case are called, and what opens it, below the app's own address. A title that
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
        "title": job.title.strip() or page.title,  # a picture may have none, what is chosen may not
        "address": page_path(page.key) + whole,
    }


def routes(base: str) -> list[BaseRoute]:
    """Where the files are, below the server's base path; nothing else is."""
    return [
        Route(f"{files_url(base)}/{{theme}}/{{name}}.png", _thumbnail),
        Route(f"{files_url(base)}/{{theme}}/{{name}}.json", _slide),
    ]


def files_url(base: str) -> str:
    """What all their addresses begin with, "/theme/name.png" and "/theme/name.json" follow."""
    return url_below(base, "gallery-files")


@cache
def slide_of(name: str, theme: Theme) -> bytes:
    """A slide's figure, the size of its file, a name of its own in it, its reason: JSON, gzipped.

    KeyError for a name that no exhibit has.
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
    """The version is in the address, so a browser need never ask again."""
    theme, name = _asked(request)
    path = thumbnails().get((name, theme)) if theme else None
    if path is None:
        return _missing()
    return FileResponse(path, headers={"cache-control": FOREVER})


def _asked(request: Request) -> tuple[Theme | None, str]:
    wanted = request.path_params["theme"]
    theme = next((theme for theme in PALETTES if theme == wanted), None)
    return theme, request.path_params["name"]


def _missing() -> Response:
    return Response(say("gallery.missing"), status_code=404, media_type="text/plain")

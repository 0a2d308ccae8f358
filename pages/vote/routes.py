"""The addresses of votes: the phone's page, state, events and vote, and the lecturer's steps.

For the lecturer's browser, with the token in a header, "Authorization: Bearer TOKEN" (so events are
read with fetch, because an EventSource sends no headers):

    POST /vote/CODE/close, /again, /reveal, with {} as JSON
        -> {"phase", "round", "attempt", "votes", "results"}: results as in `Results.to_json`, null
        while a round is open
    GET /vote/CODE/events
        event: phase  data: {"phase", "round", "attempt", "votes"}, at most four times a second
        event: beat   after 15 s of silence
        event: gone   the poll has ended; nothing follows

Without the token the events are the same, but a phase comes without votes, and only when the phase
or the round changes.
A refusal is {"error": sentence}: 403 for someone else's poll, 404, 409 out of turn, 429 with
Retry-After, 503 if the store cannot be reached.

Nothing that comes in is trusted: a POST must be small JSON from one of our own pages, and not too
frequent. Trying an unknown code costs the client's address a token of a bucket. Once the bucket is
empty, that address, which may be a whole hall's, gets no answer about any further code, not even a
right one; codes that it has already used successfully still work. What a phone sends is only ever
compared with the names of cells.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.figures.theme import FONT, PALETTES, Theme
from pages.language.catalogue import say, templates
from pages.server.assets import File, url_below
from pages.vote.box import (
    ALPHABET,
    LENGTH,
    LOOK_ALIKES,
    REMEMBERED,
    BallotBox,
    VoteError,
    Votes,
    Watch,
)
from pages.vote.limits import Buckets, Places, Recent, network
from pages.vote.poll import Poll
from pages.vote.store import MOST_VOTERS, StoreError

MOST_BYTES: Final = 8192
"""The most bytes that may be posted; a vote on as many cells as possible has 1,500."""
BEAT: Final = 15.0  # seconds of silence after which a stream sends a sign of life
COUNTING: Final = 0.25  # seconds between two looks at the number of votes
HERE: Final = Path(__file__).parent
SHADES: Final = ("paper", "ink", "muted", "line", "fill_zero", "lit", "passed", "failed")

_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_VOTER: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LECTURER: Final[dict[str, Callable[[Poll], Poll]]] = {
    "close": Poll.closed,
    "again": Poll.again,
    "reveal": Poll.revealed,
}
"""The lecturer's steps by address: the poll before -> the poll after, whatever the time."""


class VoteRoutes:
    """The HTTP interface of votes, with its rate limits.

    A hall may share one address, so the limits per address allow a thousand phones at once, each of
    which asks for a page, its state and its events, and votes.
    """

    def __init__(self, votes: Votes) -> None:
        self.votes = votes
        self.requests = Buckets(300, 6000)  # by address
        self.misses = Buckets(20, 100)  # by address: attempts at unknown codes
        self.answered: Recent[tuple[str, str], None] = Recent()
        """(address, code that was answered there)."""
        self.sent = Buckets(300, 2 * MOST_VOTERS)  # votes by code
        self.changed = Buckets(1, 10)  # votes by voter
        self.streams = Places(5000, 2500)  # open streams of events, in all and by address
        self._states: dict[str, _State] = {}  # by code

    def routes(self, base: str) -> list[BaseRoute]:
        """Return the routes, below the server's base path."""

        def at(*parts: str) -> str:
            return url_below(base, "vote", "{code}", *parts)

        async def page(request: Request) -> Response:
            """Answer with the phone's page, which asks for a code if it has none."""
            if "code" in request.path_params:
                await self.box.seen(_code(request))
            return Response(page_text(base), 200, _NEVER_KEPT, "text/html")

        def page_all_the_same(error: VoteError) -> Response:
            """Answer with the phone's page, which reports an unknown code and otherwise retries."""
            if error.status == 403:
                return _refusal(error)
            return Response(page_text(base), error.status, _headers(error), "text/html")

        shown = self._guarded(page, page_all_the_same)
        return [
            *(file.route(base) for file in _files().values()),
            *(Route(url_below(base, "vote") + end, shown) for end in ("", "/")),
            Route(at(), shown, methods=["GET"]),
            Route(at(), self._guarded(self._vote), methods=["POST"]),
            Route(at("state"), self._guarded(self._state)),
            Route(at("events"), self._guarded(self._events)),
            *(
                Route(at(name), self._guarded(self._moving(step)), methods=["POST"])
                for name, step in _LECTURER.items()
            ),
        ]

    @property
    def box(self) -> BallotBox:
        """The server's ballot box. VoteError before it has started."""
        if self.votes.box is None:
            raise VoteError(503, say("vote.no_server"))
        return self.votes.box

    def _guarded(
        self,
        answer: Callable[[Request], Awaitable[Response]],
        refused: Callable[[VoteError], Response] | None = None,
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler with what all have in common: checks, limits, refusals.

        refused: makes the response to a refusal, if not JSON.
        """

        async def guarded(request: Request) -> Response:
            address, typed = _address(request), _typed(request)
            try:
                _refuse_foreign(request)
                self._take(self.requests, address)
                if self.misses.left(address) < 1 and (address, typed) not in self.answered:
                    raise _TooOftenError(1)
                response = await answer(request)
                if typed:
                    self.answered[address, typed] = None
                return response
            except VoteError as error:
                if error.status == 404:
                    self.misses.take(address)
                return (refused or _refusal)(error)
            except ClientDisconnect:
                return Response(status_code=400)

        return guarded

    def _take(self, buckets: Buckets, key: str) -> None:
        if seconds := buckets.take(key):
            raise _TooOftenError(seconds)

    async def _state(self, request: Request) -> Response:
        """Answer with the poll's state, made once for a whole hall that asks at the same moment.

        It is kept until the poll changes or a vote comes in here; votes on other servers show after
        `COUNTING` seconds.
        """
        code = _code(request)
        poll, now = await self.box.seen(code), time.monotonic()
        kept = self._states.get(code)
        if kept is None or kept.poll is not poll or now - kept.at > COUNTING:
            votes = await self.box.votes(code, poll)
            body = JSONResponse({**poll.for_phones, "votes": votes}).body
            if len(self._states) > REMEMBERED:
                self._states.clear()
            kept = self._states[code] = _State(poll, now, bytes(body))
        return Response(kept.body, headers=_NEVER_KEPT, media_type="application/json")

    async def _vote(self, request: Request) -> Response:
        code, said = _code(request), await _posted(request)
        voter, round_, marked = said.get("voter"), said.get("round"), said.get("marked")
        if not (isinstance(voter, str) and _VOTER.fullmatch(voter)):
            raise VoteError(422, say("vote.voter"))
        if type(round_) is not int:
            raise VoteError(422, say("vote.round"))
        if not (isinstance(marked, list) and all(isinstance(each, str) for each in marked)):
            raise VoteError(422, say("vote.marked"))
        self._take(self.changed, f"{code}:{voter}")
        self._take(self.sent, code)
        await self.box.vote(code, voter, round_, marked)
        self._states.pop(code, None)
        return JSONResponse({"round": round_, "marked": marked}, headers=_NEVER_KEPT)

    def _moving(self, step: Callable[[Poll], Poll]) -> Callable[[Request], Awaitable[Response]]:
        async def moved(request: Request) -> Response:
            code, token = _code(request), _token(request)
            await _posted(request)
            if not token:
                raise VoteError(403, say("vote.not_yours"))
            poll = await self.box.move(code, token, step)
            votes = await self.box.votes(code, poll)
            results = None
            if poll.phase != "open":
                results = (await self.box.results(code, token)).to_json()
            return JSONResponse(
                {**_phase(poll), "votes": votes, "results": results}, headers=_NEVER_KEPT
            )

        return moved

    async def _events(self, request: Request) -> Response:
        """Stream phases to everybody, and counts to the lecturer, who sends the token."""
        code, token = _code(request), _token(request)
        await (self.box.owned(code, token) if token else self.box.seen(code))

        async def stream() -> AsyncIterator[str]:
            with self.streams.place(_address(request)) as free:
                if not free:
                    return  # the client comes again, after longer and longer waits
                try:
                    async with self.box.watching(code) as watch:
                        async for event in _phase_events(self.box, code, watch, counts=bool(token)):
                            yield event
                except VoteError as error:
                    if error.status == 404:  # otherwise the phone comes again
                        yield _event("gone", {})

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(stream(), headers=headers, media_type="text/event-stream")


_NEVER_KEPT: Final = {"cache-control": "no-store"}


class _State(NamedTuple):
    """The state of a poll as sent to phones."""

    poll: Poll
    at: float  # when it was made
    body: bytes


class _TooOftenError(VoteError):
    def __init__(self, seconds: int) -> None:
        super().__init__(429, say("vote.too_often", seconds))
        self.seconds = seconds


def _refusal(error: VoteError) -> Response:
    return JSONResponse({"error": str(error)}, error.status, _headers(error))


def _headers(error: VoteError) -> dict[str, str]:
    if isinstance(error, _TooOftenError):
        return {**_NEVER_KEPT, "retry-after": str(error.seconds)}
    return {**_NEVER_KEPT}


# --- reading requests


def _address(request: Request) -> str:
    return network(request.client.host if request.client else "")


def _typed(request: Request) -> str:
    """Return the code in upper case, as read off the projector; "" if there is none."""
    return str(request.path_params.get("code", "")).upper().translate(LOOK_ALIKES)


def _code(request: Request) -> str:
    """Return the code read off the projector. VoteError 404 if it cannot be one."""
    code = _typed(request)
    if not _CODE.fullmatch(code):
        raise VoteError(404, say("vote.phone.gone"))
    return code


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _refuse_foreign(request: Request) -> None:
    """Refuse requests for another host, and posts from a page that is not ours."""
    host = request.headers.get("host", "")
    if not is_host_allowed(host):
        raise VoteError(403, say("vote.host"))
    if request.method == "POST":
        scheme, _, origin = request.headers.get("origin", "").partition("://")
        own = scheme.lower() in ("http", "https") and origin.lower() == host.lower()
        if not own or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise VoteError(403, say("vote.origin"))


async def _posted(request: Request) -> dict[str, Any]:
    """Return the JSON object posted. VoteError 415: another type, 413: too long, 422: no object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise VoteError(415, say("vote.type"))
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise VoteError(413, say("vote.size", most=MOST_BYTES))
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise VoteError(422, say("vote.json"))
    return said


# --- events


def _phase(poll: Poll) -> dict[str, Any]:
    return {"phase": poll.phase, "round": poll.round, "attempt": poll.attempt}


def _event(name: str, said: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(said)}\n\n"


async def _phase_events(
    box: BallotBox, code: str, watch: Watch, *, counts: bool
) -> AsyncIterator[str]:
    """Yield the present phase and each change; "gone" at the end, "beat" after silence.

    counts: whether to add the number of votes, which is looked up four times a second.
    """
    sent, quiet, patience = dict[str, Any](), 0.0, COUNTING if counts else BEAT
    while not box.ending:
        if watch.poll is None:
            yield _event("gone", {})
            return
        poll, changed, now = watch.poll, watch.changed, sent
        with suppress(StoreError):
            votes = {"votes": await box.store.count(code, poll.round)} if counts else {}
            now = {**_phase(poll), **votes}
        if now != sent:
            yield _event("phase", now)
            sent, quiet = now, 0.0
        elif quiet >= BEAT:
            yield _event("beat", {})
            quiet = 0.0
        await asyncio.wait([changed], timeout=patience)
        quiet += patience


# --- the phone's page


@cache
def _files() -> dict[str, File]:
    """Return the files that the page loads, by their placeholder in phone.html."""
    script = (HERE / "phone.js").read_text(encoding="utf-8")
    style = _colours() + (HERE / "phone.css").read_text(encoding="utf-8")
    return {
        "{script}": File.of("vote-{version}.js", "text/javascript", script),
        "{style}": File.of("vote-{version}.css", "text/css", style),
    }


def _colours() -> str:
    """Return the themes' colours as CSS variables."""

    def variables(theme: Theme) -> str:
        palette = PALETTES[theme]
        shades = (f"--{name.replace('_', '-')}:{getattr(palette, name)}" for name in SHADES)
        return f":root{{color-scheme:{theme};--font:{FONT};{';'.join(shades)}}}"

    dark = f"@media (prefers-color-scheme:dark){{{variables('dark')}}}"
    return f"{variables('light')}\n{dark}\n"


@cache
def page_text(base: str) -> bytes:
    """Return the phone's page. It is the same for every code: the question comes as its state."""
    texts = json.dumps(templates("vote.phone.*"), ensure_ascii=False).replace("<", "\\u003c")
    page = (HERE / "phone.html").read_text(encoding="utf-8")
    for gap, file in _files().items():
        page = page.replace(gap, file.url(base))
    return page.replace("{texts}", texts).encode()

"""The HTTP routes of votes: their answers and refusals, events, codes, limits, several servers."""

import asyncio
import gzip
import re
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message

from pages.vote import box, routes
from pages.vote.box import ALPHABET, LENGTH, LOOK_ALIKES, BallotBox, Opened, VoteError
from pages.vote.limits import Buckets, Places, Recent, network
from pages.vote.poll import Poll
from pages.vote.redis_store import RedisStore
from pages.vote.routes import _posted
from pages.vote.store import MOST_POLLS, MemoryStore, StoreError
from tests.browser.server import ROOT
from tests.pages.apart import apart
from tests.pages.asking import asked as request_to
from tests.pages.vote.served import RedisServer, Served, asked, served
from tests.pages.vote.test_stores import without_redis

DEPLOY = ROOT / "deploy"
NAMES = ("x1", "x2", "x3", "x4", "x5", "w")
TRUTH = {"x1", "x3", "w"}
"""The right answers for the conv block at a tie, by the lab's rule."""
NO_SUCH = "22222222"
OTHER_ROUND = "This was for another round than the present one."


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def opened(server: Served) -> Opened:
    return server.votes.open(*asked())


def bearer(opened: Opened) -> dict[str, str]:
    return {"authorization": f"Bearer {opened.token}"}


# --- a question from its beginning to its end


def test_a_question_with_two_rounds(server: Served, opened: Opened) -> None:
    code = opened.code
    state = server.ask(f"{code}/state").json
    assert (state["phase"], state["round"], state["attempt"], state["votes"]) == ("open", 1, 1, 0)
    assert tuple(cell["name"] for cell in state["cells"]) == NAMES
    assert state["title"] == "The conv block"

    assert server.vote(code, "ann", "x1", "w").status == 200
    assert server.vote(code, "bob").status == 200  # nothing marked is a vote
    assert server.vote(code, "ann", "x1", "x3", "w").status == 200  # replaces ann's first vote
    assert server.ask(f"{code}/state").json["votes"] == 2

    closed = server.post(f"{code}/close", {}, **bearer(opened))
    assert closed.status == 200
    assert (closed.json["phase"], closed.json["round"], closed.json["votes"]) == ("closed", 1, 2)
    assert closed.json["results"]["rounds"][0]["share"] == {
        **dict.fromkeys(NAMES, 0.0),
        **dict.fromkeys(TRUTH, 0.5),
    }
    assert closed.json["results"]["nonzero"] is None
    late = server.vote(code, "cem", "x1")
    assert late.status == 409
    assert late.json == {"error": "The vote is closed: this came too late."}
    assert "nonzero" not in server.ask(f"{code}/state").body.decode().replace("will be nonzero", "")

    again = server.post(f"{code}/again", {}, **bearer(opened)).json
    assert (again["round"], again["votes"], again["results"]) == (2, 0, None)
    before = server.vote(code, "ann", "x1", round_=1)
    assert before.status == 409
    assert before.json == {"error": OTHER_ROUND}
    assert server.vote(code, "bob", "x1", "x3", "w", round_=2).status == 200
    assert server.ask(f"{code}/state").json["votes"] == 1

    early = server.post(f"{code}/reveal", {}, **bearer(opened))
    assert early.status == 409
    assert early.json == {"error": "The vote is still open: close it first."}
    server.post(f"{code}/close", {}, **bearer(opened))
    revealed = server.post(f"{code}/reveal", {}, **bearer(opened)).json["results"]
    assert [each["all_right"] for each in revealed["rounds"]] == [1, 1]
    assert revealed["change"] == {
        "stayed_right": 0,
        "became_right": 1,
        "became_wrong": 0,
        "stayed_wrong": 0,
    }
    state = server.ask(f"{code}/state").json
    assert {cell["name"] for cell in state["cells"] if cell["nonzero"]} == TRUTH
    assert state["cells"][1]["reasons"][0].startswith("∂L/∂x₂ = 0: ")


def test_the_next_question_comes_under_the_same_code(server: Served, opened: Opened) -> None:
    code = opened.code
    server.vote(code, "ann", "x1")
    server.votes.close(*opened)
    poll = server.votes.ask(*opened, *asked("overlap", "max-pool"))
    assert (poll.phase, poll.round, poll.attempt) == ("open", 2, 1)
    assert server.ask(f"{code}/state").json["title"] == "Max pool"
    assert server.vote(code, "ann", "x1", round_=1).status == 409  # for the question before
    assert server.vote(code, "ann", "h1", round_=2).status == 200
    server.votes.close(*opened)
    assert [each.votes for each in server.votes.results(*opened).rounds] == [1]


def test_what_a_streamlit_thread_asks_for(server: Served, opened: Opened) -> None:
    server.vote(opened.code, "ann", "x1")
    assert server.votes.standing(opened.code).votes == 1
    with pytest.raises(VoteError, match="still open"):
        server.votes.results(*opened)
    for token in ("x", "", "\ud800"):
        with pytest.raises(VoteError, match="Only the browser that opened"):
            server.votes.close(opened.code, token)
    server.votes.close(*opened)
    server.votes.reveal(*opened)
    assert server.votes.owned(*opened).phase == "revealed"
    assert server.votes.results(*opened).rounds[0].all_right == 0


def test_without_a_server_it_says_so() -> None:
    said = "^Nobody can vote now: the server is starting or ending.$"
    with pytest.raises(VoteError, match=said):
        box.Votes().open(*asked())
    with pytest.raises(VoteError, match=said) as raised:
        _ = routes.VoteRoutes(box.Votes()).box
    assert raised.value.status == 503
    with served() as ended:
        pass
    with pytest.raises(VoteError, match=said):
        ended.votes.open(*asked())


def test_a_store_that_does_not_answer_in_time_is_said_not_to_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(box, "PATIENCE", 0.05)
    store = MemoryStore()
    with served(store) as server:
        code = server.votes.open(*asked()).code
        monkeypatch.setattr(store, "count", lambda *_: asyncio.sleep(60))
        with pytest.raises(VoteError, match=r"^The server cannot reach what keeps the votes: "):
            server.votes.standing(code)


# --- events


def test_a_phone_hears_phases_only_and_the_lecturer_counts(server: Served, opened: Opened) -> None:
    code = opened.code
    with server.events(code) as phone, server.events(code, **bearer(opened)) as lecturer:
        assert phone() == ("phase", {"phase": "open", "round": 1, "attempt": 1})
        assert lecturer() == ("phase", {"phase": "open", "round": 1, "attempt": 1, "votes": 0})
        server.vote(code, "ann", "x1")
        assert lecturer()[1]["votes"] == 1
        server.votes.close(*opened)
        assert phone() == ("phase", {"phase": "closed", "round": 1, "attempt": 1})
        server.votes.again(*opened)
        assert phone() == ("phase", {"phase": "open", "round": 2, "attempt": 2})
    with server.events(code) as late:  # a phone that comes late gets the present phase
        assert late() == ("phase", {"phase": "open", "round": 2, "attempt": 2})


def test_counts_come_at_most_four_times_a_second(server: Served, opened: Opened) -> None:
    with server.events(opened.code, **bearer(opened)) as lecturer:
        lecturer()

        def votes() -> None:
            for at in range(60):
                server.vote(opened.code, f"v{at}")
                time.sleep(0.01)

        voting = threading.Thread(target=votes)
        begin = time.monotonic()
        voting.start()
        counts: list[int] = []
        while not counts or counts[-1] < 60:
            counts.append(lecturer()[1]["votes"])
        seconds = time.monotonic() - begin
        voting.join()
    assert counts == sorted(counts)
    assert len(counts) <= seconds / 0.25 + 1


def test_a_silent_stream_says_that_it_is_there(
    server: Served, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "BEAT", 0.1)
    for headers in ({}, bearer(opened)):
        with server.events(opened.code, **headers) as stream:
            assert stream()[0] == "phase"
            assert stream() == ("beat", {})


def test_a_poll_that_ends_by_itself_is_gone_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "LASTS", 1.0)
    monkeypatch.setattr(box, "LOOK", 0.1)
    with served() as server:
        opened = server.votes.open(*asked())
        with (
            server.events(opened.code) as phone,
            server.events(opened.code, **bearer(opened)) as lecturer,
        ):
            assert phone()[0] == lecturer()[0] == "phase"
            assert phone() == ("gone", {})
            assert lecturer() == ("gone", {})
        assert server.ask(f"{opened.code}/state").status == 404
        assert server.vote(opened.code, "ann").status == 404


class FailingStore(MemoryStore):
    """A store that finds a poll once; what it does afterwards is set by a test."""

    asked = 0

    def __init__(self, then: StoreError | None) -> None:
        super().__init__()
        self._then = then

    async def find(self, code: str) -> Poll | None:
        self.asked += 1
        if self.asked == 1:
            return await super().find(code)
        if self._then:
            raise self._then
        return None


@pytest.mark.parametrize(
    ("then", "told"), [(None, ("gone", {})), (StoreError("not reached"), ("", None))]
)
def test_only_a_poll_that_is_gone_is_said_to_be(
    then: StoreError | None, told: tuple[str, object]
) -> None:
    """A phone takes "gone" for the end; if the store is not reached, it must come again."""
    with served(FailingStore(then)) as server:
        opened = server.votes.open(*asked())
        with server.events(opened.code) as phone:
            assert phone() == told


class BlinkingStore(MemoryStore):
    """A store that cannot be reached at the first and the third request for a count."""

    asked = 0

    async def count(self, code: str, round_: int) -> int:
        self.asked += 1
        if self.asked in (1, 3):
            raise StoreError("not reached")
        return await super().count(code, round_)


def test_a_count_that_is_not_reached_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "COUNTING", 0.02)
    store = BlinkingStore()
    with served(store) as server:
        opened = server.votes.open(*asked())
        with server.events(opened.code, **bearer(opened)) as lecturer:
            assert lecturer()[1].get("votes") == 0
            while store.asked < 4:
                time.sleep(0.01)
            server.vote(opened.code, "ann", "x1")
            assert lecturer()[1].get("votes") == 1


def test_a_sign_of_life_is_sent_each_time_that_nothing_was_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = list[float]()

    async def wait(changed: object, *, timeout: float) -> None:
        waits.append(timeout)

    async def test() -> list[tuple[str, int]]:
        here = BallotBox(MemoryStore())
        code, _ = await here.open(*asked())
        async with here.watching(code) as watch:
            with monkeypatch.context() as patch:
                patch.setattr(asyncio, "wait", wait)
                events = routes._phase_events(here, code, watch, counts=True)
                return [((await anext(events)).split()[1], len(waits)) for _ in range(3)]

    beat = int(routes.BEAT / routes.COUNTING)
    found = apart(lambda: asyncio.run(test()))
    assert found == [("phase", 0), ("beat", beat), ("beat", 2 * beat)]
    assert {*waits} == {routes.COUNTING}


# --- permissions


@pytest.mark.parametrize("act", ["close", "again", "reveal"])
def test_only_the_browser_that_opened_it_takes_it_further(
    server: Served, opened: Opened, act: str
) -> None:
    other = server.votes.open(*asked())
    for headers in (
        {},
        {"authorization": opened.token},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {opened.token}"},
        bearer(Opened(opened.code, opened.token[:-1])),
        bearer(other),
    ):
        refused = server.post(f"{opened.code}/{act}", {}, **headers)
        assert refused.status == 403
        assert refused.json["error"] == "Only the browser that opened this vote can do that."
    assert server.ask(f"{opened.code}/{act}?token={opened.token}", "POST").status in (403, 415)
    assert server.ask(f"{opened.code}/{act}").status == 405
    assert server.votes.standing(opened.code).poll.phase == "open"


def test_the_counts_are_the_lecturers_alone(server: Served, opened: Opened) -> None:
    refused = server.ask(f"{opened.code}/events", authorization="Bearer x")
    assert refused.status == 403


FOREIGN = "Only this site's own pages can send that."
NO_JSON = "This needs JSON: a content type of application/json."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://["}, 403),  # no address at all
        ({"origin": "http://localhost"}, 403),
        ({"origin": "ftp://localhost", "host": "localhost"}, 403),
        ({"origin": "HTTP://LocalHost", "host": "localhost"}, 200),
        ({"origin": "http://localhost.evil.example:1"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": "application/jsonx"}, 415),
        ({"content_type": "Application/JSON ; charset=utf-8"}, 200),
    ],
)
def test_every_post_is_json_from_a_page_of_our_own(
    server: Served, opened: Opened, headers: dict[str, str], status: int
) -> None:
    said = {"voter": "v" * 16, "round": 1, "marked": ["x1"]}
    assert server.post(opened.code, said, **headers).status == status
    assert server.votes.standing(opened.code).votes == (status == 200)
    if status != 200:
        refused = server.post(f"{opened.code}/close", {}, **bearer(opened), **headers)
        assert refused.status == status
        assert refused.json == {"error": {403: FOREIGN, 415: NO_JSON}[status]}
        assert server.votes.standing(opened.code).poll.phase == "open"


def test_under_another_name_nothing_is_answered(
    server: Served, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "is_host_allowed", lambda host: host.startswith("votes.example"))
    rebound = {"host": "evil.example", "origin": "http://evil.example"}
    vote = {"voter": "v" * 16, "round": 1, "marked": []}
    refused = server.post(opened.code, vote, **rebound)
    assert refused.status == 403
    assert refused.json == {"error": "This server does not answer under that name."}
    for path in (f"{opened.code}/state", opened.code):  # the phones' page does not open either
        assert server.ask(path, host="evil.example").status == 403
        assert server.ask(path, host="evil.example").json == refused.json
    named = {"host": "votes.example:80", "origin": "http://votes.example:80"}
    assert server.post(opened.code, vote, **named).status == 200


# --- request bodies


NO_OBJECT = "This needs a JSON object."
LARGE = "This is too large: at most 8192 bytes are taken."
NO_VOTER = "A vote needs a voter: 16 to 64 letters and digits."
NO_ROUND = "A vote needs its round, a whole number."
NO_MARKS = "A vote needs marked, a list of names of cells; an empty one is a vote too."
NO_CELL = "A vote can only mark cells that are asked for."


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        (b"", 422, NO_VOTER),
        (b"{", 422, NO_OBJECT),
        (b"[]", 422, NO_OBJECT),
        (b"\xff\xfe", 422, NO_OBJECT),
        (b"[" * 4000, 422, NO_OBJECT),
        (b'{"voter": "%s"}' % (b"v" * 9000), 413, LARGE),
        (b"{}".ljust(routes.MOST_BYTES), 422, NO_VOTER),
        (b"{}".ljust(routes.MOST_BYTES + 1), 413, LARGE),
        ({"round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": "short", "round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": "v" * 65, "round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": "<script>alert(1)</script>", "round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": "v" * 15 + "\n", "round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": 1, "round": 1, "marked": []}, 422, NO_VOTER),
        ({"voter": "v" * 16, "round": "1", "marked": []}, 422, NO_ROUND),
        ({"voter": "v" * 16, "round": True, "marked": []}, 422, NO_ROUND),
        ({"voter": "v" * 16, "round": 2, "marked": []}, 409, OTHER_ROUND),
        ({"voter": "v" * 16, "round": 10**400, "marked": []}, 409, OTHER_ROUND),
        ({"voter": "v" * 16, "round": 1}, 422, NO_MARKS),
        ({"voter": "v" * 16, "round": 1, "marked": "x1"}, 422, NO_MARKS),
        ({"voter": "v" * 16, "round": 1, "marked": [1]}, 422, NO_MARKS),
        ({"voter": "v" * 16, "round": 1, "marked": ["z"]}, 422, NO_CELL),
        ({"voter": "v" * 16, "round": 1, "marked": ["x1", "<b>x2</b>"]}, 422, NO_CELL),
        ({"voter": "v" * 16, "round": 1, "marked": ["x1", "x1"]}, 200, ""),
    ],
)
def test_what_is_no_vote_is_refused_in_a_sentence(
    server: Served, opened: Opened, said: object, status: int, sentence: str
) -> None:
    answer = server.post(opened.code, said)
    assert answer.status == status
    assert server.votes.standing(opened.code).votes == (status == 200)
    if status != 200:
        assert answer.json == {"error": sentence}
        assert "<" not in sentence


def test_a_body_without_a_length_is_cut_off(server: Served, opened: Opened) -> None:
    assert server.post(opened.code, b" " * 100_000).status == 413


def test_a_body_in_parts_is_as_long_as_all_of_them() -> None:
    parts = iter([b" " * 5000] * 2)

    async def receive() -> Message:
        part = next(parts, b"")
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    headers = [(b"content-type", b"application/json")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(VoteError) as raised:
        apart(lambda: asyncio.run(_posted(request)))
    assert raised.value.status == 413


def test_a_phone_that_leaves_while_it_sends_is_no_fault(server: Served, opened: Opened) -> None:
    app = Starlette(routes=server.routes.routes(""))
    own = {"host": "localhost", "origin": "http://localhost", "content_type": "application/json"}
    assert request_to(app, f"/vote/{opened.code}", "POST", **own).status == 400
    assert server.votes.standing(opened.code).votes == 0


# --- codes


def test_a_code_is_long_and_of_signs_that_are_not_taken_for_others() -> None:
    assert len({*ALPHABET}) == len(ALPHABET) == 27
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV"):
        assert len({*ALPHABET} & {*alike}) <= 1, alike
        if own := {*ALPHABET} & {*alike}:  # the other character is read as this one
            assert {*alike.translate(LOOK_ALIKES)} == own
    # 100 polls, 20 tries a second, two hours: less than one in ten thousand
    found = MOST_POLLS * 20 * box.LASTS / len(ALPHABET) ** LENGTH
    assert found < 1e-4
    assert LENGTH == 8
    said = re.search(
        r"eight signs of (\d+): .* with a probability of ([\d.]+)\.",
        (DEPLOY / "README.md").read_text(encoding="utf-8"),
    )
    assert said
    assert (int(said[1]), float(said[2])) == (len(ALPHABET), round(found, 5))


def test_codes_and_tokens_differ(server: Served) -> None:
    many = [server.votes.open(*asked()) for _ in range(20)]
    assert len({each.code for each in many}) == len({each.token for each in many}) == 20
    assert all(len(each.token) >= 43 for each in many)  # 256 bits


def test_a_code_may_be_typed_in_small_letters(server: Served, opened: Opened) -> None:
    assert server.ask(f"{opened.code.lower()}/state").status == 200


def test_a_code_may_be_typed_with_signs_that_look_like_its_own(server: Served) -> None:
    while not {*"258V"} & {*(code := server.votes.open(*asked()).code)}:
        pass
    typed = code.translate(str.maketrans("258V", "ZSBU"))
    assert server.ask(f"{typed}/state").status == 200
    assert server.ask(f"{typed.lower()}/state").status == 200


@pytest.mark.parametrize("code", [NO_SUCH, "x", "..", "%2e%2e", "2" * 200, "2222%20222", "ÄÄÄÄ"])
def test_a_code_without_a_vote_is_answered_with_404(server: Served, code: str) -> None:
    code = code.encode("ascii", "ignore").decode() or "A"
    for path in (f"{code}/state", f"{code}/events"):
        answer = server.ask(path)
        assert answer.status == 404
        assert b"cells" not in answer.body


def test_an_address_that_tries_codes_is_stopped() -> None:
    with served() as server:
        opened = server.votes.open(*asked())
        begin = time.monotonic()
        tries = [server.ask(f"{NO_SUCH}/state").status for _ in range(150)]
        most = 100 + 20 * (time.monotonic() - begin) + 1
        assert tries[0] == 404
        assert tries.count(404) <= most
        refused = server.ask(f"{opened.code}/state")  # a right code does not help
        while refused.status == 200:  # the bucket has refilled meanwhile
            opened = server.votes.open(*asked())  # a code that has not been found yet
            server.ask(f"{NO_SUCH}/state")
            refused = server.ask(f"{opened.code}/state")
        assert refused.status == 429
        seconds = int(refused.headers["retry-after"])
        assert seconds >= 1
        wait = "1 second" if seconds == 1 else f"{seconds} seconds"
        assert refused.json == {"error": f"Too often: try again in {wait}."}
        time.sleep(1.1)
        assert server.ask(f"{opened.code}/state").status == 200


def test_guessing_codes_leaves_votes_found_before_to_others_at_that_address() -> None:
    """A lecture hall shares one address; a code that was found before is no guess."""
    with served() as server:
        opened, other = (server.votes.open(*asked()) for _ in range(2))
        assert server.ask(f"{opened.code}/state").status == 200
        server.routes.misses = Buckets(1e-6, 3)
        tries = [server.ask(f"{NO_SUCH}/state").status for _ in range(5)]
        assert tries == [404, 404, 404, 429, 429]
        for path in (opened.code, f"{opened.code}/state", opened.code.lower()):
            assert server.ask(path).status == 200
        assert server.vote(opened.code, "ann", "x1").status == 200
        with server.events(opened.code, **bearer(opened)) as lecturer:
            assert lecturer()[1]["votes"] == 1
        for path in ("state", "events"):
            assert server.ask(f"{other.code}/{path}").status == 429
        assert server.vote(other.code, "ann", "x1").status == 429
        # Asking did not help either: a refused code does not count as found.
        assert server.ask(f"{other.code}/state").status == 429
        elsewhere = server.ask(f"{other.code}/state", x_forwarded_for="192.0.2.1")
        assert elsewhere.status == 200, "of another address nobody has tried any"


def test_too_many_requests_are_refused_although_every_code_is_right() -> None:
    with served() as server:
        opened = server.votes.open(*asked())
        server.routes.requests = Buckets(1e-6, 2)
        tries = [server.ask(f"{opened.code}/state").status for _ in range(4)]
        assert tries == [200, 200, 429, 429]


def test_a_page_that_is_refused_for_a_moment_is_the_page() -> None:
    """A user who scans the QR code sees no JSON, but the page, which tries again by itself."""
    with served() as server:
        opened = server.votes.open(*asked())
        whole = server.ask(opened.code)
        other = server.votes.open(*asked())
        server.routes.misses = Buckets(1e-6, 1)
        assert server.ask(NO_SUCH).body == whole.body
        for path in (other.code, "", NO_SUCH):
            refused = server.ask(path)
            assert (refused.status, refused.body) == (429, whole.body)
            assert refused.headers["content-type"] == whole.headers["content-type"]
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.headers["cache-control"] == "no-store"


def test_the_code_answered_longest_ago_is_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.vote.limits.MOST_KEYS", 2)
    recent: Recent[tuple[str, str], None] = Recent()
    for code in "ABAC":
        recent["192.0.2.1", code] = None
    assert [("192.0.2.1", code) in recent for code in "ABC"] == [True, False, True]
    assert ("192.0.2.2", "A") not in recent


# --- limits of rates and numbers


def test_three_hundred_phones_of_one_address_are_in_time(server: Served) -> None:
    opened = server.votes.open(*asked())
    begin = time.monotonic()

    def phones(first: int) -> None:
        for at in range(first, first + 75):
            assert server.ask(opened.code).status == 200
            assert server.ask(f"{opened.code}/state").status == 200
            assert server.vote(opened.code, f"v{at}", "x1").status == 200

    threads = [threading.Thread(target=phones, args=(first,)) for first in range(0, 300, 75)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.votes.standing(opened.code).votes == 300
    assert time.monotonic() - begin < 20


class CountingStore(MemoryStore):
    """A store that counts the requests for the number of votes."""

    asked = 0

    async def count(self, code: str, round_: int) -> int:
        self.asked += 1
        return await super().count(code, round_)


def test_what_a_hall_asks_at_once_is_looked_up_once() -> None:
    store = CountingStore()
    with served(store) as server:
        opened = server.votes.open(*asked())
        with server.events(opened.code) as phone:
            phone()
            begin = time.monotonic()
            told = [server.ask(f"{opened.code}/state").json for _ in range(40)]
            assert all(each == told[0] for each in told)
            assert store.asked <= 1 + (time.monotonic() - begin) / routes.COUNTING
            # Votes here and the lecturer's acts are seen at once, votes elsewhere after a while.
            server.vote(opened.code, "ann", "x1")
            assert server.ask(f"{opened.code}/state").json["votes"] == 1
            store._polls[opened.code].votes[1]["elsewhere"] = "000000"
            time.sleep(routes.COUNTING)
            assert server.ask(f"{opened.code}/state").json["votes"] == 2
            server.votes.close(*opened)
            assert server.ask(f"{opened.code}/state").json["phase"] == "closed"


def test_what_several_classes_ask_is_kept_for_each_while_they_are_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "COUNTING", 60.0)
    store = CountingStore()
    with served(store) as server:
        codes = [server.votes.open(*asked()).code for _ in range(3)]
        for remembered, looked_up in ((3, 3), (1, 9)):
            monkeypatch.setattr(routes, "REMEMBERED", remembered)
            server.vote(codes[0], "ann", "x1")  # its remembered count is no longer used
            store.asked = 0
            for code in 3 * codes:
                assert server.ask(f"{code}/state").json["votes"] == (code == codes[0])
            assert store.asked <= looked_up
        assert store.asked > 3


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_scheme_may_be_in_small_letters_and_spaces_may_follow_it(
    server: Served, opened: Opened, scheme: str
) -> None:
    closed = server.post(f"{opened.code}/close", {}, authorization=f"{scheme} {opened.token}")
    assert (closed.status, closed.json["phase"]) == (200, "closed")


def test_one_voter_cannot_vote_without_end(server: Served, opened: Opened) -> None:
    told = [server.vote(opened.code, "busy", "x1").status for _ in range(20)]
    assert told[:10] == [200] * 10
    assert 429 in told
    assert server.vote(opened.code, "other", "x1").status == 200


def test_one_vote_takes_only_so_many_in_a_while() -> None:
    with served() as server:
        server.routes.sent = Buckets(1e-6, 2)
        code, other = (server.votes.open(*asked()).code for _ in range(2))
        told = [server.vote(code, voter, "x1").status for voter in ("ann", "bob", "cem")]
        assert told == [200, 200, 429]
        assert server.vote(other, "ann", "x1").status == 200


def test_the_proxy_has_room_for_as_many_phones_as_listen_to_a_server(server: Served) -> None:
    notes = (DEPLOY / "README.md").read_text(encoding="utf-8")
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    files = re.findall(r"^worker_rlimit_nofile (\d+);", nginx, re.MULTILINE)
    lines = re.findall(r"^ *worker_connections (\d+);", nginx, re.MULTILINE)
    assert (len(files), len(lines)) == (1, 1)
    phones = server.routes.streams.in_all
    assert f"{phones:,} phones listening to a server" in notes
    assert f"to {int(files[0]):,}; nginx does likewise" in notes
    assert 2 * phones <= int(lines[0]) <= int(files[0])  # a phone's, and one to the server for it


def test_buckets_refill_and_are_forgotten() -> None:
    clock = [0.0]
    buckets = Buckets(2, 4, lambda: clock[0])
    assert [buckets.take("a") for _ in range(6)] == [0, 0, 0, 0, 1, 1]
    assert buckets.take("b") == 0
    clock[0] = 1.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    clock[0] = 100.0
    assert buckets.left("a") == 4
    slow = Buckets(0.4, 1, lambda: clock[0])
    slow.take("a")
    assert slow.take("a") == 3, "after 2.5 seconds; after 2 there is none yet"


def test_the_bucket_touched_longest_ago_is_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.vote.limits.MOST_KEYS", 2)
    buckets = Buckets(1, 3, lambda: 0.0)
    for key in "abac":
        buckets.take(key)
    assert [buckets.left(key) for key in "abc"] == [1, 3, 2]


def test_places_are_given_back() -> None:
    places = Places(3, 2)
    with places.place("a") as one, places.place("a") as two, places.place("a") as three:
        assert (one, two, three) == (True, True, False)
        with places.place("b") as four, places.place("c") as five:
            assert (four, five) == (True, False)
    with places.place("a") as one, places.place("a") as two:
        assert one
        assert two
        for _ in range(2):  # a request without a place has none to give back
            with places.place("a") as three:
                assert not three


def test_where_too_many_listen_the_next_is_let_go_and_may_come_again() -> None:
    with served() as server:
        code, other = (server.votes.open(*asked()).code for _ in range(2))
        for places in (Places(1, 2), Places(2, 1)):  # in all, and of one address
            server.routes.streams = places
            with server.events(code) as first:
                assert first()[1]["phase"] == "open"
                for asked_for in (code, other):
                    with server.events(asked_for) as second:
                        assert second() == ("", None)


def test_one_visitor_has_all_of_a_network_of_ipv6() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:2") != network("2001:db8:0:1::1")
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") == "192.0.2.1"
    assert network("testclient") == "testclient"


def test_an_address_that_opens_votes_without_end_is_stopped(server: Served) -> None:
    with served() as other:
        for _ in range(20):
            other.votes.open(*asked(), "192.0.2.1")
        with pytest.raises(
            VoteError, match=r"^Votes were opened too often from here: wait a minute\.$"
        ):
            other.votes.open(*asked(), "192.0.2.1")
        other.votes.open(*asked(), "192.0.2.2")
        for at in range(20):  # a whole IPv6 network counts as one visitor
            other.votes.open(*asked(), f"2001:db8::{at:x}")
        with pytest.raises(VoteError, match="too often"):
            other.votes.open(*asked(), "2001:db8::ffff:1")


# --- the page


def test_the_page_is_small_and_names_no_code(server: Served, opened: Opened) -> None:
    page = server.ask(opened.code)
    assert page.status == 200
    for path in ("", "/vote"):  # it asks for the code, as for an unknown one
        assert (server.ask(path).status, server.ask(path).body) == (200, page.body)
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert opened.code not in page.body.decode()
    text = page.body.decode()
    paths = re.findall(r'"(/vote-[^"]+)"', text)
    assert len(paths) == 2
    size = len(page.body)
    for path in paths:
        file = server.ask(path)
        assert file.status == 200
        assert "immutable" in file.headers["cache-control"]
        size += len(file.body)
    state = server.ask(f"{opened.code}/state").body
    assert size + len(state) < 30_000
    assert server.ask(NO_SUCH).status == 404  # the same page, which reports it
    packed = server.ask(paths[0], accept_encoding="gzip")
    assert gzip.decompress(packed.body) == server.ask(paths[0]).body
    older = server.ask(re.sub("-.*\\.", "-0123456789ab.", paths[0]))  # of another version
    assert (older.status, older.headers["cache-control"]) == (200, "no-store")


def test_a_phone_in_the_dark_has_the_dark_colours() -> None:
    """Of two rules for the same element the later one holds."""
    light, dark = routes._colours().splitlines()
    assert light.startswith(":root{color-scheme:light;")
    assert dark.startswith("@media (prefers-color-scheme:dark){:root{color-scheme:dark;")


def test_the_paper_of_a_theme_is_bright_in_the_light_and_not_in_the_dark() -> None:
    papers = re.findall(r"--paper:#(\w\w)\w{4};", routes._colours())
    light, dark = (int(each, 16) for each in papers)
    assert light > 0xC0
    assert dark < 0x40


def test_votes_are_served_below_the_base_path_alone() -> None:
    with served(base="/backprop") as server:
        opened = server.votes.open(*asked())
        assert b'"/backprop/vote-' in server.ask(opened.code).body
        assert server.vote(opened.code, "ann", "x1").status == 200
        assert server.ask(f"/vote/{opened.code}/state").status == 404
        for door in ("/backprop/vote", "/backprop/vote/"):  # the page, which asks for the code
            assert server.ask(door).body == server.ask(opened.code).body


# --- several servers, and their ends


@without_redis
def test_the_lecturer_on_one_server_and_phones_on_both() -> None:
    with (
        RedisServer() as redis,
        served(RedisStore(redis.url)) as one,
        served(RedisStore(redis.url)) as other,
    ):
        opened = one.votes.open(*asked())
        with (
            other.events(opened.code) as phone,
            one.events(opened.code, **bearer(opened)) as lecturer,
        ):
            assert phone()[1]["phase"] == lecturer()[1]["phase"] == "open"
            assert one.vote(opened.code, "ann", "x1").status == 200
            assert other.vote(opened.code, "bob", "x1").status == 200
            assert other.vote(opened.code, "ann", "w").status == 200
            while (count := lecturer()[1]["votes"]) < 2:
                pass
            assert count == 2
            begin = time.monotonic()
            assert one.post(f"{opened.code}/close", {}, **bearer(opened)).status == 200
            assert phone()[1]["phase"] == "closed"
            assert time.monotonic() - begin < 1
        assert other.vote(opened.code, "cem").status == 409
        share = one.votes.results(*opened).rounds[0].shares
        assert dict(zip(NAMES, share, strict=True)) == {
            **dict.fromkeys(NAMES, 0.0),
            "x1": 0.5,
            "w": 0.5,
        }


@without_redis
def test_a_redis_that_is_started_again_is_found_again() -> None:
    with RedisServer() as redis, served(RedisStore(redis.url)) as server:
        opened = server.votes.open(*asked())
        with server.events(opened.code) as phone:
            assert phone()[1]["phase"] == "open"
            assert server.vote(opened.code, "ann", "x1").status == 200
            redis.kill()
            down = server.vote(opened.code, "bob", "x1")
            assert down.status == 503
            assert down.json["error"] == (
                "The server cannot reach what keeps the votes: try again in a few seconds."
            )
            redis.start()
            assert server.vote(opened.code, "bob", "x1").status == 200
            server.votes.close(*opened)
            assert phone()[1]["phase"] == "closed"
        assert server.votes.results(*opened).rounds[0].votes == 2


def test_a_change_that_nobody_announced_is_seen_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pub/sub message may be lost, so the state is also checked from time to time."""
    monkeypatch.setattr(box, "LOOK", 0.2)
    store = MemoryStore()
    with served(store) as server:
        opened = server.votes.open(*asked())
        with server.events(opened.code) as phone:
            phone()
            kept = store._polls[opened.code]
            kept.poll = kept.poll.closed()  # without any announcement
            assert phone()[1]["phase"] == "closed"


def test_a_server_that_dies_takes_its_votes_with_it_and_says_so() -> None:
    with served() as server:
        opened = server.votes.open(*asked())
    with served(port=server.port) as server:
        gone = server.ask(f"{opened.code}/state")
        assert gone.status == 404
        assert gone.json["error"] == "There is no vote with this code, or it has ended."


def test_a_server_ends_with_its_streams_open() -> None:
    with served() as server:
        opened = server.votes.open(*asked())
        with (
            server.events(opened.code) as phone,
            server.events(opened.code, **bearer(opened)) as lecturer,
        ):
            assert phone()[0] == lecturer()[0] == "phase"
            begin = time.monotonic()
            loop, ending = server.votes._loop, server.votes.box
            assert loop
            assert ending
            loop.call_soon_threadsafe(ending.end)
            assert phone() == lecturer() == ("", None)
            assert time.monotonic() - begin < 1

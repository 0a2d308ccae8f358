"""Ask the class: what stands beside the picture while a class votes, and what its buttons do.

In the first thirty seconds a lecturer who presents a case to a hall presses O: the gradients
disappear, and an address and its QR code, large, and "0 have voted" appear beside the picture. The
number grows; nobody sees how the vote goes. O again closes it: each cell shows how many of a
hundred said nonzero, and the cells on which the hall is split stand out. The students talk to their
neighbours. V lets them vote again, O closes the vote, and both shares stand side by side. R reveals
the truth, the reasons, and how many had all right. N asks about the next case under the same code.

The lecturer's browser keeps the code and the token of its vote (browser/class_vote.js), so that it
finds the vote again after a reload; this session asks the ballot box itself.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Final
from urllib.parse import urlsplit

from streamlit import context, get_option

from pages.derive.page import PicturePage
from pages.derive.picture import Button, Task, VoteCard
from pages.derive.subject import at_last_step
from pages.figures.info import is_split
from pages.figures.words import shares_of
from pages.language.catalogue import listed, say
from pages.registry import PICTURE_PAGES
from pages.server.assets import url_below
from pages.session.class_vote import ClassVote
from pages.session.page_state import PageState, in_session, left_there, name_of
from pages.sharing.addresses import for_others, is_local, qr_code
from pages.state.acts import Act
from pages.state.predict import Exercise
from pages.views.class_question import BallotError, ballot_of
from pages.vote.box import ALPHABET, LENGTH, VOTES, Opened, VoteError
from pages.vote.poll import Poll, Results

NAMED_MOST: Final = 6  # the most cells to name of those on which a class is split


def act(page: PicturePage, state: PageState[Any], name: Act, argument: str) -> None:
    """Do what the lecturer asked for; if that is impossible, say so beside the picture."""
    acts: Mapping[Act, Callable[[], None]] = {
        "vote ask": lambda: _ask(page, state, argument),
        "vote open": lambda: _open(page, state, state.classroom.origin),
        "vote not now": lambda: None,
        "vote close": lambda: _move(state, VOTES.close),
        "vote again": lambda: _again(state),
        "vote reveal": lambda: _reveal(page, state),
        "vote next": lambda: _next(page, state),
        "vote end": lambda: _end(state),
        "vote look": lambda: _move(state, VOTES.owned),
        "vote resume": lambda: _resume(page, state, argument),
    }
    if name not in acts:
        return
    room = state.classroom
    room.problem = ""
    try:
        acts[name]()
    except (VoteError, BallotError) as error:
        room.problem = str(error)
        if isinstance(error, VoteError) and error.status in (403, 404) and room.vote:
            _forget(state, room.vote.opened.code)
    if name != "vote ask":
        room.origin = ""


# --- what the buttons do


def _ask(page: PicturePage, state: PageState[Any], origin: str) -> None:
    """Open a vote; if no phone can reach the address, say that first.

    If this tab has a vote already, on any page, the question is asked under its code, since the
    phones are there.
    """
    if state.locked:
        return
    if not state.classroom.vote:
        for other in _others(page):
            if other.classroom.vote:
                other.hand_vote_to(state)
    if vote := state.classroom.vote:
        state.change(page.to_predict(state.scene))
        case = _case(page, state) or vote.case
        _begin(state, _asked(replace(vote, case=case), page, state.scene))
    elif is_local(_origin(origin)):
        # Raises BallotError if there is nothing to ask.
        ballot_of(page, state.scene, everywhere=_asks_everywhere(state))
        state.classroom.origin = origin
    else:
        _open(page, state, origin)


def _open(page: PicturePage, state: PageState[Any], origin: str) -> None:
    if state.classroom.vote or not _origin(origin):
        return
    everywhere = _asks_everywhere(state)
    ballot, truth = ballot_of(page, state.scene, everywhere=everywhere)
    opened = VOTES.open(ballot, truth, context.ip_address or "")
    _take(page, state, opened, for_others(origin), everywhere)


def _asks_everywhere(state: PageState[Any]) -> bool:
    """Whether the prediction on the page is about all gradients."""
    return state.exercise is not None and state.exercise.everywhere


def _take(
    page: PicturePage, state: PageState[Any], opened: Opened, origin: str, everywhere: bool
) -> None:
    """Give the page the vote that was opened; the tab's other pages no longer offer to open one."""
    for other in _others(page):
        other.classroom.origin = ""
    path = url_below(get_option("server.baseUrlPath"), "vote", opened.code)
    poll, case = VOTES.owned(*opened), _case(page, state)
    address, called = f"{origin}{path}", _called(page, case)
    vote = ClassVote(opened, address, state.scene, everywhere, case, poll, called=called)
    state.exercise = state.question = None
    _stand(state, vote, poll)


def _move(state: PageState[Any], step: Callable[[str, str], Poll]) -> None:
    if vote := state.classroom.vote:
        _stand(state, vote, step(*vote.opened))


def _again(state: PageState[Any]) -> None:
    """The same question in another round: one, also where the button was pressed twice."""
    if state.classroom.vote and state.classroom.vote.poll.phase != "open":
        _move(state, VOTES.again)


def _stand(state: PageState[Any], vote: ClassVote, poll: Poll) -> None:
    """Update a vote to where it stands now: the results if it is closed, or the number of votes.

    A vote that was ended, in another tab, is forgotten. VoteError if another tab has asked another
    question: its votes are not about the picture here.
    """
    if poll.over:
        _forget(state, vote.opened.code)
        return
    if poll.ballot != vote.poll.ballot:
        raise VoteError(404, say("vote.class.other"))
    results = None if poll.phase == "open" else VOTES.results(*vote.opened)
    votes = results.rounds[-1].votes if results else VOTES.standing(vote.opened.code).votes
    state.classroom.vote = vote.at(poll, votes, results)


def _reveal(page: PicturePage, state: PageState[Any]) -> None:
    if state.classroom.vote is None or not state.locked:
        return
    _move(state, VOTES.reveal)
    _explain(page, state, state.classroom.vote)


def _explain(page: PicturePage, state: PageState[Any], vote: ClassVote) -> None:
    """Show all of the pass, and below it the reason for the cell that most had wrong."""
    results = vote.results
    if results is None or results.nonzero is None or not vote.asks_about(state.scene):
        return
    shares = (results.voted or results.rounds)[-1].shares
    right = [
        share if nonzero else 1 - share
        for share, nonzero in zip(shares, results.nonzero, strict=True)
    ]
    scene = at_last_step(page.subject, state.scene)
    state.change(scene.updated({"entry": results.names[right.index(min(right))]})[0])


def _next(page: PicturePage, state: PageState[Any]) -> None:
    """Ask about the next case that can be asked, in the presenter's order, under the same code."""
    vote = state.classroom.vote
    if vote is None or state.locked:
        return None
    for there, slug in _following(page, _case(page, state) or vote.case):
        subject, other = there.subject, state
        if there.key != page.key:
            other = left_there(there.key, subject.start, subject.presets)
        scene = there.to_predict(other.with_rule(state.scene.rule, subject.presets[slug]))
        try:
            asked = _asked(replace(vote, case=slug), there, scene)
        except BallotError:
            continue
        if other is not state:  # the vote goes there, and the lecturer follows
            state.hand_vote_to(other)
            state.onward = f"{there.key}/{slug}"
            other.theme, other.narrow = state.theme, state.narrow
        other.change(scene)
        return _begin(other, asked)
    raise BallotError(say("vote.class.last"))


def _following(page: PicturePage, case: str) -> Iterator[tuple[PicturePage, str]]:
    """The cases after this one, on this page and on those that follow."""
    slugs = [*page.subject.presets]
    for slug in slugs[slugs.index(case) + 1 if case in slugs else 0 :]:
        yield page, slug
    keys = [*PICTURE_PAGES]
    for key in keys[keys.index(page.key) + 1 :]:
        there = PICTURE_PAGES[key]
        if there.predicts:
            for slug in there.subject.presets:
                yield there.about(there.subject.presets[slug]), slug


def _case(page: PicturePage, state: PageState[Any]) -> str:
    """The name of the present case, even if it was made smaller for a prediction."""
    smaller = (
        slug
        for slug, there in page.subject.presets.items()
        if state.is_case(page.to_predict(there))
    )
    return state.case or next(smaller, "")


def _called(page: PicturePage, case: str) -> str:
    """The title of a case; "" if there is none, or if the case is only in a presenter's list."""
    return page.preset_title(case) if case in page.subject.presets else ""


def _others(page: PicturePage) -> Iterator[PageState[Any]]:
    """The states of the other pages of this tab."""
    return filter(None, (in_session(name_of(key)) for key in PICTURE_PAGES if key != page.key))


def _asked(vote: ClassVote, page: PicturePage, scene: Any) -> ClassVote:
    """The vote with a scene as its next question, which the server has accepted."""
    question = ballot_of(page, scene, everywhere=vote.everywhere)
    poll = VOTES.ask(*vote.opened, *question, after=vote.poll.round)
    earlier = (*vote.earlier, vote.results) if vote.results else vote.earlier
    asked = replace(vote, scene=scene, earlier=earlier, called=_called(page, vote.case))
    return asked.at(poll, 0, None)


def _begin(state: PageState[Any], vote: ClassVote) -> None:
    """Begin a question to the class; nothing else is asked on the page."""
    state.classroom.vote, state.exercise, state.question = vote, None, None


def _end(state: PageState[Any]) -> None:
    """End the vote: the picture is the lecturer's again.

    The phones learn that it has ended, and keep an answer that was revealed.
    """
    vote = state.classroom.vote
    if vote is None or vote.poll.phase == "open":
        return
    with suppress(VoteError):  # if that fails, the phones wait until the poll expires
        VOTES.end(*vote.opened)
    _forget(state, vote.opened.code)
    state.mode, state.exercise = "look", None


def _forget(state: PageState[Any], code: str) -> None:
    state.classroom.vote, state.classroom.ended = None, code
    state.exercise = Exercise()


def _resume(page: PicturePage, state: PageState[Any], argument: str) -> None:
    """After a reload, take up the vote that this browser opened, as it stands now."""
    try:
        said = json.loads(argument)
        code, token, address = (str(said[name]) for name in ("code", "token", "address"))
        parts = urlsplit(address)
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    opened, everywhere = Opened(code, token), said.get("everywhere") is True
    origin = _origin(f"{parts.scheme}://{parts.netloc}")
    if state.classroom.vote or not (origin and len(code) == LENGTH and {*code} <= {*ALPHABET}):
        return
    try:
        poll = VOTES.owned(*opened)
        ballot, _ = ballot_of(page, state.scene, everywhere=everywhere)
        if ballot != poll.ballot and poll.phase != "revealed":
            raise VoteError(404, say("vote.class.other"))
        _take(page, state, opened, origin, everywhere)
    except VoteError as error:
        if error.status in (403, 404):
            _forget(state, code)
        if error.status == 403:  # a person who tries codes is not told which of them exist
            raise VoteError(404, say("vote.phone.gone")) from None
        raise
    vote = state.classroom.vote
    if vote and ballot != poll.ballot:  # the question was answered, and the picture moved since
        state.classroom.vote = replace(vote, scene=None, case="")


# --- what stands beside the picture


def offer(task: Task) -> Task:
    """The task of a prediction, with a button that asks the class."""
    acts = [*task.acts, ("vote ask", say("vote.class.ask"))]
    return replace(task, acts=acts, keys={"o": "vote ask"})


def task(page: PicturePage, state: PageState[Any]) -> Task | None:
    """The task beside the picture while a class is, or is about to be, asked; None if it is not."""
    room = state.classroom
    if room.origin:
        return _unreachable(room.origin, room.problem)
    if room.vote is None:
        return None
    made = {"open": _voting, "closed": _closed, "revealed": _answered}[room.vote.poll.phase]
    task = made(page, state, room.vote)
    return replace(task, lines=[*task.lines, *_wrong(room.problem)], vote=_card(room.vote))


def _wrong(problem: str) -> list[tuple[str, str]]:
    """The line about a problem; [] if there is none."""
    return [("wrong", problem)] if problem else []


def _unreachable(origin: str, problem: str) -> Task:
    """The task before a vote is opened at an address that no phone can reach."""
    found = for_others(origin)
    there = say("vote.class.nowhere" if is_local(found) else "vote.class.local", address=found)
    lines = [("", there), *_wrong(problem)]
    acts: list[Button] = [
        ("vote open", say("vote.class.open")),
        ("vote not now", say("vote.class.cancel")),
    ]
    return Task(say("vote.class.ask"), lines, acts, keys={"o": "vote open"})


def _voting(page: PicturePage, state: PageState[Any], vote: ClassVote) -> Task:
    attempt = vote.poll.attempt
    heading = say("vote.class.voting" if attempt == 1 else "vote.class.second", attempt=attempt)
    acts: list[Button] = [("vote close", say("vote.class.close"))]
    ballot = vote.poll.ballot
    lines = [("", line) for line in (ballot.ask, ballot.rule) if line]
    if _is_smaller(page, state, vote):
        lines.insert(0, ("", say("vote.class.smaller", case=vote.called)))
    return Task(heading, lines, acts, keys={"o": "vote close"})


def _is_smaller(page: PicturePage, state: PageState[Any], vote: ClassVote) -> bool:
    """Whether the case, which has too many cells to be marked, was made smaller."""
    case = page.subject.presets.get(vote.case)
    return case is not None and not state.is_case(case) and state.is_case(page.to_predict(case))


def _closed(page: PicturePage, state: PageState[Any], vote: ClassVote) -> Task:
    split = []
    if vote.results:
        shares = vote.results.rounds[-1].shares
        labels = zip(vote.results.labels, shares, strict=True)
        split = [label for label, share in labels if is_split(share)]
    lines = [("", say("vote.class.voted", vote.votes))]
    if vote.votes:
        cells = listed(split, NAMED_MOST)
        said = say("vote.class.split", cells=cells) if split else say("vote.class.alike")
        lines.append(("", said))
    acts: list[Button] = [
        ("vote again", say("vote.class.again")),
        ("vote reveal", say("vote.class.reveal")),
    ]
    if vote.votes and not split:
        acts.reverse()
    acts.append(("vote end", say("vote.class.end")))
    return Task(say("vote.class.closed"), lines, acts, keys={"v": "vote again", "r": "vote reveal"})


def _answered(page: PicturePage, state: PageState[Any], vote: ClassVote) -> Task:
    asks_this: Button = ("vote ask", say("vote.class.this"))
    end: Button = ("vote end", say("vote.class.end"))
    if vote.is_next(state.scene, state.case):
        return Task(say("vote.class.ask"), [], [asks_this, end], keys={"o": "vote ask"})
    lines = [("", line) for line in _outcome(state, vote, vote.results)] if vote.results else []
    acts: list[Button] = [("vote next", say("vote.class.next")), end]
    keys: dict[str, Act] = {"n": "vote next"}
    if not vote.asks_about(state.scene):
        acts.insert(0, asks_this)
        keys["o"] = "vote ask"
    return Task(say("vote.class.answer"), lines, acts, keys=keys)


def _outcome(state: PageState[Any], vote: ClassVote, results: Results) -> Iterator[str]:
    """How many had all right, what the second vote changed, and how the chosen cell fared."""
    rounds = results.voted or results.rounds[-1:]
    first, last = rounds[0], rounds[-1]
    said = {"right": last.all_right, "before": first.all_right, "first": first.votes}
    yield say(f"vote.class.right{'.twice' if len(rounds) > 1 else ''}", last.votes, **said)
    if change := results.change:
        both = sum(asdict(change).values())
        gaps = {"better": change.became_right, "worse": change.became_wrong}
        yield say("vote.class.change", both, **gaps)
    entry = state.scene.entry
    if entry in results.names and results.voted and vote.asks_about(state.scene):
        at = results.names.index(entry)
        share = shares_of([each.shares[at] for each in results.voted])[0]
        yield say("vote.class.cell", label=results.labels[at], share=share)


def _card(vote: ClassVote) -> VoteCard:
    """What the projector shows of a vote, and what the browser keeps of it."""
    return VoteCard(
        code=vote.opened.code,
        token=vote.opened.token,
        path=urlsplit(vote.address).path,
        address=vote.address,
        qr=qr_code(vote.address),
        everywhere=vote.everywhere,
        phase=vote.poll.phase,
        round=vote.poll.round,
        votes=vote.votes,
    )


# --- addresses


def _origin(said: str) -> str:
    """The text if it is an origin, https://host:port, and nothing else; otherwise ""."""
    try:
        parts = urlsplit(said)
        whole = f"{parts.scheme}://{parts.netloc}"
        _ = parts.port
    except ValueError:
        return ""
    own = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    return whole if own and said == whole and len(said) < 300 else ""

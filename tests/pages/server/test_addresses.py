"""Redirects from addresses that are spelled differently from the pages' own."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from pages.registry import PAGES, page_path
from pages.server.addresses import AddressesAsHeard
from tests.for_each import for_each
from tests.pages.asking import Answer, asked

STREAMLIT: ASGIApp = PlainTextResponse("Streamlit's own answer.")
PATHS = {key: page_path(key) for key in PAGES}
BELOW = [("max-pool", "backprop"), ("conv-block", "/a/b/")]


def answer(address: str, base: str = "") -> Answer:
    return asked(AddressesAsHeard(STREAMLIT, base, PATHS, ["vote"]), address)


@for_each(("key", "base"), [*((key, "") for key in PAGES), *BELOW])
def test_a_page_is_found_however_its_name_is_written(key: str, base: str) -> None:
    home = "/".join(["", *filter(None, base.split("/")), ""])
    own = home + page_path(key)
    assert answer(own, base).body == b"Streamlit's own answer."
    written = key.replace("-", "_")
    for heard in (key, written, written.upper(), key.title(), key.replace("-", ""), f" {key}."):
        if home + heard != own:
            got = answer(home + heard, base)
            assert (got.status, got.headers["location"]) == (307, own)


def test_what_an_address_holds_goes_with_it() -> None:
    assert answer("/ReLU?a=1,-2&rule=lab").headers["location"] == "/relu?a=1,-2&rule=lab"
    assert answer("/conv_block?x=%201").headers["location"] == "/?x=%201"


@for_each("rest", ["", "/", "/ABCD2345", "/ABCD2345/state"])
def test_a_vote_is_found_however_its_name_is_written(rest: str) -> None:
    for heard in ("/Vote", "/VOTE", "/vote."):
        got = answer(f"/backprop{heard}{rest}", "backprop")
        assert (got.status, got.headers["location"]) == (307, f"/backprop/vote{rest}")
    assert answer(f"/vote{rest}").body == b"Streamlit's own answer."


OTHERS = ["/", "/rel", "/relu/", "/a/ReLU", "/static/relu", "/-", "/ReLU/x", "//Vote", "/a/Vote"]


@for_each("address", OTHERS)
def test_streamlit_answers_addresses_that_are_no_page(address: str) -> None:
    assert answer(address).body == b"Streamlit's own answer."
    assert answer(f"/backprop{address}", "backprop").body == b"Streamlit's own answer."


def test_streamlit_answers_addresses_outside_the_base_path() -> None:
    assert answer("/ReLU", "backprop").body == b"Streamlit's own answer."

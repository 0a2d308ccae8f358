"""From one page to another: the pages as Streamlit takes them, and the scene that each opens with.

`st.switch_page` also puts the new query into the browser's history under the page that is left.
The query holds the scene as both pages write it, so that Back finds it, even after a reload.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from pages.derive.page import Page
from pages.kink.kink_scene import KinkScene
from pages.language.catalogue import say
from pages.registry import HOME, PAGES, PICTURE_PAGES, SUBJECTS
from pages.session.page_state import OWN, PageState, left_there
from pages.state.scene import Scene, taken


def streamlit_page(page: Page) -> st.Page:
    """The page as an entry of Streamlit's menu, under its own path."""
    return st.Page(
        page.open,
        title=page.title,
        icon=f":material/{page.icon}:",
        url_path=page.path,
        default=page.key == HOME,
    )


def walk_on(state: PageState[Any]) -> None:
    """Open the page that a presenter asked for in `state.onward`, if any, which ends this run.

    "max-pool/overlap" asks for the preset of another page. "gallery/" asks for a page without a
    picture, from which the presenter's own list came.
    """
    asked, state.onward = state.onward, ""
    key, _, name = asked.partition("/")
    if key in PAGES and key not in SUBJECTS and not name:
        _open(key, {})
    present(asked, state)


def present(asked: str, here: PageState[Any] | None = None) -> None:
    """Open a page's case for a presenter.

    asked: "page/slug", where the slug is any name that `PageState.take_up` accepts. here: the state
    of the page that is left, if it has a picture; its rule, its theme and its vote carry over.
    """
    key, _, name = asked.partition("/")
    if key not in SUBJECTS or not (there := _left(key)).knows(name):
        return  # the name comes from the browser, which may send anything
    if name != OWN:
        there.walking = here is not None and here.walking
    scene = there.take_up(name, here.scene.rule if here else "", walking=there.walking)
    if not there.classroom.vote:
        there.look()
    there.change(scene)
    there.theme = here.theme if here else there.theme
    if here and here.classroom.vote and PICTURE_PAGES[key].predicts:
        here.hand_vote_to(there)
    _open(key, {**there.scene.address()[0], "present": "1"})


def to_the_kink(key: str, scene: Scene) -> None:
    """Draw the button that shows this page's scene, along its chosen entry, on the kink page."""
    kinks = SUBJECTS[key].trace(scene).layer.kink_choices
    if st.button(
        "At a kink",
        key="bring",
        disabled=not kinks,
        help=say("button.kink" if kinks else "kinks.none"),
    ):
        there = _left("at-a-kink")
        there.change(KinkScene.over(key, scene))
        there.brought = key
        _open("at-a-kink", there.scene.address()[0])


def to_look_inside(state: PageState[Any], wrong: Iterable[int]) -> None:
    """Open this tab's network on the page "Look inside", by a button or because `onward` asks.

    wrong: the images that the network gets wrong, the most confident error first; the page opens on
    the first of them if it has not been open before. If an image was chosen, `onward` is
    "look-inside/2130", and the page opens on that image.
    """
    icon, hint = ":material/frame_inspect:", say("button.inside")
    pressed = st.button("Look inside", key="look-inside", icon=icon, help=hint)
    key, _, image = state.onward.partition("/")
    state.onward = ""
    asked = {"image": image} if key == "look-inside" else {}
    chosen, _ = taken("image", SUBJECTS["look-inside"].start.codecs()["image"], asked, None)
    if not pressed and chosen is None:
        return
    there = _left("look-inside")
    scene = there.scene.having("net", "yours")
    if chosen is not None:
        scene = scene.with_image(chosen).having("tool", "look")
    elif there.seen is None:
        scene = scene.with_image(next(map(int, wrong), scene.image))
    there.change(scene)
    _open("look-inside", there.scene.query())


def own_page(key: str, scene: Scene, *, brought: bool = False) -> None:
    """Draw the button that opens the page with this key, to which a scene shown elsewhere belongs.

    That page opens with the scene if it has not been open before, and otherwise as it was left.
    brought: whether the scene was brought from that page; then it is taken back as it is now.
    """
    there = _left(key)
    goes = brought or there.seen is None
    if _bring(key, say("button.own" if goes else "button.own.left")):
        if goes:
            there.change(scene)
        _open(key, there.scene.address()[0])


def _bring(key: str, said: str) -> bool:
    return st.button(PAGES[key].title, key="bring", icon=":material/arrow_back:", help=said)


def to_next_page(key: str) -> None:
    """Draw the button that opens another page as it was left."""
    if st.button(PAGES[key].title, key="next-page", icon=":material/arrow_forward:"):
        _open(key, {})


def _left(key: str) -> PageState[Any]:
    subject = SUBJECTS[key]
    return left_there(subject.key, subject.start, subject.presets)


def _open(key: str, query: Mapping[str, str]) -> None:
    st.switch_page(streamlit_page(PAGES[key]), query_params=query)

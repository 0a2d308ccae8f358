"""From one page to another: the site's pages as Streamlit has them, and with what one opens.

On its way Streamlit leaves the address that it brings in the history, also under the page that is
left: it holds the scene as both pages write it, so that Back finds it there, even after a reload.
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
    """The page under its path."""
    return st.Page(
        page.open,
        title=page.title,
        icon=f":material/{page.icon}:",
        url_path=page.path,
        default=page.key == HOME,
    )


def walk_on(state: PageState[Any]) -> None:
    """Opens the preset of another page that a presenter asked for, if any: this run ends then.

    Or a page without a picture, "gallery/": that from which a list of somebody's own came.
    """
    asked, state.onward = state.onward, ""
    key, _, name = asked.partition("/")
    if key in PAGES and key not in SUBJECTS and not name:
        _open(key, {})
    present(asked, state)


def present(asked: str, here: PageState[Any] | None = None) -> None:
    """Opens a page's case, "page/slug" as `PageState.take_up` has it, for a presenter.

    here: from where, if from a page with a picture: its rule, its theme and its vote go on.
    """
    key, _, name = asked.partition("/")
    if key not in SUBJECTS or not (there := _left(key)).knows(name):
        return  # the browser may say what it likes
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
    """The button that shows this page's scene, along its explained entry, on the kink page."""
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
    """Shows the network of this tab on the page "Look inside": by a button, and as `onward` says.

    wrong: the images that it gets wrong, the most confident error first, on which that page opens
    for the first time; where an image was chosen, "look-inside/2130", on that.
    """
    icon, told = ":material/frame_inspect:", say("button.inside")
    pressed = st.button("Look inside", key="look-inside", icon=icon, help=told)
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
    """The button to the page, that with this key, of a scene that is looked at elsewhere.

    As it was left, and with that scene at first; brought: whether that came from there: what has
    become of it goes back.
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
    """The button that goes on to another page, as it was left."""
    if st.button(PAGES[key].title, key="next-page", icon=":material/arrow_forward:"):
        _open(key, {})


def _left(key: str) -> PageState[Any]:
    subject = SUBJECTS[key]
    return left_there(subject.key, subject.start, subject.presets)


def _open(key: str, query: Mapping[str, str]) -> None:
    st.switch_page(streamlit_page(PAGES[key]), query_params=query)

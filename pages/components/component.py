"""What our components have in common: how they are registered, mounted and given their data."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from pages.server.assets import components_url, plotly_url
from pages.session.message import Message
from pages.session.page_state import PageState, in_session

_LOADER: Final = """
export default async (component) => {
  const data = JSON.parse(new TextDecoder().decode(component.data));
  const components = await import(new URL(data.assets.components, location.origin));
  return components[component.name]({ ...component, data });
};
"""
"""The script of every component: it takes what was packed below, and loads what all of them are."""


def component(name: str) -> Callable[..., None]:
    """What shows the component whose module is browser/{name}.js, in the style of {name}.css.

    The function takes a key, the data, more of that which is packed already, and as `on_…_change`
    what is called, before the page runs, when the browser says something.
    """
    mounted = st.components.v2.component(
        name,
        js=_LOADER,
        # Not in a shadow root: the pages' style sheet, tests, scripts, the keyboard's focus and the
        # page's layout find what is inside.
        isolate_styles=False,
    )

    def mount(key: str, data: Mapping[str, Any], more: str = "", **on_change: Any) -> None:
        base = st.get_option("server.baseUrlPath")
        assets = {"components": components_url(base), "plotly": plotly_url(base)}
        # As bytes, since in a mapping Streamlit looks for dataframes, and writes it down twice, all
        # of which takes longer than a picture.
        said = packed({"assets": assets, **data})
        said = f"{said[:-1]},{more[1:]}" if more else said
        # Half a sign, which only a message that nobody means well with has, becomes a "?".
        mounted(key=key, data=said.encode(errors="replace"), **on_change)

    return mount


packed: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON, as the browser gets it."""


def said_by(key: str, name: str) -> object:
    """What the component with this key has said under a name: whatever a visitor chose to send."""
    states = in_session(key)
    return states.get(name) if isinstance(states, Mapping) else None


def hear(state: PageState[Any], key: str) -> Message | None:
    """For the callback of a page's component: what it has said, where that is new."""
    return state.message if state.hear(said_by(key, "message")) else None

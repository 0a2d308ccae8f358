"""What our components share: how they are registered, mounted and given their data."""

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
"""The script of every component: it decodes the data packed below and loads the real scripts."""


def component(name: str) -> Callable[..., None]:
    """Return a function that mounts the component browser/{name}.js, styled by {name}.css.

    The function takes a key, the data, further data already packed, and as `on_…_change` callbacks
    that are called before the page runs when the browser sends something.
    """
    mounted = st.components.v2.component(
        name,
        js=_LOADER,
        # Not in a shadow root, so that the style sheet, tests, scripts, keyboard focus and layout
        # of the page can reach inside.
        isolate_styles=False,
    )

    def mount(key: str, data: Mapping[str, Any], more: str = "", **on_change: Any) -> None:
        base = st.get_option("server.baseUrlPath")
        assets = {"components": components_url(base), "plotly": plotly_url(base)}
        # As bytes: Streamlit searches a mapping for dataframes and serializes it twice, which
        # takes longer than making a picture.
        said = packed({"assets": assets, **data})
        said = f"{said[:-1]},{more[1:]}" if more else said
        # A lone surrogate, which only a malicious message contains, becomes a "?".
        mounted(key=key, data=said.encode(errors="replace"), **on_change)

    return mount


packed: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Encodes data as the JSON that the browser gets."""


def said_by(key: str, name: str) -> object:
    """Return what the component with this key has sent under a name. It is untrusted input."""
    states = in_session(key)
    return states.get(name) if isinstance(states, Mapping) else None


def hear(state: PageState[Any], key: str) -> Message | None:
    """Return the new message of a page's component, for its callback; None if it is not new."""
    return state.message if state.hear(said_by(key, "message")) else None

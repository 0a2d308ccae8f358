"""By which address others reach what is open here: not localhost, where there is another one."""

import ipaddress
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode, urlsplit

import segno
from streamlit import get_option, net_util

from pages.figures.theme import PALETTES
from pages.language.catalogue import say
from pages.state.scene import PRESET, Scene, escaped

UNSPECIFIED: Final = ("0.0.0.0", "::")
"""To a server all addresses of its computer; to a browser, the computer that it runs on."""


def is_local(address: str) -> bool:
    """Whether the address is one that only the server's own computer understands."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return _is_loopback(host) or host in UNSPECIFIED


def _is_loopback(host: str) -> bool:
    """Whether a computer calls itself so."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def for_others(address: str) -> str:
    """The address by which others in the same network reach it; itself where there is none."""
    if not is_local(address) or _is_loopback(get_option("server.address") or ""):
        return address
    parts, host = urlsplit(address), net_util.get_internal_ip() or "127.0.0.1"
    if _is_loopback(host):
        return address
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()


def link(here: str) -> dict[str, str]:
    """For a link to a page: its address for others, and what is to be said of that.

    here: where the page is, as its own browser has it.
    """
    return {"here": for_others(here), "hereNote": note_on(here)}


def note_on(address: str) -> str:
    """What is to be said of the address that others are given in its place; "" for nothing."""
    if not is_local(address):
        return ""
    return say("address.nowhere" if is_local(for_others(address)) else "address.network")


@lru_cache(maxsize=256)  # each run asks for it while a class votes
def qr_code(address: str) -> str:
    """The address as an SVG of dark squares on light paper; "" where it is too long for any."""
    palette = PALETTES["light"]  # a camera needs dark on light, whatever the page's theme is
    try:
        code = segno.make_qr(address, error="l")
    except segno.DataOverflowError:
        return ""
    return code.svg_inline(dark=palette.ink, light=palette.paper, omitsize=True)


def full_address(here: str, scene: Scene) -> str:
    """Of exactly this state. here: where the page is, as the browser has it, without a query."""
    return f"{here}?{escaped(scene.address()[0])}"


def short_address(here: str, scene: Scene, preset: str) -> str:
    """As short as it can be typed: by the scene's name where it has one."""
    return f"{here}?{urlencode({PRESET: preset})}" if preset else full_address(here, scene)

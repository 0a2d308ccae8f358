"""The addresses by which other computers reach a page: the server's own instead of localhost."""

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
"""Hosts that mean all of a computer's addresses to a server, and its own computer to a browser."""


def is_local(address: str) -> bool:
    """Whether an address works on the server's own computer only."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return _is_loopback(host) or host in UNSPECIFIED


def _is_loopback(host: str) -> bool:
    """Whether a host name or IP address means the computer itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def for_others(address: str) -> str:
    """Return an address as others in the network reach it; unchanged if there is no other."""
    if not is_local(address) or _is_loopback(get_option("server.address") or ""):
        return address
    parts, host = urlsplit(address), net_util.get_internal_ip() or "127.0.0.1"
    if _is_loopback(host):
        return address
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()


def link(here: str) -> dict[str, str]:
    """Return a page's address for others, and the note on it, for the browser's link.

    here: the page's address in its own browser.
    """
    return {"here": for_others(here), "hereNote": note_on(here)}


def note_on(address: str) -> str:
    """Return a note on the address that others get in place of a local one; "" if not needed."""
    if not is_local(address):
        return ""
    return say("address.nowhere" if is_local(for_others(address)) else "address.network")


@lru_cache(maxsize=256)  # every run of a page needs it while a class votes
def qr_code(address: str) -> str:
    """Return the QR code of an address as SVG, dark on light; "" if a code cannot hold it.

    It is too long, or has a lone surrogate, which only a forged message contains.
    """
    palette = PALETTES["light"]  # a camera needs dark on light, whatever the page's theme is
    try:
        code = segno.make_qr(address, error="l")
    except (segno.DataOverflowError, UnicodeEncodeError):
        return ""
    return code.svg_inline(dark=palette.ink, light=palette.paper, omitsize=True)


def full_address(here: str, scene: Scene) -> str:
    """Return the address of exactly this state. here: the page's address without a query."""
    return f"{here}?{escaped(scene.address()[0])}"


def short_address(here: str, scene: Scene, preset: str) -> str:
    """Return the shortest address to type: with the preset's name if the scene is a preset."""
    return f"{here}?{urlencode({PRESET: preset})}" if preset else full_address(here, scene)

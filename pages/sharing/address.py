"""The address of a scene: complete, or short where it has a name; and as a QR code."""

import ipaddress
from urllib.parse import urlencode, urlsplit

import segno

from pages.figures.theme import PALETTES
from pages.scene import Scene

LOCAL_NOTE = "localhost reaches only this computer; open the page by its network address."


def full_address(here: str, scene: Scene) -> str:
    """Of exactly this state. here: where the page is, as the browser has it, without a query."""
    return f"{here}?{urlencode(scene.query(), safe=',')}"


def short_address(here: str, scene: Scene, preset: str) -> str:
    """As short as it can be typed: by the scene's name where it has one."""
    return f"{here}?{urlencode({'preset': preset})}" if preset else full_address(here, scene)


def is_local(address: str) -> bool:
    """Whether the address is one that only the server's own computer understands."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def qr_code(address: str) -> str:
    """The address as an SVG of dark squares on light paper; "" where it is too long for any."""
    palette = PALETTES["light"]  # a camera needs dark on light, whatever the page's theme is
    try:
        code = segno.make_qr(address, error="l")
    except segno.DataOverflowError:
        return ""
    return code.svg_inline(dark=palette.ink, light=palette.paper, omitsize=True)

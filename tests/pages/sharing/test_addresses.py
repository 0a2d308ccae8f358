"""The address at which others reach a page, and its QR code."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from streamlit import net_util

from pages.explore.conv_2d_scene import Conv2DScene
from pages.registry import SUBJECTS
from pages.sharing import addresses
from pages.sharing.addresses import (
    for_others,
    full_address,
    is_local,
    note_on,
    qr_code,
    short_address,
)
from pages.state.digits import Dot
from tests.for_each import for_each
from tests.pages.scenes import block

PAGE = "http://192.168.1.5:8501/base/"
BLOCK = SUBJECTS["conv-block"]
MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda r, c: (r + c) % 2,
    lambda r, c: r % 2,
    lambda r, c: c % 3,
    lambda r, c: (r + c) % 3,
    lambda r, c: (r // 2 + c // 3) % 2,
    lambda r, c: r * c % 2 + r * c % 3,
    lambda r, c: (r * c % 2 + r * c % 3) % 2,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
)


def test_a_server_that_hears_only_its_own_computer_gives_no_other_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    for own in ("127.0.0.1", "::1", "localhost"):
        monkeypatch.setattr(addresses, "get_option", {"server.address": own}.get)
        assert for_others("http://localhost:8501/relu") == "http://localhost:8501/relu"
    assert for_others("http://localhost:x/") == "http://localhost:x/"
    assert note_on("http://localhost:8501/relu") == (
        "localhost reaches only this computer, and no address was found by which others reach it."
    )


def test_others_get_the_computers_own_address_with_the_port_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    assert for_others("http://localhost:8501/relu?w=2") == "http://192.0.2.7:8501/relu?w=2"
    assert for_others("http://localhost/relu") == "http://192.0.2.7/relu"
    assert note_on("http://localhost/relu") == (
        "This page is open at localhost, which reaches only this computer: others are given its "
        "address in your network, and only there it can be opened."
    )
    assert note_on("https://example.org/relu") == ""


@pytest.mark.parametrize("server", [None, "0.0.0.0", "::", "192.0.2.7"])
@pytest.mark.parametrize("own", ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"])
def test_no_other_computer_understands_what_one_calls_itself(
    monkeypatch: pytest.MonkeyPatch, server: str | None, own: str
) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    monkeypatch.setattr(addresses, "get_option", {"server.address": server}.get)
    assert for_others(f"http://{own}:8501/relu") == "http://192.0.2.7:8501/relu"


def modules(svg: str) -> list[list[bool]]:
    """The dark squares of a code, without the free border: its path goes from left to right."""
    (size,) = {int(n) for n in re.findall(r'viewBox="0 0 (\d+) \1"', svg)}
    path = re.findall(r'class="[^"]*" ?[^>]*d="([^"]*)"|stroke="[^"]*" d="([^"]*)"', svg)[-1]
    dark = [[False] * size for _ in range(size)]
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", "".join(path)):
        if command == "h":
            for column in range(round(x), round(x + float(first))):
                dark[int(y)][column] = True
            x += float(first)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            x, y = float(first), float(second)
    return [row[4:-4] for row in dark[4:-4]]


def decoded(dark: list[list[bool]]) -> str:
    """The bytes of a QR code of version 2 to 6 whose data are one block: ISO/IEC 18004."""
    size = len(dark)
    corner = size - 7  # of the alignment pattern's middle
    which = [dark[8][2] ^ True, dark[8][3], dark[8][4] ^ True]  # as the standard hides them
    mask = MASKS[4 * which[0] + 2 * which[1] + which[2]]

    def fixed(row: int, column: int) -> bool:
        return (
            (row < 9 and (column < 9 or column >= size - 8))
            or (row >= size - 8 and column < 9)
            or row == 6
            or column == 6
            or (abs(row - corner) <= 2 and abs(column - corner) <= 2)
        )

    bits = []
    columns = [c for c in range(size - 1, 0, -2) if c > 6] + [5, 3, 1]
    for turn, right in enumerate(columns):
        rows = range(size) if turn % 2 else range(size - 1, -1, -1)
        for row, column in product(rows, (right, right - 1)):
            if not fixed(row, column):
                bits.append(dark[row][column] ^ (mask(row, column) == 0))

    def number(start: int, count: int) -> int:
        return int("".join(str(int(bit)) for bit in bits[start : start + count]), 2)

    assert number(0, 4) == 0b0100, "not in bytes"
    return bytes(number(12 + 8 * i, 8) for i in range(number(4, 8))).decode()


def test_the_code_says_the_address() -> None:
    for preset in BLOCK.presets:
        address = short_address("http://10.0.0.5/", BLOCK.presets[preset], preset)
        assert decoded(modules(qr_code(address))) == f"http://10.0.0.5/?preset={preset}"


def test_an_address_is_short_where_the_scene_has_a_name() -> None:
    assert short_address(PAGE, block(), "max-tie") == f"{PAGE}?preset=max-tie"
    moved = block(w=-0.5)
    assert short_address(PAGE, moved, "") == full_address(PAGE, moved)


def test_the_full_address_is_that_of_the_page() -> None:
    address = full_address(PAGE, block())
    assert address == f"{PAGE}?x=1.5,-1,1.5,0.5,0&w=2&dz=1&rule=lab&step=6&entry=x3"


def test_an_address_too_long_for_a_code_has_none() -> None:
    dots = tuple(
        Dot(of, row, column, ink=True) for of, row, column in product((0, 1), range(28), range(20))
    )
    assert qr_code(full_address(PAGE, Conv2DScene())) != ""
    assert qr_code(full_address(PAGE, Conv2DScene(digits=2, painted=dots))) == ""
    assert qr_code(f"{PAGE}\ud800") == "", "a forged one"


@pytest.mark.parametrize(
    "host", ["localhost:8501", "app.localhost", "127.0.0.1", "127.8.8.8:1", "[::1]:8501"]
)
def test_a_host_that_reaches_only_this_computer(host: str) -> None:
    assert is_local(f"http://{host}/?x=1")


@for_each(
    "url",
    [
        "http://192.168.1.5:8501/",
        "https://[fe80::1]/",
        "https://localhost.org",
        "http://notlocalhost/",
        "http://[",
        "http://localhost:x",
        "",
    ],
)
def test_a_host_that_others_can_reach(url: str) -> None:
    assert not is_local(url)

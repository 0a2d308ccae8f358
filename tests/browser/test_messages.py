"""What a page sends when something is moved on it: what depends on that, and nothing else."""

import asyncio

import pytest

from pages.registry import HOME, SUBJECTS
from tests.browser.server import Server
from tests.load.wire import Answer, Connection
from tests.pages.apart import apart

CONSTANT = {"heading", "navigation", "page_config_changed"}
"""The kinds of messages that say what a page is called, and which pages there are."""


@pytest.mark.parametrize("key", [key for key, it in SUBJECTS.items() if it.sliders(it.start)])
def test_a_move_sends_nothing_again_that_it_does_not_change(server: Server, key: str) -> None:
    path = "" if key == HOME else key.replace("-", "_")

    async def visit() -> tuple[Answer, Answer]:
        async with Connection(server.url.replace("localhost", "127.0.0.1"), path) as page:
            opened = await page.rerun()
            assert opened.figure is not None
            slider = opened.figure["sliders"][0]
            return opened, await page.rerun(
                {"serial": "1", "values": {slider["name"]: slider["low"]}}
            )

    opened, moved = apart(asyncio.run, visit())
    assert {*opened.kinds} >= CONSTANT
    assert not {*moved.kinds} & CONSTANT
    assert moved.figure is not None
    slider = moved.figure["sliders"][0]
    assert slider["value"] == slider["low"]

"""The browser's modules by themselves, apart from any page."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pages.state.scene import STEP
from tests.browser.server import Server
from tests.pages.components.test_live_figure import sweep_text
from tests.pages.scenes import BLOCK, block

DRAW = """async (text) => {
  const { Sweeps } = await import("./sweeps.js");
  const sweeps = new Sweeps();
  sweeps.take(text);
  const { name, key, values } = JSON.parse(text);
  return values.map((value) => [value, sweeps.frame(name, key, value)]);
}"""

# A message with a click that is lost: with the server, and on the way to it.
CLICK = """async (lost) => {
  const { Mail, Requests } = await import("./mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) => sent.push(message);
  mail.say({ changed: true, clicked: true });
  if (lost === "server") mail.remind({ w: "2" });
  else mail.repeat();
  mail.answered(mail.serial());
  mail.say({ changed: true });
  mail.close();
  return sent.map(({ clicked, address }) => [clicked, address]);
}"""


@pytest.fixture(scope="module")
def modules(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab that may import them."""
    page = browser.new_page()
    page.goto(f"{server.url}live-figure/any/sweeps.js")
    yield page
    page.close()


@pytest.mark.parametrize("name", ["x2", "w", "dz", STEP])
def test_a_picture_of_a_sweep_is_the_picture_of_its_value(modules: Page, name: str) -> None:
    scene = block(entry="x3")
    drawn = modules.evaluate(DRAW, sweep_text(scene, name))
    assert len(drawn) == (7 if name == STEP else 33)
    for value, frame in drawn:
        picture = BLOCK.picture(scene.moved(name, value))
        assert frame["traces"] == json.loads(json.dumps(picture.figure["data"]))
        assert frame["explanation"] == list(picture.explanation)


def test_a_click_outlives_a_restart_and_is_never_made_twice(modules: Page) -> None:
    once = [True, None]
    later = [False, None]
    assert modules.evaluate(CLICK, "server") == [once, [True, {"w": "2"}], later]
    assert modules.evaluate(CLICK, "message") == [once, later, later]

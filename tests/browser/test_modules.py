"""The browser's modules by themselves, apart from any page; and all of them as one script."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from pages.components.scripts import MODULES, as_one_script, components_source
from pages.state.scene import STEP
from tests.pages.components.test_live_figure import sweep_text
from tests.pages.scenes import BLOCK, block

DRAW = """async (text) => {
  const { Sweeps } = await import("/browser/sweeps.js");
  const sweeps = new Sweeps();
  sweeps.take(text);
  const { name, key, values } = JSON.parse(text);
  return values.map((value) => [value, sweeps.frame(name, key, value)]);
}"""

# A message with a click that is lost: with the server, and on the way to it.
CLICK = """async (lost) => {
  const { Mail, Requests } = await import("/browser/mail.js");
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


# Names that others have too, or that are the browser's own; and that one is used before its place.
LIKE_OURS = {
    "main": """
import { count as counted, make, Thing } from "./parts.js";
import {
  name,
  stop,
} from "./below/more.js";

const hidden = "main";
export const chosen = { made: make(hidden), counted };
export async function waited() {
  return [await Promise.resolve(name), stop(), chosen, new Thing().whole(), close === window.close];
}
export default function main(added) {
  return `${hidden} ${added}`;
}
""",
    "parts": """
import { name } from "./below/more.js";

const hidden = "parts"; // not main's
export const count = [...name].length;
export class Thing {
  whole() {
    return [hidden, later()];
  }
}
export function make(of) {
  return `${hidden} of ${of}`;
}
function later() {
  return typeof chosen;
}
""",
    "below/more": """
const hidden = "more";
export const name = `${hidden}!`;
function close() {
  return hidden;
}
export function stop() {
  return close();
}
""",
}
ASK = "async ({ waited, default: main }) => JSON.stringify([await waited(), main(2)])"


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab that may import what lies in a folder, as its server gives it: no server is asked."""
    page = browser.new_page()
    page.route("http://modules.test/", lambda route: route.fulfill(content_type="text/html"))
    page.goto("http://modules.test/")
    yield page
    page.close()


def serve(page: Page, name: str, folder: Path) -> None:
    """Gives the files of a folder to a tab, below a name."""

    def answer(route: Route) -> None:
        file = folder / route.request.url.partition(f"/{name}/")[2]
        route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))

    page.route(f"http://modules.test/{name}/**", answer)


@pytest.fixture(scope="module")
def modules(tab: Page) -> Page:
    """A tab that may import them."""
    serve(tab, "browser", MODULES)
    return tab


def test_one_script_does_what_the_modules_do(tab: Page, tmp_path: Path) -> None:
    for name, source in LIKE_OURS.items():
        (tmp_path / f"{name}.js").parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
    serve(tab, "like-ours", tmp_path)
    apart = tab.evaluate(f"async () => ({ASK})(await import('/like-ours/main.js'))")
    script = as_one_script(tmp_path / "main.js")
    assert tab.evaluate(f"async () => {{\n{script}\nreturn ({ASK})($main);\n}}") == apart
    assert json.loads(apart)[1] == "main 2"


def test_all_components_are_one_module(tab: Page) -> None:
    asked = []

    def plotly(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/javascript", body="window.Plotly = {}")

    tab.route("http://modules.test/plotly.js", plotly)
    tab.route(
        "http://modules.test/components.js",
        lambda route: route.fulfill(
            content_type="text/javascript", body=components_source("/plotly.js")
        ),
    )
    kinds = tab.evaluate("""async () => {
      const components = await import("/components.js");
      return Object.entries(components).map(([name, it]) => [name, typeof it]);
    }""")
    named = {"button_row", "gallery", "live_charts", "live_figure"}
    assert dict(kinds) == dict.fromkeys(named, "function")
    tab.wait_for_function("window.Plotly")
    assert asked == ["http://modules.test/plotly.js"], "not only when a figure asks for it"


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

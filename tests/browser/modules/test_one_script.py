"""All browser modules joined into one script, which does what they do."""

import json
from pathlib import Path

from playwright.sync_api import Page, Route

from pages.server.scripts import as_one_script, components_source
from tests.browser.modules.conftest import serve

# Modules whose names occur in other modules or in the browser; one name is used before its
# definition.
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

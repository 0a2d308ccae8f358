"""What a reader is told of each component, by itself: names, roles, what is said as it comes."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import pytest
from playwright.sync_api import Page

from tests.browser.modules.test_messages import of_a_figure

Attributes: TypeAlias = Mapping[str, Mapping[str, str]]

# What a component's elements have of these attributes, once a class presents and what opens is
# open; each is found by how it looks, which is not what is told of it.
ATTRIBUTES = """async ([name, data, wanted]) => {
  const { default: component } = await import(`/browser/${name}.js`);
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const main = open();
  const parentElement = main.appendChild(document.createElement("div"));
  const say = () => {};
  let leave = say;
  if (name === "live_figure") {
    const figure = new LiveFigure(parentElement, data);
    figure.controls.arrange(data);
    figure.controls.place(figure.stage, true);
    figure.stage.describe(data, "");
    const { strip, card, magnifier } = figure.tools.presenter;
    figure.stage.element.append(strip.element, card.element, magnifier.element);
    leave = () => figure.close();
  } else {
    leave = component({ data, parentElement, setStateValue: say, setTriggerValue: say });
  }
  parentElement.querySelector(".gallery-larger")?.click();
  const found = Object.entries(wanted).map(([selector, attributes]) => {
    const [element, ...others] = document.querySelectorAll(`.stMain ${selector}`);
    const names = Object.keys(attributes);
    if (!element || others.length) return [selector, others.length];
    return [selector, Object.fromEntries(names.map((each) => [each, element.getAttribute(each)]))];
  });
  close(main, leave);
  sessionStorage.clear();
  window.fetch = fetch;
  return Object.fromEntries(found);
}"""

SAID: Final = {"role": "status"}
UNHEARD: Final = {"aria-hidden": "true"}
OF_A_MENU: Final[Attributes] = {
    ".live-figure-slide > button": {"aria-haspopup": "menu", "aria-expanded": "false"},
    ".live-figure-menu": {"role": "menu", "aria-label": "Slide"},
    ".live-figure-menu > .live-figure-last": {"role": "menuitem", "tabindex": "-1"},
    ".live-figure-status": SAID,
    ".live-figure-copied": {"aria-label": "The text to copy"},
    ".live-figure-helper > button": {"aria-label": "Help", "aria-haspopup": "dialog"},
    ".live-figure-help": {"aria-labelledby": "live-figure-help"},
}
OF_A_FIGURE: Final[Attributes] = {
    **OF_A_MENU,
    ".live-figure-summary": {"aria-live": "polite"},
    ".live-figure-explanation": {"aria-live": "polite"},
    ".live-figure-cells": {"role": "group", "aria-label": "Cells of the picture"},
    '.live-figure-cell[data-entry="x1"]': {"aria-pressed": "false", "tabindex": "0"},
    '.live-figure-cell[data-entry="x2"]': {"aria-pressed": "false", "tabindex": "-1"},
    ".live-figure-slider:nth-child(2) > .live-figure-range": {"aria-label": "x1"},
    ".live-figure-slider:nth-child(2) > .live-figure-number": {"aria-label": "x1, exact value"},
    ".live-figure-legend": {"aria-label": "Legend"},
    ".live-figure-steps": {"role": "group", "aria-label": "Step through"},
    ".live-figure-turns": {"role": "group", "aria-label": "Sliders"},
    ".live-figure-turns > :nth-child(2)": {"aria-label": "All sliders", "aria-expanded": "false"},
    ".live-figure-lessons": {"aria-label": "Lessons"},
    ".live-figure-slider:nth-child(2) > .live-figure-label": UNHEARD,
    ".live-figure-pad": UNHEARD,
    ".live-figure-magnifier": UNHEARD,
    ".live-figure-present": {"role": "switch", "aria-checked": "false"},
    ".live-figure-strip": {"role": "group", "aria-label": "Presentation"},
    ".live-figure-position": SAID,
    ".live-figure-titles": {"aria-label": "Cases"},
    ".live-figure-strip > :first-child": {"aria-label": "Case before"},
    ".live-figure-titles + button": {"aria-label": "Next case"},
    ".live-figure-card": {"role": "dialog", "aria-label": "Address of this picture"},
}
CHART: Final = {"figure": '{"data": [], "layout": {"width": 9, "height": 9}}', "said": "a chart"}
PLACE: Final = {"entry": "1", "said": "a place", "box": [0, 0, 9, 9]}
OF_CHARTS: Final[Attributes] = {
    **OF_A_MENU,
    ".live-charts-picture": {"role": "img", "aria-label": "a chart"},
    ".live-figure-menu > .live-figure-first": {"role": "menuitem"},
    ".live-figure-cell": {"aria-label": "a place", "title": "a place"},
}
SLIDE: Final = {
    "name": "tie", "title": "A tie", "address": "?", "versions": {"light": "", "dark": ""}
}  # fmt: skip
LECTURE: Final[Mapping[str, object]] = {"name": "monday.toml", "stops": [], "problems": []}
OF_A_GALLERY: Final[Attributes] = {
    ".gallery-status": SAID,
    ".gallery-links": {"aria-label": "Groups"},
    ".gallery-lecture": {"aria-label": "monday.toml"},
    ".gallery-group": {"aria-label": "All"},
    ".gallery-group .gallery-head button": {"aria-label": "Mark all: All"},
    ".gallery-card .gallery-larger": {"aria-label": "Larger: A tie", "aria-haspopup": "dialog"},
    ".gallery-card img": {"alt": "", "loading": "lazy"},
    ".gallery-card input": {"aria-label": "Mark: A tie"},
    ".gallery-card .gallery-foot button": {"aria-label": "Download: A tie"},
    ".gallery-dialog": {"aria-label": "A tie"},
    ".gallery-reason": {"aria-live": "polite"},
}
OF_BUTTONS: Final[Attributes] = {
    ".button-row .button-row-button": {"type": "button", "aria-disabled": "true"},
    ".button-row .button-row-why": {"role": "tooltip"},
}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("live_figure", of_a_figure(), OF_A_FIGURE),
        ("button_row", {"buttons": [["Start", "It runs."]]}, OF_BUTTONS),
        (
            "live_charts",
            {
                "texts": {}, "address": {}, "assets": {}, "theme": "light", "token": "",
                "charts": [{**CHART, "targets": [PLACE]}],
            },
            OF_CHARTS,
        ),
        (
            "gallery",
            {
                "files": "", "home": "/", "assets": {}, "lecture": LECTURE,
                "groups": [{"title": "All", "about": "", "slides": [SLIDE]}],
            },
            OF_A_GALLERY,
        ),
    ],
)  # fmt: skip
def test_each_part_of_a_component_is_known_to_a_reader(
    modules: Page, name: str, data: dict[str, object], told: Attributes
) -> None:
    assert modules.evaluate(ATTRIBUTES, [name, data, told]) == told

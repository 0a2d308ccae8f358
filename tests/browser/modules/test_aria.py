"""What screen readers are told of each component: names, roles, live regions; and its elements."""

from collections.abc import Mapping
from textwrap import dedent
from typing import Final, TypeAlias

import pytest
from playwright.sync_api import Page

from tests.browser.modules.test_messages import of_a_figure

Attributes: TypeAlias = Mapping[str, Mapping[str, str]]

# The values of these attributes on a component's elements, while presenting and with everything
# open. An element is found by its class, which screen readers do not announce.
ATTRIBUTES = """async ([name, data, wanted]) => {
  const { showAll } = await import("/tests/page.js");
  const leave = await showAll(name, data);
  const found = Object.entries(wanted).map(([selector, attributes]) => {
    const [element, ...others] = document.querySelectorAll(`.stMain ${selector}`);
    const names = Object.keys(attributes);
    if (!element || others.length) return [selector, others.length];
    return [selector, Object.fromEntries(names.map((each) => [each, element.getAttribute(each)]))];
  });
  leave();
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
CHARTS: Final[dict[str, object]] = {
    "texts": {}, "address": {}, "assets": {}, "theme": "light", "token": "",
    "charts": [{**CHART, "targets": [PLACE]}],
}  # fmt: skip
OF_CHARTS: Final[Attributes] = {
    **OF_A_MENU,
    ".live-charts-picture": {"role": "img", "aria-label": "a chart"},
    ".live-figure-menu > .live-figure-first": {"role": "menuitem"},
    ".live-figure-cell": {"aria-label": "a place", "title": "a place"},
}
SLIDE: Final = {
    "name": "tie", "title": "A tie", "address": "?", "versions": {"light": "", "dark": ""}
}  # fmt: skip
LECTURE: Final[Mapping[str, object]] = {
    "name": "monday.toml", "problems": ["No such page."],
    "stops": [{"title": "A tie", "address": "?", "page": "relu", "slug": "tie"}],
}  # fmt: skip
GALLERY: Final[dict[str, object]] = {
    "files": "", "home": "/", "assets": {}, "lecture": LECTURE,
    "groups": [{"title": "All", "about": "some", "slides": [SLIDE]}],
}  # fmt: skip
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
BUTTONS: Final[dict[str, object]] = {"buttons": [["Start", "It runs."]]}
OF_BUTTONS: Final[Attributes] = {
    ".button-row .button-row-button": {"type": "button", "aria-disabled": "true"},
    ".button-row .button-row-why": {"role": "tooltip"},
}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("live_figure", of_a_figure(), OF_A_FIGURE),
        ("button_row", BUTTONS, OF_BUTTONS),
        ("live_charts", CHARTS, OF_CHARTS),
        ("gallery", GALLERY, OF_A_GALLERY),
    ],
)
def test_each_part_of_a_component_is_known_to_a_reader(
    modules: Page, name: str, data: dict[str, object], told: Attributes
) -> None:
    assert modules.evaluate(ATTRIBUTES, [name, data, told]) == told


# All elements of a component as an indented tree: each with its class, its role and type, its own
# text, in which "…" stands for another element, and its labels.
PARTS = """async ([name, data]) => {
  const { showAll } = await import("/tests/page.js");
  const leave = await showAll(name, data);
  document.querySelector(".live-figure-helper > button")?.click();
  const kinds = ["role", "type", "inputmode", "accept", "target", "aria-current"];
  const of = ({ children }, before) => [...children].flatMap((each) => {
    const text = [...each.childNodes].map(({ data }) => data ?? "…").join("");
    const said = ["aria-label", "title", "placeholder"].map((key) => each.getAttribute(key));
    const told = new Set([text.replaceAll(/^…+$/g, ""), ...said].filter(Boolean));
    const words = [...told].map((word) => `“${word}”`);
    const kind = kinds.map((key) => each.getAttribute(key)).filter(Boolean).join(" ");
    const parts = [each.className || each.localName, kind && `(${kind})`, ...words];
    return [before + parts.filter(Boolean).join(" "), ...of(each, `${before}  `)];
  });
  const found = of(document.querySelector(".stMain > *"), "");
  leave();
  return found.join("\\n");
}"""

VOTE: Final = {
    "phase": "open", "qr": "<i></i>", "address": "http://a.test/vote/X", "everywhere": False,
    "path": "", "round": 1, "votes": 3, "code": "X", "token": "kept",
}  # fmt: skip
TASK: Final = {
    "heading": "A task", "asked": [["", "Which **one**?"]], "lines": [["right", "It is 3."]],
    "missed": [[1, "No."]], "acts": [["answer", "Answer"], ["skip", "Skip"]], "main": 0,
    "highest": 5, "keys": {}, "vote": VOTE,
    "lessons": {"titles": ["One", "Two"], "at": 1, "passed": []},
}  # fmt: skip
FIGURE: Final[dict[str, object]] = {
    **of_a_figure(),
    "targets": [{"entry": "x1", "box": [9, 9, 9, 9], "said": "x1 = 1"}],
    "grids": [
        {"prefix": "y", "said": "", "rows": 1, "columns": 1, "box": [9, 9, 9, 9], "group": ""},
    ],
    "sliders": [
        {"name": "w", "label": "w", "value": 1, "low": 0, "high": 2, "grid": 1, "left": 0, "top": 0,
         "width": 99, "area": [0, 0, 9, 9]},
    ],
    "steps": ["one", "two"], "summary": "x1 = 1", "task": TASK, "explanation": ["So.", "Why."],
    "legend": [["ring", "#000000", "chosen"]], "acknowledged": "",
}  # fmt: skip

# Recorded output.
PARTS_OF_A_FIGURE: Final = """
    live-figure
      live-figure-box
        live-figure-frame
          live-figure-canvas
            live-figure-plot
            live-figure-plot
            live-figure-cells (group) “Cells of the picture”
              live-figure-cell (button) “x1 = 1”
            live-figure-grids
              live-figure-grid (grid)
                div (row)
                  live-figure-cursor (gridcell) “y1,1”
              live-figure-readout
            live-figure-pad
        live-figure-loading “Loading…”
      live-figure-side
        live-figure-lessons “Lessons”
          live-figure-chip (button step) “1” “Lesson 1: One”
          live-figure-chip (button) “2” “Lesson 2: Two”
          live-figure-begin (button) “Forget what is done”
        live-figure-task “A task”
          h2 “A task”
          live-figure-line
            span “Which ”
            b “one”
            span
              span “?”
          live-figure-acts
            live-figure-number (number numeric) “Your answer” “number”
            live-figure-tool live-figure-main (button) “Answer”
            live-figure-tool (button) “Skip”
          live-figure-line live-figure-missed (button)
            live-figure-mark “✗ ”
            span “No.”
          live-figure-vote
            live-figure-qr
            live-figure-count
            live-figure-where
              span
              live-figure-path
            live-figure-vote-note (status)
            live-figure-saving
              live-figure-save (button) “Save as CSV”
              live-figure-save (button) “Save as JSON”
          live-figure-lines (status)
            live-figure-line
              live-figure-mark “✓ ”
              span “It …”
                span “is 3.”
        live-figure-explanation
          live-figure-answer “So.”
          live-figure-detail “Why.”
      live-figure-list
        live-figure-turns (group) “Sliders”
          live-figure-tool (button) “‹ ”
          live-figure-tool (button) “all sliders” “All sliders”
          live-figure-tool (button) “ ›”
        live-figure-slider
          live-figure-label “w”
          live-figure-range (range) “w”
          live-figure-number (number) “w, exact value”
      live-figure-summary “x1 = 1”
      live-figure-steps (group) “Step through”
        live-figure-stepping
          live-figure-step (button) “⇤ Start” “To the first step”
          live-figure-step (button) “◀ Step” “One step back (key B)”
          live-figure-step (button) “Step ▶” “One step on (key N)”
          live-figure-step (button) “Play” “All the steps, one after the other (key P)”
        live-figure-said
      live-figure-legend “Legend”
        live-figure-sign “…chosen”
          live-figure-symbol sign-ring
      live-figure-tools
        live-figure-helper
          live-figure-tool (button) “?” “Help” “What this page is about, and what to try”
          live-figure-help
            live-figure-help-head
              h2
              live-figure-tool (button) “Close”
            live-figure-help-purpose
            live-figure-legend “Legend”
              live-figure-sign “…chosen”
                live-figure-symbol sign-ring
            div
        live-figure-slide
          live-figure-tool (button) “Slide…” “This picture as a link, a file, a script, a formula”
            live-figure-link “, link”
          live-figure-panel
            live-figure-menu (menu) “Slide”
              live-figure-item live-figure-last (menuitem button) “Copy link”
              live-figure-item (menuitem button) “Download PNG, 1920 × 1080”
              live-figure-item (menuitem button) “Download SVG”
              live-figure-item (menuitem button) “Download interactive HTML”
              live-figure-item (menuitem button) “Question and answer: 2 PNGs…” “Question and answer: 2 PNGs”
                live-figure-does “No gradients on the first, all on the second”
              live-figure-item (menuitem button) “Question and answer: 2 SVGs”
              live-figure-item (menuitem button) “Download the state as a file”
              live-figure-item live-figure-switch (menuitemcheckbox button) “With its reason…” “With its reason”
                live-figure-does “A slide says why, beneath the picture”
              live-figure-item live-figure-switch (menuitemcheckbox button) “Dark…” “Dark”
                live-figure-does “Light letters on a dark ground”
              live-figure-item live-figure-first (menuitem button) “Copy export command”
              live-figure-item (menuitem button) “Copy Python”
              live-figure-item (menuitem button) “Copy PyTorch”
              live-figure-item (menuitem button) “Copy JAX”
              live-figure-item (menuitem button) “Copy LaTeX”
              live-figure-item live-figure-first (menuitem button) “Gallery…” “Gallery”
                live-figure-does “Several pictures, in a list of your own”
            live-figure-copied “The text to copy”
            live-figure-status (status)
        live-figure-tool live-figure-present (switch button) “Present” “The picture fills the screen; Escape leaves”
      live-figure-strip (group) “Presentation”
        live-figure-tool (button) “◀” “Case before” “The case before (Page Up)”
        live-figure-position (status)
        live-figure-tool live-figure-titles “Cases”
        live-figure-tool (button) “▶” “Next case” “The next case (Page Down)”
        live-figure-middle
        live-figure-keys
        live-figure-right
          live-figure-tool (button) “Ask the class” “All phones vote on what is shown (key O)”
          live-figure-tool (button) “Address” “The address and its QR code (key A)”
          live-figure-tool (button) “Leave” “Back to the page (Escape)”
      live-figure-card (dialog) “Address of this picture”
        live-figure-qr
        live-figure-address
        live-figure-note
        live-figure-note “Esc or a click closes this.”
      live-figure-magnifier
        live-figure-large-name
        live-figure-large-value
        live-figure-large-gradient
        live-figure-large-reason
"""  # noqa: E501
PARTS_OF_CHARTS: Final = """
    live-charts
      live-charts-chart
        live-charts-canvas
          live-charts-picture (img) “a chart”
            live-charts-plot
            live-charts-plot
          div
            live-figure-cell (button) “a place”
      live-figure-tools
        live-figure-helper
          live-figure-tool (button) “?” “Help” “What this page is about, and what to try”
          live-figure-help
            live-figure-help-head
              h2
              live-figure-tool (button) “Close”
            live-figure-help-purpose
            div
        live-figure-slide
          live-figure-tool (button) “Slide…” “This picture as a link, a file, a script, a formula”
            live-figure-link “, link”
          live-figure-panel
            live-figure-menu (menu) “Slide”
              live-figure-item live-figure-last (menuitem button) “Copy link”
              live-figure-item (menuitem button) “Download PNG, 1920 × 1080”
              live-figure-item (menuitem button) “Download SVG”
              live-figure-item live-figure-first (menuitem button) “Copy command”
              live-figure-item (menuitem button) “Copy Python”
              live-figure-item (menuitem button) “Copy PyTorch”
              live-figure-item (menuitem button) “Copy JAX”
            live-figure-copied “The text to copy”
            live-figure-status (status)
        live-figure-tool live-figure-present (button) “Present” “The charts fill the screen; Escape leaves”
      live-figure-tool live-charts-leave (button) “Leave”
"""  # noqa: E501
PARTS_OF_A_GALLERY: Final = """
    gallery
      gallery-bar
        gallery-button gallery-zip (button) “Download marked as .zip”
        gallery-button gallery-present (button) “Present marked” “One after the other, on the whole screen”
        gallery-button (button) “Unmark all”
        gallery-choice “Format…”
          gallery-select
            option “PNG, 1920 × 1080”
            option “SVG”
        gallery-choice “Theme…”
          gallery-select
            option “light”
            option “dark”
        gallery-button gallery-opener (button) “Open a lecture file…” “lecture.toml, as a .zip from here has it, or one that you wrote”
          input (file .toml)
        gallery-said
          gallery-note “Present asks a title that ends in “?” first; any other case shows its answer at once.”
      gallery-lecture “monday.toml”
        gallery-head
          gallery-title “monday.toml”
          gallery-button gallery-zip (button) “Present 1”
          gallery-button (button) “Close”
        gallery-problem “No such page.”
        gallery-cases
          li
            gallery-link (_self) “A tie”
      gallery-links “Groups”
        gallery-group-link (button) “All”
      gallery-group “All”
        gallery-summary
          gallery-title “All”
          gallery-count “1”
        gallery-head
          gallery-about “some”
          gallery-button (button) “Mark all” “Mark all: All”
        gallery-cards
          gallery-card
            gallery-link (_self) “A tie”
            gallery-larger (button) “Larger: A tie”
              gallery-picture
            gallery-foot
              gallery-mark “…mark”
                input (checkbox) “Mark: A tie”
              gallery-button (button) “Download” “Download: A tie”
      gallery-dialog “A tie”
        gallery-title “A tie”
        gallery-picture
        gallery-reason
        gallery-foot
          gallery-button (_self) “Open the page”
          gallery-button (button) “Download”
          gallery-button (button) “Close”
          gallery-status (status)
"""  # noqa: E501
PARTS_OF_BUTTONS: Final = """
    button-row
      span
        button-row-button (button) “Start”
        button-row-why (tooltip) “It runs.”
"""

RECORDED: Final = {
    "live_figure": (FIGURE, PARTS_OF_A_FIGURE),
    "live_charts": (CHARTS, PARTS_OF_CHARTS),
    "gallery": (GALLERY, PARTS_OF_A_GALLERY),
    "button_row": (BUTTONS, PARTS_OF_BUTTONS),
}


@pytest.mark.parametrize("name", RECORDED)
def test_each_part_of_a_component_is_in_its_place_and_under_its_name(
    modules: Page, name: str
) -> None:
    data, parts = RECORDED[name]
    assert modules.evaluate(PARTS, [name, data]) == dedent(parts).strip()


# What changes on a component's page when a second run brings the same data: the classes of elements
# whose children are replaced, and the names of attributes that get other values.
TWICE = """async ([name, data]) => {
  const { default: component } = await import(`/browser/${name}.js`);
  const { open, close } = await import("/tests/page.js");
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const main = open();
  window.Plotly.react = async (graph) => { graph.emit = () => {}; };
  const parentElement = main.appendChild(document.createElement("div"));
  const say = () => {};
  const run = async () => {
    const now = structuredClone(data);
    const leave = component({ data: now, parentElement, setStateValue: say, setTriggerValue: say });
    // After the callbacks of the first frame what was laid out is measured: done in the second.
    for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
    return leave;
  };
  await run();
  const records = [];
  const observer = new MutationObserver((news) => records.push(...news));
  observer.observe(main, {
    subtree: true, childList: true, attributes: true, attributeOldValue: true,
  });
  const leave = await run();
  observer.disconnect();
  close(main, leave);
  sessionStorage.clear();
  localStorage.clear();
  window.fetch = fetch;
  const found = records.flatMap((news) => {
    const { target, attributeName: key, oldValue, addedNodes, removedNodes } = news;
    const others = [...addedNodes, ...removedNodes];
    if (others.some((node) => node instanceof Element)) return [target.className];
    return key && target.getAttribute(key) !== oldValue ? [key] : [];
  });
  return found;
}"""


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_run_brings_again_stays_in_its_place_with_its_focus(
    modules: Page, name: str
) -> None:
    data, _ = RECORDED[name]
    drawn = ["data-revision"] if name == "live_figure" else []
    assert modules.evaluate(TWICE, [name, data]) == drawn

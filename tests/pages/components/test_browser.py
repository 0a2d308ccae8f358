"""The scripts and styles of the browser: names they share, and what they know of Streamlit."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pages
from pages.figures.legend import Look
from pages.session.page_state import OWN
from pages.state.quiz import MODE, QUESTION
from pages.vote.poll import Phase
from tests.for_each import for_each

PAGES = Path(pages.__file__).parent
STREAMLITS = re.compile(r"""\.st[A-Z-]|["'=]st[A-Z]|st-key-""")
"""Class names and test ids of Streamlit's own markup."""


def test_streamlits_own_markup_is_known_to_one_script_and_one_style_alone() -> None:
    scripts, styles = (
        {path.name for path in PAGES.rglob(kind) if STREAMLITS.search(path.read_text("utf-8"))}
        for kind in ("*.js", "*.css")
    )
    assert scripts == {"page.js"}
    assert styles == {"site.css"}


CLASS = re.compile(r"\.([a-z][\w-]*)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"[^"\n]*"|`[^`\n]*`')
OURS = ("live-figure", "live-charts", "gallery", "button-row", "is-", "sign-")


def text_of(files: str) -> str:
    """The text of all these files, joined."""
    return "".join(path.read_text("utf-8") for path in sorted(PAGES.rglob(files)))


STYLES = COMMENT.sub("", text_of("components/*.css"))
SCRIPTS = text_of("components/browser/*.js")


def test_every_class_in_the_components_styles_is_one_that_a_script_gives() -> None:
    styled = set(CLASS.findall(STYLES)) - {"main-svg"}  # a class of Plotly's
    signs = {f"sign-{look}" for look in get_args(Look)}
    assert len(styled) > 100
    assert signs <= styled, "each sign of the legend is drawn"
    strings = "".join(STRING.findall(SCRIPTS))
    given = set(re.findall(r"(?<![\w.-])[a-z][\w-]*", strings))  # ".gallery" only selects
    assert styled - signs - given == set()
    sought = {name for name in CLASS.findall(strings) if name.startswith(OURS)}
    assert len(sought) > 10
    assert sought - given == set()
    assert {name for name in styled if not name.startswith(OURS)} == set()


def test_every_value_in_the_components_styles_is_one_that_an_attribute_has() -> None:
    asked = set(re.findall(r"\[data-(\w+)(?:=\"?(\w+)\"?)?\]", STYLES + SCRIPTS))
    asked = {(name, value) for name, value in asked if name != "testid"}  # Streamlit's own
    given = {*STRING.findall(SCRIPTS), *(f'"{it}"' for it in ("true", "false", "null"))}
    given |= {f'"{phase}"' for phase in get_args(Phase)}
    assert len(asked) > 30
    assert {value for _, value in asked if value and f'"{value}"' not in given} == set()
    named = set(re.findall(r"dataset\.(\w+) = |\"data-(\w+)\"", SCRIPTS))
    assert {name for name, _ in asked} - {"".join(each) for each in named} == set()


def test_whatever_the_scripts_ask_for_is_known_to_the_server() -> None:
    asked = set(re.findall(r"\b(?:act|request)(?:\(|: )\"([a-z ]+)\"", SCRIPTS))
    assert len(asked) > 10
    server = text_of("*.py")
    assert {name for name in asked if f'"{name}"' not in server} == set()


@for_each(("name", "ours"), [("OWN", OWN), ("ASKS", [MODE, QUESTION])])
def test_a_constant_of_a_script_is_the_one_of_python(name: str, ours: Any) -> None:
    (written,) = re.findall(rf"^const {name} = (.+?);", SCRIPTS, re.MULTILINE)
    assert json.loads(written) == ours


def test_every_container_in_the_sites_style_is_one_that_a_page_has() -> None:
    styled = set(re.findall(r"\.st-key-([\w-]+)", COMMENT.sub("", text_of("site.css"))))
    keys = set(re.findall(r"key=\"([\w:-]+)\"", text_of("*.py")))
    assert styled - {key.replace(":", "-") for key in keys} == set()


def test_every_name_in_the_phones_style_is_one_on_its_page() -> None:
    style, page = COMMENT.sub("", text_of("phone.css")), text_of("phone.html")
    names = re.findall(r"[a-z][\w-]*", "".join(STRING.findall(page + text_of("phone.js"))))
    assert set(CLASS.findall(style)) - set(names) == set()
    ids = set(re.findall(r"#([a-z]\w*)", style))
    assert ids - set(re.findall(r"\bid=\"(\w+)\"", page)) == set()


def test_what_gets_the_focus_leaves_the_page_scrolled_as_it_was_but_where_it_is_gone_to() -> None:
    scripts = sorted(PAGES.rglob("components/browser/*.js"))
    ways = {path.name: re.findall(r"\.focus\((.*?)\)", path.read_text("utf-8")) for path in scripts}
    assert {how for each in ways.values() for how in each} == {"", "{ preventScroll: true }"}
    scrolled = {name: each.count("") for name, each in ways.items() if "" in each}
    # To a menu and back; by an arrow key to a cell; to what enters or leaves full screen; by Undo
    # to a slider.
    menus = {"page.js": 2, "slide.js": 4}
    screen = {"presenter.js": 2, "live_charts.js": 1}
    assert scrolled == {**menus, "stage.js": 1, **screen, "controls.js": 1}


def test_what_a_browser_keeps_is_found_again_by_the_scripts_that_come_next() -> None:
    """Storage keys must not change: what was stored under another key would not be found."""
    kept = set(re.findall(r"const [A-Z]+ = \"([\w-]+:[\w:-]+)\"", SCRIPTS))
    galleries = {f"gallery:{each}" for each in ("marked", "open", "file")}
    lasting = {f"backpropagation-live:{each}" for each in ("vote", "lessons")}
    assert kept == {*galleries, *lasting, "live-charts:token", "presenter:list"}

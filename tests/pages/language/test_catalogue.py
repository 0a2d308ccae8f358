"""The catalogue of texts: complete, all used, and the only English in what is said of an entry.

For these tests a language replaces it whose texts have only gaps. Then the only English left in
explanations, in what a screen reader says and in what buttons refuse may be the names of rules, the
words in pictures, and what the gradient check prints.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from string import Formatter
from types import MappingProxyType, SimpleNamespace
from typing import get_args

import pytest

import pages
from engine import RULES, ReLU, trace
from engine.layers.base import Operation, Words
from pages.bugs.layers import LAYERS
from pages.bugs.table import BUGS
from pages.derive.page import Impossible
from pages.derive.picture import Picture, Screen
from pages.derive.subject import Subject
from pages.figures.kink_info import Outcome
from pages.figures.layout import Layout
from pages.figures.words import REASONS, SEVERAL
from pages.gradient_check.check_scene import CheckScene
from pages.gradient_check.results import results
from pages.kink.kink_scene import KinkScene
from pages.language import catalogue, english
from pages.language.catalogue import as_sentence, listed, say
from pages.language.english import TEXTS
from pages.registry import PICTURE_PAGES, named_scene
from pages.state.predict import Exercise
from pages.views.kink_page import kink_table
from tests.for_each import for_each
from tests.pages.scenes import FORMS

ROOT = Path(pages.__file__).parent
ASSEMBLING = [
    *(ROOT / "explain" / f"{name}.py" for name in ("aria", "entry", "formula", "sentences")),
    *(ROOT / page / "explanation.py" for page in ("kink", "gradient_check")),
]
LANGUAGES = sorted({*(ROOT / "language").glob("[a-z]*.py")} - {ROOT / "language" / "catalogue.py"})
WORDS = re.compile(r"(?<![\\\w])[A-Za-z]{2,} +[a-z]{2,}")


def gaps(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def bare(template: str) -> str:
    """A template with only its gaps."""
    return f"⟦{'·'.join(f'{{{name}}}' for name in dict.fromkeys(gaps(template)))}⟧"


def bare_words(layer: Operation) -> Words:
    zeros = {why: bare(text) for why, text in layer.words.zeros.items()}
    said = {name: bare(getattr(layer.words, name)) for name in ("value", "passes", "chosen")}
    return replace(layer.words, name="⟦⟧", zeros=MappingProxyType(zeros), **said)


def layouts() -> list[Layout]:
    """The layouts of all presets, which are cached after their first use.

    Each is asked for by a copy of the scene: the scene itself may know one that is not in the cache
    any more.
    """
    return [
        lay(replace(scene))
        for page in PICTURE_PAGES.values()
        if isinstance(page.subject, Subject)
        for scene in page.subject.presets.values()
        for lay in (page.subject.layout, page.subject.narrow)
    ]


@pytest.fixture
def no_english(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts()  # now, while they can be made in English
    texts = {
        key: bare(text) if isinstance(text, str) else tuple(map(bare, text))
        for key, text in TEXTS.items()
    }
    fake = SimpleNamespace(
        TEXTS=texts, form=lambda n: n != 1, ordinal=str, words=bare_words, factor=bare
    )
    monkeypatch.setattr(catalogue, "language", fake)


# --- the catalogue on its own


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.stem)
def test_a_language_has_every_text_with_the_same_gaps(file: Path) -> None:
    language = import_module(f"pages.language.{file.stem}")
    for name in ("form", "ordinal", "words", "factor"):
        assert callable(getattr(language, name))

    def gaps_of(key: str, texts: Mapping[str, str | tuple[str, ...]]) -> set[str]:
        forms = texts[key]
        return {*gaps(forms if isinstance(forms, str) else "".join(forms))} - {"count"}

    assert {*language.TEXTS} == {*TEXTS}
    assert [key for key in TEXTS if gaps_of(key, language.TEXTS) != gaps_of(key, TEXTS)] == []


@for_each(("one", "several"), [text for text in TEXTS.values() if not isinstance(text, str)])
def test_the_forms_of_a_text_have_the_same_gaps(one: str, several: str) -> None:
    assert {*gaps(one)} - {"count"} == {*gaps(several)} - {"count"}
    assert one != several


def test_a_text_agrees_with_its_count() -> None:
    assert say("reason.silent", 1) == "on its other path the upstream gradient is 0"
    assert say("check.count", 0) == "0 values"
    assert say("reason.silent", 3) == "on its other 3 paths the upstream gradient is 0"
    assert [listed("abcde"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listed("abcd", 3) == "a, b, c and d"
    assert listed("abcde", 3) == "a, b, c and 2 more"
    assert as_sentence("the error is 0") == "The error is 0."
    assert as_sentence("its ReLU is at 0") == "Its ReLU is at 0."


@pytest.mark.parametrize("key", ["no.key", "entry.unknown"])
def test_a_key_or_a_gap_that_there_is_not_is_refused(key: str) -> None:
    with pytest.raises(KeyError):
        say(key)


# --- compared with the program


def constants(tree: ast.AST) -> Iterator[str]:
    """Every string of a module except docstrings and raised messages; a pattern for an f-string.

    Messages that are raised in the catalogue's words are included.
    """
    skipped: set[ast.AST] = set()
    nodes = [*ast.walk(tree)]
    for node in nodes:
        if isinstance(node, ast.Raise):
            skipped.update(ast.walk(node))
        elif isinstance(node, ast.Expr):
            skipped.add(node.value)
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            skipped.difference_update(ast.walk(node.args[0]))
    for node in nodes:
        if node in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            skipped.update(part for part in node.values if isinstance(part, ast.Constant))
            yield "".join(".*" if part is None else re.escape(str(part)) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_text_is_used_and_every_key_exists() -> None:
    first = {key.partition(".")[0] for key in TEXTS}
    key_like = re.compile(rf"({'|'.join(first)})(\\?\.[\w\\*. ]+)+")
    used: set[str] = set()
    for file in ROOT.rglob("*.py"):
        if file in LANGUAGES:
            continue
        for text in constants(ast.parse(file.read_text(encoding="utf-8"))):
            if text in TEXTS:
                used.add(text)
            elif key_like.fullmatch(text):
                found = {key for key in TEXTS if re.fullmatch(text, key)}
                assert found, f"{file}: {text}"
                used |= found
    assert {*TEXTS} - used == set()


@pytest.mark.parametrize("file", ASSEMBLING, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_module_that_assembles_texts_has_no_words_of_its_own(file: Path) -> None:
    known = {*TEXTS, *get_args(Outcome)}
    strings = constants(ast.parse(file.read_text(encoding="utf-8")))
    assert [text for text in strings if text not in known and WORDS.search(text)] == []


# --- on the pages


def without_names(said: str) -> str:
    """A text without names, and without the few words under a zero in the picture."""
    known = {rule.short for rule in RULES.values()} | {*REASONS.values(), SEVERAL}
    known |= {each.title for table in (BUGS, LAYERS) for each in table.values()}
    for name in sorted(known, key=len, reverse=True):
        said = said.replace(name, "⟨⟩")
    return said


def everything_said(picture: Picture) -> Iterator[str]:
    yield from picture.explanation
    yield from (target.said for target in picture.targets)
    yield picture.summary()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.usefixtures("no_english")
def test_another_language_would_be_another_catalogue(name: str) -> None:
    subject, start, _ = named_scene(name)
    picture = subject.picture(start)
    targets = [target.entry for target in picture.targets][:: max(1, len(picture.targets) // 4)]
    printed: set[str] = set()
    for scene in (start, *map(start.chosen, targets)):
        if isinstance(scene, CheckScene):
            printed |= {pattern for pattern in results(scene).patterns if pattern}
        for said in everything_said(picture if scene is start else subject.picture(scene)):
            for pattern in printed:
                said = said.replace(pattern, "")
            assert not WORDS.search(without_names(said)), said
        if isinstance(scene, KinkScene):
            for row in kink_table(scene):
                said = without_names(" | ".join([*row, *[*row.values()][3:]]))
                assert not WORDS.search(said), said


@pytest.mark.parametrize("key", ["at-a-kink", "gradient-check"])
@pytest.mark.usefixtures("no_english")
def test_what_a_button_refuses_is_said_in_that_language_too(key: str) -> None:
    page = PICTURE_PAGES[key]
    refused = [
        there.reason
        for scene in page.subject.presets.values()
        for snap in page.snaps.values()
        if isinstance(there := snap(scene), Impossible)
    ]
    assert refused
    assert not [reason for reason in refused if WORDS.search(without_names(reason))]


@pytest.mark.parametrize("key", [key for key, page in PICTURE_PAGES.items() if page.predicts])
@pytest.mark.usefixtures("no_english")
def test_a_prediction_is_answered_in_that_language_too(key: str) -> None:
    subject = PICTURE_PAGES[key].subject
    for exercise in (Exercise(), Exercise(revealed=True)):
        for said in subject.picture(subject.start, Screen(exercise=exercise)).explanation:
            assert not WORDS.search(without_names(said)), said


def test_what_is_said_of_a_vote_stands_in_one_place() -> None:
    said = [text for key, text in TEXTS.items() if key.startswith("vote.")]
    assert len({*said}) == len(said)


def test_few_texts_are_kept_whoever_asks_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "TEXTS_KEPT", 4)
    passed, said_once = trace(ReLU(), [1.0] * 23), catalogue.said_once
    for key in range(3):
        said_once(passed, key, str)
    for key in range(3, 40):
        assert said_once(passed, key, partial(said_once, passed, -key, str)) == ""
    texts = catalogue._texts(passed.layer, ((23,),), english.words)
    assert 1 <= len(texts) <= 4


def test_no_text_of_the_language_of_gaps_is_kept() -> None:
    headings = [heading for layout in layouts() for heading in layout.headings]
    assert not [each for each in headings if "⟦" in f"{each.title}{each.formula}"]

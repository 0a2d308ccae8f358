"""The subject of the page about kinks: a slice through another page's scene, and rules' claims."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from engine import RULES, Trace, slopes
from engine.check.claims import Point
from engine.kinks import CHOICES, groups
from pages.derive.picture import SCREEN, Picture, Screen, Slider, Target, track
from pages.derive.script import Script
from pages.derive.subject import OneByOne
from pages.explain.aria import legend_in_words
from pages.explain.entry import Entry
from pages.explain.formula import latex_number, latex_slope
from pages.figures.axes import Scale
from pages.figures.info import GraphInfo, letters_of
from pages.figures.kink import kink_figure, kink_legend
from pages.figures.kink_brackets import entry_boxes, row_middles
from pages.figures.kink_info import (
    PHONE,
    PROJECTOR,
    BracketRow,
    ClaimedSlope,
    KinkInfo,
    RuleGroup,
    Shares,
    SliceInfo,
)
from pages.figures.words import LOSS, gradient_of, name, number
from pages.kink.explanation import explanation
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.results import DRAWN, PAGES_WITH_A_SLICE, Results
from pages.language.catalogue import say

Chosen: TypeAlias = tuple[Any, ...]  # what a group of rules chooses, see `engine.kinks.groups`


class KinkSubject(OneByOne[KinkScene]):
    """The page's subject: a `PageSubject` over the scenes of other pages."""

    key: Final = "at-a-kink"
    start: Final = PRESETS["two-way-tie"]
    presets: Final = PRESETS

    def trace(self, scene: KinkScene) -> Trace:
        """Return the pass of the inner scene."""
        return scene.results.trace

    def describe(self, traced: Trace, scene: KinkScene) -> GraphInfo:
        """Return what the inner scene's own page shows of it."""
        info: GraphInfo = PAGES_WITH_A_SLICE[scene.of].subject.describe(traced, scene.inner)
        return info

    def sliders(self, scene: KinkScene) -> list[Slider]:
        """Return the slider of the sliced entry, under the slice, and one in each other's row."""
        found, there, m = scene.results, scene.entry_names(), PROJECTOR
        sliders = []
        for entry, middle in zip(found.shown, row_middles(len(found.shown)), strict=True):
            if entry not in there:
                continue
            place, area = (m.row_slider[0], middle, m.row_slider[1]), None
            low, high = found.movable(entry)
            if entry == scene.entry:  # its thumb is below the point, which can be dragged too
                x = Scale(*found.drawn, m.frame.left, m.frame.right)
                left, right = x(low), x(high)
                place = track(left, right, m.slider)
                area = (left, m.frame.top, right - left, m.frame.bottom - m.frame.top)
            label = found.entry(entry).name
            sliders.append(Slider(entry, label, scene.value(entry), *place, low, high, area=area))
        return sliders

    def picture(self, scene: KinkScene, screen: Screen = SCREEN) -> Picture:
        """See `PageSubject.picture`."""
        info, measures = read_kink(scene), PHONE if screen.narrow else PROJECTOR
        return Picture(
            kink_figure(info, screen.theme, measures),
            lambda: (
                Target(entry, _aria(info.row(entry)), box, valued=False)
                for entry, box in entry_boxes(info, measures).items()
            ),
            explanation(scene.results, info),
            latex=partial(_latex, scene, info),
            left=0,
            legend=legend_in_words(kink_legend(info, screen.theme)),
        )

    def script(self, scene: KinkScene) -> Script:
        """Return the inner scene's script, followed by the brackets and the rules' claims."""
        script = PAGES_WITH_A_SLICE[scene.of].subject.script(scene.inner)
        return replace(script, after=[*script.after, *_brackets(script)])


# --- what there is to show


def read_kink(scene: KinkScene) -> KinkInfo:
    """Return everything that the picture of a scene shows."""
    found = scene.results
    left_out = len(found.inputs) - len(found.shown)
    return KinkInfo(
        _slice(scene),
        [_row(name, found) for name in found.shown],
        scene.slopes,
        _groups(found.point, scene.rule, left_out),
        _shares(found),
        left_out,
    )


def _slice(scene: KinkScene) -> SliceInfo:
    found = scene.results
    along, bracket, entry = found.slice, found.bracket, found.chosen
    at, values = ([], []) if along is None else (along.at.tolist(), along.values.tolist())
    corners = zip(at, values, strict=True)
    return SliceInfo(
        entry=scene.entry,
        label=entry.name,
        function=_function_of(entry),
        reach=found.drawn,
        heights=scene.heights,
        at=at,
        values=values,
        kinks=[] if along is None else [each for each in corners if each[0] in along.kinks],
        point=(entry.value, found.height),
        left=bracket.left,
        right=bracket.right,
        kinked=bracket.kinked,
        lines=_lines(found, scene.rule),
    )


def _function_of(entry: Entry) -> str:
    """Return the sliced function: L = z, or L = Σ ∂L/∂z · z for several or weighted outputs."""
    trace, output = entry.trace, name(entry.naming.output)
    if entry.function != LOSS or output == LOSS:
        return " = ".join(dict.fromkeys((LOSS, entry.function)))
    if trace.output.ndim == 0:
        return f"{LOSS} = {number(float(trace.dout))} · {output}"
    return f"{LOSS} = Σ {gradient_of(output)} · {output}"


def _lines(found: Results, rule: str) -> list[ClaimedSlope]:
    """Return the claimed slopes, each once, and that of a central difference."""
    point, key = found.point, found.inputs[found.name]
    by_number: dict[str, tuple[float, list[int]]] = {}
    chosen = list(point.claims).index(_chosen(point, rule))
    for group, claim in enumerate(point.claims.values()):
        slope = claim.at(key)
        by_number.setdefault(number(slope), (slope, []))[1].append(group)
    central = number(found.bracket.central)
    by_number.setdefault(central, (found.bracket.central, []))
    lines = [
        ClaimedSlope(slope, tuple(members), written == central, chosen in members)
        for written, (slope, members) in by_number.items()
    ]
    return sorted(lines, key=lambda line: -line.slope)


def _row(name: str, found: Results) -> BracketRow:
    key, entry, claims = found.inputs[name], found.entry(name), found.point.claims.values()
    bracket = found.point.brackets[key]
    strays = [i for i, claim in enumerate(claims) if key in claim.outside]
    fits = [claim.jointly is True for claim in claims]
    return BracketRow(
        name,
        entry.slope,
        bracket.left,
        bracket.right,
        bracket.kinked,
        tuple(claim.at(key) for claim in claims),
        frozenset(i for i in strays if not fits[i]),
        frozenset(i for i in strays if fits[i]),
    )


def _chosen(point: Point, rule: str) -> Chosen:
    return RULES[rule].kinks.chosen(point.trace.layer.kink_choices)


def _groups(point: Point, rule: str, left_out: int) -> list[RuleGroup]:
    titles, here = titles_of(point.trace.layer.kink_choices), _chosen(point, rule)
    found = []
    for chosen, claim in point.claims.items():
        verdict = point.verdict(claim)
        shown = ".shown" if verdict == "not jointly" and left_out else ""
        said = say(f"outcome.{verdict}{shown}")
        found.append(RuleGroup(titles[chosen], verdict, said, chosen == here))
    return found


def titles_of(choices: Sequence[str]) -> dict[Chosen, str]:
    """Return the titles of the groups of rules that choose alike at kinks of these kinds.

    A group is called by what it does at ties, or by its slope; a single rule by its own name. If
    several groups would have the same title, each is called by its first rule.
    """
    alike = groups(choices)
    titles = {chosen: _title(chosen, choices) for chosen in alike}
    every = [*titles.values()]
    return {
        chosen: title if every.count(title) == 1 else alike[chosen][0].short
        for chosen, title in titles.items()
    }


def _title(chosen: Chosen, choices: Sequence[str]) -> str:
    members = groups(choices)[chosen]
    if len(members) == 1:
        (rule,) = members
        alone = sum(each.framework == rule.framework for each in RULES.values()) == 1
        return rule.framework if alone else rule.short
    does = dict(zip(choices, chosen, strict=True))
    ties_first = sorted(choices, key=lambda choice: not CHOICES[choice].of_ties)
    names = (CHOICES[choice].name(does[choice]) for choice in ties_first)
    return next(names, say("group.everybody"))


def _shares(found: Results) -> Shares:
    """Return the shares that each group of rules gives the entries of the first open tie."""
    tie = next((tie for tie in found.ties if not tie.shut), None)
    if tie is None or len(tie.entries) not in DRAWN:
        return Shares((), ())
    parts = [
        slopes(found.trace.under(claim.kinks), tie.step, tie.output)
        for claim in found.point.claims.values()
    ]
    given = tuple(tuple(float(part[of][at]) for of, at in tie.entries) for part in parts)
    return Shares(tuple(tie.labels(found.naming)), given)


# --- for a screen reader, as LaTeX, and as a script


def _aria(row: BracketRow) -> str:
    key = "kink.aria" if row.kinked else "kink.aria.smooth"
    return say(key, entry=row.entry, left=number(row.left), right=number(row.right))


def _latex(scene: KinkScene, info: KinkInfo) -> str:
    r"""Return the bracket of the sliced entry, such as ∂L/∂x_{1} \in [0, 1]."""
    row = info.row(scene.entry)
    name = latex_slope(scene.results.chosen.slope)
    low, high = map(latex_number, sorted((row.left, row.right)))
    return rf"{name} \in [{low}, {high}]" if row.kinked else f"{name} = {low}"


def _brackets(script: Script) -> Iterator[str]:
    letters = letters_of(script.trace, script.naming)[: script.trace.outside]
    sent = f"d{script.naming.output}"
    yield ""
    yield f"sides = one_sided(layer.forward, {', '.join(letters)}, dout={sent})"
    for argument, letter in enumerate(letters):
        yield f'print("d{letter} from the left:", sides[{argument}][0].tolist())'
        yield f'print("d{letter} from the right:", sides[{argument}][1].tolist())'
    choices, indent = script.trace.layer.kink_choices, "    "
    yield "for slug, rule in RULES.items():"
    if not all(rule.kinks.states(choices) for rule in RULES.values()):
        yield f"{indent}if rule.kinks.states(layer.kink_choices):"
        indent *= 2
    for argument, letter in enumerate(letters):
        claimed = f"result.under(rule.kinks).grads[{argument}]"
        yield f'{indent}print(f"{{slug}} gives d{letter}:", {claimed}.tolist())'


KINK_SUBJECT: Final = KinkSubject()

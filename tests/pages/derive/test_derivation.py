"""Pages that are derived from a layer and its inputs alone, on graphs that no page shows."""

import gc
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import chain, combinations, product
from math import exp
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from weakref import ref

import numpy as np
import pytest

from engine import (
    RULES,
    Add,
    Conv1D,
    Flatten,
    Graph,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    trace,
)
from engine.arrays import indices
from pages.derive import derivation
from pages.derive.derivation import Derivation, DerivedScene, Options, Setting, derived, preset
from pages.derive.picture import Picture
from pages.derive.subject import Subject
from pages.explore.additions import INFLUENCE
from pages.explore.max_pool import WHOLE
from pages.export.extent import texts
from pages.figures.array_maps import apart
from pages.figures.edges import ends_of
from pages.figures.heat_maps import Packed
from pages.figures.info import parsed
from pages.figures.layout import Layout
from pages.figures.primitives import HINT, Point
from pages.figures.ranks import Wishes
from pages.figures.theme import PALETTES
from pages.registry import PAGES, SUBJECTS, named_scene, names
from pages.state.codecs import Choice, Number, Whole
from tests.for_each import for_each
from tests.pages.boxes import assert_well_arranged
from tests.pages.scenes import POOL, pool
from tests.pages.test_overlaps import common


def is_derived(name: str) -> bool:
    return isinstance(named_scene(name)[1], DerivedScene)


X: Final = [1.5, -1.0, 0.5, 2.0, -0.5]
GRAPHS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "stack": (
        Sequential(Conv1D(), LeakyReLU(0.25), Conv1D(), ReLU(), MaxPool()),
        [X, [1.0, -2.0], [0.5, 1.0]],
    ),
    "classifier": (
        Sequential(Conv1D(), ReLU(), Flatten(), Linear(), SoftmaxCrossEntropy([2])),
        [
            np.arange(5.0).reshape(1, 1, 5) / 2 - 1,
            [[[1.0, -1.0]]],
            [0.25],
            np.eye(3, 4),
            [0.5, 0, 1],
        ],
    ),
    "residual": (Residual(Sequential(Conv1D(padding=1), ReLU())), [X, [1.0, 0.5, -1.0]]),
    "two-branches": (
        Graph(("a", ReLU(), "x"), ("b", LeakyReLU(0.5), "x"), ("c", Add(), "a", "b")),
        [[1.0, -1.0]],
    ),
    "heat-maps": (
        Sequential(Conv1D(padding=1), ReLU()),
        [np.arange(24.0).reshape(1, 2, 12) / 4 - 3, np.ones((2, 2, 3))],
    ),
}


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> tuple[Subject[Any], Any, list[Any]]:
    layer, inputs = GRAPHS[request.param]
    return derived(request.param, layer, inputs), layer, inputs


Graphed = tuple[Subject[Any], Any, list[Any]]


def test_every_number_is_the_traces(graph: Graphed) -> None:
    subject, layer, inputs = graph
    passed = trace(layer, *inputs, kinks=RULES[subject.start.rule].kinks)
    cells = subject.describe(subject.trace(subject.start), subject.start).cells
    numbers = iter(
        (float(value.array[index]), float(value.grad[index]))
        for order in [dict.fromkeys(n for step in passed.steps for n in step.reads)]
        for number in (*order, len(passed.values) - 1)
        for value in [passed.values[number]]
        for index in indices(value.array.shape)
    )
    assert [(cell.value, cell.grad) for cell in cells.values()] == [*numbers]


def choosable(picture: Picture) -> set[str]:
    """The entries that have a cell, or a cell of a heat map."""
    return {target.entry for target in picture.targets} | {
        grid.prefix
        + (str(grid.columns * row + column + 1) if grid.lined else f"{row + 1},{column + 1}")
        for grid in picture.grids
        for row in range(grid.rows)
        for column in range(grid.columns)
    }


def test_every_entry_can_be_chosen_where_nothing_else_lies(graph: Graphed) -> None:
    subject, *_ = graph
    picture = subject.picture(subject.start)
    cells = subject.describe(subject.trace(subject.start), subject.start).cells
    assert choosable(picture) == {*cells}
    assert_well_arranged(subject.layout(subject.start))
    assert all(target.said.startswith(f"{target.entry} = ") for target in picture.targets)


def test_every_entry_of_a_row_that_goes_on_in_lines_can_be_chosen() -> None:
    subject = derived("row", ReLU(), [np.arange(40.0) / 4 - 3])
    expected = {f"{letter}{number}" for letter in "xh" for number in range(1, 41)}
    assert choosable(subject.picture(subject.start)) == expected


def test_every_entry_is_explained_and_written_as_latex(graph: Graphed) -> None:
    subject, *_ = graph
    for entry in subject.describe(subject.trace(subject.start), subject.start).cells:
        picture = subject.picture(subject.start.chosen(entry))
        assert picture.explanation[0].startswith("∂"), entry
        assert picture.latex().startswith(r"\frac{\partial"), entry


def test_the_passes_of_several_states_are_those_of_each() -> None:
    subject = derived("pool", MaxPool(2), [[1.0, 1.0]])
    tie = subject.start.having("rule", "lab")  # each of a tie gets all
    states = [tie, tie.moved("x2", 0.5), tie.having("rule", "pytorch-max-pool")]
    for together in (states[:2], states):
        grads = [each.grads[0].tolist() for each in subject.traces(together)]
        assert grads == [[1, 1], [1, 0], [1, 0]][: len(together)]


def test_the_passes_of_states_with_several_settings_are_those_of_each() -> None:
    states = [pool(size=size, stride="2", h=(1.0, 3.0, 2.0, 0.0, 0.0)) for size in (WHOLE, "2")]
    grads = [(each.grads[0] != 0).tolist() for each in POOL.traces(states)]
    # The maximum of all is h₂; those of two windows are h₂ and h₃.
    assert grads == [[0, 1, 0, 0, 0], [0, 1, 1, 0, 0]]


def test_where_every_output_has_a_slider_no_hint_says_where_the_one_for_all_is() -> None:
    def hints(wishes: Wishes) -> int:
        given = [np.ones(3), np.ones(2)]
        additions = (INFLUENCE,)
        subject = derived("row", Conv1D(), given, additions=additions, wishes=lambda _: wishes)
        drawn = subject.picture(subject.start).figure["data"]
        return len([each for each in drawn if each.get("meta") == HINT])

    assert hints(Wishes(sent="right")) == 0
    assert hints(Wishes(sent="chosen")) == 1


def test_an_entry_to_open_with_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"row: needs an entry such as x1,1, .*; got 'x1\.2'"):
        derived("row", ReLU(), [np.ones((1, 2))], entry="x1.2")


@pytest.mark.parametrize(
    ("changes", "letter"), [({"x": (1.0, 2.0)}, "x"), ({"dh": [1.0] * 4}, "dh")]
)
def test_a_preset_with_too_few_or_too_many_numbers_is_refused(
    changes: dict[str, Any], letter: str
) -> None:
    presets = {"even": preset("As many as there are", x=(1.0, 2.0, 3.0), dh=(0.0,) * 3)}
    derived("row", ReLU(), {"x": np.ones(3)}, presets)
    said = rf"row: odd needs 3 numbers in {letter}; got {len(changes[letter])}"
    with pytest.raises(ValueError, match=said):
        derived("row", ReLU(), {"x": np.ones(3)}, {**presets, "odd": preset("Others", **changes)})


def test_options_are_the_fields_of_a_derivation_besides_its_layer_and_inputs() -> None:
    declared = {each.name: each.type for each in fields(Derivation)}
    assert {"key", "layer", "inputs"} == declared.keys() - Options.__annotations__.keys()
    assert Options.__annotations__.items() <= declared.items()


@for_each("name", [name for name in names() if is_derived(name)])
def test_what_stands_above_the_rows_has_its_slider_on_the_outer_side(name: str) -> None:
    subject, scene, _ = named_scene(name)
    for of in (scene, *map(scene.chosen, scene.entry_names())):
        assert isinstance(of, DerivedScene)
        layout = of.setup.layout
        for slider in subject.sliders(of):
            letter = of.entry_names()[slider.name][0]
            box = layout.boxes.get(slider.name)
            if letter not in layout.above or box is None:
                continue
            middle = box[1] + box[3] / 2
            assert (slider.top < middle) == (middle < layout.height / 2)


@for_each("name", [name for name in names() if is_derived(name)])
def test_a_slider_lies_on_the_picture_and_on_no_cell_and_is_called_what_it_moves(name: str) -> None:
    subject, scene, _ = named_scene(name)
    assert isinstance(scene, DerivedScene)
    layout = scene.setup.layout
    sent = scene.derivation.upstream_letter
    cells = subject.describe(subject.trace(scene), scene).cells
    for slider in subject.sliders(scene):
        box = slider.left, slider.top - 11, slider.width, 22.0
        assert 0 <= slider.left < slider.left + slider.width <= layout.width
        for entry, other in layout.boxes.items():
            assert min(common(box, other)) <= 1, (slider.name, entry)
        is_sent = scene.entry_names()[slider.name][0] == sent
        assert slider.label.startswith("∂L/∂") == is_sent
        moved = cells[slider.name.removeprefix("d") if is_sent else slider.name]
        assert slider.label.removeprefix("∂L/∂") == moved.label


@for_each("name", ["heat-maps", "classifier"])
def test_the_slider_of_an_entry_of_a_heat_map_lies_on_no_map(name: str) -> None:
    subject = derived(name, *GRAPHS[name])
    layout, moved = subject.layout(subject.start), set()
    for letter in layout.maps:
        entry = next(it for it in subject.start.setup.cells if parsed(it)[0] == letter)
        for slider in subject.sliders(subject.start.chosen(entry)):
            if slider.name != entry:
                continue
            moved.add(letter)
            for left, top, width, height in chain.from_iterable(layout.maps.values()):
                beside = slider.left >= left + width or slider.left + slider.width <= left
                assert beside or not top < slider.top < top + height, entry
    assert "w" in {letter[0] for letter in moved}


def test_what_comes_from_outside_can_be_moved_and_kept_in_the_address(graph: Graphed) -> None:
    subject, *_ = graph
    for entry in choosable(subject.picture(subject.start)):
        there = subject.start.chosen(entry)
        for slider in subject.sliders(there):
            scene = there.moved(slider.name, -3.25)
            assert scene.value(slider.name) == -3.25
            assert subject.start.updated(scene.query()) == (scene, [])
    for entry, (letter, _) in subject.start.entry_names().items():
        if letter not in ("step", f"d{subject.naming.output}"):
            scene = subject.start.moved(entry, 3.75)
            cells = subject.describe(subject.trace(scene), scene).cells
            assert cells[entry].value == 3.75
    passed = subject.trace(subject.start)
    movable = sum(value.array.size for value in passed.values[: passed.outside])
    assert len(subject.start.entry_names()) == movable + passed.output.size + 1


def values_of(setting: Setting) -> Sequence[Any]:
    """All values of a setting; for a number of any size, the one that the page opens with."""
    match setting.codec:
        case Whole(low=low, high=high):
            return range(low, high + 1)
        case Choice(words=words):
            return words
    return [setting.start]


@pytest.mark.parametrize(
    "start", [each.start for each in SUBJECTS.values() if isinstance(each.start, DerivedScene)]
)
def test_an_address_may_have_the_entries_of_any_setting(start: DerivedScene) -> None:
    settings = start.derivation.settings
    values = map(values_of, settings.values())
    there = (replace(start, **dict(zip(settings, each, strict=True))) for each in product(*values))
    cells = {cell for scene in there for cell in scene.possible()[0].setup.cells}
    entries: Any = start.codecs()["entry"]
    assert cells <= {*entries.words}


def test_an_entry_that_is_not_there_any_more_gives_way_to_the_nearest_of_its_letter() -> None:
    def stack(settings: Any) -> Sequential:
        return Sequential(Conv1D(stride=settings.stride), ReLU(), Conv1D())

    inputs = {"x": X, "w1": [1.0, -2.0], "w2": [0.5, 1.0]}
    stride = {"stride": Setting(Whole(1, 2), 1)}
    start = derived("stack", stack, inputs, settings=stride).start
    for entry, other in {"a1.4": "a1.2", "a1.1": "a1.1", "a2.3": "a2.1"}.items():
        scene, problems = replace(start.chosen(entry), stride=2).possible()
        assert (scene.entry, problems) == (other, [])


def test_the_steps_say_what_each_operation_does(graph: Graphed) -> None:
    subject, *_ = graph
    passed = subject.trace(subject.start)
    steps = subject.steps(subject.start)
    assert len(steps) == 2 * len(passed.steps) + 1
    assert not any("{" in step for step in steps)
    for step in range(len(steps)):
        assert subject.picture(subject.start.moved("step", step)).figure["data"]
    known = [
        [cell.known for cell in subject.describe(passed, scene).cells.values()]
        for scene in (subject.start.moved("step", 0), subject.start)
    ]
    assert known[0].count("value") == sum(v.array.size for v in passed.values[: passed.outside])
    assert {*known[1]} == {"gradient"}


def test_the_script_of_a_derived_page_computes_the_same_numbers(graph: Graphed) -> None:
    subject, layer, inputs = graph
    made: dict[str, Any] = {"print": lambda *_: None}
    exec(str(subject.script(subject.start)), made)
    passed = trace(layer, *inputs, kinks=RULES[subject.start.rule].kinks)
    for one, other in zip(made["result"].grads, passed.grads, strict=True):
        np.testing.assert_array_equal(one, other)


def test_letters_that_come_twice_are_numbered() -> None:
    naming = derived("stack", *GRAPHS["stack"]).naming
    assert naming.inputs == (("x", "w1"), ("a1",), ("h1", "w2"), ("a2",), ("h2",))
    assert naming.output == "z"
    assert derived("residual", *GRAPHS["residual"]).naming.inputs == (
        ("x", "w"),
        ("a",),
        ("h", "x"),
    )


@pytest.mark.parametrize("mapping", [dict, MappingProxyType])
def test_inputs_have_the_names_that_a_mapping_gives_them(mapping: Callable[..., Any]) -> None:
    subject = derived("conv-1d", Conv1D(), mapping({"u": X, "v": [1.0, -2.0]}))
    assert subject.naming.inputs == (("u", "v"),)
    given = subject.trace(subject.start).steps[0].inputs
    assert [each.tolist() for each in given] == [X, [1.0, -2.0]]


def test_the_words_are_the_layers() -> None:
    stack = derived("stack", *GRAPHS["stack"])
    steps = stack.steps(stack.start)
    assert steps[2] == (
        "Forward 2 of 5: Leaky ReLU keeps what is above 0 and multiplies the rest by its slope."
    )
    assert steps[7] == "Backward 2 of 5: ReLU passes the gradient where a⁽²⁾ > 0."
    classifier = derived("classifier", *GRAPHS["classifier"])
    assert classifier.steps(classifier.start)[1] == (
        "Forward 1 of 5: Convolution slides w⁽¹⁾ over x and sums the products in each window."
    )
    assert classifier.steps(classifier.start)[4] == (
        "Forward 4 of 5: Each y is the sum of all f, each times its own weight."
    )


def test_what_passes_a_column_goes_between_its_cells() -> None:
    subject = derived("residual", *GRAPHS["residual"])
    boxes = subject.layout(subject.start).boxes
    for row in range(1, len(X) + 1):
        (_, top, _, height), (_, end, *_) = boxes[f"x{row}"], boxes[f"s{row}"]
        assert top == end
        for entry, (_, upper, _, extent) in boxes.items():
            assert entry[0] not in "ah" or not upper <= top + height / 2 <= upper + extent


@for_each(
    ("network", "size"),
    [
        (Residual(ReLU()), 5),
        (Residual(Sequential(LeakyReLU(0.5), ReLU())), 5),
        (Graph(("a", ReLU(), "x"), ("b", LeakyReLU(0.5), "a"), ("c", Add(), "b", "x")), 4),
    ],
    ids=["one column", "two columns", "a graph"],
)
def test_no_edge_that_passes_a_column_crosses_its_cells(network: Layer, size: int) -> None:
    subject = derived("passing", network, [np.ones(size)])
    layout = subject.layout(subject.start)
    info = subject.describe(subject.trace(subject.start), subject.start)
    passing = [
        edge
        for edge in info.edges
        if (info.cells[edge.tail].letter, info.cells[edge.head].letter) in layout.passing
    ]
    assert len(passing) == len([entry for entry in layout.boxes if entry[0] == "s"])
    for edge in passing:
        assert_crosses_no_cell(ends_of(edge, info, layout), layout)


def test_an_array_of_many_entries_is_a_heat_map() -> None:
    subject = derived("heat-maps", *GRAPHS["heat-maps"])
    assert {*subject.layout(subject.start).maps} == {"x", "w", "a", "h"}
    images = [d for d in subject.picture(subject.start).figure["data"] if d["type"] == "image"]
    assert len(images) == 8
    classifier = derived("classifier", *GRAPHS["classifier"])
    assert {*classifier.layout(classifier.start).maps} == {"w2"}


def test_each_part_of_a_heat_map_has_its_own_numbers_and_each_half_its_own_keys() -> None:
    def unpacked(packed: Packed | None) -> list[float]:
        assert packed is not None
        numbers = np.frombuffer(b64decode(packed.data), f"<i{packed.size}") * packed.scale
        return [float(each) for each in numbers]

    layer, (x, w) = GRAPHS["heat-maps"]
    subject = derived("parts", layer, [x, np.arange(12.0).reshape(np.shape(w)) / 4])
    cells = subject.describe(subject.trace(subject.start), subject.start).cells
    halves: tuple[set[str], set[str]] = (set(), set())
    for grid in subject.picture(subject.start).grids:
        halves[grid.values is None].add(grid.group)
        assert grid.said.partition(", ")[0] == grid.prefix.rstrip(","), "heard without its comma"
        if grid.values is not None:
            places = product(range(1, grid.rows + 1), range(1, grid.columns + 1))
            own = [cells[f"{grid.prefix}{row},{column}"] for row, column in places]
            assert unpacked(grid.values) == [cell.value for cell in own]
            assert unpacked(grid.gradients) == [cell.grad for cell in own]
    assert len(halves[0]) == len(halves[1]) == 4
    assert not halves[0] & halves[1]


def test_a_rule_that_does_not_state_a_kink_of_it_cannot_be_chosen() -> None:
    subject = derived("leaky", LeakyReLU(0.5), [X])
    needs = subject.start.codecs()["rule"].needs
    assert "pytorch-max-pool" in needs
    assert " lab" not in needs
    assert subject.start.rule == "pytorch-max-pool"


def test_not_every_setup_is_kept_of_a_setting_that_may_be_any_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(derivation, "SETUPS_MOST", 2)
    slope = {"slope": Setting(Number(), 0.5)}
    start = derived("leaky", lambda settings: LeakyReLU(settings.slope), [X], settings=slope).start
    setups = [ref(replace(start, slope=n / 8).setup) for n in range(6)]
    gc.collect()
    assert [setup() is None for setup in setups] == [True] * 4 + [False] * 2


def test_the_edges_of_a_heat_map_are_one_arrow_between_two_arrays() -> None:
    subject = derived("heat-maps", *GRAPHS["heat-maps"])
    layout, data = subject.layout(subject.start), subject.picture(subject.start).figure["data"]
    muted = PALETTES["light"].muted
    (arrows,) = (trace for trace in data if trace.get("fillcolor") == muted)
    ends = {*zip(arrows["x"], arrows["y"], strict=True)}
    for letter in "xa":
        left, top, width, height = layout.columns[letter]
        assert any(abs(x - left - width) < 1 for x, y in ends if x and top < y < top + height)
    assert any(y and abs(y - sum(layout.columns["w"][1::2])) < 1 for _, y in ends)


def assert_crosses_no_cell(edge: tuple[Point, Point], layout: Layout) -> None:
    (head_x, head_y), (x, y) = edge
    for entry, (left, top, width, height) in layout.boxes.items():
        for step in range(1, 20):
            at = x + (head_x - x) * step / 20, y + (head_y - y) * step / 20
            inside = left < at[0] < left + width and top < at[1] < top + height
            assert not inside, (edge, entry)


def test_no_edge_out_of_a_parameter_crosses_a_cell(graph: Graphed) -> None:
    subject, *_ = graph
    layout = subject.layout(subject.start)
    info, *_ = apart(subject.describe(subject.trace(subject.start), subject.start), layout)
    for edge in info.edges:
        if info.cells[edge.tail].letter in layout.above:
            assert_crosses_no_cell(ends_of(edge, info, layout), layout)


def test_wide_headings_have_room(graph: Graphed) -> None:
    subject, *_ = graph
    layout, figure = subject.layout(subject.start), subject.picture(subject.start).figure
    titles = [text for text in texts(figure) if text.y < 50]
    assert len(titles) == sum(bool(heading.title) for heading in layout.headings)
    for one, other in combinations(titles, 2):
        assert one.box[0] + one.box[2] <= other.box[0] or other.box[0] + other.box[2] <= one.box[0]


def test_the_page_of_the_readme_is_one_as_it_stands_there() -> None:
    said = Path(__file__).parents[3].joinpath("README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"`pages/explore/silu\.py`.*?```python\n(.*?)```", said, re.DOTALL)
    imports = [line for line in code.splitlines() if line.startswith("from pages")]
    assert imports == sorted(imports)
    made: dict[str, Any] = {}
    exec(code.replace("SiLU", "Softplus"), made)  # the example adds a SiLU
    page, subject = made["PAGE"], made["PAGE"].subject
    others = {each.icon for key, each in PAGES.items() if key != page.key}
    assert page.icon not in others, "the README's example needs an icon that no page has"
    around, falling = subject.presets.values()
    assert around == subject.start != falling
    # The chosen entry is a₂ = −1, where the slope of softplus is 1 / (1 + e).
    assert subject.trace(around).grads[0][1] == pytest.approx(1 / (1 + exp(1)))
    assert subject.picture(around).explanation[0].startswith("∂L/∂a₂ = +0.268941")

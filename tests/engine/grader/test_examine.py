"""What a class is asked after each of its answers, and which answers count."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.grader.cases import NO_KINKS, Case, Reference, Setting, Topic
from engine.grader.examine import (
    Asker,
    Examiner,
    _by_chance,
    _counted,
    _not_judged,
    refusal,
    what_it_raised,
)
from engine.grader.outcome import CHECKING, Outcome
from engine.grader.process import EndedError
from engine.grader.questions import topic
from engine.grader.wire import Json, pack, pack_value
from tests.for_each import for_each

ACCIDENT = {"type": "IndexError", "refusal": True}
REFUSAL = {"type": "ValueError", "refusal": True, "deliberate": True}


def answered(about: Topic, name: str, at: int = 0, *, off: float = 0, **reply: Any) -> Outcome:
    """Return the right answer to a case of a feature; off: by how much its numbers are wrong."""
    feature = next(each for each in about.features if each.name == name)
    reference = Reference(about, feature.cases[at])
    right = {
        "at": "backward",
        "output": pack_value(reference.output + off),
        "gradients": {"values": [pack_value(each + off) for each in reference.grads(NO_KINKS)]},
        "changed": [],
    }
    ways = frozenset({"named"} if feature.settings else ())
    return Outcome(feature, reference, about.name, {**right, **reply}, ways=ways)


def raised(
    about: Topic, name: str, at: int = 0, error: Json = REFUSAL, by: str = "forward", **reply: Any
) -> Outcome:
    """Return the answer to a case at which a method raises something."""
    given = {"at": by, "error": error, "changed": [], **reply}
    return replace(answered(about, name, at), reply=given)


def examiner(about: Topic, ask: Callable[..., Outcome] | None = None, **described: Any) -> Any:
    """Return an examiner; ask: what takes the place of putting a case to a class."""
    asks = {"forward": (len(about.inputs), 99), "backward": (1, 1), **described}
    process: Any = None
    made: Any = Examiner(about, asks, process, 5)
    if ask:
        made.asker.ask = ask
    return made


VECTORS = "a vector a (L,)"


@for_each("end", [True, False])
def test_nothing_more_is_asked_where_the_process_has_ended_or_the_memory_is_full(end: bool) -> None:
    relu, asked = topic("ReLU"), []

    def ask(*_: Any, **__: Any) -> Outcome:
        asked.append(1)
        if not end:
            return raised(relu, VECTORS, error={"type": "MemoryError"})
        return replace(
            answered(relu, VECTORS), reply={}, ended=EndedError("forward", "does not end", None)
        )

    exam = examiner(relu, ask).examine()
    assert len(asked) == len(exam.outcomes) == 1
    assert [each.name for each in exam.offered] == [VECTORS]


def test_an_accident_with_a_setting_in_one_form_is_wrong_though_another_form_takes_it() -> None:
    conv = topic("Conv1D")
    forms = "several filters w (F, K)", "channels x (C, L)"
    names = [what + form for form in forms for what in ("", "stride with ")]
    features = tuple(each for each in conv.features if each.name in names)
    conv = replace(conv, features=features)

    def ask(feature: Any, case: Case, **_: Any) -> Outcome:
        at = next((i for i, each in enumerate(feature.cases) if each is case), 0)
        if feature.name == names[-1]:
            return raised(conv, feature.name, at, ACCIDENT)
        return answered(conv, feature.name, at)

    exam = examiner(conv, ask, settings={"stride": ["stride", "named"]}).examine()
    assert [each.name for each in exam.offered] == names
    assert not exam.refused


def test_every_case_that_counts_is_held_to_its_check() -> None:
    relu, held = topic("ReLU"), []
    relu = replace(relu, features=relu.features[:1])
    cases = relu.features[0].cases

    def ask(feature: Any, case: Case, **_: Any) -> Outcome:
        at = next((i for i, each in enumerate(cases) if each is case), 0)
        return answered(relu, feature.name, at)

    made = examiner(relu, ask)
    made._by_check = lambda outcome: held.append(outcome.case)
    made.examine()
    assert held == [*cases]


def test_a_pool_that_always_moves_by_one_is_asked_for_such_windows_alone() -> None:
    made = examiner(topic("MaxPool"), plan={"fixed": {"stride": 1}})
    features = [*made._features()]
    assert features
    for each in features:
        assert {case.settings.get("stride") for case in each.cases} == {1}
        assert not each.within  # the other windows, which are not asked for
    assert made._exam.refused == {"another stride than 1": ("forward has no other", None)}


ROWS = "layers without w"


@for_each(
    ("of_layers", "again", "own"),
    [("ours", True, True), ("ours", False, True), ("", True, False), ("", False, True)],
)
def test_a_row_is_of_the_students_layers_where_ours_will_not_do(
    of_layers: str, again: bool, own: bool
) -> None:
    """again: whether the row is refused with the student's layers, too."""
    about = topic("Sequential")
    ours = [raised(about, ROWS, error={**REFUSAL, "of_layers": of_layers})]
    theirs = [raised(about, ROWS) if again else answered(about, ROWS)]
    made, answers = examiner(about), iter([ours, theirs])
    made._asked = lambda _: next(answers)
    assert made._answers(about.features[0]) is (theirs if own else ours)
    assert made.asker.own == ({about.features[0]} if own else set())


WRONG_SHAPE = pack_value(np.ones((9, 9)))
BY_NUMPY = "a pair as stride with a matrix w (kh, kw)"


@for_each(
    ("of", "name", "output", "again", "dropped"),
    [
        ("Conv2D", BY_NUMPY, WRONG_SHAPE, False, True),
        ("Conv2D", BY_NUMPY, WRONG_SHAPE, True, False),
        ("Conv2D", BY_NUMPY, None, False, False),
        ("Conv2D", BY_NUMPY, pack_value("odd"), False, False),
        ("Conv2D", "stride with a matrix w (kh, kw)", WRONG_SHAPE, False, False),
        ("Conv1D", "several scalar filters w (F, 1)", WRONG_SHAPE, False, False),
    ],
)
def test_an_error_of_a_wrong_shape_is_dropped_where_a_setting_is_read_by_broadcasting(
    of: str, name: str, output: Json | None, again: bool, dropped: bool
) -> None:
    """again: whether backward also raises when it is given a gradient in the output's shape."""
    about = topic(of)
    right = answered(about, name)
    output = right.reply["output"] if output is None else output
    first = raised(about, name, error=ACCIDENT, by="backward", output=output)
    other = raised(about, name, error=ACCIDENT) if again else right
    carried = examiner(about, lambda *_: other)._carried_through(first)
    assert bool(carried.error) is not dropped


@for_each(
    ("error", "moved", "again", "found"),
    [
        (ACCIDENT, [[1, 2], [3, 4]], True, "again"),
        (ACCIDENT, [[1, 2], [3, 4]], False, "first"),
        (REFUSAL, [[1, 2], [3, 4]], True, "without"),
        (ACCIDENT, None, True, "without"),
        (ACCIDENT, [[1, 2], [[3, 4]]], True, "without"),  # a gradient for another output
        (ACCIDENT, [[1, 2], None], True, "again"),
    ],
)
def test_what_a_check_raises_is_shown_where_it_fell_if_it_falls_there_again(
    error: Json, moved: Any, again: bool, found: str
) -> None:
    relu = replace(topic("ReLU"), features=())
    case = Case("random", (np.array([1.0, -2.0]),), np.ones(2), {})
    feature = replace(topic("ReLU").features[0], cases=(case,))
    relu = replace(relu, features=(feature,))
    sent = None if moved is None else [each and pack(np.array(each, float)) for each in moved]
    more = {} if sent is None else {"moved": sent}
    first = answered(relu, feature.name)
    first = replace(first, reply={**first.reply, "at": CHECKING, "error": error, **more})
    other = raised(relu, feature.name, error=ACCIDENT) if again else answered(relu, feature.name)
    asked: list[Case] = []

    def ask(_: Any, case: Case) -> Outcome:
        asked.append(case)
        return other

    fell = examiner(relu, ask)._where_it_fell(first)
    if found == "without":
        assert fell.output is not None
        assert not fell.error
        assert not asked
    else:
        assert fell is (other if found == "again" else first)
        assert asked[0].point == CHECKING
        np.testing.assert_array_equal(asked[0].inputs[0], [1, 2])
        np.testing.assert_array_equal(asked[0].dout, moved[1] or case.dout)


def test_a_check_finds_nothing_more_in_a_case_that_is_wrong_anyhow() -> None:
    relu = topic("ReLU")
    right = answered(relu, VECTORS)
    check = {
        "dout": pack(right.case.dout),
        "results": [{"analytic": pack_value(right.reference.grads(NO_KINKS)[0] + 1)}],
    }
    for off, found in ((1, False), (0, True)):
        outcome = answered(relu, VECTORS, off=off, check=check)
        wrong = answered(relu, VECTORS, gradients={"values": [pack_value(right.case.dout + 7)]})
        by_check = examiner(relu, lambda *_: wrong)._by_check(outcome)  # noqa: B023
        assert by_check is (wrong if found else None)


def test_a_check_is_shown_at_its_own_dout_where_rounding_it_shows_something_else() -> None:
    relu = topic("ReLU")
    right = answered(relu, VECTORS)
    wrong = {"values": [pack_value(right.case.dout + 7)]}
    check = {"dout": pack(right.case.dout), "results": [{"analytic": wrong["values"][0]}]}
    outcome = answered(relu, VECTORS, check=check)
    answers = [
        answered(relu, VECTORS, off=1),  # the output is wrong, too
        raised(relu, VECTORS),
        answered(relu, VECTORS, gradients=wrong),
    ]
    for given, found in ((answers, 2), ([*answers[:2], right], None)):
        left = iter(given)
        by_check = examiner(relu, lambda *_: next(left))._by_check(outcome)  # noqa: B023
        assert by_check is (outcome.as_checked if found is None else given[found])


def test_a_form_is_checked_once_as_is_each_thing_that_is_asked_in_it() -> None:
    conv = topic("Conv1D")
    checked: dict[str, list[bool]] = {}

    def ask(feature: Any, case: Case, *, check: bool) -> Outcome:
        checked.setdefault(feature.name, []).append(check)
        at = next(i for i, each in enumerate(feature.cases) if each is case)
        return answered(conv, feature.name, at, check={"results": [{}]} if check else None)

    made = examiner(conv, ask, forward=(2, 2))
    names = "a vector w (K,)", "channels x (C, L)", "stride with channels x (C, L)"
    for name in (*names, "stride with several filters w (F, K)"):
        made._asked(next(each for each in conv.features if each.name == name))
    assert [sum(each) for each in checked.values()] == [1, 1, 1, 0]
    assert all(each[0] for each in [*checked.values()][:3])


def test_only_what_is_set_by_a_number_is_asked_with_pairs_instead() -> None:
    pool = topic("MaxPool2D")
    for name, tried in (
        ("windows with h (H, W)", [("size",), ("stride",), ("size", "stride")]),
        ("a pair as size with h (H, W)", []),
    ):
        feature = next(each for each in pool.features if each.name == name)
        asked: list[Sequence[str]] = []

        def ask(*_: Any, **__: Any) -> Outcome:
            asked.append(made.asker.pairs)  # noqa: B023
            return raised(pool, name)  # noqa: B023

        made = examiner(pool, ask)
        feature = replace(feature, cases=feature.cases[:1])
        refused = [raised(pool, name)]
        assert made._in_pairs(feature, refused) is refused
        assert asked == tried
        assert made.asker.pairs == ()


FILTERS = "several scalar filters w (F, 1)"


@for_each(
    ("answers", "counted"),
    [
        ("right right", (0, 1)),
        ("refused refused", ()),
        ("refused refused special", ()),  # nothing but zeros, say, is taken
        ("right refused", (0,)),
        ("right foreign", (0, 1)),
        ("foreign wrong", ()),
        ("wrong wrong", (0, 1)),
        ("right layers", ()),
    ],
)
def test_which_answers_count(answers: str, counted: Sequence[int]) -> None:
    conv = topic("Conv1D")
    cases: dict[str, Callable[[int], Outcome]] = {
        "right": lambda at: answered(conv, FILTERS, at),
        "wrong": lambda at: answered(conv, FILTERS, at, off=1),
        "refused": lambda at: raised(conv, FILTERS, at),
        "foreign": lambda at: answered(conv, FILTERS, at, output=pack_value(np.ones(9))),
        "special": lambda _: answered(conv, "a scalar w", 2),
        "layers": lambda at: raised(conv, FILTERS, at, {**ACCIDENT, "of_layers": "ours"}),
    }
    outcomes = [cases[each](at) for at, each in enumerate(answers.split())]
    found = _counted(outcomes, [refusal(each) for each in outcomes])
    assert found == [outcomes[at] for at in counted]


def asking(of: str, **about: Any) -> tuple[Any, list[Json]]:
    """Return an asker of a class, and what it will have sent."""
    sent: list[Json] = []

    def ask(request: Json, _: float) -> Json:
        sent.append(request)
        return {}

    process: Any = type("Process", (), {"ask": staticmethod(ask)})()
    described = {"name": of, "forward": (1, 1), "backward": (1, 1), **about}
    asker: Any = Asker(topic(of), described, process, 60)
    return asker, sent


def test_gradients_are_checked_away_from_kinks_once_the_pace_is_known() -> None:
    asker, sent = asking("ReLU")
    vectors = topic("ReLU").features[0]
    plain, zeros = vectors.cases[0], vectors.cases[3]
    for case in (plain, plain, zeros):
        asker.ask(vectors, case, check=True)
    asker.ask(vectors, plain)
    assert [each["check"] for each in sent] == [False, True, False, False]


def test_the_pace_is_that_of_answers_without_a_check() -> None:
    asker, sent = asking("ReLU")
    vectors = topic("ReLU").features[0]
    asker._pace = 0.5
    asker.ask(vectors, vectors.cases[0], check=True)
    assert sent[0]["check"]
    assert asker._pace == 0.5
    asker.ask(vectors, vectors.cases[0])
    assert asker._pace < 0.5


def test_a_block_is_given_the_students_layers_and_a_row_is_given_ours() -> None:
    for of, own in (("ConvBlock", True), ("Sequential", False)):
        asker, sent = asking(of, forward=(2, 2))
        feature = topic(of).features[0]
        asker.ask(feature, feature.cases[0])
        assert sent[0]["own"] is own


@for_each(
    ("entries", "pace", "left", "affordable"),
    [
        (100, 1e-6, 60, True),
        (101, 1e-6, 60, False),
        (10, 0.1, 16.1, True),  # 4 × 10 × 0.1 s are 4 s, a quarter of 16 s
        (10, 0.1, 15.9, False),
    ],
)
def test_a_check_takes_a_quarter_of_the_time_left_at_most(
    entries: int, pace: float, left: float, affordable: bool
) -> None:
    asker, _ = asking("ReLU")
    asker._pace, asker._left = pace, left
    case = Case("random", (np.ones(entries),), np.ones(entries), {})
    assert asker._affordable(case) is affordable


def test_a_bias_and_its_gradient_are_left_out_or_handed_over_as_the_class_takes_them() -> None:
    linear = topic("Linear")
    plain = linear.features[0]
    biased = next(each for each in linear.features if each.bias)
    for takes, least, feature, inputs, left_out, ways in (
        (2, 2, plain, 2, 0, set()),
        (3, 2, plain, 2, 1, set()),
        (3, 3, plain, 3, 0, set()),
        (3, 2, biased, 3, 0, set()),
        (99, 2, plain, 2, 1, set()),
        (99, 2, biased, 3, 0, {"any"}),
    ):
        asker, sent = asking("Linear", forward=(least, takes))
        outcome = asker.ask(feature, asker.adapted(feature.cases[0]))
        assert len(sent[0]["inputs"]) == inputs
        assert sent[0]["left_out"] == left_out
        assert outcome.ways == ways


SIZE = ["size", "named"]
NAMELESS = {
    "size": ["size", "position", "POSITIONAL_ONLY"],
    "stride": ["stride", "position", "POSITIONAL_ONLY"],
    "padding": ["args", "any", "VAR_POSITIONAL"],
}


@for_each(
    ("ways", "settings", "call"),
    [
        ({"size": SIZE}, {"size": 2}, "MaxPool2D(size=2)"),
        ({"size": ["pool", "position"]}, {"size": 2}, "MaxPool2D(pool=2)"),
        ({"size": ["kwargs", "any"]}, {"size": 2}, "MaxPool2D(size=2)"),
        ({"size": SIZE}, {"size": 2, "stride": 2}, "MaxPool2D(size=2)"),
        (NAMELESS, {"size": 2}, "MaxPool2D(2)"),
        (NAMELESS, {"size": 2, "stride": 1}, "MaxPool2D(2, 1)"),
        (NAMELESS, {"size": 2, "stride": 1, "padding": (1, 0)}, "MaxPool2D(2, 1, (1, 0))"),
        ({**NAMELESS, "size": SIZE}, {"size": 3, "stride": 1}, "MaxPool2D(1, size=3)"),
        ({**NAMELESS, "size": SIZE}, {"size": 3}, "MaxPool2D(size=3)"),
    ],
)
def test_a_constructors_call_is_shown_as_the_student_would_write_it(
    ways: dict[str, Any], settings: dict[str, Setting], call: str
) -> None:
    asker, _ = asking("MaxPool2D", settings=ways)
    case = Case("random", (np.ones((4, 4)),), np.ones(()), settings)
    assert asker._made(case, {}) == call


def test_settings_are_sent_as_pairs_where_the_class_takes_nothing_else() -> None:
    ways = {each: [each, "named"] for each in ("size", "stride", "padding")}
    asker, _ = asking("MaxPool2D", settings=ways)
    asker.pairs = ("size", "padding")
    settings: dict[str, Setting] = {"size": 2, "stride": 2, "padding": (1, 0)}
    case = Case("random", (np.ones((4, 4)),), np.ones(()), settings)
    assert asker._settings(case) == {"size": (2, 2), "stride": 2, "padding": (1, 0)}


def test_labels_are_given_to_the_constructor_or_to_forward() -> None:
    loss = topic("SoftmaxCrossEntropy")
    for bound in (False, True):
        feature = next(each for each in loss.features if each.cases[0].bound is bound)
        asker, sent = asking("SoftmaxCrossEntropy", settings={"labels": ["labels", "named"]})
        asker.ask(feature, feature.cases[0])
        assert ("labels" in sent[0]["settings"]) is bound
        assert (sent[0]["labels"] is None) is bound
        labels = "labels=np.array([2, 0])" if bound else ""
        assert asker._made(feature.cases[0], {}) == f"SoftmaxCrossEntropy({labels})"


def test_a_row_that_goes_wrong_without_its_sequential_is_refused_with_the_reason() -> None:
    about = topic("Sequential")
    wrong = answered(about, ROWS, off=1, layers=["ReLU()"])
    assert not refusal(wrong)
    assert refusal(_not_judged(wrong)).startswith("it cannot be judged with the file's own ReLU()")
    for outcome, own, due in (
        (wrong, True, True),
        (wrong, False, False),
        (answered(about, ROWS, layers=["ReLU()"]), True, False),
        (answered(about, ROWS, off=1), True, False),
    ):
        made = examiner(about, lambda *_, **__: wrong)
        if own:
            made.asker.own.add(about.features[0])
        assert made._is_of_its_layers(outcome) is due


CLAIMED = "stride with several filters w (F, K)"


@for_each(
    ("error", "at", "words"),
    [
        ({"type": "TypeError", "message": "takes 2", "binding": True}, "forward", True),
        ({"type": "TypeError", "message": "takes 2", "binding": True}, "__init__", True),
        ({"type": "TypeError", "message": "takes 2", "deliberate": True}, "forward", True),
        ({"type": "TypeError", "message": "takes 2"}, "forward", False),
    ],
)
def test_of_what_is_raised_the_message_is_told_where_it_is_about_the_students_own_words(
    error: Json, at: str, words: bool
) -> None:
    conv = topic("Conv1D")
    outcome = raised(conv, CLAIMED, error={**error, "refusal": True}, by=at)
    whose = "the constructor" if at == "__init__" else at
    told = f"{whose} raises TypeError{': takes 2' if words else ''}"
    assert what_it_raised(outcome) == told
    # What never entered the student's code is refused, though the setting is named.
    refused = error.get("binding") or error.get("deliberate")
    assert refusal(outcome) == (told if refused else "")


def test_a_form_is_taken_by_chance_only_where_forward_gives_something() -> None:
    conv = topic("Conv1D")
    output = answered(conv, CLAIMED).reply["output"]
    backward = raised(conv, CLAIMED, error=ACCIDENT, by="backward", output=output)
    assert _by_chance(backward) == "backward raises IndexError"
    assert not _by_chance(raised(conv, CLAIMED, error=ACCIDENT))
    assert not _by_chance(answered(conv, CLAIMED))
    slip = raised(conv, CLAIMED, error={"type": "NameError"}, by="backward", output=output)
    assert not _by_chance(slip)


@for_each(("more", "chance"), [(0, True), (1, False)])
def test_the_right_number_in_an_array_of_one_is_given_by_chance(more: float, chance: bool) -> None:
    conv = topic("Conv1D")
    dx, dw = Reference(conv, conv.features[0].cases[0]).grads(NO_KINKS)
    given = {"values": [pack_value(dx), pack_value(dw[None] + more)]}
    said = "dw has the shape (1,), such a case needs ()"
    assert _by_chance(answered(conv, "a scalar w", gradients=given)) == said * chance


FORMS = {"vector": "a vector w (K,)", "filters": "several filters w (F, K)"}


@for_each(
    ("forms", "left"),
    [
        # the forms in order, in each whether forward alone is right, in all cases or in one
        ("vector:all filters", "filters"),
        ("vector:one filters", "vector filters"),
        ("filters:all vector", "vector"),
        ("vector filters:all", "vector filters"),
        ("scalar vector:all filters", "scalar filters"),
        ("vector:all filters:all", "vector filters"),
    ],
)
def test_a_form_taken_by_chance_is_left_out_where_a_later_one_is_meant(
    forms: str, left: str
) -> None:
    conv = topic("Conv1D")
    names = {**FORMS, "scalar": "a scalar w"}
    made = examiner(conv)
    exam = made._exam
    for form, _, chance in (each.partition(":") for each in forms.split()):
        name = names[form]
        for at in range(2):
            right = answered(conv, name, at)
            dx, dw = right.reference.grads(NO_KINKS)
            summed = {"values": [pack_value(dx), pack_value(dw.sum())]}
            by_chance = chance == "all" or (chance == "one" and at == 0)
            exam.outcomes.append(answered(conv, name, at, gradients=summed) if by_chance else right)
        exam.offered.append(right.feature)
    made._leave_out_chance(exam)
    assert [each.form for each in exam.offered] == [names[each] for each in left.split()]
    assert [*dict.fromkeys(each.feature.form for each in exam.outcomes)] == [
        names[each] for each in left.split()
    ]
    assert {*exam.refused} == {names[each.partition(":")[0]] for each in forms.split()} - {
        names[each] for each in left.split()
    }


def test_no_form_of_a_layer_with_one_input_is_taken_by_chance() -> None:
    pool = topic("MaxPool")
    made = examiner(pool)
    names = "the whole axis with channels h (C, L)", "the whole axis with minibatches h (N, C, L)"
    for name, given in zip(names, (np.ones(3), None), strict=True):
        right = answered(pool, name)
        wrong: Json = {} if given is None else {"gradients": {"values": [pack_value(given)]}}
        made._exam.outcomes.append(answered(pool, name, **wrong))
        made._exam.offered.append(right.feature)
    made._leave_out_chance(made._exam)
    assert [each.name for each in made._exam.offered] == [*names]


def test_a_second_pass_is_of_inputs_of_the_other_sign_all_of_them() -> None:
    linear = topic("Linear")
    biased = next(each for each in linear.features if each.bias)
    outcome = answered(linear, biased.name)
    asked: list[Case] = []

    def ask(_: Any, case: Case) -> Outcome:
        asked.append(case)
        return outcome

    examiner(linear, ask)._turned(outcome)
    (case,) = asked
    assert len(case.inputs) == 3
    for turned, given in zip(case.inputs, outcome.case.inputs, strict=True):
        np.testing.assert_array_equal(turned, -given)
    assert case.dout is outcome.case.dout


def test_of_a_wrong_output_it_is_said_whether_it_is_of_another_kind() -> None:
    conv, pool = topic("Conv1D"), topic("MaxPool")
    for about, name, shape, refused in (
        (conv, "a vector w (K,)", (9,), False),
        (conv, "a vector w (K,)", (3, 3), True),
        (conv, "a vector w (K,)", (0,), True),  # of a loop without any turns
        (conv, "several filters w (F, K)", (2, 9), False),
        (conv, "several filters w (F, K)", (7, 4), True),
        (pool, "the whole axis with channels h (C, L)", (9,), True),
        (pool, "windows with h (L,)", (9,), False),
    ):
        outcome = answered(about, name, output=pack_value(np.ones(shape)))
        outcome = replace(outcome, ways=frozenset())
        needs = outcome.reference.output.shape
        said = f"{about.output} has the shape {shape}, such a case needs {needs}"
        assert refusal(outcome) == (said if refused else ""), (name, shape)


@for_each(("off", "refused"), [(0, False), (1, True)])
def test_an_output_that_has_lost_an_axis_is_of_another_kind_unless_its_numbers_are_right(
    off: float, refused: bool
) -> None:
    conv, name = topic("Conv1D"), "a w as long as x with several filters w (F, K)"
    right = answered(conv, name).reference.output
    assert right.shape == (2, 1)
    outcome = answered(conv, name, output=pack_value(right.squeeze() + off))
    said = f"{conv.output} has the shape (2,), such a case needs (2, 1)"
    assert refusal(outcome) == (said if refused else "")


def test_gradients_tell_that_only_broadcasting_made_an_output_right() -> None:
    conv, linear = topic("Conv1D"), topic("Linear")
    batch = "minibatches x (N, D)"  # x (4, 3), w (2, 3)
    for about, name, shapes, said in (
        (conv, FILTERS, ((3, 4), (4,)), "dx has the shape (3, 4), such a case needs (4,)"),
        (conv, FILTERS, ((3, 4), (3, 1)), ""),
        (conv, FILTERS, ((4,), (4,)), ""),
        (linear, batch, ((4, 3), (3, 2)), ""),  # with its axes in another order
        (linear, batch, ((4, 3), (4, 2, 3)), ""),  # for each example separately
        (linear, batch, ((4, 3), (3,)), "dw has the shape (3,), such a case needs (2, 3)"),
    ):
        given = {"values": [pack_value(np.ones(each)) for each in shapes]}
        assert refusal(answered(about, name, gradients=given)) == said, (name, shapes)


def test_backward_may_be_for_fewer_shapes_than_a_forward_of_one_numpy_call() -> None:
    pool, conv = topic("MaxPool"), topic("Conv2D")
    for about, name, off, leniently, refused in (
        (pool, "the whole axis with h (L,)", 0, True, True),
        (pool, "the whole axis with h (L,)", 0, False, False),
        (pool, "windows that overlap with h (L,)", 0, True, False),
        (conv, BY_NUMPY, 0, False, False),  # the stride has been read
        (conv, BY_NUMPY, 1, False, True),
    ):
        output = answered(about, name, off=off).reply["output"]
        outcome = raised(about, name, error=ACCIDENT, by="backward", output=output)
        said = "backward raises IndexError" if refused else ""
        assert refusal(outcome, leniently=leniently) == said, (name, off, leniently)

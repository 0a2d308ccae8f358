"""The values of a code's numbers and lists, as Python computes them; UNKNOWN if not known."""

import ast
import math
from typing import Any

import pytest

from pages.stack.known_values import (
    CHANGES,
    DELETE,
    LIST_MOST,
    SET,
    UNKNOWN,
    UPDATE,
    Long,
    built_in,
    changed,
    compared,
    computed,
    filled,
    listed,
    part,
    truth,
)
from tests.for_each import for_each

NUMBERS = (0, 1, 3, -2, 2.5, 7)


def parsed(code: str) -> Any:
    return ast.parse(code, mode="eval").body


@for_each("sign", ["+", "-", "*", "/", "//", "%"])
def test_numbers_are_computed_as_python_does(sign: str) -> None:
    operator = parsed(f"1 {sign} 2").op
    for left in NUMBERS:
        for right in NUMBERS:
            divided = sign in ("/", "//", "%") and right == 0
            expected = UNKNOWN if divided else eval(f"{left} {sign} ({right})")
            assert computed(operator, left, right) == expected


def test_powers_and_sums_stay_small() -> None:
    power, product, plus = (parsed(f"1 {sign} 2").op for sign in ("**", "*", "+"))
    assert [computed(power, base, 3) for base in (2, -2, 0.5)] == [8, -8, 0.125]
    assert [computed(power, base, 0.5) for base in (64, 0.25)] == [8, 0.5]
    for left, right in (10, 7), (1001, 1), (-1001, 1), (2, -1), (-4, 0.5), (-2.0, 0.5):
        assert computed(power, left, right) is UNKNOWN
    assert computed(product, 10**5, 10**4) == 10**9
    assert [computed(product, sign * 10**5, 10**5) for sign in (1, -1)] == [UNKNOWN] * 2
    assert computed(plus, (1,), (2, 3)) == (1, 2, 3)
    assert len(computed(plus, (0,) * (LIST_MOST - 1), (1,))) == LIST_MOST
    assert isinstance(computed(plus, (0,) * LIST_MOST, (1,)), Long)
    assert [computed(product, *each) for each in (((1,), 2), (2, (1,)))] == [(1, 1), (1, 1)]
    assert computed(product, (1, 2), LIST_MOST // 2) == (1, 2) * (LIST_MOST // 2)
    assert isinstance(long := computed(product, (1, 2), 10**9), Long)
    assert long.first == (*(1, 2) * (LIST_MOST // 2), UNKNOWN)
    assert computed(product, (1,), 0.5) is UNKNOWN
    assert computed(plus, 1, UNKNOWN) is UNKNOWN
    assert computed(parsed("1 @ 2").op, 1, 2) is UNKNOWN


@for_each(
    ("code", "text"),
    [
        ("'fc' + '1'", "fc1"),
        ("'fc%d' % 3", "fc3"),
        ("'%s_%02d' % ('fc', 3)", "fc_03"),
        ("'fc%d' % 'a'", None),
        ("'%d_%d' % [3, 4]", None),
        ("'%999999999d' % 1", None),
        ("'100%' % ()", None),
        ("'%d' % 1.5", None),
        ("'%s' % ()", None),
        ("'ab' * 3", None),
        ("'fc' + 1", None),
        ("1 + 'fc'", None),
    ],
)
def test_texts_are_put_together_as_python_does(code: str, text: str | None) -> None:
    both = parsed(code)
    left, right = ast.literal_eval(both.left), ast.literal_eval(both.right)
    assert computed(both.op, left, right) == (UNKNOWN if text is None else text)


@for_each(
    ("template", "given", "text"),
    [
        ("fc{}", (1,), "fc1"),
        ("{1}{0}", ("a", 2), "2a"),
        ("{:02d}{:3}", (7, 5), "07  5"),
        ("{}{}", (1,), None),
        ("{0.__class__}", (1,), None),
        ("{:999999999}", (1,), None),
        ("{:d}", ("a",), None),
        ("{}", (1.5,), None),
        ("fc{}{}", (1, UNKNOWN), None),
        ("{", (1,), None),
    ],
)
def test_a_template_is_filled_as_python_does(template: str, given: Any, text: str | None) -> None:
    assert filled(template, template.format, *given) == (UNKNOWN if text is None else text)


def test_numbers_are_rounded_as_python_does() -> None:
    names: dict[str, Any] = {"round": round, "ceil": math.ceil, "floor": math.floor}
    for name, act in {**names, "sqrt": math.sqrt, "log2": math.log2, "str": str}.items():
        assert [built_in(name, [each]) for each in (8, 6)] == [act(8), act(6)]
    assert [built_in(name, [2.5]) for name in ("round", "ceil", "floor")] == [2, 3, 2]
    assert built_in("round", [2.256, 1]) == 2.3
    assert [built_in(name, [-1]) for name in ("sqrt", "log2")] == [UNKNOWN] * 2
    assert built_in("str", [2.5]) is UNKNOWN


@for_each("sign", ["==", "!=", "<", "<=", ">", ">="])
def test_comparisons_hold_as_in_python(sign: str) -> None:
    (operator,) = parsed(f"1 {sign} 2").ops
    for left in NUMBERS:
        for right in NUMBERS:
            assert compared(operator, left, right) is eval(f"{left} {sign} ({right})")
        assert compared(operator, left, UNKNOWN) is compared(operator, UNKNOWN, left) is None
    ordered = sign in ("<", "<=", ">", ">=")
    assert compared(operator, "M", 3) is (None if ordered else sign == "!=")


def test_what_a_condition_is_worth() -> None:
    same, other = (parsed(f"x {sign} None").ops[0] for sign in ("is", "is not"))
    assert [compared(same, None, None), compared(other, None, None)] == [True, False]
    assert [compared(same, 1, None), compared(other, 1, None)] == [False, True]
    within, without = (parsed(f"1 {sign} x").ops[0] for sign in ("in", "not in"))
    assert [compared(within, 1, (1,)), compared(without, 1, (1,))] == [True, False]
    assert [compared(within, 1, UNKNOWN), compared(within, 1, (2, UNKNOWN))] == [None, None]
    values: tuple[Any, ...] = (0, 1, "", "a", None, (), (0,), {}, {"a": 0}, True, False)
    assert [truth(value) for value in values] == [*map(bool, values)]
    assert truth(UNKNOWN) is None


@for_each(
    ("code", "value"),
    [
        ("len((1, 2))", 2),
        ("int(2.5)", 2),
        ("list((1, 2))", [1, 2]),
        ("tuple(())", ()),
        ("range(3)", (0, 1, 2)),
        ("range(1, 6, 2)", (1, 3, 5)),
        ("range(5, 0, -2)", (5, 3, 1)),
        (f"range({LIST_MOST})", tuple(range(LIST_MOST))),
        ("zip((1, 2, 3), (4, 5))", ((1, 4), (2, 5))),
        ("enumerate((7, 8))", ((0, 7), (1, 8))),
        ("enumerate((7, 8), 1)", ((1, 7), (2, 8))),
        ("enumerate((7, 8), start=1)", ((1, 7), (2, 8))),
        ("enumerate(iterable=(7, 8))", ((0, 7), (1, 8))),
        ("zip((1, 2), (3, 4), strict=True)", ((1, 3), (2, 4))),
        ("zip((1, 2), (3,), strict=True)", UNKNOWN),
        ("sum((1, 2), start=3)", 6),
        ("sum((1, 2), start=UNKNOWN)", UNKNOWN),
        ("prod((2, 3), start=4)", 24),
        ("prod((2, 3), axis=0)", UNKNOWN),
        ("max((), default=3)", 3),
        ("max((3, 5), key=UNKNOWN)", UNKNOWN),
        ("min((3, 5), key=None)", 3),
        ("round(2.256, ndigits=1)", 2.3),
        ("int(3, base=2)", UNKNOWN),
        ("reversed((1, 2, 3))", (3, 2, 1)),
        ("len(3)", UNKNOWN),
        ("range(1, 2, 0)", UNKNOWN),
        ("range(2.5)", UNKNOWN),
        ("sorted((2, 1))", UNKNOWN),
        ("len('abc')", UNKNOWN),
    ],
)
def test_python_s_own_functions(code: str, value: Any) -> None:
    call = parsed(code)
    given = [eval(ast.unparse(each)) for each in call.args]
    named = {each.arg: eval(ast.unparse(each.value)) for each in call.keywords}
    assert built_in(call.func.id, given, named) == value


def test_only_the_beginning_of_a_list_that_is_too_long_is_known() -> None:
    long = built_in("range", [10**12])
    assert long.first == (*range(LIST_MOST), UNKNOWN)
    for name in ("len", "max", "min", "sum", "prod", "reversed", "pairwise"):
        assert built_in(name, [long]) is UNKNOWN
    assert [built_in(name, [long]).first for name in ("list", "tuple")] == [long.first] * 2
    assert built_in("enumerate", [long, 1]).first[:2] == ((1, 0), (2, 1))
    assert built_in("zip", [long, (7, 8)]) == ((0, 7), (1, 8))
    assert part(long, 0) is UNKNOWN
    assert truth(long) is None


def test_a_list_is_changed_as_python_does() -> None:
    given: dict[str, list[Any]] = {method: [] for method in CHANGES}
    given |= {"append": [4], "extend": [(4, 5)], "insert": [0, 4], "remove": [2]}
    given |= {SET: [1, 5], DELETE: [0]}
    for method, arguments in given.items():
        several, expected = [1, 2, 3], [1, 2, 3]
        returned = getattr(expected, method)(*arguments)
        assert changed(several, method, arguments) == (returned or UNKNOWN)
        assert several == expected
    with pytest.raises(ValueError, match="append"):
        changed(long := [0] * LIST_MOST, "append", [1])
    assert isinstance(listed(long), Long)
    wrong: dict[str, list[Any]] = {"extend": [UNKNOWN], "pop": [7], "remove": [9], "append": []}
    wrong |= {"insert": [10**30, 4], SET: [3, 0], DELETE: [UNKNOWN]}
    for method, arguments in wrong.items():
        with pytest.raises(ValueError, match=method):
            changed(several := [1, 2, 3], method, arguments)
        assert several == [1, 2, 3]
    one, other = [[]], [[]]  # type: list[Any], list[Any]
    for each in (one, other):
        each[0] = each  # Python compares two lists that contain themselves without end
    with pytest.raises(ValueError, match="remove"):
        changed([one], "remove", [other])


def test_a_dict_is_changed_as_python_does() -> None:
    given: dict[str, list[Any]] = {SET: ["b", 3], DELETE: ["a"], UPDATE: [{"c": 4}], "pop": ["a"]}
    for method, arguments in {**given, "clear": []}.items():
        several, expected = {"a": 1, "b": 2}, {"a": 1, "b": 2}
        returned = getattr(expected, method)(*arguments)
        assert changed(several, method, arguments) == (returned or UNKNOWN)
        assert several == expected
    wrong: dict[str, list[Any]] = {
        SET: [UNKNOWN, 3],
        DELETE: ["c"],
        UPDATE: [UNKNOWN],
        "append": [1],
    }
    for method, arguments in wrong.items():
        with pytest.raises(ValueError, match=method):
            changed({"a": 1}, method, arguments)


def test_a_part_of_a_list() -> None:
    several = ("a", "b", "c")
    for there in (0, -1, slice(1, None), slice(None, -1), slice(None, None, 2)):
        assert part(several, there) == several[there]
    nowhere: list[Any] = [3, -4, UNKNOWN, 0.5, slice(UNKNOWN), slice(0, 1, 0)]
    assert all(part(several, index) is UNKNOWN for index in nowhere)

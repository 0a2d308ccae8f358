"""The page of any stack: the menu Network, pasted code, layers, numbers, problems, snaps."""

from io import BytesIO
from typing import Any, Final

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.errors import LimitError
from pages.derive.page import Impossible
from pages.kink.kink_scene import KinkScene
from pages.session.page_state import PageState
from pages.stack.cases import CASES
from pages.stack.editor import Editor
from pages.stack.grammar import read_stack
from pages.stack.own_numbers import FILE_MOST
from pages.stack.stack_scene import StackScene, as_file
from pages.stack.stack_subject import SNAPS, STACK_SUBJECT
from pages.views.network_menu import MENU, SESSION, _alone
from pages.views.stack_page import _around, checked
from tests.pages import opening
from tests.pages.opening import site, turned_to, unfolded, widget
from tests.pages.stack.test_stack_scene import large

START: Final = STACK_SUBJECT.start
CODE: Final = """
model = nn.Sequential(
    nn.Conv1d(1, 2, 3),
    nn.ReLU(),
    nn.MaxPool1d(2),
    nn.Flatten(),
    nn.Linear(4, 3),
)
"""


def opened(tab: str = "", **address: str) -> AppTest:
    app = turned_to(site(), "stack")
    for key, text in address.items():
        app.query_params[key] = text
    if tab:
        unfolded(app, MENU)
        app.session_state["network:tab"] = tab
    app.run()
    assert not app.exception
    return app


def state_of(app: AppTest) -> Any:
    return app.session_state["page:stack"]


def scene_of(app: AppTest) -> StackScene:
    scene: StackScene = state_of(app).scene
    return scene


def editor_of(app: AppTest) -> Editor:
    editor: Editor = app.session_state[SESSION]
    return editor


def said(app: AppTest) -> list[str]:
    return [each.value for each in app.text]


def ran(it: Any) -> AppTest:
    """Run the page, after a widget was used or without; return it."""
    app: AppTest = it.run()
    assert not app.exception
    return app


# --- pasted code


def above_the_picture(app: AppTest) -> list[str]:
    """The texts with the menu shut. It is shut twice, as the pressed button opens it again."""
    for _ in range(2):
        app.session_state[MENU] = False
        ran(app)
    assert app.session_state[MENU] is False
    return said(app)


def read(app: AppTest, code: str) -> AppTest:
    app.text_area(key="network:code").set_value(code)
    return ran(app.button(key="network:read").click())


def test_the_menu_opens_where_code_is_pasted() -> None:
    app = unfolded(turned_to(site(), "stack"), MENU).run()
    assert (
        app.text_area(key="network:code").value is None
        or not app.text_area(key="network:code").value
    )
    assert "Network" in said(app)[0]
    assert state_of(app).unfolded, "so that the menu is drawn anew when a slider moves"


def test_what_is_pasted_is_what_the_picture_shows() -> None:
    app = read(opened("Paste PyTorch"), CODE)
    net = "conv1d(3,filters=2,bias=True)-relu-maxpool(2)-flatten-linear(3,bias=True)"
    assert str(scene_of(app).stack) == net
    assert scene_of(app).shape == (1, 1, 6)
    assert app.session_state[MENU] is False, "nothing hides the picture"
    assert scene_of(app).trace.grads[0][scene_of(app).place(scene_of(app).entry)[1]] == 0  # type: ignore[index]


def test_what_is_not_known_is_named_with_its_place_and_the_rest_is_shown() -> None:
    app = read(opened("Paste PyTorch"), CODE.replace("nn.ReLU()", "nn.Fancy(3)"))
    assert str(scene_of(app).stack).startswith("conv1d(3,filters=2,bias=True)-maxpool(2)")
    assert "Line 4, column 5: Fancy is not known here and was left out." in said(app)
    assert app.session_state[MENU] is True


def test_what_was_left_out_is_said_above_the_picture_as_long_as_that_network_is_shown() -> None:
    app = read(opened("Paste PyTorch"), CODE.replace("nn.ReLU()", "nn.Fancy(3)"))
    left_out = "Line 4, column 5: Fancy is not known here and was left out."
    pasted, state = scene_of(app), state_of(app)

    assert left_out in above_the_picture(app)
    state.change(pasted.moved("x1", 2))
    assert left_out in above_the_picture(app)
    state.change(pasted.into(CASES["residual"]))
    assert left_out not in above_the_picture(app)
    state.undo()
    assert left_out in above_the_picture(app)
    read(unfolded(app, MENU).run(), CODE)
    assert left_out not in above_the_picture(app)


def test_another_paste_stays_though_the_browser_still_has_the_address_of_the_last() -> None:
    app = read(opened("Paste PyTorch"), CODE.replace("nn.ReLU()", "nn.Fancy(3)"))
    app.query_params.update(scene_of(app).address()[0])
    read(app, "nn.Sequential(nn.Linear(4, 2), nn.ReLU())")
    assert str(ran(app).session_state["page:stack"].scene.stack) == "linear(2,bias=True)-relu"


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (2, []),
        (3, []),
        (4, ["1 more is under Network, Paste PyTorch."]),
        (5, ["2 more are under Network, Paste PyTorch."]),
    ],
)
def test_three_remarks_are_shown_above_the_picture_and_the_rest_are_counted(
    count: int, more: list[str]
) -> None:
    code = CODE.replace("nn.ReLU()", ", ".join(f"nn.Fancy{n}()" for n in range(count)))
    app = read(opened("Paste PyTorch"), code)
    assert sum("Fancy" in each for each in said(app)) == min(3, count) + count, "all in the menu"
    told = above_the_picture(app)
    found = [each.split(": ")[1].split()[0] for each in told if "Fancy" in each]
    assert found == [f"Fancy{n}" for n in range(min(3, count))]
    assert [each for each in told if "under Network, Paste" in each] == more


def test_what_is_pasted_is_under_pytorchs_rule_until_another_one_is_chosen() -> None:
    app = read(opened("Paste PyTorch"), CODE)
    assert scene_of(app).rule == "pytorch-max-pool"
    assert scene_of(app).trace.grads[0][scene_of(app).place(scene_of(app).entry)[1]] == 0  # type: ignore[index]
    # After Undo the user has not chosen what is there again, either.
    state_of(app).undo()
    assert scene_of(app) == START
    app = read(unfolded(app, MENU).run(), CODE)
    assert scene_of(app).rule == "pytorch-max-pool"
    state_of(app).change(scene_of(app).having("rule", "lab"))
    state_of(app).change(scene_of(app).moved("x1", 2.0))
    state_of(app).undo()
    app = read(unfolded(app, MENU).run(), CODE)
    assert scene_of(app).rule == "lab"
    assert not [each for each in said(app) if "PyTorch code" in each]
    app = opened("Paste PyTorch")
    state_of(app).change(scene_of(app).having("rule", "jax-max"))
    assert scene_of(read(app, CODE)).rule == "jax-max"
    app = read(opened("Paste PyTorch"), "x = torch.randn(3)\nz = torch.relu(x).max()")
    assert scene_of(app).rule == "pytorch-amax"
    code = "x = np.array([2.0, 2.0, 0.0])\nz = np.maximum(x, 0).max()"
    app = read(unfolded(app, MENU).run(), code)
    assert scene_of(app).rule == "lab"
    lab = "slope 1 at 0, ties: all get it"
    since = f"Since numpy has no gradients, at ties and kinks as in the lab: {lab}."
    assert since in said(app)
    app = read(opened("Paste PyTorch"), code)
    assert scene_of(app).rule == "lab"
    assert since not in said(app)
    app = read(opened("Paste PyTorch"), "x = torch.randn(3)\nz = torch.relu(x).clamp(min=0)")
    assert any("that of the ReLU as which it is read is 0." in each for each in said(app))


def test_a_rule_that_was_chosen_stays_for_every_paste_also_behind_a_draft() -> None:
    state, editor = PageState(START, {}, START.under("mlx")), Editor()
    layers = "nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.MaxPool1d({}))"
    for size, draft in ((3, False), (2, False), (9, True), (3, False), (2, False)):
        editor.pasted(state, f"x = torch.randn(4)\nnet = {layers.format(size)}\nnet(x)")
        assert bool(editor.draft) == draft
        if draft:
            editor.typed(state, "linear(3,bias=True)-relu-maxpool(2)")
        assert state.scene.rule == "mlx"


def test_a_rule_that_lacks_the_kinks_of_the_network_by_now_is_not_taken() -> None:
    app = unfolded(opened(layers="relu", rule="pytorch-max-pool"), "rule").run()
    radio = widget(app.radio, "stack:rule")
    there = state_of(app).presets["maximum-tie"]
    state_of(app).change(there)
    ran(radio.set_value("slope 1 at 0"))
    assert scene_of(app) == there


def test_numbers_for_an_array_that_the_network_lacks_by_now_are_not_set() -> None:
    app = opened("Numbers", layers="conv1d(3)-relu")
    ran(app.selectbox(key="network:array").select_index(1))
    there = state_of(app).presets["two-filters"]
    state_of(app).change(there)
    ran(app.button(key="network:set").click())
    assert scene_of(app) == there


def test_a_draft_that_is_given_up_takes_its_rule_with_it() -> None:
    state, editor = PageState(START, {}, START), Editor()
    layers = "nn.Linear(4, 3), nn.MaxPool1d(9)"
    editor.pasted(state, f"x = torch.randn(4)\nnet = nn.Sequential({layers})\nnet(x)")
    assert editor.draft
    assert editor.stays, "its reason is to be read"
    assert editor.remarks[-1] == DRAFT
    editor.forget()
    editor.typed(state, "relu-maxpool(2)")
    assert (str(state.scene.stack), state.scene.rule) == ("relu-maxpool(2)", START.rule)
    assert state.problems == []


def test_of_a_network_without_ties_and_kinks_no_rule_is_spoken_of() -> None:
    state, editor = PageState(START, {}, START), Editor()
    editor.pasted(state, "nn.Sequential(nn.Linear(2, 3))")
    assert state.scene.rule != START.rule
    assert state.problems == ["x, w and b are random: enter yours under Network, Numbers."]


def test_numbers_that_code_gives_are_not_random_even_if_they_would_have_been_drawn() -> None:
    drawn = StackScene.opened(read_stack("linear(2)"), (2,))
    x, w = (drawn.array(letter).tolist() for letter in "xw")
    state, editor = PageState(START, {}, START), Editor()
    net = f"net = nn.Linear(2, 2, bias=False)\nnet.weight.data = torch.tensor({w})"
    editor.pasted(state, f"x = torch.tensor({x})\n{net}\nnet(x)")
    assert state.scene.arrays == drawn.arrays
    assert state.problems == []


@pytest.mark.parametrize("at", [1, 2, 3])
def test_code_that_gives_x_opens_at_a_zero_of_its_gradient(at: int) -> None:
    x = [-1.0 if number == at else 1.0 for number in (1, 2, 3)]
    state, editor = PageState(START, {}, START), Editor()
    editor.pasted(state, f"x = torch.tensor({x})\nz = torch.relu(x)")
    assert state.scene.entry == f"x{at}"


def test_the_numbers_of_a_case_are_not_those_of_the_first_paste() -> None:
    state, editor = PageState(START, {}, START), Editor()
    state.change(START.moved("x1", 3.25))
    editor.pasted(state, CODE)
    assert state.scene.shape == START.shape
    assert state.scene.value("x1") != 3.25
    assert state.problems[-1].startswith("x, w")


@pytest.mark.parametrize("then", ["another paste", "an edit"])
def test_a_paste_that_does_not_fit_is_under_its_rule_once_it_does(then: str) -> None:
    layers = "nn.Linear(4, 3), nn.ReLU(), nn.MaxPool1d({})"
    code = f"x = torch.randn(4)\nnet = nn.Sequential({layers})\nnet(x)"
    app = opened("Paste PyTorch")
    state, editor = state_of(app), editor_of(app)
    editor.pasted(state, code.format(5))
    assert editor.draft
    assert state.scene == START
    if then == "an edit":
        editor.typed(state, "linear(3,bias=True)-relu-maxpool(4)")
        assert editor.draft
        editor.typed(state, "linear(3,bias=True)-relu-maxpool(3)")
    else:
        editor.pasted(state, code.format(3))
    assert state.scene.rule == "pytorch-max-pool"
    since = "Since it is PyTorch code, at ties and kinks: slope 0 at 0, ties: the first."
    assert state.problems[0] == since
    editor.pasted(state, "x = np.array([2.0, 2.0, 0.0])\nz = np.maximum(x, 0).max()")
    assert state.scene.rule == "lab", "nobody has chosen PyTorch's"


def test_the_numbers_that_pasted_code_gives_x_are_those_of_x_until_others_are_set() -> None:
    code = "x = torch.tensor([[1.5, -1], [0, 0.5]])\nh = nn.Linear(2, 3)(x).relu()"
    app = read(opened("Paste PyTorch"), code)
    assert scene_of(app).array("x").tolist() == [[1.5, -1], [0, 0.5]]
    assert state_of(app).problems[-1].startswith("w and b are random: ")
    app = read(unfolded(app, MENU).run(), code.replace("1.5", "1e7"))  # beyond the limit
    assert state_of(app).problems[-1].startswith("x, w and b are random: ")
    app = read(unfolded(app, MENU).run(), code.replace("1.5", "2"))
    assert scene_of(app).array("x").tolist() == [[2, -1], [0, 0.5]]
    state_of(app).change(scene_of(app).moved("x1,1", 3))
    app = read(unfolded(app, MENU).run(), code)
    assert scene_of(app).array("x").tolist() == [[3, -1], [0, 0.5]]


def test_a_row_of_as_many_numbers_as_x_has_is_taken_in_its_order() -> None:
    state, editor = PageState(START, {}, START), Editor()
    row = [*range(36)]
    editor.pasted(state, f"x = torch.tensor({row})\nnet = nn.Conv2d(1, 1, 2)\nnet(x)")
    assert state.scene.shape == (1, 1, 6, 6)
    assert state.scene.values("x").numbers == tuple(row)


def test_numbers_of_another_shape_than_the_weights_leave_those_random() -> None:
    code = "net = nn.Sequential(nn.Linear(3, 2))\nnet[0].weight.data = torch.tensor([[1.0, 2.0]])"
    app = read(opened("Paste PyTorch"), code)
    assert state_of(app).problems[-1].startswith("x, w and b are random: ")


def test_after_reading_it_is_said_that_the_numbers_are_drawn_and_what_the_loss_is() -> None:
    app = read(
        opened("Paste PyTorch"), "nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))"
    )
    (drawn,) = [each for each in said(app) if "random" in each]
    all_of_them = "x, w⁽¹⁾, b⁽¹⁾, w⁽²⁾ and b⁽²⁾ are random: enter yours under Network, Numbers."
    assert drawn == all_of_them
    # The page opened with the lab's rule, which differs; this is reported too.
    assert "Since it is PyTorch code, at ties and kinks: slope 0 at 0." in said(app)
    ran(app.button(key="network:enter").click())
    assert app.session_state[MENU] is True
    assert app.session_state["network:tab"] == "Numbers"
    scene = scene_of(app)
    assert STACK_SUBJECT.picture(scene).explanation[-1] == "Here L = y⁽²⁾₁ + y⁽²⁾₂."
    state_of(app).change(scene.moved("x1", 2))
    assert drawn not in said(ran(app))
    assert "network:enter" not in {each.key for each in app.button}
    editor_of(app).typed(state_of(app), "relu-nothing")
    assert DRAFT in said(ran(app))
    assert "network:enter" not in {each.key for each in app.button}, "beside another sentence"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "hello",
        "import os\nos.system('touch /tmp/stack-was-run')",
        "-" * 100_000,
        "." * 100_000,
        "(" * 2000,
        "\x00\x07",
        "nn.Sequential(" + "nn.ReLU()," * 1000 + ")",
        "nn.Sequential(nn.Linear(100000, 100000))",
        "class A(nn.Module):\n  def forward(self, x): return self.forward(x)\nA()",
    ],
)
def test_a_paste_that_is_no_network_is_said_in_a_sentence_and_changes_nothing(code: str) -> None:
    app = opened("Paste PyTorch")
    read(app, code)
    assert scene_of(app) == START
    assert app.text_area(key="network:code").value == code
    remarks = editor_of(app).remarks
    assert remarks
    assert all(each in said(app) and len(each) < 1000 for each in remarks)


# --- numbers that do not fit in an address


def test_around_the_figure_stand_the_network_and_its_rule_and_not_what_is_moved() -> None:
    assert _around(START) == _around(START.moved("x1", 0.25))
    assert _around(START) != _around(START.having("rule", "mlx"))
    assert _around(START) != _around(CASES["residual"])
    other = StackScene.opened(START.stack, (1, 1, 8))
    assert _around(START) != _around(other.having("rule", START.rule))


def test_what_has_no_room_in_an_address_is_said_on_the_page() -> None:
    app = opened()
    assert not {*large().address()[1]} & {*said(app)}
    state_of(app).change(large())
    ran(app)
    assert scene_of(app) == large()
    assert {*large().address()[1]} <= {*said(app)}


# --- layers


def chosen(app: AppTest, *path: int) -> AppTest:
    return ran(opening.widget(app.radio, "network:layer").set_value(path))


def typed(app: AppTest, key: str, text: str) -> AppTest:
    return ran(opening.widget(app.text_input, key).set_value(text))


def test_every_joint_has_its_shape() -> None:
    radio = opening.widget(opened("Layers", preset="concat").radio, "network:layer")
    assert radio.options == [
        "x → (6,)",
        "concat → (7,)",
        "\u2003\u20031: conv1d(3) → (4,)",
        "\u2003\u20031: relu → (4,)",
        "\u2003\u20032: maxpool(2) → (3,)",
    ]
    app = opened("Layers", layers="residual(relu)", shape="4")
    radio = opening.widget(app.radio, "network:layer")
    assert radio.options == ["x → (4,)", "residual → (4,)", "\u2003\u2003relu → (4,)"]


def test_layers_are_moved_removed_added_and_set() -> None:
    app = chosen(opened("Layers"), 1)
    ran(app.button(key="network:down").click())
    assert str(scene_of(app).stack).startswith("conv1d(3,filters=2)-maxpool(2)-relu-flatten")
    assert editor_of(app).chosen == (2,)
    state_of(app).undo()
    app = chosen(app, 1)
    ran(app.button(key="network:up").click())
    assert str(scene_of(app).stack).startswith("relu-conv1d(3,filters=2)-maxpool")
    assert editor_of(app).chosen == (0,)
    moves = [f"network:{way}" for way in ("up", "down")]
    assert [app.button(key=each).disabled for each in moves] == [True, False]
    app = chosen(app, 4)
    assert [app.button(key=each).disabled for each in moves] == [False, True]
    app = chosen(app, 0)
    before = opening.widget(app.radio, "network:layer").key
    ran(app.button(key="network:remove").click())
    radio = opening.widget(app.radio, "network:layer")
    assert radio.value == editor_of(app).chosen == (0,)
    assert radio.key != before, "a browser would look for the words of what was removed"
    assert str(scene_of(app).stack).startswith("conv1d(3,filters=2)-maxpool")
    ran(opening.widget(app.selectbox, "network:add").select("abs"))
    assert str(scene_of(app).stack).startswith("conv1d(3,filters=2)-abs-maxpool")
    assert editor_of(app).chosen == (1,)
    app = chosen(app, 0)
    ran(opening.widget(app.number_input, "network:set:0:filters").set_value(3))
    assert str(scene_of(app).stack).startswith("conv1d(3,filters=3)-abs")
    ran(opening.widget(app.checkbox, "network:set:0:bias").check())
    assert "bias=True" in str(scene_of(app).stack)
    assert scene_of(app).values("x") == START.values("x")


def test_layers_are_cleared_away_one_after_the_other() -> None:
    app = chosen(opened("Layers"), 3)
    for there in [(3,), (2,), (1,), (0,), ()]:
        assert editor_of(app).chosen != ()
        ran(app.button(key="network:remove").click())
        assert editor_of(app).chosen == there
        assert opening.widget(app.radio, "network:layer").value == there
    assert app.button(key="network:remove").disabled
    app = chosen(opened("Layers", layers="relu-add(abs|)", shape="4"), 1, 0, 0)
    ran(app.button(key="network:remove").click())
    assert editor_of(app).chosen == (1, 0, 0), "where one can add another"


def test_an_added_layer_shows_the_defaults_of_the_settings_left_unsaid() -> None:
    app = chosen(opened("Layers", layers="relu", shape="1,1,6"), 0)
    ran(opening.widget(app.selectbox, "network:add").select("conv1d"))
    for name in ("kernel_size", "filters"):
        field = opening.widget(app.text_input, f"network:set:1:{name}")
        assert (field.value, field.placeholder) == ("", "1")
    assert scene_of(app).array_codecs["w"].shape == (1, 1, 1)
    for said, layers in ((" ", "relu-conv1d"), ("2", "relu-conv1d(2)")):
        app = typed(app, "network:set:1:kernel_size", said)
        assert str(scene_of(app).stack) == layers
        assert editor_of(app).problem == ""


def test_a_setting_is_shown_as_it_was_given() -> None:
    app = opened("Layers", layers="conv2d(3,padding=(1,2),stride=(2,2))", shape="4,4")
    app = chosen(app, 0)
    assert opening.widget(app.text_input, "network:set:0:padding").value == "(1,2)"
    assert opening.widget(app.number_input, "network:set:0:stride").value == 2
    app = chosen(opened("Layers", layers="leakyrelu(1)", shape="4"), 0)
    slope = opening.widget(app.number_input, "network:set:0:negative_slope")
    assert (slope.value, slope.step) == (1, 0.05), "a slope need not be whole"


def test_the_labels_of_a_loss_are_shown_and_can_be_others() -> None:
    app = chosen(opened("Layers", layers="linear(3)-softmaxcrossentropy(2,0)", shape="2,2"), 1)
    label = "network:data:1"
    assert opening.widget(app.text_input, label).value == "2, 0"
    assert str(scene_of(typed(app, label, "1, 1")).stack) == "linear(3)-softmaxcrossentropy(1,1)"
    app = chosen(opened("Layers", layers="linear(3)-softmaxcrossentropy(2)", shape="1,2"), 1)
    for text in ("1", " 1, "):
        assert str(scene_of(typed(app, label, text)).stack) == "linear(3)-softmaxcrossentropy(1)"
    needs = "softmaxcrossentropy needs its labels, as in softmaxcrossentropy(0)."
    assert needs in said(typed(app, label, ""))


def test_a_branch_without_a_layer_can_be_filled() -> None:
    app = opened("Layers", layers="relu-add(|abs)", shape="4")
    app = chosen(app, 1, 0, 0)
    ran(opening.widget(app.selectbox, "network:add").select("leakyrelu"))
    assert str(scene_of(app).stack) == "relu-add(leakyrelu|abs)"


def test_the_menu_says_why_cells_turn_into_heat_maps() -> None:
    app = chosen(opened("Layers"), 4)
    assert not any("heat map" in each for each in said(app))
    ran(opening.widget(app.selectbox, "network:add").select("relu"))
    why = "There is no room for the cells of x, a and h⁽¹⁾: heat maps show them."
    assert said(app).count(why) == 1
    assert why not in said(typed(app, "network:text", "nonsense(")), "what is wrong comes first"
    app, why = opened("Layers", preset="residual"), "There is no room for the cells of x, a, h and"
    assert not any(each.startswith(why) for each in said(app))
    state_of(app).narrow = True
    assert f"{why} s: heat maps show them." in said(ran(app)), "on a phone there is less"


def test_what_does_not_fit_is_said_at_its_joint_and_lost_nowhere() -> None:
    app = chosen(opened("Layers"), 2)
    ran(opening.widget(app.number_input, "network:set:2:kernel_size").set_value(5))
    assert scene_of(app) == START, "the picture shows what was there"
    radio = opening.widget(app.radio, "network:layer")
    captions = [*radio.proto.captions]
    assert not [each for each in said(app) if "maxpool(5)" in each], "it is said at the joint"
    assert [bool(each) for each in captions] == [False, False, False, True, False, False]
    assert "maxpool(5) does not fit" in captions[3]
    assert "maxpool(4)" in captions[3]
    labels = [each.label for each in app.button]
    assert "Use maxpool(4)" in labels
    (fit,) = (each for each in app.button if each.label == "Use maxpool(4)")
    ran(fit.click())
    assert str(scene_of(app).stack) == "conv1d(3,filters=2)-relu-maxpool(4)-flatten-linear(2)"
    assert editor_of(app).draft is None


@pytest.mark.parametrize(
    ("layers", "begins"),
    [
        ("conv2d(1,padding=200)", "The output of conv2d has shape (403, 403)"),
        ("conv2d(3,filters=900)", "w has shape (900, 3, 3)"),
        ("conv2d(5)", "conv2d(5) does not fit"),
    ],
)
def test_what_does_not_fit_is_said_as_a_sentence(layers: str, begins: str) -> None:
    app = typed(opened("Layers", layers="relu", shape="3,3"), "network:text", layers)
    (caption,) = filter(None, opening.widget(app.radio, "network:layer").proto.captions)
    assert caption == editor_of(app).problem
    assert caption.startswith(begins)
    assert caption not in said(app), "once is enough"


DRAFT: Final = "The picture shows what was there before: the layers under Network do not fit."


def test_that_the_picture_is_not_what_is_edited_is_said_above_it_until_that_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, popover = list[tuple[str, str | None]](), st.popover

    def shown(label: str, *, key: str, **named: Any) -> Any:
        if key == MENU:
            looks.append((named["type"], named["icon"]))
        return popover(label, key=key, **named)

    monkeypatch.setattr(st, "popover", shown)
    for give_up in ("button", "case", "mended"):
        looks.clear()
        app = chosen(opened("Layers"), 3)
        ran(app.button(key="network:remove").click())
        assert DRAFT in above_the_picture(app)
        assert (looks[0], looks[-1]) == (("primary", None), ("secondary", ":material/edit_note:"))
        app = ran(unfolded(app, MENU))
        if give_up == "button":
            app.button(key="network:discard").click()
        elif give_up == "case":
            app.menu_button("stack:case").click("residual")
        else:
            mend = app.button(key="network:fit:0")
            assert mend.label == "Use flatten-linear(2)"
            mend.click()
        assert DRAFT not in said(ran(app))
        above_the_picture(app)
        assert looks[-1] == ("secondary", None)
    editor_of(app).typed(state_of(app), "relu-nothing")
    assert DRAFT in above_the_picture(app)
    assert looks[-1] == ("secondary", ":material/edit_note:"), "it is not what is shown, either"


def test_a_draft_is_given_up_by_a_button_and_by_another_case() -> None:
    for give_up in ("button", "case"):
        app = chosen(opened("Layers"), 2)
        ran(opening.widget(app.number_input, "network:set:2:kernel_size").set_value(5))
        assert editor_of(app).draft
        if give_up == "button":
            ran(app.button(key="network:discard").click())
            assert scene_of(app) == START
        else:
            ran(app.menu_button("stack:case").click("residual"))
            assert scene_of(app) == CASES["residual"]
        assert editor_of(app).draft is None


def test_a_text_that_is_no_network_is_forgotten_where_another_is_opened() -> None:
    state, editor = PageState(START, {}, START), Editor()
    editor.typed(state, "relu-nothing")
    editor.keep_up(state)
    assert (editor.text, bool(editor.problem)) == ("relu-nothing", True)
    editor.typed(state, "maxpool(9)")
    assert editor.draft
    editor.typed(state, "relu-nothing")
    assert editor.network(state.scene) == (START.stack, START.shape), "what is edited next"
    state.change(CASES["residual"])
    editor.keep_up(state)
    assert (editor.text, editor.problem) == ("", "")
    state.read_address({"layers": "relu", "shape": "2"})
    state.change(CASES["concat"])
    editor.keep_up(state)
    assert state.scene == CASES["concat"], "an address that was shown has had its say"


def test_a_draft_is_given_up_where_x_has_another_shape_again() -> None:
    app = typed(chosen(opened("Layers")), "network:shape", "1, 1, 8")
    typed(app, "network:text", "maxpool(9)")
    assert editor_of(app).draft
    state_of(app).undo()
    ran(app)
    assert scene_of(app).shape == (1, 1, 6)
    assert editor_of(app).draft is None


@pytest.mark.parametrize(
    "text",
    ["conv1d(3", "conv1d(3)-what", "relu-maxpool(-2)", "", "relu-" * 1300, "<b>", "a" * 9000],
)
def test_text_that_is_no_stack_stays_where_it_was_typed(text: str) -> None:
    app = typed(opened("Layers"), "network:text", text)
    assert scene_of(app) == START
    field = opening.widget(app.text_input, "network:text")
    assert (field.label, field.value) == ("All of them as text", text)
    assert len(editor_of(app).problem) in range(1, 1000)
    assert editor_of(app).problem in said(app)
    ran(app.button(key="network:discard").click())
    assert opening.widget(app.text_input, "network:text").value == str(START.stack)
    typed(app, "network:text", text)
    typed(app, "network:text", "relu-maxpool(2)")
    assert str(scene_of(app).stack) == "relu-maxpool(2)"
    assert editor_of(app).problem == ""


def test_the_shape_of_x_can_be_another() -> None:
    app = chosen(opened("Layers"))
    before = opening.widget(app.radio, "network:layer").key
    app = typed(app, "network:shape", "1, 1, 8")
    assert scene_of(app).shape == (1, 1, 8)
    assert opening.widget(app.radio, "network:layer").key != before, "its words are others"
    typed(app, "network:shape", "1, 2, q")
    assert scene_of(app).shape == (1, 1, 8)
    assert editor_of(app).problem in said(app)
    assert editor_of(app).problem == (
        "The shape of x needs one to 4 whole numbers, as in 1,1,6, of 2,000 entries at most; got "
        "“1, 2, q”."
    )
    typed(app, "network:shape", "1," * 500)
    assert editor_of(app).problem.endswith(f"got “{'1,' * 20}”."), "its first 40 characters"
    typed(app, "network:shape", "3")
    assert scene_of(app).shape == (1, 1, 8)
    assert editor_of(app).draft
    ran(app.button(key="network:fit:shape").click())
    assert scene_of(app).shape == (1, 1, 6)
    typed(app, "network:text", "maxpool2d(2)")
    ran(typed(app, "network:shape", "4").button(key="network:fit:shape").click())
    assert scene_of(app).shape == (6, 6), "also where no other layers would fit"


def test_an_address_that_cannot_be_shown_is_a_draft() -> None:
    app = opened("Layers", layers="linear(3)-conv2d(5)", shape="4,4")
    assert scene_of(app) == START
    assert any("conv2d(5) does not fit" in each for each in said(app))
    assert opening.widget(app.text_input, "network:text").value == "linear(3)-conv2d(5)"
    for shape, drafted in (("4,4", (4, 4)), ("4,q", (5,)), ("", (5,))):
        app = opened("Layers", layers="linear(3)-conv2d(5)", shape=shape)
        _, at = editor_of(app).draft or ((), ())
        assert at == drafted
        (problem,) = state_of(app).problems
        assert problem.endswith(editor_of(app).problem), "both say the same"
    app = opened("Layers", layers="conv1d(3")
    assert opening.widget(app.text_input, "network:text").value == "conv1d(3"
    assert sum("Character 9" in each for each in said(app)) == 2, "also in the menu"
    assert DRAFT not in above_the_picture(app), "the address is answered there"
    state_of(app).change(START.moved("x1", 2))
    assert DRAFT in above_the_picture(app)


@pytest.mark.parametrize("layers", ["relu", "ReLU()", " relu "])
def test_what_an_address_says_wrongly_besides_is_said_however_its_layers_are_written(
    layers: str,
) -> None:
    app = opened("Layers", layers=layers, shape="2", x="banana")
    assert str(scene_of(app).stack) == "relu"
    assert editor_of(app).draft is None
    assert any("asked for x = “banana”" in each for each in said(app))
    state, editor = PageState(START, {}, START), Editor()
    state.read_address({"layers": layers, "shape": "2", "x": "banana", "entry": "h2"})
    editor.keep_up(state)
    assert state.scene.entry == "h2"


# --- numbers


def source(app: AppTest, name: str, letter: str = "x") -> AppTest:
    ran(opening.widget(app.selectbox, "network:array").select(letter))
    return ran(app.segmented_control(key="network:source").select(name))


def test_the_array_to_edit_is_chosen_by_letter_and_shape() -> None:
    app = opened("Numbers", layers="linear(2)", shape="3", x="1,2,3")
    menu = opening.widget(app.selectbox, "network:array")
    assert menu.options == ["x, shape (3,)", "w, shape (2, 3)", "dy, shape (2,)"]
    ran(menu.select("w"))
    state_of(app).change(START)  # which has no w, but w1 and w2
    assert opening.widget(ran(app).selectbox, "network:array").value == "x"


def test_what_is_still_random_is_said_and_another_paste_keeps_the_numbers_of_x() -> None:
    code, still = "nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, {}))", "are random: enter"
    app = read(opened("Paste PyTorch"), code.format(2))
    state, editor = state_of(app), editor_of(app)
    editor.numbers(state, lambda codec: codec.flat(np.array([1, -2, 0.5, 3])))
    assert state.problems[-1].startswith(f"w⁽¹⁾, b⁽¹⁾, w⁽²⁾ and b⁽²⁾ {still}")
    before = state.scene
    editor.pasted(state, code.format(5))
    assert state.history.past[-1] == before, "one change to be taken back"
    assert state.scene.values("x").numbers == (1, -2, 0.5, 3)
    assert state.scene.array_codecs["w2"].shape == (5, 3)
    assert state.problems[-1].startswith(f"w⁽¹⁾, b⁽¹⁾, w⁽²⁾ and b⁽²⁾ {still}")
    editor.pasted(state, "nn.Sequential(nn.Linear(2, 3), nn.ReLU())")
    assert state.problems[-1].startswith(f"x, w and b {still}"), "x has another shape"


@pytest.mark.parametrize("between", ["a draft", "an edit"])
def test_the_numbers_of_x_are_ones_own_also_after_what_comes_between_two_pastes(
    between: str,
) -> None:
    code = "nn.Sequential(nn.Linear(4, 3), nn.{})"
    app = read(opened("Paste PyTorch"), code.format("ReLU()"))
    state, editor = state_of(app), editor_of(app)
    editor.numbers(state, lambda codec: codec.flat(np.array([1, -2, 0.5, 3])))
    if between == "a draft":
        editor.pasted(state, code.format("MaxPool1d(5)"))
        assert editor.draft
    else:
        editor.edit(state, lambda stack: stack.removed((1,)))
        assert str(state.scene.stack) == "linear(3,bias=True)"
    editor.pasted(state, code.format("Linear(3, 2)"))
    assert str(state.scene.stack) == "linear(3,bias=True)-linear(2,bias=True)"
    assert state.scene.values("x").numbers == (1, -2, 0.5, 3)


def test_the_x_of_code_gives_way_to_that_of_other_code_also_behind_a_draft() -> None:
    code = "x = torch.tensor([{}.0, 2.0, 3.0, 4.0])\nnet = nn.Sequential({})\nnet(x)"
    app = read(opened("Paste PyTorch"), code.format(1, "nn.Linear(4, 3), nn.ReLU()"))
    state, editor = state_of(app), editor_of(app)
    assert state.scene.values("x").numbers == (1, 2, 3, 4)
    editor.pasted(state, code.format(5, "nn.Linear(4, 3), nn.MaxPool1d(5)"))
    assert editor.draft
    editor.pasted(state, code.format(7, "nn.Linear(4, 3), nn.ReLU()"))
    assert state.scene.values("x").numbers == (7, 2, 3, 4)


@pytest.mark.parametrize("between", ["Undo", "a case", "other code, undone"])
def test_the_x_of_code_is_there_again_whatever_x_was_looked_at_since(between: str) -> None:
    code = "x = torch.tensor([[[{}.0, 1, 2, 0, 5, 1]]])\nnet = nn.Sequential(nn.ReLU())\nnet(x)"
    app = opened("Paste PyTorch")  # its x has the same shape
    state, editor = state_of(app), editor_of(app)
    editor.pasted(state, code.format(3))
    if between == "other code, undone":
        editor.pasted(state, code.format(4))
    if between == "a case":
        state.change(START)
    else:
        state.undo()
    editor.pasted(state, code.format(4))
    assert state.scene.values("x").numbers == (4, 1, 2, 0, 5, 1)


def test_a_paste_in_which_the_numbers_of_x_become_too_large_is_a_draft() -> None:
    code = "net = nn.Sequential({})\nnet(torch.randn(1, 1, 41))"
    app = read(opened("Paste PyTorch"), code.format("nn.ReLU()"))
    state, editor = state_of(app), editor_of(app)
    editor.numbers(state, lambda codec: codec.flat(np.full(41, 1e6)))
    before = state.scene
    editor.pasted(state, code.format("nn.Conv1d(1, 1, 41, padding=20, bias=False), " * 60))
    assert state.scene == before
    assert editor.draft
    assert editor.problem.startswith("With numbers that are so large the pass leaves the range")


def test_numbers_are_drawn_pasted_and_cut_out() -> None:
    app = opened("Numbers")
    app.number_input(key="network:seed").set_value(None)
    ran(app.button(key="network:set").click())
    assert scene_of(app).values("x") == START.array_codecs["x"].of("seed:0")
    app.number_input(key="network:seed").set_value(17)
    ran(app.button(key="network:set").click())
    assert scene_of(app) == START.having("x", START.array_codecs["x"].of("seed:17"))
    app = source(app, "pasted", "w2")
    assert app.text_area(key="network:list").placeholder.startswith("[[1, -1, 0.5, 1],\n")
    app.text_area(key="network:list").set_value("[[1, 2, 3, 4],\n [5, 6, 7, 9]]")
    ran(app.button(key="network:set").click())
    assert scene_of(app).values("w2").numbers == (1, 2, 3, 4, 5, 6, 7, 9)
    assert scene_of(app).values("w2").reach == 16
    assert "w⁽²⁾ has these numbers now." in said(app)
    app = source(app, "digit")
    place = [app.number_input(key=f"network:{each}").value for each in ("top", "left")]
    assert place == [13, 11], "1 row and 6 columns in the middle of 28"
    for key, number in {"number": 5, "top": 14, "left": 9}.items():
        app.number_input(key=f"network:{key}").set_value(number)
    ran(app.button(key="network:set").click())
    assert scene_of(app).values("x") == START.array_codecs["x"].of("digit:5,14,9")


def at_the_files(app: AppTest) -> None:
    app.session_state["network:tab"] = "File"
    ran(app)


def test_numbers_that_do_not_fit_are_refused_with_the_shape_that_is_needed() -> None:
    app = source(opened("Numbers"), "pasted", "w1")
    app.text_area(key="network:list").set_value("[1, 2, 3]")
    ran(app.button(key="network:set").click())
    assert scene_of(app) == START
    assert editor_of(app).outcome == "Numbers of shape (2, 1, 3) are needed; got shape (3,)."
    assert editor_of(app).outcome in said(app)
    ran(opening.widget(app.selectbox, "network:array").select("w2"))
    assert editor_of(app).outcome == "", "it was about w1"
    ran(app.button(key="network:set").click())
    assert editor_of(app).outcome == "Numbers of shape (2, 4) are needed; got shape (3,)."
    ran(app.segmented_control(key="network:source").select("random"))
    assert editor_of(app).outcome == ""
    for leave in (at_the_files, above_the_picture):
        app = source(opened("Numbers", preset="digit"), "digit")
        app.number_input(key="network:top").set_value(20)
        ran(app.button(key="network:set").click())
        assert "A part of 14 × 14 pixels is needed" in editor_of(app).outcome
        leave(app)
        assert editor_of(app).outcome == "", "whoever shuts the menu, or opens a tab, has read it"


def test_weights_come_from_the_file_that_the_trainer_writes() -> None:
    app = opened("Numbers")
    file = BytesIO()
    rng = np.random.default_rng(0)
    w1, w2 = (rng.normal(size=shape) for shape in ((2, 1, 3), (2, 4)))
    np.savez(file, w1=w1, w2=w2, architecture=np.array("x"))
    editor_of(app).weights(state_of(app), file.getvalue())
    assert scene_of(app).values("w1").numbers == tuple(w1.ravel())
    assert scene_of(app).values("w2").numbers == tuple(w2.ravel())
    assert editor_of(app).outcome == "Taken from the file: w1 and w2."
    np.savez(file := BytesIO(), w1=w1.T)
    before = scene_of(app)
    editor_of(app).weights(state_of(app), file.getvalue())
    assert editor_of(app).outcome == "w1 needs shape (2, 1, 3); the file has (3, 1, 2)."
    assert scene_of(app) == before


def test_a_picture_becomes_the_array_that_is_edited() -> None:
    app = source(opened("Numbers", layers="relu", shape="2,2", x="1,-1,2,0.5"), "image")
    grey = Image.fromarray(np.array([[0, 255], [127, 64]], np.uint8))
    grey.save(file := BytesIO(), "PNG")
    ran(app.file_uploader(key="network:image").upload("grey.png", file.getvalue()))
    assert scene_of(app).values("x").numbers == (0, 1, 0.5, 0.25), "in quarters from 0, black"
    before = scene_of(app)
    ran(app.file_uploader(key="network:image").upload("grey.png", b"GIF89a"))
    assert scene_of(app) == before
    assert "PNG" in editor_of(app).outcome


def test_what_a_file_of_weights_has_is_not_random_any_more() -> None:
    app = read(opened("Paste PyTorch"), "nn.Sequential(nn.Linear(4, 3), nn.ReLU())")
    state = state_of(app)
    assert state.problems[-1].startswith("x, w and b are random: ")
    np.savez(file := BytesIO(), w=np.ones((3, 4)))
    editor_of(app).weights(state, file.getvalue())
    assert state.problems[-1].startswith("x and b are random: ")


def test_a_file_of_weights_has_no_say_in_what_comes_from_above() -> None:
    app = source(opened("Numbers"), "weights")
    (field,) = app.file_uploader
    assert field.label.endswith(" wrote, with arrays x, w1 and w2")
    upstream = scene_of(app).letters[-1]
    given, w1 = scene_of(app).array(upstream), np.full((2, 1, 3), 0.25)
    arrays: dict[str, Any] = {"w1": w1, upstream: given + 1}
    np.savez(file := BytesIO(), **arrays)
    editor_of(app).weights(state_of(app), file.getvalue())
    assert np.array_equal(scene_of(app).array("w1"), w1)
    assert np.array_equal(scene_of(app).array(upstream), given)


def test_a_state_is_saved_and_opened() -> None:
    app = opened("File")
    editor_of(app).opened(state_of(app), as_file(CASES["digit"]).encode())
    assert scene_of(ran(app)) == CASES["digit"]
    mangled = as_file(CASES["digit"]).replace('"rule": "', '"rule": "no')
    editor_of(app).opened(state_of(app), mangled.encode())
    assert [each[:31] for each in state_of(app).problems] == ["The address asked for rule = “n"]
    editor_of(app).opened(state_of(app), b"GIF89a")
    assert scene_of(ran(app)) == CASES["digit"]
    assert any("A file is needed" in each for each in said(app))


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_one_byte_too_long_is_refused_with_the_limit(over: int) -> None:
    app, saved = opened("File"), as_file(CASES["residual"]).encode()
    whole = saved + b" " * (FILE_MOST - len(saved) + over)
    ran(app.file_uploader(key="network:open").upload("state.json", whole))
    assert scene_of(app) == (START if over else CASES["residual"])
    assert any("At most 5,000,000 bytes are read" in each for each in said(app)) == bool(over)


# --- other parts of the page


@pytest.mark.parametrize("slug", CASES)
def test_the_gradient_check_has_a_line_for_each_array(slug: str) -> None:
    scene = CASES[slug].having("rule", "pytorch-max-pool")
    lines = checked(scene)
    verdicts = [line for line in lines if "norm of the difference" in line]
    assert len(verdicts) == len(scene.trace.grads)
    assert any(" PASSED," not in line for line in verdicts) == any(
        "disagree" in line for line in lines
    )
    assert any(" FAILED," in line for line in verdicts) == any("no bug" in line for line in lines)
    assert any("no bug" in line for line in lines) == (slug == "digit"), "its paper is full of ties"


def test_the_check_is_of_the_state_in_which_it_was_asked_for() -> None:
    app = unfolded(opened(), "edit").run()
    assert not any("norm of the difference" in each for each in said(app))
    ran(app.button(key="stack:check").click())
    (lines,) = (each for each in said(app) if "norm of the difference" in each)
    assert lines.split("\n") == checked(START)
    state_of(app).change(START.moved("x1", 3.0))
    assert not any("norm of the difference" in each for each in said(ran(app)))
    ran(app.button(key="stack:check").click())
    state_of(app).change(START)  # while the last check asked for is another scene's
    assert not any("norm of the difference" in each for each in said(ran(app)))


def test_a_tie_that_the_lab_counts_twice_fails_the_check() -> None:
    scene, _ = START.updated(
        {"layers": "conv1d-maxpool", "shape": "2", "x": "1,1", "w": "2", "rule": "lab"}
    )
    lines = checked(scene)  # z = w max(x1, x2), where w gets x1 + x2
    assert [line.split(",")[0] for line in lines[:2]] == ["x: KINK", "w: FAILED"]
    assert lines[2:] == [
        "They disagree at x₁, x₂ and w.",
        "w: FAILED, but no bug: the rule itself gives that, which is no derivative.",
    ]
    *_, last = checked(CASES["digit"].having("rule", "lab"))
    assert last.startswith("x and w⁽¹⁾ and b: FAILED, but no bug")
    # At a kink every choice lies between two slopes; of many entries the first twelve are named.
    zeros = {"layers": "relu", "shape": "14", "x": ",".join("0" * 14), "rule": "lab"}
    kink, disagreeing = checked(START.updated(zeros)[0])
    assert kink.startswith("x: KINK, ")
    assert disagreeing.startswith("They disagree at x₁, x₂, ")
    assert "x₁₂" in disagreeing
    assert "x₁₃" not in disagreeing


def test_the_snaps_do_what_they_say() -> None:
    scene, _ = START.updated(
        {"layers": "relu-maxpool", "shape": "3", "x": "1,2.5,-1", "entry": "x1"}
    )
    for name, numbers in (("all positive", (1, 2.5, 0.25)), ("all negative", (-0.25, -0.25, -1))):
        there = SNAPS[name](scene)
        assert isinstance(there, StackScene)
        assert there.values("x").numbers == numbers
    tie = SNAPS["make a tie"](scene)
    assert isinstance(tie, StackScene)
    assert tie.values("x").numbers == (2.5, 2.5, -1)
    overlapping = {"layers": "maxpool(2,stride=1)", "shape": "3", "x": "3,2.5,1", "entry": "x2"}
    nearest = SNAPS["make a tie"](START.updated(overlapping)[0])
    assert isinstance(nearest, StackScene)
    assert nearest.values("x").numbers == (3, 3, 1)
    # At 0 a unit comes to its kink; the tie in the other window is there already.
    tied = {"layers": "residual(relu)-maxpool(2)", "shape": "4", "x": "2,2,0.5,-3", "entry": "x3"}
    another = SNAPS["make a tie"](START.updated(tied)[0])
    assert isinstance(another, StackScene)
    assert another.values("x").numbers == (2, 2, -3, -3)
    kink = SNAPS["to a kink"](scene.moved("x2", -0.5))
    assert isinstance(kink, StackScene)
    assert kink.values("x").numbers == (0, -0.5, -1)
    assert SNAPS["make a tie"](scene.chosen("h1")) == Impossible(
        "Choose an entry of x or of a parameter first: it is what is moved."
    )
    smooth, _ = START.updated({"layers": "linear(2)", "shape": "2"})
    for name, nothing in (
        ("make a tie", "Nothing new ties with an effect on L"),
        ("to a kink", "Nothing new comes to its kink with an effect on L"),
    ):
        assert SNAPS[name](smooth.chosen("x1")) == Impossible(
            f"{nothing} as x₁ moves, as far as its slider reaches."
        )
    # It ties already, so it would be false to say that nothing ties.
    assert SNAPS["make a tie"](tie) == Impossible(
        "Nothing new ties with an effect on L as x₁ moves, as far as its slider reaches."
    )
    # The two tie at −1, and x₂ is at a kink at 0: the ReLU is inactive, and x₁ the maximum.
    for layers, x, name in (
        ("maxpool-relu", "-2,-1", "make a tie"),
        ("relu-maxpool", "2,-1", "to a kink"),
    ):
        scene, _ = START.updated({"layers": layers, "shape": "2", "x": x})
        assert isinstance(there := SNAPS[name](scene.chosen("x2")), Impossible)
        assert " with an effect on L as x₂ moves" in there.reason
    for name, sign in (("all positive", 1), ("all negative", -1)):
        there = SNAPS[name](scene.moved("x1", 0.0))
        assert isinstance(there, StackScene)
        assert all(each * sign > 0 for each in there.values("x").numbers)
    assert SNAPS["reset"](START.moved("x1", 3.0)) == START
    other = StackScene.opened(START.stack, (1, 1, 8))  # the case's layers, of another shape
    assert other.stack == START.stack
    assert SNAPS["reset"](other.moved("x1", 3.0)) == other


def test_a_sign_for_all_of_x_keeps_where_its_numbers_come_from() -> None:
    scene, _ = START.updated({"layers": "relu", "shape": "30", "x": "1;2=-1"})
    there = SNAPS["all positive"](scene)
    assert isinstance(there, StackScene)
    assert there.query()["x"] == "1;2=0.25"


def test_random_draws_x_and_all_parameters_and_leaves_what_is_sent_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("random.randrange", lambda most: most - 1)
    there = SNAPS["random"](START)
    assert isinstance(there, StackScene)
    *drawn, sent = there.letters
    for letter in drawn:
        assert there.values(letter) == START.array_codecs[letter].of("seed:9999")
    assert there.values(sent) == START.values(sent)


def test_that_there_are_too_many_kinks_is_not_said_as_if_there_were_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_many(*_: Any) -> None:
        raise LimitError

    monkeypatch.setattr("pages.stack.stack_subject.slice_along", too_many)
    for name in ("make a tie", "to a kink"):
        found = SNAPS[name](START.chosen("x1"))
        assert found == Impossible("There are too many kinks along x₁.")


@pytest.mark.parametrize(("name", "layers"), [("make a tie", "relu"), ("to a kink", "maxpool")])
def test_nobody_looks_for_what_no_layer_has(
    monkeypatch: pytest.MonkeyPatch, name: str, layers: str
) -> None:
    scene, _ = START.updated({"layers": layers, "shape": "3"})
    monkeypatch.setattr("pages.stack.stack_subject.slice_along", None)
    assert isinstance(SNAPS[name](scene.chosen("x1")), Impossible)


@pytest.mark.parametrize(
    ("name", "entry", "value", "address"),
    [
        # After a curve, or far from 0, a place is found less exactly than a tie needs.
        ("make a tie", "x2", 0.5, {"layers": "softplus-maxpool(2)", "x": "0.5,-1"}),
        ("make a tie", "x3", -1, {"layers": "softplus-maxpool", "x": "-1,-2,3,-4"}),
        ("make a tie", "x1", 0.7, {"layers": "softplus-maxpool", "x": "-1,0.7,0.25"}),
        ("make a tie", "x1", -0.5, {"layers": "avgpool(2)-leakyrelu-maxpool", "x": "1,-1,-2,0.5"}),
        # a = 0.25 − ¾ x is 0 at a third, of which the number that is found is 5 floats off.
        ("to a kink", "x2", 1 / 3, {"layers": "conv1d(2)-relu", "x": "0.5,0.25", "w": "0.5,-0.75"}),
    ],
)
def test_a_snap_hits_what_is_found_but_nearly(
    name: str, entry: str, value: float, address: dict[str, str]
) -> None:
    shape = str(address["x"].count(",") + 1)
    scene, problems = START.updated({**address, "shape": shape, "entry": entry})
    assert problems == []
    there = SNAPS[name](scene)
    assert isinstance(there, StackScene)
    assert there == scene.moved(entry, value)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("make a tie", {"layers": "linear(2)-maxpool", "x": "1,1.8125", "w": "0,1,1.75,0"}),
        ("make a tie", {"layers": "linear(2)-maxpool", "x": "-1,1.8125", "w": "0,1,-1.75,0"}),
        (
            "to a kink",
            {"layers": "linear(1,bias=True)-relu", "x": "1", "w": "1.75", "b": "-1.8125"},
        ),
    ],
)
def test_a_place_between_two_floats_is_told_and_not_denied(
    name: str, address: dict[str, str]
) -> None:
    # 1.75 x₁ = 29/16 at 29/28. Floats there are 2⁻⁵² apart: 1.75 times the nearest two are ¾ and 1
    # of that from 29/16, however they are rounded.
    shape = str(address["x"].count(",") + 1)
    scene, problems = START.updated({**address, "shape": shape, "entry": "x1"})
    assert problems == []
    value = "1.03571" if scene.value("x1") > 0 else "−1.03571"
    told = f"The kink is near x₁ = {value}: no floating-point number hits it."
    assert SNAPS[name](scene) == Impossible(told)


@pytest.mark.parametrize("slug", [slug for slug in CASES if slug != "digit"])
def test_a_stack_is_shown_at_a_kink_along_any_of_its_parameters(slug: str) -> None:
    scene = CASES[slug]
    for letter in scene.letters[:-1]:
        entry = next(name for name, (of, _) in scene.entry_names().items() if of == letter)
        there = KinkScene.over("stack", scene.chosen(entry))
        assert there.entry == entry
        assert there.results.chosen.grad == scene.trace.grads[scene.place(entry)[0]].flat[0]  # type: ignore[index]


def test_the_menu_opens_at_the_tab_at_which_it_was_shut() -> None:
    app = opened("Layers")
    app.session_state[MENU] = False
    ran(app)
    del app.session_state["network:tab"]  # as Streamlit does with a widget that is not shown
    ran(unfolded(app, MENU))
    assert app.session_state["network:tab"] == "Layers"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2, 2), ((1, 1), 1), ((2, 3), (2, 3)), (((0, 0), (0, 0)), 0), (((0, 1), (0, 1)), (0, 1))],
)
def test_numbers_that_are_alike_are_shown_as_one_and_others_are_not(value: Any, shown: Any) -> None:
    assert _alone(value) == shown

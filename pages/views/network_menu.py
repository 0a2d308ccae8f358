"""The menu Network of the stack's page: PyTorch code, layers one by one, numbers, a file."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final
from zlib import crc32

import streamlit as st

from engine.arrays import Extent
from engine.mnist import SIDE
from pages.components.controls import bound, bound_list
from pages.figures.words import name
from pages.language.catalogue import listed, say
from pages.session.page_state import in_session, is_narrow
from pages.stack.array_codec import DIGIT, SEED
from pages.stack.editor import Editor, State
from pages.stack.grammar import read_value
from pages.stack.own_numbers import FILE_MOST, as_list, from_image, read_numbers
from pages.stack.stack import (
    BIAS,
    LAYERS,
    Joint,
    Path,
    Stack,
    StackError,
    fields_of,
    new_item,
    written,
)
from pages.stack.stack_scene import KEY, SHAPE_CODEC, as_file
from pages.stack.stack_subject import STACK_SUBJECT
from pages.stack.start import input_shape
from pages.state.digits import IMAGES

SESSION: Final = "stack:editor"
MENU: Final = "network"  # the menu's key, under which the session has whether it is open
TAB: Final = "network:tab"  # the key under which the session has which tab of the menu is open
INDENT: Final = "\N{EM SPACE}\N{EM SPACE}"
NUMBER_MOST: Final = 9_999
DIGITS: Final = {"number": IMAGES - 1, "top": SIDE - 1, "left": SIDE - 1}
"""The numbers that choose a part of an image, and how high each may be."""
WIDE: Final = 460  # the width of fields for code, lists and files, in pixels
COLUMN: Final = 310  # the width of each of the two columns under Layers, in pixels
NARROW: Final = 110  # the width of a field for one setting, in pixels
SENTENCES: Final = 3  # the most sentences about pasted code that have room above the picture
SAID: Final = 40  # the most characters that are quoted


def network_menu(state: State) -> bool:
    """Draw the menu. Return whether it is open."""
    editor = _editor(state)
    if editor.tab and (editor.stays or TAB not in st.session_state):  # it was closed in between
        st.session_state[TAB] = editor.tab
    if editor.stays is not None:
        st.session_state[MENU], editor.stays = editor.stays, None
    if not st.session_state.get(MENU):  # a popover with another look is a new one, which is closed
        editor.used = editor.used or editor.open
        editor.marked = bool(editor.draft or editor.text)
    popover = st.popover(
        say("network.button"),
        key=MENU,
        type="secondary" if editor.used else "primary",
        icon=":material/edit_note:" if editor.marked else None,
        on_change="rerun",
        width="content",
    )
    editor.open = bool(popover.open)
    if not popover.open:  # what nobody sees need not be made while a slider moves
        editor.outcome = ""  # it has been read, and does not concern what is done next
        return False
    with popover:
        titles = [say(f"network.{name}") for name in _TABS]
        tabs = st.tabs(titles, default=say("network.paste"), key=TAB, on_change="rerun")
        if editor.tab != st.session_state[TAB]:
            editor.tab, editor.outcome = st.session_state[TAB], ""  # it belongs to the other tab
        for fill, tab in zip(_TABS.values(), tabs, strict=True):
            if tab.open:
                with tab:
                    fill(state, editor)
    return True


def notes(state: State) -> list[str]:
    """The note that the picture does not show an edit yet, or how it differs from pasted code.

    The differences are given as long as the picture has the layers of that code.
    """
    editor = _editor(state)
    if editor.draft or editor.text:
        return [] if editor.answer and editor.answer == state.problems else [say("network.draft")]
    stack, said = editor.left_out or (None, ())
    if state.scene.stack != stack:
        return []
    more = len(said) - SENTENCES
    left_out = [say("network.more", more)] if more > 0 else []
    return [*said[:SENTENCES], *left_out]


def _editor(state: State) -> Editor:
    editor: Editor = st.session_state.setdefault(SESSION, Editor())
    editor.keep_up(state)
    return editor


def numbers_button(state: State) -> None:
    """Draw, if a sentence says that the numbers are random, a button to where they are entered."""
    editor: Editor = st.session_state[SESSION]

    def enter() -> None:
        editor.stays, editor.tab = True, say("network.numbers")

    if any(each in state.problems for each in editor.random(state.scene)):
        st.button(say("network.enter"), key="network:enter", on_click=enter)


def _sentence(said: str) -> None:
    """Draw a sentence as text, never as Markdown: it may quote what the user sent."""
    if said:
        st.text(said)


# --- PyTorch


def _paste(state: State, editor: Editor) -> None:
    def read() -> None:
        editor.pasted(state, str(in_session("network:code") or ""))

    with st.form("network:paste", border=False, width=WIDE):  # so that Ctrl+Enter reads it too
        st.text_area(
            say("network.code"),
            key="network:code",
            placeholder=say("network.code.example"),
            height=190,
        )
        st.form_submit_button(
            say("network.read"),
            key="network:read",
            type="primary",
            help=say("network.read.help"),
            on_click=read,
        )
    for each in editor.remarks:
        _sentence(each)


# --- layers


def _layers(state: State, editor: Editor) -> None:
    stack, shape = editor.network(state.scene)
    joints = {joint.path: joint for joint in stack.joints(shape)}
    rows = {(): say("network.x"), **dict(_rows(stack))}
    if editor.chosen not in rows:
        editor.chosen = ()
    if editor.draft or editor.text:
        _sentence(say("network.draft"))
        st.button(say("network.discard"), key="network:discard", on_click=editor.forget)
    made = {(): shape, **{path: joint.shape for path, joint in joints.items()}}

    def chosen(path: Path) -> None:
        editor.chosen = path

    # A browser identifies a choice by its words alone: for other layers the list is a new widget.
    these = crc32(f"{stack} {shape}".encode())
    with st.container(horizontal=True):
        with st.container(width=COLUMN):
            st.radio(
                say("network.list"),
                format_func=lambda path: _listed(rows[path], made.get(path)),
                captions=[joints[path].sentence if path in joints else "" for path in rows],
                **bound_list(f"network:layer:{these}", editor.chosen, rows, chosen),
            )
            _proposals(state, editor, stack, shape, joints)
        with st.container(width=COLUMN):
            _moves(state, editor, stack)
            _settings(state, editor, stack, shape)
            _addition(state, editor, stack)
            _text(state, editor, stack, {joint.sentence for joint in joints.values()})


def _rows(stack: Stack, row: Path = (), branch: str = "") -> Iterator[tuple[Path, str]]:
    """Each layer's row in the list, after its path; branches are indented, empty ones too."""
    indent = INDENT * (len(row) // 2)
    if not stack and row:
        yield (*row, 0), f"{indent}{branch}{say('network.empty')}"
    for place, each in enumerate(stack.items):
        alone = replace(each, branches=())
        yield (*row, place), f"{indent}{branch}{alone}"
        for number, inner in enumerate(each.branches):
            called = f"{number + 1}: " if len(each.branches) > 1 else ""
            yield from _rows(inner, (*row, place, number), called)


def _listed(row: str, shape: Extent | None) -> str:
    """A layer's row, with the shape of its output if that is known."""
    return row if shape is None else say("network.row", row=row, shape=shape)


def _proposals(
    state: State, editor: Editor, stack: Stack, shape: Extent, joints: Mapping[Path, Joint]
) -> None:
    """Draw buttons for the layers, and for the shape of x, that would fit."""
    wrong = next((joint for joint in joints.values() if joint.problem), None)
    if wrong is None:
        return
    with st.container(horizontal=True):
        for number, fit in enumerate(wrong.fits):
            st.button(
                say("network.use", layers=_instead(stack, fit, wrong.path)),
                key=f"network:fit:{number}",
                on_click=editor.take,
                args=(state, fit, shape),
            )
        if other := input_shape(stack):
            st.button(
                say("network.use.shape", shape=other),
                key="network:fit:shape",
                on_click=editor.take,
                args=(state, stack, other),
            )


def _instead(stack: Stack, fit: Stack, path: Path) -> str:
    """The layers that a proposal has in the place of one layer."""
    more = fit.count - stack.count
    return str(Stack(tuple(fit.at((*path[:-1], path[-1] + at)) for at in range(more + 1))))


def _moves(state: State, editor: Editor, stack: Stack) -> None:
    """Draw the buttons that move the chosen layer within its row, or remove it."""
    path = editor.chosen

    def move(by: int) -> None:
        to = (*path[:-1], path[-1] + by)
        editor.edit(state, lambda stack: stack.moved(path, to), to)

    def remove() -> None:
        place = path[-1] if _is_place(stack, path, 1) else max(0, path[-1] - 1)
        editor.edit(state, lambda stack: stack.removed(path), (*path[:-1], place))

    acts: Mapping[str, tuple[Callable[[], None], int]] = {
        "up": (partial(move, -1), -1),
        "down": (partial(move, 1), 1),
        "remove": (remove, 0),
    }
    with st.container(horizontal=True):
        for name, (act, by) in acts.items():
            off = not _is_place(stack, path, by)
            st.button(say(f"network.{name}"), key=f"network:{name}", on_click=act, disabled=off)


def _is_place(stack: Stack, path: Path, by: int = 0) -> bool:
    """Whether there is a layer at this path, and one `by` places further in the same row."""
    if not path:
        return False
    try:
        return bool(stack.at(path) and stack.at((*path[:-1], path[-1] + by)))
    except StackError:
        return False


def _settings(state: State, editor: Editor, stack: Stack, shape: Extent) -> None:
    """Draw the settings of the chosen layer, or the shape of x."""
    path = editor.chosen
    with st.container(horizontal=True):
        if not path:
            _shape(state, editor, stack, shape)
        elif _is_place(stack, path):
            layer = stack.at(path)
            if data := layer.layer.data:
                _data(state, editor, path, data, layer.data)
            for each in fields_of(layer.name):
                own = each.own
                now = getattr(layer.layer, own) if own else layer.values.get(each.name)
                unsaid = "" if each.unstated is None else written(each.unstated)
                _setting(state, editor, path, each.name, _alone(now), unsaid)


def _alone(value: Any) -> Any:
    """One number for several equal ones, (1, 1) -> 1; any other value as it is."""
    alike = isinstance(value, tuple) and len({*value}) == 1
    return _alone(value[0]) if alike else value


def _setting(state: State, editor: Editor, path: Path, name: str, now: Any, unsaid: str) -> None:
    """Draw a setting: a checkbox, a number field, or a text field if it may be several numbers.

    unsaid: the value that is meant while the text field is empty.
    """
    label = f"network:set:{'.'.join(map(str, path))}:{name}"

    def given(value: Any) -> None:
        editor.edit(state, lambda stack: stack.changed(path, **{name: value}))

    def typed(text: str | None) -> None:
        def read(stack: Stack) -> Stack:
            value = read_value(text) if text and text.strip() else None
            return stack.changed(path, **{name: value})

        editor.edit(state, read)

    if name == BIAS or isinstance(now, bool):
        st.checkbox(name, **bound(label, bool(now), given))
    elif isinstance(now, int | float):
        step = 1 if isinstance(now, int) else 0.05
        st.number_input(name, step=step, width=NARROW, **bound(label, now, given))
    else:
        text = "" if now is None else written(now)
        st.text_input(name, width=NARROW, placeholder=unsaid, **bound(label, text, typed))


def _data(state: State, editor: Editor, path: Path, name: str, now: tuple[Any, ...]) -> None:
    """Draw the field for the labels of a loss."""

    def typed(text: str | None) -> None:
        several = f"({text or ''})"
        editor.edit(state, lambda stack: stack.changed(path, **{name: read_value(several)}))

    label, text = f"network:data:{'.'.join(map(str, path))}", ", ".join(map(written, now))
    st.text_input(name, width=NARROW, **bound(label, text, typed))


def _shape(state: State, editor: Editor, stack: Stack, shape: Extent) -> None:
    """Draw the field for the shape of x."""

    def typed(text: str | None) -> None:
        text = text or ""
        try:
            editor.take(state, stack, SHAPE_CODEC.read(text))
        except ValueError:
            editor.problem = say("network.x.needs", needs=SHAPE_CODEC.needs, text=text[:SAID])

    shown = bound("network:shape", SHAPE_CODEC.write(shape), typed)
    st.text_input(say("network.x.shape"), width=2 * NARROW, **shown)


def _addition(state: State, editor: Editor, stack: Stack) -> None:
    """Draw the select that adds a layer after the chosen one."""

    def added(name: str) -> None:
        path = editor.chosen
        there = (*path[:-1], path[-1] + 1) if _is_place(stack, path) else path or (0,)
        editor.edit(state, lambda stack: stack.added(there, new_item(name)), there)

    st.selectbox(
        say("network.add"),
        placeholder=say("network.add.where"),
        **bound_list("network:add", None, sorted(LAYERS), added),
    )


def _text(state: State, editor: Editor, stack: Stack, at_joints: Container[str]) -> None:
    """Draw all layers as text, as in an address. at_joints: what the list of layers says."""

    def typed(text: str | None) -> None:
        editor.typed(state, text or "")

    shown = bound("network:text", editor.text or str(stack), typed)
    st.text_input(say("network.text"), **shown)
    said = editor.problem or _as_maps(state)
    if said not in at_joints:
        _sentence(said)


def _as_maps(state: State) -> str:
    """Which arrays of the picture are maps, not cells, and why: one more layer may cause it."""
    of = STACK_SUBJECT.narrow if is_narrow(state) else STACK_SUBJECT.layout
    arrays = [name(letter) for letter in of(state.scene).maps]
    return say("network.maps", len(arrays), arrays=listed(arrays)) if arrays else ""


# --- numbers


def _numbers(state: State, editor: Editor) -> None:
    scene = state.scene
    codecs = scene.array_codecs
    titles = {
        letter: say("network.array", letter=letter, shape=codec.shape)
        for letter, codec in codecs.items()
    }
    if editor.letter not in titles:
        editor.letter = scene.letters[0]

    def chosen(letter: str) -> None:
        editor.letter, editor.outcome = letter, ""

    st.selectbox(
        say("network.which"),
        format_func=titles.__getitem__,
        width=2 * NARROW,
        **bound_list("network:array", editor.letter, titles, chosen),
    )

    def elsewhere() -> None:
        editor.outcome = ""

    source = st.segmented_control(
        say("network.source"),
        list(SOURCES),
        key="network:source",
        default="random",
        required=True,
        format_func=lambda each: say(f"network.{each}"),
        on_change=elsewhere,
    )
    SOURCES[source or "random"](state, editor)


def _use(editor: Editor, act: Callable[[], None]) -> None:
    """Draw the button with its outcome beside it: on a phone nobody sees what is farther down."""
    with st.container(horizontal=True, vertical_alignment="center", key="network-use"):
        st.button(say("network.set"), key="network:set", on_click=act)
        if editor.outcome:
            st.text(editor.outcome, width="stretch")


def _random(state: State, editor: Editor) -> None:
    def drawn() -> None:
        editor.numbers(state, lambda codec: codec.of(f"{SEED}:{_whole('network:seed')}"))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(say("network.seed"), 0, NUMBER_MOST, key="network:seed", width=NARROW)
        _use(editor, drawn)


def _pasted(state: State, editor: Editor) -> None:
    def read() -> None:
        text = str(in_session("network:list") or "")
        editor.numbers(state, lambda codec: codec.flat(read_numbers(text, codec.shape)))

    st.text_area(
        say("network.list.text"),
        key="network:list",
        placeholder=as_list(state.scene.array(editor.letter)),
        height=100,
        width=WIDE,
    )
    _use(editor, read)


def _digit(state: State, editor: Editor) -> None:
    def cut() -> None:
        part = ",".join(str(_whole(f"network:{each}")) for each in DIGITS)
        editor.numbers(state, lambda codec: codec.of(f"{DIGIT}:{part}"))

    rows, columns = (1, 1, *state.scene.array_codecs[editor.letter].shape)[-2:]
    middle = {"top": max(0, SIDE - rows) // 2, "left": max(0, SIDE - columns) // 2}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for each, high in DIGITS.items():
            label = say(f"network.digit.{each}")
            st.session_state.setdefault(f"network:{each}", middle.get(each, 0))
            st.number_input(label, 0, high, key=f"network:{each}", width=NARROW)
    _use(editor, cut)


def _image(state: State, editor: Editor) -> None:
    def read(content: bytes) -> None:
        editor.numbers(state, lambda codec: codec.flat(from_image(content, codec.shape)))

    _upload(editor, "image", say("network.image.file"), ["png", "jpg", "jpeg"], read)


def _weights(state: State, editor: Editor) -> None:
    label = say("network.weights.file", names=listed(state.scene.letters[:-1]))
    _upload(editor, "weights", label, ["npz"], partial(editor.weights, state))


SOURCES: Final[Mapping[str, Callable[[State, Editor], None]]] = {
    "random": _random,
    "pasted": _pasted,
    "digit": _digit,
    "image": _image,
    "weights": _weights,
}
"""The sources of numbers, each with the function that draws its fields."""


def _whole(key: str) -> int:
    """The number in a field; 0 if it is empty."""
    return int(in_session(key) or 0)


def _upload(
    editor: Editor, name: str, label: str, kinds: list[str], act: Callable[[bytes], None]
) -> None:
    """Draw a field for a file, and its outcome. At most one byte above FILE_MOST is read."""
    key = f"network:{name}"

    def read() -> None:
        if (file := in_session(key)) is not None:  # otherwise the file was removed
            act(bytes(file.read(FILE_MOST + 1)))

    st.file_uploader(label, kinds, key=key, on_change=read, width=WIDE)
    _sentence(editor.outcome)


# --- a file


def _file(state: State, editor: Editor) -> None:
    st.download_button(
        say("network.save"),
        as_file(state.scene),
        f"{KEY}.json",
        "application/json",
        key="network:save",
        on_click="ignore",
    )
    _upload(editor, "open", say("network.open"), ["json"], partial(editor.opened, state))


_TABS: Final[Mapping[str, Callable[[State, Editor], None]]] = {
    "layers": _layers,
    "paste": _paste,
    "numbers": _numbers,
    "file": _file,
}

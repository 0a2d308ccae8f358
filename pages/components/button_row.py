"""Buttons side by side, as one message: a stock button each would be a third of a page's messages.

Like the stock buttons they look, and in a toolbar they take their places in its row, wherever that
breaks. One that cannot be pressed stays in reach of the Tab key, and says why.
"""

from collections.abc import Callable, Mapping

from pages.components.component import component, said_by

_mount = component("button_row")


def button_row(
    key: str, buttons: Mapping[str, str | None], on_press: Callable[[str], object]
) -> None:
    """Shows the buttons by their labels, each with None or with why it cannot be pressed.

    on_press is called with the label of the one that was pressed, before the page runs.
    """

    def pressed() -> None:
        label = said_by(key, "pressed")
        if isinstance(label, str) and buttons.get(label, "unknown") is None:
            on_press(label)

    _mount(key, {"buttons": [*buttons.items()]}, on_pressed_change=pressed)

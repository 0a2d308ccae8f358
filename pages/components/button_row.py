"""Buttons side by side in one component; stock buttons would be a third of a page's messages.

They look like stock buttons, and in a toolbar they wrap with its row. A disabled button can still
be reached with the Tab key, and says why it is disabled.
"""

from collections.abc import Callable, Mapping

from pages.components.component import component, said_by

_mount = component("button_row")


def button_row(
    key: str, buttons: Mapping[str, str | None], on_press: Callable[[str], object]
) -> None:
    """Show buttons. buttons: by label, None or the reason why the button is disabled.

    on_press: called with the label of the button that was pressed, before the page runs.
    """

    def pressed() -> None:
        label = said_by(key, "pressed")
        if isinstance(label, str) and buttons.get(label, "unknown") is None:
            on_press(label)

    _mount(key, {"buttons": [*buttons.items()]}, on_pressed_change=pressed)

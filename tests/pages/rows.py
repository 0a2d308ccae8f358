"""The snap buttons of a page that runs without a browser, and thus without their component."""

from collections.abc import Callable, Mapping


class Row:
    """What the last run showed: each label with why it cannot be pressed, and how to press it."""

    def __init__(self) -> None:
        self.buttons: Mapping[str, str | None] = {}
        self.press: Callable[[str], object] = lambda label: None

    def show(
        self, _key: str, buttons: Mapping[str, str | None], on_press: Callable[[str], object]
    ) -> None:
        """Stands in for the component."""
        self.buttons, self.press = buttons, on_press

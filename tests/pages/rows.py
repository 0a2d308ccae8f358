"""A stand-in for the component of snap buttons, for pages that run without a browser."""

from collections.abc import Callable, Mapping


class Row:
    """The buttons of the last run: each label with its reason not to be pressed; and `press`."""

    def __init__(self) -> None:
        self.buttons: Mapping[str, str | None] = {}
        self.press: Callable[[str], object] = lambda label: None

    def show(
        self, _key: str, buttons: Mapping[str, str | None], on_press: Callable[[str], object]
    ) -> None:
        """Keep the buttons, in place of the component that shows them."""
        self.buttons, self.press = buttons, on_press

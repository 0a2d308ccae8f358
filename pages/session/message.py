"""The message that the browser sends for a live figure."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Final, TypeVar

LONGEST: Final = 2000
"""The longest text in a message, in characters: an address fits."""
REMEMBERED: Final = 100
"""How many changes can be undone, and so the most that a message reports; also in mail.js."""

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Message:
    """A message from the browser, checked for its form only; its readers check the values."""

    serial: str
    _: KW_ONLY
    news: str = ""
    """The serial of the message that first reported what happens only once: a click, a button, a
    request, letting go of a slider. It is repeated until an answer comes."""
    address: Mapping[str, Any] = field(default_factory=dict)
    """The last settled state, if the server has lost its session."""
    values: Mapping[str, Any] = field(default_factory=dict)  # what was moved, by slider name
    step: Any = None
    entry: Any = None
    clicked: bool = False  # whether the entry was clicked just now
    theme: Any = None
    ask: str = ""  # the slider whose sweep is wanted
    preset: str = ""  # the preset to go to
    act: str = ""  # what a button beside the picture asks for
    argument: str = ""  # what was typed there
    wants: Mapping[str, str] = field(default_factory=dict)  # further requests, with an argument
    settled: bool = True  # whether nothing is moving
    narrow: bool = False  # whether the window is as narrow as a phone's
    version: int | None = None  # of the scene that values were moved from: see `PageState`
    rested: Sequence[Mapping[str, Any]] = ()
    """The values each time the user let go of a slider since the last message."""

    def without_news(self) -> "Message":
        """Return it without what happens only once."""
        return replace(self, clicked=False, preset="", act="", argument="", rested=())

    @classmethod
    def read(cls, raw: object) -> "Message | None":
        """Return the message, or None if this is not one."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("serial"), str):
            return None

        def of(kind: type[Kind], name: str) -> Kind:
            """What was sent under a name if it is of this type, otherwise an empty value of it."""
            sent = raw.get(name)
            return sent if isinstance(sent, kind) else kind()

        return cls(
            raw["serial"],
            news=of(str, "news"),
            address=of(dict, "address"),
            values=of(dict, "values"),
            step=raw.get("step"),
            entry=raw.get("entry"),
            clicked=raw.get("clicked") is True,
            theme=raw.get("theme"),
            ask=of(str, "ask"),
            preset=of(str, "preset"),
            act=of(str, "act"),
            argument=of(str, "argument")[:LONGEST],
            wants={k: text for k, text in of(dict, "wants").items() if _short(k) and _short(text)},
            settled=raw.get("settled") is not False,
            narrow=raw.get("narrow") is True,
            version=raw["version"] if type(raw.get("version")) is int else None,
            rested=[each for each in of(list, "rested")[-REMEMBERED:] if isinstance(each, dict)],
        )


def _short(raw: object) -> bool:
    return isinstance(raw, str) and len(raw) <= LONGEST

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
    """A message from the browser, checked for its form only; its readers check the values.

    serial: identifies this message. news: the serial of the message that first reported what
    happens only once (a click, a button, a request, letting go of a slider); it is repeated until
    an answer comes. address: the last settled state, if the server has lost its session. values:
    what was moved, by slider name. rested: the values each time the user let go of a slider since
    the last message, the latest of them. clicked: whether the entry was clicked just now. ask: the
    slider whose sweep is wanted. preset: the preset to go to. act: what a button beside the picture
    asks for; argument: what was typed there. wants: further requests, each with an argument.
    settled: whether nothing is moving. narrow: whether the window is as narrow as a phone's.
    version: of the scene that the values were moved from, see `PageState`; None if unknown.
    """

    serial: str
    _: KW_ONLY
    news: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    step: Any = None
    entry: Any = None
    clicked: bool = False
    theme: Any = None
    ask: str = ""
    preset: str = ""
    act: str = ""
    argument: str = ""
    wants: Mapping[str, str] = field(default_factory=dict)
    settled: bool = True
    narrow: bool = False
    version: int | None = None
    rested: Sequence[Mapping[str, Any]] = ()

    def but_for_its_news(self) -> "Message":
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

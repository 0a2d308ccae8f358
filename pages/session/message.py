"""What the browser has to say to a live figure."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Final, TypeVar

LONGEST: Final = 2000
"""Signs of what is asked for: an address fits."""
REMEMBERED: Final = 100
"""So many changes can be undone: no message has to say more of them. mail.js has it too."""

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Message:
    """What the browser has to say, checked for its form only: whoever reads it checks the values.

    serial: of this message; news: of the one that said first what happens but once, which is said
    again where no answer comes: what was chosen, pressed, asked for or let go of.
    address: the last settled state, where the server has forgotten it. values: by slider name.
    rested: likewise, where the hand has let go since the last message, to move something else: the
    last of them.
    clicked: the entry was chosen just now. ask: the slider whose sweep is wanted. preset: the one
    that is to be shown from now on. act: what a button beside the picture asks for, and argument
    what was typed there. wants: what else is asked for, with an argument each. settled:
    nothing is moving. narrow: the window is a phone's. version: of the scene that the
    values were moved from, see `PageState`; None where it is not known.
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
        """What is true as often as it is said."""
        return replace(self, clicked=False, preset="", act="", argument="", rested=())

    @classmethod
    def read(cls, raw: object) -> "Message | None":
        """The message, or None where it is none."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("serial"), str):
            return None
        wants, rested = _of(dict, raw.get("wants")), _of(list, raw.get("rested"))
        return cls(
            raw["serial"],
            news=_of(str, raw.get("news")),
            address=_of(dict, raw.get("address")),
            values=_of(dict, raw.get("values")),
            step=raw.get("step"),
            entry=raw.get("entry"),
            clicked=raw.get("clicked") is True,
            theme=raw.get("theme"),
            ask=_of(str, raw.get("ask")),
            preset=_of(str, raw.get("preset")),
            act=_of(str, raw.get("act")),
            argument=_of(str, raw.get("argument"))[:LONGEST],
            wants={name: text for name, text in wants.items() if _short(name) and _short(text)},
            settled=raw.get("settled") is not False,
            narrow=raw.get("narrow") is True,
            version=raw["version"] if type(raw.get("version")) is int else None,
            rested=[each for each in rested[-REMEMBERED:] if isinstance(each, dict)],
        )


def _of(kind: type[Kind], raw: object) -> Kind:
    """What the browser says, if it is of this kind; else nothing of it."""
    return raw if isinstance(raw, kind) else kind()


def _short(raw: object) -> bool:
    return isinstance(raw, str) and len(raw) <= LONGEST

"""The one frozen state of a picture: to and from an address, a preset, the browser's message.

A page's scene is a frozen dataclass. Each of its fields carries a codec that reads and writes
that one value; the codecs are all there is to know about the address, in both directions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.parse import quote, urlencode

from pages.state.codecs import Codec, Number, Whole

STEP: Final = "step"
"""The name of the step-through, which is swept like a slider."""
PRESET: Final = "preset"
"""The key of an address for a state by name; all other keys change that state."""


@dataclass(frozen=True)
class Scene:
    """What every page's scene can do.

    looks: fields that say how it is looked at: with others of these it is the same case.
    """

    looks: ClassVar[tuple[str, ...]] = ("rule", STEP, "entry")

    if TYPE_CHECKING:  # fields of every scene with a picture, in its own order

        @property
        def entry(self) -> str:
            """The entry that is explained; "" for none."""

        @property
        def rule(self) -> str:
            """The rule at ties and kinks."""

    def codecs(self) -> dict[str, Codec]:
        """The fields' names, which are the address's keys, and their codecs."""
        own: Any = type(self)  # in mypy's eyes a dataclass has the hash of its instances
        return _codecs(own)

    def keys(self) -> set[str]:
        """Every key that an address of this page may have."""
        return {*self.codecs()}

    def query(self) -> dict[str, str]:
        """The whole state as an address has it, the defaults too."""
        return {name: codec.write(getattr(self, name)) for name, codec in self.codecs().items()}

    def address(self) -> tuple[dict[str, str], list[str]]:
        """What an address has of the state, and a sentence where that is not all."""
        return self.query(), []

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """This scene with what the address says, and a sentence for each value that was not taken.

        Unknown keys are ignored; a value that cannot be read leaves what is there.
        """
        read, problems = {}, []
        for name, codec in self.codecs().items():
            read[name], unreadable = taken(name, codec, query, getattr(self, name))
            problems += unreadable
        scene, refusals = replace(self, **read).possible()
        return scene, problems + refusals

    def having(self, name: str, value: Any) -> Self:
        """This scene with another value of one field."""
        return replace(self, **{name: value})

    def is_but_for(self, names: Iterable[str], other: "Scene") -> bool:
        """Whether this scene is another one but for these of its fields."""
        alike, shared = self, self.codecs().keys() & other.codecs().keys()
        for name in shared.intersection(names):
            alike = alike.having(name, getattr(other, name))
        return alike == other

    def possible(self) -> tuple[Self, list[str]]:
        """The scene itself, or where its values do not go together the nearest that do.

        With a sentence for each value that gave way. Most scenes are possible as they are.
        """
        return self, []

    def into(self, case: Self) -> Self:
        """A case to which somebody goes from here, with what it leaves as it is.

        Most cases say all of it.
        """
        return case

    def chosen(self, entry: str) -> Self:
        """This scene after somebody chose an entry on the picture: it is the one explained."""
        return self.updated({"entry": entry})[0]

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """What can be moved: 'x1' -> ('x', 0), 'w' -> ('w', None), 'step' -> ('step', None).

        Here what is a single number; a scene with several under a name says so.
        """
        return {
            name: (name, None)
            for name, codec in self.codecs().items()
            if isinstance(codec, Number | Whole)
        }

    def settings(self) -> list[Any]:
        """All of it but the numbers that are moved, the step, and the entry that is explained."""
        moved = {name for name, _ in self.entry_names().values()}
        return [
            getattr(self, name)
            for name, codec in self.codecs().items()
            if name not in (STEP, "entry") and (name not in moved or isinstance(codec, Whole))
        ]

    def texts(self) -> frozenset[str]:
        """The fields that the browser itself makes, as an address has them: a drawing."""
        return frozenset()

    def codec_of(self, entry: str) -> Any:
        """What reads the entry with this slider's name. Raises KeyError for another name."""
        codec = self.codecs()[self.entry_names()[entry][0]]
        return getattr(codec, "each", codec)

    def value(self, entry: str) -> float:
        """The value of the entry with this slider's name. Raises KeyError for another name."""
        name, index = self.entry_names()[entry]
        whole = getattr(self, name)
        return float(whole if index is None else whole[index])

    def moved(self, entry: str, value: float) -> Self:
        """This scene with one entry moved. Raises KeyError for another name."""
        name, index = self.entry_names()[entry]
        whole = getattr(self, name)
        if index is None:
            return replace(self, **{name: type(whole)(value)})
        return replace(self, **{name: (*whole[:index], value, *whole[index + 1 :])})


@lru_cache(maxsize=64)
def _codecs(kind: type[Scene]) -> dict[str, Codec]:
    return {each.name: each.metadata["codec"] for each in fields(kind)}


@dataclass(frozen=True)
class SceneAround(Scene):
    """A scene around that of another page: what is looked at, and moved, is `inner`."""

    inner: Scene

    @property
    def entry(self) -> str:
        """The entry that is explained there; "" for none."""
        return self.inner.entry

    @property
    def rule(self) -> str:
        """The rule at ties and kinks there."""
        return self.inner.rule

    def having(self, name: str, value: Any) -> Self:
        """With another value of one field there."""
        return replace(self, inner=self.inner.having(name, value))

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """What can be moved there."""
        return self.inner.entry_names()

    def texts(self) -> frozenset[str]:
        """What can be drawn there."""
        return self.inner.texts()

    def value(self, entry: str) -> float:
        """What it is there."""
        return self.inner.value(entry)

    def moved(self, entry: str, value: float) -> Self:
        """With one entry moved there."""
        return replace(self, inner=self.inner.moved(entry, value))


def escaped(query: Mapping[str, str]) -> str:
    """As an address has it, readable; browser/page.js writes the same."""
    return urlencode(query, quote_via=quote, safe="(),:;=")


def taken(name: str, codec: Codec, query: Mapping[str, str], now: Any) -> tuple[Any, list[str]]:
    """What an address says of one value; else what it is now, with a sentence if it is no good."""
    try:
        return (codec.read(query[name]) if name in query else now), []
    except ValueError:
        return now, [unread(name, query[name], codec.needs, codec.write(now) or "nothing")]


def unread(name: str, text: str, needs: str, instead: str) -> str:
    """The sentence about a value of an address that could not be taken."""
    return (
        f"The address asked for {name} = {_quoted(text)}, but {name} needs {needs}: "
        f"it is {instead} instead."
    )


def _quoted(text: str) -> str:
    return f"“{text[:24]}…”" if len(text) > 24 else f"“{text}”"

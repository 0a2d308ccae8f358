"""A scene: the whole state of a picture, read from and written to an address.

A page's scene is a frozen dataclass. Each of its fields carries a codec that reads and writes that
one value; the codecs alone define the address, in both directions. A preset is a scene with a
name, and the browser's messages change one value at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar
from urllib.parse import quote, urlencode

from pages.state.codecs import Codec, Number, Whole

STEP: Final = "step"  # the name of the step in the step-through, which can be swept like a slider
PRESET: Final = "preset"
"""The key of an address that names a preset; all other keys change that preset."""


@dataclass(frozen=True)
class Scene:
    """The base class of every page's scene."""

    looks: ClassVar[tuple[str, ...]] = ("rule", STEP, "entry")
    """The fields that say how the scene is looked at. Scenes that differ only in these are the same
    case."""

    if TYPE_CHECKING:  # fields of every scene with a picture, in its own order

        @property
        def entry(self) -> str:
            """The entry that is explained; "" for none."""

        @property
        def rule(self) -> str:
            """The rule at ties and kinks."""

    def codecs(self) -> dict[str, Codec]:
        """Return the codecs by field name, which is also the key in an address."""
        own: Any = type(self)  # in mypy's eyes a dataclass has the hash of its instances
        return _codecs(own)

    def keys(self) -> set[str]:
        """Return every key that an address of this page may have."""
        return {*self.codecs()}

    def query(self) -> dict[str, str]:
        """Return the whole state as the parameters of an address, defaults included."""
        return {name: codec.write(getattr(self, name)) for name, codec in self.codecs().items()}

    def address(self) -> tuple[dict[str, str], list[str]]:
        """Return the parameters of the scene's address, and sentences about what they leave out."""
        return self.query(), []

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Return this scene with an address's values, and a sentence for each that was refused.

        Unknown keys are ignored; a value that cannot be read leaves the present one.
        """
        read, problems = {}, []
        for name, codec in self.codecs().items():
            read[name], unreadable = taken(name, codec, query, getattr(self, name))
            problems += unreadable
        scene, refusals = replace(self, **read).possible()
        return scene, problems + refusals

    def having(self, name: str, value: Any) -> Self:
        """Return this scene with another value of one field."""
        return replace(self, **{name: value})

    def is_but_for(self, names: Iterable[str], other: "Scene") -> bool:
        """Whether this scene equals another one except in these fields."""
        alike, shared = self, self.codecs().keys() & other.codecs().keys()
        for name in shared.intersection(names):
            alike = alike.having(name, getattr(other, name))
        return alike == other

    def possible(self) -> tuple[Self, list[str]]:
        """Return this scene; if its values do not go together, the nearest scene whose values do.

        With a sentence for each value that was changed. Most scenes are possible as they are.
        """
        return self, []

    def into(self, case: Self) -> Self:
        """Return a case as reached from this scene: what the case leaves open stays as it is here.

        Most cases leave nothing open.
        """
        return case

    def under(self, rule: str) -> Self:
        """Return this scene under another rule at ties and kinks, if it can have that."""
        return self.updated({"rule": rule})[0]

    def chosen(self, entry: str) -> Self:
        """Return this scene after a click on an entry of the picture: that entry is explained."""
        return self.updated({"entry": entry})[0]

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """Return what can be moved: 'x1' -> ('x', 0), 'w' -> ('w', None), 'step' -> ('step', None).

        Here these are the single numbers; a scene with arrays overrides this.
        """
        return {
            name: (name, None)
            for name, codec in self.codecs().items()
            if isinstance(codec, Number | Whole)
        }

    def settings(self) -> list[Any]:
        """Return all values but step, entry, and the numbers that sliders move, unless whole."""
        moved = {name for name, _ in self.entry_names().values()}
        return [
            getattr(self, name)
            for name, codec in self.codecs().items()
            if name not in (STEP, "entry") and (name not in moved or isinstance(codec, Whole))
        ]

    def texts(self) -> frozenset[str]:
        """Return the fields whose text the browser itself writes: drawings."""
        return frozenset()

    def codec_of(self, entry: str) -> Any:
        """Return the codec of the entry with this name. Raises KeyError if there is none."""
        codec = self.codecs()[self.entry_names()[entry][0]]
        return getattr(codec, "each", codec)

    def value(self, entry: str) -> float:
        """Return the value of the entry with this name. Raises KeyError if there is none."""
        name, index = self.entry_names()[entry]
        whole = getattr(self, name)
        return float(whole if index is None else whole[index])

    def moved(self, entry: str, value: float) -> Self:
        """Return this scene with one entry moved. Raises KeyError if there is no such entry."""
        name, index = self.entry_names()[entry]
        whole = getattr(self, name)
        if index is None:
            return replace(self, **{name: type(whole)(value)})
        return replace(self, **{name: (*whole[:index], value, *whole[index + 1 :])})


SceneType = TypeVar("SceneType", bound=Scene)


@lru_cache(maxsize=64)
def _codecs(kind: type[Scene]) -> dict[str, Codec]:
    return {each.name: each.metadata["codec"] for each in fields(kind)}


@dataclass(frozen=True)
class SceneAround(Scene):
    """A scene that wraps another page's: the user looks at `inner` and moves its entries."""

    inner: Scene

    @property
    def entry(self) -> str:
        """The entry that is explained in the inner scene; "" for none."""
        return self.inner.entry

    @property
    def rule(self) -> str:
        """The inner scene's rule at ties and kinks."""
        return self.inner.rule

    def having(self, name: str, value: Any) -> Self:
        """Return this scene with another value of one field of the inner one."""
        return replace(self, inner=self.inner.having(name, value))

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """Return what can be moved in the inner scene."""
        return self.inner.entry_names()

    def texts(self) -> frozenset[str]:
        """Return the inner scene's drawings."""
        return self.inner.texts()

    def value(self, entry: str) -> float:
        """Return the value of an entry of the inner scene."""
        return self.inner.value(entry)

    def moved(self, entry: str, value: float) -> Self:
        """Return this scene with one entry of the inner one moved."""
        return replace(self, inner=self.inner.moved(entry, value))


def escaped(query: Mapping[str, str]) -> str:
    """Return a query as readable text of an address, as browser/page.js does but for ! ' and *."""
    return urlencode(query, quote_via=quote, safe="(),:;=")


def taken(name: str, codec: Codec, query: Mapping[str, str], now: Any) -> tuple[Any, list[str]]:
    """Return an address's value; the present one if it says none, or with a sentence if unread."""
    try:
        return (codec.read(query[name]) if name in query else now), []
    except ValueError:
        return now, [unread(name, query[name], codec.needs, codec.write(now) or "nothing")]


def unread(name: str, text: str, needs: str, instead: str) -> str:
    """Return the sentence about a value of an address that could not be used."""
    return (
        f"The address asked for {name} = {_quoted(text)}, but {name} needs {needs}: "
        f"it is {instead} instead."
    )


def _quoted(text: str) -> str:
    return f"“{text[:24]}…”" if len(text) > 24 else f"“{text}”"

"""Read the user's own numbers: pasted text, an MNIST digit, an image file, a file of weights.

The arrays have the shape that is needed; anything else is refused with a sentence that says why.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from math import isfinite, isqrt, prod
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
from PIL import Image, ImageOps

from engine.arrays import Array, Extent
from engine.mnist import SIDE
from pages.language.catalogue import listed, say
from pages.stack.stack import StackError, refuse
from pages.state.digits import IMAGES, LEVELS, digit

LARGEST: Final = 1e6  # the largest absolute value of an entry
TEXT_MOST: Final = 100_000
FILE_MOST: Final = 5_000_000  # the most bytes of a file, packed or unpacked
PIXELS_MOST: Final = 20_000_000
NESTED_MOST: Final = 8

_SIGNS: Final = re.compile(r"[\[\],]|[^\s\[\],]+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_SCALAR: Final = re.compile(r"np\.(?:float|u?int)\d+\(([^()\[\]]*)\)")
"""np.float64(1.5), as numpy prints numbers in lists."""
_SETTING: Final = re.compile(r",\s*\w+=[^,()]+(?=[,)])")
"""A keyword argument behind numbers without brackets: tensor(1.5, requires_grad=True)."""
_MADE: Final = r"(\w+\.)*(array|asarray|constant|tensor|\w*Tensor|Array|Parameter)"
_BEFORE: Final = re.compile(
    rf"([\w.]+( ?[=:] ?| ))?(Parameter containing: ?)?({_MADE}\( ?)*({_MADE})? ?\(*"
)
"""What may stand before the numbers: x = np.array(, self.w = nn.Parameter(torch.tensor(, dx:."""
_CHANGED: Final = re.compile(
    r"[\s)]*-|[^#]*?([*/@+]|\.T\b"
    r"|\.(?!(astype|clone|copy|cpu|detach|double|float|numpy|reshape|to|tolist|view)\b)\w+\()"
)
"""Text behind numbers that changes them, so that they are refused: / 255, .T, .flip(0)."""
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
FIRST: Final = 3  # the count of numbers that are quoted as an example
SHOWN: Final = 24
"""Of more numbers than this, only the first and the last are shown; of more names the first."""


def read_numbers(text: str, shape: Extent) -> Array:
    """Read a Python list, or an array as numpy or PyTorch prints it. Raises StackError.

    The text may omit axes of length 1, or all brackets.
    """
    if len(text) > TEXT_MOST:
        refuse("values.length", length=f"{len(text):,}", most=f"{TEXT_MOST:,}")
    try:
        return _read(text, shape)
    except StackError as problem:
        try:  # decimal commas: 0,5; -1,5
            meant = _read(_DECIMAL_COMMA.sub(".", text).replace(";", ","), shape)
        except StackError:
            raise problem from None
        refuse("values.comma", example=", ".join(map("{:g}".format, meant.flat[:FIRST])))


def as_list(array: Array) -> str:
    """Write an array as `read_numbers` reads it, without axes of length 1; shorten a long one."""
    return np.array2string(
        np.atleast_1d(np.squeeze(array)),
        separator=", ",
        threshold=SHOWN,
        formatter={"float_kind": "{:g}".format},
    )


def _read(text: str, shape: Extent) -> Array:
    text = pasted = _SCALAR.sub(r"\1", text.replace("\N{MINUS SIGN}", "-").strip())
    if "[" not in text:  # nothing else says where the numbers end
        text = _SETTING.sub("", text)
    opening, closing = "[]" if "[" in text else "()"
    start, end = text.find(opening), text.rfind(closing)
    if start < 0:
        return shaped(_nested(f"[{text}]"), shape, flat=True)
    if not _BEFORE.fullmatch(re.sub(r"\s+", " ", text[:start])):
        refuse("values.number", found=pasted[:20])
    if _CHANGED.match(behind := text[end + 1 :]):
        refuse("values.number", found=behind.lstrip(") ")[:20])
    return shaped(_nested(text[start : end + 1]), shape)


def shaped(values: Any, shape: Extent, *, flat: bool = False) -> Array:
    """Return nested lists as an array of this shape. Raises StackError if they do not fit.

    flat: whether a list of all entries without inner lists is allowed too.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except ValueError:
        refuse("values.ragged", shape=shape)
    if array.size and not (np.abs(array) <= LARGEST).all():
        refuse("values.large", most=f"{LARGEST:,.0f}")
    alike = [each for each in array.shape if each > 1] == [each for each in shape if each > 1]
    if array.size != prod(shape) or not (alike or flat):
        refuse("values.shape", needed=shape, came=array.shape)
    return np.asarray(array.reshape(shape) + 0.0)


def _nested(text: str) -> list[Any]:
    """Parse the nested lists of a text that begins with a bracket; tuples become lists."""
    whole: list[Any] = []
    open_lists = [whole]
    before = ""
    for found in _SIGNS.finditer(text.replace("(", "[").replace(")", "]")):
        sign = found.group()
        if sign == "," and before in ("[", ","):
            refuse("values.number", found=before + sign)
        before = sign
        if sign == "[":
            if len(open_lists) > NESTED_MOST:
                refuse("values.nested", most=NESTED_MOST)
            if len(open_lists) == 1 and whole:
                refuse("values.several")
            inner: list[Any] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif sign == "]":
            if len(open_lists) == 1:
                refuse("values.brackets")
            open_lists.pop()
        elif sign != ",":
            if sign in ("...", "…"):
                refuse("values.left_out")
            if not _NUMBER.fullmatch(sign) or not isfinite(number := float(sign)):
                refuse("values.number", found=sign[:20])
            open_lists[-1].append(number)
    if len(open_lists) > 1 or len(whole) != 1 or not isinstance(whole[0], list):
        refuse("values.brackets")
    return whole[0]


def from_digit(number: int, top: int, left: int, shape: Extent) -> Array:
    """Return a part of an MNIST test image, in quarters from 0 (paper) to 1 (ink), per channel.

    Raises StackError if the part is not within the image.
    """
    rows, columns = _space(shape)
    if not 0 <= number < IMAGES:
        refuse("values.digit", most=f"{IMAGES - 1:,}")
    if not (0 <= top <= SIDE - rows and 0 <= left <= SIDE - columns):
        refuse("values.crop", rows=rows, columns=columns, top=top, left=left, side=SIDE)
    return _everywhere(digit(number)[top : top + rows, left : left + columns], shape)


def from_image(content: bytes, shape: Extent) -> Array:
    """Return a PNG or JPEG in grey, scaled, in quarters from 0 (black) to 1 (white), per channel.

    Raises StackError for another file, or one that is too large.
    """
    check_bytes(len(content))
    rows, columns = _space(shape)
    with (
        _undamaged("values.image"),
        Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture,
    ):
        wide, high = picture.size  # the pixels are not unpacked yet
        if wide * high > PIXELS_MOST:
            refuse("values.pixels", wide=wide, high=high, most=f"{PIXELS_MOST:,}")
        grey = _as_seen(picture).resize((columns, rows), Image.Resampling.BOX)
    return _everywhere(np.round(np.asarray(grey) * (LEVELS / 255)) / LEVELS, shape)


def _as_seen(picture: Image.Image) -> Image.Image:
    """Return a picture in grey, upright as it was taken, on white where it is transparent."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "I;16":  # which convert would clip to 255
        return Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    if upright.has_transparency_data:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    return upright.convert("L")


def check_bytes(count: int) -> None:
    """Raise StackError for a file that is too large."""
    if count > FILE_MOST:
        refuse("values.file", most=f"{FILE_MOST:,}")


@contextmanager
def _undamaged(key: str) -> Iterator[None]:
    """Refuse with this text a file that cannot be read; an earlier StackError passes unchanged."""
    try:
        yield
    except StackError:
        raise
    except Exception as error:
        # Readers raise many kinds of exceptions for damaged files.
        raise StackError(say(key)) from error


def _space(shape: Extent) -> tuple[int, int]:
    """Return the rows and columns of a picture in this shape; a long row of n² entries is n × n."""
    rows, columns = (1, 1, *shape)[-2:]
    side = isqrt(columns)
    if rows == 1 and columns > SIDE and side * side == columns:
        return side, side
    return rows, columns


def _everywhere(picture: Array, shape: Extent) -> Array:
    """Repeat a picture for each channel and each example of a shape."""
    copies = prod(shape) // picture.size
    return np.asarray(np.tile(picture.ravel(), copies).reshape(shape))


def from_weights(content: bytes, shapes: Mapping[str, Extent]) -> dict[str, Array]:
    """Return the arrays with these names in an .npz file, as `python -m engine.train` writes it.

    Raises StackError if there is none, or if one has another shape or contains no numbers.
    """
    found: dict[str, Array] = {}
    check_bytes(len(content))
    with _undamaged("values.npz"), ZipFile(BytesIO(content)) as file:
        entries = {each.filename.removesuffix(".npy"): each for each in file.infolist()}
        check_bytes(sum(each.file_size for each in entries.values()))
        for name in shapes.keys() & entries.keys():
            with file.open(entries[name]) as stream:
                found[name] = _array(name, stream, shapes[name])
    if not found:
        refuse("values.names", needed=listed(shapes), came=listed(entries, SHOWN) or "–")
    return {name: found[name] for name in shapes if name in found}


def _array(name: str, stream: Any, shape: Extent) -> Array:
    """Read one array: first its header, so that nothing is allocated unless this is right."""
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0}.get(
        version, np.lib.format.read_array_header_2_0
    )
    came, columns_first, dtype = read(stream)
    if came != shape:
        refuse("values.array", name=name, needed=shape, came=came)
    if dtype.kind not in "fiu":
        refuse("values.array.numbers", name=name)
    packed = stream.read(prod(shape) * dtype.itemsize)
    if len(packed) < prod(shape) * dtype.itemsize:
        refuse("values.npz")
    # In float64 no bound overflows; + 0.0: no negative zero.
    numbers = np.frombuffer(packed, dtype).astype(np.float64) + 0.0
    if not (np.abs(numbers) <= LARGEST).all():
        refuse("values.large", most=f"{LARGEST:,.0f}")
    return numbers.reshape(shape, order="F" if columns_first else "C")

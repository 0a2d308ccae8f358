"""Pictures one after the other as one gif: the same bytes for the same pictures."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from PIL import Image

COLOURS: Final = 255
"""One of the 256 is kept for what is transparent."""
OPAQUE: Final = 128
"""From this alpha on a pixel is seen: a gif knows no half-transparent ones."""


def gif(pictures: Sequence[bytes], milliseconds: Sequence[int]) -> bytes:
    """PNGs of one size, each shown for so long, again and again; one alone stands still."""
    frames = [Image.open(BytesIO(each)).convert("RGBA") for each in pictures]
    palette = _palette(frames)
    indexed = [_indexed(frame, palette) for frame in frames]
    file = BytesIO()
    moving = {"duration": list(milliseconds), "loop": 0} if len(indexed) > 1 else {}
    clear = any(min(frame.getchannel("A").tobytes()) < OPAQUE for frame in frames)
    indexed[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        optimize=False,
        **({"transparency": COLOURS, "disposal": 2} if clear else {"disposal": 1}),
        **moving,
    )
    return file.getvalue()


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """The colours that most pixels have, as they are, and the same for all frames.

    So flat colours stay exact, and what stays the same from frame to frame does not flicker.
    """
    counted: Counter[Any] = Counter()
    for frame in frames:
        rgb = frame.convert("RGB")
        counted.update({colour: n for n, colour in rgb.getcolors(rgb.width * rgb.height) or ()})
    kept = sorted(counted, key=lambda colour: (-counted[colour], colour))[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in kept for part in colour])
    return palette


def _indexed(frame: Image.Image, palette: Image.Image) -> Image.Image:
    indexed = frame.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    hidden = frame.getchannel("A").point(lambda alpha: 255 if alpha < OPAQUE else 0)
    indexed.paste(COLOURS, mask=hidden)
    return indexed

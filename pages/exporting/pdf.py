"""What is changed in a PDF that the browser made: no dates, and a page of the exact size."""

import re
from typing import Final

POINTS: Final = 72 / 96
"""Of a pixel."""

_DATE: Final = re.compile(rb"/(?:CreationDate|ModDate) ?\(D:[^)]*\)")
_PAGE: Final = re.compile(
    rb"\n((\d+) 0 obj\n<<(?:(?!endobj).)*?/MediaBox \[)([^\]]*)(\].*?endobj\n)", re.DOTALL
)
_END: Final = re.compile(rb"trailer\n<<(/Size .*?)>>\nstartxref\n(\d+)\n%%EOF\s*$", re.DOTALL)


def without_dates(pdf: bytes) -> bytes:
    """The PDF without the time at which it was made; spaces instead, since it counts its bytes."""
    return _DATE.sub(lambda found: b" " * len(found[0]), pdf)


def with_page(pdf: bytes, size: tuple[int, int]) -> bytes:
    """The PDF with a page of this size in pixels, the picture being at its upper left corner.

    The browser makes a page up to a point larger than it was asked for. A file's end may take the
    place of what is before it: the page is written once more, with its own box.
    """
    page, end = _PAGE.search(pdf), _END.search(pdf)
    if not page or not end:
        raise ValueError("the browser's PDF is not written as expected")
    before, number, box, after = page.groups()
    top = float(box.split()[3])
    width, height = size[0] * POINTS, size[1] * POINTS
    exact = f"0 {top - height:g} {width:g} {top:g}".encode()
    if exact == box:
        return pdf
    again = before + exact + after
    table = len(pdf) + len(again)
    numbered, start = number.decode(), len(pdf)
    entry = f"xref\n{numbered} 1\n{start:010d} 00000 n \n"
    known, previous = (part.decode("latin-1") for part in end.groups())
    trailer = f"trailer\n<<{known}\n/Prev {previous}>>\nstartxref\n{table}\n%%EOF\n"
    return pdf + again + (entry + trailer).encode("latin-1")

"""What holds of every arrangement, whatever it arranges."""

from itertools import combinations

from pages.figures.arrangement import Arrangement, Box


def assert_well_arranged(arrangement: Arrangement) -> None:
    """No cell lies on another, and all lie on the picture, which fits a projector."""
    assert arrangement.width <= 1600
    assert arrangement.height <= 700
    for left, top, width, height in arrangement.boxes.values():
        assert 0 <= left < left + width <= arrangement.width
        assert 0 <= top < top + height <= arrangement.height
    for (name, box), (other, other_box) in combinations(arrangement.boxes.items(), 2):
        assert apart(box, other_box), (name, other)
    for x, y in (*(each.at for each in arrangement.headings), *arrangement.counts.values()):
        assert 0 < x < arrangement.width
        assert 0 < y < arrangement.height


def apart(one: Box, other: Box) -> bool:
    """Whether two boxes share no point."""
    return any(
        low + extent < other_low or other_low + other_extent < low
        for low, extent, other_low, other_extent in (
            (one[0], one[2], other[0], other[2]),
            (one[1], one[3], other[1], other[3]),
        )
    )

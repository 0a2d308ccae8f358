"""What can be chosen on the picture of a network, and what can be drawn on."""

import base64

import numpy as np

from engine.mnist import SIDE
from pages.figures.heat_maps import Packed, colours, pack
from pages.figures.inside import StageMaps
from pages.figures.inside_layout import LARGE, X_GRADIENT, InsideLayout, X, bar_box
from pages.figures.theme import PALETTES, Theme
from pages.figures.words import REASONS, number, percent, signed
from pages.inside.passes import Look, plain_image
from pages.inside.reading import read_classes, stage_of
from pages.inside.scene import LookScene
from pages.inside.stages import stages
from pages.picture import Grid, Pad, Target, Tile


def targets(seen: Look) -> list[Target]:
    """The digits."""
    classes = read_classes(seen)
    found = []
    for digit in range(len(classes.probabilities)):
        place = seen.place(f"s{digit}")
        assert place is not None
        said = (
            f"s{digit} = {number(place.value)}, gradient {signed(place.grad)}, probability "
            f"{percent(float(classes.probabilities[digit]))}"
        )
        found.append(Target(f"s{digit}", said, bar_box(digit)))
    return found


def grids(
    seen: Look,
    layout: InsideLayout,
    maps: dict[str, StageMaps],
    enlarged: tuple[str, int],
) -> list[Grid]:
    """The image and the large map with their numbers; every tile, whose numbers would be many."""
    x = Grid("x", "image", SIDE, SIDE, X, **_numbers(maps["x"], 0))
    found = [x, Grid("x", "image, gradient", SIDE, SIDE, X_GRADIENT)]
    for stage in stages(seen.slug):
        if stage.letter == "x":
            continue
        for channel, prefix in enumerate(stage.prefixes()):
            box = layout.tiles[stage.letter][channel]
            said = prefix.removesuffix(",")
            found.append(Tile(prefix, said, stage.side, stage.side, box, group=stage.letter))
    letter, channel = enlarged
    stage = stage_of(seen, letter)
    prefix = stage.prefixes()[channel]
    said = f"{prefix.removesuffix(',')}, enlarged"
    numbers = _numbers(maps[letter], channel)
    return [*found, Grid(prefix, said, stage.side, stage.side, LARGE, **numbers)]


def _numbers(maps: StageMaps, channel: int) -> dict[str, Packed]:
    values = pack(np.asarray(maps.values[channel], np.float64))
    if maps.why is not None:
        words = tuple(REASONS.values())
        return {"values": values, "gradients": pack(maps.why[channel].astype(np.float64), words)}
    gradients = np.asarray(maps.gradients[channel], np.float64)
    return {"values": values, "gradients": pack(gradients)}


def pad(scene: LookScene, theme: Theme) -> Pad:
    """The image."""
    grey = np.round(plain_image(scene.image) * 255).astype(np.uint8)
    image = base64.b64encode(grey.tobytes()).decode()
    shades = colours(theme, "values", pale=False)
    ends = (PALETTES[theme].paper, shades[-1])
    return Pad("painting", scene.painting, "x", X, scene.tool, image, ends)

"""States of the page about pictures that can be asked for by name."""

from dataclasses import replace
from typing import Final

from pages.explore.conv_2d_scene import Conv2DScene

_PATCH: Final = Conv2DScene(crop="8", row=9, column=9, source="z1,2,2", entry="z1,2,2")

PRESETS: Final[dict[str, Conv2DScene]] = {
    "digit": Conv2DScene(),
    "patch": _PATCH,
    "sum": replace(_PATCH, back="sum", entry="x4,4"),
    "three-filters": Conv2DScene(filters=3, back="sum", entry="x13,13"),
    "overlap": replace(_PATCH, pool=3, pool_stride=1, back="sum", entry="h1,2,2"),
    "gaps": replace(_PATCH, stride=3, back="sum", source="z1,1,1", entry="x1,8"),
    "minibatch": Conv2DScene(digits=4, back="sum", entry="b1,1,1"),
    "paper": Conv2DScene(source="z1,1,1", entry="h1,1,1"),
}

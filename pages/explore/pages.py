"""The pages on which one moves an input and watches the gradient, but for a stack of one's own."""

from collections.abc import Mapping
from typing import Final

from pages.derive.page import PicturePage
from pages.explore import conv_1d, conv_2d, conv_block, max_pool, minibatch, relu

PAGES: Final[Mapping[str, PicturePage]] = {
    page.key: page
    for page in (
        conv_block.PAGE,
        relu.PAGE,
        max_pool.PAGE,
        conv_1d.PAGE,
        conv_2d.PAGE,
        minibatch.PAGE,
    )
}
"""By their keys, in the order of the menu."""

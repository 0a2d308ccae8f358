"""The pages on which the user moves an input and watches the gradient, except the stack's."""

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
"""The pages by their keys, in the order of the menu."""

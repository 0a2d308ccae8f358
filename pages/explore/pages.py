"""The pages on which one moves an input and watches the gradient: what others can look at too."""

from collections.abc import Mapping
from typing import Any, Final

from pages.explain.questions import BLOCK_QUESTIONS
from pages.explore import conv_1d, conv_2d, max_pool, minibatch, relu
from pages.explore.conv_1d import CONV_SUBJECT, KINDS, ConvScene
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.explore.conv_block import BLOCK_SUBJECT
from pages.explore.max_pool import POOL_SUBJECT, WHOLE, PoolScene
from pages.explore.minibatch import BATCH_SUBJECT
from pages.explore.relu import RELU_SUBJECT
from pages.page import PicturePage, Select, rule_select
from pages.state.snaps import SNAPS as BLOCK_SNAPS
from pages.subject import Subject

SECTION: Final = "Explore"


def _page(subject: Subject[Any], title: str, icon: str, **others: Any) -> PicturePage:
    """A page whose pass has the same letters in every state."""
    letters = subject.naming
    return PicturePage(
        subject.key, title, icon, SECTION, subject, lambda scene: letters, predicts=True, **others
    )


def _conv_1d_controls(scene: ConvScene) -> list[Select]:
    return [
        Select("filters", "Filters", {slug: kind.title for slug, kind in KINDS.items()}, 195),
        Select("stride", "Stride", {each: f"stride {each}" for each in conv_1d.STRIDES}, 105),
        Select("padding", "Padding", {each: f"padding {each}" for each in conv_1d.PADDINGS}, 118),
    ]


def _pool_controls(scene: PoolScene) -> list[Select]:
    sizes = {each: f"size {each}" for each in max_pool.SIZES} | {WHOLE: "whole axis"}
    found = [
        rule_select(POOL_SUBJECT, scene, 220),
        Select("size", "Size of a window", sizes, 120),
    ]
    if scene.size != WHOLE:
        strides = {each: f"stride {each}" for each in max_pool.STRIDES}
        found.append(Select("stride", "From one window to the next", strides, 98))
        # A window of padding alone would have no maximum.
        paddings = {
            each: f"padding {each}" for each in max_pool.PADDINGS if int(each) < int(scene.size)
        }
        found.append(Select("padding", "Padding at either end", paddings, 112))
    return found


PAGES: Final[Mapping[str, PicturePage]] = {
    page.key: page
    for page in (
        _page(
            BLOCK_SUBJECT,
            "The conv block",
            "account_tree",
            controls=lambda scene: [rule_select(BLOCK_SUBJECT, scene, 220)],
            snaps=BLOCK_SNAPS,
            questions=BLOCK_QUESTIONS,
        ),
        _page(
            RELU_SUBJECT,
            "ReLU",
            "show_chart",
            controls=lambda scene: [rule_select(RELU_SUBJECT, scene)],
            snaps=relu.SNAPS,
            questions=relu.QUESTIONS,
        ),
        _page(
            POOL_SUBJECT,
            "Max pool",
            "filter_alt",
            controls=_pool_controls,
            snaps=max_pool.SNAPS,
            questions=max_pool.QUESTIONS,
        ),
        _page(
            CONV_SUBJECT,
            "Convolution, 1-D",
            "linear_scale",
            controls=_conv_1d_controls,
            snaps=conv_1d.SNAPS,
            questions=conv_1d.QUESTIONS,
        ),
        PicturePage(
            CONV_2D_SUBJECT.key,
            "Convolution, 2-D",
            "grid_on",
            SECTION,
            CONV_2D_SUBJECT,
            conv_2d.naming,
            show="pages.explore.conv_2d_page:show",
            questions=conv_2d.QUESTIONS,
            predicts=True,
        ),
        _page(
            BATCH_SUBJECT,
            "Minibatch",
            "stacks",
            controls=lambda scene: [rule_select(BATCH_SUBJECT, scene)],
            snaps=minibatch.SNAPS,
            questions=minibatch.QUESTIONS,
        ),
    )
}
"""By their keys, in the order of the menu."""

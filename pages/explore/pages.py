"""The pages on which one moves an input and watches the gradient: what others can look at too."""

from collections.abc import Mapping
from typing import Final

from pages.derive.derivation import SECTION
from pages.derive.page import PicturePage
from pages.explore import (
    conv_1d,
    conv_2d,
    conv_2d_scene,
    conv_block,
    max_pool,
    minibatch,
    relu,
)
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.stack import snaps
from pages.stack.cases import TITLES
from pages.stack.stack_questions import questions_of
from pages.stack.stack_subject import STACK_SUBJECT

PAGES: Final[Mapping[str, PicturePage]] = {
    page.key: page
    for page in (
        conv_block.PAGE,
        relu.PAGE,
        max_pool.PAGE,
        conv_1d.PAGE,
        PicturePage(
            CONV_2D_SUBJECT.key,
            "Convolution, 2-D",
            "grid_on",
            SECTION,
            CONV_2D_SUBJECT,
            conv_2d.naming,
            show="pages.views.conv_2d_page:show",
            controls=conv_2d_scene.controls,
            questions=conv_2d.QUESTIONS,
            predicts=True,
            to_predict=conv_2d.for_a_prediction,
            titles=conv_2d_scene.TITLES,
        ),
        minibatch.PAGE,
        PicturePage(
            STACK_SUBJECT.key,
            "Your own stack",
            "layers",
            SECTION,
            STACK_SUBJECT,
            STACK_SUBJECT.naming,
            show="pages.views.stack_page:show",
            snaps=snaps.SNAPS,
            questions=questions_of(STACK_SUBJECT.start),
            asking=questions_of,
            predicts=True,
            titles=TITLES,
        ),
    )
}
"""By their keys, in the order of the menu."""

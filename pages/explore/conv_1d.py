"""Convolution in one dimension: who influences whom, there and back.

In the first thirty seconds a lecturer clicks x3 and counts three ways to a, with what comes back
along each, drags w2 and sees one of them turn round, clicks w2 and counts again; then makes the
stride 2, and asks the room before looking.
"""

from pages.bring import to_the_kink
from pages.controls import choice, snap_buttons
from pages.subjects.conv_1d import CARDS, CONV_SUBJECT
from pages.subjects.conv_1d_scene import KINDS, PADDINGS, STRIDES
from pages.subjects.conv_1d_snaps import SNAPS
from pages.workbench import workbench

page = workbench(CONV_SUBJECT)
with page.toolbar:
    kinds = {slug: kind.title for slug, kind in KINDS.items()}
    choice(page.state, "filters", "Filters", kinds, 195)
    choice(page.state, "stride", "Stride", {each: f"stride {each}" for each in STRIDES}, 105)
    choice(page.state, "padding", "Padding", {each: f"padding {each}" for each in PADDINGS}, 118)
    snap_buttons(page.state, SNAPS)
    page.predict()
    page.questions(CARDS)
    to_the_kink(page)

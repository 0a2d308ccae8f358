"""Max pooling alone: the windows over h, who won each, and what comes back to h.

In the first thirty seconds a lecturer points at h4, which wins two windows and collects two
gradients, drags it below h5 and sees both arrows go elsewhere, sets the stride to 3 and sees an
entry that no window reads, and changes the rule to see a tie shared out in another way.
"""

from pages.bring import to_the_kink
from pages.controls import choice, rule_choice, snap_buttons
from pages.subjects.max_pool import CARDS, PADDINGS, POOL_SUBJECT, SIZES, STRIDES, WHOLE
from pages.subjects.max_pool_snaps import SNAPS
from pages.workbench import workbench

page = workbench(POOL_SUBJECT)
size = page.state.scene.size
with page.toolbar:
    rule_choice(page, 220)
    sizes = {each: f"size {each}" for each in SIZES} | {WHOLE: "whole axis"}
    choice(page.state, "size", "Size of a window", sizes, 120)
    if size != WHOLE:
        strides = {each: f"stride {each}" for each in STRIDES}
        choice(page.state, "stride", "From one window to the next", strides, 98)
        # A window of padding alone would have no maximum.
        paddings = {each: f"padding {each}" for each in PADDINGS if int(each) < int(size)}
        choice(page.state, "padding", "Padding at either end", paddings, 112)
    snap_buttons(page.state, SNAPS)
    page.predict()
    page.questions(CARDS)
    to_the_kink(page)

"""The lab's block: x -> Conv -> ReLU -> MaxPool, and the gradient of z with respect to everything.

In the first thirty seconds a lecturer reads "2 of 5 nonzero", drags x3 below x1 and sees the
second arrow go, snaps back to a tie, changes the rule to PyTorch's, and clicks the zero that
appeared to have its reason on the screen.
"""

from pages.bring import to_the_kink
from pages.cards import BLOCK_CARDS
from pages.controls import rule_choice, snap_buttons
from pages.snaps import SNAPS
from pages.subjects.conv_block import BLOCK_SUBJECT
from pages.workbench import workbench

page = workbench(BLOCK_SUBJECT)
with page.toolbar:
    rule_choice(page, 220)
    snap_buttons(page.state, SNAPS)
    page.predict()
    page.questions(BLOCK_CARDS)
    to_the_kink(page)

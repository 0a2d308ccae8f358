"""A minibatch on the lab's block: the gradient of w is the sum of the examples' shares.

In the first thirty seconds a lecturer reads the sum under the picture, drags x3,2 up and sees
the third share grow with it, lifts an entry of example 2 above 0 so that it contributes too; then
lets the shares cancel, and asks whether nothing was learnt from that batch.
"""

from pages.bring import to_the_kink
from pages.controls import rule_choice, snap_buttons
from pages.subjects.minibatch import BATCH_SUBJECT
from pages.subjects.minibatch_cards import CARDS
from pages.subjects.minibatch_snaps import SNAPS
from pages.workbench import workbench

page = workbench(BATCH_SUBJECT)
with page.toolbar:
    rule_choice(page)
    snap_buttons(page.state, SNAPS)
    page.predict()
    page.questions(CARDS)
    to_the_kink(page)

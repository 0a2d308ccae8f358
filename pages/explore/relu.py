"""ReLU alone: a -> h forward, dh -> da back, and the curve on which every entry lies.

In the first thirty seconds a lecturer drags a1 through 0 and sees its point go round the bend,
the tangent fall flat and the arrow back to a1 vanish; then points at a3, which sits on the kink,
changes the rule, and sees the slope there jump from one end of [0, 1] to the other.
"""

from pages.bring import to_the_kink
from pages.controls import rule_choice, snap_buttons
from pages.subjects.relu import CARDS, RELU_SUBJECT, SNAPS
from pages.workbench import workbench

page = workbench(RELU_SUBJECT)
with page.toolbar:
    rule_choice(page)
    snap_buttons(page.state, SNAPS)
    page.predict()
    page.questions(CARDS)
    to_the_kink(page)

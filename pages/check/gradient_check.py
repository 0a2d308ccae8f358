"""The gradient check: analytic beside numeric, what a kink does to it, and how it finds a bug.

In the first thirty seconds a lecturer reads PASSED with its numbers, drags x1 up to x3 and sees
KINK with its bracket, drags eps along the curve from truncation to rounding; then chooses a bug
and sees FAILED, which entries are wrong, and what they have in common.
"""

from pages.bugs.table import BUGS
from pages.controls import choice, rule_choice, snap_buttons
from pages.gradient_check.check_scene import NO_BUG, fitting
from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.gradient_check.layers import CASES
from pages.gradient_check.presets import CARDS, SNAPS, to_a_wrong_entry
from pages.workbench import workbench

page = workbench(CHECK_SUBJECT)
layer = page.state.scene.layer
with page.toolbar:
    choice(page.state, "layer", "Layer", {slug: case.title for slug, case in CASES.items()}, 205)
    bugs = {slug: f"bug: {BUGS[slug].title}" for slug in fitting(layer)}
    choice(page.state, "bug", "Bug", {NO_BUG: "no bug", **bugs}, 230, then=to_a_wrong_entry)
    rule_choice(page, 300)
    snap_buttons(page.state, SNAPS)
    page.questions(CARDS)

"""Convolution and pooling in two dimensions: a handwritten digit, there and back.

In the first thirty seconds a lecturer sees the edges of the 8, clicks an output and watches its
receptive field light up and its gradient flow back to a few pixels, sends back the sum of all
outputs instead, changes the rule at kinks and sees the gradient of the white paper vanish; then
cuts out 8 × 8 pixels and reads the numbers.
"""

from pages.bring import to_the_kink
from pages.controls import choice, rule_choice
from pages.digit_controls import digit_controls, filter_choice, paint_switch, settings
from pages.subjects.conv_2d import CONV_2D_SUBJECT
from pages.subjects.conv_2d_cards import CARDS, for_a_prediction
from pages.workbench import workbench

page = workbench(CONV_2D_SUBJECT)
with page.toolbar:
    rule_choice(page, 225)
    digit_controls(page.state)
    filter_choice(page.state)
    settings(page.state)
    choice(
        page.state,
        "back",
        "What is sent back",
        {"one": "back from one z", "sum": "back from Σ z"},
        150,
    )
    if not page.state.exercise:
        paint_switch(page.state)
    page.predict(for_a_prediction)
    page.questions(CARDS)
    to_the_kink(page)

"""A trained network on one image: every map, its answer, and the way back down to the pixels.

In the first thirty seconds a lecturer sees a 4 that is taken for a 9, clicks a cell of the last
pool and follows the ways through the pools down to the pixels; shows why most of the gradient is
zero; draws a digit and watches every map form; takes one step of gradient descent.
"""

from pages.inside.subject import INSIDE_SUBJECT, InsideSubject
from pages.inside.toolbar import image_controls, network_choice, questions_of, tools, views
from pages.page import Page
from pages.training.session import trained_network
from pages.workbench import workbench


def show(_: Page) -> None:
    """The page."""
    own = trained_network()
    subject = InsideSubject(own) if own else INSIDE_SUBJECT
    bench = workbench(subject)
    with bench.toolbar:
        network_choice(bench.state, subject)
        image_controls(bench.state, subject)
        tools(bench.state)
        views(bench.state)
        bench.rule(195)
        bench.questions(tuple(questions_of(subject.trace(bench.state.scene))))

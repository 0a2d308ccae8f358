"""What is asked of MaxPool and MaxPool2D."""

from engine.check.student.questions.cases import Feature, Subject
from engine.check.student.questions.points import Points

SETTINGS = ("size", "stride", "padding")


def _windows(size: int, stride: int | None = None, padding: int = 0) -> dict[str, int]:
    """The settings; a class without a stride of its own still takes stride = size."""
    settings = {"size": size, "stride": size if stride is None else stride}
    return {**settings, "padding": padding} if padding else settings


def max_pool() -> Subject:
    """The whole axis, as in the lab; windows that meet, overlap, skip and reach into padding."""
    at = Points("MaxPool")
    whole, meet, batch = "the whole axis", "windows", "minibatches h (N, C, L)"
    meet_batch = "windows with minibatches"
    two, overlap, gaps = _windows(2), _windows(3, 1), _windows(2, 3)
    padded, both = _windows(2, 2, 1), _windows(3, 2, 1)
    features = (
        Feature(
            whole,
            (
                at.given("by hand", [1, -2, 3, 0.5], dout=1),
                at.random((5,)),
                at.given("a tie of two", [3, 1, 3], dout=0.5),
                at.given("a tie of three", [2, -1, 2, 2], dout=2),
                at.given("all alike", [1, 1, 1, 1], dout=1.5),
                at.given("all negative", [-3, -1, -2], dout=0.5),
                at.given("a tie at 0", [0, -1, 0], dout=1.5),
                at.given("a single entry", [2], dout=0.5),
                at.given("nothing comes back", [1, 2, 3], dout=0),
            ),
        ),
        Feature(
            batch,
            (
                at.random((2, 3, 4)),
                at.random((3, 2, 5)),
                at.given("ties", [[[2, 2, 1], [0, 0, 0]], [[1, -1, 1], [-1, -2, -2]]]),
            ),
        ),
        Feature(
            meet,
            (
                at.given("by hand", [1, 4, 3, 2, -1, -2], dout=[1, 0.5, 2], settings=two),
                at.random((6,), settings=_windows(3)),
                at.given("ties", [2, 2, 1, 3, -1, -1], settings=two),
                at.given("all negative", [-1, -2, -4, -3], settings=two),
            ),
            instead=meet_batch,
        ),
        Feature(
            "windows that leave a remainder", (at.random((7,), settings=two),), meet, claimed=False
        ),
        Feature(
            "windows that overlap",
            (
                at.random((6,), settings=overlap),
                at.given("by hand", [1, 4, 3, 2, 0], dout=[1, 0.5, 2], settings=overlap),
                at.given("ties", [3, 3, 3, 1, 3], settings=_windows(2, 1)),
            ),
            meet,
        ),
        Feature("windows that skip entries", (at.random((8,), settings=gaps),), meet),
        Feature(
            "padding",
            (
                at.given("all negative", [-1, -2, -4, -3], settings=padded),
                at.random((5,), settings=both),
            ),
            meet,
        ),
        Feature(
            meet_batch,
            (
                at.random((2, 3, 4), settings=two),
                at.given("ties", [[[2, 2, 1, 0]], [[0, 0, 3, 3]]], settings=two),
            ),
            claimed=False,
        ),
        Feature(
            "windows that overlap with minibatches",
            (at.random((2, 3, 5), settings=overlap),),
            meet_batch,
        ),
        Feature("padding with minibatches", (at.random((2, 3, 5), settings=both),), meet_batch),
    )
    return Subject("MaxPool", ("h",), "z", features, SETTINGS, pool=True)


def max_pool_2d() -> Subject:
    """Both axes whole, and windows as in MaxPool, with pairs too."""
    at = Points("MaxPool2D")
    whole, meet, batch = "both axes whole", "windows", "minibatches h (N, C, H, W)"
    meet_batch = "windows with minibatches"
    two, overlap, gaps = _windows(2), _windows(2, 1), _windows(2, 3)
    padded = _windows(2, 2, 1)
    ties = [[2, 2, 1, 0], [2, 1, 0, 0], [3, 1, -1, -1], [1, 3, -2, -1]]
    features = (
        Feature(
            whole,
            (
                at.given("by hand", [[1, -2, 3], [0.5, 4, -1]], dout=1),
                at.random((3, 4)),
                at.given("a tie of two", [[3, 1], [2, 3]], dout=0.5),
                at.given("all alike", [[1, 1], [1, 1]], dout=1.5),
                at.given("all negative", [[-3, -1], [-2, -4]], dout=0.5),
            ),
        ),
        Feature(
            batch,
            (
                at.random((3, 1, 3, 2)),
                at.random((2, 3, 2, 4)),
                at.given("ties", [[[[2, 1], [0, 2]]], [[[0, -1], [-1, 0]]]]),
            ),
        ),
        Feature(
            meet,
            (
                at.given("by hand", [[1, 4, 3, 2], [-1, -2, 5, 6]], dout=[[1, 0.5]], settings=two),
                at.random((4, 6), settings=two),
                at.given("ties", ties, settings=two),
                at.given("all negative", [[-1, -2], [-4, -3]], settings=two),
            ),
            instead=meet_batch,
        ),
        Feature(
            "windows that leave a remainder",
            (at.random((5, 5), settings=two),),
            meet,
            claimed=False,
        ),
        Feature(
            "windows that overlap",
            (at.random((3, 4), settings=overlap), at.given("ties", ties, settings=overlap)),
            meet,
        ),
        Feature("windows that skip entries", (at.random((5, 5), settings=gaps),), meet),
        Feature(
            "padding",
            (
                at.given("all negative", [[-1, -2], [-4, -3]], settings=padded),
                at.random((4, 4), settings=padded),
            ),
            meet,
        ),
        Feature(
            meet_batch,
            (
                at.random((2, 1, 2, 4), settings=two),
                at.random((2, 3, 4, 4), settings=two),
                at.given("ties", [[ties]], settings=two),
            ),
            claimed=False,
        ),
        Feature(
            "windows that overlap with minibatches",
            (at.random((2, 1, 3, 4), settings=overlap),),
            meet_batch,
        ),
        Feature(
            "a pair as size",
            (at.random((4, 6), settings={"size": (2, 3), "stride": (2, 3)}),),
            meet,
            claimed=False,
        ),
    )
    return Subject("MaxPool2D", ("h",), "z", features, SETTINGS, pool=True, axes=2)

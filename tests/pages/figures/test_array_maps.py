"""An array as two heat maps: what they show of what is not known yet."""

import numpy as np
import pytest

from engine import ReLU, trace
from pages.figures.array_maps import ArrayMap
from pages.figures.info import Naming, describe_graph

BOX = (0.0, 0.0, 90.0, 30.0)
A = np.array([[-1.0, 2.0, 3.0], [4.0, -5.0, 6.0]])


@pytest.mark.parametrize(
    ("step", "values", "gradients"),
    [(0, 0 * A, 0 * A), (1, np.maximum(A, 0), 0 * A), (2, np.maximum(A, 0), 1 + 0 * A)],
)
def test_a_number_is_there_once_it_is_computed(
    step: int, values: np.ndarray, gradients: np.ndarray
) -> None:
    naming = Naming((("a",),), "h")
    info = describe_graph(trace(ReLU(), A), naming, step, ("a", "h"))
    cells = [cell for cell in info.cells.values() if cell.letter == "h"]
    shown = ArrayMap(cells, BOX, BOX).numbers
    np.testing.assert_array_equal(shown, [values.ravel(), gradients.ravel()])

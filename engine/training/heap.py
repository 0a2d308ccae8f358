"""The memory of arrays that come and go with every step."""

import numpy as np


def warm_the_heap() -> None:
    """Lets glibc keep the memory of arrays that are freed.

    It returns large ones to the system and pays for every page of the next one anew, half of a
    training step's time, until one nearly as large as its limit of 2²⁵ bytes has been freed. No
    page of this one is touched. Elsewhere this does nothing.
    """
    np.empty(2**25 - 2**16, dtype=np.uint8)
